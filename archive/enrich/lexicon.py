"""Phrases of a lexicon found in a text: a trie over syllable keys, longest match first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Generic, NamedTuple, TypeVar

T = TypeVar("T")
_ENTRY = ""  # the key under which a node of the trie holds what its phrase stands for; no syllable is empty


class Found(NamedTuple, Generic[T]):
    """A phrase found: the words start to end (exclusive) and what the lexicon says it stands for."""

    start: int
    end: int
    entry: T


class Lexicon(Generic[T]):
    """A set of phrases, each standing for an entry; built once, read by any number of texts."""

    def __init__(self, phrases: Iterable[tuple[tuple[str, ...], T]]) -> None:
        self._root: dict[str, Any] = {}
        for keys, entry in phrases:
            node = self._root
            for key in keys:
                node = node.setdefault(key, {})
            if keys:
                node[_ENTRY] = entry

    def find(self, keys: list[str]) -> Iterator[Found[T]]:
        """Yield the phrases from left to right, the longest at each place; none lies within another one."""
        reached = 0
        root = self._root
        for start, key in enumerate(keys):
            if key in root:
                found = self._longest(keys, start)
                if found is not None and found.end > reached:
                    reached = found.end
                    yield found

    def _longest(self, keys: list[str], start: int) -> Found[T] | None:
        node, end, found = self._root, start, None
        while end < len(keys) and keys[end] in node:
            node = node[keys[end]]
            end += 1
            if _ENTRY in node:
                found = Found(start, end, node[_ENTRY])
        return found
