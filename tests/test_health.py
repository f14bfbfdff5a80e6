"""The rules of health as tables: what fails a run, what only warns, what a portal's own past and the seasons excuse."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.health import (
    ADVICE,
    HANOI,
    alert_in_words,
    customary,
    day_of,
    gap,
    is_quiet,
    judge,
    portal_health,
    silence,
)
from archive.models import DataDir, Expects, Host, Portal, Unit
from archive.runs import Alert, Cause, Figures, Run
from archive.store import Store
from archive.store.codec import RUN_COLUMNS, load_figures, load_run, run_row
from tests.conftest import PORTAL

TODAY = date(2026, 6, 15)  # no season
LIVING = replace(PORTAL, units=(Unit("373", "2012-01-01"),))
GOOD = Figures(pages=40, listed=50, walked=50, fetched=20, titled=20, bodied=20, dated=20)


def run(day: date, outcome: str = "ok", figures: Figures = GOOD, **said: object) -> Run:
    """A run of the night of a day, at three in the morning in Hà Nội."""
    at = datetime(day.year, day.month, day.day, 3, tzinfo=HANOI).astimezone(UTC)
    id_, started = at.strftime("%Y%m%dT%H%M%S000000Z"), at.strftime("%Y-%m-%dT%H:%M:%SZ")
    made = Run(id_, LIVING.name, "live", started, started, outcome, figures=figures)  # type: ignore[arg-type]
    return replace(made, **said)  # type: ignore[arg-type]


def nights(count: int, until: date = TODAY, figures: Figures = GOOD) -> list[Run]:
    """Good runs of the nights before a day."""
    return [run(until - timedelta(days=n), figures=figures, requests=40, new=1) for n in range(1, count + 1)]


# --- one run -------------------------------------------------------------------------------------------------

FIRST_NIGHT: dict[str, tuple[Figures, str, str]] = {
    "all is well": (GOOD, "", ""),
    "nothing is listed": (replace(GOOD, listed=0), "failure", "0 articles seen, at least 1 expected"),
    "half cannot be read": (replace(GOOD, titled=9, bodied=9, dated=9), "failure", "9 of 20 pages"),
    "three of three cannot be read": (Figures(pages=9, listed=9, fetched=3), "failure", "0 of 3 pages"),
    "two of two cannot be read": (Figures(pages=9, listed=9, fetched=2), "warning", "2 of 2 pages"),
    "one of many cannot be read": (replace(GOOD, titled=19), "warning", "1 of 20 pages"),
    "one cannot be read, the others have not changed": (
        Figures(pages=9, listed=9, fetched=3, unchanged=9), "warning", "3 of 3 pages"),
    "gambling": (replace(GOOD, quarantined=3), "failure", "3 of 20 pages at addresses of articles sell gambling"),
    "two pages of gambling": (replace(GOOD, quarantined=2), "", ""),
    "gambling on three of sixty": (
        replace(GOOD, fetched=60, titled=60, bodied=60, dated=60, quarantined=3), "", ""),
    "gates": (replace(GOOD, blocked=21), "failure", "21 answers are gates or refusals"),
    "one text at every address": (replace(GOOD, duplicates=16), "failure", "16 of 20 articles have the text of another"),
    "some texts twice": (replace(GOOD, duplicates=15), "", ""),
}  # fmt: skip


@pytest.mark.parametrize("case", FIRST_NIGHT)
def test_what_is_impossible_in_health_is_known_on_the_first_night(case: str) -> None:
    figures, kind, said = FIRST_NIGHT[case]
    found = judge(LIVING, figures, (), TODAY)
    assert {breach.kind for breach in found} == ({kind} if kind else set())
    assert said in "; ".join(breach.said for breach in found)


EXPECTED: list[tuple[Figures, list[tuple[str, str]]]] = [
    (replace(GOOD, listed=9), [("failure", "9 articles seen, at least 10 expected")]),
    (replace(GOOD, listed=10), []),
    (replace(GOOD, listed=60), []),
    (replace(GOOD, listed=61), [("warning", "61 articles seen, at most 60 expected")]),
    (replace(GOOD, dated=17), [("failure", "17 of 20 articles dated, 90% expected")]),
    (replace(GOOD, dated=18), []),
    (replace(GOOD, listed=3, dated=0), [("failure", "3 articles seen"), ("failure", "0 of 20 articles dated")]),
]


@pytest.mark.parametrize(("figures", "found"), EXPECTED)
def test_less_than_an_entry_expects_is_a_failure_and_more_a_warning(
    figures: Figures, found: list[tuple[str, str]]
) -> None:
    portal = replace(LIVING, expects=Expects((10, 60), 0.9))
    breaches = judge(portal, figures, (), TODAY)
    assert [breach.kind for breach in breaches] == [kind for kind, _ in found]
    assert all(said in breach.said for breach, (_, said) in zip(breaches, found, strict=True))


UNUSUAL: dict[str, tuple[Figures, str, str]] = {
    "as ever": (GOOD, "", ""),
    "half the articles": (replace(GOOD, walked=25), "warning", "25 articles seen, 50 on most nights"),
    "less than half": (replace(GOOD, walked=24), "failure", "24 articles seen, 50 on most nights"),
    "a fifth fewer": (replace(GOOD, walked=40), "", ""),
    "no dates": (replace(GOOD, dated=0), "failure", "articles with a date: 0 of 20, 100% on most nights"),
    "few without a date": (replace(GOOD, dated=16), "", ""),
    "no bodies": (replace(GOOD, bodied=10), "failure", "articles with a body: 10 of 20"),
    "some titles missing": (replace(GOOD, titled=15), "failure", "articles with a title: 15 of 20"),
    "too few pages to say": (replace(GOOD, fetched=4, titled=4, bodied=0, dated=0), "", ""),
    "some refusals": (replace(GOOD, blocked=5), "warning", "gates and refusals: 5 of 40, 0% on most nights"),
    "some duplicates": (replace(GOOD, duplicates=3), "warning", "articles with the text of another one: 3 of 20"),
    "a surge": (
        replace(GOOD, pages=400, fetched=101, titled=101, bodied=101, dated=101), "warning",
        "101 pages of articles fetched, 20 on most nights"),
}  # fmt: skip


@pytest.mark.parametrize("case", UNUSUAL)
def test_a_portal_is_held_against_the_medians_of_its_own_good_runs(case: str) -> None:
    figures, kind, said = UNUSUAL[case]
    found = judge(LIVING, figures, nights(28), TODAY)
    assert [breach.kind for breach in found[:1]] == ([kind] if kind else [])
    assert said in "; ".join(breach.said for breach in found)


def test_nothing_is_custom_before_the_fifth_good_run() -> None:
    worse = replace(GOOD, walked=24, bodied=10)
    assert not judge(LIVING, worse, nights(4), TODAY)
    assert len(judge(LIVING, worse, nights(5), TODAY)) == 2


def test_a_walk_that_ended_at_what_is_held_is_held_against_the_shortest_of_its_kind() -> None:
    cut = [replace(GOOD, listed=900, walked=walked, is_cut=True) for walked in (20, 60, 60, 60, 60, 60)]
    past = [run(TODAY - timedelta(days=n), figures=night) for n, night in enumerate(cut, start=1)]
    for walked, kinds in ((20, []), (16, []), (15, ["warning"]), (9, ["failure"])):
        found = judge(LIVING, replace(cut[0], walked=walked), past, TODAY)
        assert [breach.kind for breach in found] == kinds, walked
    assert not judge(LIVING, replace(GOOD, listed=100, walked=100), past, TODAY)  # the first whole walk among them


def test_failed_nights_and_those_without_figures_make_no_custom() -> None:
    past = [
        *nights(6),
        run(TODAY, "failed", Figures(listed=1)),
        run(TODAY, figures=Figures()),
        *nights(60, TODAY - timedelta(days=6), replace(GOOD, listed=5000)),
    ]
    kept = customary(past)
    assert len(kept) == 28
    assert [one.figures.listed for one in kept[:6]] == [50] * 6


def test_the_year_end_and_the_same_weeks_of_earlier_years_excuse_a_surge() -> None:
    surge = replace(GOOD, pages=400, fetched=120, titled=120, bodied=120, dated=120)
    summer, december = date(2026, 6, 15), date(2026, 12, 20)
    assert len(judge(LIVING, surge, nights(28, summer), summer)) == 1
    assert not judge(LIVING, surge, nights(28, december), december)
    huge = replace(surge, pages=900, fetched=301, titled=301, bodied=301, dated=301)
    assert len(judge(LIVING, huge, nights(28, december), december)) == 1
    for before, excused in ((date(2025, 6, 25), True), (date(2025, 8, 1), False), (date(2026, 6, 10), False)):
        told = [*nights(28, summer), run(before, "failed", surge)]
        assert (not judge(LIVING, surge, told, summer)) is excused, before


# --- seasons -------------------------------------------------------------------------------------------------


def new_moon(k: int) -> date:
    """The day at UTC+7 of the k-th new moon after 1900 (Meeus, Astronomical Algorithms, as Hồ Ngọc Đức uses it)."""
    t, rad = k / 1236.85, math.pi / 180
    m = (359.2242 + 29.10535608 * k - 0.0000333 * t**2) * rad
    moon = (306.0253 + 385.81691806 * k + 0.0107306 * t**2) * rad
    node = (21.2964 + 390.67050646 * k - 0.0016528 * t**2) * rad
    jd = 2415020.75933 + 29.53058868 * k + 0.0001178 * t**2
    jd += 0.00033 * math.sin((166.56 + 132.87 * t - 0.009173 * t**2) * rad)
    jd += (0.1734 - 0.000393 * t) * math.sin(m) + 0.0021 * math.sin(2 * m) - 0.4068 * math.sin(moon)
    jd += 0.0161 * math.sin(2 * moon) + 0.0104 * math.sin(2 * node) - 0.0051 * math.sin(m + moon)
    jd += -0.0074 * math.sin(m - moon) + 0.0004 * math.sin(2 * node + m) - 0.0004 * math.sin(2 * node - m)
    jd += -0.0006 * math.sin(2 * node + moon) + 0.0010 * math.sin(2 * node - moon) + 0.0005 * math.sin(m + 2 * moon)
    jd -= 0.000265 * t + 0.000262 * t**2 - 0.000278
    return date.fromordinal(math.floor(jd + 0.5 + 7 / 24) - 1721425)


@pytest.mark.parametrize("year", range(2012, 2036))
def test_the_quiet_days_are_those_from_23_chap_to_mung_10_by_the_moon(year: int) -> None:
    k = int((year - 1900) * 12.3685) - 2
    chap, tet = next(
        (before, first)
        for before, first in pairwise(map(new_moon, range(k, k + 7)))
        if date(year, 1, 21) <= first <= date(year, 2, 20)
    )
    first, last = chap + timedelta(days=22), tet + timedelta(days=9)
    around = [date(year, 1, 1) + timedelta(days=n) for n in range(90)]
    assert [day for day in around if is_quiet(day)] == [day for day in around if first <= day <= last]


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        (date(2026, 6, 1), date(2026, 6, 11), 10),
        (date(2026, 2, 9), date(2026, 2, 27), 1),  # Tết on 17 February 2026
        (date(2026, 2, 17), date(2026, 3, 2), 4),
        (date(2026, 6, 1), date(2026, 6, 1), 0),
    ],
)
def test_gaps_are_counted_without_tet(first: date, last: date, days: int) -> None:
    assert gap(first, last) == days


def news(*gaps: int, first: date = date(2026, 3, 1), silent: int = 0) -> list[Run]:
    """Nightly good runs with something new after each of the gaps, and then silent nights."""
    on = [first]
    for days in gaps:
        on.append(on[-1] + timedelta(days=days))
    every = range((on[-1] - first).days + silent + 1)
    return [run(day, new=int(day in on)) for day in (first + timedelta(days=n) for n in every)]


@pytest.mark.parametrize(
    ("runs", "silent"),
    [
        (news(3, 4, 2, 5, silent=60), None),  # four gaps: too little is known
        (news(3, 4, 2, 5, 3, silent=14), False),
        (news(3, 4, 2, 5, 3, silent=15), True),
        (news(3, 20, 2, 5, 3, silent=40), False),  # it was silent for three weeks before
        (news(3, 20, 2, 5, 3, silent=41), True),
        (news(1, 1, 1, 1, 1, first=date(2026, 2, 1), silent=31), False),  # of which 17 days are Tết's
        (news(1, 1, 1, 1, 1, first=date(2026, 4, 1), silent=33), True),
    ],
)
def test_a_portal_is_silent_by_its_own_gaps(runs: list[Run], silent: bool | None) -> None:
    heard = silence(runs)
    assert (heard and heard.is_telling) == silent


def test_silence_is_an_alert_of_a_living_unit_and_a_remark_of_an_abolished_one() -> None:
    runs = news(3, 4, 2, 5, 3, silent=20)
    today = day_of(runs[-1])
    alert = portal_health(LIVING, runs, today).alert
    assert alert is not None
    assert (alert.cause, alert.nights, alert.since) == ("silent", 20, runs[-20].started_at)
    assert "no new article for 20 days, never more than 5 before" in alert_in_words(alert)
    gone = portal_health(PORTAL, runs, today)
    assert (gone.state, gone.alert) == ("warning", None)
    assert "its unit is no more" in gone.remarks[0]


def test_nights_that_failed_are_not_silence() -> None:
    runs = [
        *news(3, 4, 2, 5, 3, silent=2),
        *(run(date(2026, 3, 21) + timedelta(days=n), "failed", cause="timeout") for n in range(30)),
    ]
    heard = silence(runs)
    assert heard is not None
    assert not heard.is_telling


# --- a portal by all its runs --------------------------------------------------------------------------------


def test_an_alert_names_first_bad_run_nights_cause_figures_and_what_to_do() -> None:
    bad = [
        run(TODAY - timedelta(days=n), "failed", cause="selector", note="0 of 5 pages can be read")
        for n in range(3)
    ]  # fmt: skip
    found = portal_health(LIVING, [*nights(5, TODAY - timedelta(days=2)), *bad], TODAY)
    assert found.state == "failing"
    assert found.last_good == run(TODAY - timedelta(days=3)).started_at
    assert found.alert == Alert(LIVING.name, bad[-1].id, bad[-1].started_at, 3, "selector", "0 of 5 pages can be read")
    said = alert_in_words(found.alert)
    assert (
        "thu-nghiem: selector, 3 nights in a row since 2026-06-12T20:00:00Z: 0 of 5 pages can be read; look at" in said
    )


def test_the_cause_of_an_alert_is_that_of_the_latest_night() -> None:
    bad = [run(TODAY, "failed", cause="tls"), run(TODAY - timedelta(days=1), "failed", cause="timeout")]
    alert = portal_health(LIVING, bad, TODAY).alert
    assert alert is not None
    assert (alert.cause, alert.run) == ("tls", bad[1].id)


def test_two_runs_of_one_day_are_one_night() -> None:
    bad = [run(TODAY, "failed", cause="tls", id=name) for name in ("A", "B")]
    alert = portal_health(LIVING, bad, TODAY).alert
    assert alert is not None
    assert alert.nights == 1


def test_a_good_run_closes_the_alert() -> None:
    runs = [run(TODAY), run(TODAY - timedelta(days=1), "failed", cause="tls")]
    assert portal_health(LIVING, runs, TODAY).state == "ok"


INTERRUPTED: list[tuple[int, int, Cause | None]] = [
    (1, 0, None),
    (1, 1, None),
    (2, 1, None),
    (3, 1, "stopped"),
    (4, 1, "stopped"),
]


@pytest.mark.parametrize(("count", "ago", "cause"), INTERRUPTED)
def test_an_interrupted_run_may_still_be_running_today_and_needs_a_person_from_the_third_night_on(
    count: int, ago: int, cause: Cause | None
) -> None:
    runs = [run(TODAY - timedelta(days=ago + n), "interrupted", finished_at=None) for n in range(count)]
    alert = portal_health(LIVING, [*runs, *nights(3, TODAY - timedelta(days=9))], TODAY).alert
    assert (alert and alert.cause) == cause


def test_a_run_that_somebody_stopped_is_remarked_on() -> None:
    found = portal_health(LIVING, [run(TODAY, "failed", cause="stopped", note="stopped by a signal")], TODAY)
    assert (found.state, found.remarks) == ("warning", ("stopped by a signal",))


STATES: dict[str, tuple[Portal, list[Run], str]] = {
    "no run": (LIVING, [], "never"),
    "imports alone": (LIVING, [run(TODAY, via="warc")], "never"),
    "its host ended": (replace(LIVING, hosts=(Host("a.vn", until="2025-06-30"),)), [run(TODAY, "failed")], "retired"),
    "its host ends today": (replace(LIVING, hosts=(Host("a.vn", until="2026-06-15"),)), [run(TODAY)], "ok"),
    "one of its hosts lives": (
        replace(LIVING, hosts=(Host("a.vn", until="2025-06-30"), Host("b.vn"))),
        [run(TODAY)],
        "ok",
    ),
    "a warning": (LIVING, [run(TODAY, warnings=("61 articles seen, at most 60 expected",))], "warning"),
    "nobody crawls": (LIVING, [run(TODAY - timedelta(days=4))], "warning"),
    "a run of before there were causes": (LIVING, [run(TODAY, "failed", Figures())], "failing"),
}


@pytest.mark.parametrize("case", STATES)
def test_every_portal_is_in_one_state(case: str) -> None:
    portal, runs, state = STATES[case]
    found = portal_health(portal, runs, TODAY)
    assert found.state == state
    assert (found.alert is not None) == (state == "failing")
    assert (state != "warning") or found.remarks


def test_more_problems_than_ever_are_remarked_on() -> None:
    found = portal_health(LIVING, [run(TODAY, requests=40, problems=6), *nights(5)], TODAY)
    assert found.remarks == ("6 problems in 40 answers, 0% on most nights",)


def test_every_cause_has_advice() -> None:
    assert set(ADVICE) == set(get_args(Cause))


counts = st.integers(0, 10**6)
figures = st.builds(
    Figures, counts, counts, counts, counts, counts, counts, counts, counts, counts, counts, counts,
    st.booleans(), st.dictionaries(st.text(max_size=5), counts, max_size=2),
)  # fmt: skip
runs = st.builds(
    run,
    st.dates(date(2012, 1, 1), date(2035, 12, 31)),
    st.sampled_from(["ok", "failed", "interrupted"]),
    figures,
    new=counts,
    problems=counts,
    requests=counts,
    cause=st.sampled_from([None, *get_args(Cause)]),
)


@given(figures, st.lists(runs, max_size=40), st.dates(date(2012, 1, 1), date(2035, 12, 31)))
def test_every_history_can_be_judged_whatever_its_order(met: Figures, past: list[Run], today: date) -> None:
    found = judge(replace(LIVING, expects=Expects((5, 50), 0.9)), met, past, today)
    assert found == judge(replace(LIVING, expects=Expects((5, 50), 0.9)), met, past[::-1], today)
    health = portal_health(LIVING, past, today)
    assert health.state in ("ok", "warning", "failing", "never")
    assert (health.alert is None) or alert_in_words(health.alert)


@given(runs)
def test_a_run_survives_the_database(one: Run) -> None:
    assert load_run(dict(zip(RUN_COLUMNS, run_row(one), strict=True))) == one


def test_figures_of_another_version_are_read_as_far_as_they_are_known() -> None:
    assert load_figures({"pages": 3, "moons": 2}) == Figures(pages=3)


def test_the_store_returns_runs_latest_first(data: DataDir) -> None:
    data.path.mkdir()
    store = Store(data.database)
    past = nights(5)
    with store.transaction():
        for one in past:
            store.count_run(one)
            store.close_run(replace(one, warnings=("w",), certificate="ab", cause="silent"))
    held: Sequence[Run] = store.runs(LIVING.name, 3)
    store.close()
    assert [one.id for one in held] == [one.id for one in past[:3]]
    assert held[0] == replace(past[0], warnings=("w",), certificate="ab", cause="silent")
