"""What changed between two versions of a text, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

_WORD = re.compile(r"\S+\s*|\s+")
_CONTEXT = 15  # words kept on either side of a change
_MOST_WORDS = 6_000  # beyond this, lines are compared instead: the time of a comparison grows with the square


class Change(NamedTuple):
    """A stretch of text: unchanged, taken out, put in, or unchanged words that are left out between changes."""

    kind: Literal["same", "out", "in", "skipped"]
    text: str


def changes(before: str, after: str) -> tuple[Change, ...]:
    """Return how to get from one text to the other; the stretches of "same" and "out" are the first, in order."""
    long = max(len(before), len(after)) > _MOST_WORDS * 6
    old, new = (text.splitlines(keepends=True) if long else _WORD.findall(text) for text in (before, after))
    return tuple(_steps(old, new))


def _steps(old: Sequence[str], new: Sequence[str]) -> Iterator[Change]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            yield Change("same", "".join(old[a:b]))
            continue
        if a < b:
            yield Change("out", "".join(old[a:b]))
        if c < d:
            yield Change("in", "".join(new[c:d]))


def shortened(steps: Sequence[Change]) -> tuple[Change, ...]:
    """Return the steps with long unchanged stretches cut to the words next to a change."""
    return tuple(step for n, change in enumerate(steps) for step in _shortened(change, n == 0, n == len(steps) - 1))


def _shortened(change: Change, first: bool, last: bool) -> Iterator[Change]:
    words = _WORD.findall(change.text)
    if change.kind != "same" or len(words) <= 3 * _CONTEXT:
        yield change
        return
    if not first:
        yield Change("same", "".join(words[:_CONTEXT]))
    yield Change("skipped", "")
    if not last:
        yield Change("same", "".join(words[-_CONTEXT:]))
