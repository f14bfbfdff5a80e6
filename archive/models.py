"""The nouns of the archive: frozen records that every other module speaks in, and the errors it raises.

ArchiveError            something a person must act on; its message says what, where and what to do
├── QueryError          a search that cannot be understood
└── NotFound            an id that the archive does not hold
ExtractError            a captured page is not what its platform said; the page is kept, a problem is recorded
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, Protocol

SCHEMA = 1

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

PublishedSource = Literal["page", "listing", "url", "feed", "sitemap", "meta"]
BodyKind = Literal["p", "h", "li", "tr", "caption"]
Via = Literal["live", "warc", "wayback", "commoncrawl", "file"]
Sort = Literal["relevance", "newest", "oldest"]


class ArchiveError(Exception):
    """Something a person must act on; the message says what is wrong, where, and what to do."""


class QueryError(ArchiveError):
    """A search that cannot be understood: `code` is a key of QUERY_ERRORS, `values` fill its sentence.

    The message is that sentence, in English; the web UI says the same by code in the reader's language.
    """

    def __init__(self, code: str, **values: int | str) -> None:
        super().__init__(QUERY_ERRORS[code].format(**values))
        self.code = code
        self.values = values


QUERY_ERRORS = {
    "length": "the query is {length} characters long; at most {limit} can be searched for",
    "empty": "the query has no word to search for; type at least one word or document number",
    "words": "the query has too many words; at most {limit} can be searched for",
    "phrase": "a phrase between quotation marks has at most {limit} words",
    "phrases": "the query has too many phrases; at most {limit} can be searched for",
    "limit": "a page has 1 to {limit} hits",
    "page": "only the first {limit} hits can be seen; narrow the query",
    "day": "days are written year-month-day, as in 2020-01-31",
    "span": "the first day must come before the last",
    "filter": "there is no filter called {name}",
}


class NotFound(ArchiveError):
    """An id that the archive does not hold."""


class ExtractError(Exception):
    """A captured page is not what its platform says; names the selector or the field at fault."""


def digest(data: bytes | str) -> str:
    """Return the SHA-256 of the bytes (of UTF-8 for a string) as 64 hexadecimal digits."""
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def short_id(*parts: str) -> str:
    """Return 12 base32 characters that name the parts; equal parts give equal ids on every machine."""
    return base64.b32encode(hashlib.sha256(":".join(parts).encode()).digest()).decode()[:12]


@dataclass(frozen=True, slots=True)
class DataDir:
    """Where everything lies (design section 3): evidence under captures/, the rest derived or typed by people."""

    path: Path

    @property
    def captures(self) -> Path:
        """Evidence: WARC files by portal and month, and imported files."""
        return self.path / "captures"

    @property
    def imported(self) -> Path:
        """Imported files under the name of their SHA-256, each with its <file>.json beside it."""
        return self.captures / "imported"

    @property
    def database(self) -> Path:
        """The SQLite database, derived from the captures."""
        return self.path / "ansinh.db"

    @property
    def index(self) -> Path:
        """The search indexes, one folder an engine, derived from the database."""
        return self.path / "index"

    @property
    def portals(self) -> Path:
        """The operator's own portals, beside the built-in catalogue."""
        return self.path / "portals"

    @property
    def settings(self) -> Path:
        """The settings file; every setting is optional."""
        return self.path / "ansinh.toml"

    @property
    def corrections(self) -> Path:
        """Facts that people corrected, never derived."""
        return self.path / "corrections.toml"

    @property
    def takedowns(self) -> Path:
        """What people closed, never derived."""
        return self.path / "takedowns.toml"

    @property
    def lock(self) -> Path:
        """The file that the one writing process holds locked."""
        return self.path / "write.lock"


# --- portals -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Host:
    """A host name and the dates between which the portal used it; None is an open end."""

    name: str
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """The place (GSO id) that published on a portal, by publication date; None is an open end."""

    place: str
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Expects:
    """What a healthy crawl of a portal shows: articles seen (least, most) and the least share with a date."""

    articles: tuple[int, int] | None = None
    dated: float | None = None


