"""Which topics of labour and social affairs an article treats: the phrases of topics.toml, weighed clause by clause.

A topic counts where it has a clause of its own, with an action or a figure; a word in an enumeration counts for little
(vietnamese.md section 3.2). Names of offices are masked before, whatever they contain.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from archive.enrich.lexicon import Found, Lexicon
from archive.enrich.prose import STOPS, Prose, word_keys
from archive.enrich.tables import open_table
from archive.models import TOPICS, Evidence, Json

STRONG, PLAIN, WEAK = 3.0, 2.0, 1.0
WEIGHTS = {"weak": WEAK, "plain": PLAIN, "strong": STRONG}
ZONE = {"title": 3.0, "lead": 1.5, "body": 1.0}
FIGURE = 1.5  # a clause with a figure beside the phrase
# What a phrase is worth in a clause of one, two, more topics: without a figure of its own, and with one.
SHARED = (1.0, 0.7, 0.2)
SHARED_WITH_FIGURE = (1.0, 0.9, 0.8)
MANY = 2  # other topics in a clause that make it an enumeration
LEAST = 2.0  # points of a topic: a strong phrase in a clause that it shares with at most one other topic
LEAST_SHARE = 0.05  # of the strongest topic's points
# Of a text whose title names no topic: the clauses that name one where the lead does not either, the figures beside
# its phrases, and the clauses that need no figure.
LEAST_DENSITY, LEAST_FIGURES, MOSTLY = 0.2, 2, 0.5

Phrase = tuple[str, float]  # slug ("" for a mask, TURN for words after which a topic is only said by the way), weight
TURN = ">"


@dataclass(slots=True)
class Weighing:
    """What speaks for one topic: points, its best phrase, whether it is more than a weak hint."""

    points: float = 0.0
    weights: set[float] = field(default_factory=set)
    plain: set[tuple[str, ...]] = field(default_factory=set)
    best: tuple[float, int, int] = (0.0, 0, 0)

    @property
    def certain(self) -> bool:
        """Say whether a strong phrase or two different plain ones were read."""
        return STRONG in self.weights or len(self.plain) >= 2


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of a text, strongest first, and the phrase that shows each."""

    slugs: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()


def find_topics(prose: Prose) -> Topics:
    """Return the topics of a text, strongest first; none where it only touches on them."""
    hits = [hit for hit in load_topics().find(prose.keys) if hit.entry[0]]
    clauses = [(span, _hits_within(hits, span)) for span in clause_spans(prose)]
    if not _treats_topics(prose, clauses):
        return Topics()
    weighings: dict[str, Weighing] = {}
    for span, within in clauses:
        if within:
            _weigh_clause(prose, within, span, weighings)
    least = max(LEAST, LEAST_SHARE * max(w.points for w in weighings.values()))
    kept = (slug for slug, w in weighings.items() if w.certain and w.points >= least)
    ranked = sorted(kept, key=lambda slug: -weighings[slug].points)
    return Topics(tuple(ranked), tuple(_evidence(prose, slug, weighings[slug]) for slug in ranked))


def _hits_within(hits: Sequence[Found[Phrase]], span: tuple[int, int]) -> Sequence[Found[Phrase]]:
    first = bisect_left(hits, span[0], key=lambda hit: hit.start)
    return hits[first : bisect_left(hits, span[1], lo=first, key=lambda hit: hit.start)]


def _treats_topics(prose: Prose, clauses: Sequence[tuple[tuple[int, int], Sequence[Found[Phrase]]]]) -> bool:
    """Say whether the title names a topic, or the text, whatever its title, tells figures of one or speaks of little else.

    News of other things names the poor, children and the old by the way; an announcement counts them.
    """
    naming = [(span, [hit for hit in hits if hit.entry[1] > WEAK]) for span, hits in clauses]
    naming = [(span, hits) for span, hits in naming if hits]
    zones = {prose.zone(span[0]) for span, _ in naming}
    told = [span for span, _ in clauses if prose.zone(span[0]) != "title"]
    if "title" in zones or len(naming) > MOSTLY * len(told):
        return True
    figures = sum(_has_figure(prose, hit, span) for span, hits in naming for hit in hits)
    return figures >= LEAST_FIGURES and ("lead" in zones or len(naming) > LEAST_DENSITY * len(told))


