"""Cookie gates: pages that only set a cookie and ask again (portals.md sections 0.5 and 4). Opened where an entry says so."""

from __future__ import annotations

from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response, TextResponse

from archive.models import Portal
from scraper.crawl.signs import signs_of
from scraper.quarantine import gate_cookie


class Gated(IgnoreRequest):
    """A page of a cookie gate that the portal's entry does not open, or that stays shut: it is kept as evidence only."""


class Gates:
    """Downloader middleware after decompression: counts answers, and repeats a request once with the gate's cookie.

    The cookie is of the name that the entry gives (`cookie = "D1N"`); elsewhere a gate is a gate. Once known it is sent
    with every request to the portal's hosts.
    """

    def __init__(self, crawler: Crawler) -> None:
        """Remember the crawler, whose spider is not there yet."""
        self._crawler = crawler
        self._cookie = ""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Watch the crawler's spider."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Show the cookie of a gate that was opened before."""
        if self._cookie and not request.meta.get("allow_offsite"):
            request.headers["Cookie"] = self._cookie

    def process_response(self, request: Request, response: Response) -> Response | Request:
        """Pass the response on, or ask again with the gate's cookie; raise Gated for a gate that stays shut."""
        if request.meta.get("allow_offsite") or request.meta.get("dont_obey_robotstxt"):
            return response
        signs, gate = signs_of(self._crawler.spider), gate_cookie(response.body)
        if gate is None:
            signs.note_answer(response.status, isinstance(response, TextResponse) and response.status == 200)
            return response
        name, value = gate
        portal: Portal = self._crawler.spider.portal  # type: ignore[union-attr]  # our spiders have one
        if name == portal.cookie and "gate" not in request.meta:
            self._cookie = f"{name}={value}"
            return request.replace(meta={**request.meta, "gate": True}, dont_filter=True)
        signs.note_gate()
        raise Gated(f"{request.url} only sets the cookie {name}")
