"""A naive engine in memory: what matching means, in the fewest words. The contract tests hold every engine against it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from archive.models import All, AnyOf, AtLeast, EngineHits, IndexDocument, Node, Not, Phrase, Query, Term
from archive.terms import END_OF_FILE


class OracleEngine:
    """Keeps documents in a dict and looks at every one."""

    def __init__(self) -> None:
        self._draft: dict[str, IndexDocument] = {}
        self._published: dict[str, IndexDocument] = {}
        self._seq = -1
        self._database = ""

    def add(self, documents: Iterable[IndexDocument]) -> None:
        self._draft.update((document.id, document) for document in documents)

    def delete(self, ids: Iterable[str]) -> None:
        for document_id in ids:
            self._draft.pop(document_id, None)

    def reset(self) -> None:
        self._draft = {}

    def commit(self, seq: int, database: str = "") -> None:
        self._published, self._seq, self._database = dict(self._draft), seq, database

    def close(self) -> None:
        self._draft = dict(self._published)

    def seq(self) -> int:
        return self._seq

    def database(self) -> str:
        return self._database

    def frequency(self, term: str) -> int:
        return sum(matches(d, Term(term)) for d in self._published.values())

    def files(self, document_id: str, node: Node) -> tuple[int, ...]:
        document = self._published.get(document_id)
        return tuple(n for n, file in enumerate(_files(document)) if _in_file(file, node)) if document else ()

    def search(self, query: Query) -> EngineHits:
        base = [
            d for d in self._published.values() if _visible(d, query) and (query.node is None or matches(d, query.node))
        ]
        found = [d for d in base if all(_chosen(d, name, values) for name, values in query.filters.items())]
        ordered = sorted(found, key=lambda d: d.id)
        if query.sort != "relevance":
            ordered.sort(key=lambda d: d.published, reverse=query.sort == "newest")
            ordered.sort(key=lambda d: not d.published)
        window = ordered[query.offset : query.offset + query.limit]
        return EngineHits(
            len(found), tuple((d.id, 0.0) for d in window), {n: _count(n, base, query) for n in query.facets}
        )


def _visible(document: IndexDocument, query: Query) -> bool:
    if document.hidden and not query.hidden:
        return False
    if not (query.published_from or query.published_to):
        return True
    return (query.published_from or "0") <= document.published <= (query.published_to or "9999") + "~"


def _chosen(document: IndexDocument, name: str, values: frozenset[str]) -> bool:
    return bool(values.intersection(document.facets.get(name, ())))


def _count(name: str, base: list[IndexDocument], query: Query) -> dict[str, int]:
    others = {n: values for n, values in query.filters.items() if n != name}
    counted = [d for d in base if all(_chosen(d, n, values) for n, values in others.items())]
    return dict(Counter(value for d in counted for value in set(d.facets.get(name, ()))))


def matches(document: IndexDocument, node: Node, own: bool = False) -> bool:
    fields = {"title": document.title, "text": document.text, **({} if own else {"files": document.files})}
    match node:
        case Term():
            return any(node.term in terms for f in _of(node, fields) for terms in f)
        case Phrase():
            return any(_has_phrase(f, node.terms) for f in _of(node, fields))
        case All():
            return all(matches(document, child, own) for child in node.nodes)
        case AnyOf():
            return any(matches(document, child, own) for child in node.nodes)
        case AtLeast():
            return sum(matches(document, child, own) for child in node.nodes) >= node.count
        case Not():
            return not matches(document, node.node, own=True)


def _files(document: IndexDocument) -> list[tuple[tuple[str, ...], ...]]:
    """Return the positions of each file, without the one that ends it."""
    files: list[tuple[tuple[str, ...], ...]] = []
    begin = 0
    for n, terms in enumerate(document.files):
        if terms == (END_OF_FILE,):
            files.append(document.files[begin:n])
            begin = n + 1
    return files


def _in_file(file: tuple[tuple[str, ...], ...], node: Node) -> bool:
    match node:
        case Term(term, None):
            return any(term in terms for terms in file)
        case Phrase(terms, None):
            return _has_phrase(file, terms)
        case All():
            return all(_in_file(file, child) for child in node.nodes)
        case AnyOf():
            return any(_in_file(file, child) for child in node.nodes)
    return False


def _of(node: Term | Phrase, fields: dict[str, tuple[tuple[str, ...], ...]]) -> list[tuple[tuple[str, ...], ...]]:
    return [fields[node.field]] if node.field else list(fields.values())


def _has_phrase(field: tuple[tuple[str, ...], ...], terms: tuple[str, ...]) -> bool:
    return any(
        all(term in field[start + shift] for shift, term in enumerate(terms))
        for start in range(len(field) - len(terms) + 1)
    )
