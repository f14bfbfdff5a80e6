"""The places of an article as readers see them: named as on its day, with their province then and now.

Until 30 June 2025 a place is a district, with the commune where it happens; after that it is a commune.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from archive.enrich.gazetteer import DISTRICTS_END, Commune, District, Gazetteer, Name, load_gazetteer
from archive.enrich.hosts import Site, read_host
from archive.enrich.locate import Located, find_home, find_publisher, locate_all, portal_unit
from archive.enrich.mentions import Mention, Named
from archive.enrich.prose import Prose, word_keys
from archive.enrich.subjects import Choice, choose
from archive.models import Evidence, Place, Portal


@dataclass(frozen=True, slots=True)
class Places:
    """What the place rules found: subjects before mentions, candidates where the subject stays open, the evidence."""

    places: tuple[Place, ...] = ()
    candidates: tuple[Place, ...] = ()
    evidence: tuple[Evidence, ...] = ()


def find_places(prose: Prose, named: Named, portal: Portal | None, gazetteer: Gazetteer, url: str = "") -> Places:
    """Return the places of a text; `portal` and the host of `url` tell who published it, and in which province."""
    site = read_host(url)
    own = find_publisher(portal, site, prose.published, gazetteer)
    home = find_home(named.units, portal, site, own, gazetteer)
    if prose.published is not None and prose.published > DISTRICTS_END:
        publisher = _published_by(prose, portal, site, prose.published, gazetteer)
        return _communes_today(prose, publisher, named, home, gazetteer)
    located = locate_all(prose, named.units, home)
    choice = choose(prose, named, located, own)
    return _answer(prose, choice, located, named.communes, gazetteer)


def place_on(place: str, day: str | None) -> Place | None:
    """Return the district or commune of an id, named as on that day (None: as it was last); None for an unknown id."""
    gazetteer = load_gazetteer()
    district, commune = gazetteer.districts.get(place), gazetteer.communes.get(place)
    if district is not None:
        return _place(day, district, None, gazetteer, None)
    return _today(commune) if commune is not None else None


def _answer(
    prose: Prose, choice: Choice, located: Sequence[Located], communes: Sequence[Mention], gazetteer: Gazetteer
) -> Places:
    first = _first_mentions(located)
    shown = _first_mentions([one for one in located if one.mention.zone == "title"]) if choice.titled else {}
    commune = _site(prose, communes, choice.subjects[0], located) if len(choice.subjects) == 1 else None
    day = prose.published
    subjects = [_place(day, d, first.get(d), gazetteer, commune) for d in choice.subjects]
    others = [d for d, m in first.items() if d not in choice.subjects and (m.type or m.zone == "title")]
    mentioned = [replace(_place(day, d, first[d], gazetteer, None), role="mentioned") for d in others]
    evidence = [
        _evidence(prose, d.id, shown.get(d) or first.get(d), choice.rule, choice.confidence) for d in choice.subjects
    ]
    evidence += [_evidence(prose, d.id, first[d], "places.mention", 0.6) for d in others]
    candidates = tuple(_place(day, d, first.get(d), gazetteer, None) for d in choice.candidates)
    return Places((*subjects, *mentioned), candidates, tuple(evidence))


def _first_mentions(located: Sequence[Located]) -> dict[District, Mention]:
    """Return the first mention of each district, one with its kind of unit before a bare one."""
    first: dict[District, Mention] = {}
    for one in sorted((o for o in located if o.certain), key=lambda o: (o.mention.type is None, o.mention.start)):
        first.setdefault(one.districts[0], one.mention)
    return first


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
    day: str | None, district: District, mention: Mention | None, gazetteer: Gazetteer, commune: str | None
) -> Place:
    name = _name(district, day, mention.type if mention else None)
    province = gazetteer.provinces[name.province]
    successors = tuple(gazetteer.communes[code].name for code in district.successors)
    return Place(
        id=district.id,
        gso=district.gso,
        name=name.text,
        type=name.type,
        province=province.name_on(day or name.until),
        province_now=province.now,
        commune=commune,
        successors=successors,
    )


def _name(district: District, day: str | None, printed: str | None) -> Name:
    """Return what the district was called that day; without a day, the name of the printed kind, else the last."""
    names = district.names_on(day) or district.names
    fitting = [name for name in names if name.type == printed]
    return (fitting or list(names))[-1]


def _evidence(prose: Prose, place: str, mention: Mention | None, rule: str, confidence: float) -> Evidence:
    if mention is None:
        return Evidence("places", place, rule, "", None, None, confidence)
    start, end = prose.starts[mention.start], prose.ends[mention.end - 1]
    return Evidence("places", place, rule, prose.text[start:end], start, end, confidence)


def _published_by(prose: Prose, portal: Portal | None, site: Site, day: str, gazetteer: Gazetteer) -> Places:
    """Return the commune that published the article, by its portal, else by its host; no places where that is open."""
    own = gazetteer.communes.get(portal_unit(portal, day) or "")
    if own is not None:
        return Places((_today(own),), evidence=(_evidence(prose, own.code, None, "places.portal", 0.9),))
    if len(site.communes) == 1:
        host = site.communes[0]
        return Places((_today(host),), evidence=(_evidence(prose, host.code, None, "places.host", 0.85),))
    return Places()


def _communes_today(prose: Prose, own: Places, named: Named, home: Counter[str], gazetteer: Gazetteer) -> Places:
    """Return the communes a text of today is about: those in its title, else its publisher, else the one of the lead."""
    provinces = {gazetteer.provinces[code].now for code in home}
    titled = _communes_in(prose, "title", named.communes, provinces, gazetteer)
    if titled.places or titled.candidates:
        return titled
    if own.places:
        return own
    lead = _communes_in(prose, "lead", named.communes, provinces, gazetteer)
    return lead if len(lead.places) <= 1 else Places(candidates=lead.places)


def _communes_in(
    prose: Prose, zone: str, mentions: Sequence[Mention], provinces: set[str], gazetteer: Gazetteer
) -> Places:
    certain: dict[Commune, Mention] = {}
    several: dict[Commune, None] = {}
    for mention in mentions:
        found = _communes_named(mention, provinces, gazetteer) if mention.zone == zone else ()
        if len(found) == 1:
            certain.setdefault(found[0], mention)
        several.update(dict.fromkeys(found))
    if not certain:
        return Places(candidates=tuple(map(_today, several)))
    evidence = (_evidence(prose, commune.code, mention, "places.commune", 0.9) for commune, mention in certain.items())
    return Places(tuple(map(_today, certain)), evidence=tuple(evidence))


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
