"""Whether a figure is a target or a result: cue words to its left, then its year, its section, the title.

Precedence as in vietnamese.md section 3.5: nearest cue in the clause, in the sentence, the year against the day of
publication, the section, the sentence before, the title.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from archive.enrich.claims.cues import Cues
from archive.enrich.claims.figures import Figure
from archive.enrich.claims.sentences import Layout, Sentence
from archive.enrich.claims.words import load, phrases
from archive.enrich.lexicon import Found
from archive.enrich.prose import Prose, word_keys
from archive.enrich.years import Dated
from archive.text import tone_key

Kind = Literal["target", "result"]

_NOUNS = frozenset(map(tone_key, ("chỉ", "kế", "mục", "đăng", "được", "giao", "các")))  # how such cues begin
_DONE = frozenset(map(tone_key, ("kết", "hoàn", "đạt", "vượt", "thực")))  # kết quả, hoàn thành, thực hiện: no promise
_NOT_TO = word_keys("không để")  # what is not to happen is meant for the time to come, where nothing else speaks
PLAN_WORDS = 4  # words behind a percentage in which "kế hoạch" belongs to it


class Kinds:
    """What a text says about its figures being planned or done, read once."""

    def __init__(self, prose: Prose, layout: Layout, figures: Sequence[Figure] = ()) -> None:
        self._prose, self._layout = prose, layout
        self._counted = {word for figure in figures for word in _counted(prose, figure)}
        self._cues = Cues(prose.keys, "kinds", "target", "result", "estimate", "state", "label")
        self._behind = Cues(prose.keys, "kinds", "later_target", "later_result")
        self._sections = self._read_sections()
        self._title = self._read_title()

    def kind_of(
        self, figure: Figure, number: int, printed: Dated | None, here: Kind | None, before: Kind | None
    ) -> tuple[Kind, float]:
        """Return the kind of a figure in the sentence of that number and how sure it is.

        `printed` is the year printed with it; `here` and `before` are the kind of the claim before it in its sentence
        and in the one before.
        """
        sentence = self._layout.sentences[number]
        clause, _ = sentence.clause_of(figure.number)
        near = self._strong(clause, figure.number, sentence)
        if near is not None:
            return near, 0.9
        later = self._later(figure, sentence)
        if later is not None:
            return later, 0.8
        if here is not None:
            return here, 0.8
        far = self._strong(sentence.start, figure.number, sentence)
        return (far, 0.8) if far is not None else self._around(figure, sentence, printed, before)

    def _around(
        self, figure: Figure, sentence: Sentence, printed: Dated | None, before: Kind | None
    ) -> tuple[Kind, float]:
        """Return what year and layout say, else what the figure's own verb does, else the claim before, else the title."""
        said = self._by_year(printed) or self._led(sentence) or self._sections[sentence.line]
        if said is not None:
            return said, 0.7
        own = self._by_verb(figure, sentence)
        if own is not None and before in {None, own}:
            return own, 0.7
        said = before or self._title
        return (said, 0.6) if said is not None else ("result", 0.5)

    def _led(self, sentence: Sentence) -> Kind | None:
        """Return the kind that the line above a list gives its items."""
        lead = self._layout.lead_of(sentence)
        if lead is None or not lead.listing or not self._layout.lines[sentence.line].item:
            return None
        return self._strong(lead.start, lead.end, None)

    def _by_verb(self, figure: Figure, sentence: Sentence) -> Kind | None:
        """Return a target for what is not to happen ("không để xảy ra"), a result for what is there ("có", "còn")."""
        if tuple(self._prose.keys[figure.first : figure.first + 2]) == _NOT_TO:
            return "target"
        return "result" if self._cues.last(sentence.start, figure.number, "state") is not None else None

    def _later(self, figure: Figure, sentence: Sentence) -> Kind | None:
        """Return the kind that a verb says of those counted, right behind them and before any other number."""
        _, end = sentence.part_of(figure.number)
        until = next((word for word in range(figure.end, end) if self._prose.keys[word][0].isdigit()), end)
        said = next(iter(self._behind.between(figure.end, until)), None)
        return None if said is None else "target" if said.entry == "later_target" else "result"

    def goes_on(self, number: int) -> bool:
        """Say whether a sentence begins by going on with the one before it."""
        start = self._layout.sentences[number].start
        return any(tuple(self._prose.keys[start : start + size]) in _going_on() for size in (2, 3))

    def _strong(self, start: int, end: int, sentence: Sentence | None) -> Kind | None:
        """Return the kind of the last cue between two words; what stands in brackets speaks only within them."""
        own = sentence.bracket_of(end) if sentence is not None else None
        for cue in self._cues.backwards(start, end):
            if sentence is not None and sentence.bracket_of(cue.start) not in {None, own}:
                continue
            if cue.entry == "label" and sentence is not None and self._is_label(cue, end, sentence):
                return "target"
            if cue.entry == "target" and (
                not self._is_share(cue) or (own is not None and own[0] - 3 <= cue.end < own[0])
            ):
                return "target"
            if cue.entry in {"result", "estimate"}:
                return "result"
        return None

    def _is_label(self, cue: Found[str], end: int, sentence: Sentence) -> bool:
        """Say whether a noun begins a part of a sentence and announces what follows after a colon ("Chỉ tiêu: …")."""
        after = self._prose.text[self._prose.ends[cue.end - 1] : self._prose.starts[end]]
        return ":" in after and cue.start in sentence.parts

    def is_estimate(self, figure: Figure, number: int) -> bool:
        """Say whether the nearest cue in the figure's clause reckons before the end ("ước thực hiện cả năm")."""
        clause, _ = self._layout.sentences[number].clause_of(figure.number)
        cue = self._cues.last(clause, figure.number, "target", "result", "estimate")
        return cue is not None and cue.entry == "estimate"

    def _is_share(self, cue: Found[str]) -> bool:
        """Say whether a cue is the plan of a percentage ("đạt 90% chỉ tiêu") or said of those counted, no promise."""
        if self._prose.keys[cue.start] not in _NOUNS:
            return False
        if cue.start in self._counted or _DONE.intersection(
            self._prose.keys[max(0, cue.start - PLAN_WORDS) : cue.start]
        ):
            return True
        words = range(cue.start - 1, max(-1, cue.start - PLAN_WORDS), -1)
        for gap in (self._prose.text[self._prose.ends[word] : self._prose.starts[word + 1]] for word in words):
            if "%" in gap:
                return "," not in gap
            if "," in gap:
                return False
        return False

    def _by_year(self, printed: Dated | None) -> Kind | None:
        """Return what a year wholly before or after that of publication says; a span around it says nothing."""
        if printed is None or self._prose.published is None:
            return None
        now = int(self._prose.published[:4])
        return "target" if printed.years[0] > now else "result" if printed.years[-1] < now else None

    def _read_sections(self) -> list[Kind | None]:
        """Return for each line what the heading above it announces; the line of a heading announces for itself."""
        current: Kind | None = None
        sections: list[Kind | None] = []
        for line in self._layout.lines:
            if (line.heading or line.listing) and self._prose.zone(line.start) != "title":
                said = _heading(self._prose.keys, line.start, line.end)
                current = said if said is not None or line.end - line.start > 3 else current
            sections.append(current)
        return sections

    def _read_title(self) -> Kind | None:
        keys = self._prose.keys
        words = [word for word in range(min(len(keys), 200)) if self._prose.zone(word) == "title"]
        if not words:
            return None
        target, result = _title_words()
        start, end = words[0], words[-1] + 1
        planned, done = _holds(keys, start, end, target), _holds(keys, start, end, result)
        return None if planned == done else "target" if planned else "result"


