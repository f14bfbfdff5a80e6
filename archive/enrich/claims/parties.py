"""Who set a target, and whom within its unit a figure counts."""

from __future__ import annotations

from functools import lru_cache

from archive.enrich.claims.figures import Figure
from archive.enrich.claims.indicators import noun_end
from archive.enrich.claims.sentences import Sentence
from archive.enrich.claims.words import ends_with, lexicon, load, phrases
from archive.enrich.lexicon import Lexicon
from archive.enrich.prose import Prose, word_keys

_GIVES = word_keys("giao")[0]
_STRIVE = word_keys("phấn đấu")
NEXT = 3  # words behind the unit in which those it counts are named
NEAR = 24  # words between an assigner and its figure


def find_assigner(prose: Prose, figure: Figure, sentence: Sentence) -> str | None:
    """Return who set the target, as printed ("Thành phố", "UBND huyện"); None when the text names nobody."""
    start = max(sentence.start, figure.number - NEAR)
    for word in range(figure.number - 1, start, -1):
        if tuple(prose.keys[word - 1 : word + 1]) == _STRIVE:
            return None
        if prose.keys[word] == _GIVES:
            return _assigner_before(prose, word, sentence.start)
    return None


def _assigner_before(prose: Prose, word: int, start: int) -> str | None:
    """Return the unit right before "giao", with its name where it has one."""
    end = word
    while end > start and prose.is_name(end - 1, end) and not ends_with(prose.keys, end, _units(), 7):
        end -= 1
    size = ends_with(prose.keys, end, _units(), 7)
    return prose.surface(end - size, word) if size and end - size >= start else None


def find_population(
    prose: Prose, figure: Figure, sentence: Sentence, head: int | None, topic: str | None
) -> str | None:
    """Return whom the figure counts within its unit, as printed after it ("diện chính sách người có công") or in its head.

    `head` is the first word of what names the indicator. Whom the indicators of its topic count anyway is no part.
    """
    start = figure.end
    for found in _populations().find(prose.keys[start : noun_end(prose, figure, sentence)]):
        first, last = start + found.start, start + found.end
        if found.start <= NEXT and prose.keys[first] != prose.keys[start - 1] and _is_part(prose, first, last, topic):
            return prose.surface(first, last)
    return _population_before(prose, figure, sentence, head, topic)


def _population_before(
    prose: Prose, figure: Figure, sentence: Sentence, head: int | None, topic: str | None
) -> str | None:
    part, _ = sentence.part_of(figure.number)
    if head is None or not part <= head < figure.first:
        return None
    for found in _populations().find(prose.keys[head : figure.first]):
        first, last = head + found.start, head + found.end
        if last >= figure.first - 2 and _is_part(prose, first, last, topic):
            return prose.surface(first, last)
    return None


def _is_part(prose: Prose, first: int, last: int, topic: str | None) -> bool:
    return tuple(prose.keys[first:last]) not in _own(topic)


@lru_cache(maxsize=1)
def _units() -> frozenset[tuple[str, ...]]:
    return phrases(load("cues.toml")["assigners"]["units"])


@lru_cache(maxsize=1)
def _populations() -> Lexicon[str]:
    return lexicon(load("cues.toml")["populations"], ("phrases",))


@lru_cache(maxsize=32)
def _own(topic: str | None) -> frozenset[tuple[str, ...]]:
    return phrases(load("cues.toml")["populations"]["own"].get(topic, ()))
