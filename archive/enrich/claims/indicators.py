"""Which indicator a figure measures: the heads of indicators.toml around it, weighed by where they stand.

The rules are those of vietnamese.md section 3.6: what is glued to the unit wins, the longest head at a place wins, a
head to the right never crosses a comma or a number, and "trong đó" carries the indicator before on.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

from archive.enrich.claims.figures import Figure
from archive.enrich.claims.sentences import Layout, Sentence
from archive.enrich.claims.words import holds, phrases
from archive.enrich.lexicon import Found, Lexicon
from archive.enrich.prose import BREAKS, Prose, word_keys
from archive.enrich.tables import read_table
from archive.text import tone_key

Better = Literal["less", "more", "neutral"]
Measure = Literal["stock", "roll", "flow"]

OTHER = "other"  # a figure that no indicator names

AFTER, BEFORE, EARLIER = 3.0, 2.6, 1.6  # points of a head behind the unit, before the number, in an earlier clause
LEADING = 1.3  # points of a head in the line that introduces a list or a table
CLOSEST = 0.35  # points added by a word that an indicator needs, in its own sentence
OF_WORD = 0.2  # points of each word of a head: the longer says more
AWAY = 0.07  # points lost with each word between head and number
PAST_SAME, PAST_OTHER = 0.7, 0.3  # points lost past a figure of the same family, or of another
LEAST = 1.1  # points an indicator needs
CARRIED = 40  # words to the figure in the sentence before that may name a figure
TITLED = frozenset(("house", "class"))  # families that the title may name
FOLLOWING = 8  # words to the next figure that may name this one
REACH = 22  # words behind a number that may still belong to it


@dataclass(frozen=True, slots=True)
class Indicator:
    """A thing that claims measure; `units` are families of units, `better` which way its level should move."""

    id: str
    topic: str
    label: str
    label_en: str
    units: frozenset[str]
    better: Better
    measure: Measure
    heads: tuple[tuple[str, ...], ...]
    needs: frozenset[tuple[str, ...]] = frozenset()
    bars: frozenset[tuple[str, ...]] = frozenset()
    twin: str | None = None
    rate: str | None = None
    people: str | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """The indicator of a figure, the first word of the head that named it, and how sure that is (0 to 1)."""

    indicator: Indicator | None
    head: int | None
    confidence: float

    @property
    def id(self) -> str:
        """The id that claims carry."""
        return self.indicator.id if self.indicator else OTHER

    @property
    def topic(self) -> str | None:
        """The topic of the indicator."""
        return self.indicator.topic if self.indicator else None

    @property
    def is_stock(self) -> bool:
        """Say whether it is a number at a day."""
        return self.indicator is not None and self.indicator.measure == "stock"


UNNAMED = Named(None, None, 0.6)


_COMMUNES = frozenset(map(tone_key, ("phường", "xã", "thị")))  # "xã, thị trấn" is one list of units


@lru_cache(maxsize=1)
def load_indicators() -> dict[str, Indicator]:
    """Return the indicators of indicators.toml by id; read once."""
    return {table["id"]: _indicator(table) for table in _tables()["indicator"]}


@lru_cache(maxsize=1)
def _tables() -> dict[str, list[dict[str, Any]]]:
    return read_table("indicators.toml")


def _readings() -> Iterator[Indicator]:
    """Yield every indicator, then its further readings: the same with other units, heads and conditions."""
    yield from load_indicators().values()
    for table in _tables()["reading"]:
        yield replace(
            load_indicators()[table["id"]],
            units=frozenset(table["units"]),
            heads=tuple(map(word_keys, table["heads"])),
            needs=phrases(table.get("with", ())),
            bars=phrases(table.get("without", ())),
        )


def _indicator(table: dict[str, Any]) -> Indicator:
    return Indicator(
        table["id"],
        table["topic"],
        table["label"],
        table["label_en"],
        frozenset(table["units"]),
        table["better"],
        table["measure"],
        tuple(map(word_keys, table["heads"])),
        phrases(table.get("with", ())),
        phrases(table.get("without", ())),
        table.get("twin"),
        table.get("rate"),
        table.get("people"),
    )


@lru_cache(maxsize=1)
def _heads() -> Lexicon[tuple[Indicator, ...]]:
    named: dict[tuple[str, ...], list[Indicator]] = defaultdict(list)
    for indicator in _readings():
        for head in indicator.heads:
            named[head].append(indicator)
    return Lexicon((head, tuple(indicators)) for head, indicators in named.items())


Head = Found[tuple[Indicator, ...]]


class Heads:
    """The heads that a text holds, found once."""

    def __init__(self, prose: Prose, layout: Layout) -> None:
        self._prose, self._layout = prose, layout
        self._found = list(_heads().find(prose.keys))
        self._starts = [head.start for head in self._found]
        self._title = (bisect_left(prose.starts, prose.title[0]), bisect_left(prose.starts, prose.title[1]))

    def between(self, start: int, end: int) -> Sequence[Head]:
        """Return the heads that lie wholly between two words."""
        first, last = bisect_left(self._starts, start), bisect_left(self._starts, end)
        return [head for head in self._found[first:last] if head.end <= end]

    def name(self, figure: Figure, sentence: Sentence, before: Sequence[tuple[Figure, Named]]) -> Named:
        """Return the indicator of a figure; `before` are the figures of its sentence to the left with theirs."""
        reach = noun_end(self._prose, figure, sentence)
        best, points = UNNAMED, LEAST
        own = max([sentence.part_of(figure.number)[0], *(other.end for other, _ in before)])
        for head, worth in self._weighed(figure, sentence, before, reach):
            for indicator in head.entry:
                if figure.unit.family not in indicator.units or worth + CLOSEST <= points:
                    continue
                span = _barred_span(head, figure, sentence, own, reach)
                gain = worth + self._support(indicator, sentence)
                if gain > points and not holds(self._prose.keys, *span, indicator.bars):
                    best, points = Named(indicator, max(head.start, sentence.start), _sure(gain)), gain
        if best is UNNAMED:
            best = _carried(figure, before)
        return best if best is not UNNAMED else self._titled(figure)

    def carry_on(self, figure: Figure, sentence: Sentence, last: Figure, named: Named) -> Named:
        """Return the indicator of the last figure before a sentence that names none ("Như vậy mỗi năm giảm trên 6%.")."""
        near = 0 < sentence.start - last.number <= CARRIED and last.unit.family == figure.unit.family
        if not near or figure.unit.family == "money" or self.between(sentence.start, sentence.end):
            return UNNAMED
        return Named(named.indicator, None, 0.4)

    def _titled(self, figure: Figure) -> Named:
        """Return what the title says that houses, households or classes without a name of their own are about."""
        if figure.unit.family in TITLED:
            for head in self.between(*self._title):
                for indicator in head.entry:
                    needed = not indicator.needs or holds(self._prose.keys, *self._title, indicator.needs)
                    if figure.unit.family in indicator.units and needed:
                        return Named(indicator, None, 0.5)
        return UNNAMED

    def _weighed(
        self, figure: Figure, sentence: Sentence, before: Sequence[tuple[Figure, Named]], reach: int
    ) -> Iterator[tuple[Head, float]]:
        """Yield the heads of a sentence with their points for a figure; for an item, those of its lead as well."""
        for head in self.between(sentence.start, reach):
            yield head, _points(head, figure, sentence, before)
        lead = self._layout.lead_of(sentence)
        if lead is not None and self._layout.lines[sentence.line].item:
            for head in self.between(lead.start, lead.end):
                yield head, LEADING + OF_WORD * (head.end - head.start)

    def _support(self, indicator: Indicator, sentence: Sentence) -> float:
        """Return what the words that an indicator needs add: most in its own sentence; less than nothing without."""
        if not indicator.needs:
            return 0.0
        around = (*self._layout.context_of(sentence), self._title)
        for step, (start, end) in enumerate(around):
            if holds(self._prose.keys, start, end, indicator.needs):
                return CLOSEST - 0.15 * step
        return -99.0


def _barred_span(head: Head, figure: Figure, sentence: Sentence, own: int, reach: int) -> tuple[int, int]:
    """Return the words in which what an indicator bars would take a head away from a figure."""
    if head.start > figure.number:
        return own, reach
    return (min(head.start, own) if head.start >= sentence.start else own), figure.end


def _sure(points: float) -> float:
    return round(min(0.95, 0.45 + 0.12 * points), 2)


def noun_end(prose: Prose, figure: Figure, sentence: Sentence) -> int:
    """Return the word where what belongs to the unit ends: a comma, a bracket, a number, the end of the sentence.

    What a percentage is said of may be a list, so it goes on past commas ("100% hộ nghèo, cận nghèo được cấp thẻ").
    """
    limit = min(sentence.end, figure.number + REACH)
    lists = figure.unit.family == "percent" and "," not in prose.text[figure.stop : figure.stop + 1]
    for word in range(figure.end, limit):
        key = prose.keys[word]
        comma = not lists and "," in prose.text[prose.ends[word - 1] : prose.starts[word]] and key not in _COMMUNES
        if key in BREAKS or key[0].isdigit() or comma:
            return word
    return limit


def name_backwards(read: Sequence[tuple[Figure, Named]], sentence: Sentence) -> list[Named]:
    """Return the indicators of a sentence's figures, the nameless ones named by the next of their kind.

    "Xây mới 65 căn, sửa chữa 30 căn nhà cho hộ nghèo"; "mở 13 lớp với 428 học viên".
    """
    names = [named for _, named in read]
    for at in range(len(read) - 2, -1, -1):
        figure, after = read[at][0], read[at + 1][0]
        following = names[at + 1].indicator
        if names[at].indicator is not None or following is None or after.first - figure.end > FOLLOWING:
            continue
        if after.number >= sentence.clause_of(figure.number)[1]:
            continue
        if figure.unit.family == after.unit.family:
            names[at] = Named(following, None, 0.6)
        elif figure.unit.family == "class" and following.id == load_indicators()["voc_classes"].people:
            names[at] = Named(load_indicators()["voc_classes"], None, 0.6)
    return names


def _points(head: Head, figure: Figure, sentence: Sentence, before: Sequence[tuple[Figure, Named]]) -> float:
    length = OF_WORD * (head.end - head.start)
    if head.start > figure.number:
        return AFTER + length - AWAY * max(0, head.start - figure.end)
    if head.end > figure.first:
        return 0.0
    inside = head.start >= sentence.clause_of(figure.number)[0]
    past = sum(
        PAST_SAME if other.unit.family == figure.unit.family else PAST_OTHER
        for other, _ in before
        if other.number >= head.start
    )
    return (BEFORE if inside else EARLIER) + length - AWAY * (figure.first - head.end) - past


def _carried(figure: Figure, before: Sequence[tuple[Figure, Named]]) -> Named:
    """Return the indicator of the nearest figure to the left with the same family, or its money twin."""
    for other, named in reversed(before):
        if named.indicator is None:
            continue
        if other.unit.family == figure.unit.family:
            return Named(named.indicator, named.head, max(0.4, named.confidence - 0.2))
        follows = {"money": named.indicator.twin, "percent": named.indicator.rate, "person": named.indicator.people}
        related = follows.get(figure.unit.family)
        if related:
            return Named(load_indicators()[related], None, 0.6)
    return UNNAMED
