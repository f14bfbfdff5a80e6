"""Imports from web archives that are killed at random moments and run again: what do they ask for twice?"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

from archive.captures import Record, WarcDamaged, read_warc
from tests.faults.launch import Child, wait_for

KILLS = 5  # at the most; then the import may end
BEYOND = 6  # captures that an archive may give after the moment is chosen: a busy machine must not let the import end


class Resumed(NamedTuple):
    """An import that was killed: how often, which captures were asked for twice, and which of these were on the disk."""

    kills: int
    twice: set[str]
    had: set[str]


def kill_and_resume(
    launch: Callable[[], Child],
    asked: Callable[[], Counter[str]],
    on_disk: Callable[[], set[str]],
    chance: random.Random,
    between: Callable[[], object] = lambda: None,
    settle: Callable[[], object] = lambda: time.sleep(0.3),
    allow: Callable[[int], object] = lambda number: None,
) -> Resumed:
    """Import with kills at random moments, and something else between them, until one import ends.

    After a kill, `settle` waits until the archive has logged what was on its way. `allow` tells the archive how many
    captures it may have been asked for before it keeps the import waiting.
    """
    before, kept, kills = asked(), dict[str, int](), 0
    while True:
        mark = asked().total() + chance.randint(1, 12)
        allow(mark + BEYOND if kills < KILLS else sys.maxsize)
        child = launch()
        wait_for(partial(_has_come_to, child, asked, mark))
        child.kill_after(chance.uniform(0, 0.15) if kills < KILLS else 120)
        settle()
        counts = asked() - before
        if child.process.exitcode == 0:
            twice = {name for name, count in counts.items() if count > 1}
            return Resumed(kills, twice, {name for name, count in kept.items() if counts[name] > count})
        kept |= {name: counts[name] for name in on_disk() - set(kept)}
        kills += 1
        between()


def _has_come_to(child: Child, asked: Callable[[], Counter[str]], mark: int) -> bool:
    return child.process.exitcode is not None or asked().total() >= mark


def records_on_disk(data: Path) -> Iterator[Record]:
    """Yield what was fetched and written, sealed or not."""
    for path in data.glob("captures/imported/*.warc.gz*"):
        if path.suffix != ".json":
            with suppress(WarcDamaged):
                yield from read_warc(path)
