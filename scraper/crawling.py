"""Runs spiders in this process and waits for them."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable
from functools import partial
from types import FrameType
from typing import Any

from scrapy.crawler import CrawlerProcess
from scrapy.utils.project import get_project_settings

from archive.ingest import Change, Tally
from archive.models import DataDir, Portal
from scraper.run import CrawlRun, crawl_run


def crawl_portals(
    data: DataDir, portals: Iterable[Portal], on_change: Callable[[Change], None], recheck: str = "due"
) -> tuple[Tally, dict[str, str]]:
    """Crawl the portals side by side and index what they gave.

    `recheck` is "due" (a tenth of the held pages, those looked at longest ago) or "all".
    Return the counts, and for each portal that did not do as expected what was wrong. Raise Busy when another process
    writes to the data directory.
    """
    os.environ["ANSINH_DATA"] = str(data.path)  # scraper.settings reads it, as it does for `scrapy crawl`
    os.environ["SCRAPY_SETTINGS_MODULE"] = "scraper.settings"
    run = crawl_run(data.path)
    run.on_change = on_change
    run.catch_up()
    process = CrawlerProcess(get_project_settings())
    for portal in portals:
        run.failed[portal.name] = "did not run to its end; the log says why"
        process.crawl(portal.name, recheck=recheck)
    _seal_on_signals(run)
    process.start()
    return run.tally, run.failed


def _seal_on_signals(run: CrawlRun) -> None:
    """Seal what is captured as soon as the system wants us to end: answers that are awaited may take 30 s more."""
    _reactor().callLater(0, _install, run)  # after Scrapy has installed its own handlers


def _reactor() -> Any:
    from twisted.internet import reactor  # noqa: PLC0415  an import before Scrapy has chosen one would choose another

    return reactor


def _install(run: CrawlRun) -> None:
    handler = partial(_on_signal, run, signal.getsignal(signal.SIGTERM))
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            signal.signal(number, handler)


def _on_signal(run: CrawlRun, end_gracefully: Any, number: int, frame: FrameType | None) -> None:
    _reactor().callFromThread(run.flush)
    end_gracefully(number, frame)
