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
from archive.enrich.lexicon import Lexicon
from archive.enrich.locate import Located, Publisher, stand_beside
from archive.enrich.mentions import Mention, Named
from archive.enrich.prose import BRACKET, BREAKS, READ_LIMIT, STOPS, Prose, word_keys
from archive.enrich.tables import read_table
from archive.text import tone_key

LEAST, MARGIN = 3.0, 1.5  # points below which, or nearer than which to the next, nothing is decided
ALONE = 4  # mentions of the only district of a text, by its kind, that outweigh the province around it
REPEATS = 3  # mentions of one place beyond this add nothing
TYPED = {"title": 4.0, "lead": 3.0, "body": 2.0}
BARE = {"title": 2.5, "lead": 0.5, "body": 0.2}
COUNTED = 4.0  # a name in the list that the title only counts ("Sáu huyện …")
PLACE_LINE = 3.0  # "(TỊNH BIÊN) - Sáng 5/9", or "Thanh Tâm (Tịnh Biên)" at the end
SITE = {"title": 2.0, "lead": 2.0, "body": 1.0}  # more for a district with a commune beside it: "xã Lộc Sơn, huyện …"
STATE = 6.0  # the state in the title: "Thủ tướng yêu cầu …", "… trên cả nước"
ACTING = 2.0  # more for a province that opens the title as its subject: "Hà Nội tổng kiểm tra cơ sở …"
PROVINCE_TYPED = {"title": 4.0, "lead": 2.0, "body": 1.0}
PROVINCE_BARE = {"title": 3.0, "lead": 1.0, "body": 0.3}

_WORDS = read_table("places.toml")
_GUESTS, _ORIGINS, _STATE = (
    Lexicon((word_keys(phrase), phrase) for phrase in _WORDS[name]) for name in ("guests", "origins", "state")
)
_PLURALS = frozenset(map(tone_key, (*_WORDS["counts"], "cấp")))
_OF = tone_key("của")
_LOCATIVES = frozenset(map(tone_key, ("ở", "tại")))


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


def choose(prose: Prose, named: Named, located: Sequence[Located], own: Publisher | None) -> Choice:
    """Return the districts a text is about; its publisher is believed after the title and before the text."""
    titled = _supported_titles(prose, located, named.communes)
    certain = [one for one in titled if one.certain]
    about = _without_guests(prose, certain, own)
    if about:
        typed = any(one.mention.type for one in certain)
        return Choice(about, "places.title", 0.95 if typed else 0.85)
    if own is not None and _speaks_for(prose, named, located, own.district):
        return Choice((own.district,), own.rule, own.confidence)
    if titled:
        return Choice(candidates=titled[0].districts)
    return _choose_by_points(prose, named, located)


def _without_guests(prose: Prose, titled: Sequence[Located], own: Publisher | None) -> tuple[District, ...]:
    """Return the districts of a title without those that only come to visit the publisher or the others.

    Where the publisher is named with others, it is about the publisher and those in one list with it.
    """
    hosts = [one for one in titled if not _is_guest(prose, one.mention)]
    if own is None:
        return tuple(dict.fromkeys(one.districts[0] for one in hosts or titled))
    for one in hosts:
        if one.districts[0] == own.district:
            return tuple(dict.fromkeys(other.districts[0] for other in _listed_with(prose, one, hosts)))
    return tuple(dict.fromkeys(one.districts[0] for one in hosts))


def _is_guest(prose: Prose, mention: Mention) -> bool:
    before = prose.keys[max(0, mention.start - 4) : mention.start]
    return any(not BREAKS.intersection(before[found.start :]) for found in _GUESTS.find(before))


def _listed_with(prose: Prose, one: Located, others: Sequence[Located]) -> list[Located]:
    """Return the mentions that stand in one list with a mention ("huyện A, thị xã B và huyện C"), itself included."""
    lists: list[list[Located]] = []
    for other in others:
        if lists and _follows(prose, lists[-1][-1].mention, other.mention):
            lists[-1].append(other)
        else:
            lists.append([other])
    return next(group for group in lists if one in group)


