"""Questions by the list: a district and an indicator as a person writes them, a year, and all that is known of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from archive.enrich.claims.indicators import load_indicators
from archive.enrich.gazetteer import District, load_gazetteer
from archive.enrich.labels import place_label, province_of
from archive.ledger import Months, covered_by
from archive.models import ArchiveError
from archive.pledges import Coverage, Pledge, Statement
from archive.search.pledges import coverage_of, every_pledge, place_series
from archive.store import Store
from archive.text import clean_line, fold_text

SHOWN = 10  # namesakes, or nearest names, that a message lists


@dataclass(frozen=True, slots=True)
class Enquiry:
    """What is asked: a district (id, name, or "name, province"), an indicator (id or name), a year; all as written."""

    district: str
    indicator: str
    year: str


@dataclass(frozen=True, slots=True)
class Reply:
    """One pledge that answers an enquiry; without a pledge what was reported all the same, and the coverage behind it.

    `note` says why an enquiry was not understood; then there is nothing else.
    """

    enquiry: Enquiry
    place: str = ""
    indicator: str = ""
    pledge: Pledge | None = None
    result: Statement | None = None
    coverage: Coverage | None = None
    note: str = ""


def reply(store: Store, enquiry: Enquiry) -> Iterator[Reply]:
    """Yield a reply for each pledge of the place as a whole that an enquiry is about; exactly one where there is none."""
    try:
        year = _year(enquiry.year)
        place, indicator = find_place(enquiry.district, str(year)), find_indicator(enquiry.indicator)
    except ArchiveError as error:
        yield Reply(enquiry, note=str(error))
        return
    filters = {"place": (place,), "indicator": (indicator,), "year": (str(year),)}
    whole = [pledge for pledge in every_pledge(store, filters) if pledge.commune is None]
    for pledge in whole:
        result = pledge.verdict.answer.statement if pledge.verdict.answer else None
        yield Reply(enquiry, place, indicator, pledge, result, pledge.coverage)
    if not whole:
        period = Months.of(year)
        covered = coverage_of(store, place, period, None)
        yield Reply(enquiry, place, indicator, result=_result(store, place, indicator, period), coverage=covered)


def _year(written: str) -> int:
    if not (written.strip().isascii() and written.strip().isdigit() and len(written.strip()) == 4):
        raise ArchiveError(f"{written!r} is no year; write it as in 2020")
    return int(written)


def _result(store: Store, place: str, indicator: str, period: Months) -> Statement | None:
    """Return the last report of the whole of a period."""
    told = (one for series in place_series(store, place) if series.indicator == indicator for one in series.results)
    return max(
        (one for one in told if covered_by(one) == period),
        key=lambda one: (one.published or "", one.article),
        default=None,
    )


def find_place(written: str, year: str | None = None) -> str:
    """Return the id of the place that a person means by an id or a name; raise ArchiveError naming the namesakes.

    A name may do without its kind and its marks, and may be followed by its province: "Châu Thành, An Giang". Where
    marks are written they tell namesakes apart; a year tells apart units that had the name at different times.
    """
    name = clean_line(written).strip()
    if province_of(name) is not None:
        return name
    found = _in_province(*_split(name))
    found = [one for one in found if one.names_on(year)] or found
    exact = [one for one in found if _split(name)[0].lower() in _spellings(one)]
    found = exact or found
    if len(found) == 1:
        return found[0].id
    if found:
        said = "; ".join(f"{one.id} is {place_label(one.id)}" for one in found[:SHOWN])
        raise ArchiveError(f"{name!r} may be several districts; write an id or the province as well: {said}")
    raise ArchiveError(f"no district is called {name!r}{_nearest(fold_text(name), _districts())}; ids are as in 004")


def _split(name: str) -> tuple[str, str]:
    unit, _, province = name.partition(",")
    return unit.strip(), province.strip()


def _in_province(unit: str, province: str) -> list[District]:
    found = _districts().get(fold_text(unit), [])
    if not province:
        return list(found)
    wanted = load_gazetteer().find_province(province)
    return [one for one in found if wanted and wanted.code in {name.province for name in one.names}]


def _spellings(district: District) -> set[str]:
    return {name.lower() for one in district.names for name in (one.text, one.base)}


@lru_cache(maxsize=1)
def _districts() -> dict[str, list[District]]:
    """Return the districts by their folded names, with and without the kind of unit."""
    found: dict[str, list[District]] = {}
    for district in load_gazetteer().districts.values():
        for name in {fold_text(spelling) for spelling in (*_spellings(district), *district.aliases)}:
            found.setdefault(name, []).append(district)
    return found


def find_indicator(written: str) -> str:
    """Return the id of the indicator that a person means by its id or its name; raise ArchiveError naming the nearest."""
    name = fold_text(clean_line(written))
    if written.strip() in load_indicators():
        return written.strip()
    if name in _indicators():
        return _indicators()[name]
    raise ArchiveError(f"no indicator is called {written.strip()!r}{_nearest(name, _indicators())}")


@lru_cache(maxsize=1)
def _indicators() -> dict[str, str]:
    named = load_indicators().values()
    return {fold_text(label): one.id for one in named for label in (one.id, one.label, one.label_en)}


def _nearest(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), SHOWN, 0.6)
    return f" (near: {', '.join(near)})" if near else ""
