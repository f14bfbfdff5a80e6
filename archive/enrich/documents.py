"""Which numbered documents an article announces or cites: number as printed, kind, issuer, date.

One document has one id wherever it is named: number, place of the issuer and year (every district has a 06/KH-UBND
every year). A document whose issuer or year is unknown stays a node of its own article.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from archive.enrich.dates import DAY, read_day
from archive.enrich.mentions import Mention, Named
from archive.enrich.prose import READ_LIMIT, Prose
from archive.enrich.tables import open_table
from archive.models import Document, Evidence, Json, Place, short_id
from archive.text import document_number

CENTRE = "VN"  # the issuer's place of national documents, in ids
PLACES = 8  # of one number in a text that are looked at
LAWS = {"QH": "Luật", "UBTVQH": "Pháp lệnh"}  # letters of the assembly say no kind: its name stands before the number
BEFORE, AFTER = 160, 120  # code points around a number in which its issuer, date and role are looked for

_PART = r"[A-ZĐƯ][\w&]{0,14}"
# 06/KH-UBND, 61/2015/NĐ-CP, 40 - CT/TW, 1069-TB/QU, 38/2013/QH13; printed with blanks now and then: 06 /KH- UBND
_NUMBER = re.compile(
    r"(?<![\w/.,-])\d{1,5}[a-z]?(?:"
    rf"(?:\s?/\s?(?:19|20)\d\d)?\s?/\s?(?:{_PART}(?:\s?[-–]\s?{_PART}){{1,3}}|QH\d\d|UBTVQH\d\d)"
    r"|\s?[-–]\s?[A-ZĐ][A-Za-zĐ]{1,4}/[A-ZĐ]{2,8})(?![\w/])"
)
# A bare number after a word, or after another one: "Quyết định 62", "Quyết định số 33/2015", "Quyết định 62, 142".
_BARE = re.compile(
    r"(?:(?<=[^\W\d_] )|(?<=\d, ))\d{1,5}[a-z]?(?:/(?:19|20)\d\d)?(?![\w/%]|[.,-]\d|\s?[-–]\s?[A-ZĐ]|\s?/\s?[A-ZĐ\d])"
)
_BARE_END = re.compile(r"\s*(?:$|[,.;:)\n”\"]|của|về|ngày|và|quy định|năm 20)")
_LISTED = re.compile(r",? (?:và |hoặc )?(?:số )?")
_YEAR = re.compile(r"/\s?((?:19|20)\d\d)(?=\s?/|$)")
_CITES = re.compile(
    r"(?:theo|căn cứ|thực hiện|tại|tinh thần|quy định của|trên cơ sở|dự thảo)(?: nội dung| tinh thần)?(?: các)?\s$",
    re.IGNORECASE,
)
_ANNOUNCES = re.compile(
    r"(?<!\w)(?:ban hành|ký|phê duyệt|công bố|gửi|thông qua)(?!\w)[^.;\n]{0,40}$|(?<!\w)có(?! công)(?!\w)[^.;,\n]{0,24}$"
)
_DATED = re.compile(rf"[\s,(]{{0,3}}(?:ban hành |gửi [^.,;\d\n]{{1,40}} )?(?:đề )?ngày {DAY}")
_EARLIER = re.compile(rf"[Nn]gày {DAY}")
_OFFICE = re.compile(
    r"(?:UBND|HĐND|(?:Ủy|Uỷ|ủy|uỷ) ban nhân dân|[Hh]ội đồng nhân dân|BHXH|Bảo hiểm xã hội|LĐLĐ|Liên đoàn Lao động"
    r"|(?:Phòng|Sở|Ban|Hội) [A-ZĐ][\w&–-]{1,12}(?: [\w&–-]{1,12}){0,7})\s$"
)
_CENTRAL_OFFICE = re.compile(
    r"[^.;\n]{0,40}?của (Thủ tướng Chính phủ|Thủ tướng|[Cc]hính phủ|Quốc hội|Ban Bí thư|Bộ Chính trị|BHXH Việt Nam"
    r"|Bảo hiểm xã hội Việt Nam)",
)
_OF_PARTY = "TW"  # letters of several offices: the one that is named counts


Role = Literal["announces", "cites"]


class Kinds(NamedTuple):
    """What document_kinds.toml says: kinds by letters, kinds cited by a bare number, issuers by the last letters; and
    made of it: kinds by their names in lower case, a kind right before a number, a law named somewhere before it."""

    by_letters: dict[str, str]
    bare: tuple[str, ...]
    central: dict[str, str]
    names: dict[str, str]
    before: re.Pattern[str]
    named: re.Pattern[str]


class Issuer(NamedTuple):
    """Who issued a document, as printed, and the id of the place (district id, province code, CENTRE)."""

    name: str | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Documents:
    """The documents of a text in its order, and where each stands."""

    documents: tuple[Document, ...] = ()
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Cited:
    """A number in the text, the kind of document, and the text on both sides."""

    number: str
    kind: str
    start: int
    end: int
    before: str
    after: str
    bare: bool


def find_documents(prose: Prose, named: Named, subjects: Sequence[Place], article: str) -> Documents:
    """Return the documents a text names, each number once with what all its places tell of it.

    `article` is the id under which documents of unknown issuers are kept.
    """
    places: dict[str, list[Cited]] = {}
    for cited in sorted((*_numbered(prose.text), *_bare(prose.text)), key=lambda one: one.start):
        places.setdefault(document_key(cited.number), []).append(cited)
    documents = tuple(_document(prose, group[:PLACES], named.units, subjects, article) for group in places.values())
    return Documents(documents, tuple(_evidence(prose, group[0]) for group in places.values()))


def _evidence(prose: Prose, cited: Cited) -> Evidence:
    rule, confidence = ("documents.bare", 0.7) if cited.bare else ("documents.number", 0.95)
    quote = prose.text[cited.start : cited.end]
    return Evidence("documents", cited.number, rule, quote, cited.start, cited.end, confidence)


def document_key(number: str) -> str:
    """Return what a number is known by, however it is printed: 06 /KH- UBND, 6/KH–UBND and 06/KH-UBND are one."""
    return document_number("".join(number.split()).replace("–", "-"))


def lone_document(number: str, article: str) -> Document:
    """Return the document of a number that is known from nothing but itself: a node of its own article."""
    return Document(
        short_id(document_key(number), "article", article), number, _kind(number, ""), None, None, "announces"
    )


def _numbered(text: str) -> Iterator[Cited]:
    for match in _NUMBER.finditer(text, 0, READ_LIMIT):
        before, after = _around(text, match.start(), match.end())
        yield Cited(match.group(), _kind(match.group(), before), match.start(), match.end(), before, after, bare=False)


def _bare(text: str) -> Iterator[Cited]:
    """Yield "Quyết định 62", "Quyết định 62, 142" and "Kế hoạch số 5": a kind before bare numbers that count nothing."""
    kinds, kind, reached = load_kinds(), "", 0
    for match in _BARE.finditer(text, 0, READ_LIMIT):
        before, after = _around(text, match.start(), match.end())
        said = kinds.before.search(before)
        ends = _BARE_END.match(text, match.end()) is not None
        if said is not None:
            kind = kinds.names[said[1].lower()]
            is_number = "số" in said.group().lower() or (kind in kinds.bare and ends)
        else:
            is_number = bool(kind) and ends and _LISTED.fullmatch(text, reached, match.start()) is not None
        kind, reached = (kind, match.end()) if is_number else ("", 0)
        if is_number:
            yield Cited(match.group(), kind, match.start(), match.end(), before, after, bare=True)


def _around(text: str, start: int, end: int) -> tuple[str, str]:
    before = text[max(0, start - BEFORE) : start]
    return before[before.rfind("\n") + 1 :], text[end : end + AFTER].split("\n", 1)[0]


def _letters(number: str) -> list[str]:
    """Return the groups of letters of a number: 61/2015/NĐ-CP gives NĐ, CP; 38/2013/QH13 gives QH."""
    return [part for part in (group.strip().rstrip("0123456789") for group in re.split(r"[-–/]", number)) if part]


def _kind(number: str, before: str) -> str:
    """Return the kind that is named before the number, else the one its letters mean, else a letter (Công văn)."""
    kinds = load_kinds()
    said = kinds.before.search(before)
    if said is not None:
        return kinds.names[said[1].lower()]
    letters = _letters(number)
    if letters and letters[-1] in LAWS:
        named = kinds.named.findall(before.lower())
        return kinds.names[named[-1]] if named else LAWS[letters[-1]]
    return next((kinds.by_letters[part] for part in letters if part in kinds.by_letters), kinds.by_letters["CV"])


def _document(
    prose: Prose, group: Sequence[Cited], mentions: Sequence[Mention], subjects: Sequence[Place], article: str
) -> Document:
    """Return the document of a number from the places where it stands: the first that tells a fact is believed."""
    roles = [_role(prose, cited) for cited in group]
    role: Role = "announces" if "announces" in roles else "cites"
    issuers = (_issuer(prose, cited, mentions) for cited in group)
    first = group[0]
    issuer = next(filter(None, issuers), None) or _own_issuer(first, role, subjects) or Issuer()
    dates = (_date(prose, cited, said) for cited, said in zip(group, roles, strict=True))
    date = next(filter(None, dates), None)
    year = _year(first, date) or (prose.published[:4] if prose.published and role == "announces" else None)
    known = issuer.place is not None and year is not None
    key = (str(issuer.place), str(year)) if known else ("article", article)
    return Document(short_id(document_key(first.number), *key), first.number, first.kind, issuer.name, date, role)


def _role(prose: Prose, cited: Cited) -> Role:
    """Say what the text does with the document; a headline that begins with one announces it."""
    said = load_kinds().before.sub("", cited.before)
    if _CITES.search(said):
        return "cites"
    heads = not said.strip() and prose.title[0] <= cited.start < prose.title[1]
    return "announces" if heads or _ANNOUNCES.search(said) else "cites"


def _date(prose: Prose, cited: Cited, role: Role) -> str | None:
    year = _year(cited, None) or (prose.published[:4] if prose.published else None)
    match = _DATED.match(cited.after)
    if match is None and role == "announces":
        earlier = list(_EARLIER.finditer(cited.before))
        match = earlier[-1] if earlier else None
    return read_day(match, int(year) if year else None) if match else None


def _year(cited: Cited, date: str | None) -> str | None:
    written = _YEAR.search(cited.number)
    return written[1] if written else date[:4] if date else None


def _issuer(prose: Prose, cited: Cited, mentions: Sequence[Mention]) -> Issuer | None:
    central = load_kinds().central
    letters = _letters(cited.number)
    offices = list(dict.fromkeys(central[part] for part in letters[1:] or letters if part in central))
    named = _CENTRAL_OFFICE.match(cited.after)
    if letters and letters[-1] in central and not (named and letters[-1] == _OF_PARTY):
        return Issuer(", ".join(offices), CENTRE)
    if named is not None:
        return Issuer(named[1], CENTRE)
    return _local_issuer(prose, cited, mentions)


def _local_issuer(prose: Prose, cited: Cited, mentions: Sequence[Mention]) -> Issuer | None:
    """Return the office that is named after "của", else the last one that speaks before, in the same sentence."""
    named = [mention for mention in mentions if mention.type and _place_id(mention)]
    for mention in named:
        start = prose.starts[mention.start]
        if cited.end <= start < cited.end + AFTER and " của " in prose.text[cited.end : start].lower():
            return _office(prose, mention)
    for mention in reversed(named):
        end = prose.ends[mention.end - 1]
        speaks = mention.body or _OFFICE.search(_before(prose, mention)) is not None
        if speaks and cited.start - BEFORE < end <= cited.start and "." not in prose.text[end : cited.start]:
            return _office(prose, mention)
    return None


def _office(prose: Prose, mention: Mention) -> Issuer:
    start, end = prose.starts[mention.start], prose.ends[mention.end - 1]
    office = _OFFICE.search(_before(prose, mention))
    return Issuer((office.group() if office else "") + prose.text[start:end], _place_id(mention))


def _before(prose: Prose, mention: Mention) -> str:
    start = prose.starts[mention.start]
    return prose.text[max(0, start - 60) : start]


def _place_id(mention: Mention) -> str | None:
    if mention.provinces:
        return mention.provinces[0].code
    return mention.districts[0].id if len(mention.districts) == 1 else None


def _own_issuer(cited: Cited, role: Role, subjects: Sequence[Place]) -> Issuer | None:
    """Return the committee of the one district the article is about, for what it announces under its own letters."""
    letters = _letters(cited.number)
    if role != "announces" or len(subjects) != 1 or not letters or letters[-1] not in {"UBND", "HĐND"}:
        return None
    return Issuer(f"{letters[-1]} {subjects[0].name[0].lower()}{subjects[0].name[1:]}", subjects[0].id)


@lru_cache(maxsize=1)
def load_kinds() -> Kinds:
    """Return the tables of document_kinds.toml; read once."""
    with open_table("document_kinds.toml") as data:
        return _kinds(data)


def _kinds(data: Json) -> Kinds:
    names = {name.lower(): name for name in (*data["kinds"].values(), *data["laws"].values())}
    longest_first = "|".join(sorted(names, key=len, reverse=True))
    adjectives = "|".join(data["bare"]["adjectives"])
    return Kinds(
        data["kinds"],
        tuple(data["bare"]["kinds"]),
        data["central"],
        names,
        re.compile(rf"(?<!\w)({longest_first})(?: (?:{adjectives}))?(?: số:?)?\s?$", re.IGNORECASE),
        re.compile(rf"(?<!\w)(?:{'|'.join(map(str.lower, data['laws'].values()))}|nghị quyết)(?!\w)"),
    )
