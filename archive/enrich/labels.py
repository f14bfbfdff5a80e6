"""What readers see instead of ids: the names of topics and places, and what became of a place."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from archive.enrich.gazetteer import load_gazetteer
from archive.enrich.tables import read_table

# The kinds of unit as the General Statistics Office translates them.
_ENGLISH = {
    "Huyện": "District",
    "Quận": "District",
    "Thị xã": "Town",
    "Thành phố": "City",
    "Tỉnh": "Province",
    "Xã": "Commune",
    "Phường": "Ward",
    "Đặc khu": "Special Zone",
}


@dataclass(frozen=True, slots=True)
class Successors:
    """What a district is part of today ("nay thuộc"): the province of since July 2025, and its communes.

    `communes` are (full name, share of the district's old communes), the largest share first; empty for a district
    that was merged before, which is then `into` another one (its id).
    """

    province: str
    communes: tuple[tuple[str, float], ...]
    into: str | None


@lru_cache(maxsize=1)
def _topics() -> dict[str, dict[str, str]]:
    tables = read_table("topics.toml")["topic"]
    return {table["slug"]: {"vi": table["label"], "en": table["label_en"]} for table in tables}


def topic_label(slug: str, language: str = "vi") -> str:
    """Return a topic's name in "vi" or "en"; the slug itself when it is unknown."""
    return _topics()[slug][language] if slug in _topics() else slug


def place_label(place_id: str, language: str = "vi") -> str:
    """Return a place's latest name with its province as it was then, in "vi" or "en"; the id itself when unknown.

    "Quận Long Biên, Thành phố Hà Nội", "Long Biên District, Hà Nội City"; "89" is "Tỉnh An Giang".
    """
    names = _full_names(place_id)
    return ", ".join(names if language == "vi" else map(_english, names)) or place_id


def province_of(place_id: str) -> str | None:
    """Return the two-digit code of a place's province; None for an unknown id.

    A district belongs to the province in which it ended (Mê Linh to Hà Nội), a province to itself, a commune of since
    July 2025 to the former province whose name its own carries on (a commune of today's Lào Cai to 10).
    """
    gazetteer = load_gazetteer()
    if place_id in gazetteer.provinces:
        return place_id
    if place_id in gazetteer.districts:
        return gazetteer.districts[place_id].names[-1].province
    commune = gazetteer.communes.get(place_id)
    return _codes_today()[commune.province] if commune is not None else None


def successors(place_id: str) -> Successors | None:
    """Return what became of a district on 1 July 2025; None for an id that is none."""
    gazetteer = load_gazetteer()
    district = gazetteer.districts.get(place_id)
    if district is None:
        return None
    names = (gazetteer.communes[code].name for code in district.successors)
    province = gazetteer.provinces[district.names[-1].province].now
    return Successors(province, tuple(zip(names, district.shares, strict=True)), district.into)


def _full_names(place_id: str) -> tuple[str, ...]:
    gazetteer = load_gazetteer()
    if place_id in gazetteer.provinces:
        return (gazetteer.provinces[place_id].names[-1].text,)
    if place_id in gazetteer.districts:
        name = gazetteer.districts[place_id].names[-1]
        return name.text, gazetteer.provinces[name.province].name_on(name.until)
    commune = gazetteer.communes.get(place_id)
    return (commune.name, commune.province) if commune is not None else ()


@lru_cache(maxsize=1)
def _codes_today() -> dict[str, str]:
    """Return the provinces of since July 2025 by name, each with the code of the former one of that name."""
    return {province.names[-1].text: province.code for province in load_gazetteer().provinces.values()}


def _english(name: str) -> str:
    """Return "Sa Pa Town" for "Thị xã Sa Pa", "District 10" for "Quận 10"."""
    kind = next(kind for kind in _ENGLISH if name.startswith(kind + " "))
    base = name.removeprefix(kind + " ")
    return f"{_ENGLISH[kind]} {base}" if base.isdigit() else f"{base} {_ENGLISH[kind]}"
