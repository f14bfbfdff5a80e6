"""The claims of a text: every figure asked in turn what it is, what it measures, whose, when, and where it stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from archive.enrich.claims.apart import Apart
from archive.enrich.claims.directions import Direction, Directions
from archive.enrich.claims.figures import Figure, find_figures
from archive.enrich.claims.indicators import Heads, Named, load_indicators, name_backwards
from archive.enrich.claims.kinds import Kind, Kinds
from archive.enrich.claims.parties import find_assigner, find_population
from archive.enrich.claims.periods import Period, Periods
from archive.enrich.claims.quotes import quote_span
from archive.enrich.claims.sentences import Layout, Sentence, read_layout
from archive.enrich.claims.shares import NO_SHARE, Share, read_share
from archive.enrich.claims.sites import Sites
from archive.enrich.claims.tables import find_cells
from archive.enrich.claims.zeros import find_zeros
from archive.enrich.prose import Prose
from archive.enrich.years import dated_years
from archive.models import Claim, short_id
from archive.text import tone_key

_LEFT = [tone_key("còn")]  # "không còn": what is gone was a stock


@dataclass(frozen=True, slots=True)
class _Read:
    """A figure that is a claim with all that was read about it."""

    figure: Figure
    named: Named
    kind: Kind
    period: Period
    direction: Direction
    confidence: float
    share: Share = NO_SHARE


def find_claims(prose: Prose, text_id: str, years: tuple[int, ...], sites: Sites) -> tuple[Claim, ...]:
    """Return the claims of a text in order; `years` are those it is about, `sites` the places it names.

    Offsets are code points into the text; every quote is cut from it.
    """
    layout = read_layout(prose)
    found = _find(prose, layout)
    reader = _Reader(prose, layout, years, [said.figure for said in found])
    read: list[_Read] = []
    for number, figures in _by_sentence(layout, found):
        read += reader.read(number, figures)
    return tuple(_claims(prose, layout, text_id, sites, [_as_told_below(prose, one, read) for one in read]))


def _as_told_below(prose: Prose, one: _Read, read: Sequence[_Read]) -> _Read:
    """Return a figure of the title with what the text below says of the same one; any other figure as it is."""
    if prose.zone(one.figure.number) != "title":
        return one
    for other in read:
        same = other.figure.value == one.figure.value and other.figure.unit == one.figure.unit
        if same and prose.zone(other.figure.number) != "title":
            named = one.named if one.named.indicator is not None else other.named
            return replace(one, kind=other.kind, period=other.period, named=named)
    return one


@dataclass(frozen=True, slots=True)
class _Said:
    """A figure as it was found: with its indicator where it is said in words, with kind and year where a table says so."""

    figure: Figure
    indicator: str | None = None
    kind: Kind | None = None
    year: int | None = None


def _find(prose: Prose, layout: Layout) -> list[_Said]:
    cells = [_Said(cell.figure, kind=cell.kind, year=cell.year) for cell in find_cells(prose, layout)]
    taken = {cell.figure.number for cell in cells}
    found = [_Said(figure) for figure in find_figures(prose) if figure.number not in taken]
    zeros = [_Said(zero.figure, zero.indicator) for zero in find_zeros(prose)]
    return sorted((*found, *cells, *zeros), key=lambda one: one.figure.number)


def _by_sentence(layout: Layout, found: Sequence[_Said]) -> list[tuple[int, list[_Said]]]:
    """Return the figures of each sentence that has any."""
    grouped: dict[int, list[_Said]] = {}
    for said in found:
        grouped.setdefault(layout.sentence_at(said.figure.number), []).append(said)
    return list(grouped.items())


class _Reader:
    """All that a text says around its figures, read once; then sentence by sentence."""

    def __init__(self, prose: Prose, layout: Layout, years: tuple[int, ...], figures: Sequence[Figure]) -> None:
        self._prose, self._layout = prose, layout
        self._heads, self._kinds, self._apart = Heads(prose, layout), Kinds(prose, layout, figures), Apart(prose)
        self._directions = Directions(prose)
        self._periods = Periods(prose, layout, dated_years(prose), years)
        self._told = -2  # the sentence of the last claim
        self._spoken: tuple[Figure, Named] | None = None  # the last claim with an indicator
        self._last: tuple[int, Kind] | None = None  # the sentence and the kind of the last claim read

    def read(self, number: int, figures: Sequence[_Said]) -> list[_Read]:
        """Return what the figures of one sentence say; what is no claim is left out, a share goes to its figure."""
        sentence = self._layout.sentences[number]
        read: list[_Read] = []
        seen: list[Figure] = []
        for said, after in zip_longest(figures, (one.figure for one in figures[1:])):
            figure, certain = said.figure, said.indicator is not None or said.kind is not None
            share = None if certain else read_share(self._prose, figure, sentence, seen)
            if share is not None:
                if read and share != NO_SHARE:
                    read[-1] = replace(read[-1], share=_joined(read[-1].share, share))
            elif said.indicator is not None and _is_of_some(read, figure, sentence):
                continue
            elif certain or not self._apart.is_apart(figure, sentence, seen, after):
                read.append(self._read_one(said, number, read))
            seen.append(figure)
        names = name_backwards([(one.figure, one.named) for one in read], sentence)
        foreign = {one.figure.unit.family: self._is_foreign(number, one.figure.unit.family, names) for one in read}
        self._spoken = next(
            ((one.figure, name) for one, name in zip(read[::-1], names[::-1], strict=True) if name.indicator),
            self._spoken,
        )
        told = [
            replace(one, named=named)
            for one, named in zip(read, names, strict=True)
            if named.indicator is not None or not foreign[one.figure.unit.family]
        ]
        self._told = number if told else self._told
        return told

    def _read_one(self, said: _Said, number: int, before: Sequence[_Read]) -> _Read:
        figure, sentence = said.figure, self._layout.sentences[number]
        named = self._name(figure, said.indicator, sentence, before)
        kind, sure, period = self._when(said, number, before)
        if figure.comparator == "=" and self._kinds.is_estimate(figure, number):
            figure = replace(figure, comparator="~")
        if sentence.bracket_of(figure.number) is None:
            self._last = (number, kind)
        confidence = round(named.confidence * sure * period.confidence + 0.1, 2)
        return _Read(figure, named, kind, period, self._direction(said, named, sentence, before), confidence)

    def _when(self, said: _Said, number: int, before: Sequence[_Read]) -> tuple[Kind, float, Period]:
        """Return whether a figure was planned or done, how sure that is, and when; the column of a table knows both."""
        sentence = self._layout.sentences[number]
        printed = self._periods.printed(said.figure, number)
        if said.kind is not None:
            period = self._periods.period_of(said.figure, number, printed, said.kind)
            return said.kind, 0.9, period._replace(year=said.year) if said.year else period
        here = next((one.kind for one in reversed(before) if sentence.bracket_of(one.figure.number) is None), None)
        kind, sure = self._kinds.kind_of(said.figure, number, printed, here, self._before(number))
        return kind, sure, self._periods.period_of(said.figure, number, printed, kind)

    def _direction(self, said: _Said, named: Named, sentence: Sentence, before: Sequence[_Read]) -> Direction:
        if said.indicator is None:
            moves = [(one.figure, one.direction) for one in before]
            return self._directions.direction_of(said.figure, named, sentence, moves)
        gone = self._prose.keys[said.figure.first + 1 : said.figure.first + 2] == _LEFT
        return "level" if named.is_stock or gone else "total"

    def _is_foreign(self, number: int, family: str, names: Sequence[Named]) -> bool:
        """Say whether nothing near speaks of labour or social affairs: on the line; for sums and shares, right here."""
        sentence = self._layout.sentences[number]
        line, lead = self._layout.lines[sentence.line], self._layout.lead_of(sentence)
        if lead is not None and not self._apart.is_foreign(lead.start, lead.end):
            return False
        if family not in {"money", "percent"} or line.item:
            return self._apart.is_foreign(line.start, line.end)
        spoken = any(named.indicator is not None for named in names) or self._told >= number - 1
        return not spoken and self._apart.is_foreign(sentence.start, sentence.end)

    def _before(self, number: int) -> Kind | None:
        """Return the kind of the claim before, where it stands in this sentence or right before it on the line."""
        if self._last is None:
            return None
        line = self._layout.sentences[number].line
        same_line = self._layout.sentences[self._last[0]].line == line
        near = number - self._last[0] <= 1 and (same_line or self._kinds.goes_on(number))
        return self._last[1] if near or self._layout.lines[line].item else None

    def _name(self, figure: Figure, indicator: str | None, sentence: Sentence, before: Sequence[_Read]) -> Named:
        if indicator is not None:
            return Named(load_indicators()[indicator], figure.number, 0.9)
        named = self._heads.name(figure, sentence, [(one.figure, one.named) for one in before])
        if named.indicator is None and self._spoken is not None:
            return self._heads.carry_on(figure, sentence, *self._spoken)
        return named


def _is_of_some(read: Sequence[_Read], figure: Figure, sentence: Sentence) -> bool:
    """Say whether a figure of none is said of counted communes alone: "10 quận không còn hộ nghèo"."""
    part, _ = sentence.part_of(figure.number)
    return any(one.figure.unit.family == "commune" and one.figure.number >= part for one in read)


def _joined(first: Share, second: Share) -> Share:
    return Share(
        first.plan if first.plan is not None else second.plan, first.year if first.year is not None else second.year
    )


def _claims(prose: Prose, layout: Layout, text_id: str, sites: Sites, read: Sequence[_Read]) -> list[Claim]:
    times: Counter[tuple[str, str, str]] = Counter()
    claims = []
    for before, one in zip((None, *read), read, strict=False):
        sentence = layout.sentences[layout.sentence_at(one.figure.number)]
        start, end = quote_span(prose, one.figure, one.named.head, sentence, before.figure if before else None)
        quote = prose.text[start:end]
        key = (one.kind, one.named.id, quote)
        times[key] += 1
        claims.append(
            Claim(
                id=short_id(text_id, *key, str(times[key])),
                kind=one.kind,
                indicator=one.named.id,
                value=one.figure.value,
                value_max=one.figure.value_max,
                out_of=one.figure.out_of,
                unit=_unit(one),
                comparator=one.figure.comparator,
                direction=one.direction,
                year=one.period.year,
                period=one.period.period,
                place=sites.place_of(one.figure, sentence),
                assigner=find_assigner(prose, one.figure, sentence) if one.kind == "target" else None,
                sub_population=find_population(prose, one.figure, sentence, one.named.head, one.named.topic),
                plan_share=one.share.plan,
                yoy=one.share.year,
                confidence=one.confidence,
                quote=quote,
                start=start,
                end=end,
            )
        )
    return claims


def _unit(one: _Read) -> str:
    """Return the unit of a claim: a rate falls and rises by percentage points."""
    moves = one.figure.unit.family == "percent" and one.direction in {"down", "up"} and one.named.is_stock
    return "điểm %" if moves else one.figure.unit.unit
