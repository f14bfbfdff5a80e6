"""Where a text names districts, provinces and communes: every mention, before it is decided what the text is about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from archive.enrich.gazetteer import District, Gazetteer, Namesakes, Province
from archive.enrich.lexicon import Found
from archive.enrich.prose import Prose
from archive.enrich.tables import read_table
from archive.text import fold, fold_text, tone_key


def _keys(*words: str) -> frozenset[str]:
    return frozenset(map(tone_key, words))


Kind = Literal["district", "province", "commune"]

# A kind of unit by its last word and the word before it ("" where one word is enough).
_TYPES = {
    (tone_key(before), tone_key(last)): kind
    for before, last, kind in (
        ("", "huyện", "huyện"),
        ("", "h", "huyện"),
        ("", "quận", "quận"),
        ("thị", "xã", "thị xã"),
        ("thành", "phố", "thành phố"),
        ("", "q", "quận"),
        ("", "tp", "thành phố"),
        ("", "tx", "thị xã"),
        ("", "txã", "thị xã"),
        ("", "tỉnh", "tỉnh"),
        ("", "xã", "xã"),
        ("", "phường", "phường"),
        ("", "p", "phường"),
        ("thị", "trấn", "thị trấn"),
        ("đặc", "khu", "đặc khu"),
        # committees of the party and unions carry the kind of unit in their own name: Huyện ủy Gia Viễn, Quận đoàn
        *((kind, body, full) for body in ("ủy", "uỷ", "đoàn") for kind, full in (
            ("huyện", "huyện"), ("quận", "quận"), ("thị", "thị xã"), ("thành", "thành phố"), ("tỉnh", "tỉnh"))),
    )
}  # fmt: skip
_LETTERS = _keys("h", "p", "q")  # "H. Củ Chi", "P.1", "q.3": a kind of unit only with its full stop
_TYPE_ENDS = frozenset(last for _, last in _TYPES)
_COMMITTEES = _keys("ủy", "uỷ", "đoàn")
_COMMUNE_TYPES = frozenset(("xã", "phường", "thị trấn", "đặc khu"))
_WORDS = read_table("places.toml")
_FILLERS = _keys(*_WORDS["fillers"])
_BODIES = _keys(*_WORDS["bodies"])
_NOT_PLACE = _keys(*_WORDS["not_place"])
_COUNTS = _keys(*_WORDS["counts"])
_AND = _keys("và")


@dataclass(frozen=True, slots=True)
class Mention:
    """One naming of a place: its words (kind of unit included), what it may stand for, and how it is said.

    `type` is the printed kind of unit or None for a bare name; `listed` a name in a list after one kind of unit;
    `body` that an office of the place is meant ("UBND huyện Gia Viễn"); `commune` the printed name of a commune.
    """

    kind: Kind
    start: int
    end: int
    zone: str
    type: str | None = None
    body: bool = False
    listed: bool = False
    districts: tuple[District, ...] = ()
    provinces: tuple[Province, ...] = ()
    commune: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """All places a text names: districts and provinces, and communes apart, each in the order of the text."""

    units: tuple[Mention, ...]
    communes: tuple[Mention, ...]


def name_places(prose: Prose, gazetteer: Gazetteer) -> Named:
    """Return every place the text names; a misspelt district of the title first, where the title names no other."""
    units: list[Mention] = []
    for found in gazetteer.names.find(prose.keys):
        mention = _read(prose, found, units[-1] if units else None)
        if mention is not None:
            units.append(mention)
    folded = None if any(unit.zone == "title" for unit in units) else _find_folded(prose, gazetteer)
    return Named((folded, *units) if folded else tuple(units), tuple(_find_communes(prose)))


def _read(prose: Prose, found: Found[Namesakes], before: Mention | None) -> Mention | None:
    if not prose.is_name(found.start, found.end):
        return None
    kind, start = type_before(prose, found.start)
    if kind in _COMMUNE_TYPES:
        return None
    if kind is None:
        return _continued(prose, found, before) or _bare(prose, found)
    body = _is_body(prose, start)
    zone = prose.zone(found.start)
    districts = _of_kind(found.entry.districts, kind)
    if found.entry.provinces and not any(d.names_on(prose.published) for d in districts):
        return Mention("province", start, found.end, zone, kind, body, provinces=found.entry.provinces)
    return Mention("district", start, found.end, zone, kind, body, districts=districts) if districts else None


def _of_kind(districts: tuple[District, ...], kind: str) -> tuple[District, ...]:
    return tuple(d for d in districts if any(name.type == kind for name in d.names))


def type_before(prose: Prose, name: int) -> tuple[str | None, int]:
    """Return the kind of unit printed before a name and the word where it begins; (None, name) when there is none."""
    last = name - 1
    while last > name - 4 and last >= 0 and _is_filler(prose, last):
        last -= 1
    if last < 0 or prose.keys[last] not in _TYPE_ENDS or "," in prose.text[prose.ends[last] : prose.starts[name]]:
        return None, name
    if prose.keys[last] in _LETTERS and prose.text[prose.ends[last]] != ".":
        return None, name
    pair = (prose.keys[last - 1], prose.keys[last])
    if last > 0 and pair in _TYPES:
        return _TYPES[pair], last - 1
    single = ("", prose.keys[last])
    return (_TYPES[single], last) if single in _TYPES else (None, name)


def _is_filler(prose: Prose, word: int) -> bool:
    return prose.keys[word] in _FILLERS and prose.text[prose.starts[word]].islower()


def _is_body(prose: Prose, start: int) -> bool:
    own = prose.keys[start + 1] in _COMMITTEES
    return own or (start > 0 and prose.keys[start - 1] in _BODIES)


def _continued(prose: Prose, found: Found[Namesakes], before: Mention | None) -> Mention | None:
    """Return the next name of a list: "quận 1, 3 và Phú Nhuận", "các huyện Chương Mỹ, Mỹ Đức"."""
    if before is None or before.kind != "district" or before.type is None or found.entry.provinces:
        return None
    between = prose.keys[before.end : found.start]
    gap = prose.text[prose.ends[before.end - 1] : prose.starts[found.start]]
    if not ((between == [] and gap.strip() == ",") or (len(between) == 1 and between[0] in _AND)):
        return None
    districts = _of_kind(found.entry.districts, before.type)
    if not districts:
        return None
    zone = prose.zone(found.start)
    return Mention("district", found.start, found.end, zone, before.type, listed=True, districts=districts)


def _bare(prose: Prose, found: Found[Namesakes]) -> Mention | None:
    """Return a name without a kind of unit: a province before a district of the same name."""
    if found.end - found.start < 2 or _inside_name(prose, found.start, found.end):
        return None
    zone = prose.zone(found.start)
    if found.entry.provinces:
        return Mention("province", found.start, found.end, zone, provinces=found.entry.provinces)
    return Mention("district", found.start, found.end, zone, districts=found.entry.districts)


def _inside_name(prose: Prose, start: int, end: int) -> bool:
    """Say whether the words belong to a longer name: Nguyễn Thanh Bình, đường Trần Văn Thời, Tây Sơn Thượng Đạo."""
    before = start - 1
    if before >= 0 and prose.keys[before] in _NOT_PLACE:
        return True
    if before >= 0 and prose.text[prose.ends[before] : prose.starts[start]] == "-" and prose.is_name(before, start):
        return True  # Cát Linh-Hà Đông is a railway
    return (_joined(prose, before) and not _in_capitals(prose, before)) or _joined(prose, end - 1)


def _joined(prose: Prose, word: int) -> bool:
    """Say whether a capitalised word is followed by another one with nothing but a blank between.

    In a title set in capitals throughout that says nothing.
    """
    if word < 0 or word + 1 >= len(prose.keys) or prose.text[prose.ends[word] : prose.starts[word + 1]] != " ":
        return False
    if _in_capitals(prose, word) and _in_capitals(prose, word + 1):
        return False
    return prose.is_name(word, word + 2)


def _in_capitals(prose: Prose, word: int) -> bool:
    surface = prose.surface(word, word + 1)
    return len(surface) > 1 and surface.isupper()


def _find_communes(prose: Prose) -> Iterator[Mention]:
    """Yield the communes, wards and townships that are named with their kind."""
    for last, key in enumerate(prose.keys):
        if key in _COMMUNE_ENDS:
            yield from _communes_after(prose, last)


_COMMUNE_ENDS = _keys("xã", "phường", "p", "trấn", "khu")
_NOT_COMMUNE = _keys("hội")  # "Bảo hiểm Xã Hội"
_HEADS = _keys(*_WORDS["heads"])


def _communes_after(prose: Prose, last: int) -> Iterator[Mention]:
    name = last + 1
    while name < len(prose.keys) and name < last + 4 and _is_filler(prose, name):
        name += 1
    kind, start = type_before(prose, name) if name < len(prose.keys) else (None, name)
    if kind not in _COMMUNE_TYPES:
        return
    several = start > 0 and (prose.keys[start - 1] in _COUNTS or prose.keys[start - 1].isdigit())
    end = _name_end(prose, name)
    while end > name:
        text = f"{kind.capitalize()} {prose.surface(name, end)}"
        yield Mention("commune", start, end, prose.zone(start), kind, _is_body(prose, start), commune=text)
        name = _next_in_list(prose, end) if several else end
        end = _name_end(prose, name) if several else name


def _name_end(prose: Prose, name: int) -> int:
    """Return the end of the run of capitalised syllables (at most 4) that begins at a word; the word if none does."""
    if name >= len(prose.keys) or prose.keys[name] in _NOT_COMMUNE or not prose.is_name(name, name + 1):
        return name
    end = name + 1
    if prose.keys[name].isdigit():
        return end
    limit = min(len(prose.keys), name + (2 if prose.surface(name, end).isupper() else 4))
    while end < limit and prose.is_name(end, end + 1) and _is_one_name(prose, end):
        end += 1
    return name if end == name + 1 and prose.keys[name] in _HEADS else end


def _is_one_name(prose: Prose, word: int) -> bool:
    gap = prose.text[prose.ends[word - 1] : prose.starts[word]]
    return gap in {" ", "'", "’"} and not _in_capitals(prose, word) and not prose.keys[word].isdigit()


def _next_in_list(prose: Prose, end: int) -> int:
    if end < len(prose.keys) and prose.keys[end] in _AND:
        return end + 1
    gap = prose.text[prose.ends[end - 1] : prose.starts[end]] if end < len(prose.keys) else ""
    return end if gap.strip() == "," else len(prose.keys)


def _find_folded(prose: Prose, gazetteer: Gazetteer) -> Mention | None:
    """Return the district that the title names with wrong or missing marks ("Tịnh Biến"); None unless it is certain.

    Only the title is read so: in running text folded names are ordinary words ("văn bản", "năm cần"). A kind of unit
    without its marks ("Huyen Gia Vien") is one.
    """
    words = [i for i in range(len(prose.keys)) if prose.title[0] <= prose.starts[i] < prose.title[1]]
    for size in (4, 3, 2):
        for start in words[: max(0, len(words) - size + 1)]:
            mention = _folded(prose, gazetteer, start, start + size)
            if mention is not None:
                return mention
    return None


def _folded(prose: Prose, gazetteer: Gazetteer, name: int, end: int) -> Mention | None:
    if not prose.is_name(name, end):
        return None
    district = gazetteer.folded.get(" ".join(fold(prose.surface(i, i + 1)) for i in range(name, end)))
    kind, start = _folded_type(prose, name, district) if district else (None, name)
    if district is None or _inside_name(prose, start, end):
        return None
    return Mention("district", start, end, "title", kind, districts=(district,))


def _folded_type(prose: Prose, name: int, district: District) -> tuple[str | None, int]:
    for kind in {each.type for each in district.names}:
        words = fold_text(kind).split(" ")
        before = range(max(0, name - len(words)), name)
        if [fold(prose.surface(i, i + 1)) for i in before] == words:
            return kind, before.start
    return None, name
