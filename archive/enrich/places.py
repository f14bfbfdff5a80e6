"""Which places an article is about: the portal's unit, the title, who speaks in the text, and what lies where.

The points are those of vietnamese.md section 2.4: a name with its kind of unit counts, a bare name hardly does, a
province prior decides between namesakes, and what stays open is left open with its candidates.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from archive.enrich.gazetteer import DISTRICT_TYPES, DISTRICTS_END, Commune, District, Gazetteer, Name
from archive.enrich.mentions import Mention, Named
from archive.enrich.prose import BRACKET, READ_LIMIT, Prose, word_keys
from archive.models import Evidence, Place, Portal

LEAST, MARGIN = 3.0, 1.5  # points below which, or nearer than which to the next, nothing is decided
REPEATS = 3  # mentions of one place beyond this add nothing
TYPED = {"title": 4.0, "lead": 3.0, "body": 2.0}
BARE = {"title": 2.5, "lead": 0.5, "body": 0.2}
COUNTED = 4.0  # a name in the list that the title only counts ("Sáu huyện …")
PROVINCE_TYPED = {"title": 4.0, "lead": 2.0, "body": 1.0}
PROVINCE_BARE = {"title": 3.0, "lead": 1.0, "body": 0.3}


@dataclass(frozen=True, slots=True)
class Places:
    """What the place rules found: subjects before mentions, candidates where the subject stays open, the evidence."""

    places: tuple[Place, ...] = ()
    candidates: tuple[Place, ...] = ()
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Located:
    """A mention with the districts it can stand for in this text: one, or several that nothing tells apart."""

    mention: Mention
    districts: tuple[District, ...]

    @property
    def certain(self) -> bool:
        """Say whether one district is meant."""
        return len(self.districts) == 1


@dataclass(frozen=True, slots=True)
class Choice:
    """The districts an article is about, the rule that says so, and those between which nothing decides."""

    subjects: tuple[District, ...] = ()
    rule: str = ""
    confidence: float = 0.0
    candidates: tuple[District, ...] = ()


def find_places(prose: Prose, named: Named, portal: Portal | None, gazetteer: Gazetteer) -> Places:
    """Return the places of a text; `portal` gives its unit on the day of publication and a province prior."""
    home = _home(named.units, portal, gazetteer)
    if prose.published is not None and prose.published > DISTRICTS_END:
        return _communes_today(prose, portal, named.communes, home, gazetteer)
    located = _locate_all(prose, named.units, home)
    own = _portal_district(portal, prose.published, gazetteer)
    choice = _choose(prose, located, named.communes, _province_points(prose, named.units), own)
    return _answer(prose, choice, located, named.communes, gazetteer)


# --- what a mention stands for -------------------------------------------------------------------------------


def _home(mentions: Iterable[Mention], portal: Portal | None, gazetteer: Gazetteer) -> Counter[str]:
    """Return the codes of the provinces the text speaks of, by how plainly it names them."""
    home: Counter[str] = Counter()
    for mention in mentions:
        for province in mention.provinces:
            home[province.code] += 2 if mention.type or mention.zone != "body" else 1
    own = gazetteer.find_province(portal.province) if portal and portal.province else None
    if own is not None:
        home[own.code] += 5
    return home


def _locate_all(prose: Prose, mentions: Sequence[Mention], home: Counter[str]) -> list[Located]:
    followers = [*mentions[1:], None]
    pairs = zip(mentions, followers, strict=False)
    located = (Located(m, _locate(prose, m, after, home)) for m, after in pairs if m.kind == "district")
    return [one for one in located if one.districts]


def _locate(prose: Prose, mention: Mention, after: Mention | None, home: Counter[str]) -> tuple[District, ...]:
    """Return the districts a mention can mean: of its day and kind, in the province beside it, else nearest to home."""
    day = prose.published
    fitting = [d for d in mention.districts if d.names_on(day)] or list(mention.districts)
    if mention.type is not None:
        fitting = [d for d in fitting if any(n.type == mention.type for n in d.names_on(day))] or fitting
    if after is not None and _stand_beside(prose, mention, after):
        beside = {province.code for province in after.provinces}
        return tuple(d for d in fitting if _provinces(d) & beside)
    if mention.type is None and home:
        fitting = [d for d in fitting if _provinces(d) & set(home)]
    nearest = max((home[code] for d in fitting for code in _provinces(d)), default=0)
    return tuple(d for d in fitting if any(home[code] == nearest for code in _provinces(d)))


def _stand_beside(prose: Prose, mention: Mention, after: Mention) -> bool:
    """Say whether a province follows at once: "huyện Chợ Mới (Bắc Kạn)", "Tân Châu, tỉnh Tây Ninh"."""
    between = prose.keys[mention.end : after.start]
    return after.kind == "province" and (not between or between == [BRACKET])


def _provinces(district: District) -> set[str]:
    return {name.province for name in district.names}


def _portal_district(portal: Portal | None, day: str | None, gazetteer: Gazetteer) -> District | None:
    """Return the district that published on the portal that day; None when the day is unknown and units changed."""
    place = _portal_unit(portal, day)
    return gazetteer.find_district(place, day) if place else None


def _portal_unit(portal: Portal | None, day: str | None) -> str | None:
    units = portal.units if portal else ()
    if day is None:
        return units[0].place if len(units) == 1 else None
    fitting = (u.place for u in units if (u.since or "") <= day <= (u.until or "9999"))
    return next(fitting, None)


# --- which of them the article is about ----------------------------------------------------------------------


def _choose(
    prose: Prose, located: Sequence[Located], communes: Sequence[Mention], province: float, own: District | None
) -> Choice:
    titled = _supported_titles(prose, located, communes)
    named = tuple(dict.fromkeys(one.districts[0] for one in titled if one.certain))
    if named:
        typed = any(one.mention.type for one in titled)
        return Choice(named, "places.title", 0.95 if typed else 0.85)
    if own is not None:
        return Choice((own,), "places.portal", 0.9)
    if titled:
        return Choice(candidates=titled[0].districts)
    return _choose_by_points(prose, located, communes, province)


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


def _choose_by_points(prose: Prose, located: Sequence[Located], communes: Sequence[Mention], province: float) -> Choice:
    points = _points(prose, located, communes)
    best = max(points.values(), default=0.0)
    if best < LEAST:
        return _undecided(located)
    if best <= province:
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
            before is not None and before.kind == "district" and _stand_beside(prose, before, mention)
        ):
            continue
        worth = (PROVINCE_TYPED if mention.type else PROVINCE_BARE)[mention.zone] + mention.body
        points[mention.provinces[0].code] = points.get(mention.provinces[0].code, 0.0) + worth
    return max(points.values(), default=0.0)


# --- the answer ----------------------------------------------------------------------------------------------


def _answer(
    prose: Prose, choice: Choice, located: Sequence[Located], communes: Sequence[Mention], gazetteer: Gazetteer
) -> Places:
    first: dict[District, Mention] = {}
    for one in sorted((o for o in located if o.certain), key=lambda o: (o.mention.type is None, o.mention.start)):
        first.setdefault(one.districts[0], one.mention)
    commune = _site(prose, communes, choice.subjects[0], located) if len(choice.subjects) == 1 else None
    subjects = [_place(prose, d, first.get(d), gazetteer, commune) for d in choice.subjects]
    others = [d for d, m in first.items() if d not in choice.subjects and (m.type or m.zone == "title")]
    mentioned = [replace(_place(prose, d, first[d], gazetteer, None), role="mentioned") for d in others]
    evidence = [_evidence(prose, d, first.get(d), choice.rule, choice.confidence) for d in choice.subjects]
    evidence += [_evidence(prose, d, first[d], "places.mention", 0.6) for d in others]
    candidates = tuple(_place(prose, d, first.get(d), gazetteer, None) for d in choice.candidates)
    return Places((*subjects, *mentioned), candidates, tuple(evidence))


def _site(prose: Prose, communes: Sequence[Mention], subject: District, located: Sequence[Located]) -> str | None:
    """Return the one commune where it happens: named in the title, else beside the district, else in the lead."""
    title = prose.text[prose.title[0] : prose.title[1]]
    starts = {one.mention.start for one in located if one.districts == (subject,)}
    for nearest in (
        [c for c in communes if c.commune.removeprefix(str(c.type).capitalize() + " ") in title],
        [c for c in communes if starts & {c.end, c.end + 1}],
        [c for c in communes if c.zone == "lead"],
    ):
        names = {c.commune for c in nearest}
        if names:
            return names.pop() if len(names) == 1 else None
    return None


def _place(
    prose: Prose, district: District, mention: Mention | None, gazetteer: Gazetteer, commune: str | None
) -> Place:
    name = _name(district, prose.published, mention.type if mention else None)
    province = gazetteer.provinces[name.province]
    successors = tuple(gazetteer.communes[code].name for code in district.successors)
    return Place(
        id=district.id,
        gso=district.gso,
        name=name.text,
        type=name.type,
        province=province.name_on(prose.published or name.until),
        province_now=province.now,
        commune=commune,
        successors=successors,
    )


def _name(district: District, day: str | None, printed: str | None) -> Name:
    """Return what the district was called that day; without a day, the name of the printed kind, else the last."""
    names = district.names_on(day) or district.names
    fitting = [name for name in names if name.type == printed]
    return (fitting or list(names))[-1]


def _evidence(prose: Prose, district: District, mention: Mention | None, rule: str, confidence: float) -> Evidence:
    if mention is None:
        return Evidence("places", district.id, rule, "", None, None, confidence)
    start, end = prose.starts[mention.start], prose.ends[mention.end - 1]
    return Evidence("places", district.id, rule, prose.text[start:end], start, end, confidence)


# --- after 30 June 2025 --------------------------------------------------------------------------------------


def _communes_today(
    prose: Prose, portal: Portal | None, mentions: Sequence[Mention], home: Counter[str], gazetteer: Gazetteer
) -> Places:
    """Return the commune a text of today is about: the one in its title, else the portal's; never a district."""
    provinces = {gazetteer.provinces[code].now for code in home}
    named = [(m, _communes_named(m, provinces, gazetteer)) for m in mentions if m.zone != "body"]
    mention, communes = next(((m, found) for m, found in named if found), (None, ()))
    own = gazetteer.communes.get(_portal_unit(portal, prose.published) or "")
    if (mention is None or mention.zone != "title") and own is not None:
        mention, communes = None, (own,)
    places = tuple(_today(commune) for commune in communes)
    if len(places) != 1:
        return Places(candidates=places)
    return Places(places, evidence=(_commune_evidence(prose, places[0], mention),))


def _commune_evidence(prose: Prose, place: Place, mention: Mention | None) -> Evidence:
    if mention is None:
        return Evidence("places", place.id, "places.portal", "", None, None, 0.9)
    start, end = prose.starts[mention.start], prose.ends[mention.end - 1]
    return Evidence("places", place.id, "places.commune", prose.text[start:end], start, end, 0.9)


def _communes_named(mention: Mention, provinces: set[str], gazetteer: Gazetteer) -> tuple[Commune, ...]:
    found = gazetteer.communes_by_name.get(word_keys(mention.commune), ())
    near = tuple(commune for commune in found if commune.province in provinces)
    return near or found


def _today(commune: Commune) -> Place:
    kind = commune.name.split(" ")[0].lower()
    return Place(
        id=commune.code,
        gso=commune.code,
        name=commune.name,
        type="đặc khu" if kind == "đặc" else kind,
        province=commune.province,
        province_now=commune.province,
        commune=commune.name,
    )
