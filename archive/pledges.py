"""The nouns of pledges: what was said, what answers it, the verdict, and why there may be no answer. Frozen records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from archive.models import Claim, FacetValue

VerdictKind = Literal["kept", "partly", "not-reached", "interim", "no-report"]
Decided = Literal["confirmed", "corrected"]
Gap = Literal["not-crawled", "none-found", "page-gone", "problem"]

VERDICTS: tuple[VerdictKind, ...] = ("kept", "partly", "not-reached", "interim", "no-report")
PLEDGE_FACETS = ("place", "year", "indicator", "topic", "verdict")
PART = "/"  # a claim of one commune has "004/Phường Cự Khối" for its place


def place_of(claim: Claim) -> str:
    """Return the id of the place that a claim is of, be it of a part alone; empty where it is unknown."""
    return (claim.place or "").partition(PART)[0]


def commune_of(claim: Claim) -> str | None:
    """Return the name of the commune that a claim is of; None where it is of the whole place."""
    return (claim.place or "").partition(PART)[2] or None


@dataclass(frozen=True, slots=True)
class Statement:
    """A claim with the article that makes it: where it was published and when, and the capture that shows it.

    `sha256` is the digest of the captured bytes; `decided` says that a person confirmed or corrected the claim.
    """

    claim: Claim
    article: str
    title: str = ""
    url: str = ""
    portal: str = ""
    published: str | None = None
    capture: str = ""
    sha256: str = ""
    decided: Decided | None = None

    @property
    def place(self) -> str:
        """The id of the district, or of the commune of since July 2025; empty where it is unknown."""
        return place_of(self.claim)

    @property
    def commune(self) -> str | None:
        """The name of the commune that the claim is of; None for the whole of the place."""
        return commune_of(self.claim)


@dataclass(frozen=True, slots=True)
class Answer:
    """A result beside a target: whether it covers the whole period, some of it, or came late; and the share reached."""

    statement: Statement
    when: Literal["in-time", "interim", "late"]
    ratio: float | None
    met: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a target: the answer that decides, the baseline it was measured from, and the share reached."""

    kind: VerdictKind
    answer: Answer | None = None
    baseline: Statement | None = None
    progress: float | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the archive holds of a place from the beginning of a period to a year after its end; days are inclusive.

    `articles` are those about the place by portal, `missing` the known pages of its portals that were never captured or
    are closed, `problems` the captured ones that could not be read. `gap` is the reason why a report may not be found.
    """

    first: str
    last: str
    portals: tuple[str, ...]
    articles: Mapping[str, int]
    missing: int
    problems: int

    @property
    def total(self) -> int:
        """The number of articles held."""
        return sum(self.articles.values())

    @property
    def gap(self) -> Gap:
        """The weakest link: "none-found" only where pages are held and none is known to be missing or unread."""
        if self.missing:
            return "page-gone"
        if self.problems:
            return "problem"
        return "none-found" if self.total else "not-crawled"


@dataclass(frozen=True, slots=True)
class Pledge:
    """A target, wherever it was told, with the results that answer it, those of parts, and the verdict.

    `sources` and `answers` come in the order of publication; `conflicting` says that two final results differ.
    `coverage` is given where no final result was found.
    """

    id: str
    sources: tuple[Statement, ...]
    answers: tuple[Answer, ...]
    parts: tuple[Statement, ...]
    verdict: Verdict
    conflicting: bool
    coverage: Coverage | None = None

    @property
    def target(self) -> Claim:
        """What was promised, as it was told first."""
        return self.sources[0].claim

    @property
    def place(self) -> str:
        """The id of the place that promised."""
        return self.sources[0].place

    @property
    def commune(self) -> str | None:
        """The name of the commune that promised; None for the whole of the place."""
        return self.sources[0].commune


@dataclass(frozen=True, slots=True)
class Series:
    """What one indicator of a place was to become, and what was reported, in the order of their periods.

    `breaks` are the first years of new poverty lines: figures on two sides of one are not compared.
    """

    indicator: str
    direction: str
    unit: str
    sub_population: str | None
    targets: tuple[Statement, ...]
    results: tuple[Statement, ...]
    breaks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PledgeRequest:
    """Which pledges: `filters` by facet (PLEDGE_FACETS; OR inside one, AND across), `page` counts from 1.

    A place is a district's id or a province's code. The pledges published last come first.
    """

    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    page: int = 1
    limit: int = 20


@dataclass(frozen=True, slots=True)
class PledgePage:
    """The pledges of one page, and for each facet the pledges that its values have under the other filters.

    `pending` counts the places whose pledges are not brought up to date yet.
    """

    total: int
    pledges: tuple[Pledge, ...]
    facets: Mapping[str, tuple[FacetValue, ...]]
    pending: int = 0


@dataclass(frozen=True, slots=True)
class PledgeRow:
    """A pledge as the store lists it: what it can be filtered by."""

    id: str
    place: str
    province: str | None
    indicator: str
    topic: str
    year: int | None
    verdict: VerdictKind
    published: str | None
