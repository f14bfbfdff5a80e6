"""The runs of a portal as a picture: how many articles its listings showed, and how many pages of articles were read."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from archive.health import day_of
from archive.runs import Run
from webui.picture import draw_courses

MOST_LABELS = 8  # days that are written below the bars


def draw(runs: Sequence[Run], words: tuple[str, str], number: Callable[[float], str]) -> bytes:
    """Return the runs (latest first) as SVG, the latest on the right: articles seen and articles new.

    `words` name the two, `number` writes a figure.
    """
    told = runs[::-1]
    step = -(-len(told) // MOST_LABELS) or 1
    labels = tuple(f"{day_of(run):%d/%m}" if n % step == 0 else "" for n, run in enumerate(told))
    seen = tuple(float(run.figures.listed) for run in told)
    new = tuple(float(run.new) for run in told)
    return draw_courses(labels, (seen, new), words, number)
