"""What a reader asks, as a URL says it: parsed under caps, and written back for links that change one thing."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, cast, get_args

from werkzeug.datastructures import MultiDict

from archive.coverage import CoverageRequest
from archive.models import FACETS, SearchRequest, Sort
from archive.pledges import PLEDGE_FACETS, PledgeRequest
from archive.text import clean_line

PARAMETERS = tuple(
    dict.fromkeys(("q", *FACETS, "from", "to", "sort", "page", "all", *PLEDGE_FACETS, "name", "province"))
)
MAX_TEXT = 256  # characters; beyond, engines get slow (reliability.md section 2, W7)
MAX_VALUES = 50  # values chosen in one facet
MAX_VALUE = 64  # characters of one value
MAX_HITS = 10_000  # the last hit that paging reaches
PER_PAGE = 10

_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_WRITTEN_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", re.ASCII)


REASONS = {
    "text": f"q has more than {MAX_TEXT} characters",
    "values": f"a filter has more than {MAX_VALUES} values, or one of more than {MAX_VALUE} characters",
    "day": "from and to are days: YYYY-MM-DD or dd/mm/yyyy",
    "span": "from comes after to",
    "sort": f"sort is one of {', '.join(get_args(Sort))}",
    "page": f"page is a number from 1, up to hit {MAX_HITS}",
    "limit": "limit is a number from 1 to 100",
    "format": "format is json or csv",
    "year": "year is a number, as in 2020",
    "name": "name is that of one district; with its province where there are several, as in Châu Thành, An Giang",
}


class Refused(Exception):
    """A search that is not passed on; `reason` is a key of REASONS, which tells programs what templates tell readers."""

    def __init__(self, reason: str) -> None:
        super().__init__(REASONS[reason])
        self.reason = reason


def parse(args: MultiDict[str, str], limit: int = PER_PAGE) -> SearchRequest:
    """Return the search that URL parameters ask for, `limit` hits a page; raise Refused beyond the caps."""
    text = clean_line(args.get("q", ""))
    if len(text) > MAX_TEXT:
        raise Refused("text")
    first, last = _day(args.get("from", "")), _day(args.get("to", ""))
    if first and last and first > last:
        raise Refused("span")
    return SearchRequest(
        text=text,
        filters=_filters(args, FACETS),
        published_from=first,
        published_to=last,
        sort=_sort(args.get("sort", ""), text),
        page=_number(args.get("page", ""), 1, MAX_HITS // limit, "page"),
        limit=limit,
        all=args.get("all", "") == "1",
    )


def parse_limit(args: MultiDict[str, str]) -> int:
    """Return the number of hits a program asks for, 1 to 100, 10 by default; raise Refused for any other."""
    return _number(args.get("limit", ""), PER_PAGE, 100, "limit")


def params(asked: SearchRequest, **changes: Any) -> dict[str, Any]:
    """Return the URL parameters of a search with some of its fields changed; `parse` gives that search back.

    Any change leads to the first page, unless it is the page that changes.
    """
    if changes:
        asked = replace(asked, **({"page": 1} | changes))
    said = {
        "q": asked.text,
        **{facet: list(values) for facet, values in asked.filters.items()},
        "from": asked.published_from,
        "to": asked.published_to,
        "sort": asked.sort if asked.sort != default_sort(asked.text) else None,
        "page": str(asked.page) if asked.page > 1 else None,
        "all": "1" if asked.all else None,
    }
    return {name: value for name, value in said.items() if value}


def toggled(asked: SearchRequest, facet: str, value: str, instead_of: Collection[str] = ()) -> dict[str, Any]:
    """Return the URL parameters of the same search with one facet value added, or removed where it is chosen.

    An added value takes the place of those that it includes or that include it: a district that of its province.
    """
    chosen = asked.filters.get(facet, ())
    kept = tuple(v for v in chosen if v != value and (value in chosen or v not in instead_of))
    return params(asked, filters={**asked.filters, facet: kept if value in chosen else (*kept, value)})


def parse_pledges(args: MultiDict[str, str], limit: int = PER_PAGE) -> PledgeRequest:
    """Return the pledges that URL parameters ask for, `limit` a page; raise Refused beyond the caps."""
    return PledgeRequest(
        filters=_filters(args, PLEDGE_FACETS),
        page=_number(args.get("page", ""), 1, MAX_HITS // limit, "page"),
        limit=limit,
    )


def pledge_params(asked: PledgeRequest, page: int = 1, **filters: Collection[str]) -> dict[str, Any]:
    """Return the URL parameters of a page of the same pledges, with some of the filters changed."""
    chosen = {facet: list(values) for facet, values in {**asked.filters, **filters}.items() if values}
    return chosen | ({"page": str(page)} if page > 1 else {})


def pledge_toggled(asked: PledgeRequest, facet: str, value: str) -> dict[str, Any]:
    """Return the URL parameters of the same pledges with one facet value added, or removed where it is chosen."""
    chosen = asked.filters.get(facet, ())
    kept = tuple(v for v in chosen if v != value)
    changed: dict[str, Any] = {facet: kept if value in chosen else (*kept, value)}
    return pledge_params(asked, **changed)


def parse_page(args: MultiDict[str, str]) -> int:
    """Return the page of a list that URL parameters ask for; raise Refused for what is none."""
    return _number(args.get("page", ""), 1, MAX_HITS, "page")


def parse_coverage(args: MultiDict[str, str]) -> CoverageRequest:
    """Return the coverage that URL parameters ask for; raise Refused for what is no year."""
    year = clean_line(args.get("year", ""))
    if year and not re.fullmatch(r"(?:19|20)[0-9]{2}", year):
        raise Refused("year")
    province, place = (clean_line(args.get(name, ""))[:MAX_VALUE] for name in ("province", "place"))
    return CoverageRequest(province, place, int(year) if year else None)


def default_sort(text: str) -> Sort:
    """Return the order when none is asked for: by relevance to words; without words, the newest first."""
    return "relevance" if text else "newest"


def _filters(args: MultiDict[str, str], facets: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    chosen = {facet: tuple(dict.fromkeys(filter(None, map(clean_line, args.getlist(facet))))) for facet in facets}
    for values in chosen.values():
        if len(values) > MAX_VALUES or any(len(value) > MAX_VALUE for value in values):
            raise Refused("values")
    return {facet: values for facet, values in chosen.items() if values}


def _day(written: str) -> str | None:
    """Return a day as YYYY-MM-DD; dd/mm/yyyy is understood too, for browsers without a date field."""
    written = written.strip()
    if not written:
        return None
    if match := _ISO_DAY.fullmatch(written):
        year, month, day = map(int, match.groups())
    elif match := _WRITTEN_DAY.fullmatch(written):
        day, month, year = map(int, match.groups())
    else:
        raise Refused("day")
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        raise Refused("day") from None


def _sort(asked: str, text: str) -> Sort:
    if not asked:
        return default_sort(text)
    if asked not in get_args(Sort):
        raise Refused("sort")
    return cast(Sort, asked)


def _number(written: str, default: int, most: int, reason: str) -> int:
    if not written:
        return default
    if not re.fullmatch(r"[0-9]{1,6}", written) or not 1 <= int(written) <= most:
        raise Refused(reason)
    return int(written)
