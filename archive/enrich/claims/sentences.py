"""How a text is laid out around its figures: lines, sentences, and the clauses and parts of a sentence."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from archive.enrich.prose import BRACKET, STOP, Prose

FAR = 40  # lines above which nothing introduces a line
TELLING = 5  # words; a shorter line ("Trong đó:") introduces nothing by itself, the one above it does
SHORT_ITEM = 30  # words; a line of no more after one that ends in a colon is an item of its list
LONGEST = 250  # words; a sentence of more is read in pieces, so that time stays linear
SHORT_LINE = 16  # words; a line of no more, without a full stop at its end, may be a heading


_BULLETS = frozenset("-–—+*•·●▪")


@dataclass(frozen=True, slots=True)
class Sentence:
    """The words start to end (exclusive) between two full stops or line ends; `line` is the number of its line.

    `clauses` are where its parts between semicolons begin, `parts` where those between commas do, the first included;
    `brackets` are the words between brackets.
    """

    start: int
    end: int
    line: int
    clauses: tuple[int, ...]
    parts: tuple[int, ...]
    brackets: tuple[tuple[int, int], ...]

    def clause_of(self, word: int) -> tuple[int, int]:
        """Return the words between the semicolons around a word."""
        return _around(self.clauses, word, self.end)

    def bracket_of(self, word: int) -> tuple[int, int] | None:
        """Return the words of the brackets around a word; None outside of brackets."""
        return next((span for span in self.brackets if span[0] <= word < span[1]), None)

    def part_of(self, word: int) -> tuple[int, int]:
        """Return the words between the commas or semicolons around a word."""
        return _around(self.parts, word, self.end)


@dataclass(frozen=True, slots=True)
class Line:
    """The words of one line; `heading`: it is short, or ends in a colon, and so announces what follows.

    `listing`: it ends in a colon; `item`: it is an item of a list or a row of a table; `lead` is the number of the line
    that introduces it, if any.
    """

    start: int
    end: int
    heading: bool
    listing: bool
    item: bool
    lead: int | None


@dataclass(frozen=True, slots=True)
class Layout:
    """The lines and sentences of a text in order."""

    lines: tuple[Line, ...]
    sentences: tuple[Sentence, ...]
    _starts: tuple[int, ...]

    def context_of(self, sentence: Sentence) -> tuple[tuple[int, int], ...]:
        """Return the words of a sentence, and those of the line that introduces its line."""
        lead = self.lead_of(sentence)
        here = (sentence.start, sentence.end)
        return (here,) if lead is None else (here, (lead.start, lead.end))

    def lead_of(self, sentence: Sentence) -> Line | None:
        """Return the line that introduces the line of a sentence: above its list or table, or its heading."""
        lead = self.lines[sentence.line].lead
        return self.lines[lead] if lead is not None else None

    def sentence_at(self, word: int) -> int:
        """Return the number of the sentence that holds a word."""
        return max(0, bisect_right(self._starts, word) - 1)


def read_layout(prose: Prose) -> Layout:
    """Return the lines and sentences of a text; a text without words has none."""
    lines: list[Line] = []
    sentences: list[Sentence] = []
    line_start = start = 0
    for word in range(len(prose.keys) + 1):
        at_end = word == len(prose.keys)
        if not at_end and prose.keys[word] != STOP:
            if word - start >= LONGEST:
                sentences.append(_sentence(prose, start, word, len(lines)))
                start = word
            continue
        if word > start:
            sentences.append(_sentence(prose, start, word, len(lines)))
        start = word + 1
        if at_end or prose.text[prose.starts[word]] == "\n":
            if word > line_start:
                lines.append(_line(prose, line_start, word, lines))
            line_start = word + 1
    return Layout(tuple(lines), tuple(sentences), tuple(sentence.start for sentence in sentences))


def _line(prose: Prose, start: int, end: int, before: list[Line]) -> Line:
    last = prose.text[prose.starts[end - 1]]
    listed = bool(before) and end - start <= SHORT_ITEM and (before[-1].listing or before[-1].item)
    item = _is_item(prose, start, end) or (listed and last != ":")
    heading = last == ":" or (not item and end - start <= SHORT_LINE and prose.keys[end - 1] != STOP)
    return Line(start, end, heading and not item, last == ":", item, _lead(before, item))


def _lead(before: list[Line], item: bool) -> int | None:
    """Return the number of the line that introduces the next: above all items, or the nearest heading."""
    for number in range(len(before) - 1, max(-1, len(before) - FAR), -1):
        line = before[number]
        named = line.end - line.start >= TELLING or not number
        if (item and not line.item and named) or (not item and line.heading):
            return number
    return None


def _is_item(prose: Prose, start: int, end: int) -> bool:
    """Say whether a line begins with a dash or bullet, or has cells parted by bars or tabs."""
    before = prose.text[max(0, prose.starts[start] - 3) : prose.starts[start]].strip()
    line = prose.text[prose.starts[start] : prose.ends[end - 1]]
    return (before[-1:] in _BULLETS and before != "") or " | " in line or "\t" in line


def _sentence(prose: Prose, start: int, end: int, line: int) -> Sentence:
    clauses, parts = [start], [start]
    for word in range(start + 1, end):
        if prose.text[prose.starts[word - 1]] == ";":
            clauses.append(word)
            parts.append(word)
        elif "," in prose.text[prose.ends[word - 1] : prose.starts[word]]:
            parts.append(word)
    return Sentence(start, end, line, tuple(clauses), tuple(parts), _brackets(prose, start, end))


def _brackets(prose: Prose, start: int, end: int) -> tuple[tuple[int, int], ...]:
    opened: int | None = None
    spans = []
    for word in range(start, end):
        if prose.keys[word] != BRACKET:
            continue
        if prose.text[prose.starts[word]] in "([{":
            opened = word + 1
        elif opened is not None:
            spans.append((opened, word))
            opened = None
    return tuple(spans)


def _around(cuts: tuple[int, ...], word: int, end: int) -> tuple[int, int]:
    at = bisect_right(cuts, word)
    return cuts[at - 1] if at else cuts[0], cuts[at] if at < len(cuts) else end
