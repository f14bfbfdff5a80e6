"""What a mention stands for: the district of that name on that day, in the province beside it or nearest to home."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from archive.enrich.gazetteer import District, Gazetteer
from archive.enrich.hosts import Site
from archive.enrich.mentions import Mention
from archive.enrich.prose import BRACKET, Prose
from archive.models import Portal

PORTAL = 5  # what the portal's province weighs against the provinces that the text names


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
class Publisher:
    """The district that published an article, and how that is known: the catalogue's portal, or the host alone."""

    district: District
    rule: Literal["places.portal", "places.host"]

    @property
    def confidence(self) -> float:
        """Return how far it is believed that the article is about its publisher."""
        return 0.9 if self.rule == "places.portal" else 0.85


def find_publisher(portal: Portal | None, site: Site, day: str | None, gazetteer: Gazetteer) -> Publisher | None:
    """Return the district that published the article that day, by its portal, else by its host; None for no district."""
    own = portal_district(portal, day, gazetteer)
    if own is not None:
        return Publisher(own, "places.portal")
    host = site.district_on(day)
    return Publisher(host, "places.host") if host is not None else None


def find_home(
    mentions: Iterable[Mention], portal: Portal | None, site: Site, own: Publisher | None, gazetteer: Gazetteer
) -> Counter[str]:
    """Return the codes of the provinces the text speaks of, by how plainly it names them, portal and host included."""
    home: Counter[str] = Counter()
    for mention in mentions:
        for province in mention.provinces:
            home[province.code] += 2 if mention.type or mention.zone != "body" else 1
    around = gazetteer.find_province(portal.province) if portal and portal.province else None
    for province in filter(None, (around or site.province,)):
        home[province.code] += PORTAL
    for code in _provinces(own.district) if own else ():
        home[code] += PORTAL
    return home


def locate_all(prose: Prose, mentions: Sequence[Mention], home: Counter[str]) -> list[Located]:
    """Return the mentions of districts with what they can mean, without those that mean none in this text."""
    followers = [*mentions[1:], None]
    pairs = zip(mentions, followers, strict=False)
    located = [Located(m, _locate(prose, m, after, home)) for m, after in pairs if m.kind == "district"]
    known = {one.districts[0] for one in located if one.certain and one.mention.type}
    return [_settle(one, known, prose.published) for one in located if one.districts]


def _settle(one: Located, known: set[District], day: str | None) -> Located:
    """Return the mention with what other mentions tell: the same unit, its heir, or the one of the same province."""
    if one.certain:
        heirs = () if one.districts[0].names_on(day) else [d for d in known if d.id == one.districts[0].into]
        return Located(one.mention, tuple(heirs) or one.districts)
    around = {code for district in known for code in _provinces(district)}
    for nearer in (
        tuple(d for d in one.districts if d in known),
        tuple(d for d in one.districts if _provinces(d) & around),
    ):
        if len(nearer) == 1:
            return Located(one.mention, nearer)
    return one


def _locate(prose: Prose, mention: Mention, after: Mention | None, home: Counter[str]) -> tuple[District, ...]:
    """Return the districts a mention can mean: of its day and kind, in the province beside it, else nearest to home."""
    day = prose.published
    fitting = [d for d in mention.districts if d.names_on(day)] or list(mention.districts)
    if mention.type is not None:
        fitting = [d for d in fitting if any(n.type == mention.type for n in d.names_on(day))] or fitting
    if after is not None and stand_beside(prose, mention, after):
        beside = {province.code for province in after.provinces}
        return tuple(d for d in fitting if _provinces(d) & beside)
    if mention.type is None and home:
        fitting = [d for d in fitting if _provinces(d) & set(home)]
    nearest = max((home[code] for d in fitting for code in _provinces(d)), default=0)
    return tuple(d for d in fitting if any(home[code] == nearest for code in _provinces(d)))


def stand_beside(prose: Prose, mention: Mention, after: Mention) -> bool:
    """Say whether a province follows at once: "huyện Chợ Mới (Bắc Kạn)", "Tân Châu, tỉnh Tây Ninh"."""
    between = prose.keys[mention.end : after.start]
    return after.kind == "province" and (not between or between == [BRACKET])


def _provinces(district: District) -> set[str]:
    return {name.province for name in district.names}


def portal_district(portal: Portal | None, day: str | None, gazetteer: Gazetteer) -> District | None:
    """Return the district that published on the portal that day; None when the day is unknown and units changed."""
    place = portal_unit(portal, day)
    return gazetteer.find_district(place, day) if place else None


def portal_unit(portal: Portal | None, day: str | None) -> str | None:
    """Return the id of the place that published on the portal that day; None when nothing says which."""
    units = portal.units if portal else ()
    if day is None:
        return units[0].place if len(units) == 1 else None
    fitting = (u.place for u in units if (u.since or "") <= day <= (u.until or "9999"))
    return next(fitting, None)
