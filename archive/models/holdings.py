"""What the archive holds: articles with their versions and captures, what was seen when, what went wrong, how much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from archive.models.articles import Article
from archive.models.enrichment import Enrichment
from archive.models.pages import Capture


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

    @property
    def tls(self) -> Literal["unverified"] | None:
        """Whether the capture that the text is from came over a connection that nobody verified."""
        shown = self.versions[-1].capture if self.versions else None
        return next((capture.tls for capture in self.captures if capture.id == shown), None)


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