@dataclass(frozen=True, slots=True)
class Portal:
    """One website of a government unit, as the catalogue describes it."""

    name: str
    title: str
    platform: str
    hosts: tuple[Host, ...]
    home: str
    units: tuple[Unit, ...] = ()
    province: str | None = None
    sections: Mapping[str, str] = field(default_factory=dict)
    selectors: Mapping[str, str] = field(default_factory=dict)
    expects: Expects = field(default_factory=Expects)
    verified: str = "fixture"
    cookie: str = ""
    tls: Literal["verified", "unverified"] = "verified"


# --- captures ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Page:
    """One captured response as extraction sees it: bytes and headers, no network and no clock behind it.

    `headers` has lower-case names; `body` is decoded of any Content-Encoding; `fetched_at` is UTC with Z.
    """

    url: str
    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    fetched_at: str = ""

    @property
    def mime(self) -> str:
        """The media type without its parameters, in lower case; empty when the server sent none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Capture:
    """Where the bytes of one response lie: file (relative to the data directory), offset, digest of the payload."""

    id: str
    portal: str
    url: str
    fetched_at: str
    via: Via
    status: int
    mime: str
    sha256: str
    warc: str
    offset: int


@dataclass(frozen=True, slots=True)
class Hint:
    """What a listing, feed, sitemap or REST answer said about an article: how to find and date it, never its text."""

    url: str
    source: Literal["listing", "feed", "sitemap", "rest"] = "listing"
    published: str | None = None
    section: str | None = None
    title: str | None = None


# --- articles ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that an article offers; `capture` and `sha256` are None until its bytes are held."""

    name: str
    url: str
    type: str = ""
    sha256: str | None = None
    capture: str | None = None
    text: bool = False


@dataclass(frozen=True, slots=True)
class Article:
    """What one page says: the answer of extraction, before anything is inferred from it.

    `body` and `kinds` are parallel; `published` is ISO 8601 with +07:00, or a date, or None.
    """

    portal: str
    key: str
    url: str
    title: str
    body: tuple[str, ...]
    kinds: tuple[BodyKind, ...]
    section: str = ""
    summary: str = ""
    author: str = ""
    source: str = ""
    language: str = "vi"
    attachments: tuple[Attachment, ...] = ()
    images: tuple[str, ...] = ()
    published: str | None = None
    published_source: PublishedSource | None = None
    updated: str | None = None
    extracted_by: str = ""

    @property
    def id(self) -> str:
        """The permanent id: from portal and article key alone, so it survives re-crawls and slug edits."""
        return short_id("1", self.portal, self.key)

    @property
    def text(self) -> str:
        """Title, summary and body joined by blank lines: the text that all offsets count in, in code points."""
        return article_text(self.title, self.summary, self.body)

    @property
    def sha256(self) -> str:
        """The digest of the text: what makes a version."""
        return digest(self.text)


def article_text(title: str, summary: str, body: tuple[str, ...] | list[str]) -> str:
    """Join title, summary and body by blank lines, leaving out what is empty."""
    return "\n\n".join(part for part in (title, summary, *body) if part)


SOURCE_ORDER: tuple[str, ...] = ("listing", "feed", "sitemap", "rest")


def with_hints(article: Article, hints: tuple[Hint, ...]) -> Article:
    """Return the article with section and date filled from hints where the page itself gave none.

    A listing is believed before a feed, a feed before a sitemap (portals.md section 2); equals are taken in text order,
    so that the result does not depend on the order in which captures were read.
    """
    ranked = sorted(hints, key=lambda h: (SOURCE_ORDER.index(h.source), h.published or "~", h.section or "~"))
    if article.published is None:
        dated = next((h for h in ranked if h.published), None)
        if dated is not None:
            source: PublishedSource = "listing" if dated.source == "rest" else dated.source
            article = replace(article, published=dated.published, published_source=source)
    if not article.section:
        article = replace(article, section=next((h.section for h in ranked if h.section), ""))
    return article


@dataclass(frozen=True, slots=True)
class Listing:
    """What a listing page offers: hints about articles, and the requests that lead to its next pages."""

    hints: tuple[Hint, ...] = ()
    next: tuple[Fetch, ...] = ()


