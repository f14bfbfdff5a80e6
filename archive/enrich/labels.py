"""What readers see instead of ids: the names of topics and places."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path

from archive.enrich.gazetteer import load_gazetteer


@lru_cache(maxsize=1)
def _topics() -> dict[str, dict[str, str]]:
    tables = tomllib.loads(Path(__file__).with_name("topics.toml").read_text("utf-8"))["topic"]
    return {table["slug"]: {"vi": table["label"], "en": table["label_en"]} for table in tables}


def topic_label(slug: str, language: str = "vi") -> str:
    """Return a topic's name in "vi" or "en"; the slug itself when it is unknown."""
    return _topics()[slug][language] if slug in _topics() else slug


def place_label(place_id: str) -> str:
    """Return a place's latest name with its province as it was then ("Quận Long Biên, Thành phố Hà Nội")."""
    gazetteer = load_gazetteer()
    district = gazetteer.districts.get(place_id)
    if district is not None:
        name = district.names[-1]
        return f"{name.text}, {gazetteer.provinces[name.province].name_on(name.until)}"
    commune = gazetteer.communes.get(place_id)
    return f"{commune.name}, {commune.province}" if commune else place_id
