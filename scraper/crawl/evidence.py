"""Evidence first: every response goes into a WARC file before anything is made of it, and is ingested from there."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.utils.defer import deferred_from_coro

from archive.captures import RUN_URI, Exchange, Original, WarcWriter, missing, now, payload_digest
from archive.health import ADVICE, HANOI, HISTORY, judge
from archive.models import ArchiveError, Hint, Known, Portal, Verdict
from archive.runs import Cause, Figures, Run
from scraper.crawl.run import CrawlWrites, crawl_run, in_words
from scraper.crawl.signs import Signs, likely_cause, refusals_in_words

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
    signs: Signs


class Evidence:
    """Downloader middleware next to the wire: writes each exchange, seals and ingests from time to time."""

    _portal: Portal
    _signs: Signs

    def __init__(self, run: CrawlWrites, crawler: Crawler) -> None:
        """Follow the crawler's spider from opening to closing."""
        self._run, self._crawler = run, crawler
        self._certificate = ""
        self._lost = ""  # why no more evidence can be kept
        crawler.signals.connect(self._opened, signals.spider_opened)
        crawler.signals.connect(self._closed, signals.spider_closed)
        crawler.signals.connect(self._keep_check, article_missed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Use the data directory that the settings name."""
        return cls(crawl_run(Path(crawler.settings["ANSINH_DATA"])), crawler)

    def _opened(self, spider: _Walker) -> None:
        self._run.open_spiders += 1
        self._portal, self._signs = spider.portal, spider.signs
        run = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
        self._id, self._flushed = run, time.monotonic()
        self._writer = WarcWriter(self._run.data.captures, self._portal.name, run)
        self._run.flushes.append(self._flush)
        # Scrapy warns there of unverified certificates, at each connection; we do when one changes.
        logging.getLogger("scrapy.core.downloader.tls").setLevel(logging.ERROR)

    def process_response(self, request: Request, response: Response) -> Response | Request:
        """Keep the exchange and pass it on, or ask again for what broke off.

        Without evidence nothing is derived, and the spider ends.
        """
        if not self._lost:
            with self._guarding():
                self._note_certificate(request, response)
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

    def _note_certificate(self, request: Request, response: Response) -> None:
        """Write down the first certificate of the portal that nobody verified: at once, for the run may be killed."""
        if self._portal.tls == "verified" or self._certificate or request.meta.get("allow_offsite"):
            return
        self._certificate = _fingerprint(response)
        if self._certificate:
            self._writer.write_metadata(f"{RUN_URI}{self._id}", {"certificate": self._certificate})

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
            if path is not None:
                self._run.ingest(path, self._portal)

    def _closed(self, spider: _Walker, reason: str) -> None:
        ending = self._finish(reason)
        self._run.flushes.remove(self._flush)
        self._run.close_spider(self._portal, f"disk: {self._lost}" if self._lost else ending)

    def _finish(self, reason: str) -> str:
        """Write down how the run ended; return for a person what was wrong with it and what to do, empty when nothing."""
        if self._lost:
            return ""
        figures = self._signs.figures(self._seen())
        verdict = self._verdict(reason, figures)
        for warning in verdict.warnings:
            _log.warning("%s: %s", self._portal.name, warning)
        troubles = refusals_in_words(figures.failures.items())
        with self._guarding():
            said = {
                "finished_at": now(),
                "outcome": "failed" if verdict.cause else "ok",
                "note": "; ".join(filter(None, (verdict.said or "; ".join(verdict.warnings), troubles))),
                "cause": verdict.cause,
                "figures": asdict(figures),
                "warnings": verdict.warnings,
                "certificate": self._certificate,
            }
            self._writer.write_metadata(f"{RUN_URI}{self._id}", said)
        self._flush()
        return f"{verdict.cause}: {verdict.said}; {ADVICE[verdict.cause]}" if verdict.cause else ""

    def _verdict(self, reason: str, figures: Figures) -> _Verdict:
        """Return what was wrong with the run: what ended it first, then what the portal showed."""
        history = [run for run in self._run.store.runs(self._portal.name, HISTORY) if run.id != self._id]
        breaches = judge(self._portal, figures, history, datetime.now(HANOI).date())
        failed = [breach.said for breach in breaches if breach.kind == "failure"]
        warnings = tuple(breach.said for breach in breaches if breach.kind == "warning")
        changed = certificate_change(self._certificate, history)
        ended = self._ended(reason) or self._lost_sections()
        if ended:
            return _Verdict(*ended, warnings=tuple(filter(None, (changed,))))
        cause = likely_cause(self._signs, self._portal) if failed else None
        return _Verdict(cause, "; ".join(failed), tuple(filter(None, (changed, *warnings))))

    def _ended(self, reason: str) -> tuple[Cause, str] | None:
        """Return what kept the run from seeing the portal; None when nothing did."""
        signs = self._signs
        if reason in _ENDINGS:
            return "stopped", _ENDINGS[reason]
        if signs.refusal:
            return signs.refusal
        if signs.has_no_contact or signs.robots or not signs.pages:
            return self._shut_out()
        raised = self._crawler.stats.get_value("spider_exceptions/count", 0)
        if raised:
            return "code", f"{raised} pages stopped the spider's code; the log says where"
        return None if reason == "finished" else ("unknown", f"ended early: {reason}")

    def _shut_out(self) -> tuple[Cause, str]:
        """Return why no page of the portal was seen."""
        signs = self._signs
        if signs.has_no_contact:
            return "no-contact", "without a contact in the User-Agent nothing beyond loopback is crawled"
        if signs.robots:
            return signs.robots, "robots.txt was unreachable; not crawled tonight"
        if signs.forbidden and not signs.sections:
            return "robots", "0 articles seen: robots.txt forbids the pages that lead to them"
        away = f"it leads to {', '.join(sorted(signs.away))}" if signs.away else ""
        _, lost = self._lost_sections() or ("", "")
        return likely_cause(signs, self._portal), "; ".join(filter(None, ("no page was answered", away, lost)))

    def _seen(self) -> int:
        """Return how many articles the portal shows."""
        seen = self._signs.seen
        if seen and self._signs.is_walk_cut:
            return max(seen, self._run.store.count_articles(self._portal.name))  # the walk ended at what is held
        return seen

    def _lost_sections(self) -> tuple[Cause, str] | None:
        """Return which sections of the catalogue did not answer, in words; None when all did."""
        lost = [f"{name} ({what})" for name, (_, what) in sorted(self._signs.sections.items())]
        if not lost:
            return None
        cause = likely_cause(self._signs, self._portal)
        return cause, f"sections that did not answer, have they moved? {', '.join(lost)}"


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What was wrong with a run: no cause when nothing was; warnings are no failure."""

    cause: Cause | None
    said: str
    warnings: tuple[str, ...] = ()


def certificate_change(certificate: str, history: Iterable[Run]) -> str:
    """Return a warning when a certificate taken unverified is not that of the latest run that took one; else nothing."""
    before = next((run.certificate for run in history if run.certificate), certificate)
    if not certificate or certificate == before:
        return ""
    return f"the server shows another certificate (SHA-256 {certificate[:16]}…, before {before[:16]}…): is it the same one?"


def _fingerprint(response: Response) -> str:
    """Return the SHA-256 of the server's certificate as 64 hexadecimal digits; empty without one."""
    certificate = response.certificate
    return certificate.digest("sha256").decode().replace(":", "").lower() if certificate is not None else ""


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
