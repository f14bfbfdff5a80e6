"""Whether an article is in the archive's scope: what a local government does, not national news, no crime report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from archive.enrich.lexicon import Found, Lexicon
from archive.enrich.mentions import Named
from archive.enrich.prose import Prose, word_keys
from archive.enrich.tables import open_table
from archive.text import tone_key

# Points of one hit by zone, and how many hits of a zone count.
POINTS = {"title": (4.0, 1), "lead": (1.5, 3), "body": (0.5, 8)}
PORTAL = 6.0  # a page on a portal of the catalogue is local unless much speaks against it
GENERIC = {"title": 2.0, "lead": 1.0, "body": 0.0}  # "huyện", "các xã" without a name
NOWHERE = 0.5  # below this no place of Vietnam is spoken of
ENTRIES = {
    "national": ("national", 1.0),
    "offence": ("offence", 1.0),
    "trouble": ("offence", 0.5),
    "not_national": ("", 0.0),
    "not_offence": ("", 0.0),
    "field": ("field", 1.0),
    "not_field": ("", 0.0),
}
FIELD = 5.0  # from here on, a word in the title and one in the lead, it is about another field
OFFENCE = 3.0  # from here on the piece is about somebody's offence
_GENERIC_UNITS = frozenset(map(tone_key, ("huyện", "quận", "phường", "xã", "tỉnh")))
_SOCIETY = tone_key("hội")  # "xã hội" is no commune


@dataclass(frozen=True, slots=True)
class Outside:
    """Why an article is out of scope: "nowhere", "national", "offence" or "field", and the words that said so, if any."""

    reason: str
    start: int | None = None
    end: int | None = None


def find_scope(prose: Prose, named: Named, on_portal: bool) -> Outside | None:
    """Return why the text is out of scope, or None for what a local government of Vietnam does."""
    found: dict[str, list[Found[tuple[str, float]]]] = {"national": [], "offence": [], "field": []}
    for hit in load_cues().find(prose.keys):
        if hit.entry[0]:
            found[hit.entry[0]].append(hit)
    local = _local_points(prose, named) + PORTAL * on_portal
    if local < NOWHERE:
        return Outside("nowhere")
    for reason, limit in (("national", local), ("offence", OFFENCE), ("field", FIELD)):
        hits = [(prose.zone(hit.start), hit.entry[1]) for hit in found[reason]]
        points = _points(hits)
        if points > limit or (points == limit and reason == "offence"):
            first = found[reason][0]
            return Outside(reason, prose.starts[first.start], prose.ends[first.end - 1])
    return None


def _local_points(prose: Prose, named: Named) -> float:
    places = _points([(mention.zone, 1.0) for mention in (*named.units, *named.communes)])
    following = [*prose.keys[1:], ""]
    generic = {
        prose.zone(word)
        for word, (key, after) in enumerate(zip(prose.keys, following, strict=True))
        if key in _GENERIC_UNITS and after != _SOCIETY
    }
    return places + sum(GENERIC[zone] for zone in generic)


def _points(hits: Sequence[tuple[str, float]]) -> float:
    total = 0.0
    for zone, (worth, most) in POINTS.items():
        weights = sorted((weight for place, weight in hits if place == zone), reverse=True)
        total += worth * sum(weights[:most])
    return total


@lru_cache(maxsize=1)
def load_cues() -> Lexicon[tuple[str, float]]:
    """Return the cues of scope.toml with what they speak for and their weight; read once."""
    return Lexicon(_phrases())


def _phrases() -> Iterator[tuple[tuple[str, ...], tuple[str, float]]]:
    with open_table("scope.toml") as cues:
        for name, entry in ENTRIES.items():
            yield from ((word_keys(phrase), entry) for phrase in cues[name])
