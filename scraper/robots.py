"""robots.txt as RFC 9309 wants it: a server that cannot answer for it is not crawled tonight."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from scrapy import Request
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import RobotParser
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.defer import Deferred

_CLOSED = b"User-agent: *\nDisallow: /\n"
_LONGEST = 500 * 1024  # RFC 9309 section 2.5


class PoliteRobots(RobotsTxtMiddleware):
    """Scrapy reads any answer as rules and crawls on without one; here 5xx, 429 and silence forbid everything.

    A host that only keeps files of articles is asked, too; Scrapy takes its silence about other sites for a yes.
    """

    async def robot_parser(self, request: Request) -> RobotParser | None:
        """Return the rules of the request's host, asked for once in a run."""
        netloc = urlsplit(request.url).netloc
        if netloc not in self._parsers:
            waiting = self._parsers[netloc] = Deferred()
            rules = self._parserimpl.from_crawler(self.crawler, await self._rules(request))
            self._parsers[netloc] = rules
            waiting.callback(rules)
        parser = self._parsers[netloc]
        return await maybe_deferred_to_future(parser) if isinstance(parser, Deferred) else parser

    async def _rules(self, request: Request) -> bytes:
        asked = Request(
            urljoin(request.url, "/robots.txt"),
            callback=NO_CALLBACK,
            priority=self.DOWNLOAD_PRIORITY,
            meta={"dont_obey_robotstxt": True, "allow_offsite": request.meta.get("allow_offsite", False)},
        )
        self._stats.inc_value("robotstxt/request_count")
        try:
            response = await self.crawler.engine.download_async(asked)
        except IgnoreRequest:
            return b""  # no request may go there, and each will be told so
        except Exception:  # noqa: BLE001  whatever it is that keeps an answer away
            return self._unreachable(request)
        if response.status >= 500 or response.status == 429:
            return self._unreachable(request)
        return response.body[:_LONGEST] if response.status < 400 else b""

    def _unreachable(self, request: Request) -> bytes:
        """Count a host that does not answer for its robots.txt; one of files does not fail the portal."""
        own: list[str] = getattr(self.crawler.spider, "allowed_domains", [])
        is_own = urlsplit(request.url).hostname in own
        self._stats.inc_value("robotstxt/unreachable" if is_own else "failures/RobotsUnreachable")
        return _CLOSED
