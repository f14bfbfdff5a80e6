"""Simulated portals with a gate: while it is shut they keep waiting whom they are told to, however busy the machine is."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from scraper.demo.answers import Answer, Request
from scraper.demo.sites import DemoSites

_PATIENCE = 240  # seconds; whoever waits is killed or let in long before


class Gated(DemoSites):
    """The simulated portals; `keeps(host, n)` says whether the n-th request (from 1) to a host waits at the shut gate.

    `waiting` are the hosts with a request that has come to wait there.
    """

    def __init__(self, keeps: Callable[[str, int], bool]) -> None:
        super().__init__()
        self._keeps, self._counts, self._counting = keeps, Counter[str](), threading.Lock()
        self._gate = threading.Event()
        self._gate.set()
        self.waiting = set[str]()

    def answer(self, request: Request) -> Answer:
        with self._counting:
            self._counts[request.host] += 1
            number = self._counts[request.host]
        if self._keeps(request.host, number) and not self._gate.is_set():
            self.waiting.add(request.host)
            self._gate.wait(_PATIENCE)
        return super().answer(request)

    @contextmanager
    def shut(self) -> Iterator[None]:
        """Shut the gate for the time of a with statement, and count requests from there."""
        self._counts.clear()
        self.waiting.clear()
        self._gate.clear()
        try:
            yield
        finally:
            self._gate.set()
