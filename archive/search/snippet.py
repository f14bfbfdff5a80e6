"""Why an article was found: the words of its title and text that answer the query, and the passage with most of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from archive.models import Node, Phrase, Snippet, Term
from archive.search.parse import positive
from archive.text import Token, tokens

Span = tuple[int, int]
WINDOW = 260  # code points of a snippet
_LOOKED_AT = 20_000  # code points of a text that are searched for a passage


def spans(text: str, node: Node | None, field: str) -> tuple[Span, ...]:
    """Return the (start, end) of every word of the text that answers the query, ascending, touching words joined."""
    if node is None:
        return ()
    leaves = [leaf for leaf in positive(node) if leaf.field in (None, field)]
    found = list(tokens(text[:_LOOKED_AT]))
    words = {leaf.term for leaf in leaves if isinstance(leaf, Term)}
    hits = {n for n, token in enumerate(found) if words.intersection(token.terms)}
    for leaf in leaves:
        if isinstance(leaf, Phrase):
            hits.update(_phrase(found, leaf.terms))
    return _joined(text, [found[n] for n in sorted(hits)])


def _phrase(found: Sequence[Token], terms: tuple[str, ...]) -> Iterable[int]:
    for start in range(len(found) - len(terms) + 1):
        if all(term in found[start + shift].terms for shift, term in enumerate(terms)):
            yield from range(start, start + len(terms))


def _joined(text: str, found: Iterable[Token]) -> tuple[Span, ...]:
    """Join neighbours that only blanks part, so that a phrase is marked as one."""
    joined: list[Span] = []
    for token in found:
        if joined and text[joined[-1][1] : token.start].isspace():
            joined[-1] = (joined[-1][0], token.end)
        else:
            joined.append((token.start, token.end))
    return tuple(joined)


def snippet(text: str, node: Node | None) -> Snippet:
    """Return the passage of at most WINDOW code points with the most words of the query, the first among equals."""
    marked = spans(text, node, "text")
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
