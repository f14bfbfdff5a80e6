"""Why an article was found: the words of its title and text that answer the query, and the passage with most of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Literal

from archive.models import How, Match, Node, Phrase, Snippet, Term
from archive.search.parse import Clause, Question, parse, positive
from archive.terms import Token, is_unmarked, tokens

Span = tuple[int, int]
WINDOW = 260  # code points of a snippet
_LOOKED_AT = 20_000  # code points of a text that are searched for a passage


class Reading:
    """A title or a text, cut into tokens once for every question that is asked of it."""

    def __init__(self, text: str, field: Literal["title", "text"]) -> None:
        self.text, self.field = text, field
        self._tokens = tokens(text[:_LOOKED_AT])

    @cached_property
    def _is_unmarked(self) -> bool:
        return is_unmarked(self.text)

    def spans(self, node: Node | None) -> tuple[Span, ...]:
        """Return the (start, end) of every word that answers the query, ascending, touching words joined."""
        marked = {n for leaf in self._leaves(node) for n in self._places(leaf)}
        return _joined(self.text, [self._tokens[n] for n in sorted(marked)])

    def passages(self, typed: str) -> Iterator[str]:
        """Yield the words that answer a query, each run of them as it is printed."""
        for start, end in self.spans(parse(typed)):
            yield self.text[start:end]

    def how(self, clause: Clause) -> How | None:
        """Return how what a clause asks for is written here; None where it is not."""
        held = [leaf for leaf in self._leaves(clause.node) if any(True for _ in self._places(leaf))]
        if not held:
            return None
        terms = [leaf.terms[0] if isinstance(leaf, Phrase) else leaf.term for leaf in held]
        return "unmarked" if all(term.startswith("?") for term in terms) else clause.asked.how

    def _leaves(self, node: Node | None) -> list[Term | Phrase]:
        return [leaf for leaf in positive(node) if leaf.field in (None, self.field)] if node is not None else []

    def _places(self, leaf: Term | Phrase) -> Iterable[int]:
        """Yield the tokens in which a leaf stands; a word without marks for one with them in an unmarked text alone."""
        terms = leaf.terms if isinstance(leaf, Phrase) else (leaf.term,)
        if any(term.startswith("?") for term in terms):
            if not self._is_unmarked:
                return ()
            terms = tuple("~" + term[1:] if term.startswith("?") else term for term in terms)
        return _phrase(self._tokens, terms) if len(terms) > 1 else _term(self._tokens, terms[0])


def _term(found: Sequence[Token], term: str) -> Iterable[int]:
    """Yield the tokens that a term stands for: of a full form each word."""
    for n, token in enumerate(found):
        if term in token.terms:
            yield from range(n, n + dict(token.concepts).get(term, 1))


def _phrase(found: Sequence[Token], terms: tuple[str, ...]) -> Iterable[int]:
    for start in range(len(found) - len(terms) + 1):
        if all(term in found[start + shift].terms for shift, term in enumerate(terms)):
            yield from range(start, start + len(terms))


def why(question: Question, readings: Iterable[Reading]) -> tuple[Match, ...]:
    """Return where each thing asked for stands, and how it is written there, in the order typed."""
    said = tuple(readings)
    found = (
        Match(clause.asked.typed, reading.field, how)
        for clause in question.clauses
        if not clause.asked.excluded
        for reading in said
        if (how := reading.how(clause)) is not None
    )
    return tuple(dict.fromkeys(found))


def spans(text: str, node: Node | None, field: Literal["title", "text"]) -> tuple[Span, ...]:
    """Return the (start, end) of every word of the text that answers the query, ascending, touching words joined."""
    return Reading(text, field).spans(node)


def _joined(text: str, found: Iterable[Token]) -> tuple[Span, ...]:
    """Join neighbours that only blanks part, so that a phrase is marked as one."""
    joined: list[Span] = []
    for token in found:
        if joined and text[joined[-1][1] : token.start].isspace():
            joined[-1] = (joined[-1][0], token.end)
        else:
            joined.append((token.start, token.end))
    return tuple(joined)


def snippet(reading: Reading, node: Node | None) -> Snippet:
    """Return the passage of at most WINDOW code points with the most words of the query, the first among equals."""
    text, marked = reading.text, reading.spans(node)
    start = _best_start(marked)
    start = _word_start(text, max(0, start - WINDOW // 4))
    end = _word_end(text, start + WINDOW)
    passage = text[start:end]
    inside = tuple((s - start, e - start) for s, e in marked if start <= s and e <= end)
    return Snippet(passage.replace("\n", " "), inside)


def _best_start(marked: Sequence[Span]) -> int:
    if not marked:
        return 0
    reach = WINDOW * 3 // 4
    weights = [sum(e - s for s, e in marked[n:] if e <= start + reach) for n, (start, _) in enumerate(marked[:200])]
    return marked[weights.index(max(weights))][0]


def _word_start(text: str, at: int) -> int:
    while 0 < at < len(text) and not text[at - 1].isspace():
        at -= 1
    return at


def _word_end(text: str, at: int) -> int:
    if at >= len(text):
        return len(text)
    cut = text.rfind(" ", 0, at)
    return cut if cut > at - 40 else at


def pieces(text: str, marked: Iterable[Span]) -> list[tuple[str, bool]]:
    """Return the text cut into (piece, is marked), in order and complete: what a template turns into <mark>."""
    cuts = [0, *(edge for span in marked for edge in span), len(text)]
    return [(text[a:b], n % 2 == 1) for n, (a, b) in enumerate(pairwise(cuts)) if a < b]
