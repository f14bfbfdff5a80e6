"""The crawling process of `ansinh nightly` with spiders gone bad, by the portal's name, or another bug planted (`bug=`).

`silence=` are the seconds that what hangs is waited for; what does not hang yet has `hang_seconds`.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from scraper.commands.worker import Voice, main
from scraper.crawl.run import crawl_run
from scraper.crawl.spiders import PortalSpider
from tests.faults import bugs

_LEAK = 1000  # MB: twice what it may hold, however late that is seen
_leaked: list[bytearray] = []


def raise_error() -> None:
    raise RuntimeError("planted")


def leak() -> None:
    while True:
        if len(_leaked) < _LEAK:
            _leaked.append(bytearray(b"x" * 2**20))
        else:
            time.sleep(0.1)


def deadlock() -> None:
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


def backtrack() -> None:
    re.match(r"(a+)+$", "a" * 64 + "b")


def be_killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


FAULTS = {f.__name__: f for f in (raise_error, leak, deadlock, backtrack, be_killed)}
SILENT = {"deadlock", "backtrack"}


def plant(faults: dict[str, str], silence: int) -> None:
    honest = PortalSpider.parse_listing

    def parse_listing(self: PortalSpider, response: Any) -> Iterator[Any]:
        fault = faults.get(self.portal.name)
        if fault in SILENT and silence:
            promise_a_word(cast(Voice, crawl_run(Path(self.crawler.settings["ANSINH_DATA"])).pulse), silence)
        if fault:
            FAULTS[fault]()
        yield from honest(self, response)

    PortalSpider.parse_listing = parse_listing  # type: ignore[method-assign]


def promise_a_word(voice: Voice, seconds: int) -> None:
    """Give a sign of life as if `hang_seconds` were these: nothing that takes its time comes after it."""
    voice._hang_seconds, voice._spoke = seconds, 0.0
    voice.alive()


if __name__ == "__main__":
    said = dict(argument.split("=") for argument in sys.argv[1:])
    getattr(bugs, said.pop("bug", ""), lambda: None)()
    silence = int(said.pop("silence", "0"))
    plant(said, silence)
    main()
