"""The write side of one crawling process: one lock, one store, one index for all its spiders."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from archive.captures import explain
from archive.index import open_engine
from archive.ingest import Change, Ingester, Source, Tally, WriteLock, require_room, update_index
from archive.models import ArchiveError, DataDir, Page, Portal, Reading
from archive.store import Store
from scraper import catalogue
from scraper.configuration import read_settings
from scraper.extract import Extraction

INDEX_SECONDS = 300


class _Remembering(Extraction):
    """Extraction that keeps what the spider has just read until the ingest asks for it: pages are parsed once."""

    def read(self, page: Page, portal: Portal) -> Reading:
        """Return (and forget) what `look` has read of the same bytes, else read them."""
        return _looks.pop((page.url, page.body), None) or super().read(page, portal)

    def look(self, page: Page, portal: Portal) -> Reading:
        """Read a page and remember the answer, or return what is remembered."""
        reading = _looks.get((page.url, page.body)) or super().read(page, portal)
        _looks[page.url, page.body] = reading
        return reading


_looks: dict[tuple[str, bytes], Reading] = {}


class CrawlRun:
    """The write side of one crawling process: lock, store and index, shared by all its spiders."""

    def __init__(self, data: DataDir) -> None:
        """Take the write lock (raise Busy), open the store; raise ArchiveError when too little space is free."""
        require_room(data, read_settings(data).free_mb)
        self.data = data
        self.lock = WriteLock(data)
        self.store = Store(data.database)
        self.extraction = _Remembering(catalogue.load_all(data))
        self.ingester = Ingester(data, self.store, self.extraction)
        self.tally = Tally()
        self.failed: dict[str, str] = {}
        self.open_spiders = 0
        self.on_change: Callable[[Change], None] = lambda _: None
        self.flushes: list[Callable[[], None]] = []
        self._indexed = time.monotonic()

    def catch_up(self) -> None:
        """Ingest and acknowledge what earlier runs captured and could not read to the end."""
        self.publish()  # first, for an index that is ahead of a database that lost changes must not seem to be level
        for change in self.ingester.catch_up(self.tally):
            self.on_change(change)

    def flush(self) -> None:
        """Seal and ingest what every spider has captured so far."""
        for flush in self.flushes:
            flush()

    def ingest(self, path: Path, portal: Portal) -> None:
        """Read a sealed file; acknowledge each change; bring the index up to date every few minutes."""
        source = Source(str(path.relative_to(self.data.path)), "live", portal.name)
        for change in self.ingester.ingest(source, self.tally):
            self.on_change(change)
        _looks.clear()
        if time.monotonic() - self._indexed > INDEX_SECONDS:
            self.publish()

    def close_spider(self, portal: Portal, complaint: str) -> None:
        """Remember what was wrong with a portal's run, if anything; publish the index after the last spider."""
        self.open_spiders -= 1
        try:
            if not self.open_spiders:
                self.publish()
        except (OSError, ArchiveError) as error:
            complaint = complaint or in_words(error, self.data.index)
        if complaint:
            self.failed[portal.name] = complaint
        else:
            self.failed.pop(portal.name, None)

    def publish(self) -> None:
        """Bring the index up to date with the store."""
        update_index(self.store, open_engine(self.data))
        self._indexed = time.monotonic()


@lru_cache(maxsize=1)
def crawl_run(data: Path) -> CrawlRun:
    """Return the one CrawlRun of this process."""
    return CrawlRun(DataDir(data))


def in_words(error: OSError | ArchiveError, path: Path) -> str:
    """Return what an operator can do about it."""
    return explain(error, path) if isinstance(error, OSError) else str(error)
