"""A crawling process under watch: it shows signs of life and is ended when it shows none, or holds too much memory.

The process may hang inside a regular expression, leak, or be killed: whoever watches it reads nothing of what portals
sent, so that none of this reaches him.
"""

from __future__ import annotations

import json
import math
import os
import resource
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

from archive.models import ArchiveError, Json

COMMAND: Sequence[str] = (sys.executable, "-m", "scraper.commands.worker")
START = 120.0  # seconds that a new process may take until its first word
LONG = 24 * 3600.0  # seconds that work without a word may take: migrating a database, making an index anew
GRACE = 20.0  # seconds in which a process that is told to end may seal what it has
_LATE = 5.0  # seconds after which a process that should have ended itself is killed
_BEAT = 0.5  # seconds between two looks at the process


@dataclass(frozen=True, slots=True)
class Job:
    """What a crawling process is to do: one line of JSON on its standard input, which stays open while anybody waits.

    `lock` is the inherited open file that carries the write lock; `wary` lets what was left unread be read in a child.
    """

    data: str
    portals: tuple[str, ...]
    at_once: int
    hang_seconds: int
    lock: int
    wary: bool = False


@dataclass(slots=True)
class Outcome:
    """How a crawling process ended: `died` says of what, and is empty when it came to its end."""

    died: str = ""
    begun: list[str] = field(default_factory=list)
    ended: set[str] = field(default_factory=set)

    @property
    def at_work(self) -> list[str]:
        """The portals that were begun and not ended."""
        return [name for name in self.begun if name not in self.ended]


def supervise(job: Job, memory_mb: int, on_said: Callable[[Json], None]) -> Outcome:
    """Start a process for the job, pass on what it says, and return how it ended; end it when it has to be.

    Raise ArchiveError with the process's own words when it could not do its work at all (a full disk, a bad setting).
    """
    child = subprocess.Popen(  # noqa: S603  our own interpreter
        COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=(job.lock,), start_new_session=True
    )
    try:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(json.dumps(asdict(job)).encode() + b"\n")
        child.stdin.flush()
        return _Watch(child, memory_mb).follow(child.stdout, on_said)
    except BrokenPipeError:
        return Outcome(died=_death(child.wait()))
    finally:
        _end(child)


class _Watch:
    """Follows one process by what it says and by the memory it holds."""

    def __init__(self, child: subprocess.Popen[bytes], memory_mb: int) -> None:
        self._child, self._memory_mb = child, memory_mb
        self._outcome, self._finished, self._rest = Outcome(), False, b""
        self._heard, self._patience = time.monotonic(), START
        self._ends_itself = math.inf  # when, by the clock that all processes share

    def follow(self, pipe: IO[bytes], on_said: Callable[[Json], None]) -> Outcome:
        """Pass on every line until the process has ended, or kill it, and return how it ended."""
        while (chunk := self._next(pipe)) != b"":
            for said in self._lines(chunk or b""):
                self._take(said)
                on_said(said)
            self._outcome.died = self._outcome.died or self._trouble()
            if self._outcome.died:
                self._child.kill()
        code = self._child.wait()
        if not self._finished:
            is_late = time.monotonic() >= self._ends_itself  # however late its last word was read
            self._outcome.died = self._outcome.died or (self._silence() if is_late else _death(code))
        return self._outcome

    def _next(self, pipe: IO[bytes]) -> bytes | None:
        """Return what the process says next, None while it says nothing, no bytes at its end."""
        ready, _, _ = select.select([pipe], [], [], _BEAT)
        return os.read(pipe.fileno(), 1 << 16) if ready else None

    def _lines(self, chunk: bytes) -> list[Json]:
        """Return what was said in whole lines by now."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        return [json.loads(line) for line in lines]

    def _take(self, said: Json) -> None:
        self._heard = time.monotonic()
        match said:
            case {"patience": seconds}:
                self._patience, self._ends_itself = seconds, said.get("until", math.inf)
            case {"begin": name}:
                self._outcome.begun.append(name)
            case {"end": name}:
                self._outcome.ended.add(name)
            case {"error": words}:
                raise ArchiveError(words)
            case {"done": _}:
                self._finished = True

    def _trouble(self) -> str:
        """Return why the process has to be ended; empty when it need not be."""
        if time.monotonic() - self._heard > self._patience + _LATE:
            return self._silence()
        held = memory_of(self._child.pid)
        return f"held {held} MB of memory, more than memory_mb = {self._memory_mb}" if held > self._memory_mb else ""

    def _silence(self) -> str:
        return f"gave no sign of life for {self._patience:.0f} s"


def memory_of(pid: int) -> int:
    """Return the MB of memory that a process holds; 0 when it has ended, or the system does not tell."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]
    except (OSError, IndexError):
        return 0
    return int(pages) * resource.getpagesize() >> 20


def _death(code: int) -> str:
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended by itself with exit code {code}"


def _end(child: subprocess.Popen[bytes]) -> None:
    """Let a process that still runs seal what it has, then make an end of it; close the pipes."""
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(GRACE)
        except subprocess.TimeoutExpired:
            child.kill()
    for pipe in (child.stdin, child.stdout):
        assert pipe is not None
        pipe.close()
    child.wait()
