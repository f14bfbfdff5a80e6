"""Coverage for readers: provinces by years or months, the places of a province, one place month by month."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import NamedTuple

from archive.coverage import (
    FIRST_YEAR,
    Cell,
    CoverageRequest,
    CoverageTable,
    Extent,
    Held,
    Line,
    Reached,
    Reason,
    Span,
    cell_of,
    merged,
    months_between,
    months_of,
    reached,
)
from archive.enrich.gazetteer import DISTRICTS_END, load_gazetteer
from archive.enrich.labels import place_label, province_of
from archive.models import NotFound, Portal
from archive.runs import Health
from archive.store import Store

HealthOf = Callable[[Collection[str]], Iterable[Health]]
Months = Mapping[str, Held]
ByPortal = Mapping[str, Months]
COMMUNES_BEGIN = "2025-07-01"
LAST_YEAR = 2025  # shown even of an empty archive: the districts ended in it
NOTHING = Held()


class Served(NamedTuple):
    """A portal of a place, and the days between which it was (None is an open end)."""

    portal: Portal
    place: str
    since: str | None
    until: str | None

    def in_month(self, month: str) -> bool:
        """Say whether it was the place's in a month, be it for a part of it."""
        return (self.since or "")[:7] <= month <= (self.until or "9999")[:7]


@dataclass(frozen=True)
class Known:
    """The portals that are known: of which places (by place and by portal), in which province, fetched when, how they do."""

    places: Mapping[str, tuple[Served, ...]]
    portals: Mapping[str, tuple[Served, ...]]
    provinces: Mapping[str, tuple[str, ...]]  # names by code; that of portals of none is empty
    fetched: Mapping[str, str]
    healths: Mapping[str, Health] = field(default_factory=dict)

    def reached(self, place: str) -> tuple[Reached, ...]:
        """Return how far each portal of a place was read."""
        return tuple(
            reached(one.portal, (one.since, one.until), self.fetched.get(name), self.healths.get(name))
            for one in self.places.get(place, ())
            if (name := one.portal.name)
        )


def find_coverage(store: Store, health_of: HealthOf, request: CoverageRequest) -> CoverageTable:
    """Return the table that is asked for; raise NotFound for an unknown province or place.

    `health_of` gives the health of portals by their names.
    """
    known = find_known(store)
    years = _years(store, known)
    if request.place and request.place not in load_gazetteer().provinces:
        owned = [one.portal.name for one in known.places.get(request.place, ())]
        return _place_table(store, _with_health(known, health_of(owned)), years, request.place)
    province = request.place or request.province
    if province:
        names = known.provinces.get(province, ())
        return _province_table(store, _with_health(known, health_of(names)), years, request.year, province)
    return _overview(store, known, years, request.year)


def _with_health(known: Known, healths: Iterable[Health]) -> Known:
    return replace(known, healths={one.portal: one for one in healths})


def find_extent(store: Store) -> Extent:
    """Return what any count is of."""
    known, counts = find_known(store), store.coverage.counts()
    districts = load_gazetteer().districts
    held = {place for place, served in known.places.items() if any(one.portal.name in counts for one in served)}
    return Extent(
        articles=sum(articles for articles, _ in counts.values()),
        in_scope=sum(in_scope for _, in_scope in counts.values()),
        portals=len(counts),
        known_portals=len(known.portals),
        districts=sum(place in districts for place in held),
        known_districts=len(districts),
    )


def find_known(store: Store) -> Known:
    """Return the portals of the catalogue, and those held beside it, by what they are of."""
    catalogue = store.coverage.catalogue()
    portals = {one.name: tuple(_served(one)) for one in catalogue}
    places, provinces = defaultdict[str, list[Served]](list), defaultdict[str, list[str]](list)
    for portal in catalogue:
        for one in portals[portal.name]:
            places[one.place].append(one)
        provinces[_province_of(portal, portals[portal.name])].append(portal.name)
    return Known(
        {place: tuple(served) for place, served in places.items()},
        portals,
        {province: tuple(names) for province, names in provinces.items()},
        store.coverage.fetched(),
    )


def _served(portal: Portal) -> Iterator[Served]:
    """Yield the places of a portal; a code that was another district's before is told apart by the days."""
    for unit in portal.units:
        yield Served(portal, _place_of(unit.place, unit.since or unit.until), unit.since, unit.until)


