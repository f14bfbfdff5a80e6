"""Ledger: targets with the results that answer them, and a verdict on each by the published rule. Pure functions.

The rule is design section 9, the same in code, UI and README. A target and a result answer each other when place,
indicator, direction, period and sub-population agree and their units are the same. A part never answers for the whole.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Literal, NamedTuple

from archive.enrich.claims.indicators import Indicator
from archive.models import Claim, short_id
from archive.pledges import Answer, Pledge, Series, Statement, Verdict
from archive.text import tone_key

PARTLY = 0.75  # of a target, or of the way to it: the least that is partly reached
SAME = 0.005  # two figures that differ by less are told alike (rounding)
POVERTY_LINES = (2011, 2016, 2022)  # the first year whose end was reviewed by each national line (vietnamese.md 3.1)


class Months(NamedTuple):
    """A period in whole months, both ends included, counted from January of year 0."""

    first: int
    last: int

    @classmethod
    def of(cls, year: int, first: int = 1, last: int = 12) -> Months:
        """Return the months `first` to `last` of a year."""
        return cls(year * 12 + first - 1, year * 12 + last - 1)


_SPAN = re.compile(r"(\d{4})-(\d{4})")
_FIRST_MONTHS = re.compile(r"(\d{1,2}|ba|sáu|chín) tháng đầu năm")
_LAST_MONTHS = re.compile(r"(\d{1,2}|ba|sáu|chín) tháng cuối năm")
_MONTH = re.compile(r"tháng (\d{1,2})")
_QUARTER = re.compile(r"quý ([1-4]|i{1,3}|iv)")
_PUBLISHED = re.compile(r"(\d{4})-(\d\d)")
_WORDS = {"ba": 3, "sáu": 6, "chín": 9, "i": 1, "ii": 2, "iii": 3, "iv": 4}


def period_of(claim: Claim) -> Months | None:
    """Return the months that a claim covers; None where no year is known.

    Spans stand as "2021-2025", parts of the year as they are printed ("6 tháng đầu năm", "quý II", "tháng 7"); what is
    told "mỗi năm" is of its year.
    """
    if claim.year is None:
        return None
    printed = claim.period or ""
    if span := _SPAN.fullmatch(printed):
        return Months(int(span[1]) * 12, int(span[2]) * 12 + 11)
    first, last = _months(printed.lower())
    return Months.of(claim.year, first, last)


def _months(printed: str) -> tuple[int, int]:
    """Return the first and the last month of a part of a year; the whole year for anything else."""
    if "nửa đầu năm" in printed:
        return 1, 6
    for pattern, months in _PARTS:
        if (found := pattern.search(printed)) and 1 <= (n := _number(found[1])) <= 12:
            return months(n)
    return 1, 12


def _number(printed: str) -> int:
    return _WORDS[printed] if printed in _WORDS else int(printed)


_PARTS: tuple[tuple[re.Pattern[str], Callable[[int], tuple[int, int]]], ...] = (
    (_FIRST_MONTHS, lambda n: (1, n)),
    (_LAST_MONTHS, lambda n: (13 - n, 12)),
    (_QUARTER, lambda n: (3 * n - 2, 3 * n)),
    (_MONTH, lambda n: (n, n)),
)


class _Key(NamedTuple):
    """What a target and a result must have in common, but for the period."""

    place: str
    indicator: str
    direction: str
    unit: str
    sub_population: str


def make_ledger(statements: Iterable[Statement], indicators: Mapping[str, Indicator]) -> tuple[Pledge, ...]:
    """Return every target told in the statements as a pledge, ordered by id; equal statements give an equal ledger.

    Claims without a place, or of an indicator that is not in `indicators`, answer nothing and are no pledge.
    """
    groups = _grouped(statements, indicators).items()
    pledges = (pledge for key, told in groups for pledge in _pledges(told, indicators[key.indicator]))
    return tuple(sorted(pledges, key=lambda pledge: pledge.id))


def make_series(statements: Iterable[Statement], indicators: Mapping[str, Indicator]) -> tuple[Series, ...]:
    """Return what was promised and reported of each indicator over time, those with most figures first.

    Only of the place as a whole, and only what has a period: nothing else has its point in a picture.
    """
    whole = (one for one in statements if one.commune is None and period_of(one.claim) is not None)
    series = [_series(key, told, indicators[key.indicator]) for key, told in _grouped(whole, indicators).items()]
    return tuple(sorted(series, key=lambda one: -len(one.targets) - len(one.results)))


def _series(key: _Key, told: Sequence[Statement], indicator: Indicator) -> Series:
    ordered = sorted(told, key=_by_period)
    years = [months.last // 12 for one in told if (months := period_of(one.claim)) is not None]
    return Series(
        indicator=key.indicator,
        direction=key.direction,
        unit=key.unit,
        sub_population=told[0].claim.sub_population,
        targets=tuple(one for one in ordered if one.claim.kind == "target"),
        results=tuple(one for one in ordered if one.claim.kind == "result"),
        breaks=tuple(year for year in POVERTY_LINES if _is_by_line(indicator) and min(years) < year <= max(years)),
    )


def _by_period(statement: Statement) -> tuple[int, str, str, int]:
    months = period_of(statement.claim)
    return (months.last if months else 0, *_by_publication(statement))


def _grouped(statements: Iterable[Statement], indicators: Mapping[str, Indicator]) -> dict[_Key, list[Statement]]:
    """Return the statements that can be compared, those published first first."""
    groups: dict[_Key, list[Statement]] = defaultdict(list)
    for statement in sorted(statements, key=_by_publication):
        if statement.place and statement.claim.indicator in indicators:
            groups[_key(statement)].append(statement)
    return groups


def _by_publication(statement: Statement) -> tuple[str, str, int]:
    return statement.published or "", statement.article, statement.claim.start


def _key(statement: Statement) -> _Key:
    claim = statement.claim
    people = " ".join(map(tone_key, (claim.sub_population or "").split()))  # two spellings of one are one
    return _Key(statement.place, claim.indicator, claim.direction, claim.unit, people)


def _pledges(told: Sequence[Statement], indicator: Indicator) -> Iterator[Pledge]:
    """Yield the pledges among statements that can be compared."""
    targets: dict[str, list[Statement]] = defaultdict(list)
    for statement in told:
        if statement.claim.kind == "target":
            targets[_pledge_id(statement)].append(statement)
    results = [statement for statement in told if statement.claim.kind == "result"]
    for pledge_id, sources in targets.items():
        yield _pledge(pledge_id, sources, results, indicator)


def _pledge_id(statement: Statement) -> str:
    """Return the id that all tellings of one target share."""
    claim = statement.claim
    same = (*_key(statement), statement.commune, period_of(claim), claim.assigner, claim.value, claim.value_max)
    return short_id("pledge", *map(str, same))


def _pledge(pledge_id: str, sources: Sequence[Statement], results: Sequence[Statement], indicator: Indicator) -> Pledge:
    target, commune = sources[0].claim, sources[0].commune
    own = [result for result in results if result.commune == commune]
    answers = _answers(target, own, indicator)
    return Pledge(
        id=pledge_id,
        sources=tuple(sources),
        answers=answers,
        parts=tuple(_parts(target, results, indicator)) if commune is None else (),
        verdict=judge(target, answers, _baseline(target, own, indicator), indicator),
        conflicting=_conflict([answer for answer in answers if answer.when == "in-time"]),
    )


def _parts(target: Claim, results: Iterable[Statement], indicator: Indicator) -> Iterator[Statement]:
    """Yield what communes of the place report for the whole of the period or some of it."""
    for result in results:
        if result.commune is not None and _when(target, result, indicator) in ("in-time", "interim"):
            yield result


def _conflict(finals: Sequence[Answer]) -> bool:
    return any(not _agree(one.statement.claim, other.statement.claim) for one, other in combinations(finals, 2))


def _agree(one: Claim, other: Claim) -> bool:
    """Say whether two figures tell the same: nearly equal, or a bound that the other keeps ("hơn 1.000", 1.012)."""
    low, high = sorted((one, other), key=lambda claim: claim.value)
    bounded = low.comparator == ">=" or high.comparator == "<="
    return bounded or high.value - low.value <= SAME * high.value


def _answers(target: Claim, results: Iterable[Statement], indicator: Indicator) -> tuple[Answer, ...]:
    """Return the results that answer a target, in the order of publication; of late ones only the first that meets it."""
    found = [
        Answer(result, when, ratio_of(target, result.claim), is_met(target, result.claim, indicator))
        for result in results
        if (when := _when(target, result, indicator)) is not None
    ]
    late = [answer for answer in found if answer.when == "late" and answer.met][:1]
    return tuple(answer for answer in found if answer.when != "late" or answer in late)


def _when(target: Claim, result: Statement, indicator: Indicator) -> Literal["in-time", "interim", "late"] | None:
    """Return how the period of a result lies to that of a target; None where they do not compare."""
    wanted, told = period_of(target), covered_by(result)
    if wanted is None or told is None:
        return None
    if target.direction == "level":
        return _when_level(wanted, told, indicator)
    if told == wanted:
        return "in-time"
    if told.first < wanted.first or told.first > wanted.last:
        return None
    if told.last <= wanted.last:
        return "interim"
    return "late" if told.first == wanted.first else None


def _when_level(wanted: Months, told: Months, indicator: Indicator) -> Literal["in-time", "interim", "late"] | None:
    """Compare ends: a level holds on the last day of its period."""
    if _is_by_line(indicator) and _line(told) != _line(wanted):
        return None
    if told.last == wanted.last:
        return "in-time"
    if told.last > wanted.last:
        return "late"
    return "interim" if told.last >= wanted.first else None


def covered_by(result: Statement) -> Months | None:
    """Return the months that a result can speak of; None where no year is known, or it lies after the publication.

    What is published earlier than in the last but one month of its period ends with the month of publication: a report
    "of the year" of July is one of its first seven months, one of December ("ước cả năm") stands for the year.
    """
    period = period_of(result.claim)
    month = _PUBLISHED.match(result.published or "")
    if period is None or month is None:
        return period
    told = int(month[1]) * 12 + int(month[2]) - 1
    if told < period.first:
        return None
    return period if told >= period.last - 1 else Months(period.first, told)


def _is_by_line(indicator: Indicator) -> bool:
    """Say whether a poverty line decides who is counted: how many are poor, or what share of all."""
    return indicator.topic == "giam-ngheo" and indicator.measure == "stock"


def _line(months: Months) -> int:
    """Return the poverty line in force at the end of a period, by the first year that was reviewed by it."""
    return max((first for first in POVERTY_LINES if first <= months.last // 12), default=0)


def ratio_of(target: Claim, result: Claim) -> float | None:
    """Return the share of a target that a result makes; None for levels and for targets of zero."""
    return None if target.direction == "level" or not target.value else _exact(result.value / target.value)


def _exact(share: float) -> float:
    """Return a share without the error of binary fractions: 0.3 of 0.4 is three quarters."""
    return round(share, 9)


def is_met(target: Claim, result: Claim, indicator: Indicator) -> bool:
    """Say whether a result reaches its target; "nearly N" reaches less than N, "more than N" exceeds it."""
    if _is_ceiling(target, indicator):
        most = bound_of(target, indicator)
        return result.value < most if result.comparator == ">=" else result.value <= most
    if not target.value:
        return result.value == 0
    return result.value > target.value if result.comparator == "<=" else result.value >= target.value


def bound_of(target: Claim, indicator: Indicator) -> float:
    """Return the end of a target's range that a result is held against: the upper one of the most there may be."""
    upper = target.value_max if _is_ceiling(target, indicator) else None
    return target.value if upper is None else upper


