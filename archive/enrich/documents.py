"""Which numbered documents an article announces or cites: number as printed, kind, issuer, date.

One document has one id wherever it is named: number, place of the issuer and year (every district has a 06/KH-UBND
every year). A document whose issuer or year is unknown stays a node of its own article.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

from archive.enrich.dates import DAY, read_day
from archive.enrich.mentions import Mention, Named
from archive.enrich.prose import READ_LIMIT, Prose
from archive.models import Document, Evidence, Place, short_id
from archive.text import document_number

CENTRE = "VN"  # the issuer's place of national documents, in ids
BEFORE, AFTER = 160, 120  # code points around a number in which its issuer, date and role are looked for

_PART = r"[A-ZĐƯ][\w&]{0,14}"
# 06/KH-UBND, 61/2015/NĐ-CP, 40 - CT/TW, 1069-TB/QU, 38/2013/QH13
_NUMBER = re.compile(
    r"(?<![\w/.,-])\d{1,5}[a-z]?(?:"
    rf"(?:/(?:19|20)\d\d)?\s?/\s?(?:{_PART}(?:\s?[-–]\s?{_PART}){{1,3}}|QH\d\d|UBTVQH\d\d)"
    r"|\s?[-–]\s?[A-ZĐ][A-Za-zĐ]{1,4}/[A-ZĐ]{2,8})(?![\w/])"
)
# A bare number after a word: "Quyết định 62", "Quyết định số 33/2015".
_BARE = re.compile(r"(?<=[^\W\d_] )\d{1,5}[a-z]?(?:/(?:19|20)\d\d)?(?![\w/%]|[.,-]\d|\s?[-–/]\s?[A-ZĐ])")
_BARE_END = re.compile(r"\s*(?:$|[,.;:)\n”\"]|của|về|ngày|và|quy định|năm 20)")
_YEAR = re.compile(r"/((?:19|20)\d\d)(?=/|$)")
_KIND_BEFORE = re.compile(r"([^\W\d_]{2,6} [^\W\d_]{2,6})(?: liên tịch| hành động)?(?: số:?)?\s?$")
_CITES = re.compile(
    r"(?:theo|căn cứ|thực hiện|tại|tinh thần|quy định của|trên cơ sở|dự thảo)(?: nội dung| tinh thần)?\s$",
    re.IGNORECASE,
)
_ANNOUNCES = re.compile(r"(?<!\w)(?:ban hành|ký|phê duyệt|công bố|có|gửi|thông qua)(?!\w)[^.;\n]{0,40}$")
_DATED = re.compile(rf"[\s,(]{{0,3}}(?:ban hành )?(?:đề )?ngày {DAY}")
_EARLIER = re.compile(rf"[Nn]gày {DAY}")
_OFFICE = re.compile(r"(?:UBND|HĐND|(?:Ủy|Uỷ|ủy|uỷ) ban nhân dân|[Hh]ội đồng nhân dân)\s$")
_CENTRAL_OFFICE = re.compile(
    r"[^.;\n]{0,40}?của (Thủ tướng Chính phủ|Thủ tướng|[Cc]hính phủ|Quốc hội|Ban Bí thư|Bộ Chính trị)"
)


class Kinds(NamedTuple):
    """What document_kinds.toml says: kinds by letters, kinds cited by a bare number, issuers by the last letters."""

    by_letters: dict[str, str]
    bare: tuple[str, ...]
    central: dict[str, str]


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
    """Return the documents a text names, each number once; `article` is the id under which unknown issuers are kept."""
    documents: dict[str, Document] = {}
    evidence: list[Evidence] = []
    for cited in sorted((*_numbered(prose.text), *_bare(prose.text)), key=lambda one: one.start):
        key = document_number(cited.number)
        if key in documents:
            continue
        documents[key] = _document(prose, cited, named.units, subjects, article)
        rule, confidence = ("documents.bare", 0.7) if cited.bare else ("documents.number", 0.95)
        quote = prose.text[cited.start : cited.end]
        evidence.append(Evidence("documents", cited.number, rule, quote, cited.start, cited.end, confidence))
    return Documents(tuple(documents.values()), tuple(evidence))


def lone_document(number: str, article: str) -> Document:
    """Return the document of a number that is known from nothing but itself: a node of its own article."""
    return Document(
        short_id(document_number(number), "article", article), number, _kind(number, ""), None, None, "announces"
    )


def _numbered(text: str) -> Iterator[Cited]:
    for match in _NUMBER.finditer(text, 0, READ_LIMIT):
        before, after = _around(text, match.start(), match.end())
        yield Cited(match.group(), _kind(match.group(), before), match.start(), match.end(), before, after, bare=False)


def _bare(text: str) -> Iterator[Cited]:
    """Yield "Quyết định 62" and "Kế hoạch số 5": a kind of document before a bare number that counts nothing."""
    for match in _BARE.finditer(text, 0, READ_LIMIT):
        before, after = _around(text, match.start(), match.end())
        said = _KIND_BEFORE.search(before)
        kind = said[1].capitalize() if said else ""
        if said is None or kind not in load_kinds().by_letters.values():
            continue
        counts_nothing = said[1] in load_kinds().bare and _BARE_END.match(text, match.end())
        if "số" in said.group() or counts_nothing:
            yield Cited(match.group(), kind, match.start(), match.end(), before, after, bare=True)


def _around(text: str, start: int, end: int) -> tuple[str, str]:
    before = text[max(0, start - BEFORE) : start]
    return before[before.rfind("\n") + 1 :], text[end : end + AFTER].split("\n", 1)[0]


def _letters(number: str) -> list[str]:
    """Return the groups of letters of a number: 61/2015/NĐ-CP gives NĐ, CP; 38/2013/QH13 gives QH."""
    return [part for part in (group.strip().rstrip("0123456789") for group in re.split(r"[-–/]", number)) if part]


def _kind(number: str, before: str) -> str:
    kinds = load_kinds().by_letters
    known = [kinds[part] for part in _letters(number) if part in kinds]
    said = _KIND_BEFORE.search(before)
    if said is not None and said[1].capitalize() in kinds.values():
        return said[1].capitalize()
    return known[0] if known else kinds["CV"]


def _document(
    prose: Prose, cited: Cited, mentions: Sequence[Mention], subjects: Sequence[Place], article: str
) -> Document:
    role = _role(cited)
    issuer = _issuer(prose, cited, mentions) or _own_issuer(cited, role, subjects) or Issuer()
    date = _date(prose, cited, role)
    year = _year(cited, date) or (prose.published[:4] if prose.published and role == "announces" else None)
    known = issuer.place is not None and year is not None
    key = (str(issuer.place), str(year)) if known else ("article", article)
    return Document(short_id(document_number(cited.number), *key), cited.number, cited.kind, issuer.name, date, role)


def _role(cited: Cited) -> Literal["announces", "cites"]:
    said = _KIND_BEFORE.sub("", cited.before)
    if _CITES.search(said):
        return "cites"
    return "announces" if _ANNOUNCES.search(said) else "cites"


def _date(prose: Prose, cited: Cited, role: str) -> str | None:
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
    if letters and letters[-1] in central:
        return Issuer(central[letters[-1]], CENTRE)
    named = _CENTRAL_OFFICE.match(cited.after)
    if named is not None:
        return Issuer(named[1], CENTRE)
    return _local_issuer(prose, cited, mentions)


def _local_issuer(prose: Prose, cited: Cited, mentions: Sequence[Mention]) -> Issuer | None:
    """Return the office that is named after "của", else the last one that speaks before, in the same sentence."""
    named = [mention for mention in mentions if mention.type and _place_id(mention)]
    for mention in named:
        start = prose.starts[mention.start]
        if cited.end <= start < cited.end + AFTER and " của " in prose.text[cited.end : start]:
            return _office(prose, mention)
    for mention in reversed(named):
        end = prose.ends[mention.end - 1]
        if mention.body and cited.start - BEFORE < end <= cited.start and "." not in prose.text[end : cited.start]:
            return _office(prose, mention)
    return None


def _office(prose: Prose, mention: Mention) -> Issuer:
    start, end = prose.starts[mention.start], prose.ends[mention.end - 1]
    office = _OFFICE.search(prose.text[max(0, start - 40) : start])
    return Issuer((office.group() if office else "") + prose.text[start:end], _place_id(mention))


def _place_id(mention: Mention) -> str | None:
    if mention.provinces:
        return mention.provinces[0].code
    return mention.districts[0].id if len(mention.districts) == 1 else None


def _own_issuer(cited: Cited, role: str, subjects: Sequence[Place]) -> Issuer | None:
    """Return the committee of the one district the article is about, for what it announces under its own letters."""
    letters = _letters(cited.number)
    if role != "announces" or len(subjects) != 1 or not letters or letters[-1] not in {"UBND", "HĐND"}:
        return None
    return Issuer(f"{letters[-1]} {subjects[0].name[0].lower()}{subjects[0].name[1:]}", subjects[0].id)


@lru_cache(maxsize=1)
def load_kinds() -> Kinds:
    """Return the tables of document_kinds.toml; read once."""
    data = tomllib.loads(Path(__file__).with_name("document_kinds.toml").read_text("utf-8"))
    return Kinds(data["kinds"], tuple(data["bare"]["kinds"]), data["central"])
