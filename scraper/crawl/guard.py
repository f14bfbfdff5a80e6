"""Pages that would keep a spider busy for too long never reach it: the other portals share its process."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from archive.models import ExtractError, Page
from scraper.crawl.run import crawl_run
from scraper.extract import PageRefused, is_small


class Guard:
    """Downloader middleware after decompression: reads what is large in the child process, before a spider parses it."""

    def __init__(self, crawler: Crawler) -> None:
        """Remember the crawler, whose spider is not there yet."""
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Guard the crawler's spider."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """Pass the response on; raise PageRefused for a page that is kept but not parsed."""
        mime = (response.headers.get("Content-Type") or b"").decode("latin-1")
        page = Page(response.url, response.body, response.status, {"content-type": mime})
        if is_small(page):
            return response
        try:
            extraction = crawl_run(Path(self._crawler.settings["ANSINH_DATA"])).extraction
            extraction.look(page, self._crawler.spider.portal)  # type: ignore[union-attr]  # our only spiders
        except PageRefused:
            raise
        except ExtractError:
            pass  # the spider finds that out by itself
        return response
