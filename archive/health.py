"""How a portal does: what a crawl met is held against what is expected of the portal, and against its own past. Pure.

After zavod's assertions: less than the least is a failure, more than the most a warning. A failed run changes nothing of
what is public; it opens an alert, which is derived from the runs alone, so that a rebuild gives the same one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import cache
from importlib import resources
from itertools import pairwise, takewhile
from statistics import median
from typing import Literal, NamedTuple

from archive.models import Portal
from archive.runs import Alert, Cause, Figures, Health, Run

HISTORY = 400  # runs that are looked back on: a year of nights, and the weeks around last year's Tết
GOOD_RUNS = 28  # the latest good runs whose medians are the portal's custom
ENOUGH = 5  # good runs, gaps or pages from which on there is a custom, or a share that says something
DROP = 0.5  # of the customary number of articles listed: fewer is a failure
SAG = 0.8  # fewer is a warning
LOSS = 0.2  # by so much a share may lie below the customary one
UNREADABLE = 3  # pages that cannot be read, or gates and refusals, that are enough to say that half of all are
MOST_SPAM = 0.05  # of the pages may sell gambling (reliability.md section 3) …
LEAST_SPAM = 3  # … or so few
SILENCE = 14  # days without a new article that no portal need explain
SURGE = 5  # times the customary number of pages fetched
YEAR_END_SURGE = 15
QUIET_AFTER_TET = timedelta(days=9)  # until mùng 10
SAME_WEEKS = timedelta(days=14)  # around the same day of an earlier year
MISSED_NIGHTS = 3  # days without any run, from which on nobody seems to crawl
PATIENCE: dict[Cause, int] = {"stopped": 3}  # nights in a row from which on it needs a person: somebody stopped it
HANOI = timezone(timedelta(hours=7))

ADVICE: dict[Cause, str] = {
    "selector": "look at a page, then give `selectors` in the portal's entry; the captures heal with `ansinh rebuild`",
    "another-cms": "compare with `ansinh portals check`, then set `platform` in the portal's entry",
    "soft-404": "open the portal: has it moved, or been given up? Then end its `hosts` with `until`",
    "cookie-gate": 'if the portal is to be read, put the cookie\'s name into its entry, as in cookie = "D1N"',
    "blocked": "write to the portal's editors, or crawl more slowly (`delay`)",
    "tls": 'if it is the right server all the same, put tls = "unverified" into the portal\'s entry',
    "timeout": "try again; many portals answer from Vietnam only",
    "unreachable": "try its address by hand: has the host been switched off? Then end its `hosts` with `until`",
    "server-error": "wait some nights; then write to the portal's editors",
    "robots": "read its robots.txt; what it forbids is not asked",
    "redirect": "see where it leads; a new owner of the host becomes a portal of its own, and this one's `hosts` end",
    "hacked": "warn the portal's editors; what it shows is kept as evidence and not indexed",
    "moved": "find the sections' new addresses and put them into the portal's entry",
    "silent": "open the portal: does it still publish, and where?",
    "stopped": "let a run come to its end, or raise `night_seconds` or `night_pages`",
    "hung": "read the log of that night; the next run goes on",
    "disk": "make room or mend the disk, then crawl again",
    "code": "read the log and report it",
    "no-contact": "set `contact` in ansinh.toml",
    "unknown": "read the log of that night",
}


class Breach(NamedTuple):
    """One figure out of its bounds: a failure (too little) or a warning (too much), and the sentence that says so."""

    kind: Literal["failure", "warning"]
    said: str


# --- one run against the portal's entry and its past ---------------------------------------------------------


def judge(portal: Portal, figures: Figures, history: Sequence[Run], day: date) -> tuple[Breach, ...]:
    """Return what is out of bounds in a finished run, failures first.

    `history` are earlier runs of the portal in any order, `day` is the night's day in Hà Nội. What the entry expects,
    and what is impossible in health, is judged from the first night; custom from ENOUGH good runs on, by the medians of
    the last GOOD_RUNS.
    """
    past = customary(history)
    found = (
        *_expected(portal, figures),
        *_impossible(figures),
        *(_unusual(figures, past) if len(past) >= ENOUGH else ()),
        *_surging(figures, past, history, day),
    )
    return tuple(sorted(found, key=lambda breach: breach.kind))


def customary(history: Iterable[Run]) -> tuple[Run, ...]:
    """Return the latest good runs, latest first, that have figures at all (runs before schema 6 have none)."""
    good = [run for run in history if run.outcome == "ok" and run.figures != Figures()]
    return tuple(sorted(good, key=_age, reverse=True)[:GOOD_RUNS])


def _expected(portal: Portal, figures: Figures) -> Iterator[Breach]:
    """Yield what the portal's entry says otherwise."""
    least, most = portal.expects.articles or (1, None)
    seen, read, dated = figures.listed, figures.titled, figures.dated
    if seen < least:
        yield Breach("failure", f"{seen} articles seen, at least {least} expected: has the portal's layout changed?")
    if most is not None and seen > most:
        said = f"{seen} articles seen, at most {most} expected: does a listing lead to what is no article?"
        yield Breach("warning", said)
    share = portal.expects.dated
    if share is not None and dated < share * read:
        said = f"{dated} of {read} articles dated, {share:.0%} expected: has the date line changed?"
        yield Breach("failure", said)


