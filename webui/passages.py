"""Text cut into pieces where quotes begin and end, so that templates can mark them and escape every word themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Literal, NamedTuple

from archive.models import Article, BodyKind, Enrichment, Evidence

Span = tuple[int, int]
_TOGETHER = ("li", "tr")  # kinds whose neighbours make one list


class Piece(NamedTuple):
    """A step through a text: some of it, or a mark that opens (its value is the anchor, if any) or closes."""

    step: Literal["text", "open", "close"]
    value: str = ""


class Block(NamedTuple):
    """Neighbouring parts of a body of one kind (one paragraph or heading, all items of a list, all rows of a table)."""

    kind: BodyKind
    parts: tuple[tuple[Piece, ...], ...]


class Prose(NamedTuple):
    """An article ready to be shown: title, summary (empty when there is none) and body."""

    title: tuple[Piece, ...]
    summary: tuple[Piece, ...]
    body: tuple[Block, ...]


def anchor(start: int, end: int) -> str:
    """Return the id that the words between two offsets of an article's text have on its page."""
    return f"q{start}-{end}"


def spans(enrichment: Enrichment) -> tuple[Span, ...]:
    """Return where in the text of an article its facts were read."""
    read = [(e.start, e.end) for e in enrichment.evidence if e.start is not None and e.end is not None]
    return tuple(sorted({*read, *((claim.start, claim.end) for claim in enrichment.claims)}))


def known(enrichment: Enrichment, field: str, *values: object) -> tuple[Evidence, ...]:
    """Return how it is known that a field has one of the values."""
    wanted = set(map(str, values))
    return tuple(e for e in enrichment.evidence if e.field == field and e.value in wanted)


def weave(text: str, marked: Iterable[Span], offset: int = 0) -> tuple[Piece, ...]:
    """Return the text in pieces with each span opened and closed, properly nested, inside it.

    Spans count from `offset` before the text. What lies outside is cut off; a span that crosses the end of another
    ends there. Only a span that begins in this text carries its anchor, so that an anchor is never given twice.
    """
    inside = {(start, end) for start, end in marked if start < offset + len(text) and offset < end and start < end}
    return tuple(_woven(text, sorted(inside, key=lambda span: (span[0], -span[1])), offset))


def _woven(text: str, marked: list[Span], offset: int) -> Iterator[Piece]:
    at, ends = 0, list[int]()
    for first, last in marked:
        start, end = max(first - offset, 0), min(last - offset, len(text))
        while ends and ends[-1] <= start:
            yield from _run(text, at, ends[-1])
            yield Piece("close")
            at = ends.pop()
        yield from _run(text, at, start)
        yield Piece("open", anchor(first, last) if first >= offset else "")
        at = start
        ends.append(min(end, ends[-1]) if ends else end)
    for end in reversed(ends):
        yield from _run(text, at, end)
        yield Piece("close")
        at = end
    yield from _run(text, at, len(text))


def _run(text: str, start: int, end: int) -> Iterator[Piece]:
    if start < end:
        yield Piece("text", text[start:end])


def around(text: str, span: Span, most: int = 280) -> tuple[Piece, ...]:
    """Return a span of an article's text, marked, with what stands before and behind it in its paragraph.

    At most `most` characters on each side, cut between words, with an ellipsis where something is left out.
    """
    start, end = span
    first, last = text.rfind("\n\n", 0, start) + 2 if "\n\n" in text[:start] else 0, text.find("\n\n", end)
    last = len(text) if last < 0 else last
    before, behind = text[first:start], text[end:last]
    if len(before) > most:
        before = "… " + before[-most:].partition(" ")[2]
    if len(behind) > most:
        behind = behind[:most].rpartition(" ")[0] + " …"
    marked = (Piece("open"), Piece("text", text[start:end]), Piece("close"))
    return (Piece("text", before), *marked, Piece("text", behind))


def prose(article: Article, marked: Iterable[Span] = ()) -> Prose:
    """Return the article's text in pieces; spans are offsets into `article.text`, as evidence gives them."""
    marks = frozenset(marked)
    parts = (article.title, article.summary, *article.body)
    title, summary, *body = [weave(part, marks, at) for part, at in zip(parts, _offsets(parts), strict=True)]
    return Prose(title, summary, tuple(_blocks(article.kinds, body)))


def _offsets(parts: Iterable[str]) -> Iterator[int]:
    """Yield where each part begins in the text that `article_text` joins."""
    offset = 0
    for part in parts:
        yield offset
        offset += len(part) + 2 if part else 0


def _blocks(kinds: Iterable[BodyKind], body: list[tuple[Piece, ...]]) -> Iterator[Block]:
    for kind, group in groupby(zip(kinds, body, strict=True), key=itemgetter(0)):
        parts = tuple(pieces for _, pieces in group)
        yield from (Block(kind, together) for together in ((parts,) if kind in _TOGETHER else zip(parts, strict=False)))
