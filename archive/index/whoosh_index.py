"""The embedded default engine: Whoosh keeps terms and postings on disk, matching and ranking are ours.

Whoosh's own query layer can be hung by one character and re-analyses text (reliability.md section 2), so only its
storage is used: a term's postings are read as they lie there, document sets are integers used as bitmaps, and the
facets of a query are the intersections of two bitmaps.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from heapq import nsmallest
from itertools import pairwise
from operator import and_, or_
from pathlib import Path
from threading import Lock
from typing import Any

from whoosh import fields, formats, index
from whoosh.reading import TermNotFound

from archive.index import columns
from archive.index.columns import Columns, bitmap, numbers_of, pack
from archive.index.generations import Generations
from archive.models import FACETS as FACET_FIELDS
from archive.models import All, AnyOf, AtLeast, EngineHits, IndexDocument, Node, Not, Phrase, Query, Sort, Term
from archive.terms import ANALYSIS, END_OF_FILE

_OWN_FIELDS = ("title", "text")
_TEXT_FIELDS = (*_OWN_FIELDS, "files")
_FIELD_WEIGHT = {"title": 3.0, "text": 1.0, "files": 0.2}
_K1, _B = 1.2, 0.75  # BM25F, the usual constants
_PHRASE_BONUS = 1.5
_NEIGHBOUR_BONUS = {"title": 0.9, "text": 0.6}  # of the mean idf of two words typed and found side by side
_BEST = 100  # hits whose positions are looked at; the rest keep their order behind them
_MEMORY_MB = 128
_CACHE_BYTES = 16 << 20  # postings kept by one reader
_NO_DATE = "\x00"  # sorts before every date


class _Positions(formats.Format):  # type: ignore[misc]
    """Postings that carry the positions of a term as unsigned 32-bit integers."""

    def fixed_value_size(self) -> None:
        """Say that values differ in length."""
        return

    def supports(self, name: str) -> bool:
        """Say that Whoosh's own query layer can make no use of the values."""
        return False


