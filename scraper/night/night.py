"""One night: the portals that are due are crawled in processes under watch, and what needs a person is said at the end.

A process that hangs, leaks or dies takes those portals with it that were at work. They are divided and begun again until
one is alone with its fault: that one has failed for the night, and the evidence says so.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from archive.captures import RUN_URI, WarcWriter, now
from archive.health import HANOI, HISTORY, is_retired, portal_health
from archive.index import open_engine
from archive.ingest import WriteLock
from archive.models import ArchiveError, DataDir, Json, Portal
from archive.runs import Alert, Run
from archive.store import Store
from scraper.configuration import OperatorSettings
from scraper.night.supervision import Job, supervise

_ATTEMPTS = 3  # processes in a row that may die before any portal is at work


@dataclass(frozen=True, slots=True)
class Plan:
    """The portals of a night: those due in their order, and the names of those that are not, by the reason."""

    due: tuple[str, ...]
    fresh: tuple[str, ...]
    retired: tuple[str, ...]
    no_contact: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What a night did, and what of it needs a person first.

    `unheard` are portals whose turn left no trace at all; `behind` is how many changes of the database the index lacks,
    None when it cannot be opened.
    """

    alerts: tuple[Alert, ...]
    ok: int
    failed: int
    unheard: tuple[str, ...]
    not_due: int
    retired: int
    no_contact: tuple[str, ...]
    requests: int
    new: int
    changed: int
    problems: int
    behind: int | None
    seconds: float

    @property
    def needs_person(self) -> bool:
        """Whether anything does: an alert, a portal that never began, an index that lags, no contact and so no crawl."""
        crawled = self.ok or self.failed or self.not_due
        return bool(self.alerts or self.unheard or self.behind != 0 or (self.no_contact and not crawled))

    def as_json(self) -> Json:
        """Return the report as `ansinh nightly --json` prints it in its last line."""
        return {
            "needs_person": [
                {
                    "portal": alert.portal,
                    "since": alert.since,
                    "nights": alert.nights,
                    "cause": alert.cause,
                    "detail": alert.detail,
                }
                for alert in self.alerts
            ],
            "portals": {
                "ok": self.ok,
                "failed": self.failed,
                "unheard": len(self.unheard),
                "not_due": self.not_due,
                "retired": self.retired,
                "no_contact": len(self.no_contact),
            },
            "requests": self.requests,
            "new": self.new,
            "changed": self.changed,
            "problems": self.problems,
            "index_behind": self.behind,
            "seconds": round(self.seconds, 1),
        }


# --- the plan ------------------------------------------------------------------------------------------------


def plan(
    portals: Iterable[Portal], runs: Mapping[str, Sequence[Run]], settings: OperatorSettings, at: datetime
) -> Plan:
    """Return which portals are due at a time, the one crawled longest ago first; `runs` are each one's, latest first."""
    found: dict[str, list[str]] = {"due": [], "fresh": [], "retired": [], "no_contact": []}
    since = utc(at - timedelta(hours=settings.due_hours))
    for portal in portals:
        found[_standing(portal, runs[portal.name], settings, since, day(at))].append(portal.name)
    found["due"].sort(key=lambda name: (_last_begun(runs[name]), name))
    return Plan(**{standing: tuple(names) for standing, names in found.items()})


def _standing(portal: Portal, runs: Sequence[Run], settings: OperatorSettings, since: str, today: date) -> str:
    if is_retired(portal, today):
        return "retired"
    if not all(settings.may_ask(host.name) for host in portal.hosts):
        return "no_contact"
    return "fresh" if any(_is_done(run, since) for run in runs) else "due"


def _is_done(run: Run, since: str) -> bool:
    """Say whether a run is this night's: it came to a good end, or took its process with it."""
    return run.via == "live" and (run.finished_at or "") > since and (run.outcome == "ok" or run.cause == "hung")


def _last_begun(runs: Sequence[Run]) -> str:
    return max((run.started_at for run in runs if run.via == "live"), default="")


