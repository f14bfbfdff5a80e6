"""Which documents, and which of a document's files, match a query."""

from __future__ import annotations

from array import array
from bisect import bisect
from collections.abc import Sequence
from functools import reduce
from operator import and_, or_

from archive.index.columns import bitmap
from archive.index.postings import OWN_FIELDS, TEXT_FIELDS, Postings
from archive.models import All, AnyOf, AtLeast, Node, Not, Phrase, Term
from archive.terms import END_OF_FILE


class Matching:
    """Finds the documents of one generation that match, as bitmaps."""

    def __init__(self, postings: Postings) -> None:
        self._postings = postings

    def match(self, node: Node, fields: Sequence[str] = TEXT_FIELDS) -> int:
        """Return the documents that match in these fields; what is excluded is so by their own words alone."""
        match node:
            case Term():
                return reduce(or_, (self._postings.find(field, node.term).bits for field in fields_of(node, fields)))
            case Phrase():
                return reduce(or_, (self._match_phrase(field, node.terms) for field in fields_of(node, fields)))
            case All():
                return reduce(and_, (self.match(child, fields) for child in node.nodes), self._postings.everything)
            case AnyOf():
                return reduce(or_, (self.match(child, fields) for child in node.nodes), 0)
            case AtLeast():
                return self._match_most(node, fields)
            case Not():
                return self._postings.everything & ~self.match(node.node, OWN_FIELDS)

    def match_by_files(self, node: Node, matched: int) -> int:
        """Return those of the matches that would be none without their files."""
        if not self._postings.find("files", END_OF_FILE).bits & matched:
            return 0
        return matched & ~self.match(node, OWN_FIELDS)

    def files(self, node: Node, document: int) -> tuple[int, ...]:
        """Return the numbers of a document's files that match the node, ascending."""
        ends = self._places("files", END_OF_FILE, document)
        return tuple(sorted(self._match_files(node, document, *ends.values()))) if ends else ()

    def _match_files(self, node: Node, document: int, ends: array[int]) -> set[int]:
        match node:
            case Term(term, None):
                return self._files_with((term,), document, ends)
            case Phrase(terms, None):
                return self._files_with(terms, document, ends)
            case All():
                return set.intersection(*(self._match_files(child, document, ends) for child in node.nodes))
            case AnyOf():
                return set.union(*(self._match_files(child, document, ends) for child in node.nodes))
        return set()

    def _files_with(self, terms: tuple[str, ...], document: int, ends: array[int]) -> set[int]:
        """Return the files of one document, by where each ends, in which the terms stand side by side."""
        starts: set[int] | None = None
        for shift, term in enumerate(terms):
            held = self._places("files", term, document)
            moved = {position - shift for positions in held.values() for position in positions}
            starts = moved if starts is None else starts & moved
        return {bisect(ends, start) for start in starts or ()}

    def _places(self, field: str, term: str, documents: int) -> dict[int, array[int]]:
        """Return by number where a term stands in a field of those of the documents that hold it."""
        return self._postings.positions(field, term, documents & self._postings.find(field, term).bits)

    def _match_most(self, node: AtLeast, fields: Sequence[str]) -> int:
        """Return the documents that so many of the nodes match; held[n] are those that n have matched so far."""
        held = [self._postings.everything, *[0] * node.count]
        for bits in (self.match(child, fields) for child in node.nodes):
            for count in range(node.count, 0, -1):
                held[count] |= held[count - 1] & bits
        return held[node.count]

    def _match_phrase(self, field: str, terms: tuple[str, ...]) -> int:
        candidates = reduce(and_, (self._postings.find(field, term).bits for term in terms))
        if len(terms) == 1 or not candidates:
            return candidates
        size = self._postings.size
        starts: dict[int, set[int]] | None = None
        for shift, term in enumerate(terms):
            held = self._postings.positions(field, term, candidates if starts is None else bitmap(starts, size))
            moved = {number: {position - shift for position in positions} for number, positions in held.items()}
            starts = moved if starts is None else _meet(starts, moved)
        return bitmap(starts or (), size)


def fields_of(node: Term | Phrase, fields: Sequence[str]) -> Sequence[str]:
    """Return the fields that a node is sought in: its own, else these."""
    return (node.field,) if node.field else fields


def _meet(starts: dict[int, set[int]], moved: dict[int, set[int]]) -> dict[int, set[int]]:
    """Keep the starts that both terms agree on."""
    both = {number: starts[number] & positions for number, positions in moved.items() if number in starts}
    return {number: positions for number, positions in both.items() if positions}
