"""The embedded default engine: Whoosh keeps terms and postings on disk, matching and ranking are ours.

Whoosh's own query layer can be hung by one character and re-analyses text (reliability.md section 2), so only its
storage is used: a term's postings are read as they lie there. A published index names the classes of its fields by
this module.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from threading import Lock
from typing import Any

from whoosh import fields, formats, index
from whoosh.reading import TermNotFound

from archive.index import columns
from archive.index.columns import Columns, bitmap, pack
from archive.index.generations import Generations
from archive.index.postings import TEXT_FIELDS
from archive.index.reader import Reader
from archive.models import FACETS as FACET_FIELDS
from archive.models import EngineHits, IndexDocument, Node, Query
from archive.terms import ANALYSIS

_MEMORY_MB = 128
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
    names = {name: _Terms() for name in TEXT_FIELDS}
    values = {name: _Values() for name in (*FACET_FIELDS, "published", "hidden", "key")}
    return fields.Schema(id=fields.STORED(), **names, **values)


class WhooshEngine:
    """An `Engine` on Whoosh 2.7.5, one folder a generation."""

    def __init__(self, folder: Path) -> None:
        """Use the generations below `folder`; nothing is opened before it is needed."""
        self._generations = Generations(folder)
        self._draft: Path | None = None
        self._writer: Any = None
        self._open: tuple[str, Reader] | None = None
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

    def _reader(self) -> Reader | None:
        current = self._generations.current()
        if current is None:
            return None
        if self._open is None or self._open[0] != current:
            self._generations.verify(current)
            folder = self._generations.folder / current
            self._open = (current, Reader(_Stored(index.open_dir(folder).reader()), columns.read(folder)))
        return self._open[1]


class _Stored:
    """The `Storage` of one generation: a reader of Whoosh's."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader

    def postings(self, field: str, term: str) -> tuple[array[int], array[float]]:
        """Return the numbers of the documents that hold a term, ascending, and its weight in each."""
        return _postings(self._reader, field, term)

    def positions(self, field: str, term: str, numbers: Iterable[int]) -> dict[int, array[int]]:
        """Return by number where a term stands in these documents, which all hold it and are named ascending."""
        matcher = self._reader.postings(field, term.encode())
        held = {}
        for number in numbers:
            matcher.skip_to(number)
            held[number] = array("I", matcher.value())
        return held

    def id_of(self, number: int) -> str:
        """Return the id of a document."""
        return str(self._reader.stored_fields(number)["id"])

    def close(self) -> None:
        """Close the files of the generation."""
        self._reader.close()


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
        lengths={field: _lengths(reader, field, size) for field in TEXT_FIELDS},
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
