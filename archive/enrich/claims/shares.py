"""Percentages that speak of another number: its share of a plan, its change on the year before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from archive.enrich.claims.figures import Figure
from archive.enrich.claims.sentences import Sentence
from archive.enrich.claims.words import load, phrases
from archive.enrich.prose import BRACKET, BREAKS, Prose, word_keys

AFTER = 3  # words behind a percentage in which what it is a share of begins
CLOSE = 0.02  # how near a percentage must be to done / total to be that ratio


@dataclass(frozen=True, slots=True)
class Share:
    """What a percentage says of the figure before it, in percent; neither, when it only says done of total again."""

    plan: float | None = None
    year: float | None = None


NO_SHARE = Share()


def read_share(prose: Prose, figure: Figure, sentence: Sentence, before: Sequence[Figure]) -> Share | None:
    """Return what a figure says about the one before it; None when it is a figure of its own."""
    if figure.unit.family != "percent":
        return None
    after = _after(prose, figure, sentence)
    left = prose.keys[max(sentence.start, figure.number - 3) : figure.number]
    if any(pair in _plan() or pair[:1] in _plan() for pair in after):
        over = _OVER in left
        return Share(plan=figure.value + 100.0 if over else figure.value)
    if any(pair in _year() for pair in after[:2]) and not _TARGET.intersection(_pairs(prose, figure, sentence)):
        return Share(year=_change(figure, left))
    last = before[-1] if before else None
    if last is not None and last.out_of and abs(100 * last.value / last.out_of - figure.value) < CLOSE * 100:
        return NO_SHARE
    if (
        last is not None
        and last.unit.family != "percent"
        and figure.value >= 100
        and _ends_part(prose, figure, sentence)
    ):
        return Share(plan=figure.value)
    return None


def _after(prose: Prose, figure: Figure, sentence: Sentence) -> list[tuple[str, ...]]:
    """Return each of the first words behind a percentage with the word after it, up to a comma or bracket."""
    pairs = []
    stop = figure.stop
    for word in range(figure.end, min(sentence.end, figure.end + AFTER)):
        if prose.keys[word] == BRACKET and prose.text[prose.starts[word]] == ")":
            continue
        if prose.keys[word] in BREAKS or "," in prose.text[stop : prose.starts[word]]:
            break
        pairs.append(tuple(prose.keys[word : word + 2]))
        stop = prose.ends[word]
    return pairs


def _pairs(prose: Prose, figure: Figure, sentence: Sentence) -> list[tuple[str, ...]]:
    start, _ = sentence.clause_of(figure.number)
    return [tuple(prose.keys[word : word + 2]) for word in range(start, figure.number)]


def _change(figure: Figure, left: list[str]) -> float:
    if _DOWN in left:
        return -figure.value
    return figure.value - 100.0 if _EQUAL in left else figure.value


def _ends_part(prose: Prose, figure: Figure, sentence: Sentence) -> bool:
    """Say whether a part of the sentence ends with the percentage: "…, đạt 100%."."""
    return figure.end >= sentence.end or "," in prose.text[figure.stop : prose.starts[figure.end]]


_TARGET = frozenset(map(word_keys, ("phấn đấu", "mục tiêu", "chỉ tiêu")))
(_OVER,), (_DOWN,), (_EQUAL,) = word_keys("vượt"), word_keys("giảm"), word_keys("bằng")


@lru_cache(maxsize=1)
def _plan() -> frozenset[tuple[str, ...]]:
    return frozenset(phrase[:2] for phrase in phrases(load("cues.toml")["shares"]["plan"]))


@lru_cache(maxsize=1)
def _year() -> frozenset[tuple[str, ...]]:
    return frozenset(phrase[:2] for phrase in phrases(load("cues.toml")["shares"]["year"]))
