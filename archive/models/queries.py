"""Search as an engine sees it: the query as analysed terms, the documents it looks in, what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

FACETS = ("place", "year", "topic", "kind", "portal", "status")
Sort = Literal["relevance", "newest", "oldest"]


@dataclass(frozen=True, slots=True)
class Term:
    """One analysed term (archive.terms); `field` is "title" or None for title, text and files, `weight` what it counts for."""

    term: str
    field: Literal["title"] | None = None
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Phrase:
    """Terms that must stand next to each other in one field."""

    terms: tuple[str, ...]
    field: Literal["title"] | None = None


@dataclass(frozen=True, slots=True)
class All:
    """Every node must match."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One node must match."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AtLeast:
    """So many of the nodes must match."""

    count: int
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The node must not match in title and text; what files say excludes nothing: nobody sees why."""

    node: Node


Node = Term | Phrase | All | AnyOf | AtLeast | Not


@dataclass(frozen=True, slots=True)
class Query:
    """A search as an engine receives it: analysed terms, filters by facet (OR inside one, AND across), a window.

    `node` is None to match everything. `hidden` also matches articles out of scope. Dates are YYYY-MM-DD, inclusive.
    `row` are the terms of the words as they were typed one after the other: documents that hold neighbours of it side
    by side rank higher, whatever they match by.
    """

    node: Node | None = None
    filters: Mapping[str, frozenset[str]] = field(default_factory=dict)
    published_from: str | None = None
    published_to: str | None = None
    hidden: bool = False
    sort: Sort = "relevance"
    offset: int = 0
    limit: int = 10
    facets: tuple[str, ...] = FACETS
    row: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IndexDocument:
    """An article as an engine stores it: terms by position in title and text, facet values, date, visibility.

    A position is a tuple of the terms that stand there (a syllable and its folded form). `files` are the words of its
    attachments one after the other, each ended by a position that holds nothing but `archive.terms.END_OF_FILE`.
    """

    id: str
    title: tuple[tuple[str, ...], ...]
    text: tuple[tuple[str, ...], ...]
    facets: Mapping[str, tuple[str, ...]]
    published: str
    hidden: bool
    files: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class EngineHits:
    """What an engine answers: the number of matches, the window's ids with scores, and counts by facet value."""

    total: int
    ids: tuple[tuple[str, float], ...]
    facets: Mapping[str, Mapping[str, int]]
