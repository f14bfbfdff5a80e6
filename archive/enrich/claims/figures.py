"""Numbers of a text with their units: what is printed as a quantity, before anybody asks what it measures.

Laws, dates, ordinals and names are no quantities (vietnamese.md section 3.3).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from archive.enrich.claims.measures import LISTED, counted_for, unit_after, unit_before
from archive.enrich.claims.numbers import YEAR, is_glued, is_number, read_number, upper_end
from archive.enrich.claims.words import Unit, ends_with, load, phrases
from archive.enrich.prose import BREAKS, Prose
from archive.text import tone_key

Comparator = Literal["=", ">=", "<=", "~"]

MOST = 1_000  # figures that are read in one text; no report has more
_RATE = re.compile(r"\s?/\s?")


@dataclass(frozen=True, slots=True)
class Figure:
    """A quantity: the words first to end (exclusive; comparator and unit included), `number` its number.

    `start` and `stop` are offsets into the text; `per` is what one of follows ("đồng/suất" gives "suất"), "" without.
    """

    first: int
    number: int
    end: int
    start: int
    stop: int
    value: float
    unit: Unit
    value_max: float | None = None
    out_of: float | None = None
    comparator: Comparator = "="
    per: str = ""


def find_figures(prose: Prose) -> list[Figure]:
    """Return the quantities of a text from left to right; none overlaps another."""
    figures: list[Figure] = []
    reached = 0
    for word, key in enumerate(prose.keys):
        if word < reached or not is_number(key):
            continue
        figure = _read(prose, word)
        if figure is not None:
            figures += [*_listed_before(prose, figure, reached), figure]
            reached = figure.end
            if len(figures) >= MOST:
                break
    return figures


def _listed_before(prose: Prose, figure: Figure, reached: int) -> list[Figure]:
    """Return the numbers that share the unit printed after the last of them ("6.412, 8.057 và 9.133 người")."""
    listed: list[Figure] = []
    word = figure.first
    while word - 1 >= reached and figure.value_max is None:
        number = word - 2 if prose.keys[word - 1] == _AND else word - 1
        gap = prose.text[prose.ends[number] : prose.starts[number + 1]].strip()
        quantity = read_number(prose, number) if number >= reached and prose.keys[number][0].isdigit() else None
        apart = gap == "," or (gap == "" and number == word - 2)
        if quantity is None or not apart or quantity.value < LISTED or YEAR.fullmatch(prose.keys[number]):
            break
        if quantity.end != number + 1 or _is_masked(prose, number):
            break
        start, stop = prose.starts[number], prose.ends[number]
        listed.append(Figure(number, number, number + 1, start, stop, quantity.value, figure.unit))
        word = number
    return listed[::-1]


def _read(prose: Prose, word: int) -> Figure | None:
    low = read_number(prose, word)
    if low is None or _is_masked(prose, word):
        return None
    high = upper_end(prose, low)
    last = high or low
    found = unit_after(prose, last) or unit_before(prose, word, last)
    if found is None or (_looks_like_year(prose, word) and found[0].family != "percent"):
        return None
    unit, end, stop = found
    scale = last.scale if low.scale == 1.0 and high is not None else 1.0
    figure = Figure(
        word,
        word,
        end,
        prose.starts[word],
        stop,
        low.value * scale,
        unit,
        value_max=high.value if high else None,
        out_of=low.out_of,
    )
    return _compared(prose, _of_whole(prose, figure) or replace(figure, per=counted_for(prose, end, stop)))


def _of_whole(prose: Prose, figure: Figure) -> Figure | None:
    """Return the figure with its whole where both carry their unit ("1.642 lao động/2.500 lao động")."""
    slash = _RATE.match(prose.text, figure.stop)
    word = figure.end
    if slash is None or word >= len(prose.keys) or prose.starts[word] != slash.end():
        return None
    whole = read_number(prose, word) if prose.keys[word][0].isdigit() else None
    found = unit_after(prose, whole) if whole is not None else None
    if whole is None or found is None or found[0].family != figure.unit.family:
        return None
    return replace(figure, out_of=whole.value, end=found[1], stop=found[2])


def _is_masked(prose: Prose, word: int) -> bool:
    """Say whether the words before a number make it a name, a date or an ordinal: Quyết định 62, quận 10, lớp 5."""
    size = ends_with(prose.keys, word, _masks())
    if not size or prose.text[prose.ends[word - 1] : prose.starts[word]].strip():
        return False
    before = prose.keys[word - size - 1] if word > size else ""
    return before not in _unless() or _looks_like_year(prose, word)


def _looks_like_year(prose: Prose, word: int) -> bool:
    """Say whether a number is a year by its form and by the word before it ("năm 2020 hộ nghèo")."""
    return bool(YEAR.fullmatch(prose.keys[word])) and word > 0 and prose.keys[word - 1] in _years_after()


def _compared(prose: Prose, figure: Figure) -> Figure:
    """Return the figure with the comparator printed before or after it; a range is at least its lower end."""
    if figure.value_max is not None:
        return replace(figure, comparator=">=")
    end = figure.first
    while end > 0 and prose.keys[end - 1] in _BETWEEN and is_glued(prose, end):
        end -= 1
    sizes = (
        [(ends_with(prose.keys, end, before), sign) for sign, before in _comparators()] if is_glued(prose, end) else []
    )
    size, comparator = max(sizes, default=(0, "="))
    if size:
        first = end - size
        return replace(figure, comparator=comparator, first=first, start=prose.starts[first])
    after = tuple(prose.keys[figure.end : figure.end + 12])
    for comparator, words in _comparators_after():
        if any(_contains(after, phrase) for phrase in words):
            return replace(figure, comparator=comparator)
    return figure


def _contains(keys: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    """Say whether a phrase stands among keys before anything that ends what belongs to the number."""
    for i, key in enumerate(keys):
        if key in BREAKS or key[0].isdigit():
            return False
        if keys[i : i + len(phrase)] == phrase:
            return True
    return False


_AND = tone_key("và")
_BETWEEN = frozenset(map(tone_key, ("từ", "là", "đạt")))


@lru_cache(maxsize=1)
def _masks() -> frozenset[tuple[str, ...]]:
    return phrases(load("units.toml")["masks"]["before"])


@lru_cache(maxsize=1)
def _unless() -> frozenset[str]:
    return frozenset(map(tone_key, load("units.toml")["masks"]["unless"]))


@lru_cache(maxsize=1)
def _years_after() -> frozenset[str]:
    return frozenset(map(tone_key, load("units.toml")["masks"]["years_after"]))


@lru_cache(maxsize=1)
def _comparators() -> tuple[tuple[Comparator, frozenset[tuple[str, ...]]], ...]:
    return tuple((sign, phrases(words)) for sign, words in load("units.toml")["comparators"].items())


@lru_cache(maxsize=1)
def _comparators_after() -> tuple[tuple[Comparator, frozenset[tuple[str, ...]]], ...]:
    return tuple((sign, phrases(words)) for sign, words in load("units.toml")["comparators_after"].items())
