"""Runs spiders in this process and waits for them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

from scrapy.crawler import CrawlerProcess
from scrapy.utils.project import get_project_settings

from archive.ingest import Change, Tally
from archive.models import DataDir, Portal
from scraper.evidence import crawl_run


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
    process = CrawlerProcess(get_project_settings())
    for portal in portals:
        process.crawl(portal.name, recheck=recheck)
    process.start()
    return run.tally, run.failed
