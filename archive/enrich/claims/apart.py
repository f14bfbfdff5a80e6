"""Figures that are no claims: unit prices, incomes, one family's money, awards, guests, communes passed by.

The list is that of the conventions of the labelled articles (gold/README.md): a claim is a figure of a labour or social
plan or report about many, not what one of them gets.
"""

from __future__ import annotations

from collections.abc import Sequence

from archive.enrich.claims.cues import Cues
from archive.enrich.claims.figures import Figure
from archive.enrich.claims.indicators import noun_end
from archive.enrich.claims.sentences import Sentence
from archive.enrich.claims.words import load
from archive.enrich.prose import Prose, word_keys
from archive.text import tone_key

LEAST_MONEY = 5_000_000  # đồng; a total of a report is no less
# What one of a kind is worth at least, in đồng: a "total" that leaves less for each is the price of one.
LEAST_EACH = {"item": 50_000, "person": 50_000, "household": 50_000, "house": 15_000_000, "card": 20_000}
EACH_NEAR = 6  # words before a count in which "mỗi" makes it a count for each


class Apart:
    """The words of a text that take a figure out of its claims, read once."""

    def __init__(self, prose: Prose) -> None:
        self._prose = prose
        names = ("interest", "price", "total", "worth", "award", "event", "family", "predicate", "field")
        self._cues = Cues(prose.keys, "apart", *names)

    def is_apart(self, figure: Figure, sentence: Sentence, before: Sequence[Figure], after: Figure | None) -> bool:
        """Say whether a figure is no claim; `before` are those of its sentence to the left, `after` the next one."""
        priced = figure.per and figure.per not in _PERIODS
        if priced or self._is_baseline(figure) or (after is not None and self._is_start(figure, after)):
            return True
        if figure.unit.family == "money":
            return self._is_price(figure, sentence, before)
        if figure.unit.family == "percent":
            return self._cues.last(sentence.part_of(figure.number)[0], figure.number, "interest") is not None
        if tuple(self._prose.keys[max(0, figure.first - 2) : figure.first]) == _INHABITANTS:
            return True
        return (
            self._is_for_each(figure, sentence) or self._is_guest(figure, sentence) or self._is_site(figure, sentence)
        )

    def _is_baseline(self, figure: Figure) -> bool:
        """Say whether another number is compared with the figure: "so với mức 13,34%"."""
        before = self._prose.keys[max(0, figure.first - 3) : figure.first]
        return any(tuple(before[i : i + 2]) == _COMPARED for i in range(len(before)))

    def _is_start(self, figure: Figure, after: Figure) -> bool:
        """Say whether a rate is where a move begins: "giảm từ 5,2% … xuống còn 1,1%"."""
        keys = self._prose.keys
        moved = not _MOVES.isdisjoint(keys[figure.end : after.number])
        return figure.unit == after.unit and moved and figure.first > 0 and keys[figure.first - 1] == _FROM

    def is_foreign(self, start: int, end: int) -> bool:
        """Say whether nothing between two words speaks of labour or social affairs."""
        return self._cues.last(start, end, "field") is None

    def _is_price(self, figure: Figure, sentence: Sentence, before: Sequence[Figure]) -> bool:
        clause, _ = sentence.clause_of(figure.number)
        if self._is_one_family(figure, sentence):
            return True
        summed = self._cues.last(max(clause, figure.number - 10), figure.number, "total")
        if summed is not None:
            return False
        top = figure.value_max or figure.value
        price = self._cues.last(clause, figure.number, "price")
        if top < LEAST_MONEY or price is not None:
            return True
        worth = self._cues.last(sentence.part_of(figure.number)[0], figure.number, "worth")
        counted = next((other for other in reversed(before) if other.unit.family in LEAST_EACH), None)
        if worth is not None and counted is None:
            return True
        return counted is not None and top < counted.value * LEAST_EACH[counted.unit.family]

    def _is_one_family(self, figure: Figure, sentence: Sentence) -> bool:
        """Say whether the money is said of a person by name: "cho ông Nguyễn Văn A"."""
        for cue in self._cues.between(sentence.start, sentence.end):
            named = cue.end < sentence.end and self._prose.is_name(cue.end, cue.end + 1)
            if cue.entry == "family" and (named or cue.end - cue.start > 1):
                return True
        return False

    def _is_for_each(self, figure: Figure, sentence: Sentence) -> bool:
        part, _ = sentence.part_of(figure.number)
        cue = self._cues.last(max(part, figure.number - EACH_NEAR), figure.number, "price")
        return cue is not None and self._prose.keys[cue.start] in _EACH

    def _is_guest(self, figure: Figure, sentence: Sentence) -> bool:
        """Say whether what is counted was awarded or came to listen."""
        part, end = sentence.part_of(figure.number)
        reach = max(end, noun_end(self._prose, figure, sentence))
        for cue in self._cues.between(part, reach):
            if cue.entry == "award" or (cue.entry == "event" and figure.unit.family == "person"):
                return True
        return False

    def _is_site(self, figure: Figure, sentence: Sentence) -> bool:
        """Say whether communes are only where something is, and nothing is said of them."""
        if figure.unit.family not in {"commune", "workplace"}:
            return False
        before = self._prose.keys[figure.first - 1] if figure.first > sentence.start else ""
        if before in _PLACE_BEFORE or figure.out_of is not None or figure.unit.family == "workplace":
            return before in _PLACE_BEFORE
        _, end = sentence.clause_of(figure.number)
        said = self._cues.between(figure.end, min(end, figure.end + 24))
        return not any(cue.entry == "predicate" for cue in said)


_SAID = frozenset(map(word_keys, ("này", "nói trên", "kể trên", "ấy", "nêu trên")))  # counted before already
_FROM = tone_key("từ")
_MOVES = frozenset(map(tone_key, ("xuống", "còn", "lên")))
_INHABITANTS = word_keys("dân số")
_COMPARED = word_keys("so với")
_PERIODS = frozenset(map(tone_key, ("năm", "tháng", "quý")))
_EACH = frozenset(map(tone_key, ("mỗi", "từng", "bình")))

_PLACE_BEFORE = frozenset(map(tone_key, load("cues.toml")["apart"]["place_before"]))
