"""Figures said in words: "không còn hộ nghèo" is none, and so a claim like any other."""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from archive.enrich.claims.figures import MOST, Comparator, Figure
from archive.enrich.claims.words import Unit, lexicon, load, phrases
from archive.enrich.lexicon import Found, Lexicon
from archive.enrich.prose import BREAKS, Prose

BETWEEN = 4  # words between "không để xảy ra" and what does not happen
_UNITS = {
    "poor_housing_support": Unit("house", "căn"),
    "osh_accidents": Unit("case", "vụ"),
    "child_abuse": Unit("case", "vụ"),
    "drug_users_listed": Unit("person", "người"),
}
_HOUSEHOLD = Unit("household", "hộ")


class Zero(NamedTuple):
    """A figure of none and the id of the indicator it stands for."""

    figure: Figure
    indicator: str


def find_zeros(prose: Prose) -> list[Zero]:
    """Return the figures of none in a text, in order."""
    gone = list(_things().find(prose.keys))
    starts = [thing.start for thing in gone]
    zeros = []
    for none in islice(_none().find(prose.keys), MOST):
        near = gone[bisect_right(starts, none.start) : bisect_right(starts, none.end + BETWEEN)]
        thing = next((thing for thing in near if _is_gone(prose, none, thing)), None)
        if thing is not None:
            zeros.append(_zero(prose, none.start, thing.start, thing.end, thing.entry))
    return zeros


def _is_gone(prose: Prose, none: Found[str], thing: Found[str]) -> bool:
    """Say whether what is said to be none is the thing: right after it, or a little later after a longer phrase."""
    reach = none.end + (BETWEEN if none.end - none.start > 2 else none.end - none.start - 1)
    between = prose.keys[none.end : thing.start]
    return none.start < thing.start <= reach and thing.end > none.end and not BREAKS.intersection(between)


def _zero(prose: Prose, start: int, thing: int, end: int, indicator: str) -> Zero:
    approximate = any(tuple(prose.keys[start : start + size]) in _approximate() for size in (2, 3, 4))
    comparator: Comparator = "~" if approximate else "="
    unit = _UNITS.get(indicator, _HOUSEHOLD)
    return Zero(
        Figure(start, thing, end, prose.starts[start], prose.ends[end - 1], 0.0, unit, comparator=comparator), indicator
    )


@lru_cache(maxsize=1)
def _none() -> Lexicon[str]:
    return lexicon(load("cues.toml")["zeros"], ("none",))


@lru_cache(maxsize=1)
def _things() -> Lexicon[str]:
    table = load("cues.toml")["zeros"]
    return lexicon(table, [name for name in table if name not in {"none", "approximate"}])


@lru_cache(maxsize=1)
def _approximate() -> frozenset[tuple[str, ...]]:
    return phrases(load("cues.toml")["zeros"]["approximate"])
