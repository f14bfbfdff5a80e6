"""Runs spiders in this process and waits for them."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from types import FrameType, MappingProxyType
from typing import Any

from scrapy.crawler import CrawlerProcess
from scrapy.settings import Settings
from scrapy.utils.project import get_project_settings
from twisted.internet.defer import Deferred, DeferredSemaphore
from twisted.internet.task import LoopingCall
from twisted.python.failure import Failure

from archive.ingest import Change, Tally
from archive.models import DataDir, Portal
from scraper.configuration import read_settings
from scraper.crawl.run import CaptureRun, CrawlRun, CrawlWrites, Sealed, begin

_log = logging.getLogger(__name__)


def crawl_portals(
    data: DataDir, portals: Iterable[Portal], on_change: Callable[[Change], None], recheck: str = "due"
) -> tuple[Tally, dict[str, str]]:
    """Crawl the portals, `portals_at_once` side by side, and index what they gave.

    `recheck` says which held pages are asked for again: those "due" (`archive.rechecks`) or "all".
    Return the counts, and for each portal that did not do as expected what was wrong. Raise Busy when another process
    writes to the data directory.
    """
    run = begin(CrawlRun(data))
    run.on_change = on_change
    run.catch_up()
    crawl_in_turn(run, [portal.name for portal in portals], recheck, read_settings(data).portals_at_once)
    return run.tally, run.failed


def capture_portals(
    data: DataDir, portals: Sequence[Portal], on_seal: Callable[[Sealed], None], recheck: str = "due"
) -> tuple[list[Sealed], dict[str, str]]:
    """Crawl the portals into evidence files, acknowledging each, and leave the ingest to another process.

    Return the files, and for each portal that did not do as expected what was wrong. Raise Busy when another such
    process has one of the portals; those with other portals may run beside it, in the same data directory, too.
    """
    run = begin(CaptureRun(data, [portal.name for portal in portals]))
    run.on_seal = on_seal
    run.catch_up()
    crawl_in_turn(run, [portal.name for portal in portals], recheck, read_settings(data).portals_at_once)
    return run.sealed, run.failed


class Watcher:
    """Is told when a portal's turn comes and when it is over; this one does not care."""

    def begin(self, name: str) -> None:
        """Take note that a portal's crawl begins."""

    def end(self, name: str, complaint: str) -> None:
        """Take note that a portal's crawl has ended, and of what was wrong with it, if anything."""


_NOBODY = Watcher()


def crawl_in_turn(
    run: CrawlWrites,
    names: Sequence[str],
    recheck: str,
    at_once: int,
    watcher: Watcher = _NOBODY,
    overrides: Mapping[str, object] = MappingProxyType({}),
) -> None:
    """Crawl portals in this order, so many at once, and return when the last has ended.

    `overrides` are settings of Scrapy for this process. What was wrong with a portal stands in `run.failed`.
    """
    settings = settings_of(run.data)
    settings.setdict(dict(overrides), priority="cmdline")
    process, turns = CrawlerProcess(settings), DeferredSemaphore(at_once)
    run.waiting = len(names)
    for name in names:
        run.failed[name] = "did not run to its end; the log says why"
        turns.run(_crawl_one, process, run, name, recheck, watcher)
    LoopingCall(run.pulse.alive).start(1.0)  # the reactor turns
    _seal_on_signals(run)
    process.start()


def settings_of(data: DataDir) -> Settings:
    """Return Scrapy's settings for a data directory, for this process from now on."""
    os.environ["ANSINH_DATA"] = str(data.path)  # scraper.settings reads it, as it does for `scrapy crawl`
    os.environ["SCRAPY_SETTINGS_MODULE"] = "scraper.settings"
    return get_project_settings()


def _crawl_one(
    process: CrawlerProcess, run: CrawlWrites, name: str, recheck: str, watcher: Watcher
) -> Deferred[None] | None:
    if run.stopping:
        return None
    run.waiting -= 1
    watcher.begin(name)
    crawl: Deferred[None] = process.crawl(name, recheck=recheck)
    crawl.addErrback(partial(_log_failure, name))
    return crawl.addCallback(lambda _: watcher.end(name, run.failed.get(name, "")))


def _log_failure(name: str, failure: Failure) -> None:
    _log.error("%s: %s", name, failure.getTraceback())


def _seal_on_signals(run: CrawlWrites) -> None:
    """Seal what is captured as soon as the system wants us to end: answers that are awaited may take 30 s more."""
    _reactor().callLater(0, _install, run)  # after Scrapy has installed its own handlers


def _reactor() -> Any:
    from twisted.internet import reactor  # noqa: PLC0415  an import before Scrapy has chosen one would choose another

    return reactor


def _install(run: CrawlWrites) -> None:
    handler = partial(_on_signal, run, signal.getsignal(signal.SIGTERM))
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            signal.signal(number, handler)


def _on_signal(run: CrawlWrites, end_gracefully: Any, number: int, frame: FrameType | None) -> None:
    run.stopping = True
    _reactor().callFromThread(run.flush)
    end_gracefully(number, frame)