@lru_cache(maxsize=4096)
def _place_of(code: str, day: str | None) -> str:
    district = load_gazetteer().find_district(code, day)
    return district.id if district else code


def _province_of(portal: Portal, served: Iterable[Served]) -> str:
    """Return the code of a portal's province: that of its places, else its own; empty where neither is known."""
    own = next((code for one in served if (code := province_of(one.place))), None)
    province = load_gazetteer().find_province(portal.province or "") if own is None else None
    return own or (province.code if province else "")


def _years(store: Store, known: Known) -> range:
    """Return the years that are shown: from the first article's to that of the last fetch."""
    months = store.coverage.months()
    last = max([LAST_YEAR, *(int(when[:4]) for when in known.fetched.values())])
    first = int(months[0][:4]) if months else last
    return range(min(max(first, FIRST_YEAR), LAST_YEAR), last + 1)


def _columns(years: range, year: int | None) -> tuple[str, ...]:
    return tuple(months_of(year)) if year else tuple(map(str, years))


def _table(known: Known, years: range, by: str, columns: tuple[str, ...], lines: Iterable[Line]) -> CoverageTable:
    as_of = max(known.fetched.values(), default=None)
    return CoverageTable(by, columns, tuple(lines), tuple(years), as_of)  # type: ignore[arg-type]


# --- places --------------------------------------------------------------------------------------------------


def _span(place: str) -> Span:
    """Return when a place existed; raise NotFound for an unknown one."""
    gazetteer = load_gazetteer()
    if place in gazetteer.districts:
        names = gazetteer.districts[place].names
        return Span(names[0].since, names[-1].until)
    if place in gazetteer.communes:
        return Span(COMMUNES_BEGIN, None)
    raise NotFound(f"no place {place}")


def _place_table(store: Store, known: Known, years: range, place: str) -> CoverageTable:
    """Return a place year by year, the latest first, its months in columns."""
    span, owned = _span(place), known.reached(place)
    held = store.coverage.held([one.portal for one in owned])
    undated = _undated(owned, known, years, held)
    lines = [
        Line(str(year), _months(year, span, owned, held), owned, undated if year == years[-1] else Cell())
        for year in reversed(years)
    ]
    return _table(known, years, "year", tuple(f"{n:02}" for n in range(1, 13)), lines)


def _province_table(store: Store, known: Known, years: range, year: int | None, province: str) -> CoverageTable:
    """Return the places of a province by years, or by the months of one."""
    if province not in load_gazetteer().provinces:
        raise NotFound(f"no province {province}")
    held = store.coverage.held(known.provinces.get(province, ()))
    lines = [_line(place, known, years, year, held) for place in _places(province, known)]
    rest = _rest(known, years, year, held)
    return _table(known, years, "place", _columns(years, year), [*lines, *([rest] if rest.total.articles else [])])


def _places(province: str, known: Known) -> list[str]:
    """Return the districts of a province and its communes with a portal, by name; those with a portal first."""
    districts = (d.id for d in load_gazetteer().districts.values() if d.names[-1].province == province)
    communes = (p for p in known.places if p in load_gazetteer().communes and province_of(p) == province)
    return sorted((*districts, *communes), key=lambda place: (place not in known.places, place_label(place)))


def _line(place: str, known: Known, years: range, year: int | None, held: ByPortal) -> Line:
    span, owned = _span(place), known.reached(place)
    if year is not None:
        return Line(place, _months(year, span, owned, held), owned)
    cells = tuple(merged(_months(one, span, owned, held)) for one in years)
    return Line(place, cells, owned, _undated(owned, known, years, held))


def _months(year: int, span: Span, owned: Sequence[Reached], held: ByPortal) -> tuple[Cell, ...]:
    """Return the twelve months of a place."""
    found = [(one, held.get(one.portal, {})) for one in owned]
    return tuple(
        cell_of(month, span, [(one, months.get(month, NOTHING)) for one, months in found]) for month in months_of(year)
    )


def _undated(owned: Iterable[Reached], known: Known, years: range, held: ByPortal) -> Cell:
    """Return what no column has of portals that are of one place alone."""
    return merged(_loose(held.get(one.portal, {}), years) for one in owned if len(known.portals[one.portal]) == 1)


def _loose(months: Months, years: range) -> Cell:
    found = [held for month, held in months.items() if not month or int(month[:4]) not in years]
    return merged(Cell(held.articles, missing=held.missing, problems=held.problems) for held in found)


