"""Counts as bars, years upright and verdicts in one row: pictures whose numbers stand in a list or table beside them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

from archive.models import FacetValue

HEIGHT = 48
WIDTH = 240
MOST_WIDE = 26  # of one bar
MOST_BARS = 30
ROW = 1000  # units that all shares of a row make
LEAST = 8  # units of the smallest share, so that it is seen


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


@dataclass(frozen=True, slots=True)
class Share:
    """One value of a facet as a part of a row: where it begins and how wide it is, of ROW units."""

    value: str
    count: int
    x: int
    width: int


def tallied(values: Iterable[FacetValue]) -> dict[str, int]:
    """Return the counts of the values of a facet by value."""
    return {row.value: row.count for row in values}


def shares(values: Iterable[FacetValue], order: Iterable[str]) -> tuple[Share, ...]:
    """Return the values that have any, in an order, as parts of one row; what is in no order is left out."""
    counts = tallied(values)
    shown = [(name, counts[name]) for name in order if counts.get(name)]
    total = sum(count for _, count in shown)
    widths = [max(LEAST, round(ROW * count / total)) for _, count in shown]
    widths = [width * ROW // sum(widths) for width in widths]
    starts = accumulate(widths, initial=0)
    return tuple(Share(name, count, x, width) for (name, count), x, width in zip(shown, starts, widths, strict=False))
