"""What a process must have before it writes: the lock, a claim to what it fetches, and room."""

from __future__ import annotations

import fcntl
import os
import resource
import shutil
import time
from collections.abc import Iterable
from hashlib import sha256
from types import TracebackType

from archive.captures import make_folder
from archive.models import ArchiveError, DataDir

MIN_FILES = 128  # a crawl of two portals needs about 30, each further one a few more
_PATIENCE = 600.0  # seconds that a MomentaryLock is waited for: an index may be made anew under it


class Busy(ArchiveError):
    """Another process is writing to this data directory."""


class WriteLock:
    """Held by the one process that writes to a data directory; released by the kernel when it dies."""

    _mark = b""

    def __init__(self, data: DataDir) -> None:
        """Take the lock or raise Busy, naming the file: at once, unless it is held for a moment only."""
        make_folder(data.path)
        self._handle = os.open(data.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        until = time.monotonic() + _PATIENCE
        while not self._take():
            if os.pread(self._handle, 20, 0) != MomentaryLock._mark or time.monotonic() > until:
                os.close(self._handle)
                raise Busy(f"{data.path}: another ansinh process is writing there; try again when it has ended")
            time.sleep(0.05)

    def _take(self) -> bool:
        """Take the lock if nobody has it, and mark the file as this kind does; a dead process may have left its mark."""
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, self._mark, 0)
        return True

    def fileno(self) -> int:
        """Return the open file that carries the lock: a process that inherits it holds the lock, too."""
        return self._handle

    def __enter__(self) -> WriteLock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._handle)


class MomentaryLock(WriteLock):
    """The lock as an import has it while it ingests what it has fetched: others wait for it instead of giving up."""

    _mark = b"for a moment"


class CrawlerClaim:
    """Held by whoever fetches without the lock, for each portal or archived host; released by the kernel when it dies.

    One byte of one file stands for each name, so that whatever shards overlap are noticed, over NFS as well.
    """

    def __init__(self, data: DataDir, names: Iterable[str]) -> None:
        """Claim the names at once or raise Busy, naming the first that another process has."""
        make_folder(data.captures)
        self._handle = os.open(data.captures / "crawlers.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        for name in names:
            place = int.from_bytes(sha256(name.encode()).digest()[:7])
            try:
                fcntl.lockf(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
            except BlockingIOError as error:
                os.close(self._handle)
                raise Busy(
                    f"{data.captures}: another crawler or import is at {name}; try again when it has ended"
                ) from error

    def __enter__(self) -> CrawlerClaim:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._handle)


def require_room(data: DataDir, megabytes: int) -> None:
    """Raise ArchiveError when less is free, or few files may be open: better before a run than in the middle of it."""
    make_folder(data.path)
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files < MIN_FILES:
        raise ArchiveError(f"{data.path}: only {files} files may be open; allow at least {MIN_FILES} (`ulimit -n`)")
    free = shutil.disk_usage(data.path).free // 2**20
    if free < megabytes:
        raise ArchiveError(
            f"{data.path}: {free} MB are free and {megabytes} are needed to begin; "
            f"free some space, or set free_mb in {data.settings}"
        )