def _counted(prose: Prose, figure: Figure) -> set[int]:
    """Return where a cue would belong to what is counted: "6.850 chỉ tiêu", "91 em đăng ký học nghề"."""
    glued = figure.end < len(prose.keys) and not prose.text[figure.stop : prose.starts[figure.end]].strip()
    after = 1 if glued and figure.unit.family != "percent" else 0
    return set(range(figure.number + 1, figure.end + after))


def _heading(keys: list[str], start: int, end: int) -> Kind | None:
    target, result = _section_words()
    planned, done = _holds(keys, start, end, target), _holds(keys, start, end, result)
    return None if planned == done else "target" if planned else "result"


def _holds(keys: list[str], start: int, end: int, among: frozenset[tuple[str, ...]]) -> bool:
    return any(tuple(keys[word : word + size]) in among for word in range(start, end) for size in (1, 2, 3, 4, 5))


@lru_cache(maxsize=1)
def _going_on() -> frozenset[tuple[str, ...]]:
    return phrases(load("cues.toml")["kinds"]["going_on"])


@lru_cache(maxsize=1)
def _section_words() -> tuple[frozenset[tuple[str, ...]], frozenset[tuple[str, ...]]]:
    words = load("cues.toml")["kinds"]
    return phrases(words["section_target"]), phrases(words["section_result"])


@lru_cache(maxsize=1)
def _title_words() -> tuple[frozenset[tuple[str, ...]], frozenset[tuple[str, ...]]]:
    words = load("cues.toml")["kinds"]
    return phrases(words["title_target"]), phrases(words["title_result"])
