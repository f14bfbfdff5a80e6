"""A request within its bounds, as engines take it."""

from __future__ import annotations

from datetime import date

from archive.models import FACETS, Query, QueryError, SearchRequest
from archive.search.parse import ask

MAX_LIMIT = 100
MAX_OFFSET = 10_000


def to_query(request: SearchRequest) -> Query:
    """Return the request as engines take it; raise QueryError for one out of bounds."""
    if not 1 <= request.limit <= MAX_LIMIT:
        raise QueryError("limit", limit=MAX_LIMIT)
    offset = (request.page - 1) * request.limit
    if request.page < 1 or offset > MAX_OFFSET:
        raise QueryError("page", limit=MAX_OFFSET)
    _check_days(request.published_from, request.published_to)
    unknown = set(request.filters) - set(FACETS)
    if unknown:
        raise QueryError("filter", name=", ".join(sorted(unknown)))
    question = ask(request.text)
    return Query(
        node=question.node,
        filters={name: frozenset(values) for name, values in request.filters.items() if values},
        published_from=request.published_from,
        published_to=request.published_to,
        hidden=request.all,
        sort=request.sort,
        offset=offset,
        limit=request.limit,
        row=question.row,
    )


def _check_days(first: str | None, last: str | None) -> None:
    """Raise QueryError for what is no day (YYYY-MM-DD), or for a span that ends before it begins."""
    try:
        days = [date.fromisoformat(day) for day in (first, last) if day]
    except ValueError as error:
        raise QueryError("day") from error
    if days != sorted(days):
        raise QueryError("span")
