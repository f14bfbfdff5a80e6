"""Enrichment: what rules infer from an article, each fact with the words that show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

TOPICS = (
    "giam-ngheo",
    "viec-lam",
    "dao-tao-nghe",
    "nguoi-co-cong",
    "bao-tro-xa-hoi",
    "tre-em",
    "binh-dang-gioi",
    "te-nan-xa-hoi",
    "bao-hiem",
    "an-toan-lao-dong",
    "nha-o",
    "nguoi-cao-tuoi",
    "nguoi-khuyet-tat",
)


@dataclass(frozen=True, slots=True)
class Place:
    """A district (or a commune within it) that an article is about, named as it was on the article's date."""

    id: str
    gso: str
    name: str
    type: str
    province: str
    province_now: str
    role: Literal["subject", "mentioned"] = "subject"
    commune: str | None = None
    successors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A numbered plan, decision or report that an article announces or cites."""

    id: str
    number: str
    kind: str
    issuer: str | None
    date: str | None
    role: Literal["announces", "cites"]


@dataclass(frozen=True, slots=True)
class Naming:
    """One article that names a document: its id, title and publication, and what it does with the document."""

    article: str
    title: str
    published: str | None
    role: Literal["announces", "cites"]


@dataclass(frozen=True, slots=True)
class DocumentEntry:
    """All that the archive holds about one document: what its articles tell of it, and the articles.

    `articles` has those that announce it first, then the newest; `total` counts all, also those left out by a limit.
    """

    id: str
    number: str
    kind: str
    issuer: str | None
    date: str | None
    articles: tuple[Naming, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Claim:
    """A numeric target or result, cut literally from the text.

    `value` is in `unit`, money in đồng; of a range it is the lower end, `value_max` the upper. `out_of` is the whole of
    "13/15 xã". `place` is the id of a district, followed by "/" and the name of a commune for a figure of that part
    alone; None where it is of more than a district or undecided. `plan_share` and `yoy` are in percent.
    """

    id: str
    kind: Literal["target", "result"]
    indicator: str
    value: float
    value_max: float | None
    out_of: float | None
    unit: str
    comparator: Literal["=", ">=", "<=", "~"]
    direction: Literal["down", "up", "level", "total"]
    year: int | None
    period: str | None
    place: str | None
    assigner: str | None
    sub_population: str | None
    plan_share: float | None
    yoy: float | None
    confidence: float
    quote: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """How a derived fact is known: the rule, and the words it read, as offsets into the article's text.

    `start` and `end` are None for a fact that was not read in the text (the portal's unit, say).
    """

    field: str
    value: str
    rule: str
    quote: str
    start: int | None
    end: int | None
    confidence: float


@dataclass(frozen=True, slots=True)
class Enrichment:
    """Everything inferred from an article by rules: the answer of `enrich`, a pure function."""

    places: tuple[Place, ...] = ()
    place_candidates: tuple[Place, ...] = ()
    years: tuple[int, ...] = ()
    topics: tuple[str, ...] = ()
    documents: tuple[Document, ...] = ()
    claims: tuple[Claim, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    sensitive: tuple[str, ...] = ()
    enriched_by: str = ""
