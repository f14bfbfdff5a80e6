"""Which year and which part of it a figure belongs to (vietnamese.md section 3.6), with how far that was looked for."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import NamedTuple

from archive.enrich.claims.figures import Figure
from archive.enrich.claims.kinds import Kind
from archive.enrich.claims.sentences import Layout, Sentence
from archive.enrich.prose import STOP, Prose, word_keys
from archive.enrich.years import Dated

STEP = 0.1  # confidence lost with each step away from the figure
BEHIND = 5  # words behind a figure in which a year is more likely its own than one of the part before
COMPARED = 7  # words behind "so với" that still belong to the comparison
LEAD = 10  # words at the beginning of a sentence in which a year sets the time for what follows

_PART = re.compile(
    r"(?:\d{1,2}|sáu|chín|ba) tháng (?:đầu|cuối) năm|quý (?:[1-4]|i{1,3}|iv)(?!\w)|tháng \d{1,2}(?![\d/.])"
    r"|(?:bình quân )?(?:mỗi|hằng|hàng) năm|mỗi tháng|hằng tháng|nửa đầu năm|học kỳ [i12]{1,2}(?!\w)",
)
_NOW = re.compile(r"(?<!thực )(?<!phát )(?<!thể )hiện (?:nay|có|còn|đang|toàn|tại)")
_LAST_YEAR, _THIS_YEAR = re.compile(r"năm (?:qua|ngoái)"), re.compile(r"năm nay")


class Period(NamedTuple):
    """The year of a figure (the last of a span), its period as printed, and how sure both are."""

    year: int | None
    period: str | None
    confidence: float


class Periods:
    """The years of a text by the words where they stand."""

    def __init__(self, prose: Prose, layout: Layout, dated: list[Dated], years: tuple[int, ...]) -> None:
        self._prose, self._layout = prose, layout
        self._dated = [one for one in dated if one.years and not _is_compared(prose, one)]
        self._words = [bisect_left(prose.starts, one.start) for one in self._dated]
        self._title = next((one for one in self._dated if prose.title[0] <= one.start < prose.title[1]), None)
        self._fallback = years
        days = [one.years[-1] for one in self._dated if prose.text[one.start - 1 : one.start] in _DAY_MARKS]
        self._today = int(prose.published[:4]) if prose.published else max(days, default=None)

    def printed(self, figure: Figure, number: int) -> Dated | None:
        """Return the year or span printed with a figure in the sentence of that number."""
        return self._in_sentence(figure, self._layout.sentences[number])

    def period_of(self, figure: Figure, number: int, here: Dated | None, kind: Kind) -> Period:
        """Return the period of a figure in the sentence of that number; `here` is the one printed with it."""
        sentence = self._layout.sentences[number]
        part = self._part(figure, sentence)
        if here is not None:
            return Period(here.years[-1], _span(here) or part, 1.0)
        places = (self._relative(sentence), self._earlier(number), self._elsewhere(kind))
        for step, found in enumerate(places, start=1):
            if found is not None:
                return Period(found, part, 1.0 - STEP * step)
        return Period(None, part, 0.6)

    def _in_sentence(self, figure: Figure, sentence: Sentence) -> Dated | None:
        """Return the year that belongs to the figure: before it or right behind it in its part, then further away.

        What stands in brackets belongs only to what stands in the same ones ("(giai đoạn 2016-2020)").
        """
        own = sentence.bracket_of(figure.number)
        found = [
            one
            for one in self._between(sentence.start, sentence.end)
            if sentence.bracket_of(self._word(one)) in {None, own}
        ]
        within = [one for one in found if not one.plan] or found
        for start, end in self._spans(figure, sentence) if within else ():
            nearest = [one for one in within if start <= self._word(one) < end]
            if nearest:
                return min(nearest, key=lambda one: abs(self._word(one) - figure.number))
        return None

    def _spans(self, figure: Figure, sentence: Sentence) -> tuple[tuple[int, int], ...]:
        part, clause = sentence.part_of(figure.number), sentence.clause_of(figure.number)
        behind = min(part[1], figure.end + BEHIND)
        return (
            (part[0], figure.number),
            (figure.number, behind),
            (clause[0], figure.number),
            (figure.number, part[1]),
            (sentence.start, figure.number),
            (figure.number, self._until_number(figure, clause[1])),
        )

    def _until_number(self, figure: Figure, end: int) -> int:
        """Return the word of the next number behind a figure that is no year: what lies beyond belongs to that."""
        keys = self._prose.keys
        years = {self._word(one) for one in self._between(figure.end, end)}
        return next((word for word in range(figure.end, end) if keys[word][0].isdigit() and word not in years), end)

    def _relative(self, sentence: Sentence) -> int | None:
        """Return the year that "năm qua", "năm nay" and "hiện có" mean on the day of publication."""
        year = self._today
        if year is None:
            return None
        said = self._prose.surface(sentence.start, sentence.end).lower()
        if _THIS_YEAR.search(said) or (self._title is None and _NOW.search(said)):
            return year
        month = (self._prose.published or "")[5:7] or "12"
        return year - 1 if _LAST_YEAR.search(said) and (month <= "03" or "năm ngoái" in said) else None

    def _earlier(self, number: int) -> int | None:
        """Return the year with which a sentence before, on the same line, or the heading above begins."""
        sentences = self._layout.sentences
        for earlier in reversed(sentences[max(0, number - 12) : number]):
            same_line = earlier.line == sentences[number].line
            if same_line or self._layout.lines[earlier.line].heading:
                end = min(earlier.end, earlier.start + LEAD) if same_line else earlier.end
                leading = [one for one in self._between(earlier.start, end) if not one.plan]
                if same_line and _THIS_YEAR.search(self._lead_of(earlier)) and self._prose.published:
                    return int(self._prose.published[:4])
                if leading and not (not same_line and self._prose.zone(earlier.start) == "title"):
                    return leading[0].years[-1]
        return None

    def _lead_of(self, sentence: Sentence) -> str:
        return self._prose.surface(sentence.start, min(sentence.end, sentence.start + LEAD)).lower()

    def _elsewhere(self, kind: Kind) -> int | None:
        """Return the year of the title, else the last the text is about for a target, the first span for a result."""
        if self._title is not None:
            return self._title.years[-1]
        if self._fallback and kind == "target":
            return self._fallback[-1]
        if self._fallback:
            return self._of_result()
        return int(self._prose.published[:4]) if self._prose.published else None

    def _of_result(self) -> int:
        """Return the last year a text is about that is over, or nearly, on the day of publication."""
        if self._prose.published is None:
            spans = [one.years[-1] for one in self._dated if one.years[-1] in self._fallback]
            return spans[0] if spans else self._fallback[0]
        now = int(self._prose.published[:4])
        over = [year for year in self._fallback if year <= now]
        return over[-1] if over else self._fallback[0]

    def _part(self, figure: Figure, sentence: Sentence) -> str | None:
        if figure.per == _YEARLY:
            return "mỗi năm"
        said = self._prose.surface(sentence.start, sentence.end).lower()
        found = [m for m in _PART.finditer(said) if m.start() + self._prose.starts[sentence.start] < figure.stop]
        return found[-1].group() if found else None

    def _between(self, start: int, end: int) -> list[Dated]:
        return self._dated[bisect_left(self._words, start) : bisect_left(self._words, end)]

    def _word(self, dated: Dated) -> int:
        return bisect_left(self._prose.starts, dated.start)


_COMPARED = word_keys("so với")
_DAY_MARKS = frozenset("/.-")  # before the year of a full date
_YEARLY = "năm"


def _is_compared(prose: Prose, dated: Dated) -> bool:
    """Say whether a year belongs to what a figure is compared with: "so với mức 13,34% cuối 2017"."""
    word = bisect_left(prose.starts, dated.start)
    before = prose.keys[max(0, word - COMPARED) : word]
    return any(tuple(before[at : at + 2]) == _COMPARED for at in range(len(before))) and STOP not in before


def _span(dated: Dated) -> str | None:
    return f"{dated.years[0]}-{dated.years[-1]}" if len(dated.years) > 1 else None
