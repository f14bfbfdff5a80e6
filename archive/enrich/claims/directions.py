"""What a figure does: a fall, a rise, a level at a day, or a total over a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from archive.enrich.claims.cues import Cues
from archive.enrich.claims.figures import Figure
from archive.enrich.claims.indicators import REACH, Named
from archive.enrich.claims.sentences import Sentence
from archive.enrich.lexicon import Found
from archive.enrich.prose import Prose, word_keys
from archive.text import tone_key

Direction = Literal["down", "up", "level", "total"]

NEAR = 8  # words before a number in which "tăng" belongs to it
CLOSE = 5  # words from one figure to the next that shares its verb
BESIDE = 3  # words before a number in which "có" says that it is there
_FALLS = word_keys("giảm nghèo")  # no move, but right before a number
_FOR = tone_key("cho")
_PASSIVE = tone_key("được")
_TAKES_PART = word_keys("tham gia")


class Directions:
    """The moving and standing verbs of a text, read once."""

    def __init__(self, prose: Prose) -> None:
        self._cues = Cues(prose.keys, "directions", "down", "up", "level", "stock", "owed", "lent", "rid")
        self._prose = prose

    def direction_of(
        self, figure: Figure, named: Named, sentence: Sentence, before: Sequence[tuple[Figure, Direction]]
    ) -> Direction:
        """Return the direction of a figure; `before` are those of its sentence to the left with theirs."""
        clause, _ = sentence.clause_of(figure.number)
        start = max([clause, *(other.end for other, _ in before)])
        cue = self._cues.last(start, figure.number, "down", "up", "level")
        if figure.unit.family == "money":
            return self._of_money(figure, sentence, cue)
        if self._falls(figure, start) or (cue is not None and cue.entry == "down"):
            return "down"
        if cue is not None and cue.entry == "level":
            return self._level(named, figure)
        if cue is not None and figure.number - cue.end < NEAR:
            return "up"
        if cue is None and before and self._goes_on(before[-1], figure, named, clause):
            return before[-1][1]
        return self._stand(figure, named, sentence)

    def _falls(self, figure: Figure, start: int) -> bool:
        """Say whether the words before a figure that are no move elsewhere are one here: "giảm nghèo 2,1%", "xóa 5 hộ"."""
        if tuple(self._prose.keys[max(start, figure.first - 2) : figure.first]) == _FALLS:
            return True
        households = figure.unit.family == "household"
        return households and self._cues.last(start, figure.number, "rid") is not None

    def _of_money(self, figure: Figure, sentence: Sentence, cue: Found[str] | None) -> Direction:
        """Return a level for what is owed, a move where one is printed right before the sum, else a total."""
        if cue is not None and cue.entry in {"up", "down"} and figure.first - cue.end < BESIDE:
            return "up" if cue.entry == "up" else "down"
        said = self._cues.last(sentence.start, figure.number, "owed", "lent")
        return "level" if said is not None and said.entry == "owed" else "total"

    def _goes_on(self, last: tuple[Figure, Direction], figure: Figure, named: Named, clause: int) -> bool:
        """Say whether a figure shares the move of the one right before: "giảm 43 hộ nghèo và 29 hộ cận nghèo"."""
        if last[1] == "total" or last[0].unit.family != figure.unit.family:
            return False
        if last[1] == "level":
            served = _FOR in self._prose.keys[last[0].end : figure.first]
            return not served and (named.indicator is None or named.indicator.measure != "flow")
        return figure.first - last[0].end <= CLOSE and last[0].number >= clause

    def _stand(self, figure: Figure, named: Named, sentence: Sentence) -> Direction:
        """Return a level for rates, stocks, and what is there ("có 6.216 trẻ em"), unless something was done to it."""
        family = figure.unit.family
        if family in {"percent", "commune"} or named.is_stock:
            return "level"
        if named.indicator is not None and named.indicator.measure == "flow":
            return "total"
        there = self._cues.last(max(sentence.start, figure.first - BESIDE), figure.first, "stock")
        if named.indicator is not None and tuple(self._prose.keys[figure.end : figure.end + 2]) == _TAKES_PART:
            return "level"
        return "level" if there is not None and not self._is_served(figure, sentence) else "total"

    def _is_served(self, figure: Figure, sentence: Sentence) -> bool:
        """Say whether something was done to those counted, brackets passed over: "có 102 cụ (từ 70 tuổi) được mừng thọ"."""
        keys = self._prose.keys
        for word in range(figure.end, min(sentence.clause_of(figure.number)[1], figure.end + REACH)):
            if sentence.bracket_of(word) is not None:
                continue
            if (
                keys[word][0].isdigit()
                or "," in self._prose.text[self._prose.ends[word - 1] : self._prose.starts[word]]
            ):
                return False
            if keys[word] == _PASSIVE:
                return True
        return False

    def _level(self, named: Named, figure: Figure) -> Direction:
        flows = named.indicator is not None and named.indicator.measure == "flow" and figure.unit.family != "percent"
        return "total" if flows else "level"
