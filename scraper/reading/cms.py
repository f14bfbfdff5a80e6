"""What the CMS families of this catalogue have in common: an article found by key and layouts, lists read by cards."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import ClassVar

from archive.models import Article, ExtractError, Fetch, Listing, Page, Portal
from scraper.reading.links import xml_listing
from scraper.reading.listing import find_hints, section_of, start_fetches
from scraper.reading.page import decode, tree
from scraper.reading.reader import Family, read_article, shows_article


class Cms(ABC):
    """A platform that tells its articles by their URL and reads them with its family's layouts."""

    name: ClassVar[str]
    family: ClassVar[Family]

    @abstractmethod
    def fingerprint(self, page: Page) -> bool:
        """Say whether this CMS made the page."""

    @abstractmethod
    def article_key(self, url: str) -> str | None:
        """Return the CMS's own key of the article at the URL, or None for any other URL."""

    def is_article(self, page: Page, portal: Portal) -> bool:
        """Say whether the page shows an article and not a listing, a sign-in form or a notice."""
        return shows_article(page, portal, self.family, self.article_key)

    def extract(self, page: Page, portal: Portal) -> Article:
        """Return the article on the page; raise ExtractError naming what is missing."""
        key = self.article_key(page.url)
        if key is None:
            raise ExtractError(f"{page.url} is not the address of an article")
        return read_article(page, portal, key, self.family)

    def start(self, portal: Portal) -> tuple[Fetch, ...]:
        """Return one GET for each section of the portal."""
        return start_fetches(portal)

    def parse_listing(self, page: Page, portal: Portal) -> Listing:
        """Return the articles that a list, feed or sitemap names and the requests for its next pages."""
        if not decode(page).strip():
            return Listing()
        section = section_of(portal, page.url)
        feed = xml_listing(page)
        if feed is not None:
            named = tuple(hint for hint in feed.hints if self.article_key(hint.url))
            return replace(feed, hints=tuple(replace(hint, section=hint.section or section) for hint in named))
        hints = find_hints(tree(page), page.url, self.article_key, section)
        return Listing(hints, self.next_pages(page, section))

    def next_pages(self, page: Page, section: str | None) -> tuple[Fetch, ...]:
        """Return the requests that a listing leads to; none where the CMS has no paging that can be followed."""
        return ()
