"""Which of the documents that match come first: BM25F by field, and words side by side as they were typed."""

from __future__ import annotations

import math
from array import array
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property, reduce
from heapq import nsmallest
from itertools import pairwise
from operator import or_
from typing import Any

from archive.index.columns import Columns, bitmap, numbers_of
from archive.index.matching import fields_of
from archive.index.postings import OWN_FIELDS, TEXT_FIELDS, Postings
from archive.models import All, AnyOf, AtLeast, Node, Phrase, Query, Sort, Term

_FIELD_WEIGHT = {"title": 3.0, "text": 1.0, "files": 0.2}
_K1, _B = 1.2, 0.75  # BM25F, the usual constants
_PHRASE_BONUS = 1.5
_NEIGHBOUR_BONUS = {"title": 0.9, "text": 0.6}  # of the mean idf of two words typed and found side by side
_BEST = 100  # hits whose positions are looked at; the rest keep their order behind them


class Ranking:
    """Puts matches of one generation in order."""

    def __init__(self, postings: Postings, held: Columns) -> None:
        self._postings, self._held = postings, held

    def window(self, matched: int, query: Query, by_files: Collection[int]) -> list[tuple[int, float]]:
        """Return the numbers and scores of the page that the query asks for; `by_files` come behind the others."""
        scores = self._scores(numbers_of(matched), query)
        order = self._order(scores, query.sort, by_files)
        end = query.offset + query.limit
        if query.sort == "relevance" and len(query.row) > 1 and query.offset < _BEST:
            ranked = nsmallest(max(end, _BEST), scores, key=order)
            self._add_neighbours(scores, ranked[:_BEST], query.row)
            ranked[:_BEST] = sorted(ranked[:_BEST], key=order)
        else:
            ranked = nsmallest(end, scores, key=order)
        return [(number, round(scores[number], 4)) for number in ranked[query.offset : end]]

    def _order(self, scores: Mapping[int, float], sort: Sort, by_files: Collection[int]) -> Any:
        """Return the sort key: best first, the younger before the older among equals, undated last.

        What matches by its files comes behind all that match by their own words.
        """
        age, dates = self._held.ages, self._held.dates
        if sort == "newest":
            return age.__getitem__
        if sort == "oldest":
            return lambda number: (not dates[number], -age[number])
        return lambda number: (number in by_files, -scores[number], age[number])

    def _scores(self, numbers: list[int], query: Query) -> dict[int, float]:
        scores = dict.fromkeys(numbers, 0.0)
        if query.node is not None and query.sort == "relevance":
            for term, weight in _wanted(query.node):
                self._add_scores(scores, term, weight)
        return scores

    def _add_scores(self, scores: dict[int, float], term: Term, weight: float) -> None:
        """Add the BM25F score of one term to each matched document."""
        found = {field: self._postings.find(field, term.term) for field in fields_of(term, TEXT_FIELDS)}
        idf = weight * self._idf(reduce(or_, (hit.bits for hit in found.values())))
        frequency: dict[int, float] = {}
        for field, hit in found.items():
            norm, factor = self._norms[field], _FIELD_WEIGHT[field]
            for number, count in zip(hit.numbers, hit.weights, strict=True):
                if number in scores:
                    frequency[number] = frequency.get(number, 0.0) + factor * count / norm[number]
        for number, value in frequency.items():
            scores[number] += idf * value / (_K1 + value)

    def _idf(self, bits: int) -> float:
        seen = bits.bit_count()
        return math.log(1 + (self._postings.size - seen + 0.5) / (seen + 0.5))

    def _add_neighbours(self, scores: dict[int, float], numbers: Sequence[int], row: tuple[str, ...]) -> None:
        """Add to the scores of these documents for each two words typed in a row that stand so in title or text."""
        held, postings = bitmap(numbers, self._postings.size), self._postings
        rarity = {term: self._idf(postings.holding(term)) for term in row}
        best: dict[tuple[int, int], float] = {}
        for field in reversed(OWN_FIELDS):  # the title last, as it counts for more
            places = {term: postings.positions(field, term, held & postings.find(field, term).bits) for term in rarity}
            for n, (one, other) in enumerate(pairwise(row)):
                gain = _NEIGHBOUR_BONUS[field] * (rarity[one] + rarity[other]) / 2
                best |= {(number, n): gain for number in _side_by_side(places[one], places[other])}
        for (number, _), gain in best.items():
            scores[number] += gain

    @cached_property
    def _norms(self) -> dict[str, list[float]]:
        """Return, by field and document, how far the field's length damps a term's frequency."""
        return {field: self._norm(field) for field in TEXT_FIELDS}

    def _norm(self, field: str) -> list[float]:
        lengths = self._held.lengths[field]
        some = sum(1 for length in lengths if length)  # few articles have files
        average = sum(lengths) / some if some else 1
        return [1 - _B + _B * length / average for length in lengths]


def _side_by_side(places: Mapping[int, array[int]], others: Mapping[int, array[int]]) -> Iterator[int]:
    """Yield the documents in which one of the places is right before one of the others."""
    for number, positions in places.items():
        if number in others and not set(others[number]).isdisjoint(position + 1 for position in positions):
            yield number


def _wanted(node: Node) -> Iterator[tuple[Term, float]]:
    """Yield the terms that speak for a document, with what they count; excluded ones do not."""
    match node:
        case Term():
            yield node, node.weight
        case Phrase():
            for term in node.terms:
                yield Term(term, node.field), _PHRASE_BONUS
        case All() | AnyOf() | AtLeast():
            for child in node.nodes:
                yield from _wanted(child)
