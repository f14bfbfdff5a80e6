"""What the archive covers: how many articles a place's portals published in a month, and why there may be none. Pure.

Coverage is about what portals published, not about which place an article speaks of: a month of a place counts the
articles that were published in it by the portals which were the place's then (`units` of the catalogue). The words for
a gap are those of the ledger (`archive.pledges.Gap`), and a few more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from archive.models import Portal
from archive.pledges import Gap
from archive.runs import Alert, Cause, Health

Reason = Gap | Literal["no-portal", "failing", "portal-gone", "not-yet", "ended"]

# The weakest link first: of several portals of a place, and of several months, the first that applies is told.
REASONS: tuple[Reason, ...] = (
    "page-gone",  # pages are known that were never captured or are closed
    "problem",  # captured pages could not be read
    "failing",  # the crawl fails since
    "portal-gone",  # the portal was closed or handed to another unit before
    "not-crawled",  # nothing was fetched then or since
    "no-portal",  # the catalogue knows no portal of the place for that time
    "none-found",  # pages were fetched since, and none of that month was among them
    "not-yet",  # the place did not exist yet
    "ended",  # the place did not exist any more
)
FIRST_YEAR = 2008  # before it there are no districts in the gazetteer, and hardly any portal
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Held:
    """What is held of a portal in a month: articles, known pages of which nothing is, and those of them unreadable."""

    articles: int = 0
    missing: int = 0
    problems: int = 0


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a portal was read: the day of its last good crawl or import (UTC), and what keeps it from being read now.

    `since` and `until` are the days between which it was the place's; None is an open end.
    """

    portal: str
    title: str = ""
    since: str | None = None
    until: str | None = None
    last_good: str | None = None
    alert: Alert | None = None
    retired: bool = False

    @property
    def cause(self) -> Cause | None:
        """Why the crawl fails; None while it does not."""
        return self.alert.cause if self.alert else None

    def serves(self, month: str) -> bool:
        """Say whether the portal was the place's in a month, be it for a part of it."""
        return (self.since or "")[:7] <= month <= (self.until or "9999")[:7]


@dataclass(frozen=True, slots=True)
class Span:
    """The months in which a place existed, inclusive; None is an open end."""

    first: str | None = None
    last: str | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """A month of a place, or several together.

    `months` counts those in which the place existed, `covered` those of them with an article; `gaps` says of how many
    of the others (and of those in which it did not exist) why.
    """

    articles: int = 0
    months: int = 0
    covered: int = 0
    missing: int = 0
    problems: int = 0
    gaps: Mapping[Reason, int] = field(default_factory=dict)

    @property
    def gap(self) -> Reason | None:
        """Why nothing is held: the weakest link; None where something is."""
        if self.articles:
            return None
        return next((reason for reason in REASONS if self.gaps.get(reason)), None)

    @property
    def share(self) -> float:
        """The part of the months with an article, 0 to 1."""
        return self.covered / self.months if self.months else 0.0


@dataclass(frozen=True, slots=True)
class Line:
    """The cells of a place (its id), of a year, or of what is no single place's (`key` is empty), in the order of columns.

    `undated` is what no column has: articles and known pages whose month is unknown, or not among those shown.
    """

    key: str
    cells: tuple[Cell, ...]
    reached: tuple[Reached, ...] = ()
    undated: Cell = field(default_factory=Cell)

    @property
    def total(self) -> Cell:
        """All cells together, with what is undated."""
        return merged((*self.cells, self.undated))


@dataclass(frozen=True, slots=True)
class CoverageRequest:
    """Whose coverage: all provinces, the places of one, or one place; by years, or by the months of one year."""

    province: str = ""
    place: str = ""
    year: int | None = None


@dataclass(frozen=True, slots=True)
class CoverageTable:
    """Lines by columns: `by` says what a line is; columns are years (2020), months of a year (2020-01) or months (01).

    `years` are all that can be asked for; `as_of` is when anything was fetched last.
    """

    by: Literal["province", "place", "year"]
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    years: tuple[int, ...]
    as_of: str | None = None

    @property
    def total(self) -> Cell:
        """All lines together."""
        return merged(line.total for line in self.lines)


@dataclass(frozen=True, slots=True)
class Extent:
    """What any count is of: all articles and those in scope, the portals they come from and all that are known, and the
    districts that these are of and all that there were."""

    articles: int
    in_scope: int
    portals: int
    known_portals: int
    districts: int
    known_districts: int


def merged(cells: Iterable[Cell]) -> Cell:
    """Return cells as one."""
    articles = months = covered = missing = problems = 0
    gaps = Counter[Reason]()
    for cell in cells:
        articles += cell.articles
        months += cell.months
        covered += cell.covered
        missing += cell.missing
        problems += cell.problems
        gaps.update(cell.gaps)
    return Cell(articles, months, covered, missing, problems, dict(gaps))


def cell_of(month: str, span: Span, found: Iterable[tuple[Reached, Held]]) -> Cell:
    """Return a month (2020-01) of a place that existed in a span, from what is held of each of its portals."""
    serving = [(reached, held) for reached, held in found if reached.serves(month)]
    articles = sum(held.articles for _, held in serving)
    outside = _outside(month, span)
    gaps: dict[Reason, int] = {}
    if not articles:
        gaps[outside or _weakest(month, serving)] = 1
    return Cell(
        articles=articles,
        months=int(outside is None),
        covered=int(articles > 0 and outside is None),
        missing=sum(held.missing for _, held in serving),
        problems=sum(held.problems for _, held in serving),
        gaps=gaps,
    )


def _outside(month: str, span: Span) -> Reason | None:
    if month < (span.first or "")[:7]:
        return "not-yet"
    return "ended" if month > (span.last or "9999")[:7] else None


def _weakest(month: str, serving: Iterable[tuple[Reached, Held]]) -> Reason:
    reasons = {_reason(month, reached, held) for reached, held in serving}
    return next((reason for reason in REASONS if reason in reasons), "no-portal")


def _reason(month: str, reached: Reached, held: Held) -> Reason:
    """Return why nothing of a month is held of a portal."""
    if held.missing:
        return "page-gone" if held.missing > held.problems else "problem"
    if month <= (reached.last_good or "")[:7]:
        return "none-found"
    if reached.cause is not None:
        return "failing"
    return "portal-gone" if reached.retired else "not-crawled"


def reached(portal: Portal, unit: tuple[str | None, str | None], fetched: str | None, health: Health | None) -> Reached:
    """Return how far a portal was read that was a place's between two days; `fetched` is when a page of it came last.

    A portal whose crawl fails was read to its last good run; one that never had any, to where the failing began, for
    what is held of it came from elsewhere.
    """
    alert = health.alert if health else None
    last_good = fetched
    if alert is not None:
        last_good = (health.last_good if health else None) or (min(fetched, alert.since) if fetched else None)
    return Reached(
        portal=portal.name,
        title=portal.title,
        since=unit[0],
        until=unit[1],
        last_good=last_good,
        alert=alert,
        retired=health is not None and health.state == "retired",
    )


def months_of(year: int) -> Iterator[str]:
    """Yield the months of a year, as 2020-01."""
    return (f"{year:04}-{number:02}" for number in range(1, MONTHS + 1))


@lru_cache(maxsize=4096)
def months_between(year: int, first: str | None, last: str | None) -> int:
    """Return the months of a year that lie between two days, inclusive, as bits: the lowest is January."""
    inside = ((first or "")[:7] <= month <= (last or "9999")[:7] for month in months_of(year))
    return sum(1 << number for number, is_inside in enumerate(inside) if is_inside)
