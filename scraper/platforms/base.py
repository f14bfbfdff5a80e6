"""What a platform promises: where articles are listed, which URL is which article, and how a page becomes one."""

from __future__ import annotations

from typing import ClassVar, Protocol

from archive.models import Article, Fetch, Listing, Page, Portal


class Platform(Protocol):
    """One CMS family. Every method is pure: no network, no clock; the same page always gives the same answer."""

    name: ClassVar[str]

    def fingerprint(self, page: Page) -> bool:
        """Say whether the page was made by this CMS (any mark of portals.md section 1)."""
        ...

    def article_key(self, url: str) -> str | None:
        """Return the CMS's own stable key of the article at a URL, or None for any other URL.

        Print views, feeds, REST answers, downloads and paging have no key. Two URLs of one article have equal keys.
        """
        ...

    def is_article(self, page: Page, portal: Portal) -> bool:
        """Say whether a page at an article's URL shows one (false for a password form, a listing, a notice)."""
        ...

    def extract(self, page: Page, portal: Portal) -> Article:
        """Return the article on the page; raise ExtractError naming the field that cannot be found."""
        ...

    def start(self, portal: Portal) -> tuple[Fetch, ...]:
        """Return the requests that open the portal's listings, one for each of its sections at least."""
        ...

    def parse_listing(self, page: Page, portal: Portal) -> Listing:
        """Return the hints and next pages of a listing; an empty one for a page that lists nothing."""
        ...