def _impossible(figures: Figures) -> Iterator[Breach]:
    """Yield what no healthy portal shows."""
    asked, read = figures.fetched + figures.unchanged, figures.titled + figures.unchanged
    if figures.fetched >= UNREADABLE and read < 0.5 * asked:
        yield Breach("failure", f"{read} of {asked} pages at addresses of articles can be read as articles")
    elif figures.fetched > figures.titled:
        said = f"{figures.fetched - figures.titled} of {figures.fetched} pages at addresses of articles cannot be read"
        yield Breach("warning", said)
    if is_hacked(figures.quarantined, figures.fetched):
        said = f"{figures.quarantined} of {figures.fetched} pages at addresses of articles sell gambling"
        yield Breach("failure", said)
    if figures.blocked >= UNREADABLE and figures.blocked > 0.5 * figures.pages:
        yield Breach("failure", f"{figures.blocked} answers are gates or refusals, beside {figures.pages} pages in all")
    if figures.titled >= ENOUGH and figures.duplicates >= 0.8 * figures.titled:
        yield Breach("failure", f"{figures.duplicates} of {figures.titled} articles have the text of another one")


def is_hacked(quarantined: int, fetched: int) -> bool:
    """Say whether so many of the pages at addresses of articles sell gambling that nothing more should be taken."""
    return quarantined >= LEAST_SPAM and quarantined > MOST_SPAM * fetched


class _Share(NamedTuple):
    """A share of the pages of a run that should not fall (`falls`) or not rise."""

    what: str
    of: Callable[[Figures], tuple[int, int]]
    falls: bool


_SHARES = (
    _Share("articles with a title", lambda figures: (figures.titled, figures.fetched), True),
    _Share("articles with a body", lambda figures: (figures.bodied, figures.fetched), True),
    _Share("articles with a date", lambda figures: (figures.dated, figures.fetched), True),
    _Share("gates and refusals", lambda figures: (figures.blocked, figures.pages), False),
    _Share("articles with the text of another one", lambda figures: (figures.duplicates, figures.fetched), False),
)


def _unusual(figures: Figures, past: Sequence[Run]) -> Iterator[Breach]:
    """Yield what differs from the medians of the portal's own good runs."""
    yield from _unusual_walk(figures, [run.figures for run in past if run.figures.is_cut == figures.is_cut])
    for share in _SHARES:
        yield from _unusual_share(share, figures, past)


def _unusual_walk(figures: Figures, past: Sequence[Figures]) -> Iterator[Breach]:
    """Yield that fewer articles were seen than on other nights whose walk ended alike.

    A walk that ends at what is held is as long as there is news: it is held against the shortest of them.
    """
    if len(past) < ENOUGH:
        return
    custom = (min if figures.is_cut else median)(night.walked for night in past)
    said = f"{figures.walked} articles seen, {custom:g} {'at least' if figures.is_cut else 'on most nights'}"
    if figures.walked < DROP * custom:
        yield Breach("failure", f"{said}: has the portal's layout changed?")
    elif figures.walked < SAG * custom:
        yield Breach("warning", said)