@dataclass(frozen=True, slots=True)
class Fetch:
    """A request that a platform asks for: GET, or POST when `form` or `json` (a body of that type) is given."""

    url: str
    form: tuple[tuple[str, str], ...] | None = None
    headers: tuple[tuple[str, str], ...] = ()
    section: str | None = None
    json: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a captured page turned out to be: an article, a listing (hints only), or neither."""

    article: Article | None = None
    hints: tuple[Hint, ...] = ()


Outcome = Literal["text", "scan", "locked", "unreadable", "too-large", "other"]


@dataclass(frozen=True, slots=True)
class FileReading:
    """What a captured file (PDF, DOCX, DOC) says: its text where the outcome is "text", otherwise why there is none.

    scan: pages without letters; locked: by a password; unreadable: broken; too-large: or too costly to be read; other:
    of a kind that is not read. `partial` where only the beginning was read; `size` in bytes; `note` says why, or how far.
    """

    outcome: Outcome
    text: str = ""
    partial: bool = False
    size: int = 0
    note: str = ""
    extracted_by: str = ""


class Extractor(Protocol):
    """How the archive asks for extraction without knowing any platform; `scraper.extract` implements it."""

    def portals(self) -> tuple[Portal, ...]:
        """Return every portal of the catalogue."""
        ...

    def recognise(self, host: str, pages: Iterable[Page]) -> Portal | None:
        """Return a portal for an unknown host, named after it, or None when no platform knows any of its pages."""
        ...

    def find_portal(self, url: str, fetched_at: str) -> Portal | None:
        """Return the catalogued portal that owned the URL's host at that time."""
        ...

    def get_portal(self, name: str) -> Portal:
        """Return the catalogued portal of that name; raise ArchiveError naming the nearest ones."""
        ...

    def article_id(self, url: str, portal: Portal) -> str | None:
        """Return the id of the article at a URL of the portal, or None when the URL is of no article."""
        ...

    def read(self, page: Page, portal: Portal) -> Reading:
        """Return what the page says; raise ExtractError when it should be an article and cannot be read."""
        ...

    def read_file(self, page: Page) -> FileReading | None:
        """Return what a captured file says, or why it cannot be read; None for what is no such file."""
        ...


# --- enrichment ----------------------------------------------------------------------------------------------


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


# --- what the archive holds ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Version:
    """One state of an article's text and the times between which it was seen (UTC)."""

    n: int
    first_seen: str
    last_seen: str
    sha256: str
    capture: str


@dataclass(frozen=True, slots=True)
class Sighting:
    """One capture of an article with what it said: the raw material of versions."""

    capture: Capture
    article: Article


Verdict = Literal["removed", "home", "soft-404", "blocked", "error", "unreachable"]


@dataclass(frozen=True, slots=True)
class Check:
    """One time that an article was looked for and not seen, and how that showed.

    removed (404, 410), home (redirected to the portal's start), soft-404 (answered like an address that never was)
    speak of the article; blocked (401, 403, 429), error (5xx) and unreachable speak of the night. `failed_run` is the run
    that looked, where it failed as a whole: alone it says nothing of an article.
    """

    at: str
    verdict: Verdict
    detail: str = ""
    failed_run: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What a crawler needs to ask whether an article has changed: address, validators, and the capture they belong to."""

    article: str
    url: str
    etag: str
    modified: str
    fetched_at: str
    payload: str


@dataclass(frozen=True, slots=True)
class Entry:
    """All that the archive holds about one article; `seq` grows with every change."""

    article: Article
    enrichment: Enrichment
    not_after: str
    versions: tuple[Version, ...]
    captures: tuple[Capture, ...]
    same_as: tuple[str, ...] = ()
    status: Literal["live", "gone", "unknown"] = "unknown"
    seq: int = 0

    @property
    def id(self) -> str:
        """The article's permanent id."""
        return self.article.id


@dataclass(frozen=True, slots=True)
class Problem:
    """A capture that could not become what it should: kept, listed, and healed by extracting again."""

    portal: str
    capture: str
    url: str
    reason: str
    detail: str
    fetched_at: str


@dataclass(frozen=True, slots=True)
class Totals:
    """How much the archive holds; `behind` counts the changes that the index does not show yet, `unread` the files
    whose text was not read yet."""

    articles: int
    in_scope: int
    captures: int
    portals: int
    problems: int
    first_published: str | None
    last_published: str | None
    last_fetched: str | None
    behind: int = 0
    unread: int = 0


# --- search --------------------------------------------------------------------------------------------------

FACETS = ("place", "year", "topic", "kind", "portal", "status")


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


Json = dict[str, Any]
