"""Where terms stand: documents as integers used as bitmaps, weights and positions; what was asked for last is kept."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Protocol

from archive.index.columns import bitmap, numbers_of

OWN_FIELDS = ("title", "text")
TEXT_FIELDS = (*OWN_FIELDS, "files")
_CACHE_BYTES = 16 << 20  # postings kept by one reader


class Storage(Protocol):
    """What an engine's package keeps of one generation."""

    def postings(self, field: str, term: str) -> tuple[array[int], array[float]]:
        """Return the numbers of the documents that hold a term, ascending, and its weight in each."""
        ...

    def positions(self, field: str, term: str, numbers: Iterable[int]) -> dict[int, array[int]]:
        """Return by number where a term stands in these documents, which all hold it and are named ascending."""
        ...

    def id_of(self, number: int) -> str:
        """Return the id of a document."""
        ...

    def close(self) -> None:
        """Close the files of the generation."""
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """Where a term stands in one field: documents as a bitmap, and its weight in each of them."""

    bits: int
    numbers: array[int]
    weights: array[float]

    @property
    def bytes(self) -> int:
        """About how much memory it takes."""
        return 300 + len(self.numbers) * 8 + self.bits.bit_length() // 8


class Cache:
    """The postings that were asked for last, up to _CACHE_BYTES."""

    def __init__(self) -> None:
        self._held: OrderedDict[tuple[str, str], Found] = OrderedDict()
        self._bytes = 0

    def get(self, key: tuple[str, str], find: Callable[[str, str], Found]) -> Found:
        """Return what is held under the key, else what `find` answers, in place of the longest unused."""
        found = self._held.pop(key, None)
        if found is None:
            found = find(*key)
            self._bytes += found.bytes
        self._held[key] = found
        while self._bytes > _CACHE_BYTES and len(self._held) > 1:
            self._bytes -= self._held.popitem(last=False)[1].bytes
        return found


class Postings:
    """The terms of one generation of `size` documents."""

    def __init__(self, storage: Storage, size: int) -> None:
        self.size, self.everything = size, (1 << size) - 1
        self._storage, self._cache = storage, Cache()

    def find(self, field: str, term: str) -> Found:
        """Return where a term stands in a field."""
        return self._cache.get((field, term), self._read)

    def holding(self, term: str) -> int:
        """Return the documents that hold a term, in title, text or files."""
        return reduce(or_, (self.find(field, term).bits for field in TEXT_FIELDS))

    def positions(self, field: str, term: str, candidates: int) -> dict[int, array[int]]:
        """Return by document number where a term stands in a field of the candidates, which all hold it there."""
        return self._storage.positions(field, term, numbers_of(candidates)) if candidates else {}

    def _read(self, field: str, term: str) -> Found:
        numbers, weights = self._storage.postings(field, term)
        return Found(bitmap(numbers, self.size), numbers, weights)