def _rest(known: Known, years: range, year: int | None, held: ByPortal) -> Line:
    """Return what portals published that were no place's then: those of the province, or of a unit that had ended."""
    columns, served = _columns(years, year), {name: known.portals[name] for name in held}
    sums = dict.fromkeys(columns, 0)
    for name, months in held.items():
        for month, found in months.items():
            if not any(one.in_month(month) for one in served[name]) and (column := _column(month, year)) in sums:
                sums[column] += found.articles
    shared = [months for name, months in held.items() if len(served[name]) != 1 and year is None]
    return Line("", tuple(Cell(sums[column]) for column in columns), (), merged(_loose(one, years) for one in shared))


def _column(month: str, year: int | None) -> str:
    return month[:4] if year is None else month


# --- provinces -----------------------------------------------------------------------------------------------


def _overview(store: Store, known: Known, years: range, year: int | None) -> CoverageTable:
    """Return the provinces by years, or by the months of one.

    Coarser than the places: why a cell is empty is told by the province's portals as a whole.
    """
    columns = _columns(years, year)
    articles, months = _sums(store, known, year)
    provinces = [code for code, one in load_gazetteer().provinces.items() if one.names[-1].until == DISTRICTS_END]
    lines = [_province_line(code, known, columns, articles, months) for code in provinces]
    rest = _province_line("", known, columns, articles, months)
    return _table(known, years, "province", columns, [*lines, *([rest] if rest.total.articles else [])])


def _sums(store: Store, known: Known, year: int | None) -> tuple[Counter[tuple[str, str]], dict[tuple[str, str], int]]:
    """Return the articles by province and column, and the months with any as bits by district and column."""
    articles, months = Counter[tuple[str, str]](), defaultdict[tuple[str, str], int](int)
    provinces = {name: province for province, names in known.provinces.items() for name in names}
    for name, column, count, bits in store.coverage.columns(year):
        articles[provinces[name], column] += count
        for one in known.portals[name]:
            months[one.place, column] |= bits & _bits(column, one.since, one.until)
    return articles, months


def _bits(column: str, first: str | None, last: str | None) -> int:
    """Return the months of a column between two days as bits."""
    year = int(column[:4] or 0)
    inside = months_between(year, first, last)
    return inside & (1 << int(column[5:]) - 1) if len(column) > 4 else inside


def _province_line(
    code: str,
    known: Known,
    columns: Sequence[str],
    articles: Mapping[tuple[str, str], int],
    months: Mapping[tuple[str, str], int],
) -> Line:
    fetched = max((known.fetched.get(name, "") for name in known.provinces.get(code, ())), default=None)
    cells = []
    for column in columns:
        existed, total = _existed(code, column)
        covered = sum((months.get((place, column), 0) & bits).bit_count() for place, bits in existed)
        count = articles.get((code, column), 0)
        cells.append(Cell(count, total, covered, gaps={} if count else {_coarse(column, total, fetched): 1}))
    loose = sum(n for (province, column), n in articles.items() if province == code and column not in columns)
    return Line(code, tuple(cells), (), Cell(loose))


def _coarse(column: str, months: int, fetched: str | None) -> Reason:
    """Return why a province has nothing in a column: `fetched` is when a page of it came last, None without a portal."""
    if not months:
        return "ended" if column > DISTRICTS_END[: len(column)] else "not-yet"
    if fetched is None:
        return "no-portal"
    return "none-found" if column <= fetched[: len(column)] else "not-crawled"


@lru_cache(maxsize=8192)
def _existed(province: str, column: str) -> tuple[tuple[tuple[str, int], ...], int]:
    """Return the districts of a province with the months of a column in which they existed, and how many these are."""
    bits = tuple((place, _bits(column, span.first, span.last)) for place, span in _districts().get(province, ()))
    return bits, sum(months.bit_count() for _, months in bits)


@lru_cache(maxsize=1)
def _districts() -> Mapping[str, tuple[tuple[str, Span], ...]]:
    """Return the districts of each province with the time in which they existed."""
    found = defaultdict[str, list[tuple[str, Span]]](list)
    for district in load_gazetteer().districts.values():
        found[district.names[-1].province].append((district.id, _span(district.id)))
    return {province: tuple(units) for province, units in found.items()}
