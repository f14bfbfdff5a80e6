"""What a reader types, as a query: words, "phrases", OR, -exclusion, tiêu-đề:, số: (design section 8)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from archive.abbreviations import load_abbreviations
from archive.models import All, AnyOf, Asked, AtLeast, Node, Not, Phrase, QueryError, Term
from archive.terms import Token, tokens
from archive.text import document_number, has_marks

MAX_LENGTH = 256
MAX_TERMS = 32  # a whole title
MAX_PHRASES = 4
MAX_PHRASE_TERMS = 8
UNMARKED_WEIGHT, FOLDED_WEIGHT, CONCEPT_WEIGHT = 0.3, 0.5, 1.5  # vietnamese.md 1.3

_PIECE = re.compile(r'(?P<minus>-)?(?:(?P<field>[^\s":]{2,8}):)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
_FIELDS = {"tiêu-đề": "title", "tieu-de": "title", "title": "title", "số": "number", "so": "number", "number": "number"}
_GLUE = re.compile(r"[-–/.'’&+_]{1,2}")  # joins words into one: 27/7, 2010-2015, Nam-Bắc

Field = Literal["title"] | None


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing asked for: as readers are told, and as engines are asked; `row` its terms in the order of words."""

    asked: Asked
    node: Node
    row: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """A query as it was understood: branches of clauses, OR between the branches, AND inside one."""

    branches: tuple[tuple[Clause, ...], ...] = ()

    @property
    def node(self) -> Node | None:
        """What engines are asked; None for an empty query."""
        nodes = tuple(map(_all, self.branches))
        return nodes[0] if len(nodes) == 1 else AnyOf(nodes) if nodes else None

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """Every clause, in the order typed."""
        return tuple(clause for branch in self.branches for clause in branch)

    @property
    def row(self) -> tuple[str, ...]:
        """The terms of the words asked for, one after the other."""
        return tuple(term for clause in self.clauses if not clause.asked.excluded for term in clause.row)

    def relaxed(self) -> Node | None:
        """Return what asks for most of the words instead of all; None where every word must stay.

        Phrases, fields and exclusions are meant, and stay; so does everything where OR was typed.
        """
        loose = tuple(dict.fromkeys(clause.node for clause in self.clauses if _is_loose(clause.asked)))
        if len(self.branches) != 1 or len(loose) < 2:
            return None
        kept = tuple(clause for clause in self.clauses if not _is_loose(clause.asked))
        most = AtLeast(least(len(loose)), loose)
        return All((*(_signed(clause) for clause in kept), most)) if kept else most


