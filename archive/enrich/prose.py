"""A text as the rules of enrichment read it: syllables with their keys and offsets, abbreviations spelt out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from archive.abbreviations import meanings
from archive.text import tone_key

READ_LIMIT = 60_000  # code points; no announcement is longer, and what lies beyond is not read by any rule
LEAD = 400  # code points after the title in which a Vietnamese news item says who did what, where

STOP, PAUSE, BRACKET = ".", ";", "("  # keys that no phrase contains: end of a sentence, of a list item, a bracket
STOPS = frozenset((STOP, PAUSE))
BREAKS = frozenset((STOP, PAUSE, BRACKET))

# "TP." "Q." and initials end no sentence; a full stop without a blank after it does when a capital follows.
_TOKEN = re.compile(
    r"(?P<word>[^\W\d_]{1,32}(?:[\u0300-\u036f]{1,4}[^\W\d_]{0,32}){0,8})"
    r"|\d{1,12}(?:[.,/]\d{1,12}){0,6}"
    r"|[!?…\n;:()\[\]{}]"
    r"|(?<!\b[A-ZĐ])(?<!\bT[PXTp])\.(?=\s|$|[A-ZĐ“\"])"
)
_BREAKS = {**dict.fromkeys("!?…\n.", STOP), **dict.fromkeys(";:", PAUSE), **dict.fromkeys("()[]{}", BRACKET)}
# Capitals joined as in LĐ-TB&XH, LĐ - TB và XH, UBND-BCĐ, TP.HCM; which of them are one abbreviation the table says.
_CAPITALS = re.compile(r"[A-ZĐƯƠ]{1,10}(?![^\W\d_])(?:(?: ?[-–&.,/] ?| và | )[A-ZĐƯƠ]{1,10}(?![^\W\d_])){0,5}")
_DAY = re.compile(r"[12]\d{3}-\d\d-\d\d")
_PIECE = re.compile(r"[A-ZĐƯƠ]{1,10}")


@dataclass(frozen=True, slots=True)
class Prose:
    """A text cut into syllables, numbers and breaks: parallel lists of keys and of offsets into `text`.

    An abbreviation stands there as the words it means, each with the offsets of the abbreviation. The title lies
    between the offsets of `title`; `published` is a day (YYYY-MM-DD), its year alone, or None.
    """

    text: str
    title: tuple[int, int]
    published: str | None
    keys: list[str]
    starts: list[int]
    ends: list[int]

    def zone(self, word: int) -> str:
        """Return where a word stands: "title", "lead" (the first LEAD code points after it) or "body"."""
        offset = self.starts[word]
        if self.title[0] <= offset < self.title[1]:
            return "title"
        return "lead" if self.title[1] <= offset < self.title[1] + LEAD else "body"

    def surface(self, start: int, end: int) -> str:
        """Return the text of the words start to end (exclusive), as it is printed."""
        return self.text[self.starts[start] : self.ends[end - 1]]

    def is_name(self, start: int, end: int) -> bool:
        """Say whether each of the words begins with a capital or a digit, or follows an apostrophe (Cư M'gar)."""
        return all(
            self.text[first].isupper() or self.text[first].isdigit() or self.text[max(0, first - 1)] in "'’"
            for first in self.starts[start:end]
        )


def read_prose(title: str, text: str, published: str | None) -> Prose:
    """Return the text cut into words; the title is looked for in it, and empty when it does not stand there.

    `published` is ISO 8601; anything else is an unknown day.
    """
    start = text.find(title) if title else -1
    span = (start, start + len(title)) if start >= 0 else (0, 0)
    keys, starts, ends = _cut(text[:READ_LIMIT])
    day = _DAY.match(published or "")
    return Prose(text, span, day.group() if day else None, keys, starts, ends)


def word_keys(phrase: str) -> tuple[str, ...]:
    """Return the keys of a phrase of a lexicon, abbreviations spelt out as in a text."""
    return tuple(key for key in _cut(phrase)[0] if key not in BREAKS)


def _cut(text: str) -> tuple[list[str], list[int], list[int]]:
    keys: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    position = 0
    abbreviations = load_abbreviations()
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        if start < position:
            continue
        surface, position = match.group(), end
        if surface in abbreviations or surface.isupper():
            words, position = _expand(text, start, end, abbreviations)
            keys.extend(words)
            starts.extend([start] * len(words))
            ends.extend([position] * len(words))
        else:
            keys.append(tone_key(surface) if match.lastgroup == "word" else _BREAKS.get(surface, surface))
            starts.append(start)
            ends.append(end)
    return keys, starts, ends


def _expand(
    text: str, start: int, end: int, abbreviations: Mapping[str, tuple[str, ...]]
) -> tuple[tuple[str, ...], int]:
    """Return the words of the abbreviation at start and where it ends; the key of the word when it is none."""
    run = _CAPITALS.match(text, start)
    if run is None:
        return abbreviations.get(text[start:end]) or (tone_key(text[start:end]),), end
    pieces = list(_PIECE.finditer(text, run.start(), run.end()))
    for last in range(len(pieces), 0, -1):
        short = "".join(piece.group() for piece in pieces[:last])
        if short in abbreviations:
            return abbreviations[short], pieces[last - 1].end()
    return (tone_key(text[start:end]),), end


@lru_cache(maxsize=1)
def load_abbreviations() -> dict[str, tuple[str, ...]]:
    """Return what each abbreviation means that means one thing wherever it stands, as keys; read once."""
    return {short: tuple(map(tone_key, meaning.split())) for short, meaning in meanings().items()}
