"""What a place promised and reported of one indicator, year by year, as a picture; the table beside it holds all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from archive.ledger import Months, covered_by, period_of
from archive.pledges import Series, Statement
from webui.picture import Figures, draw_pairs

MOST_YEARS = 30


class Row(NamedTuple):
    """One figure in the table of a series; `line` is the first year of a poverty line that begins before it."""

    year: int
    kind: Literal["target", "result"]
    statement: Statement
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Plot:
    """The figures of whole years by year, None where there is none; a poverty line that begins leaves a gap before it."""

    years: tuple[str, ...]
    targets: Figures
    results: Figures

    @property
    def drawn(self) -> bool:
        """Say whether there is anything to compare: figures of two years at least."""
        told = [pair for pair in zip(self.targets, self.results, strict=True) if pair != (None, None)]
        return len(told) > 1


def rows(series: Series) -> tuple[Row, ...]:
    """Return all figures of a series in the order of their periods, targets before the results of their year."""
    told = [*_rows("target", series.targets), *_rows("result", series.results)]
    told.sort(key=lambda row: row.year)  # stable: of one year, the targets first
    years = [row.year for row in told]
    begun = [_line(series, before, year) for before, year in zip([*years[:1], *years], years, strict=False)]
    return tuple(row._replace(line=line) for row, line in zip(told, begun, strict=True))


def _rows(kind: Literal["target", "result"], told: Iterable[Statement]) -> Iterator[Row]:
    for statement in told:
        if (months := period_of(statement.claim)) is not None:
            yield Row(months.last // 12, kind, statement)


def _line(series: Series, before: int, year: int) -> int | None:
    return max((line for line in series.breaks if before < line <= year), default=None)


def plotted(series: Series) -> Plot:
    """Return the points of a series' picture: of several figures of a year the one published last."""
    targets = {year: one.claim.value for year, one in _whole(series, series.targets)}
    results = {year: one.claim.value for year, one in _whole(series, series.results)}
    told = {*targets, *results}
    years = range(max(min(told), max(told) - MOST_YEARS + 1), max(told) + 1) if told else range(0)
    slots = [
        slot for year in years for slot in ((None, year) if year in series.breaks and year > years[0] else (year,))
    ]
    return Plot(
        years=tuple("" if slot is None else str(slot) for slot in slots),
        targets=tuple(targets.get(slot) if slot else None for slot in slots),
        results=tuple(results.get(slot) if slot else None for slot in slots),
    )


def _whole(series: Series, told: Iterable[Statement]) -> Iterator[tuple[int, Statement]]:
    """Yield what speaks of a whole year, or is a level at its end."""
    for statement in sorted(told, key=lambda one: one.published or ""):
        months = period_of(statement.claim) if statement.claim.kind == "target" else covered_by(statement)
        if months is not None and _is_year(months, series.direction == "level"):
            yield months.last // 12, statement


def _is_year(months: Months, level: bool) -> bool:
    return months.last % 12 == 11 and (level or months.last - months.first == 11)


def draw(plot: Plot, words: tuple[str, str], number: Callable[[float], str]) -> bytes:
    """Return a plot as SVG without script: the target of a year on the left, its result on the right.

    `words` name the two, `number` writes a figure.
    """
    return draw_pairs(plot.years, (plot.targets, plot.results), words, number)