def utc(at: datetime) -> str:
    """Return a time as runs have it: UTC with seconds and Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day(at: datetime) -> date:
    """Return the day of a time in Hà Nội."""
    return at.astimezone(HANOI).date()


# --- the night -----------------------------------------------------------------------------------------------


def run_night(
    data: DataDir, portals: Sequence[Portal], settings: OperatorSettings, on_said: Callable[[Json], None]
) -> Report:
    """Crawl what is due and return the report; `on_said` is told each word of the crawling processes, and {"due": n}.

    Raise Busy when another process writes to the data directory, ArchiveError when nothing can be crawled at all.
    """
    began, clock = datetime.now(UTC), time.monotonic()
    with WriteLock(data) as lock:
        night = Night(data, settings, lock, on_said)
        night.work_off(())  # what an earlier night has left unread says what is due
        planned = plan(portals, _runs(data, portals), settings, began)
        on_said({"due": len(planned.due)})
        if planned.due:
            night.work_off(planned.due)
    return report(data, portals, planned, utc(began), time.monotonic() - clock)


def _runs(data: DataDir, portals: Iterable[Portal]) -> dict[str, tuple[Run, ...]]:
    """Return the latest runs of each portal."""
    with closing(Store(data.database, read_only=True)) as store:
        return {portal.name: store.runs(portal.name, HISTORY) for portal in portals}


@dataclass
class Night:
    """Works portals off in one process after the other, each under watch."""

    data: DataDir
    settings: OperatorSettings
    lock: WriteLock
    on_said: Callable[[Json], None]
    _wary: bool = False
    _idle: int = 0
    _suspects: set[str] = field(default_factory=set)
    _groups: deque[tuple[str, ...]] = field(default_factory=deque)

    def work_off(self, names: tuple[str, ...]) -> None:
        """Crawl the portals, and read what is left unread; raise ArchiveError when process after process dies at once."""
        self._groups.append(names)
        while self._groups:
            self._work_off_group(self._groups.popleft())

    def _work_off_group(self, group: tuple[str, ...]) -> None:
        """Crawl a group; when its process dies, put those in line again that have not ended."""
        outcome = supervise(self._job(group), self.settings.memory_mb, self.on_said)
        if not outcome.died:
            self._idle = 0
            return
        self._wary = True
        self._idle = 0 if outcome.begun else self._idle + 1
        if self._idle >= _ATTEMPTS:
            raise ArchiveError(
                f"{self.data.path}: {self._idle} processes in a row died before any portal was at work; "
                f"the last {outcome.died}; its log is above"
            )
        self._again(group, outcome.begun, outcome.at_work, outcome.died)

    def _again(self, group: tuple[str, ...], begun: list[str], at_work: list[str], died: str) -> None:
        """Line up what was not begun, and what was at work in halves; one that has failed alone is given up."""
        left = [name for name in group if name not in begun]
        if len(at_work) == 1 and at_work[0] in self._suspects:
            note_hung(self.data, at_work[0], f"while nothing but this portal was at work, its process {died}")
            self.on_said({"end": at_work[0], "complaint": died})
            at_work = []
        self._suspects.update(at_work)
        half = len(at_work) // 2
        parts = (tuple(left), tuple(at_work[:half]), tuple(at_work[half:]))
        self._groups.extend([part for part in parts if part] or [()])  # somebody reads what the dead one has left

    def _job(self, group: tuple[str, ...]) -> Job:
        return Job(
            data=str(self.data.path),
            portals=group,
            at_once=self.settings.portals_at_once,
            hang_seconds=self.settings.hang_seconds,
            lock=self.lock.fileno(),
            wary=self._wary,
        )


def note_hung(data: DataDir, portal: str, why: str) -> None:
    """Write into the evidence that a portal's crawl took its process with it: a run of its own that has failed."""
    run = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    writer = WarcWriter(data.captures, portal, run)
    end = {"finished_at": now(), "outcome": "failed", "cause": "hung", "note": why}
    writer.write_metadata(f"{RUN_URI}{run}", end)
    writer.seal()


# --- the report ----------------------------------------------------------------------------------------------


def report(data: DataDir, portals: Sequence[Portal], planned: Plan, since: str, seconds: float) -> Report:
    """Return what the runs since a time did, and which portals need a person now: the one waiting longest first."""
    runs = _runs(data, portals)
    tonight = [run for held in runs.values() for run in held if run.started_at >= since and run.via == "live"]
    outcomes = {name: _outcome(runs[name], since) for name in planned.due}
    counts = Counter(outcomes.values())
    return Report(
        alerts=_alerts(portals, runs),
        ok=counts["ok"],
        failed=counts["failed"] + counts["interrupted"],
        unheard=tuple(name for name, outcome in outcomes.items() if outcome == "none"),
        not_due=len(planned.fresh),
        retired=len(planned.retired),
        no_contact=planned.no_contact,
        requests=sum(run.requests for run in tonight),
        new=sum(run.new for run in tonight),
        changed=sum(run.changed for run in tonight),
        problems=sum(run.problems for run in tonight),
        behind=_behind(data),
        seconds=seconds,
    )


def _alerts(portals: Iterable[Portal], runs: Mapping[str, Sequence[Run]]) -> tuple[Alert, ...]:
    today = day(datetime.now(UTC))
    health = (portal_health(portal, runs[portal.name], today) for portal in portals)
    return tuple(sorted((one.alert for one in health if one.alert), key=lambda alert: (alert.since, alert.portal)))


def _outcome(runs: Sequence[Run], since: str) -> str:
    """Return how the latest run of a portal since a time ended; "none" without one."""
    latest = max((run for run in runs if run.via == "live" and run.started_at >= since), key=_age, default=None)
    return latest.outcome if latest else "none"


def _age(run: Run) -> tuple[str, str]:
    return run.started_at, run.id


def _behind(data: DataDir) -> int | None:
    with closing(Store(data.database, read_only=True)) as store:
        try:
            return store.seq() - open_engine(data).seq()
        except ArchiveError:
            return None
