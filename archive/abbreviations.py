"""Abbreviations of the administration and what they mean: one concept for every spelling and for the full form.

abbreviations.toml is the source and is edited by hand. A concept is named after the first abbreviation with its
meaning ("#ldtbxh"); joining words count for nothing in a meaning (thương binh và xã hội = thương binh xã hội).
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from archive.models import ArchiveError
from archive.text import fold, has_marks, tone_key

FILE = Path(__file__).with_name("abbreviations.toml")
JOINING = frozenset(("va", "cua", "voi"))  # folded
NAME, NUMBER, WORD = "<name>", "<number>", "<word>"

# What could be a syllable ("hu", "btv" could not) is no abbreviation in small letters.
_SYLLABLE = re.compile(
    r"(?:[bdhlmrsvx]|c|ch|g|gh|gi|k|kh|n|ng|ngh|nh|p|ph|qu?|t|th|tr)?[aeiouy]{1,3}(?:ch|ng|nh|[cmnpt])?"
)


class Syllable(NamedTuple):
    """A syllable of a text or of a meaning: its fold, and its key, which is empty where it was typed without marks."""

    fold: str
    key: str


def syllable(word: str) -> Syllable:
    """Return a typed word as concepts are compared by."""
    return Syllable(fold(word), tone_key(word) if has_marks(word) else "")


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """What an abbreviation stands for, and beside which (folded) words: none needed where both are empty."""

    short: str
    concept: str
    meaning: str
    words: tuple[Syllable, ...]
    after: frozenset[tuple[str, ...]] = frozenset()
    before: frozenset[tuple[str, ...]] = frozenset()

    @property
    def needs_context(self) -> bool:
        """Say whether the letters alone do not tell what is meant."""
        return bool(self.after or self.before)


@dataclass(slots=True)
class Branch:
    """The full forms that go on from here, by the next fold; and the concepts whose full form ends here."""

    next: dict[str, Branch] = field(default_factory=dict)
    ends: list[tuple[tuple[str, ...], str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Abbreviations:
    """All that is known: by letters as written, by folded letters typed in small ones, and all full forms.

    `beginnings` are what their letters can begin with; `meanings` are the full forms by concept.
    """

    written: dict[str, tuple[Abbreviation, ...]]
    small: dict[str, Abbreviation]
    beginnings: frozenset[str]
    full: Branch
    meanings: dict[str, str]


def meanings() -> dict[str, str]:
    """Return the abbreviations that mean one thing wherever they stand: letters as written, and the full form."""
    known = load_abbreviations().written
    return {short: one.meaning for short, some in known.items() for one in some if not one.needs_context}


@lru_cache(maxsize=1)
def load_abbreviations() -> Abbreviations:
    """Return what abbreviations.toml says; raise ArchiveError, with the line, where it is no TOML."""
    try:
        tables: dict[str, Any] = tomllib.loads(FILE.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ArchiveError(f"{FILE}: {error}") from error
    bound = tables.pop("in_context")
    concepts: dict[tuple[Syllable, ...], str] = {}
    plain = [_abbreviation(short, meaning, concepts) for table in tables.values() for short, meaning in table.items()]
    guarded = [
        _abbreviation(row["short"], row["meaning"], concepts, row.get("after", ()), row.get("before", ()))
        for row in bound
    ]
    written: dict[str, tuple[Abbreviation, ...]] = {}
    for one in (*plain, *guarded):
        written[one.short] = (*written.get(one.short, ()), one)
    small = {fold(one.short): one for one in reversed(plain) if not _SYLLABLE.fullmatch(fold(one.short))}
    every = (*plain, *guarded)
    meant = {one.concept: one.meaning for one in reversed(every)}
    beginnings = frozenset(
        letters[:n] for letters in (*written, *small, *map(str.lower, written)) for n in range(1, 1 + len(letters))
    )
    return Abbreviations(written, small, beginnings, _tree(every), meant)


def _abbreviation(
    short: str,
    meaning: str,
    concepts: dict[tuple[Syllable, ...], str],
    after: tuple[str, ...] = (),
    before: tuple[str, ...] = (),
) -> Abbreviation:
    words = tuple(syllable(word) for word in meaning.split())
    words = tuple(word for word in words if word.fold not in JOINING)
    concept = concepts.setdefault(words, "#" + fold(short))
    return Abbreviation(short, concept, meaning, words, _folded(after), _folded(before))


def _folded(phrases: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(fold(word) for word in phrase.split()) for phrase in phrases)


def _tree(known: tuple[Abbreviation, ...]) -> Branch:
    root = Branch()
    for one in known:
        at = root
        for word in one.words:
            at = at.next.setdefault(word.fold, Branch())
        end = (tuple(word.key for word in one.words), one.concept)
        if len(one.words) > 1 and end not in at.ends:
            at.ends.append(end)
    return root
