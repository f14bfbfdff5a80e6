"""The process that `ansinh nightly` starts: crawls the portals of one job and says on standard output how it goes.

Each line is one JSON object: {"patience": seconds, "until": time} (I shall be heard of again in that time, or end
myself), {"begin": portal}, {"end": portal, "complaint": words}, {"change": …} for each article after its commit,
{"error": words}, {"done": true}.
"""

from __future__ import annotations

import faulthandler
import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from archive.ingest import Change
from archive.models import ArchiveError, DataDir, Json
from scraper.commands.acknowledging import change_json
from scraper.crawl.process import Watcher, crawl_in_turn
from scraper.crawl.run import CrawlRun, Pulse, begin, in_words
from scraper.night.supervision import LONG, Job

_SELDOM = 0.8  # seconds between two signs of life at least
_ALONE = 70  # the exit code of a process that nobody waits for any more


class Voice(Pulse, Watcher):
    """Says on standard output how a job goes, and ends this process when it promised a word and had none to say.

    The watch of `faulthandler` needs no interpreter: it ends a process that hangs inside a regular expression, too, even
    when its parent is gone, and says on standard error where it hung.
    """

    def __init__(self, out: TextIO, hang_seconds: int) -> None:
        self._out, self._hang_seconds, self._spoke = out, hang_seconds, 0.0

    def say(self, said: Json) -> None:
        """Print one line; end this process when nobody reads it any more."""
        try:
            print(json.dumps(said, ensure_ascii=False), file=self._out, flush=True)
        except BrokenPipeError:
            os._exit(_ALONE)

    def alive(self) -> None:
        """Say that work goes on, once a second at most."""
        if time.monotonic() - self._spoke >= _SELDOM:
            self._promise(self._hang_seconds)

    @contextmanager
    def at_length(self) -> Iterator[None]:
        """Announce work that may take hours and cannot speak meanwhile."""
        self._promise(LONG)
        yield
        self._promise(self._hang_seconds)

    def begin(self, name: str) -> None:
        """Say that a portal's crawl begins."""
        self.say({"begin": name})

    def end(self, name: str, complaint: str) -> None:
        """Say that a portal's crawl has ended."""
        self.say({"end": name, "complaint": complaint})

    def change(self, change: Change) -> None:
        """Acknowledge an article."""
        self.say({"change": change_json(change)})

    def _promise(self, seconds: float) -> None:
        self._spoke = time.monotonic()
        faulthandler.dump_traceback_later(seconds, exit=True)
        self.say({"patience": seconds, "until": self._spoke + seconds})


def main() -> None:
    """Do the job on standard input; exit 1 after an error that is the operator's to mend."""
    said = json.loads(sys.stdin.buffer.readline())
    job = Job(**{**said, "portals": tuple(said["portals"])})
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    voice = Voice(sys.stdout, job.hang_seconds)
    sys.stdout = sys.stderr  # what anything else prints is none of these lines
    try:
        _work(job, voice)
    except (ArchiveError, OSError) as error:
        voice.say({"error": in_words(error, Path(job.data))})
        sys.exit(1)
    voice.say({"done": True})


def _end_with_parent() -> None:
    """End this process when the other end of standard input is gone: what it had in hand, the next run finishes."""
    while os.read(sys.stdin.fileno(), 1):
        pass
    os._exit(_ALONE)


def _work(job: Job, voice: Voice) -> None:
    with voice.at_length():
        run = begin(CrawlRun(DataDir(Path(job.data)), os.fdopen(job.lock, "rb"), voice))
    run.on_change = voice.change
    (run.catch_up_warily if job.wary else run.catch_up)()
    if job.portals:
        overrides = {"MEMUSAGE_ENABLED": False}  # it would end every spider for the leak of one
        crawl_in_turn(run, job.portals, "due", job.at_once, voice, overrides)
    run.publish()


if __name__ == "__main__":
    main()
