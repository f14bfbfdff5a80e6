"""Which years a plan or report is about: years of the title, of what is planned or done, spans; never of laws.

Masked are document numbers, programme and standard names ("Chương trình … 2021-2025"), terms of office, school years,
births, baselines ("so với năm 2019") and the page's own date line (vietnamese.md section 3.6).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from archive.enrich.dates import ends_in_day, is_clocked, is_date_line
from archive.enrich.prose import LEAD, READ_LIMIT, Prose
from archive.enrich.tables import open_table
from archive.models import Evidence, Json

TITLE, LEADING, BODY = 5.0, 2.0, 1.0
OF_A_DATE = 0.5  # the year of a full date says when something happened, not what a plan is about
OPENING = 2.5  # a year that a sentence begins with ("Năm 2023, ngành đặt ra 5 chỉ tiêu"), or of a goal
HEADED = 1.5  # a year right after "kết quả", "nhiệm vụ": the text treats it in a part of its own
SHARE = 0.35  # of the heaviest year's weight: what a year needs beside it …
MOST_WEIGHT = 7.0  # … however often that one is repeated
LONGEST = 11  # years of a span: ten-year programmes are the longest
MOST = 1000  # printed years that are weighed; no prose has more
CONTEXT = 100  # code points to the left in which the role of a year is looked for
COMPARISON = 64  # code points to the left in which a comparison begins
NEAR = 40  # code points to the left in which a word takes the year as its own

_YEAR = re.compile(r"(?<!\d)20[0-4]\d(?!\d)")
_SPAN = re.compile(r"\s?(?:[-–]|đến(?: hết| cuối)?)\s?(?:năm )?(20[0-4]\d)(?!\d)")
_IN_SLUG = re.compile(r"(?:nam|thang-\d{1,2}|quy-(?:[1-4]|i{1,3}|iv))-(20[0-4]\d)(?!\d)")
_IN_NUMBER = re.compile(r"\d[a-z]?\s?/$")
# What stands before the date of a document: "06/KH-UBND ngày ", "Quyết định số 62 (".
_OF_DOCUMENT = re.compile(r"(?:/[a-zđ][\w&-]*|số:? ?\d+[a-z]?),? (?:ban hành )?\(?(?:ngày )?$")
# What a year is compared with: "từ 58,3% năm 2015", "bằng 108% năm 2018".
_COMPARED = re.compile(
    r"(?<!\w)(?:từ(?: mức)?|bằng) \d[\d.,]{0,12}(?: ?%| [^\W\d_]{1,10}){1,4} (?:của |vào )?(?:cuối |đầu )?năm $"
)
_OPENS = re.compile(r"(?:^ ?|: )(?:riêng |trong |cuối |đầu |đến (?:hết |cuối )?)?năm $")
_TIME = re.compile(r"(?:năm|cuối|đầu|tháng|quý|tết|dịp|từ|đến|hết|trong)\s?$")


class Words(NamedTuple):
    """The words of years.toml that tell what a year belongs to."""

    counted: re.Pattern[str]
    aside: tuple[str, ...]
    law: re.Pattern[str]
    programme: tuple[str, ...]
    plan: tuple[str, ...]
    history: re.Pattern[str]
    head: re.Pattern[str]
    goal: re.Pattern[str]


@lru_cache(maxsize=1)
def load_words() -> Words:
    """Return the words of years.toml; read once."""
    with open_table("years.toml") as data:
        return _words(data)


def _words(data: Json) -> Words:
    laws = "|".join(rf"(?<!pháp )(?<!kỷ ){word}" for word in data["law"])
    acts = rf"(?:{'|'.join(data['act'])})(?: số)? \d\S* (?:năm )?$"
    return Words(
        re.compile(rf"\s(?:{'|'.join(data['counted'])})(?!\w)"),
        tuple(data["baseline"] + data["aside"]),
        re.compile(rf"{laws}|{acts}"),
        tuple(data["programme"]),
        tuple(data["plan"]),
        re.compile(rf"[^.;:\n]{{0,60}}?(?<!\w)(?:{'|'.join(data['history'])})(?!\w)"),
        re.compile(rf"(?<!\w)(?:{'|'.join(data['head'])})(?: trong)? (?:cả )?năm $"),
        re.compile(rf"(?<!\w)(?:{'|'.join(data['goal'])})(?!\w)[^.;,]{{0,30}} năm $"),
    )


@dataclass(frozen=True, slots=True)
class Years:
    """The years a text is about, oldest first, and what shows each."""

    years: tuple[int, ...] = ()
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Dated:
    """A year or span printed in the text: its years, what it weighs for them, where it stands.

    `plan` marks the span of a plan's own name, which counts only where the text has no other year.
    """

    years: range
    weight: float
    plan: bool
    start: int
    end: int


def find_years(prose: Prose, url: str = "") -> Years:
    """Return the years a text is about.

    Where it names none: the one in the address, which is the headline as first published, else the one of publication,
    each with little confidence.
    """
    found = dated_years(prose)
    named = [one for one in found if not one.plan] or found
    weights: dict[int, float] = {}
    for one in named:
        for year in one.years:
            weights[year] = weights.get(year, 0.0) + one.weight
    least = SHARE * min(MOST_WEIGHT, max(weights.values(), default=0.0))
    years = sorted(year for year, weight in weights.items() if weight >= least)
    if not years:
        return _elsewhere(prose.published, url)
    return Years(tuple(years), tuple(_evidence(prose, year, named, weights[year]) for year in years))


def dated_years(prose: Prose) -> list[Dated]:
    """Return the years and spans printed in a text that belong to its work, in order: no laws, baselines or counts."""
    return list(islice(_read(prose), MOST))


def _elsewhere(published: str | None, url: str) -> Years:
    slug = _IN_SLUG.search(url)
    if slug is not None:
        return Years((int(slug[1]),), (Evidence("years", slug[1], "years.url", "", None, None, 0.4),))
    if published is None:
        return Years()
    year = published[:4]
    return Years((int(year),), (Evidence("years", year, "years.published", "", None, None, 0.3),))


def _evidence(prose: Prose, year: int, named: list[Dated], weight: float) -> Evidence:
    best = max((one for one in named if year in one.years), key=lambda one: one.weight)
    rule = "years.plan" if best.plan else "years.title" if best.weight >= TITLE else "years.text"
    quote = prose.text[best.start : best.end]
    return Evidence("years", str(year), rule, quote, best.start, best.end, round(weight / (weight + 1.0), 2))


def _read(prose: Prose) -> Iterator[Dated]:
    free = 0
    for match in _YEAR.finditer(prose.text, 0, READ_LIMIT):
        if match.start() < free:
            continue
        span = _SPAN.match(prose.text, match.end())
        free = span.end() if span else match.end()
        before = _sentence_before(prose.text, match.start())
        if not _is_masked(before, prose.text[free : free + CONTEXT]) and not _is_furniture(prose.text, match):
            dated = _weigh(prose, match, span, before)
            if dated.years:
                yield dated


def _sentence_before(text: str, position: int) -> str:
    before = text[max(0, position - CONTEXT) : position].lower()
    return before[max(before.rfind("\n"), before.rfind(". ")) + 1 :]


def _is_masked(before: str, after: str) -> bool:
    """Say whether a year stands for something else than a year of the work: a law's, a baseline's, a count."""
    if _IN_NUMBER.search(before[-8:]) and after.startswith("/"):
        return True
    words = load_words()
    if words.counted.match(after) and not _TIME.search(before[-12:]):
        return True
    day = ends_in_day(before)
    if day is not None and _OF_DOCUMENT.search(day):
        return True
    if _COMPARED.search(before[-COMPARISON:]) or (_OPENS.search(before) and words.history.match(after)):
        return True
    clause = _last_part(before)
    near = clause[-NEAR:]
    return any(word in near for word in words.aside) or words.law.search(clause) is not None


def _last_part(before: str) -> str:
    return before[max(before.rfind(mark) for mark in ",.;:") + 1 :]


def _is_furniture(text: str, year: re.Match[str]) -> bool:
    """Say whether the year belongs to the page's own date: a line of its own, or a date after a time of day."""
    before = text[max(0, year.start() - CONTEXT) : year.start()]
    day = ends_in_day(before)
    if day is not None and is_clocked(day):
        return True
    line = before[before.rfind("\n") + 1 :] + text[year.start() : year.end() + CONTEXT].split("\n", 1)[0]
    return is_date_line(line)


def _weigh(prose: Prose, match: re.Match[str], span: re.Match[str] | None, before: str) -> Dated:
    first = int(match.group())
    last = int(span[1]) if span else first
    years = range(first, last + 1) if first <= last < first + LONGEST else range(0)
    weight = _zone_weight(prose, match.start())
    plan = False
    if span is not None:
        name = before[max(before.rfind(mark) for mark in ".;:") + 1 :]
        years = range(0) if any(word in name for word in load_words().programme) else years
        plan = weight < TITLE and any(word in name for word in load_words().plan)
    elif ends_in_day(before) is not None:
        weight *= OF_A_DATE
    elif _OPENS.search(before) or load_words().goal.search(before):
        weight = max(weight, OPENING)
    elif load_words().head.search(before):
        weight *= HEADED
    return Dated(years, weight, plan, match.start(), span.end() if span else match.end())


def _zone_weight(prose: Prose, offset: int) -> float:
    if prose.title[0] <= offset < prose.title[1]:
        return TITLE
    return LEADING if prose.title[1] <= offset < prose.title[1] + LEAD else BODY
