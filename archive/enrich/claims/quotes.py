"""What is quoted for a claim: the figure with the words that make it one, cut literally from the text."""

from __future__ import annotations

from archive.enrich.claims.figures import Figure
from archive.enrich.claims.indicators import noun_end
from archive.enrich.claims.numbers import YEAR
from archive.enrich.claims.sentences import Sentence
from archive.enrich.prose import BRACKET, Prose
from archive.text import tone_key

LONGEST = 240  # code points


def quote_span(
    prose: Prose, figure: Figure, head: int | None, sentence: Sentence, before: Figure | None
) -> tuple[int, int]:
    """Return the offsets of a claim's quote: the figure, its head, what belongs to its unit.

    `head` is the first word of what names its indicator, `before` the figure before it in the text.
    """
    first = _first(prose, figure, figure.first if head is None else head, sentence, before)
    while first < figure.first and prose.keys[first] in _LEADING:
        first += 1
    last = _last(prose, figure, noun_end(prose, figure, sentence))
    end = max(figure.stop, prose.ends[last - 1])
    return max(min(prose.starts[first], figure.start), min(figure.start, end - LONGEST)), end


def _first(prose: Prose, figure: Figure, head: int, sentence: Sentence, before: Figure | None) -> int:
    """Return the word where a quote begins: with its part of the sentence, or with its head behind another figure."""
    part, _ = sentence.part_of(figure.number)
    clause, _ = sentence.clause_of(figure.number)
    if before is None or before.end <= part:
        left = clause if before is None else max(clause, before.end)
        return min(figure.first, max(left, min(head, part) if head >= left else part))
    if not before.end <= head < figure.first:
        return figure.first
    return head - 1 if prose.keys[head - 1] in _MOVES and head > before.end else head


def _last(prose: Prose, figure: Figure, end: int) -> int:
    """Return where a quote ends: with the year that what belongs to the unit leads to, else before words that lead on."""
    if end < len(prose.keys) and prose.keys[end - 1] in _BEFORE_YEAR and YEAR.fullmatch(prose.keys[end]):
        return end + 1
    while end > figure.end and prose.keys[end - 1] in _TRAILING:
        end -= 1
    return end


_LEADING = frozenset(map(tone_key, ("và", "với", "cho", "là"))) | {BRACKET}
_TRAILING = _LEADING | frozenset(
    map(tone_key, ("gồm", "tại", "ở", "được", "của", "từ", "trong", "số", "theo", "định", "quyết"))
)
_BEFORE_YEAR = frozenset(map(tone_key, ("năm", "cuối", "đầu")))
_MOVES = frozenset(map(tone_key, ("giảm", "tăng", "nâng", "hạ")))  # verbs that a quote takes along
