"""Answers queries on one generation: what matches, under which filters, with facets, in which order.

Document sets are integers used as bitmaps, and the facets of a query are the intersections of two bitmaps.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import reduce
from operator import and_, or_

from archive.index.columns import Columns, bitmap, numbers_of
from archive.index.matching import Matching
from archive.index.postings import Postings, Storage
from archive.index.ranking import Ranking
from archive.models import EngineHits, Node, Query


class Reader:
    """One opened generation, with what its queries share: postings, dates, lengths, facet bitmaps."""

    def __init__(self, storage: Storage, held: Columns) -> None:
        self._storage, self._held = storage, held
        self._postings = Postings(storage, held.size)
        self._matching = Matching(self._postings)
        self._ranking = Ranking(self._postings, held)

    def close(self) -> None:
        """Close the files of the generation."""
        self._storage.close()

    def search(self, query: Query) -> EngineHits:
        """Return total, window and facet counts."""
        base = self._postings.everything if query.node is None else self._matching.match(query.node)
        base &= self._visible(query)
        chosen = {name: self._chosen(name, values) for name, values in query.filters.items()}
        matched = reduce(and_, chosen.values(), base)
        window = self._ranking.window(matched, query, self._by_files(matched, query))
        return EngineHits(
            total=matched.bit_count(),
            ids=tuple((self._storage.id_of(number), score) for number, score in window),
            facets={name: self._count(name, base, chosen) for name in query.facets},
        )

    def frequency(self, term: str) -> int:
        """Return in how many documents a term stands."""
        return (self._postings.holding(term) & self._held.alive).bit_count()

    def files(self, document_id: str, node: Node) -> tuple[int, ...]:
        """Return the numbers of a document's files that match the node, ascending."""
        numbers, _ = self._storage.postings("key", document_id)
        return self._matching.files(node, bitmap(numbers, self._held.size) & self._held.alive)

    def _by_files(self, matched: int, query: Query) -> Collection[int]:
        """Return the documents that would not match without their files, where that counts."""
        if query.node is None or query.sort != "relevance":
            return ()
        return frozenset(numbers_of(self._matching.match_by_files(query.node, matched)))

    def _visible(self, query: Query) -> int:
        visible = self._held.alive if query.hidden else self._held.visible
        if query.published_from or query.published_to:
            first, last = query.published_from or "0", f"{query.published_to or '9999'}~"
            dated = (number for number, date in enumerate(self._held.dates) if first <= date <= last)
            visible &= bitmap(dated, self._held.size)
        return visible

    def _chosen(self, facet: str, values: Iterable[str]) -> int:
        return reduce(or_, (self._held.facet(facet).get(value, 0) for value in values), 0)

    def _count(self, facet: str, base: int, chosen: Mapping[str, int]) -> dict[str, int]:
        """Count the facet's values among what the query and the other facets let through."""
        others = reduce(and_, (bits for name, bits in chosen.items() if name != facet), base)
        counts = {value: (bits & others).bit_count() for value, bits in self._held.facet(facet).items()}
        return {value: count for value, count in counts.items() if count}
