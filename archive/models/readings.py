"""Readings: what a captured page or file turned out to be, and how the archive asks for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

from archive.models.articles import Article
from archive.models.pages import Hint, Page
from archive.models.portals import Portal


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
