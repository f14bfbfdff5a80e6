"""Units of quantities: what is printed after a number, or before it, and what it is counted for one of."""

from __future__ import annotations

import re
from functools import lru_cache

from archive.enrich.claims.numbers import Quantity, is_glued
from archive.enrich.claims.words import Unit, load, phrases, units
from archive.enrich.prose import BREAKS, Prose, word_keys
from archive.text import tone_key

PERCENT, MONEY, HOUSEHOLD = Unit("percent", "%"), Unit("money", "đồng"), Unit("household", "hộ")

LONGEST_UNIT = 7  # words
LISTED = 30  # the least that a number without its own unit counts; below it may be a name or a day
_POINT = re.compile(r"điểm\s?%")
_RATE = re.compile(r"\s?/\s?")


def unit_after(prose: Prose, quantity: Quantity) -> tuple[Unit, int, int] | None:
    """Return the unit after a quantity with the word and the offset where it ends; None where there is none."""
    if quantity.percent:
        return PERCENT, quantity.end, quantity.stop
    if quantity.end < len(prose.keys) and is_glued(prose, quantity.end):
        for words in _PERCENT_IN_WORDS:
            end = quantity.end + len(words)
            if tuple(prose.keys[quantity.end : end]) == words:
                return PERCENT, end, prose.ends[end - 1]
        point = _POINT.match(prose.text, prose.starts[quantity.end])
        if point is not None:
            return PERCENT, quantity.end + 1, point.end()
        found = _unit_at(prose, quantity.end)
        if found is not None and (not quantity.in_words or found[0].family in _COUNTED_IN_WORDS):
            return found[0], found[1], prose.ends[found[1] - 1]
    return (MONEY, quantity.end, quantity.stop) if quantity.scale >= 1_000_000 and _is_money(prose, quantity) else None


def _is_money(prose: Prose, quantity: Quantity) -> bool:
    """Say whether "3,6 tỷ" alone is money: nothing follows that could be counted ("13 triệu dân", "70 triệu USD")."""
    return not is_glued(prose, quantity.end) or prose.keys[quantity.end] in BREAKS | _after_money()


def unit_before(prose: Prose, word: int, quantity: Quantity) -> tuple[Unit, int, int] | None:
    """Return the unit that a bare number takes from the words before it ("hộ cận nghèo 2.377,", "số hộ nghèo là 95.")."""
    if is_glued(prose, quantity.end) and prose.keys[quantity.end] not in BREAKS:
        return None
    if quantity.scale > 1.0 or quantity.value < LISTED or quantity.value != int(quantity.value):
        return None
    end = word
    while end > 0 and prose.keys[end - 1] in _IS:
        end -= 1
    for size in (4, 3, 2):
        if tuple(prose.keys[end - size : end]) in _counted_nouns():
            return HOUSEHOLD, quantity.end, quantity.stop
    return None


def _unit_at(prose: Prose, word: int) -> tuple[Unit, int] | None:
    found = next(units().find(prose.keys[word : word + LONGEST_UNIT]), None)
    if found is None or found.start:
        return None
    if found.entry.family == "commune":
        return found.entry, word + found.end
    return found.entry, word + next((i for i in range(1, found.end) if "," in _gap(prose, word + i)), found.end)


def _gap(prose: Prose, word: int) -> str:
    return prose.text[prose.ends[word - 1] : prose.starts[word]]


def counted_for(prose: Prose, end: int, stop: int) -> str:
    """Return what the quantity is printed for one of: "suất" of "500 nghìn đồng/suất", "nhà" of "… đồng mỗi nhà"."""
    slash = _RATE.match(prose.text, stop)
    if end < len(prose.keys) and prose.keys[end][0].isdigit():
        return ""
    if end >= len(prose.keys) or prose.starts[end] < stop:
        return ""
    if slash is not None and prose.starts[end] == slash.end():
        return prose.keys[end]
    return (
        prose.keys[end + 1] if prose.keys[end] in _EACH and end + 1 < len(prose.keys) and is_glued(prose, end) else ""
    )


_PERCENT_IN_WORDS = (word_keys("điểm phần trăm"), word_keys("phần trăm"))
_COUNTED_IN_WORDS = frozenset(("person", "household", "house", "item", "commune", "class", "case"))
_EACH = frozenset(map(tone_key, ("mỗi", "một")))
_IS = frozenset(map(tone_key, ("là", "còn", "đạt", "có", "được")))


@lru_cache(maxsize=1)
def _after_money() -> frozenset[str]:
    return frozenset(map(tone_key, load("units.toml")["masks"]["after_money"]))


@lru_cache(maxsize=1)
def _counted_nouns() -> frozenset[tuple[str, ...]]:
    return phrases(load("units.toml")["bare"]["nouns"])