class _Terms(fields.FieldType):  # type: ignore[misc]
    """A field that takes analysed terms: {term: positions}."""

    def __init__(self) -> None:
        self.format = _Positions()
        self.analyzer = self.vector = self.column_type = None
        self.indexed = self.scorable = True
        self.stored = self.unique = self.spelling = self.queryor = False
        self.multitoken_query = "default"

    def index(self, value: Mapping[str, array[int]], **_: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Yield (term, frequency, weight, positions) as Whoosh's writer wants them."""
        for term, positions in value.items():
            yield term.encode(), len(positions), float(len(positions)), positions.tobytes()


class _Values(_Terms):
    """A field of exact values: facets, date, id."""

    def __init__(self) -> None:
        super().__init__()
        self.format = formats.Existence()
        self.scorable = False

    def index(self, value: Iterable[str], **_: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Yield every value once."""
        for term in dict.fromkeys(value):
            yield term.encode(), 1, 1.0, b""


def _schema() -> fields.Schema:
    names = {name: _Terms() for name in _TEXT_FIELDS}
    values = {name: _Values() for name in (*FACET_FIELDS, "published", "hidden", "key")}
    return fields.Schema(id=fields.STORED(), **names, **values)


class WhooshEngine:
    """An `Engine` on Whoosh 2.7.5, one folder a generation."""

    def __init__(self, folder: Path) -> None:
        """Use the generations below `folder`; nothing is opened before it is needed."""
        self._generations = Generations(folder)
        self._draft: Path | None = None
        self._writer: Any = None
        self._open: tuple[str, _Reader] | None = None
        self._reading = Lock()  # Whoosh's readers seek in shared files: one search at a time in each process

    # writing ---------------------------------------------------------------------------------------------

    def add(self, documents: Iterable[IndexDocument]) -> None:
        """Take documents in place of what is held under the same ids."""
        writer = self._write()
        for document in documents:
            self._forget(document.id)
            writer.add_document(
                id=document.id,
                key=(document.id,),
                title=_by_term(document.title),
                text=_by_term(document.text),
                files=_by_term(document.files),
                published=(document.published or _NO_DATE,),
                hidden=("1",) if document.hidden else ("0",),
                **{name: document.facets.get(name, ()) for name in FACET_FIELDS},
            )

    def delete(self, ids: Iterable[str]) -> None:
        """Forget the documents of those ids."""
        self._write()
        for document_id in ids:
            self._forget(document_id)

    def reset(self) -> None:
        """Begin an empty index."""
        self._cancel()
        self._draft = self._generations.draft(empty=True)
        self._begin(index.create_in(self._draft, _schema()))

    def commit(self, seq: int, database: str = "") -> None:
        """Publish the draft as the state of that database at change `seq`."""
        self._write()
        draft, self._draft = self._draft, None
        self._held.close()
        self._writer.commit()
        assert draft is not None
        with index.open_dir(draft).reader() as reader:
            documents = reader.doc_count()
            columns.write(draft, _columns(reader))
        self._generations.publish(draft, seq, documents, database)
        self._writer = None

    def close(self) -> None:
        """Drop what was not committed and close every file."""
        self._cancel()
        if self._open is not None:
            self._open[1].close()
            self._open = None

    def _write(self) -> Any:
        if self._draft is None:
            current = self._generations.current()
            if current is None:
                self.reset()
            else:
                self._generations.verify(current)
                self._draft = self._generations.draft(empty=False)
                self._begin(index.open_dir(self._draft))
        return self._writer

    def _begin(self, opened: Any) -> None:
        self._held = opened.reader()
        self._writer = opened.writer(limitmb=_MEMORY_MB)

    def _cancel(self) -> None:
        if self._writer is not None:
            self._held.close()
            self._writer.cancel()
            self._writer = None

    def _forget(self, document_id: str) -> None:
        for number in _postings(self._held, "key", document_id)[0]:
            self._writer.delete_document(number)

    # reading ---------------------------------------------------------------------------------------------

    def seq(self) -> int:
        """Return the change number of the published index, or -1 when there is none that this version can read."""
        current = self._generations.current()
        manifest = None if current is None else self._generations.manifest(current)
        return -1 if manifest is None or manifest.analysis != ANALYSIS else manifest.seq

    def database(self) -> str:
        """Return the id of the database that the published index was made from; empty when there is none."""
        current = self._generations.current()
        return "" if current is None else self._generations.manifest(current).database

    def frequency(self, term: str) -> int:
        """Return in how many documents a term stands."""
        with self._reading:
            reader = self._reader()
            return 0 if reader is None else reader.frequency(term)

    def files(self, document_id: str, node: Node) -> tuple[int, ...]:
        """Return the numbers of a document's files that match the node."""
        with self._reading:
            reader = self._reader()
            return () if reader is None else reader.files(document_id, node)

    def search(self, query: Query) -> EngineHits:
        """Return the matches of a query on the generation that is current now."""
        with self._reading:
            reader = self._reader()
            return EngineHits(0, (), {name: {} for name in query.facets}) if reader is None else reader.search(query)

    def _reader(self) -> _Reader | None:
        current = self._generations.current()
        if current is None:
            return None
        if self._open is None or self._open[0] != current:
            self._generations.verify(current)
            folder = self._generations.folder / current
            self._open = (current, _Reader(index.open_dir(folder).reader(), columns.read(folder)))
        return self._open[1]


def _by_term(positions: Iterable[tuple[str, ...]]) -> dict[str, array[int]]:
    """Turn terms by position into positions by term."""
    found: dict[str, array[int]] = {}
    for position, terms in enumerate(positions):
        for term in terms:
            found.setdefault(term, array("I")).append(position)
    return found


def _postings(reader: Any, field: str, term: str) -> tuple[array[int], array[float]]:
    """Return the numbers of the documents that hold a term, ascending, and its weight in each."""
    numbers, weights = array("I"), array("f")
    try:
        matcher = reader.postings(field, term.encode())
    except TermNotFound:
        return numbers, weights
    while matcher.is_active():
        numbers.append(matcher.id())
        weights.append(matcher.weight())
        matcher.next()
    return numbers, weights


def _columns(reader: Any) -> Columns:
    """Gather from the postings what queries ask of every document."""
    size: int = reader.doc_count_all()
    dates = [""] * size
    for value in reader.lexicon("published"):
        date = value.decode()
        for number in _postings(reader, "published", date)[0]:
            dates[number] = date.removeprefix(_NO_DATE)
    shown, hidden = (bitmap(_postings(reader, "hidden", flag)[0], size) for flag in "01")
    return Columns(
        size=size,
        dates=dates,
        lengths={field: _lengths(reader, field, size) for field in _TEXT_FIELDS},
        visible=shown,
        alive=shown | hidden,
        values={name: _values(reader, name, size) for name in FACET_FIELDS},
    )


def _lengths(reader: Any, field: str, size: int) -> array[int]:
    return array("I", (reader.doc_field_length(number, field, 0) or 0 for number in range(size)))


def _values(reader: Any, facet: str, size: int) -> dict[str, str]:
    values = [value.decode() for value in reader.lexicon(facet)]
    bitmaps = {value: bitmap(_postings(reader, facet, value)[0], size) for value in values}
    return {value: pack(bits, size) for value, bits in bitmaps.items() if bits}


@dataclass(frozen=True, slots=True)
class _Found:
    """Where a term stands in one field: documents as a bitmap, and its weight in each of them."""

    bits: int
    numbers: array[int]
    weights: array[float]

    @property
    def bytes(self) -> int:
        """About how much memory it takes."""
        return 300 + len(self.numbers) * 8 + self.bits.bit_length() // 8


class _Cache:
    """The postings that were asked for last, up to _CACHE_BYTES."""

    def __init__(self) -> None:
        self._held: OrderedDict[tuple[str, str], _Found] = OrderedDict()
        self._bytes = 0

    def get(self, key: tuple[str, str], find: Callable[[str, str], _Found]) -> _Found:
        """Return what is held under the key, else what `find` answers, in place of the longest unused."""
        found = self._held.pop(key, None)
        if found is None:
            found = find(*key)
            self._bytes += found.bytes
        self._held[key] = found
        while self._bytes > _CACHE_BYTES and len(self._held) > 1:
            self._bytes -= self._held.popitem(last=False)[1].bytes
        return found


class _Reader:
    """One opened generation, with what its queries share: dates, lengths, facet bitmaps."""

    def __init__(self, reader: Any, held: Columns) -> None:
        self._whoosh, self._held = reader, held
        self._size = held.size
        self._everything = (1 << held.size) - 1
        self._cache = _Cache()

    def close(self) -> None:
        """Close the files of the generation."""
        self._whoosh.close()

    def search(self, query: Query) -> EngineHits:
        """Return total, window and facet counts."""
        base = self._everything if query.node is None else self._match(query.node, _TEXT_FIELDS)
        base &= self._visible(query)
        chosen = {name: self._chosen(name, values) for name, values in query.filters.items()}
        matched = reduce(and_, chosen.values(), base)
        window = self._window(matched, query)
        return EngineHits(
            total=matched.bit_count(),
            ids=tuple((self._whoosh.stored_fields(number)["id"], score) for number, score in window),
            facets={name: self._count(name, base, chosen) for name in query.facets},
        )

    def frequency(self, term: str) -> int:
        """Return in how many documents a term stands."""
        return (self._bits(term) & self._held.alive).bit_count()

    # matching --------------------------------------------------------------------------------------------

    def files(self, document_id: str, node: Node) -> tuple[int, ...]:
        """Return the numbers of a document's files that match the node, ascending."""
        document = bitmap(_postings(self._whoosh, "key", document_id)[0], self._size) & self._held.alive
        ends = self._positions("files", END_OF_FILE, document & self._find("files", END_OF_FILE).bits)
        return tuple(sorted(self._match_files(node, document, *ends.values()))) if ends else ()

    def _match_files(self, node: Node, document: int, ends: array[int]) -> set[int]:
        match node:
            case Term(term, None):
                return self._holding((term,), document, ends)
            case Phrase(terms, None):
                return self._holding(terms, document, ends)
            case All():
                return set.intersection(*(self._match_files(child, document, ends) for child in node.nodes))
            case AnyOf():
                return set.union(*(self._match_files(child, document, ends) for child in node.nodes))
        return set()

    def _holding(self, terms: tuple[str, ...], document: int, ends: array[int]) -> set[int]:
        """Return the files of one document, by where each ends, in which the terms stand side by side."""
        starts: set[int] | None = None
        for shift, term in enumerate(terms):
            held = self._positions("files", term, document & self._find("files", term).bits)
            moved = {position - shift for positions in held.values() for position in positions}
            starts = moved if starts is None else starts & moved
        return {bisect(ends, start) for start in starts or ()}

    def _match(self, node: Node, fields: Sequence[str]) -> int:
        """Return the documents that match in these fields; what is excluded is so by their own words alone."""
        match node:
            case Term():
                return reduce(or_, (self._find(field, node.term).bits for field in _fields(node, fields)))
            case Phrase():
                return reduce(or_, (self._match_phrase(field, node.terms) for field in _fields(node, fields)))
            case All():
                return reduce(and_, (self._match(child, fields) for child in node.nodes), self._everything)
            case AnyOf():
                return reduce(or_, (self._match(child, fields) for child in node.nodes), 0)
            case AtLeast():
                return self._match_most(node, fields)
            case Not():
                return self._everything & ~self._match(node.node, _OWN_FIELDS)

    def _match_most(self, node: AtLeast, fields: Sequence[str]) -> int:
        """Return the documents that so many of the nodes match; held[n] are those that n have matched so far."""
        held = [self._everything, *[0] * node.count]
        for bits in (self._match(child, fields) for child in node.nodes):
            for count in range(node.count, 0, -1):
                held[count] |= held[count - 1] & bits
        return held[node.count]

    def _match_phrase(self, field: str, terms: tuple[str, ...]) -> int:
        candidates = reduce(and_, (self._find(field, term).bits for term in terms))
        if len(terms) == 1 or not candidates:
            return candidates
        starts: dict[int, set[int]] | None = None
        for shift, term in enumerate(terms):
            held = self._positions(field, term, candidates if starts is None else bitmap(starts, self._size))
            moved = {number: {position - shift for position in positions} for number, positions in held.items()}
            starts = moved if starts is None else _meet(starts, moved)
        return bitmap(starts or (), self._size)

    def _positions(self, field: str, term: str, candidates: int) -> dict[int, array[int]]:
        if not candidates:
            return {}
        matcher = self._whoosh.postings(field, term.encode())
        held = {}
        for number in numbers_of(candidates):
            matcher.skip_to(number)
            held[number] = array("I", matcher.value())
        return held

    def _find(self, field: str, term: str) -> _Found:
        return self._cache.get((field, term), self._find_term)

    def _bits(self, term: str) -> int:
        return reduce(or_, (self._find(field, term).bits for field in _TEXT_FIELDS))

    def _find_term(self, field: str, term: str) -> _Found:
        numbers, weights = _postings(self._whoosh, field, term)
        return _Found(bitmap(numbers, self._size), numbers, weights)

    # filters and facets ----------------------------------------------------------------------------------

    def _visible(self, query: Query) -> int:
        visible = self._held.alive if query.hidden else self._held.visible
        if query.published_from or query.published_to:
            first, last = query.published_from or "0", f"{query.published_to or '9999'}~"
            dated = (number for number, date in enumerate(self._held.dates) if first <= date <= last)
            visible &= bitmap(dated, self._size)
        return visible

    def _chosen(self, facet: str, values: Iterable[str]) -> int:
        return reduce(or_, (self._held.facet(facet).get(value, 0) for value in values), 0)

    def _count(self, facet: str, base: int, chosen: Mapping[str, int]) -> dict[str, int]:
        """Count the facet's values among what the query and the other facets let through."""
        others = reduce(and_, (bits for name, bits in chosen.items() if name != facet), base)
        counts = {value: (bits & others).bit_count() for value, bits in self._held.facet(facet).items()}
        return {value: count for value, count in counts.items() if count}

    # ranking ---------------------------------------------------------------------------------------------

    def _window(self, matched: int, query: Query) -> list[tuple[int, float]]:
        scores = self._scores(numbers_of(matched), query)
        order = self._order(scores, query.sort, self._by_files(matched, query))
        end = query.offset + query.limit
        if query.sort == "relevance" and len(query.row) > 1 and query.offset < _BEST:
            ranked = nsmallest(max(end, _BEST), scores, key=order)
            self._add_neighbours(scores, ranked[:_BEST], query.row)
            ranked[:_BEST] = sorted(ranked[:_BEST], key=order)
        else:
            ranked = nsmallest(end, scores, key=order)
        return [(number, round(scores[number], 4)) for number in ranked[query.offset : end]]

    def _by_files(self, matched: int, query: Query) -> frozenset[int]:
        """Return the documents that would not match without their files."""
        if query.node is None or query.sort != "relevance" or not self._find("files", END_OF_FILE).bits & matched:
            return frozenset()
        return frozenset(numbers_of(matched & ~self._match(query.node, _OWN_FIELDS)))

    def _order(self, scores: Mapping[int, float], sort: Sort, by_files: frozenset[int]) -> Any:
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
        found = {field: self._find(field, term.term) for field in _fields(term, _TEXT_FIELDS)}
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
        return math.log(1 + (self._size - seen + 0.5) / (seen + 0.5))

    def _add_neighbours(self, scores: dict[int, float], numbers: Sequence[int], row: tuple[str, ...]) -> None:
        """Add to the scores of these documents for each two words typed in a row that stand so in title or text."""
        held = bitmap(numbers, self._size)
        rarity = {term: self._idf(self._bits(term)) for term in row}
        best: dict[tuple[int, int], float] = {}
        for field in reversed(_OWN_FIELDS):  # the title last, as it counts for more
            places = {term: self._positions(field, term, held & self._find(field, term).bits) for term in rarity}
            for n, (one, other) in enumerate(pairwise(row)):
                gain = _NEIGHBOUR_BONUS[field] * (rarity[one] + rarity[other]) / 2
                best |= {(number, n): gain for number in _side_by_side(places[one], places[other])}
        for (number, _), gain in best.items():
            scores[number] += gain

    @cached_property
    def _norms(self) -> dict[str, list[float]]:
        """Return, by field and document, how far the field's length damps a term's frequency."""
        return {field: self._norm(field) for field in _TEXT_FIELDS}

    def _norm(self, field: str) -> list[float]:
        lengths = self._held.lengths[field]
        some = sum(1 for length in lengths if length)  # few articles have files
        average = sum(lengths) / some if some else 1
        return [1 - _B + _B * length / average for length in lengths]


def _fields(node: Term | Phrase, fields: Sequence[str]) -> Sequence[str]:
    return (node.field,) if node.field else fields


def _meet(starts: dict[int, set[int]], moved: dict[int, set[int]]) -> dict[int, set[int]]:
    """Keep the starts that both terms agree on."""
    both = {number: starts[number] & positions for number, positions in moved.items() if number in starts}
    return {number: positions for number, positions in both.items() if positions}


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