def _follows(prose: Prose, before: Mention, after: Mention) -> bool:
    return prose.text[prose.ends[before.end - 1] : prose.starts[after.start]].strip() in {",", ";", "và", ", và"}


def _speaks_for(prose: Prose, named: Named, located: Sequence[Located], district: District) -> bool:
    """Say whether a text may be about the district that published it: not a reprint of the province or the state.

    A reprint names the province or the state, and neither the district nor "huyện" alone nor a commune of its own.
    """
    if not any(unit.kind == "province" for unit in named.units) and not any(_STATE.find(prose.keys)):
        return True
    if any(district in one.districts for one in located) or _says_kind(prose, district):
        return True
    return bool(named.communes) and not any(one.mention.type for one in located)


def _says_kind(prose: Prose, district: District) -> bool:
    """Say whether the text speaks of "huyện" without a name where that is what the district was that day."""
    return any(_says_alone(prose, kind) for kind in {name.type for name in district.names_on(prose.published)})


def _says_alone(prose: Prose, kind: str) -> bool:
    """Say whether a kind of unit stands without a name and for one unit: "toàn huyện", not "các huyện, thị xã"."""
    words = [tone_key(word) for word in kind.split()]
    for start, key in enumerate(prose.keys):
        end = start + len(words)
        if key != words[0] or prose.keys[start:end] != words:
            continue
        named = end < len(prose.keys) and prose.is_name(end, end + 1)
        if not named and (start == 0 or prose.keys[start - 1] not in _PLURALS):
            return True
    return False


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
    if not _is_alone(located) and best <= _wider_points(prose, named.units, points):
        return Choice()
    near = tuple(district for district in points if best - points[district] < MARGIN)
    near = _named_most(located, near) or near
    if len(near) == 1:
        return Choice(near, "places.text", 0.75)
    in_lists = _in_lists(located)
    listed = {one.districts[0] for one in located if one.mention.start in in_lists}
    return Choice(near, "places.list", 0.7) if listed.issuperset(near) else Choice(candidates=near)


def _named_most(located: Sequence[Located], near: Sequence[District]) -> tuple[District, ...]:
    """Return the district named more than twice as often as any other of them, if there is one."""
    times = Counter(one.districts[0].id for one in located if one.certain and one.mention.type)
    ranked = sorted(near, key=lambda district: -times[district.id])
    return tuple(ranked[:1]) if len(ranked) > 1 and times[ranked[0].id] > 2 * times[ranked[1].id] else ()


def _is_alone(located: Sequence[Located]) -> bool:
    """Say whether the text speaks of one district only, and again and again."""
    typed = [one for one in located if one.mention.type]
    return len(typed) >= ALONE and len({one.districts for one in typed}) == 1


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
    """Return the points of the districts named by their kind: at the top, as an office, or more than once."""
    points: dict[District, float] = {}
    plain: set[District] = set()
    times: Counter[str] = Counter()
    sites = {commune.end for commune in communes}
    in_lists = _in_lists(located) if _title_counts_units(prose) else set()
    for one in located:
        district, mention = one.districts[0], one.mention
        times[district.id] += 1
        if not one.certain or times[district.id] > REPEATS or _is_origin(prose, mention):
            continue
        at_site = (mention.start in sites or mention.start - 1 in sites) * SITE[mention.zone]
        line = not mention.type and _is_place_line(prose, mention, communes)
        if line or (mention.type and (mention.zone != "body" or mention.body or times[district.id] > 1)):
            plain.add(district)
        worth = PLACE_LINE if line else (TYPED if mention.type else BARE)[mention.zone]
        worth += mention.body + at_site + COUNTED * (mention.start in in_lists)
        points[district] = points.get(district, 0.0) + worth
    return {district: worth for district, worth in points.items() if district in plain}


def _is_origin(prose: Prose, mention: Mention) -> bool:
    """Say whether a person comes from there: "chị Lan, quê xã A, huyện B"."""
    before = prose.keys[max(0, mention.start - 8) : mention.start + 1]
    return any(not STOPS.intersection(before[found.start :]) for found in _ORIGINS.find(before))


