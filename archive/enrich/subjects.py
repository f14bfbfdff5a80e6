"""Which districts an article is about: those of its title, the portal's unit, or what the text speaks of most.

The points are those of vietnamese.md section 2.4: a name with its kind of unit counts, a bare name hardly does, and
what stays open is left open with its candidates.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from archive.enrich.gazetteer import DISTRICT_TYPES, District
from archive.enrich.locate import Located, stand_beside
from archive.enrich.mentions import Mention, Named
from archive.enrich.prose import BRACKET, READ_LIMIT, Prose

LEAST, MARGIN = 3.0, 1.5  # points below which, or nearer than which to the next, nothing is decided
REPEATS = 3  # mentions of one place beyond this add nothing
TYPED = {"title": 4.0, "lead": 3.0, "body": 2.0}
BARE = {"title": 2.5, "lead": 0.5, "body": 0.2}
COUNTED = 4.0  # a name in the list that the title only counts ("Sáu huyện …")
PROVINCE_TYPED = {"title": 4.0, "lead": 2.0, "body": 1.0}
PROVINCE_BARE = {"title": 3.0, "lead": 1.0, "body": 0.3}


@dataclass(frozen=True, slots=True)
class Choice:
    """The districts an article is about, the rule that says so, and those between which nothing decides."""

    subjects: tuple[District, ...] = ()
    rule: str = ""
    confidence: float = 0.0
    candidates: tuple[District, ...] = ()

    @property
    def titled(self) -> bool:
        """Say whether the title decided."""
        return self.rule == "places.title"


def choose(prose: Prose, named: Named, located: Sequence[Located], own: District | None) -> Choice:
    """Return the districts a text is about; `own` is the portal's, believed after the title and before the text."""
    titled = _supported_titles(prose, located, named.communes)
    certain = tuple(dict.fromkeys(one.districts[0] for one in titled if one.certain))
    if certain:
        typed = any(one.mention.type for one in titled)
        return Choice(certain, "places.title", 0.95 if typed else 0.85)
    if own is not None:
        return Choice((own,), "places.portal", 0.9)
    if titled:
        return Choice(candidates=titled[0].districts)
    return _choose_by_points(prose, named, located)


def _supported_titles(prose: Prose, located: Sequence[Located], communes: Sequence[Mention]) -> list[Located]:
    """Return the mentions in the title that name a district and not a commune, a person or a company.

    A bare name does when it stands in brackets, or with its kind elsewhere, or when the text says "huyện" and names no
    commune of that name.
    """
    typed = {district for one in located if one.mention.type for district in one.districts}
    text = prose.text[:READ_LIMIT].lower()
    said = frozenset(kind.lower() for kind in DISTRICT_TYPES if kind.lower() in text)
    names = {tuple(prose.keys[commune.start : commune.end][-size:]) for commune in communes for size in (1, 2, 3, 4)}
    supported = []
    for one in located:
        if one.mention.zone != "title":
            continue
        name = tuple(prose.keys[one.mention.start : one.mention.end])
        kinds = {n.type for district in one.districts for n in district.names_on(prose.published)}
        bracketed = prose.keys[one.mention.start - 1 : one.mention.start] == [BRACKET]
        if one.mention.type or bracketed or typed.intersection(one.districts) or (name not in names and said & kinds):
            supported.append(one)
    return supported


def _choose_by_points(prose: Prose, named: Named, located: Sequence[Located]) -> Choice:
    points = _points(prose, located, named.communes)
    best = max(points.values(), default=0.0)
    if best < LEAST:
        return _undecided(located)
    if best <= _province_points(prose, named.units):
        return Choice()
    near = tuple(district for district in points if best - points[district] < MARGIN)
    if len(near) == 1:
        return Choice(near, "places.text", 0.75)
    in_lists = _in_lists(located)
    listed = {one.districts[0] for one in located if one.mention.start in in_lists}
    return Choice(near, "places.list", 0.7) if listed.issuperset(near) else Choice(candidates=near)


def _undecided(located: Sequence[Located]) -> Choice:
    typed = [one for one in located if one.mention.type and not one.certain]
    return Choice(candidates=typed[0].districts if typed else ())


def _in_lists(located: Sequence[Located]) -> set[int]:
    """Return where the mentions begin that stand in a list, the first of each list included."""
    starts: set[int] = set()
    for one, after in pairwise(located):
        if after.mention.listed:
            starts |= {one.mention.start, after.mention.start}
    return starts


def _points(prose: Prose, located: Sequence[Located], communes: Sequence[Mention]) -> dict[District, float]:
    points: dict[District, float] = {}
    times: Counter[str] = Counter()
    sites = {commune.end for commune in communes}
    in_lists = _in_lists(located) if _title_counts_units(prose) else set()
    for one in located:
        district, mention = one.districts[0], one.mention
        times[district.id] += 1
        if not one.certain or times[district.id] > REPEATS:
            continue
        at_site = mention.start in sites or mention.start - 1 in sites
        listed = mention.start in in_lists
        worth = (TYPED if mention.type else BARE)[mention.zone] + mention.body + at_site + COUNTED * listed
        points[district] = points.get(district, 0.0) + worth
    return points


def _title_counts_units(prose: Prose) -> bool:
    """Say whether the title counts districts instead of naming them ("Sáu huyện ngoại thành …")."""
    title = prose.text[prose.title[0] : prose.title[1]].lower()
    return any(f" {kind} " in title for kind in ("huyện", "quận", "địa phương"))


def _province_points(prose: Prose, mentions: Sequence[Mention]) -> float:
    """Return how much the text is about a province as a whole, the one that locates a district not counted."""
    points: dict[str, float] = {}
    for before, mention in zip([None, *mentions], mentions, strict=False):
        if mention.kind != "province" or (
            before is not None and before.kind == "district" and stand_beside(prose, before, mention)
        ):
            continue
        worth = (PROVINCE_TYPED if mention.type else PROVINCE_BARE)[mention.zone] + mention.body
        points[mention.provinces[0].code] = points.get(mention.provinces[0].code, 0.0) + worth
    return max(points.values(), default=0.0)