def clause_spans(prose: Prose) -> Iterator[tuple[int, int]]:
    """Yield the clauses as spans of words: sentences, and the items between semicolons and colons."""
    start = 0
    for word, key in enumerate(prose.keys):
        if key in STOPS:
            if word > start:
                yield start, word
            start = word + 1
    if start < len(prose.keys):
        yield start, len(prose.keys)


def _weigh_clause(
    prose: Prose, hits: Sequence[Found[Phrase]], clause: tuple[int, int], weighings: dict[str, Weighing]
) -> None:
    zone = prose.zone(clause[0])
    turn = next((hit.start for hit in hits if hit.entry[0] == TURN), clause[1])
    slugs = dict.fromkeys(hit.entry[0] for hit in hits if hit.entry[0] != TURN)
    rivals = len({hit.entry[0] for hit in hits if hit.entry[1] > WEAK}) - 1
    for slug in slugs:
        own = [hit for hit in hits if hit.entry[0] == slug]
        weight = max(hit.entry[1] for hit in own)
        strongest = [hit for hit in own if hit.entry[1] == weight]
        figure = any(_has_figure(prose, hit, clause) for hit in strongest)
        others = MANY if strongest[0].start > turn else 0 if zone == "title" else min(max(rivals, 0), MANY)
        share = (SHARED_WITH_FIGURE if figure else SHARED)[others]
        points = weight * share * ZONE[zone] * (FIGURE if figure else 1.0)
        _add(weighings.setdefault(slug, Weighing()), prose, own, points)


def _add(weighing: Weighing, prose: Prose, own: Sequence[Found[Phrase]], points: float) -> None:
    weighing.points += points
    for hit in own:
        weighing.weights.add(hit.entry[1])
        if hit.entry[1] == PLAIN:
            weighing.plain.add(tuple(prose.keys[hit.start : hit.end]))
    if points > weighing.best[0]:
        best = max(own, key=lambda hit: hit.entry[1])
        weighing.best = (points, best.start, best.end)


def _has_figure(prose: Prose, hit: Found[Phrase], clause: tuple[int, int]) -> bool:
    """Say whether a figure stands beside the phrase: up to six words before or four after, no date, no year."""
    words = range(max(clause[0], hit.start - 6), min(clause[1], hit.end + 4))
    return any(_is_figure(prose.keys[word]) for word in words)


def _is_figure(key: str) -> bool:
    return key[0].isdigit() and "/" not in key and not (len(key) == 4 and key[:2] in {"19", "20"})


def _evidence(prose: Prose, slug: str, weighing: Weighing) -> Evidence:
    _, first, last = weighing.best
    start, end = prose.starts[first], prose.ends[last - 1]
    confidence = round(weighing.points / (weighing.points + 3.0), 2)
    return Evidence("topics", slug, "topics.phrase", prose.text[start:end], start, end, confidence)


@lru_cache(maxsize=1)
def load_topics() -> Lexicon[Phrase]:
    """Return the phrases of topics.toml with the slug and weight they stand for; read once."""
    return Lexicon(_phrases())


def _phrases() -> Iterator[tuple[tuple[str, ...], Phrase]]:
    """Masks of a topic give way to phrases of another topic, phrases give way to the masks of all."""
    with open_table("topics.toml") as data:
        for topic in data["topic"]:
            _check_topic(topic)
            yield from ((word_keys(phrase), ("", 0.0)) for phrase in topic.get("mask", ()))
        for topic in data["topic"]:
            for name, weight in WEIGHTS.items():
                yield from ((word_keys(phrase), (topic["slug"], weight)) for phrase in topic.get(name, ()))
        yield from ((word_keys(phrase), (TURN, 0.0)) for phrase in data["turn"])
        yield from ((word_keys(phrase), ("", 0.0)) for phrase in data["mask"])


def _check_topic(topic: Json) -> None:
    """Raise ValueError for a topic or a list of phrases that nobody reads: mistyped, it would silently count for nothing."""
    unknown = sorted(topic.keys() - {*WEIGHTS, "slug", "label", "label_en", "mask"})
    if topic["slug"] not in TOPICS or unknown:
        raise ValueError(f"topic {topic['slug']!r}: {', '.join(unknown) or 'is none of ' + ', '.join(TOPICS)}")
