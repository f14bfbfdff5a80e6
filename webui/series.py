"""What a place promised and reported of one indicator, year by year, as a picture; the table beside it holds all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import pygal
from pygal.style import Style

from archive.ledger import Months, covered_by, period_of
from archive.pledges import Series, Statement

Figures = tuple[float | None, ...]
MOST_YEARS = 30
SIZE = (480, 260)  # units of the picture
TARGETS, RESULTS = "#3f6fb5", "#b5651d"  # told apart by side and outline as well; 3 to 1 on light and on dark
# The picture stands alone in an <img>: it cannot see the stylesheet of its page, but it knows the reader's scheme.
_LETTERS = (
    "inline:text{font-family:system-ui,sans-serif !important}text,.text-overlay text.value{fill:#3c464a !important}"
    ".axis text,.legends .legend text,.text-overlay text.value{font-size:13px !important}"
    ".series.serie-0 rect{fill-opacity:.25;stroke-width:2;stroke-dasharray:5,4}"
    "@media (prefers-color-scheme:dark){text,.text-overlay text.value{fill:#d5dcdd !important}"
    ".guides,.axis .line{stroke:#566267 !important}}"
)
_STYLE = Style(background="transparent", plot_background="transparent", colors=(TARGETS, RESULTS), transition="0s")


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
    chart = pygal.Bar(
        style=_STYLE,
        css=("file://style.css", "file://graph.css", _LETTERS),
        js=(),
        no_prefix=True,
        width=SIZE[0],
        height=SIZE[1],
        legend_at_bottom=True,
        print_values=True,
        print_values_position="top",
        value_formatter=lambda value: "" if value is None else number(value),
        no_data_text="–",
    )
    chart.x_labels = plot.years
    chart.add(words[0], plot.targets)
    chart.add(words[1], plot.results)
    chart.add_xml_filter(_without_script)
    return bytes(chart.render())


def _without_script(root: Any) -> Any:
    """Take out what pygal adds for tooltips: a picture runs nothing."""
    for parent in list(root.iter()):
        for child in [one for one in parent if one.tag == "script" or str(one.tag).endswith("}script")]:
            parent.remove(child)
    return root
