"""Texts from elsewhere (.jsonl): no CMS at all; only their own media type tells them, `scraper.extract` reads them."""

from __future__ import annotations

from typing import ClassVar

from archive.captures import TEXT_MIME
from archive.models import Article, ExtractError, Fetch, Listing, Page, Portal


class Text:
    """The platform of portals that consist of imported texts; nothing can be crawled there."""

    name: ClassVar[str] = "text"

    def fingerprint(self, page: Page) -> bool:
        """Say whether this is an imported text."""
        return page.mime == TEXT_MIME

    def article_key(self, url: str) -> str | None:
        """Return the address itself."""
        return url

    def is_article(self, page: Page, portal: Portal) -> bool:
        """Say no: a text is read without its platform, and a page cannot be one."""
        return False

    def extract(self, page: Page, portal: Portal) -> Article:
        """Raise ExtractError: a page is not a text."""
        raise ExtractError(f"{page.url} is a page, but {portal.name} holds imported texts")

    def start(self, portal: Portal) -> tuple[Fetch, ...]:
        """Return nothing to crawl."""
        return ()

    def parse_listing(self, page: Page, portal: Portal) -> Listing:
        """Return an empty listing."""
        return Listing()


PLATFORM = Text()
