"""How an import writes: under the lock for a stretch at a time, so that others write while captures are fetched."""

from __future__ import annotations

import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from types import FrameType

import click

from archive.commands.printing import Ticker
from archive.index import open_engine
from archive.ingest import Busy, Change, Ingester, MomentaryLock, Source, Tally, WriteLock, update_index
from archive.models import DataDir
from archive.store import Store
from scraper import catalogue
from scraper.crawl.run import INDEX_SECONDS
from scraper.extract import Extraction

_LOOK_SECONDS = 1.0  # between two looks whether another process has ended


class Stretch:
    """The write side of an import for as long as it has the lock."""

    def __init__(
        self, data: DataDir, store: Store, ingester: Ingester, tally: Tally, on_change: Callable[[Change], None]
    ) -> None:
        """`on_change` is told of each article after its commit."""
        self._data, self._store, self._ingester, self._tally, self._on_change = data, store, ingester, tally, on_change

    def catch_up(self) -> None:
        """Ingest what an earlier process has left unread."""
        self._acknowledge(self._ingester.catch_up(self._tally))

    def ingest(self, source: Source, label: str, again: bool = False) -> None:
        """Ingest a file, unless that was done, by whomever."""
        self._acknowledge(Ticker(label).over(self._ingester.ingest(source, self._tally, again=again)))

    def publish(self) -> None:
        """Bring the index up to date."""
        update_index(self._store, open_engine(self._data))

    def _acknowledge(self, changes: Iterable[Change]) -> None:
        for change in changes:
            self._on_change(change)


class Stretches:
    """All that one import writes; `tally` counts it."""

    def __init__(self, data: DataDir, on_change: Callable[[Change], None]) -> None:
        """`on_change` is told of each article after its commit."""
        self.data, self.tally, self._on_change = data, Tally(), on_change

    @contextmanager
    def begin(self, lock: WriteLock) -> Iterator[Stretch]:
        """Write under a lock, which is released at the end.

        All is read anew for each stretch: in between a rebuild may have replaced the database, or somebody have edited
        the catalogue.
        """
        with lock, closing(Store(self.data.database)) as store:
            ingester = Ingester(self.data, store, Extraction(catalogue.load_all(self.data)))
            yield Stretch(self.data, store, ingester, self.tally, self._on_change)


class SealedParts:
    """What an import has fetched and sealed: ingested while nobody else writes, else by whoever writes next."""

    def __init__(self, stretches: Stretches, label: str) -> None:
        """`label` names the import on the screen."""
        self._stretches, self._label = stretches, label
        self._waiting = deque[Source]()
        self._published, self._is_behind = time.monotonic(), False

    def add(self, sources: Iterable[Source]) -> None:
        """Line up parts; they are evidence already."""
        self._waiting.extend(sources)

    def ingest_if_free(self) -> None:
        """Ingest what waits, unless another process is writing; bring the index up to date every few minutes."""
        if not self._waiting:
            return
        try:
            lock = MomentaryLock(self._stretches.data)
        except Busy:
            return
        with self._stretches.begin(lock) as stretch:
            self._work_off(stretch)
            if time.monotonic() - self._published > INDEX_SECONDS:
                self._publish(stretch)

    def settle(self) -> None:
        """Ingest what still waits and bring the index up to date, however long another process is writing."""
        if not self._waiting and not self._is_behind:
            return
        with self._stretches.begin(await_lock(self._stretches.data)) as stretch:
            self._work_off(stretch)
            self._publish(stretch)

    def _work_off(self, stretch: Stretch) -> None:
        self._is_behind = True
        while self._waiting:
            stretch.ingest(self._waiting[0], self._label)
            self._waiting.popleft()

    def _publish(self, stretch: Stretch) -> None:
        stretch.publish()
        self._published, self._is_behind = time.monotonic(), False


def await_lock(data: DataDir) -> WriteLock:
    """Return the lock as soon as nobody else has it, saying so when that takes time; SIGTERM ends the wait as Ctrl-C does."""
    with suppress(Busy):
        return MomentaryLock(data)
    click.echo(
        f"ansinh: {data.path}: another ansinh process is writing there; waiting for its end to read what was fetched "
        "(nothing is lost by stopping: the next crawl or import reads it)",
        err=True,
    )
    with _stopped_by_sigterm():
        while True:
            time.sleep(_LOOK_SECONDS)
            with suppress(Busy):
                lock = MomentaryLock(data)
                click.echo(f"ansinh: {data.path}: the other process has ended; going on", err=True)
                return lock


@contextmanager
def _stopped_by_sigterm() -> Iterator[None]:
    before = signal.signal(signal.SIGTERM, _stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
