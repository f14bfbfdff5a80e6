"""Which articles name people who did not choose to be found: children in need, victims, people in rehabilitation, private
persons in lists, numbers of cards and accounts. What is flagged here is masked by `archive.masking` (design.md section 11).

Conservative on purpose: a flag needs a full name (initials are no name) beside words that make it one to guard, in one
sentence; who speaks in an office is never meant.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from archive.enrich.lexicon import Lexicon
from archive.enrich.prose import READ_LIMIT, Prose, word_keys
from archive.enrich.tables import open_table
from archive.models import Evidence, Json

KINDS = ("minor", "victim", "rehab")
ADULT = 18  # years
SENTENCE = 240  # code points between a name and what is said of it
LEAST_LISTED = 5  # private persons, each with year of birth, age or address, that make a list
LEAST_ENTRIES = 0.5  # of the names in a text, those of such persons: news name people as well
MOST = 400  # names of a text that are looked at

_CAPITALS = "A-ZÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝĂĐĨŨƠƯẠẢẤẦẨẪẬẮẰẲẴẶẸẺẼẾỀỂỄỆỈỊỌỎỐỒỔỖỘỚỜỞỠỢỤỦỨỪỬỮỰỲỴỶỸ"
_CAPITAL = rf"[{_CAPITALS}][^\W\d_]{{0,9}}"
_AGE = re.compile(r"[\s,(]{0,3}(\d{1,2})(?: |-)(?:tháng )?tuổi")
_BORN = re.compile(
    r"(?:[\s,(|-]{0,4}(?:sinh(?: ngày)?(?: [\d/.-]{2,6})?(?: năm)?|SN|s\.n)[\s.:]{0,3}|\s?[|(]\s?)((?:19|20)\d\d)(?!\d)"
)
_CLASS = re.compile(r"[\s,(]{0,3}(?:là )?(?:học sinh|lớp)")
_LIVES = re.compile(
    r"[\s,(|-]{0,4}(?:trú |ở |tại |ngụ |hộ khẩu )?(?:tại )?(?:thôn|xóm|ấp|bản|tổ|khu phố|khóm|buôn|làng)(?!\w)"
)
_END = re.compile(r"\n|[.!?;] ")
_DIGITS = re.compile(r"(?<![\d.,/-])\d(?:[ .]?\d){7,18}(?![\d/]|[.,-]\d)")
_MONEY = re.compile(r"\s?(?:đồng|đ\b|VN[ĐD]|USD|triệu|tỷ|m2|m²|ha\b|kg\b)", re.IGNORECASE)
_BEFORE_CARD, _AROUND_ACCOUNT = 32, 120  # code points


class Words(NamedTuple):
    """What sensitive.toml says, made ready: names, who is called so, offices, cues, cards and accounts."""

    name: re.Pattern[str]
    child: frozenset[str]
    pupil: frozenset[str]
    office: re.Pattern[str]
    accused: re.Pattern[str]
    cues: Lexicon[tuple[str, ...]]
    card: re.Pattern[str]
    account: re.Pattern[str]
    holder: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Sensitive:
    """The flags of a text and the words that show each."""

    flags: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()


class Person(NamedTuple):
    """A full name in the text, how the person is called ("" for a bare name), and whether it is a child."""

    start: int
    end: int
    called: str
    is_child: bool


def find_sensitive(prose: Prose) -> Sensitive:
    """Return what a text tells of people who did not choose to be found; `prose.published` dates their ages."""
    persons = list(islice(_persons(prose), MOST))
    private = [person for person in persons if not _is_official(prose.text, person)]
    shown = [*_told(prose, private), *_numbers(prose.text), *_listed(prose.text, private, len(persons))]
    found = {evidence.value: evidence for evidence in reversed(shown)}
    flags = sorted(found)
    return Sensitive(tuple(flags), tuple(found[flag] for flag in flags))


# --- persons -------------------------------------------------------------------------------------------------


def _persons(prose: Prose) -> Iterator[Person]:
    for match in load_words().name.finditer(prose.text, 0, READ_LIMIT):
        called = (match["called"] or "").strip().lower()
        start, end = match.span("name")
        yield Person(start, end, called, _is_child(prose, called, end))


def _is_child(prose: Prose, called: str, end: int) -> bool:
    """Say whether a name is a child's: called so, or of an age or a class told right after it; an adult's age is final."""
    after = prose.text[end : end + 40]
    age = _age(after, prose.published)
    if age is not None:
        return age < ADULT and (called in load_words().child or called in load_words().pupil or age > 0)
    return called in load_words().child or (called in load_words().pupil and _CLASS.match(after) is not None)


def _age(after: str, published: str | None) -> int | None:
    told = _AGE.match(after)
    if told is not None:
        return int(told[1])
    born = _BORN.match(after)
    return int(published[:4]) - int(born[1]) if born is not None and published else None


def _is_official(text: str, person: Person) -> bool:
    """Say whether an office stands beside the name: right before it, or after it in the same clause."""
    office = load_words().office
    before = text[max(0, person.start - 30) : person.start].rsplit("\n", 1)[-1]
    after = text[person.end : person.end + 60].split("\n", 1)[0]
    before = before[max(before.rfind(mark) for mark in ",;.(") + 1 :]
    after = re.split(r"[;.]", after, maxsplit=1)[0]
    return office.search(before) is not None or office.match(after.lstrip(" ,-–(|")[:30]) is not None


# --- minors, victims, people in rehabilitation ---------------------------------------------------------------


def _told(prose: Prose, persons: Sequence[Person]) -> Iterator[Evidence]:
    """Yield what is told of a person in the sentence of the name, the first time for each kind."""
    told: set[str] = set()
    for hit in load_words().cues.find(prose.keys) if persons else ():
        start, end = prose.starts[hit.start], prose.ends[hit.end - 1]
        near = _near(persons, start, end) if hit.entry else ()
        for kind in hit.entry:
            person = next((one for one in near if _is_told(prose.text, kind, one, start, end)), None)
            if person is not None and kind not in told:
                told.add(kind)
                first, last = min(start, person.start), max(end, person.end)
                yield Evidence("sensitive", kind, f"sensitive.{kind}", prose.text[first:last], first, last, 0.7)


def _near(persons: Sequence[Person], start: int, end: int) -> Sequence[Person]:
    first = bisect_left(persons, start - SENTENCE, key=lambda person: person.end)
    return persons[first : bisect_right(persons, end + SENTENCE, lo=first, key=lambda person: person.start)]


def _is_told(text: str, kind: str, person: Person, start: int, end: int) -> bool:
    if (kind == "minor") != person.is_child or not (person.called or person.is_child or _is_entry(text, person)):
        return False
    between = text[person.end : start] if start >= person.end else text[end : person.start]
    if len(between) > SENTENCE or _END.search(between):
        return False
    return kind == "minor" or load_words().accused.search(between) is None


# --- lists ---------------------------------------------------------------------------------------------------


def _listed(text: str, persons: Sequence[Person], named: int) -> Iterator[Evidence]:
    """Yield the list of private persons, each with year of birth, age or address, that a text is or holds."""
    entries = [person for person in persons if _is_entry(text, person)]
    if len({text[one.start : one.end] for one in entries}) < LEAST_LISTED or len(entries) < LEAST_ENTRIES * named:
        return
    start, end = entries[0].start, entries[0].end
    yield Evidence("sensitive", "list-of-persons", "sensitive.list", text[start:end], start, end, 0.8)


def _is_entry(text: str, person: Person) -> bool:
    after = text[person.end : person.end + 40]
    return any(pattern.match(after) for pattern in (_AGE, _BORN, _LIVES))


# --- numbers of cards and accounts ---------------------------------------------------------------------------


def _numbers(text: str) -> Iterator[Evidence]:
    words = load_words()
    if not words.card.search(text, 0, READ_LIMIT) and not words.account.search(text, 0, READ_LIMIT):
        return
    for match in islice(_DIGITS.finditer(text, 0, READ_LIMIT), MOST):
        if _is_card(text, match) or _is_account(text, match):
            yield Evidence("sensitive", "id-number", "sensitive.number", match.group(), match.start(), match.end(), 0.9)


def _is_card(text: str, number: re.Match[str]) -> bool:
    """Say whether 9 or 12 digits follow the name of a card (Nghị định 137/2015/NĐ-CP, Luật Căn cước 26/2023/QH15)."""
    if sum(map(str.isdigit, number.group())) not in (9, 12) or _MONEY.match(text, number.end()):
        return False
    before = text[max(0, number.start() - _BEFORE_CARD) : number.start()].rsplit("\n", 1)[-1]
    return load_words().card.search(before) is not None


def _is_account(text: str, number: re.Match[str]) -> bool:
    """Say whether the digits are those of an account whose holder, named beside it, is a person."""
    before = text[max(0, number.start() - _BEFORE_CARD) : number.start()]
    around = text[max(0, number.start() - _AROUND_ACCOUNT) : number.end() + _AROUND_ACCOUNT]
    return load_words().account.search(before) is not None and load_words().holder.search(around) is not None


# --- data ----------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def load_words() -> Words:
    """Return the words of sensitive.toml; read once."""
    with open_table("sensitive.toml") as data:
        return _read_words(data)


def _read_words(data: Json) -> Words:
    surname = _any(data["surnames"])
    full = rf"(?:{surname})(?: {_CAPITAL}){{1,4}}"
    called = _any(
        [form for word in (*data["person"], *data["child"], *data["pupil"]) for form in (word, word.capitalize())]
    )
    by_phrase: dict[tuple[str, ...], tuple[str, ...]] = {}
    for kind, phrases in (*((kind, data[kind]) for kind in KINDS), ("minor", data["victim"])):
        for phrase in phrases:
            keys = word_keys(phrase)
            by_phrase[keys] = (*by_phrase.get(keys, ()), kind)
    return Words(
        re.compile(
            rf"(?<!\w)(?P<called>(?:{called}) )?(?P<name>{full}(?![^\W_])|(?<=[Bb]é ){_CAPITAL} {_CAPITAL}(?![^\W_]))"
        ),
        frozenset(data["child"]),
        frozenset(data["pupil"]),
        _words(data["office"]),
        _words(data["accused"]),
        Lexicon([*by_phrase.items(), *((word_keys(phrase), ()) for phrase in data["not_cue"])]),
        _words(data["card"]),
        _words(data["account"]),
        re.compile(rf"(?<!\w)(?:{_any(data['holder'])})\s?[:\-–]?\s?(?:(?:ông|bà|anh|chị) )?(?:{full})(?!\w)"),
    )


def _words(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{_any(words)})(?!\w)", re.IGNORECASE)


def _any(words: Sequence[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(set(words), key=len, reverse=True))