def _is_ceiling(target: Claim, indicator: Indicator) -> bool:
    """Say whether a target is the most there may be: a level or a number (of accidents, say) of which less is better."""
    return indicator.better == "less" and target.direction in ("level", "total")


def _baseline(target: Claim, results: Iterable[Statement], indicator: Indicator) -> Statement | None:
    """Return the level at the beginning of a target's period, by the same poverty line: the one published last."""
    wanted = period_of(target)
    if target.direction != "level" or wanted is None:
        return None
    levels = [result for result in results if _begins(wanted, covered_by(result), indicator)]
    return levels[-1] if levels else None


def _begins(wanted: Months, told: Months | None, indicator: Indicator) -> bool:
    """Say whether a level holds at the beginning of a period: on the last day before it, or in its first month."""
    if told is None or told.last not in (wanted.first - 1, wanted.first):
        return False
    return not _is_by_line(indicator) or _line(told) == _line(wanted)


def judge(target: Claim, answers: Sequence[Answer], baseline: Statement | None, indicator: Indicator) -> Verdict:
    """Return the verdict on a target by the published rule; of several final results the one published last decides."""
    finals = [answer for answer in answers if answer.when == "in-time"]
    if finals and finals[-1].met:
        return Verdict("kept", finals[-1], progress=finals[-1].ratio)
    late = next((answer for answer in answers if answer.when == "late"), None)
    if late is not None and _may_be_late(target, indicator):
        return Verdict("partly", late, progress=late.ratio)
    if finals:
        return _short(target, finals[-1], baseline, indicator)
    interim = [answer for answer in answers if answer.when == "interim"]
    return Verdict("interim", interim[-1], progress=interim[-1].ratio) if interim else Verdict("no-report")


