"""robots.txt as RFC 9309 wants it: a server that cannot answer for it is not crawled tonight."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from scrapy import Request
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import RobotParser
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.defer import Deferred

from archive.captures import read_record
from archive.models import ArchiveError
from archive.runs import Cause
from scraper.crawl.run import CrawlWrites, crawl_run
from scraper.crawl.signs import cause_of_error, signs_of

_CLOSED = b"User-agent: *\nDisallow: /\n"
_KEPT = timedelta(hours=24)
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
        """Return the rules as they were captured less than a day ago (RFC 9309 section 2.4), else as they are now."""
        url = urljoin(request.url, "/robots.txt")
        kept = recent(crawl_run(Path(self.crawler.settings["ANSINH_DATA"])), url, datetime.now(UTC))
        return await self._ask(request, url) if kept is None else kept[:_LONGEST]

    async def _ask(self, request: Request, url: str) -> bytes:
        asked = Request(
            url,
            callback=NO_CALLBACK,
            priority=self.DOWNLOAD_PRIORITY,
            meta={"dont_obey_robotstxt": True, "allow_offsite": request.meta.get("allow_offsite", False)},
        )
        self._stats.inc_value("robotstxt/request_count")
        try:
            response = await self.crawler.engine.download_async(asked)
        except IgnoreRequest:
            return b""  # no request may go there, and each will be told so
        except Exception as error:  # noqa: BLE001  whatever it is that keeps an answer away
            cause = cause_of_error(error)
            return self._unreachable(request, "robots" if cause == "unknown" else cause)
        if response.status >= 500 or response.status == 429:
            return self._unreachable(request, "robots")
        return response.body[:_LONGEST] if response.status < 400 else b""

    def _unreachable(self, request: Request, cause: Cause) -> bytes:
        """Note why a host does not answer for its robots.txt; one of files does not fail the portal."""
        signs = signs_of(self.crawler.spider)
        own: list[str] = getattr(self.crawler.spider, "allowed_domains", [])
        if urlsplit(request.url).hostname in own:
            signs.robots = cause
        else:
            signs.failures["RobotsUnreachable"] += 1
        return _CLOSED


def recent(run: CrawlWrites, url: str, at: datetime) -> bytes | None:
    """Return what a robots.txt said when it was answered less than a day before; None when it has to be asked for."""
    answer = run.store.last_answer(url)
    if answer is None or answer.fetched_at <= (at - _KEPT).strftime("%Y-%m-%dT%H:%M:%SZ"):
        return None
    if answer.status in (404, 410):
        return b""
    try:
        held = run.store.get_bytes_of(answer.id)
        return read_record(run.data.path / held.warc, held.offset).body if answer.status == 200 else None
    except ArchiveError:  # taken down, or on the disk of another machine
        return None
