"""The published rule of verdicts (design section 9), case by case; and that the ledger loses and invents nothing."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.enrich.claims.indicators import load_indicators
from archive.ledger import Months, covered_by, make_ledger, make_series, period_of
from archive.models import Claim
from archive.pledges import Pledge, Statement

_ids = count()
CLAIM = Claim(
    id="", kind="target", indicator="jobs_created", value=4000, value_max=None, out_of=None, unit="người", comparator="=",
    direction="total", year=2020, period=None, place="004", assigner=None, sub_population=None, plan_share=None, yoy=None,
    confidence=0.9, quote="4.000 lao động", start=0, end=14,
)  # fmt: skip


def told(kind: str = "target", published: str | None = None, commune: str = "", **claim: object) -> Statement:
    """A claim as it is published when its year is over, unless another day is given."""
    n = next(_ids)
    place = str(claim.pop("place", "004")) + (f"/{commune}" if commune else "")
    made = replace(CLAIM, id=f"C{n}", kind=kind, place=place, **claim)  # type: ignore[arg-type]
    return Statement(made, f"A{n:05}", published=published or f"{made.year or 2020}-12-20")


def result(value: float, **claim: object) -> Statement:
    return told("result", value=value, **claim)


def only(*statements: Statement) -> Pledge:
    (pledge,) = make_ledger(statements, load_indicators())
    return pledge


RATE = {"indicator": "poor_hh_rate", "direction": "level", "unit": "%"}
COUNT = {"indicator": "poor_hh_count", "direction": "level", "unit": "hộ"}
FEWER = {"indicator": "poor_hh_count", "direction": "down", "unit": "hộ"}
ACCIDENTS = {"indicator": "osh_accidents", "direction": "total", "unit": "vụ"}
COVER = {"indicator": "hi_coverage", "direction": "level", "unit": "%"}

VERDICTS = {
    "a total reached": (told(), [result(4100)], "kept"),
    "a total reached exactly": (told(), [result(4000)], "kept"),
    "nearly the number is not the number": (told(), [result(4000, comparator="<=")], "partly"),
    "three quarters of a total": (told(), [result(3000)], "partly"),
    "less than three quarters": (told(), [result(2999)], "not-reached"),
    "a decrease reached": (told(value=40, **FEWER), [result(55, **FEWER)], "kept"),
    "a decrease by half": (told(value=40, **FEWER), [result(20, **FEWER)], "not-reached"),
    "a rate below its target": (told(value=1.0, **RATE), [result(0.8, **RATE)], "kept"),
    "a rate above its target": (told(value=1.0, **RATE), [result(1.2, **RATE)], "not-reached"),
    "a rate most of the way from last year's": (
        told(value=1.0, **RATE), [result(3.0, year=2019, **RATE), result(1.4, **RATE)], "partly",
    ),
    "a rate half of the way from last year's": (
        told(value=1.0, **RATE), [result(3.0, year=2019, **RATE), result(2.0, **RATE)], "not-reached",
    ),
    "no way is counted across a change of the poverty line": (
        told(value=1.0, year=2022, **RATE), [result(3.0, year=2021, **RATE), result(1.4, year=2022, **RATE)], "not-reached",
    ),
    "a coverage above its target": (told(value=90, **COVER), [result(92.5, **COVER)], "kept"),
    "none left": (told(value=0, **COUNT), [result(0, **COUNT)], "kept"),
    "one left of none is not partly": (
        told(value=0, **COUNT), [result(100, year=2019, **COUNT), result(1, **COUNT)], "not-reached",
    ),
    "a level reached a year late is not reached": (
        told(value=1.0, **RATE), [result(2, **RATE), result(0.8, year=2021, **RATE)], "not-reached",
    ),
    "a level of which only the next year is told": (told(value=0, **COUNT), [result(0, year=2021, **COUNT)], "no-report"),
    "a number reached in a longer time": (
        told(), [result(3000), result(4100, year=2021, period="2020-2021")], "partly",
    ),
    "a number told of a longer time and not reached in it": (
        told(), [result(2000), result(3900, year=2021, period="2020-2021")], "not-reached",
    ),
    "three quarters, whatever binary fractions make of it": (
        told(value=0.4, **{**RATE, "direction": "down"}), [result(0.3, **{**RATE, "direction": "down"})], "partly",
    ),
    "no way is gone towards a target that was reached before": (
        told(value=4.0, **RATE), [result(3.0, year=2019, **RATE), result(5.0, **RATE)], "not-reached",
    ),
    "fewer accidents than allowed": (told(value=5, **ACCIDENTS), [result(3, **ACCIDENTS)], "kept"),
    "more accidents than allowed are not partly": (told(value=5, **ACCIDENTS), [result(6, **ACCIDENTS)], "not-reached"),
    "more than the most that was allowed": (
        told(value=5, **ACCIDENTS), [result(5, comparator=">=", **ACCIDENTS)], "not-reached",
    ),
    "within a range that is a ceiling": (told(value=1.0, value_max=1.5, **RATE), [result(1.4, **RATE)], "kept"),
    "the lower end of a range": (told(value=1500, value_max=1700), [result(1600)], "kept"),
    "the year told in August": (told(), [result(4100, published="2020-08-11")], "interim"),
    "the year told in November": (told(), [result(4100, published="2020-11-28")], "kept"),
    "told before its year began": (told(), [result(4100, published="2019-12-28")], "no-report"),
    "told on an unknown day": (told(), [replace(result(4100), published=None)], "kept"),
    "only the half-year": (told(), [result(2500, period="6 tháng đầu năm")], "interim"),
    "even a half-year above the target is interim": (told(), [result(4100, period="6 tháng đầu năm")], "interim"),
    "a year of a span": (told(year=2025, period="2021-2025"), [result(900, year=2022)], "interim"),
    "the whole span": (told(year=2025, period="2021-2025"), [result(4200, year=2025, period="2021-2025")], "kept"),
    "nothing told": (told(), [], "no-report"),
    "another year": (told(), [result(4100, year=2019)], "no-report"),
    "another place": (told(), [result(4100, place="005")], "no-report"),
    "another unit": (told(), [result(4100, unit="hộ")], "no-report"),
    "another direction": (told(value=40, **FEWER), [result(0, **COUNT)], "no-report"),
    "other people": (told(sub_population="diện chính sách"), [result(4100)], "no-report"),
    "the same people, written otherwise": (
        told(sub_population="hộ nghèo"), [result(4100, sub_population="Hộ  Nghèo")], "kept",
    ),
    "a ward's result": (told(), [result(4100, commune="Phường Cự Khối")], "no-report"),
    "of two reports the later decides": (
        told(), [result(4100, published="2020-12-01"), result(3500, published="2021-01-15")], "partly",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", VERDICTS)
def test_the_published_rule(case: str) -> None:
    target, results, expected = VERDICTS[case]
    assert only(target, *results).verdict.kind == expected


def test_the_arithmetic_of_a_verdict_can_be_shown() -> None:
    assert only(told(), result(3000)).verdict.progress == 0.75
    reached = only(told(value=1.0, **RATE), result(3.0, year=2019, **RATE), result(1.4, **RATE)).verdict
    assert reached.progress == pytest.approx(0.8)
    assert reached.baseline is not None
    assert reached.baseline.claim.value == 3.0


def test_targets_of_three_assigners_are_three_pledges() -> None:
    pledges = make_ledger(
        [
            told(value=40, assigner="Thành phố", **FEWER),
            told(value=55, assigner="quận", **FEWER),
            told(value=0, **COUNT),
        ],
        load_indicators(),
    )
    assert len(pledges) == 3


def test_a_target_told_again_is_the_same_pledge_with_two_sources() -> None:
    pledge = only(told(published="2020-02-01"), told(published="2020-03-01"))
    assert [source.published for source in pledge.sources] == ["2020-02-01", "2020-03-01"]


def test_a_part_is_shown_beside_the_whole_and_never_answers_for_it() -> None:
    ward = result(0, commune="Phường Cự Khối", **COUNT)
    pledge = only(told(value=0, **COUNT), ward)
    assert (pledge.verdict.kind, pledge.parts) == ("no-report", (ward,))


def test_the_pledge_of_a_ward_is_answered_by_the_ward_only() -> None:
    own, other = result(0, commune="Phường A", **COUNT), result(3, commune="Phường B", **COUNT)
    pledge = only(told(value=0, commune="Phường A", **COUNT), own, other, result(9, **COUNT))
    assert [answer.statement for answer in pledge.answers] == [own]


def test_sources_that_differ_stand_side_by_side() -> None:
    assert only(told(), result(4100), result(3900)).conflicting
    assert not only(told(), result(4000, comparator=">="), result(4100)).conflicting
    assert only(told(), result(4200, comparator=">="), result(4100)).conflicting
    assert not only(told(), result(4100), result(4105)).conflicting


def test_parts_of_another_time_are_not_shown() -> None:
    assert only(told(), result(400, commune="Xã A", year=2019)).parts == ()


def test_the_conflict_of_interim_results_is_none() -> None:
    half = {"period": "6 tháng đầu năm"}
    assert not only(told(), result(2000, **half), result(2600, **half)).conflicting


def test_figures_without_an_indicator_are_no_pledges() -> None:
    assert make_ledger([told(indicator="other")], load_indicators()) == ()


PERIODS = {
    (2020, None): Months.of(2020),
    (2025, "2021-2025"): Months(2021 * 12, 2025 * 12 + 11),
    (2020, "6 tháng đầu năm"): Months.of(2020, 1, 6),
    (2020, "chín tháng đầu năm"): Months.of(2020, 1, 9),
    (2020, "6 tháng cuối năm"): Months.of(2020, 7, 12),
    (2020, "quý III"): Months.of(2020, 7, 9),
    (2020, "quý 4"): Months.of(2020, 10, 12),
    (2020, "tháng 7"): Months.of(2020, 7, 7),
    (2020, "tháng 13"): Months.of(2020),
    (2020, "mỗi năm"): Months.of(2020),
    (None, "6 tháng đầu năm"): None,
}


@pytest.mark.parametrize(("year", "printed"), PERIODS)
def test_what_is_printed_of_a_period_is_understood(year: int | None, printed: str | None) -> None:
    assert period_of(replace(CLAIM, year=year, period=printed)) == PERIODS[year, printed]


def test_a_report_speaks_of_no_time_after_it() -> None:
    assert covered_by(result(1, published="2020-07-02")) == Months.of(2020, 1, 7)
    assert covered_by(result(1, published="2020-12-02")) == Months.of(2020)
    assert covered_by(result(1, published="2020-06-28", period="6 tháng đầu năm")) == Months.of(2020, 1, 6)
    assert covered_by(result(1, published="không rõ")) == Months.of(2020)


def test_the_figures_of_a_place_stand_in_the_order_of_their_periods() -> None:
    rates = [result(3.0, year=2019, **RATE), told(value=1.0, year=2022, **RATE), told(value=2.0, year=2020, **RATE)]
    ward = result(0.5, commune="Phường A", **RATE)
    (series,) = make_series([*rates, ward, result(1.0, year=None, **RATE)], load_indicators())
    assert [one.claim.value for one in series.targets] == [2.0, 1.0]
    assert [one.claim.value for one in series.results] == [3.0]
    assert series.breaks == (2022,)  # the national poverty line of 2022-2025


def test_figures_that_no_poverty_line_decides_have_no_break() -> None:
    (series,) = make_series([told(year=2015), told(year=2024)], load_indicators())
    assert series.breaks == ()


def test_the_figures_of_one_line_have_no_break() -> None:
    (series,) = make_series([told(value=1, year=2022, **RATE), told(value=1, year=2024, **RATE)], load_indicators())
    assert series.breaks == ()


statements = st.lists(
    st.builds(
        lambda kind, value, year, direction, commune, period: told(
            kind, value=value, year=year, direction=direction, commune=commune, period=period
        ),
        st.sampled_from(["target", "result"]),
        st.integers(0, 10),
        st.sampled_from([None, 2019, 2020, 2021]),
        st.sampled_from(["down", "level", "total"]),
        st.sampled_from(["", "Xã A"]),
        st.sampled_from([None, "6 tháng đầu năm", "2019-2021"]),
    ),
    max_size=12,
)


@given(statements, st.randoms(use_true_random=False))
def test_every_target_is_in_exactly_one_pledge_whatever_the_order(told: list[Statement], shuffle) -> None:  # type: ignore[no-untyped-def]
    pledges = make_ledger(told, load_indicators())
    assert sorted(s.claim.id for p in pledges for s in p.sources) == sorted(
        s.claim.id for s in told if s.claim.kind == "target"
    )
    mixed = list(told)
    shuffle.shuffle(mixed)
    assert make_ledger(mixed, load_indicators()) == pledges
