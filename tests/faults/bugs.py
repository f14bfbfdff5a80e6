"""Bugs to plant, one function each: a fault test that passes with its bug planted proves nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any


def none() -> None:
    """Plant nothing."""


def commits_late() -> None:
    """Acknowledge before the commit: one transaction is left open over all batches."""
    from archive.store import Store

    @contextmanager
    def transaction(self: Any) -> Iterator[None]:
        if not self._db.in_transaction:
            self._db.execute("BEGIN IMMEDIATE")
        yield

    Store.transaction = transaction  # type: ignore[method-assign]


def never_catches_up() -> None:
    """Forget what a killed crawl has left."""
    from archive.ingest import Ingester

    Ingester.catch_up = lambda *_: iter(())  # type: ignore[assignment, method-assign]


def publishes_in_place() -> None:
    """Build the index in the folder that readers use."""
    from archive.index.generations import Generations

    def draft(self: Generations, empty: bool) -> Path:
        current = self.folder / (self.current() or "g000001")
        current.mkdir(parents=True, exist_ok=True)
        return current

    Generations.draft = draft  # type: ignore[method-assign]


def trusts_the_index() -> None:
    """Open an index without comparing its digests."""
    from archive.index.generations import Generations

    Generations.verify = Generations.manifest  # type: ignore[method-assign]


def syncs_nothing() -> None:
    """Trust the page cache, in WARC files, index and database."""
    from archive.store import connection

    os.fsync = lambda _: None
    connection._WRITING = tuple(p.replace("synchronous=FULL", "synchronous=OFF") for p in connection._WRITING)


def syncs_no_database() -> None:
    """Run SQLite with synchronous=OFF."""
    from archive.store import connection

    connection._WRITING = tuple(p.replace("synchronous=FULL", "synchronous=OFF") for p in connection._WRITING)


def syncs_no_files() -> None:
    """Leave out every fsync of WARC files, manifests and index."""
    os.fsync = lambda _: None


def migrates_without_transaction() -> None:
    """Apply schema files statement by statement, each for itself."""
    import archive.store.migrating

    archive.store.migrating.transaction = lambda _: nullcontext()  # type: ignore[assignment]


def ignores_write_errors() -> None:
    """Go on when evidence cannot be written."""
    from archive.models import ArchiveError
    from scraper.crawl.evidence import Evidence

    @contextmanager
    def guarding(_: Any) -> Iterator[None]:
        try:
            yield
        except (OSError, ArchiveError):
            return

    Evidence._guarding = guarding  # type: ignore[method-assign]


def names_no_path() -> None:
    """Say what is wrong and not where."""
    import archive.cli
    import scraper.crawl.run

    archive.cli.explain = scraper.crawl.run.explain = lambda error, _: str(error.strerror)


def opens_files_until_none_is_left() -> None:
    """Begin with however few open files are allowed."""
    from archive.ingest import locks

    locks.MIN_FILES = 0


def takes_no_lock() -> None:
    """Let everybody write."""
    import fcntl

    fcntl.flock = lambda *_: None  # type: ignore[assignment]


def hands_its_lock_down() -> None:
    """Open files so that every process that is started inherits them."""
    honest = os.open
    os.open = lambda path, flags, mode=0o777: _inheritable(honest(path, flags, mode))  # type: ignore[assignment]


def _inheritable(handle: int) -> int:
    os.set_inheritable(handle, True)
    return handle


def ignores_signals() -> None:
    """Know only the signals that Scrapy knows."""
    import scraper.crawl.process

    scraper.crawl.process._seal_on_signals = lambda _: None


def dates_by_chance() -> None:
    """Let something that is not evidence into an article."""
    from archive.store import Store

    honest = Store.save_entry
    Store.save_entry = lambda self, article, facts, versions, _, status: honest(  # type: ignore[method-assign]
        self, article, facts, versions, os.urandom(4).hex(), status
    )


def hurries() -> None:
    """Come twice as often as the operator allows."""
    from scrapy.core.downloader import Slot

    Slot.download_delay = lambda self: self.delay / 2  # type: ignore[method-assign]


def asks_again_at_once() -> None:
    """Do not read Retry-After."""
    import scraper.crawl.patience

    scraper.crawl.patience._rest = lambda *_: None  # type: ignore[assignment]


def knows_no_end() -> None:
    """Walk listings and ask for pages without a limit."""
    import scraper.configuration
    import scraper.crawl.spiders

    scraper.crawl.spiders.MAX_LISTINGS = 10**9
    honest = scraper.configuration.read_settings
    scraper.configuration.read_settings = lambda data: replace(honest(data), night_pages=10**7)
