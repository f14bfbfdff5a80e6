"""The years of a result as bars: a picture whose numbers stand in a list beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from archive.models import FacetValue

HEIGHT = 48
WIDTH = 240
MOST_WIDE = 26  # of one bar
MOST_BARS = 30


@dataclass(frozen=True, slots=True)
class Bar:
    """One year: its place and size in the picture, in units from the top left."""

    year: int
    count: int
    x: int
    y: int
    width: int
    height: int


def bars(values: Iterable[FacetValue]) -> tuple[Bar, ...]:
    """Return one bar a year from the first to the last of the values, years without any included.

    At most the last 30 years; the highest bar fills the height, a year with anything at all is visible.
    """
    counts = {int(value.value): value.count for value in values if value.value.isdecimal()}
    if not counts:
        return ()
    first = max(min(counts), max(counts) - MOST_BARS + 1)
    years = range(first, max(counts) + 1)
    width = min(MOST_WIDE, WIDTH // len(years))
    heights = [_height(counts.get(year, 0), max(counts.values())) for year in years]
    return tuple(
        Bar(year, counts.get(year, 0), width * n, HEIGHT - height, width, height)
        for n, (year, height) in enumerate(zip(years, heights, strict=True))
    )


def _height(count: int, most: int) -> int:
    return max(2, round(HEIGHT * count / most)) if count else 0