def _is_place_line(prose: Prose, mention: Mention, communes: Sequence[Mention]) -> bool:
    """Say whether a bare name is where the item was written: the first word of the text, or in a byline's brackets.

    "(TỊNH BIÊN) - Sáng 5/9 …", "Thanh Tâm (Tịnh Biên)" at the end; only where the text speaks of its kind of unit.
    """
    if mention.zone == "title" or not (_opens_text(prose, mention.start) or _is_signed(prose, mention)):
        return False
    return bool(communes) or any(_says_kind(prose, district) for district in mention.districts)


def _opens_text(prose: Prose, word: int) -> bool:
    """Say whether nothing but brackets and breaks stands between the title and a word."""
    before = word - 1
    while before >= 0 and prose.keys[before] in BREAKS and prose.starts[before] >= prose.title[1]:
        before -= 1
    return before < 0 or prose.starts[before] < prose.title[1]


def _is_signed(prose: Prose, mention: Mention) -> bool:
    """Say whether a name stands in brackets after an author at the end of a line."""
    author = mention.start - 2
    if author < 0 or prose.keys[author + 1] != BRACKET or not prose.is_name(author, author + 1):
        return False
    end = prose.ends[mention.end - 1]
    return prose.text[end : end + 4].lstrip(") .\t")[:1] in {"", "\n"}


def _title_counts_units(prose: Prose) -> bool:
    """Say whether the title counts districts instead of naming them ("Sáu huyện ngoại thành …")."""
    title = prose.text[prose.title[0] : prose.title[1]].lower()
    return any(f" {kind} " in title for kind in ("huyện", "quận", "địa phương"))


def _wider_points(prose: Prose, units: Sequence[Mention], points: dict[District, float]) -> float:
    """Return how much the text is about the province or the country around the district with the most points.

    "Gia Lai: Trao 50 suất quà" may be of a district: where it happened says nothing where one district is named.
    """
    district = max(points, key=lambda one: points[one])
    counted = [unit for unit in units if len(points) > 1 or not _locates_title(prose, unit)]
    return max(_province_points(prose, counted, district), _state_points(prose))


def _locates_title(prose: Prose, mention: Mention) -> bool:
    """Say whether a title only says with it where something happened: "Gia Lai: Trao quà", "Cháy xưởng ở Gia Lai"."""
    if mention.zone != "title":
        return False
    end = prose.ends[mention.end - 1]
    opens = prose.starts[mention.start] == prose.title[0] and prose.text[end : end + 2].lstrip()[:1] == ":"
    return opens or (mention.start > 0 and prose.keys[mention.start - 1] in _LOCATIVES)


def _opens_title(prose: Prose, mention: Mention) -> bool:
    return mention.zone == "title" and prose.starts[mention.start] == prose.title[0]


def _state_points(prose: Prose) -> float:
    """Return how much the title is of the whole country: the state is its subject, not the author of a policy."""
    keys = [key for key, start in zip(prose.keys, prose.starts, strict=True) if _in_title(prose, start)]
    return STATE * sum(keys[max(0, found.start - 1) : found.start] != [_OF] for found in _STATE.find(keys))


def _in_title(prose: Prose, offset: int) -> bool:
    return prose.title[0] <= offset < prose.title[1]


def _province_points(prose: Prose, mentions: Sequence[Mention], district: District) -> float:
    """Return how much the text is about a province as a whole, the one that locates a district not counted.

    Another province than the district's counts half: workers go there, help comes from there.
    """
    points: dict[str, float] = {}
    for before, mention in zip([None, *mentions], mentions, strict=False):
        if mention.kind != "province" or (
            before is not None and before.kind == "district" and stand_beside(prose, before, mention)
        ):
            continue
        code = mention.provinces[0].code
        worth = (PROVINCE_TYPED if mention.type else PROVINCE_BARE)[mention.zone] + mention.body
        worth += ACTING * _opens_title(prose, mention)
        near = any(name.province == code for name in district.names)
        points[code] = points.get(code, 0.0) + (worth if near else worth / 2)
    return max(points.values(), default=0.0)
