"""What the tests of `scraper.limits` call in a child process, which imports this module and nothing else of the tests."""

from __future__ import annotations

import time

from archive.models import ExtractError


def sleep(period: float) -> None:
    time.sleep(period)


def spin() -> None:
    while True:
        pass


def swallow() -> int:
    return len(b"a" * (1 << 30))


def fail() -> None:
    raise ExtractError("as it says")


def length(text: bytes) -> int:
    return len(text)
