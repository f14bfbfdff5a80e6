"""Cue words of claims/cues.toml found in a text, and the nearest of them to a figure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from archive.enrich.claims.words import lexicon, load
from archive.enrich.lexicon import Found, Lexicon

MASK = "mask"  # words that contain a cue and say nothing


@lru_cache(maxsize=8)
def _lexicon(table: str, names: tuple[str, ...]) -> Lexicon[str]:
    return lexicon(load("cues.toml")[table], names)


def _unmasked(found: Iterable[Found[str]]) -> Iterator[Found[str]]:
    """Yield the cues that do not begin within masked words."""
    masked = 0
    for cue in found:
        if cue.entry == MASK:
            masked = cue.end
        elif cue.start >= masked:
            yield cue


class Cues:
    """The cues of one table in a text, found once; each stands for the name of its list."""

    def __init__(self, keys: list[str], table: str, *names: str) -> None:
        self._found = list(_unmasked(_lexicon(table, (*names, MASK)).find(keys)))
        self._starts = [cue.start for cue in self._found]

    def between(self, start: int, end: int) -> Sequence[Found[str]]:
        """Return the cues that lie wholly between two words, from left to right."""
        first, last = bisect_left(self._starts, start), bisect_left(self._starts, end)
        return [cue for cue in self._found[first:last] if cue.end <= end]

    def last(self, start: int, end: int, *names: str) -> Found[str] | None:
        """Return the last cue of the named lists between two words."""
        return next((cue for cue in reversed(self.between(start, end)) if cue.entry in names), None)

    def backwards(self, start: int, end: int) -> Iterator[Found[str]]:
        """Yield the cues between two words from right to left."""
        return reversed(self.between(start, end))
