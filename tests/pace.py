"""How processor time grows with what is read: a factor, which a slow machine does not change and a busy one not each time."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

_TRIES = 5
_TICK = 0.001  # seconds below which a measurement says nothing
_TIMES, _MOST = 8, 24  # what is linear grows 8-fold with its size, what is quadratic 64-fold


def seconds(work: Callable[[], object]) -> float:
    """Return the processor time that this process takes for it; what a child computes is not counted.

    Nor is a full collection of garbage, which falls now into one test and now into another and takes the longer the more is loaded.
    """
    gc.disable()
    try:
        begun = time.process_time()
        work()
        return time.process_time() - begun
    finally:
        gc.enable()


def assert_within(work: Callable[[], object], most: float) -> None:
    """Fail when it takes more than so many seconds at every try; what it remembers of the try before it has to forget."""
    took = _least(lambda: seconds(work), most)
    assert took < most, f"it took {took:.2f} s at least, more than {most}"


def assert_growth(work: Callable[[int], object], small: int, large: int, most: float) -> None:
    """Fail when the large size takes more than so many times what the small takes, at every try."""
    work(small)  # what is loaded once is loaded
    grown = _least(lambda: seconds(lambda: work(large)) / max(seconds(lambda: work(small)), _TICK), most)
    assert grown < most, f"from {small} to {large} the time grew by {grown:.0f} at least, more than {most}"


def _least(measure: Callable[[], float], enough: float) -> float:
    """Return the least of some measurements, or the first that is below what is enough."""
    found = []
    for _ in range(_TRIES):
        found.append(measure())
        if found[-1] < enough:
            break
    return min(found)


def assert_linear(work: Callable[[int], object], size: int, within: float) -> None:
    """Fail when the time grows with the square of the size, or when the whole takes more than so many seconds."""
    assert_growth(work, size // _TIMES, size, _MOST)
    assert_within(lambda: (work(size // _TIMES), work(size)), within)  # a page read between is what `tree` remembers
