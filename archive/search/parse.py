"""What a reader types, as a query: words, "phrases", OR, -exclusion, tiêu-đề:, số: (design section 8)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from archive.models import All, AnyOf, Node, Not, Phrase, QueryError, Term
from archive.text import document_number, query_term, tokens

MAX_LENGTH = 256
MAX_TERMS = 16
MAX_PHRASES = 4
MAX_PHRASE_TERMS = 8

_PIECE = re.compile(r'(?P<minus>-)?(?:(?P<field>[^\s":]{2,8}):)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
_FIELDS = {"tiêu-đề": "title", "tieu-de": "title", "title": "title", "số": "number", "so": "number", "number": "number"}


@dataclass(frozen=True, slots=True)
class _Piece:
    """One word, phrase or operator of the query."""

    text: str
    phrase: bool
    excluded: bool
    field: str | None


def parse(text: str) -> Node | None:
    """Return the query's tree, None for an empty one; raise QueryError, in the reader's words, for one out of bounds."""
    if len(text) > MAX_LENGTH:
        raise QueryError(f"Câu tìm dài {len(text)} ký tự; tối đa {MAX_LENGTH}.")
    if not text.strip():
        return None
    groups = [_group(group) for group in _split_or(_pieces(text))]
    nodes = tuple(node for node in groups if node is not None)
    if not nodes:
        raise QueryError("Câu tìm không có từ nào để tìm. Hãy nhập ít nhất một từ hoặc một số hiệu văn bản.")
    root = nodes[0] if len(nodes) == 1 else AnyOf(nodes)
    _check(root)
    return root


def _pieces(text: str) -> list[_Piece]:
    return [_piece(match) for match in _PIECE.finditer(text)]


def _piece(match: re.Match[str]) -> _Piece:
    field = _FIELDS.get((match["field"] or "").lower())
    prefix = f"{match['field']}:" if match["field"] and field is None else ""
    phrase = match["phrase"] is not None
    return _Piece(prefix + (match["phrase"] if phrase else match["word"]), phrase, bool(match["minus"]), field)


def _split_or(pieces: Iterable[_Piece]) -> list[list[_Piece]]:
    groups: list[list[_Piece]] = [[]]
    for piece in pieces:
        if piece.text == "OR" and not piece.phrase:
            groups.append([])
        else:
            groups[-1].append(piece)
    return groups


def _group(pieces: Iterable[_Piece]) -> Node | None:
    """Return what all pieces of one OR branch ask for; None when they hold no word."""
    nodes = [(piece, node) for piece in pieces if (node := _node(piece)) is not None]
    if not nodes:
        return None
    parts = tuple(Not(node) if piece.excluded else node for piece, node in nodes)
    return parts[0] if len(parts) == 1 else All(parts)


def _node(piece: _Piece) -> Node | None:
    field: Literal["title"] | None = "title" if piece.field == "title" else None
    if piece.field == "number":
        return _number(piece.text)
    terms = tuple(query_term(token) for token in tokens(piece.text))
    if not terms:
        return None
    if len(terms) == 1:
        return Term(terms[0], field)
    if piece.phrase and len(terms) > MAX_PHRASE_TERMS:
        raise QueryError(f"Một cụm từ trong ngoặc kép có tối đa {MAX_PHRASE_TERMS} từ.")
    return Phrase(terms[:MAX_PHRASE_TERMS], field)


def _number(text: str) -> Node | None:
    """Return the query for a document number, as far as it was typed: 06/KH-UBND, or only 62."""
    if "/" in text:
        return Term(document_number(text))
    terms = tuple(Term(query_term(token)) for token in tokens(text))
    return terms[0] if len(terms) == 1 else (All(terms) if terms else None)


def _check(root: Node) -> None:
    leaves = list(positive(root, excluded=True))
    if sum(len(leaf.terms) if isinstance(leaf, Phrase) else 1 for leaf in leaves) > MAX_TERMS:
        raise QueryError(f"Câu tìm có quá nhiều từ; tối đa {MAX_TERMS} từ.")
    if sum(isinstance(leaf, Phrase) for leaf in leaves) > MAX_PHRASES:
        raise QueryError(f"Câu tìm có quá nhiều cụm từ; tối đa {MAX_PHRASES} cụm.")


def positive(node: Node, excluded: bool = False) -> Iterable[Term | Phrase]:
    """Yield the words and phrases that a match shows; with `excluded` also those that it must not show."""
    match node:
        case Term() | Phrase():
            yield node
        case All() | AnyOf():
            for child in node.nodes:
                yield from positive(child, excluded)
        case Not() if excluded:
            yield from positive(node.node, excluded)
