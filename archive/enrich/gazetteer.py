"""The districts of Vietnam since 2008, their provinces, and the communes of 2025, each with its names over time.

gazetteer.json and communes.json are the source and are edited by hand, one unit a line. A district is identified by
its GSO code and the time in which it existed; where a code passed to another unit, the later one is code-YYYY
(769 is Quận 2, 769-2021 the city of Thủ Đức). All districts end on 2025-06-30 (Luật 72/2025/QH15).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from archive.enrich.lexicon import Lexicon
from archive.enrich.prose import word_keys
from archive.text import fold_text

DISTRICT_TYPES = ("Huyện", "Quận", "Thị xã", "Thành phố")
DISTRICTS_END = "2025-06-30"  # the last day on which a district existed


@dataclass(frozen=True, slots=True)
class Name:
    """What a unit was called from `since` to `until` (days, inclusive; None is an open end), and in which province."""

    text: str
    province: str
    since: str | None
    until: str | None

    @property
    def type(self) -> str:
        """The kind of unit in lower case: huyện, quận, thị xã, thành phố, tỉnh."""
        return next(kind for kind in (*DISTRICT_TYPES, "Tỉnh") if self.text.startswith(kind + " ")).lower()

    @property
    def base(self) -> str:
        """The name without the kind of unit."""
        return self.text[len(self.type) + 1 :]

    def covers(self, day: str) -> bool:
        """Say whether the name was in force on a day (YYYY-MM-DD, or its beginning)."""
        return (self.since or "")[: len(day)] <= day <= (self.until or "9999")[: len(day)]


@dataclass(frozen=True, slots=True, eq=False)
class District:
    """A district: its names oldest first, other spellings, where it was merged into, and the communes it became.

    Read once, it is equal to itself alone.
    `into` is a district's id, `successors` are commune codes, the one with the largest share first; `shares` are their
    parts of the district's old communes (0 to 1, together 1).
    """

    id: str
    gso: str
    names: tuple[Name, ...]
    aliases: tuple[str, ...]
    into: str | None
    successors: tuple[str, ...]
    shares: tuple[float, ...]

    def names_on(self, day: str | None) -> tuple[Name, ...]:
        """Return the names in force on a day; all of them when the day is unknown."""
        return tuple(name for name in self.names if day is None or name.covers(day))


@dataclass(frozen=True, slots=True)
class Province:
    """A province of before July 2025: its code, names oldest first, and the province it belongs to since."""

    code: str
    names: tuple[Name, ...]
    aliases: tuple[str, ...]
    now: str

    def name_on(self, day: str | None) -> str:
        """Return the full name on a day; the latest one when the day is unknown or lies outside."""
        fitting = [name.text for name in self.names if day is not None and name.covers(day)]
        return (fitting or [self.names[-1].text])[-1]


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune, ward or special zone since July 2025, and its province."""

    code: str
    name: str
    province: str


@dataclass(frozen=True, slots=True)
class Namesakes:
    """All units that share a name: districts and provinces."""

    districts: tuple[District, ...] = ()
    provinces: tuple[Province, ...] = ()


@dataclass(frozen=True)
class Gazetteer:
    """All districts by id, all provinces by code, and a lexicon of their names."""

    districts: dict[str, District]
    provinces: dict[str, Province]

    @cached_property
    def communes(self) -> dict[str, Commune]:
        """The communes of 2025 by code."""
        return {row[0]: Commune(*row) for row in _read("communes.json")["communes"]}

    @cached_property
    def names(self) -> Lexicon[Namesakes]:
        """The names of districts and provinces, without the kind of unit."""
        return Lexicon(self._namesakes().items())

    @cached_property
    def folded(self) -> dict[str, District]:
        """The districts whose folded name belongs to no other unit, by that name ("tinh bien")."""
        found: dict[str, set[str]] = {}
        for district in self.districts.values():
            for base in _bases(district):
                found.setdefault(fold_text(base), set()).add(district.id)
        provinces = {fold_text(name.base) for province in self.provinces.values() for name in province.names}
        single = {name: ids for name, ids in found.items() if len(ids) == 1 and name not in provinces}
        return {name: self.districts[min(ids)] for name, ids in single.items()}

    @cached_property
    def communes_by_name(self) -> dict[tuple[str, ...], tuple[Commune, ...]]:
        """The communes of 2025 by the keys of their full name ("xã trung lý")."""
        found: dict[tuple[str, ...], tuple[Commune, ...]] = {}
        for commune in self.communes.values():
            keys = word_keys(commune.name)
            found[keys] = (*found.get(keys, ()), commune)
        return found

    def find_district(self, place: str, day: str | None) -> District | None:
        """Return the district of an id, or of a GSO code on a day; None when there is none."""
        holders = [d for d in self.districts.values() if place in (d.id, d.gso) and d.names_on(day)]
        return next((d for d in holders if d.id == place), holders[-1] if holders else None)

    def find_province(self, name: str) -> Province | None:
        """Return the province of a GSO code or of a name, with or without its kind and its marks; None for no other."""
        wanted = fold_text(name)
        for province in self.provinces.values():
            spellings = {province.code, *(fold_text(n.text) for n in province.names)}
            if wanted in spellings | {fold_text(n.base) for n in province.names}:
                return province
        return None

    def _namesakes(self) -> dict[tuple[str, ...], Namesakes]:
        found: dict[tuple[str, ...], Namesakes] = {}
        for district in self.districts.values():
            for base in _bases(district):
                keys = word_keys(base)
                known = found.get(keys, Namesakes())
                found[keys] = Namesakes((*known.districts, district), known.provinces)
        for province in self.provinces.values():
            for base in {*(name.base for name in province.names), *province.aliases}:
                keys = word_keys(base)
                known = found.get(keys, Namesakes())
                found[keys] = Namesakes(known.districts, (*known.provinces, province))
        return found


def _bases(district: District) -> Iterator[str]:
    """Yield the spellings of a district that differ as keys."""
    spellings = (*(name.base for name in district.names), *district.aliases)
    yield from {word_keys(base): base for base in reversed(spellings)}.values()


@lru_cache(maxsize=1)
def load_gazetteer() -> Gazetteer:
    """Return the gazetteer that is shipped with the package; read once."""
    units = _read("gazetteer.json")
    provinces = {row["code"]: _province(row) for row in units["provinces"]}
    return Gazetteer({row["id"]: _district(row) for row in units["districts"]}, provinces)


def _read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(Path(__file__).with_name(name).read_text("utf-8"))
    return content


def _province(row: dict[str, Any]) -> Province:
    names = tuple(Name(text, row["code"], since, until) for text, since, until in row["names"])
    return Province(row["code"], names, tuple(row["aliases"]), row["now"])


def _district(row: dict[str, Any]) -> District:
    total = sum(weight for _, weight in row["successors"])
    return District(
        row["id"],
        row["gso"],
        tuple(Name(*name) for name in row["names"]),
        tuple(row.get("aliases", ())),
        row.get("into"),
        tuple(code for code, _ in row["successors"]),
        tuple(weight / total for _, weight in row["successors"]),
    )
