"""robots.txt as RFC 9309 wants it: a server that cannot answer for it is not crawled tonight."""

from __future__ import annotations

import logging

from scrapy import Request
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from twisted.internet.defer import Deferred

# Its log of an unreachable robots.txt is a traceback; the run says the same in words (Evidence).
logging.getLogger(RobotsTxtMiddleware.__module__).setLevel(logging.CRITICAL)

_CLOSED = b"User-agent: *\nDisallow: /\n"
_LONGEST = 500 * 1024  # RFC 9309 section 2.5


class PoliteRobots(RobotsTxtMiddleware):
    """Scrapy reads any answer as rules and crawls on without one; here 5xx, 429 and silence forbid everything."""

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status >= 500 or response.status == 429:
            self._stats.inc_value("robotstxt/unreachable")
            body = _CLOSED
        else:
            body = response.body[:_LONGEST] if response.status < 400 else b""
        await super()._parse_robots(response.replace(body=body), netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        if isinstance(exc, IgnoreRequest):
            super()._robots_error(exc, netloc)
            return
        self._stats.inc_value("robotstxt/unreachable")
        waiting, closed = self._parsers[netloc], self._parserimpl.from_crawler(self.crawler, _CLOSED)
        self._parsers[netloc] = closed
        if isinstance(waiting, Deferred):
            waiting.callback(closed)
