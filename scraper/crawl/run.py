"""The write side of one crawling process: one lock, one store, one index for all its spiders."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from archive.captures import explain
from archive.index import open_engine
from archive.ingest import (
    Change,
    CrawlerClaim,
    Ingester,
    Source,
    Tally,
    WriteLock,
    finish_drafts,
    require_room,
    update_index,
)
from archive.models import ArchiveError, DataDir, Page, Portal, Reading
from archive.store import Store
from archive.store.connection import IN_MEMORY
from scraper import catalogue
from scraper.configuration import read_settings
from scraper.extract import Extraction, WaryExtraction

INDEX_SECONDS = 300


class Pulse:
    """What a crawling process lets others know of its life; this one has nobody to tell."""

    def alive(self) -> None:
        """Say that work goes on."""

    def at_length(self) -> AbstractContextManager[object]:
        """Announce work that may take hours and cannot speak meanwhile."""
        return nullcontext()


@dataclass(frozen=True)
class _Remembering(Extraction):
    """Extraction that keeps what the spider has just read until the ingest asks for it: pages are parsed once."""

    alive: Callable[[], None]

    def read(self, page: Page, portal: Portal) -> Reading:
        """Return (and forget) what `look` has read of the same bytes, else read them."""
        self.alive()
        return _looks.pop((page.url, page.body), None) or super().read(page, portal)

    def look(self, page: Page, portal: Portal) -> Reading:
        """Read a page and remember the answer, or return what is remembered."""
        reading = _looks.get((page.url, page.body)) or super().read(page, portal)
        _looks[page.url, page.body] = reading
        return reading


_looks: dict[tuple[str, bytes], Reading] = {}
_UNHEARD = Pulse()


class CrawlWrites(ABC):
    """What the spiders of one crawling process share: where evidence goes, what is held, and how each portal did."""

    def __init__(self, data: DataDir, store: Store, pulse: Pulse) -> None:
        """Answer what is held from the store."""
        self.data, self.store, self.pulse = data, store, pulse
        self.extraction = _Remembering(catalogue.load_all(data), pulse.alive)
        self.failed: dict[str, str] = {}
        self.open_spiders = 0
        self.waiting = 0  # portals whose turn has not come …
        self.stopping = False  # … and will not, when this process is told to end
        self.flushes: list[Callable[[], None]] = []

    def flush(self) -> None:
        """Seal and hand on what every spider has captured so far."""
        for flush in self.flushes:
            flush()

    @abstractmethod
    def ingest(self, path: Path, portal: Portal) -> None:
        """Take a sealed file of a portal and acknowledge what is safe by that."""

    @abstractmethod
    def publish(self) -> None:
        """Bring what readers see up to date."""

    def close_spider(self, portal: Portal, complaint: str) -> None:
        """Remember what was wrong with a portal's run, if anything; publish after the last spider."""
        self.open_spiders -= 1
        try:
            if not self.open_spiders and (self.stopping or not self.waiting):
                self.publish()
        except (OSError, ArchiveError) as error:
            complaint = complaint or in_words(error, self.data.index)
        if complaint:
            self.failed[portal.name] = complaint
        else:
            self.failed.pop(portal.name, None)


class CrawlRun(CrawlWrites):
    """The write side of a crawling process that ingests what it captures: lock, store and index."""

    def __init__(self, data: DataDir, lock: object = None, pulse: Pulse = _UNHEARD) -> None:
        """Take the write lock (raise Busy), open the store; raise ArchiveError when too little space is free.

        `lock` is whatever holds the lock for this process already, as when it was inherited.
        """
        require_room(data, read_settings(data).free_mb)
        self.lock = lock or WriteLock(data)
        super().__init__(data, Store(data.database), pulse)
        self.ingester = Ingester(data, self.store, self.extraction)
        self.tally = Tally()
        self.on_change: Callable[[Change], None] = lambda _: None
        self._indexed = time.monotonic()

    def catch_up(self) -> None:
        """Ingest and acknowledge what earlier runs captured and could not read to the end."""
        self.publish()  # first, for an index that is ahead of a database that lost changes must not seem to be level
        for change in self.ingester.catch_up(self.tally):
            self.on_change(change)

    def catch_up_warily(self) -> None:
        """Do so reading every page in a child process: among them may be the one that an earlier process died of."""
        self.publish()
        with self.pulse.at_length():
            for change in Ingester(self.data, self.store, WaryExtraction(self.extraction.catalogue)).catch_up(
                self.tally
            ):
                self.on_change(change)

    def ingest(self, path: Path, portal: Portal) -> None:
        """Read a sealed file; acknowledge each change; bring the index up to date every few minutes."""
        source = Source(str(path.relative_to(self.data.path)), "live", portal.name)
        for change in self.ingester.ingest(source, self.tally):
            self.on_change(change)
        _looks.clear()
        if time.monotonic() - self._indexed > INDEX_SECONDS:
            self.publish()

    def publish(self) -> None:
        """Bring the index up to date with the store."""
        with self.pulse.at_length():
            update_index(self.store, open_engine(self.data))
        self._indexed = time.monotonic()


@dataclass(frozen=True, slots=True)
class Sealed:
    """An evidence file that is whole, on the disk and under its name: what a write-only crawler acknowledges."""

    path: Path
    portal: str
    size: int


class CaptureRun(CrawlWrites):
    """The write side of a crawling process that leaves the ingest to another: it writes below captures/ alone.

    What is held it learns from a database that it only reads: the ingester's, or a copy of it; nothing without one.
    """

    def __init__(self, data: DataDir, portals: Sequence[str]) -> None:
        """Claim the portals; raise Busy when another such process has one of them, ArchiveError for too little space."""
        require_room(data, read_settings(data).free_mb)
        self.claim = CrawlerClaim(data, portals)
        held = Store(data.database, read_only=True) if data.database.exists() else Store(IN_MEMORY)
        super().__init__(data, held, _UNHEARD)
        self._portals = portals
        self.sealed: list[Sealed] = []
        self.on_seal: Callable[[Sealed], None] = lambda _: None

    def catch_up(self) -> None:
        """Seal and acknowledge what a run of these portals that died has left."""
        for path in finish_drafts(self.data, self._portals):
            self._acknowledge(path, path.parent.parent.name)

    def ingest(self, path: Path, portal: Portal) -> None:
        """Acknowledge a sealed file: whoever imports it ingests it."""
        _looks.clear()
        self._acknowledge(path, portal.name)

    def publish(self) -> None:
        """Do nothing: what readers see is the ingester's."""

    def _acknowledge(self, path: Path, portal: str) -> None:
        self.sealed.append(Sealed(path.relative_to(self.data.path), portal, path.stat().st_size))
        self.on_seal(self.sealed[-1])


_runs: dict[Path, CrawlWrites] = {}


def crawl_run(data: Path) -> CrawlWrites:
    """Return the run of this process on a data directory: the one begun, else a CrawlRun."""
    return _runs[data] if data in _runs else begin(CrawlRun(DataDir(data)))


R = TypeVar("R", bound=CrawlWrites)


def begin(run: R) -> R:
    """Make a run the one that every spider of this process writes to."""
    _runs[run.data.path] = run
    return run


def in_words(error: OSError | ArchiveError, path: Path) -> str:
    """Return what an operator can do about it."""
    return explain(error, path) if isinstance(error, OSError) else str(error)
