"""The words of claims/units.toml and claims/cues.toml, as lexicons over syllable keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from archive.enrich.lexicon import Lexicon
from archive.enrich.prose import word_keys
from archive.enrich.tables import read_table


class Unit(NamedTuple):
    """A unit as claims carry it and the family of units that it may be compared in."""

    family: str
    unit: str


@lru_cache(maxsize=2)
def load(name: str) -> dict[str, Any]:
    """Return the tables of a TOML file beside this module; read once."""
    return read_table(f"claims/{name}")


def lexicon(groups: dict[str, list[str]], names: Iterable[str] | None = None) -> Lexicon[str]:
    """Return a lexicon in which each phrase stands for the name of its group; of the named groups, or of all."""
    chosen = groups if names is None else {name: groups[name] for name in names}
    return Lexicon((word_keys(phrase), name) for name, phrases in chosen.items() for phrase in phrases)


def phrases(words: Iterable[str]) -> frozenset[tuple[str, ...]]:
    """Return the keys of each phrase, for looking at what stands right before or after a word."""
    return frozenset(map(word_keys, words))


def ends_with(keys: list[str], end: int, among: frozenset[tuple[str, ...]], longest: int = 4) -> int:
    """Return how many words before `end` make up the longest of the phrases; 0 when none does."""
    for size in range(min(longest, end), 0, -1):
        if tuple(keys[end - size : end]) in among:
            return size
    return 0


def holds(keys: Sequence[str], start: int, end: int, among: frozenset[tuple[str, ...]]) -> bool:
    """Say whether any of the phrases stands between two words."""
    if not among:
        return False
    lengths = {len(phrase) for phrase in among}
    firsts = {phrase[0] for phrase in among}
    return any(
        tuple(keys[word : word + size]) in among
        for word in range(start, end)
        if keys[word] in firsts
        for size in lengths
        if word + size <= end
    )


@lru_cache(maxsize=1)
def units() -> Lexicon[Unit]:
    """Return the units of measurement."""
    tables = load("units.toml")["units"]
    return Lexicon(
        (word_keys(word), Unit(family, table["unit"])) for family, table in tables.items() for word in table["words"]
    )