def _unusual_share(share: _Share, figures: Figures, past: Sequence[Run]) -> Iterator[Breach]:
    """Yield a share that left its bounds; of fewer than ENOUGH pages nothing is said."""
    counts = [share.of(run.figures) for run in past]
    before = [part / whole for part, whole in counts if whole >= ENOUGH]
    part, whole = share.of(figures)
    if whole < ENOUGH or len(before) < ENOUGH:
        return
    custom = median(before)
    said = f"{share.what}: {part} of {whole}, {custom:.0%} on most nights"
    if share.falls and part / whole < custom - LOSS:
        yield Breach("failure", said)
    if not share.falls and part / whole > max(0.1, 2 * custom):
        yield Breach("warning", said)


def _surging(figures: Figures, past: Sequence[Run], history: Iterable[Run], day: date) -> Iterator[Breach]:
    """Yield a warning for far more pages than on other nights, or than in these weeks of earlier years.

    Fewer than 50 are no surge; at the year's end three times as many as else are none.
    """
    if len(past) < ENOUGH:
        return
    custom = median(run.figures.fetched for run in past)
    times = YEAR_END_SURGE if day.month in _seasons().surge else SURGE
    seasonal = max((run.figures.fetched for run in history if _is_same_weeks(day_of(run), day)), default=0)
    if figures.fetched > max(50, times * custom, 2 * seasonal):
        said = f"{figures.fetched} pages of articles fetched, {custom:g} on most nights: does a listing lead elsewhere?"
        yield Breach("warning", said)


def _is_same_weeks(earlier: date, day: date) -> bool:
    """Say whether a day lies in the weeks around the other's anniversary in an earlier year."""
    years = round((day - earlier).days / 365.25)
    return years >= 1 and abs(day - earlier - timedelta(days=round(years * 365.25))) <= SAME_WEEKS


# --- seasons -------------------------------------------------------------------------------------------------


class _Seasons(NamedTuple):
    """The days from 23 tháng Chạp to mùng 10 of each Tết, and the months in which much is published."""

    quiet: frozenset[date]
    surge: frozenset[int]


@cache
def _seasons() -> _Seasons:
    said = tomllib.loads(resources.files("archive").joinpath("seasons.toml").read_text("utf-8"))
    quiet = (_days(tet["kitchen_gods"], tet["first"] + QUIET_AFTER_TET) for tet in said["tet"])
    return _Seasons(frozenset(day for days in quiet for day in days), frozenset(said["surge"]["months"]))


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def is_quiet(day: date) -> bool:
    """Say whether a day lies around Tết, when nothing new is expected (2012 to 2035)."""
    return day in _seasons().quiet


def gap(first: date, last: date) -> int:
    """Return the days from one to the other that are not quiet ones."""
    return sum(not is_quiet(day) for day in _days(first + timedelta(days=1), last))


# --- a portal by all its runs --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Silence:
    """How long nothing new came, and the longest that was heard of, both in days outside Tết."""

    days: int
    longest: int

    @property
    def is_telling(self) -> bool:
        """Say whether it is longer than the portal's own past makes plausible."""
        return self.days > max(SILENCE, 2 * self.longest)


def silence(runs: Iterable[Run]) -> Silence | None:
    """Return how long a portal has been silent; None while too little is known of its habits.

    Days of news are those of good runs that brought a new article. With at least ENOUGH gaps between them, a portal is
    silent when more days than twice its longest gap, and more than SILENCE (14), lie between its last day of news and
    its last good run. Days from 23 tháng Chạp to mùng 10 count in neither. Nights that failed count for nothing: they
    have an alert of their own.
    """
    good = sorted((run for run in runs if run.outcome == "ok"), key=_age)
    news = sorted({day_of(run) for run in good if run.new})
    gaps = [gap(first, last) for first, last in pairwise(news)]
    if len(gaps) < ENOUGH:
        return None
    return Silence(gap(news[-1], day_of(good[-1])), max(gaps))


