"""Evidence first: every response goes into a WARC file before anything is made of it, and is ingested from there."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.utils.defer import deferred_from_coro

from archive.captures import RUN_URI, Exchange, Original, WarcWriter, missing, now, payload_digest
from archive.models import ArchiveError, Expects, Hint, Known, Portal, Verdict
from scraper.run import CrawlRun, crawl_run, in_words

article_missed = object()  # signal (url, verdict, detail): an article was looked for and not seen

_log = logging.getLogger(__name__)
_KEPT = "what it captured is kept, the next crawl goes on"
_ENDINGS = {  # Scrapy's words for a run that somebody or something ended
    "shutdown": f"stopped by a signal; {_KEPT}",
    "closespider_timeout": f"ended after night_seconds (ansinh.toml); {_KEPT}",
    "closespider_pagecount": f"ended after night_pages (ansinh.toml); {_KEPT}",
    "memusage_exceeded": f"ended for its use of memory; {_KEPT}",
}
FLUSH_SECONDS = 60  # how long a captured page may wait until it is sealed, ingested and acknowledged


class Truncated(Exception):
    """A response whose Content-Encoding has no end, twice, or unfolds without one: it is kept and nothing is made of it."""


class _Walker(Protocol):
    """A spider, as far as evidence needs to know it."""

    portal: Portal


class Evidence:
    """Downloader middleware next to the wire: writes each exchange, seals and ingests from time to time."""

    _portal: Portal

    def __init__(self, run: CrawlRun, crawler: Crawler) -> None:
        """Follow the crawler's spider from opening to closing."""
        self._run, self._crawler = run, crawler
        self._lost = ""  # why no more evidence can be kept
        self._capture_only = crawler.settings.getbool("ANSINH_CAPTURE_ONLY")
        crawler.signals.connect(self._opened, signals.spider_opened)
        crawler.signals.connect(self._closed, signals.spider_closed)
        crawler.signals.connect(self._keep_check, article_missed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Use the data directory that the settings name."""
        return cls(crawl_run(Path(crawler.settings["ANSINH_DATA"])), crawler)

    def _opened(self, spider: _Walker) -> None:
        self._run.open_spiders += 1
        self._portal = spider.portal
        run = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
        self._id, self._flushed = run, time.monotonic()
        self._writer = WarcWriter(self._run.data.captures, self._portal.name, run)
        self._run.flushes.append(self._flush)

    def process_response(self, request: Request, response: Response) -> Response | Request:
        """Keep the exchange and pass it on, or ask again for what broke off.

        Without evidence nothing is derived, and the spider ends.
        """
        if not self._lost:
            with self._guarding():
                self._keep(request, response)
        if self._lost:
            raise IgnoreRequest(self._lost)
        why = _missing(response)
        return self._retry(request, why) if why else response

    def _retry(self, request: Request, why: str) -> Request:
        """Return the request to be made once more; raise Truncated when it has been, or the body unfolds to too much."""
        if why == "length" or "truncated" in request.meta:
            raise Truncated(request.url)
        return request.replace(meta={**request.meta, "truncated": True}, dont_filter=True)

    def _troubles(self) -> str:
        """Return which requests came to nothing, in words; empty when all were answered."""
        stats = self._crawler.stats.get_stats()
        named = {key.removeprefix("failures/"): count for key, count in stats.items() if key.startswith("failures/")}
        counts = [
            f"{name} {count}" for name, count in sorted(named.items()) if name not in ("IgnoreRequest", "HttpError")
        ]
        return f"requests that failed: {', '.join(counts)}" if counts else ""

    @contextmanager
    def _guarding(self) -> Iterator[None]:
        """Remember what keeps evidence from being written, and end the spider for it."""
        try:
            yield
        except (OSError, ArchiveError) as error:
            self._lost = in_words(error, self._run.data.captures)
            engine = self._crawler.engine
            if engine is not None and engine.running:
                deferred_from_coro(engine.close_spider_async(reason="evidence"))

    def _keep(self, request: Request, response: Response) -> None:
        """Write the exchange, as a revisit when the payload is that of an earlier capture or has not changed (304)."""
        record = self._writer.write(_exchange(request, response), self._original(request, response))
        hint: Hint | None = request.meta.get("hint")
        if hint is not None and response.status == 200:  # what the listing said about this page is evidence too
            self._writer.write_metadata(request.url, {"hint": asdict(hint)}, about=record)
        if self._writer.is_full or time.monotonic() - self._flushed > FLUSH_SECONDS:
            self._flush()

    def _original(self, request: Request, response: Response) -> Original | None:
        known: Known | None = request.meta.get("known")
        if response.status == 304 and known is not None:
            return Original(known.url, known.fetched_at, known.payload)
        held = self._run.store.find_original(request.url, payload_digest(response.body).removeprefix("sha1:"))
        return Original(held.url, held.fetched_at) if held and response.status == held.status else None

    def _keep_check(self, url: str, verdict: Verdict, detail: str) -> None:
        """Write down that an article was looked for and not seen, where no response says so by itself."""
        if self._lost:
            return
        with self._guarding():
            self._writer.write_metadata(url, {"check": {"verdict": verdict, "detail": detail}})

    def _flush(self) -> None:
        if self._lost:
            return
        with self._guarding():
            path = self._writer.seal()
            self._flushed = time.monotonic()
            if path is not None and not self._capture_only:
                self._run.ingest(path, self._portal)

    def _closed(self, spider: _Walker, reason: str) -> None:
        complaint = self._lost or self._finish(reason)
        self._run.flushes.remove(self._flush)
        self._run.close_spider(self._portal, self._lost or complaint)

    def _finish(self, reason: str) -> str:
        """Write down how the run ended, and return what was wrong with it."""
        complaint = ""
        with self._guarding():
            complaint = self._complaint(reason)
            remarks = (complaint, "" if complaint else self._surplus(), "" if complaint else self._troubles())
            said = {
                "finished_at": now(),
                "outcome": "failed" if complaint else "ok",
                "note": "; ".join(filter(None, remarks)),
            }
            self._writer.write_metadata(f"{RUN_URI}{self._id}", said)
        self._flush()
        return complaint

    def _complaint(self, reason: str) -> str:
        """Return what was not as expected of a healthy run, in words; empty when all was."""
        count = self._crawler.stats.get_value
        if reason in _ENDINGS:
            return _ENDINGS[reason]
        if count("routes/no_contact", 0):
            return "set `contact` (an address for the User-Agent) in ansinh.toml: without it nothing beyond loopback is crawled"
        if count("robotstxt/unreachable", 0):
            return "robots.txt was unreachable; not crawled tonight"
        if not count("downloader/response_status_count/200", 0):
            return "no page was answered"
        raised = count("spider_exceptions/count", 0)
        if raised:
            return f"{raised} pages stopped the spider's code; the log says where"
        fetched = count("articles/fetched", 0)
        broken = expectation_failure(self._portal.expects, self._seen(), fetched, count("articles/dated", 0))
        return self._lost_sections() or broken or ("" if reason == "finished" else f"ended early: {reason}")

    def _seen(self) -> int:
        """Return how many articles the portal shows."""
        seen: int = self._crawler.stats.get_value("articles/seen", 0)
        if seen and self._crawler.stats.get_value("listings/known", 0):
            return max(seen, self._run.store.count_articles(self._portal.name))  # the walk ended at what is held
        return seen

    def _lost_sections(self) -> str:
        """Return which sections of the catalogue did not answer, in words; empty when all did."""
        stats = self._crawler.stats.get_stats()
        lost = [
            f"{key.removeprefix('sections/')} ({what})" for key, what in stats.items() if key.startswith("sections/")
        ]
        return f"sections that did not answer, have they moved? {', '.join(sorted(lost))}" if lost else ""

    def _surplus(self) -> str:
        """Return what is more than expected: a reason to look at the run, none to call it failed."""
        most = (self._portal.expects.articles or (0, None))[1]
        seen = self._seen()
        if most is None or seen <= most:
            return ""
        said = f"{seen} articles seen, at most {most} expected: does a listing lead to what is no article?"
        _log.warning("%s: %s", self._portal.name, said)
        return said


def expectation_failure(expects: Expects, seen: int, fetched: int, dated: int) -> str:
    """Return which expectation the numbers of a run break; empty when none.

    `seen` counts articles that the portal shows, new or not; `dated` those with a date among the `fetched`.
    """
    least, _ = expects.articles or (1, None)
    if seen < least:
        return f"{seen} articles seen, at least {least} expected: has the portal's layout changed?"
    if expects.dated is not None and dated < expects.dated * fetched:
        return f"{dated} of {fetched} articles dated, {expects.dated:.0%} expected: has the date line changed?"
    return ""


def _exchange(request: Request, response: Response) -> Exchange:
    return Exchange(
        url=request.url,
        status=response.status,
        request_headers=_headers(request),
        response_headers=_headers(response),
        body=response.body,
        method=request.method,
        request_body=request.body,
        truncated="disconnect" if _missing(response) == "disconnect" else "",
    )


def _missing(response: Response) -> str:
    encodings = b",".join(response.headers.getlist("Content-Encoding"))
    return missing(response.body, encodings.decode("latin-1")) if encodings else ""


def _headers(message: Request | Response) -> list[tuple[str, str]]:
    return [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in message.headers.items()
        for value in values
    ]
