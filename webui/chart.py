"""The years of a result as bars: a picture whose numbers stand in a list beside it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from archive.models import FacetValue

HEIGHT = 48
STEP = 10
MOST_BARS = 30


class Bar(NamedTuple):
    """One year: its place and height in the picture, in its units, from the top left."""

    year: int
    count: int
    x: int
    y: int
    height: int


def bars(values: Iterable[FacetValue]) -> tuple[Bar, ...]:
    """Return one bar a year from the first to the last of the values, years without any included.

    At most the last 30 years; the highest bar fills the height, a year with anything at all is visible.
    """
    counts = {int(value.value): value.count for value in values if value.value.isdecimal()}
    if not counts:
        return ()
    first = max(min(counts), max(counts) - MOST_BARS + 1)
    most = max(counts.values())
    return tuple(_bar(year, counts.get(year, 0), most, STEP * n) for n, year in enumerate(range(first, max(counts) + 1)))


def _bar(year: int, count: int, most: int, x: int) -> Bar:
    height = max(2, round(HEIGHT * count / most)) if count else 0
    return Bar(year, count, x, HEIGHT - height, height)