def portal_health(portal: Portal, runs: Iterable[Run], today: date) -> Health:
    """Return how a portal does by its runs (in any order; imports are no runs of its own) on a day in Hà Nội.

    An interrupted run is a bad one once another day has begun: nobody will end it any more.
    """
    live = sorted((run for run in runs if run.via == "live"), key=_age, reverse=True)
    good = next((run for run in live if run.outcome == "ok"), None)
    last_good = good.started_at if good else None
    if is_retired(portal, today):
        return Health(portal.name, "retired", last_good)
    if not live:
        return Health(portal.name, "never", None)
    alert = _alert(portal, live, today)
    remarks = tuple(_remarks(portal, live, today, alert))
    return Health(portal.name, "failing" if alert else "warning" if remarks else "ok", last_good, alert, remarks)


def is_retired(portal: Portal, today: date) -> bool:
    """Say whether all hosts of a portal have ended: it is not crawled any more."""
    return bool(portal.hosts) and all(
        host.until is not None and host.until < today.isoformat() for host in portal.hosts
    )


def alert_in_words(alert: Alert) -> str:
    """Return an alert in one line: portal, cause, since when, figures, and what to do."""
    nights = "1 night" if alert.nights == 1 else f"{alert.nights} nights in a row"
    said = f"{alert.detail}; " if alert.detail else ""
    return f"{alert.portal}: {alert.cause}, {nights} since {alert.since}: {said}{ADVICE[alert.cause]}"


def _alert(portal: Portal, live: Sequence[Run], today: date) -> Alert | None:
    """Return the open alert over the runs, latest first."""
    settled = [run for run in live if run.outcome != "interrupted" or day_of(run) < today]
    bad = list(takewhile(lambda run: run.outcome != "ok", settled))
    if not bad:
        return _silent(portal, live)
    cause: Cause = bad[0].cause or ("stopped" if bad[0].outcome == "interrupted" else "unknown")
    nights = len({day_of(run) for run in bad})
    if nights < PATIENCE.get(cause, 1):
        return None
    return Alert(portal.name, bad[-1].id, bad[-1].started_at, nights, cause, bad[0].note)


def _silent(portal: Portal, live: Sequence[Run]) -> Alert | None:
    """Return the alert of a portal whose runs are good and bring nothing; none for one whose unit is no more."""
    heard = silence(live)
    if heard is None or not heard.is_telling or _is_abolished(portal, day_of(live[0])):
        return None
    last = next(run for run in live if run.outcome == "ok" and run.new)
    first = min((run for run in live if run.started_at > last.started_at), key=_age)
    nights = len({day_of(run) for run in live if run.started_at > last.started_at})
    return Alert(portal.name, first.id, first.started_at, nights, "silent", _silence_in_words(heard))


def _silence_in_words(heard: Silence) -> str:
    return f"no new article for {heard.days} days, never more than {heard.longest} before (Tết not counted)"


def _is_abolished(portal: Portal, day: date) -> bool:
    """Say whether every unit that published there has ended: silence is all that can be expected."""
    return bool(portal.units) and all(unit.until is not None and unit.until < day.isoformat() for unit in portal.units)


def _remarks(portal: Portal, live: Sequence[Run], today: date, alert: Alert | None) -> Iterator[str]:
    """Yield what is no failure and worth a look."""
    last = live[0]
    yield from last.warnings
    if alert is None and last.outcome == "failed":
        yield last.note
    away = (today - day_of(last)).days
    if away > MISSED_NIGHTS:
        yield f"not crawled for {away} days"
    heard = silence(live)
    if heard is not None and heard.is_telling and _is_abolished(portal, day_of(last)):
        yield f"{_silence_in_words(heard)}; its unit is no more"
    yield from _more_problems(live)


def _more_problems(live: Sequence[Run]) -> Iterator[str]:
    """Yield a remark when far more of what was answered became a problem than on the portal's other nights."""
    last, past = live[0], [run for run in customary(live[1:]) if run.requests]
    if len(past) < ENOUGH or last.requests < ENOUGH:
        return
    custom = median(run.problems / run.requests for run in past)
    if last.problems / last.requests > max(0.05, 2 * custom):
        yield f"{last.problems} problems in {last.requests} answers, {custom:.0%} on most nights"


def day_of(run: Run) -> date:
    """Return the day in Hà Nội on which a run began."""
    return datetime.fromisoformat(run.started_at).astimezone(HANOI).date()


def _age(run: Run) -> tuple[str, str]:
    return run.started_at, run.id