def least(words: int) -> int:
    """Return how many of so many words an article must hold to be shown when none holds all: two of three."""
    return min(words - 1, -(-words * 2 // 3))


def _is_loose(asked: Asked) -> bool:
    return not (asked.excluded or asked.field or asked.kind == "phrase")


def _signed(clause: Clause) -> Node:
    return Not(clause.node) if clause.asked.excluded else clause.node


def _all(clauses: Sequence[Clause]) -> Node:
    nodes = tuple(dict.fromkeys(map(_signed, clauses)))
    return nodes[0] if len(nodes) == 1 else All(nodes)


def parse(text: str) -> Node | None:
    """Return the query's tree, None for an empty one; raise QueryError for one out of bounds."""
    return ask(text).node


def ask(text: str) -> Question:
    """Return the query as it is understood; raise QueryError for one out of bounds."""
    if len(text) > MAX_LENGTH:
        raise QueryError("length", length=len(text), limit=MAX_LENGTH)
    if not text.strip():
        return Question()
    marked = has_marks(text)
    groups = [_clauses(group, marked) for group in _split_or(_pieces(text))]
    branches = tuple(filter(None, groups))
    if not branches:
        raise QueryError("empty")
    numbered = tuple(tuple(_in_branch(clause, n) for clause in branch) for n, branch in enumerate(branches))
    _check(numbered)
    return Question(numbered)


def _in_branch(clause: Clause, branch: int) -> Clause:
    return replace(clause, asked=replace(clause.asked, branch=branch))


# --- pieces: what blanks, quotation marks and signs part ---------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Piece:
    """One word, phrase or operator of the query."""

    text: str
    phrase: bool
    excluded: bool
    field: str | None

    @property
    def is_plain(self) -> bool:
        """Say whether it is a word like any other, which may be part of a full form."""
        return not (self.phrase or self.excluded or self.field)


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


# --- clauses ------------------------------------------------------------------------------------------------------


def _clauses(pieces: Iterable[_Piece], marked: bool) -> tuple[Clause, ...]:
    """Return what the pieces of one branch ask for; plain ones in a row are read as one text."""
    clauses: list[Clause] = []
    for is_plain, group in groupby(pieces, key=lambda piece: piece.is_plain):
        if is_plain:
            clauses += _words(" ".join(piece.text for piece in group), None, False, marked)
        else:
            for piece in group:
                clauses += _special(piece, marked)
    return tuple(clauses)


def _special(piece: _Piece, marked: bool) -> list[Clause]:
    field: Field = "title" if piece.field == "title" else None
    if piece.field == "number":
        return _number(piece)
    if piece.phrase:
        return _phrase(piece.text, field, piece.excluded)
    return _words(piece.text, field, piece.excluded, marked)


def _number(piece: _Piece) -> list[Clause]:
    """Return the clause of a document number, as far as it was typed: 06/KH-UBND, 06/KH, or only 62."""
    found = tokens(piece.text)
    if not found:
        return []
    if found[0].kind == "document":
        term = found[0].terms[0]
    elif found[0].terms[-1].isdecimal() and len(found) == 1:
        term = f"so:{found[0].terms[-1]}"
    else:
        term = document_number(piece.text)
    return [Clause(Asked(piece.text, "document", "document", excluded=piece.excluded), Term(term))]


def _phrase(text: str, field: Field, excluded: bool) -> list[Clause]:
    found = tokens(text)
    if len(found) > MAX_PHRASE_TERMS:
        raise QueryError("phrase", limit=MAX_PHRASE_TERMS)
    if not found:
        return []
    asked = Asked(text, "phrase", "exact" if has_marks(text) else "folded", field=field, excluded=excluded)
    return [Clause(asked, _side_by_side(found, text, field), _row(found, text))]


def _side_by_side(found: Sequence[Token], text: str, field: Field) -> Node:
    """Return the words as a phrase, literally; and as an article without marks writes it."""
    typed = tuple(_literal(token, text) for token in found)
    if len(typed) == 1:
        return _one(found[0], text, field, mixed=False)
    unmarked = tuple("?" + token.terms[1][1:] if token.kind == "word" else token.terms[0] for token in found)
    if not any(has_marks(text[token.start : token.end]) for token in found):
        return Phrase(typed, field)
    return AnyOf((Phrase(typed, field), Phrase(unmarked, field)))


def _literal(token: Token, text: str) -> str:
    """Return the term that a word asks for: its key where it was typed with marks, else its fold."""
    is_folded = token.kind == "word" and not has_marks(text[token.start : token.end])
    return token.terms[1] if is_folded else token.terms[0]


def _row(found: Sequence[Token], text: str) -> tuple[str, ...]:
    return tuple(_literal(token, text) for token in found)


def _words(text: str, field: Field, excluded: bool, marked: bool) -> list[Clause]:
    """Return a clause for each word, full form, abbreviation, number, day or document number of a text."""
    clauses = []
    for found in _spans(tokens(text), text):
        typed = text[found[0].start : found[-1].end]
        asked, node = _clause(found, text, field, marked)
        clauses.append(Clause(replace(asked, typed=typed, field=field, excluded=excluded), node, _row(found, text)))
    return clauses


def _spans(found: Sequence[Token], text: str) -> Iterator[Sequence[Token]]:
    """Cut the tokens into what is asked for as one: the widest concept, words that a sign joins, or a word."""
    at = 0
    while at < len(found):
        end = at + max((width for _, width in found[at].concepts), default=1)
        while not found[at].concepts and end < min(len(found), at + MAX_PHRASE_TERMS) and _is_glued(found, end, text):
            end += 1
        yield found[at:end]
        at = end


def _is_glued(found: Sequence[Token], n: int, text: str) -> bool:
    return _GLUE.fullmatch(text, found[n - 1].end, found[n].start) is not None


def _clause(found: Sequence[Token], text: str, field: Field, mixed: bool) -> tuple[Asked, Node]:
    if found[0].concepts:
        return _concept(found, text, field, mixed)
    if len(found) > 1:
        return Asked("", "word", _how(found[0], text)), _side_by_side(found, text, field)
    kind = found[0].kind
    return Asked("", kind, _how(found[0], text)), _one(found[0], text, field, mixed)


def _how(token: Token, text: str) -> Literal["exact", "folded", "abbreviation", "number", "document"]:
    if token.kind != "word":
        return token.kind
    return "exact" if has_marks(text[token.start : token.end]) else "folded"


def _concept(found: Sequence[Token], text: str, field: Field, mixed: bool) -> tuple[Asked, Node]:
    """Return the clause of an abbreviation, of a full form (its words may stand apart as well), or of a day."""
    known = load_abbreviations()
    meant = {term: (width, len(known.meanings.get(term, ""))) for term, width in found[0].concepts}
    concept = max(meant, key=meant.__getitem__)
    if concept.startswith("d:"):
        return Asked("", "date", "date", concept[2:]), Term(concept, field)
    asked = Asked("", "abbreviation", "abbreviation", known.meanings[concept])
    term = Term(concept, field, CONCEPT_WEIGHT)
    if len(found) == 1 or any(token.kind != "word" for token in found):
        return asked, term
    return asked, AnyOf((term, All(tuple(_one(token, text, field, mixed) for token in found))))


def _one(token: Token, text: str, field: Field, mixed: bool) -> Node:
    """Return what one token asks for; in a query with marks, a word without them is rather meant as it stands."""
    if token.kind == "number" and token.terms[0].endswith("%"):
        return AnyOf((Term(token.terms[0], field), Term(token.terms[1], field)))
    if token.kind != "word":
        return Term(token.terms[0], field)
    key, folded = token.terms[:2]
    if has_marks(text[token.start : token.end]):
        return AnyOf((Term(key, field), Term("?" + folded[1:], field, UNMARKED_WEIGHT)))
    return AnyOf((Term(key, field), Term(folded, field, FOLDED_WEIGHT))) if mixed else Term(folded, field)


# --- bounds, and what shows in a text ------------------------------------------------------------------------------


def _check(branches: Iterable[Sequence[Clause]]) -> None:
    clauses = [clause for branch in branches for clause in branch]
    if sum(len(clause.row) or 1 for clause in clauses) > MAX_TERMS:
        raise QueryError("words", limit=MAX_TERMS)
    if sum(clause.asked.kind == "phrase" for clause in clauses) > MAX_PHRASES:
        raise QueryError("phrases", limit=MAX_PHRASES)


def positive(node: Node) -> Iterator[Term | Phrase]:
    """Yield the words and phrases that a match shows."""
    match node:
        case Term() | Phrase():
            yield node
        case All() | AnyOf() | AtLeast():
            for child in node.nodes:
                yield from positive(child)
