"""Search as a reader sees it: what was typed, how it was understood, what was found and why, what else to try."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from archive.models.articles import Attachment
from archive.models.holdings import Entry
from archive.models.queries import Sort


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A search as a reader typed it; `filters` by facet, `page` counts from 1, `all` includes what is out of scope."""

    text: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    published_from: str | None = None
    published_to: str | None = None
    sort: Sort = "relevance"
    page: int = 1
    limit: int = 10
    all: bool = False


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value of a facet with the label a reader sees and the matches it would give.

    `parent` is the value that includes it: a district's province, where a facet has levels.
    """

    value: str
    label: str
    count: int
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Snippet:
    """A passage of an article's text, and the spans (start, end) within it that answer the query."""

    text: str
    spans: tuple[tuple[int, int], ...]


How = Literal["exact", "folded", "unmarked", "abbreviation", "number", "document", "date"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that a query asks for, as it was understood.

    `kind` word: `how` tells whether marks count ("exact") or every form matches ("folded"). `kind` phrase: words that
    stand side by side. For an abbreviation (or its full form) `meaning` is the full form, for a date the day. Asked of
    one `branch` go together (AND), of different ones not (OR).
    """

    typed: str
    kind: Literal["word", "phrase", "abbreviation", "number", "document", "date"]
    how: How
    meaning: str = ""
    field: Literal["title"] | None = None
    excluded: bool = False
    branch: int = 0


@dataclass(frozen=True, slots=True)
class Match:
    """Why an article was found: a thing asked for, where it stands, how it is written there.

    `how`: exact (as typed), folded (typed without marks), unmarked (typed with marks, in an article without any),
    abbreviation, number, document, date.
    """

    typed: str
    field: Literal["title", "text", "file"]
    how: How


@dataclass(frozen=True, slots=True)
class Hit:
    """One article found, with the passage that shows why.

    `entry` is as lists show it: masked, without versions, captures and equal texts. `missing` are the typed words that
    it does not hold (only where the results are partial). `files` are the attachments that alone hold something typed.
    """

    entry: Entry
    title_spans: tuple[tuple[int, int], ...]
    snippet: Snippet
    score: float
    why: tuple[Match, ...] = ()
    missing: tuple[str, ...] = ()
    files: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """What a suggestion changed. `what`: restored (marks of a word), repaired (a typo), renumbered (a document's number,
    as far as it is known), unquoted (phrases as words), lifted (a filter: `old` is a facet, "published" or "scope")."""

    what: Literal["restored", "repaired", "renumbered", "unquoted", "lifted"]
    old: str
    new: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The nearest search that finds something: its text and what was changed; filters named as lifted are to be left out."""

    text: str
    changes: tuple[Change, ...]

    @property
    def lifted(self) -> tuple[str, ...]:
        """The filters that the suggestion does without: facets, "published", "scope"."""
        return tuple(change.old for change in self.changes if change.what == "lifted")


@dataclass(frozen=True, slots=True)
class Results:
    """The answer to a search: hits of one page, facets that follow the other filters.

    `partial`: nothing holds all that was asked for; these hold most of it (each hit names what it misses). `suggestion`
    is offered where nothing, or only a part, was found. `asked` is the query as it was understood.
    """

    query: str
    total: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, tuple[FacetValue, ...]]
    suggestion: Suggestion | None
    took_ms: float
    behind: int = 0
    partial: bool = False
    asked: tuple[Asked, ...] = ()
