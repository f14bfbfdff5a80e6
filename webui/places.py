"""What a place was and what became of it: provinces with their districts, districts, and the communes of today."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from archive.enrich.gazetteer import DISTRICTS_END, Commune, District, Gazetteer, Province, load_gazetteer
from archive.enrich.labels import place_label
from archive.models import ArchiveError, FacetValue
from archive.search import find_place
from webui.query_string import Refused


class Part(NamedTuple):
    """A place that another one went into or came from; `share` is the part of the district's old communes (0 to 1)."""

    id: str
    name: str
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """One place for readers.

    `name` is the latest one, `earlier` those before it, `province` the one it lay in (itself, for a province), `today`
    the province of since July 2025. A district was merged `into` another one, or `became` communes; `formerly` is what a
    unit was made of: districts for a commune or a district, provinces for a province.
    """

    id: str
    kind: Literal["province", "district", "commune"]
    name: str
    earlier: tuple[str, ...]
    province: Part
    today: Part
    into: Part | None = None
    became: tuple[Part, ...] = ()
    formerly: tuple[Part, ...] = ()
    districts: tuple[Part, ...] = ()


class Branch(NamedTuple):
    """A province among the values of a facet, with the units in it, all named without their province."""

    row: FacetValue
    units: tuple[FacetValue, ...]


@lru_cache(maxsize=1024)
def profile(place_id: str) -> Profile | None:
    """Return what is known of a province, a district or a commune of today; None for an unknown id."""
    gazetteer = load_gazetteer()
    if place_id in gazetteer.provinces:
        return _province(gazetteer.provinces[place_id], gazetteer)
    if place_id in gazetteer.districts:
        return _district(gazetteer.districts[place_id], gazetteer)
    commune = gazetteer.communes.get(place_id)
    return _commune(commune, gazetteer) if commune is not None else None


def place_named(name: str) -> str:
    """Return the id of the place that a reader names, empty for no name; raise Refused for a name of none or of several."""
    if not name:
        return ""
    try:
        return find_place(name)
    except ArchiveError:
        raise Refused("name") from None


def provinces() -> tuple[Part, ...]:
    """Return the provinces of before July 2025, from north to south."""
    return tuple(
        Part(one.code, one.names[-1].text)
        for one in load_gazetteer().provinces.values()
        if one.names[-1].until == DISTRICTS_END
    )


def tree(rows: Iterable[FacetValue]) -> tuple[Branch, ...]:
    """Return the values of the place facet as provinces with their units, both in the order given."""
    known = list(rows)
    values = {row.value for row in known}
    inside = [row for row in known if row.parent in values]
    return tuple(
        Branch(_short(row), tuple(_short(unit) for unit in inside if unit.parent == row.value))
        for row in known
        if row not in inside
    )


def holds(rows: Iterable[FacetValue | Branch], chosen: Collection[str]) -> bool:
    """Say whether a chosen value is among those of a facet, be it in a branch."""
    flat = (unit for row in rows for unit in ((row.row, *row.units) if isinstance(row, Branch) else (row,)))
    return any(unit.value in chosen for unit in flat)


def counted(districts: Iterable[Part], rows: Iterable[FacetValue]) -> tuple[FacetValue, ...]:
    """Return the districts of a province with their articles, as the place facet counts them; those with most first."""
    counts = {row.value: row.count for row in rows}
    listed = (FacetValue(part.id, part.name, counts.get(part.id, 0)) for part in districts)
    return tuple(sorted(listed, key=lambda row: -row.count))


def _short(row: FacetValue) -> FacetValue:
    return FacetValue(row.value, row.label.partition(", ")[0], row.count, row.parent)


def _province(province: Province, gazetteer: Gazetteer) -> Profile:
    own = Part(province.code, province.names[-1].text)
    joined = (
        Part(p.code, p.names[-1].text) for p in gazetteer.provinces.values() if p.now == own.name and p != province
    )
    return Profile(
        id=province.code,
        kind="province",
        name=own.name,
        earlier=_earlier(name.text for name in province.names),
        province=own,
        today=_today(province.now, gazetteer),
        formerly=tuple(joined),
        districts=tuple(sorted(_districts(province, gazetteer), key=lambda part: part.name)),
    )


def _districts(province: Province, gazetteer: Gazetteer) -> Iterator[Part]:
    for district in gazetteer.districts.values():
        if district.names[-1].province == province.code:
            yield Part(district.id, district.names[-1].text)


def _district(district: District, gazetteer: Gazetteer) -> Profile:
    last = district.names[-1]
    province = gazetteer.provinces[last.province]
    heirs = zip(district.successors, district.shares, strict=True)
    merged = (d for d in gazetteer.districts.values() if d.into == district.id)
    return Profile(
        id=district.id,
        kind="district",
        name=last.text,
        earlier=_earlier(name.text for name in district.names),
        province=Part(province.code, province.name_on(last.until)),
        today=_today(province.now, gazetteer),
        into=Part(district.into, place_label(district.into)) if district.into else None,
        became=tuple(Part(code, gazetteer.communes[code].name, share) for code, share in heirs),
        formerly=tuple(Part(d.id, d.names[-1].text) for d in merged),
    )


def _commune(commune: Commune, gazetteer: Gazetteer) -> Profile:
    today = _today(commune.province, gazetteer)
    origins = (
        Part(district.id, place_label(district.id), district.shares[district.successors.index(commune.code)])
        for district in gazetteer.districts.values()
        if commune.code in district.successors
    )
    formerly = tuple(sorted(origins, key=lambda part: -(part.share or 0)))
    return Profile(commune.code, "commune", commune.name, (), today, today, formerly=formerly)


def _earlier(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names before the last one, the latest first, each once."""
    *before, last = names
    return tuple(name for name in dict.fromkeys(reversed(before)) if name != last)


def _today(name: str, gazetteer: Gazetteer) -> Part:
    """Return a province of since July 2025, under the code of the former one whose name it carries on."""
    province = next(p for p in gazetteer.provinces.values() if p.names[-1].text == name)
    return Part(province.code, name)
