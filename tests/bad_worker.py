"""The crawling process of `ansinh nightly` with spiders gone bad, by the portal's name, or another bug planted (`bug=`)."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Iterator
from typing import Any

from scraper.commands.worker import main
from scraper.crawl.spiders import PortalSpider
from tests.faults import bugs

_leaked: list[bytearray] = []


def raise_error() -> None:
    raise RuntimeError("planted")


def leak() -> None:
    while True:
        _leaked.append(bytearray(b"x" * 2**20))


def deadlock() -> None:
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


def backtrack() -> None:
    re.match(r"(a+)+$", "a" * 64 + "b")


def be_killed() -> None:
    import os
    import signal

    os.kill(os.getpid(), signal.SIGKILL)


FAULTS = {f.__name__: f for f in (raise_error, leak, deadlock, backtrack, be_killed)}


def plant(faults: dict[str, str]) -> None:
    honest = PortalSpider.parse_listing

    def parse_listing(self: PortalSpider, response: Any) -> Iterator[Any]:
        fault = faults.get(self.portal.name)
        if fault:
            FAULTS[fault]()
        yield from honest(self, response)

    PortalSpider.parse_listing = parse_listing  # type: ignore[method-assign]


if __name__ == "__main__":
    said = dict(argument.split("=") for argument in sys.argv[1:])
    getattr(bugs, said.pop("bug", ""), lambda: None)()
    plant(said)
    main()