def _may_be_late(target: Claim, indicator: Indicator) -> bool:
    """Say whether reaching a target late is partly reaching it: a number is made up for, a level or a ceiling is not."""
    return target.direction != "level" and target.value != 0 and not _is_ceiling(target, indicator)


def _short(target: Claim, final: Answer, baseline: Statement | None, indicator: Indicator) -> Verdict:
    """Return the verdict on a target that its final result does not reach; a target of zero is never partly reached."""
    if target.direction == "level":
        progress = _progress(target, final.statement.claim, baseline, indicator)
        baseline = baseline if progress is not None else None
    else:
        baseline, progress = None, None if _is_ceiling(target, indicator) else final.ratio
    partly = progress is not None and progress >= PARTLY and target.value != 0
    return Verdict("partly" if partly else "not-reached", final, baseline, progress)


def _progress(target: Claim, result: Claim, baseline: Statement | None, indicator: Indicator) -> float | None:
    """Return how much of the way from the baseline to the target was gone; None where there was no way to go."""
    if baseline is None:
        return None
    begun = baseline.claim.value
    ahead = begun > target.value if indicator.better == "less" else begun < target.value
    return _exact((begun - result.value) / (begun - target.value)) if ahead else None


def arithmetic(pledge: Pledge, indicator: Indicator) -> str:
    """Return how a verdict was reckoned, as in "3000 / 4000 = 0.75" or "1.4 > 1"; empty where there is no result."""
    answer, baseline, target = pledge.verdict.answer, pledge.verdict.baseline, pledge.target
    if answer is None:
        return ""
    result, aim = _number_of(answer.statement.claim.value), _number_of(target.value)
    if pledge.verdict.progress is None:
        bound = _number_of(bound_of(target, indicator))
        return f"{result} {_SIGNS[_is_ceiling(target, indicator), answer.met]} {bound}"
    share = _number_of(round(pledge.verdict.progress, 4))
    if baseline is None:
        return f"{result} / {aim} = {share}"
    begun = _number_of(baseline.claim.value)
    return f"({begun} - {result}) / ({begun} - {aim}) = {share}"


_SIGNS = {(True, True): "<=", (True, False): ">", (False, True): ">=", (False, False): "<"}


def _number_of(value: float) -> str:
    """Return a number as people write it: 4000, not 4000.0 or 4e+03."""
    return f"{value:.15g}" if abs(value) < 1e15 else f"{value:.0f}"
