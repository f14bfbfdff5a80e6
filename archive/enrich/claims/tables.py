"""Tables of plan and result: rows whose bare numbers get their kind, year and unit from the header and the label.

A row is a line: its cells stand one after another, parted by bars or tabs or by blanks alone, as extraction joins them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from archive.enrich.claims.figures import Figure
from archive.enrich.claims.kinds import Kind
from archive.enrich.claims.measures import PERCENT
from archive.enrich.claims.numbers import printed_value
from archive.enrich.claims.sentences import Layout, Line
from archive.enrich.claims.words import Unit, lexicon, load, units
from archive.enrich.lexicon import Lexicon
from archive.enrich.prose import BREAKS, Prose

MOST_ROWS = 80  # lines below a header that are read as its rows
_YEAR = re.compile(r"20[0-4]\d")


class Column(NamedTuple):
    """A column of numbers: what its header calls them ("plan", "result" or "share") and its year, if it names one."""

    name: str
    year: int | None


class Cell(NamedTuple):
    """A figure of a table with the kind and the year that its column gives it."""

    figure: Figure
    kind: Kind
    year: int | None


def find_cells(prose: Prose, layout: Layout) -> list[Cell]:
    """Return the figures of the tables of plan and result in a text, row by row."""
    cells: list[Cell] = []
    columns: list[Column] = []
    left = 0
    for line in layout.lines:
        header = _read_header(prose, line)
        if header:
            columns, left = header, MOST_ROWS
        elif left:
            cells += _read_row(prose, line, columns)
            left -= 1
    return cells


def _read_header(prose: Prose, line: Line) -> list[Column]:
    """Return the columns of numbers a header names; none for a line that does not name both a plan and a result."""
    keys = prose.keys[line.start : line.end]
    found = [cue for cue in _names().find(keys) if cue.entry != "label"]
    if not {"plan", "result"} <= {cue.entry for cue in found} or not any(key in _firsts() for key in keys[:3]):
        return []
    ends = [cue.start for cue in found[1:]] + [len(keys)]
    return [Column(cue.entry, _year(keys[cue.end : end])) for cue, end in zip(found, ends, strict=True)]


def _year(keys: Sequence[str]) -> int | None:
    return next((int(key) for key in keys if _YEAR.fullmatch(key)), None)


def _read_row(prose: Prose, line: Line, columns: Sequence[Column]) -> Iterator[Cell]:
    """Yield the planned and the reached number of a row; nothing where the numbers do not fit the columns."""
    numbers = _trailing_numbers(prose, line)
    if not numbers or numbers[0] <= line.start or not len(columns) - 1 <= len(numbers) <= len(columns):
        return
    unit = _unit(prose, numbers[0])
    for word, column in zip(numbers, columns, strict=False):
        value = printed_value(prose.keys[word], unit == PERCENT)
        if unit is not None and value is not None and column.name != "share":
            figure = Figure(word, word, word + 1, prose.starts[word], prose.ends[word], value, unit)
            yield Cell(figure, "target" if column.name == "plan" else "result", column.year)


def _trailing_numbers(prose: Prose, line: Line) -> list[int]:
    """Return the words of the bare numbers with which a line ends, from left to right."""
    word = line.end - 1
    numbers = []
    while word >= line.start and prose.keys[word][0].isdigit():
        numbers.append(word)
        word -= 1
    return numbers[::-1]


def _unit(prose: Prose, number: int) -> Unit | None:
    """Return the unit printed right before the first number of a row."""
    before = prose.text[prose.ends[number - 1] : prose.starts[number]]
    if "%" in before:
        return PERCENT
    for size in (3, 2, 1):
        keys = prose.keys[max(0, number - size) : number]
        found = next(units().find(keys), None)
        if found is not None and found.start == 0 and found.end == len(keys) and not BREAKS.intersection(keys):
            return found.entry
    return None


@lru_cache(maxsize=1)
def _names() -> Lexicon[str]:
    return lexicon(load("cues.toml")["tables"], ("plan", "result", "share", "label"))


@lru_cache(maxsize=1)
def _firsts() -> frozenset[str]:
    return frozenset(key for phrase in load("cues.toml")["tables"]["first"] for key in phrase.split())
