"""Pledges for readers: filtered pages, one with the coverage behind it, and the figures of a place over time.

What is shown is made anew from the claims by the published rule, so it cannot differ from what the articles say. The
store's rows only say which pledges there are.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from archive.enrich.claims.indicators import load_indicators
from archive.enrich.labels import place_label, province_of, topic_label
from archive.ledger import Months, make_ledger, make_series, period_of
from archive.masking import mask_numbers
from archive.models import FacetValue, NotFound, QueryError
from archive.pledges import (
    PLEDGE_FACETS,
    Answer,
    Coverage,
    Pledge,
    PledgePage,
    PledgeRequest,
    PledgeRow,
    Series,
    Statement,
)
from archive.store import Store

MAX_LIMIT = 100
MAX_OFFSET = 10_000
FACET_VALUES = 50  # shown of one facet, the most frequent first
AFTERWARDS = 12  # months after a period in which its report may still come
OPEN = ("interim", "no-report")  # verdicts that rest on what was not found


def find_pledges(store: Store, request: PledgeRequest) -> PledgePage:
    """Return one page of pledges; raise QueryError for a request out of bounds or with an unknown filter."""
    _check(request)
    filters = {name: tuple(values) for name, values in request.filters.items() if values}
    rows = store.ledger.find(filters, (request.page - 1) * request.limit, request.limit)
    counts = store.ledger.counts(filters)
    return PledgePage(
        total=store.ledger.count(filters),
        pledges=tuple(_made_again(store, rows)),
        facets={name: _facet(name, counts[name], filters) for name in PLEDGE_FACETS},
        pending=store.ledger.pending(),
    )


def every_pledge(store: Store, filters: Mapping[str, Collection[str]]) -> Iterator[Pledge]:
    """Yield all pledges under the filters, place by place, without holding them all; raise QueryError."""
    _check(PledgeRequest({name: tuple(values) for name, values in filters.items()}))
    wanted = {name: tuple(values) for name, values in filters.items() if values}
    for place, ids in store.ledger.places(wanted):
        for pledge in make_ledger(store.ledger.statements(place), load_indicators()):
            if pledge.id in ids:
                yield _shown(store, pledge)


def get_pledge(store: Store, pledge_id: str) -> Pledge:
    """Return a pledge; raise NotFound."""
    row = store.ledger.get(pledge_id)
    for pledge in _made_again(store, [row] if row else []):
        return pledge
    raise NotFound(f"no pledge {pledge_id}")


def article_pledges(store: Store, article_id: str) -> tuple[Pledge, ...]:
    """Return the pledges that an article's claims make, answer or are a part of."""
    found = (
        pledge
        for key in store.ledger.told_in(article_id)
        for pledge in make_ledger(store.ledger.statements(*key), load_indicators())
    )
    return tuple(_shown(store, pledge) for pledge in found if article_id.upper() in _articles(pledge))


def _articles(pledge: Pledge) -> set[str]:
    told = (*pledge.sources, *pledge.parts, *(answer.statement for answer in pledge.answers))
    return {statement.article for statement in told}


def place_series(store: Store, place: str) -> tuple[Series, ...]:
    """Return what was promised and reported of a place, by indicator; empty for one of which nothing is held."""
    return tuple(
        replace(one, targets=tuple(map(_masked, one.targets)), results=tuple(map(_masked, one.results)))
        for one in make_series(store.ledger.statements(place), load_indicators())
    )


def coverage_of(store: Store, place: str, period: Months | None, told: str | None) -> Coverage:
    """Return what is held of a place from a period's begin to a year after its end.

    Of a promise without a period, from the day it was told (at any time, where that is unknown, too).
    """
    if period is None and told is None:
        return store.ledger.coverage(place, "0001-01-01", "9999-12-31")
    if period is None:
        month = int(str(told)[:4]) * 12 + int(str(told)[5:7] or 1) - 1
        period = Months(month, month)
    return store.ledger.coverage(place, *_days(Months(period.first, period.last + AFTERWARDS)))


def _days(period: Months) -> tuple[str, str]:
    """Return the first and the last day of a period."""
    begin, end = (divmod(month, 12) for month in period)
    last = monthrange(end[0], end[1] + 1)[1]
    return f"{begin[0]:04}-{begin[1] + 1:02}-01", f"{end[0]:04}-{end[1] + 1:02}-{last:02}"


def _made_again(store: Store, rows: Iterable[PledgeRow]) -> Iterator[Pledge]:
    """Yield the pledges of rows; without those that the claims no longer make (their place is not settled yet)."""
    made: dict[tuple[str, str], dict[str, Pledge]] = {}
    for row in rows:
        key = (row.place, row.indicator)
        if key not in made:
            made[key] = {one.id: one for one in make_ledger(store.ledger.statements(*key), load_indicators())}
        if row.id in made[key]:
            yield _shown(store, made[key][row.id])


def _shown(store: Store, pledge: Pledge) -> Pledge:
    """Return a pledge as it may be told in lists, with its coverage where no final result was found."""
    verdict = pledge.verdict
    coverage = None
    if verdict.kind in OPEN:
        coverage = coverage_of(store, pledge.place, period_of(pledge.target), pledge.sources[0].published)
    return replace(
        pledge,
        sources=tuple(map(_masked, pledge.sources)),
        answers=tuple(map(_masked_answer, pledge.answers)),
        parts=tuple(map(_masked, pledge.parts)),
        verdict=replace(
            verdict,
            answer=_masked_answer(verdict.answer) if verdict.answer else None,
            baseline=_masked(verdict.baseline) if verdict.baseline else None,
        ),
        coverage=coverage,
    )


def _masked_answer(answer: Answer) -> Answer:
    return replace(answer, statement=_masked(answer.statement))


def _masked(statement: Statement) -> Statement:
    claim = replace(statement.claim, quote=mask_numbers(statement.claim.quote))
    return replace(statement, claim=claim, title=mask_numbers(statement.title))


def _check(request: PledgeRequest) -> None:
    """Raise QueryError for a request out of bounds."""
    if not 1 <= request.limit <= MAX_LIMIT:
        raise QueryError("limit", limit=MAX_LIMIT)
    if request.page < 1 or (request.page - 1) * request.limit > MAX_OFFSET:
        raise QueryError("page", limit=MAX_OFFSET)
    unknown = set(request.filters) - set(PLEDGE_FACETS)
    if unknown:
        raise QueryError("filter", name=", ".join(sorted(unknown)))


def _facet(name: str, counts: Mapping[str, int], filters: Mapping[str, Collection[str]]) -> tuple[FacetValue, ...]:
    """Return the values that are shown: years from the newest, of others the most frequent, and what is chosen."""
    chosen = filters.get(name, ())
    ranked = sorted({*counts, *chosen}, key=lambda value: (-counts.get(value, 0), value))
    shown = [value for n, value in enumerate(ranked) if n < FACET_VALUES or value in chosen]
    if name == "year":
        shown = sorted(ranked, reverse=True)
    return tuple(
        FacetValue(value, _label(name, value), counts.get(value, 0), province_of(value) if name == "place" else None)
        for value in shown
    )


def _label(facet: str, value: str) -> str:
    if facet == "indicator":
        return indicator_label(value)
    return {"place": place_label, "topic": topic_label}.get(facet, str)(value)


def indicator_label(indicator: str, language: str = "vi") -> str:
    """Return an indicator's name for readers, in "vi" or "en"; the id itself when it is unknown."""
    known = load_indicators().get(indicator)
    if known is None:
        return indicator
    return known.label if language == "vi" else known.label_en
