"""A crawling process that hangs, leaks, raises or is killed takes no other portal with it (reliability.md F27)."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from archive.ingest import WriteLock
from archive.models import ArchiveError, DataDir, Json
from archive.runs import Run
from archive.store import Store
from bench.many_sites import Crowd, Served, serving
from scraper import catalogue
from scraper.configuration import read_settings
from scraper.night import supervision
from scraper.night.night import Report, run_night
from scraper.night.supervision import Job, Outcome, supervise
from tests.test_crawl import ansinh

FULL = os.environ.get("ANSINH_FAULTS") == "full"
ARTICLES = 6
BAD = {"tinh-001": "raise_error", "tinh-003": "leak", "tinh-004": "deadlock"}

# --- one process, and what it says ---------------------------------------------------------------------------


def watched(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str, listen: Callable[[Json], None] = lambda _: None
) -> Outcome:
    """Supervise a process that is nothing but this script."""
    monkeypatch.setattr(supervision, "COMMAND", (sys.executable, "-c", f"import json, os, time\n{script}"))
    monkeypatch.setattr(supervision, "_LATE", 0.5)
    with WriteLock(DataDir(tmp_path)) as lock:
        return supervise(Job(str(tmp_path), (), 1, 1, lock.fileno()), 500, listen)


SAY = "def say(**said): print(json.dumps(said), flush=True)\n"


@pytest.mark.parametrize(
    ("script", "died"),
    [
        ("say(patience=30); say(done=True)", ""),
        ("say(patience=1); time.sleep(60)", "gave no sign of life for 1 s"),
        ("say(patience=30); os.kill(os.getpid(), 11)", "was ended by SIGSEGV"),
        ("say(patience=30); os._exit(3)", "ended by itself with exit code 3"),
        ("say(patience=30)", "ended by itself with exit code 0"),
        ("say(patience=30); held = b'x' * 700_000_000; time.sleep(60)", "MB of memory, more than memory_mb = 500"),
    ],
)
def test_a_process_is_ended_and_the_reason_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str, died: str
) -> None:
    outcome = watched(monkeypatch, tmp_path, SAY + script)
    assert died in outcome.died
    assert bool(outcome.died) == bool(died)


def test_a_process_that_never_says_a_word_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(supervision, "START", 0.5)
    assert "no sign of life" in watched(monkeypatch, tmp_path, "time.sleep(60)").died


def test_a_process_that_ends_itself_was_silent_however_late_its_promise_is_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    script = """
    import faulthandler
    until = time.monotonic() + 1
    faulthandler.dump_traceback_later(1, exit=True)
    say(busy=True)
    say(patience=1, until=until)
    time.sleep(60)"""
    outcome = watched(monkeypatch, tmp_path, SAY + dedent(script), lambda said: time.sleep(3 if "busy" in said else 0))
    assert "gave no sign of life for 1 s" in outcome.died


def test_the_portals_at_work_are_those_begun_and_not_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script = "[say(begin=n) for n in 'abc']; say(end='b', complaint=''); os._exit(1)"
    outcome = watched(monkeypatch, tmp_path, SAY + "say(patience=9)\n" + script)
    assert outcome.at_work == ["a", "c"]


def test_what_the_operator_must_mend_ends_the_night_in_the_processs_own_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(ArchiveError, match="the disk is full"):
        watched(monkeypatch, tmp_path, SAY + "say(error='the disk is full'); os._exit(1)")


def test_a_lock_that_was_inherited_outlives_who_took_it(tmp_path: Path) -> None:
    with WriteLock(DataDir(tmp_path)) as lock:
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=(lock.fileno(),))
    with pytest.raises(ArchiveError, match="another ansinh process"):
        WriteLock(DataDir(tmp_path))
    child.communicate(b"\n")
    with WriteLock(DataDir(tmp_path)):
        pass


# --- a night with bad portals among good ones ----------------------------------------------------------------


@pytest.fixture(scope="module")
def crowd() -> Crowd:
    return Crowd(30 if FULL else 6, ARTICLES)


def night(
    data: DataDir,
    crowd: Crowd,
    served: Served,
    faults: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    listen: Callable[[Json], None] = lambda _: None,
) -> tuple[Report, list[Json]]:
    """Run one night of the crowd with these faults planted."""
    settings = "hang_seconds = 60\nmemory_mb = 500\nportals_at_once = 6"
    if not data.path.exists():
        crowd.prepare(data.path, served.port, settings)
    planted = tuple(f"{name}={fault}" for name, fault in faults.items())
    monkeypatch.setattr(supervision, "COMMAND", (sys.executable, "-m", "tests.bad_worker", "silence=2", *planted))
    portals = [portal for portal in catalogue.load_all(data).portals if portal.name in crowd.names]
    said: list[Json] = []

    def hear(line: Json) -> None:
        said.append(line)
        listen(line)

    return run_night(data, portals, read_settings(data), hear), said


def yields(data: DataDir, crowd: Crowd) -> dict[str, int]:
    with closing(Store(data.database, read_only=True)) as store:
        return {name: store.count_articles(name) for name in crowd.names}


def last_runs(data: DataDir, crowd: Crowd) -> dict[str, Run | None]:
    with closing(Store(data.database, read_only=True)) as store:
        return {name: store.last_run(name) for name in crowd.names}


@pytest.fixture(scope="module")
def bad_night(crowd: Crowd, tmp_path_factory: pytest.TempPathFactory) -> Any:
    data = DataDir(tmp_path_factory.mktemp("bad") / "data")
    with pytest.MonkeyPatch.context() as patch, serving(crowd) as served:
        report, said = night(data, crowd, served, BAD, patch)
        yield data, report, said


def test_of_many_portals_three_go_bad_and_the_others_yield_in_full(bad_night: Any, crowd: Crowd) -> None:
    data, report, _ = bad_night
    held = yields(data, crowd)
    assert {name: count for name, count in held.items() if name not in BAD and count != ARTICLES} == {}
    assert (report.ok, report.failed, report.unheard) == (len(crowd.names) - len(BAD), len(BAD), ())


def test_each_bad_portal_has_its_named_state_and_needs_a_person(bad_night: Any, crowd: Crowd) -> None:
    data, report, _ = bad_night
    runs = last_runs(data, crowd)
    causes = {name: run.cause for name, run in runs.items() if run is not None and run.outcome == "failed"}
    assert causes == {"tinh-001": "code", "tinh-003": "hung", "tinh-004": "hung"}
    assert {alert.portal for alert in report.alerts} == set(BAD)
    notes = {alert.portal: alert.detail for alert in report.alerts}
    assert "memory_mb = 500" in notes["tinh-003"]
    assert "no sign of life" in notes["tinh-004"]


def test_what_was_captured_before_the_fault_is_kept(bad_night: Any) -> None:
    data, _, _ = bad_night
    with closing(Store(data.database, read_only=True)) as store:
        assert all(any(store.captures(name)) for name in BAD)


def test_a_portal_that_took_its_process_with_it_is_not_tried_again_that_night(
    bad_night: Any, crowd: Crowd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, _, said = bad_night
    assert sum("begin" in line and line["begin"] == "tinh-000" for line in said) <= 3
    data = DataDir(tmp_path / "data")  # what the next start makes good is bad to the other tests
    shutil.copytree(whole.path, data.path)
    portals = [portal for portal in catalogue.load_all(data).portals if portal.name in crowd.names]
    again: list[Json] = []
    monkeypatch.setattr(supervision, "COMMAND", (sys.executable, "-m", "tests.bad_worker"))
    run_night(data, portals, read_settings(data), again.append)
    assert {line["begin"] for line in again if "begin" in line} == {"tinh-001"}


def test_a_rebuild_knows_the_bad_night_too(bad_night: Any, crowd: Crowd) -> None:
    data, _, _ = bad_night
    before = last_runs(data, crowd)
    ansinh(data.path, "rebuild")
    assert last_runs(data, crowd) == before


def test_a_regular_expression_without_end_is_ended_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    crowd, data = Crowd(2, 2), DataDir(tmp_path / "data")
    with serving(crowd) as served:
        report, _ = night(data, crowd, served, {"tinh-001": "backtrack"}, monkeypatch)
    assert (report.ok, report.failed) == (1, 1)
    assert "backtrack" in capfd.readouterr().err  # where it hung


def test_a_portal_whose_process_is_killed_again_and_again_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd, data = Crowd(2, 2), DataDir(tmp_path / "data")
    with serving(crowd) as served:
        report, _ = night(data, crowd, served, {"tinh-000": "be_killed"}, monkeypatch)
    assert (report.ok, report.failed) == (1, 1)
    assert ["SIGKILL" in alert.detail for alert in report.alerts] == [True]


class Enough(Exception):
    """The night has shown what it was to show."""


def kill_workers() -> None:
    """SIGKILL the crawling process; one that has ended meanwhile need not be killed."""
    for listed in Path(f"/proc/{os.getpid()}/task").glob("*/children"):
        for pid in map(int, listed.read_text().split()):
            if b"tests.bad_worker" in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, signal.SIGKILL)


def lost_at_a_kill(
    data: DataDir, monkeypatch: pytest.MonkeyPatch, faults: dict[str, str], acknowledged: int
) -> set[str]:
    """Kill the crawling process when it has acknowledged so many articles; return which of them are not committed."""
    told: set[str] = set()

    def listen(said: Json) -> None:
        told.update([said["change"]["id"]] if "change" in said else ())
        if len(told) >= acknowledged:
            kill_workers()
            raise Enough

    crowd = Crowd(1, 12)
    with serving(crowd) as served, pytest.raises(Enough):
        night(data, crowd, served, faults, monkeypatch, listen)
    with closing(Store(data.database, read_only=True)) as store:
        return told - set(store.article_ids())


def test_what_a_night_acknowledges_is_committed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert lost_at_a_kill(DataDir(tmp_path / "data"), monkeypatch, {}, 5) == set()


def test_control_the_test_sees_what_is_acknowledged_too_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert lost_at_a_kill(DataDir(tmp_path / "data"), monkeypatch, {"bug": "commits_late"}, 5) != set()


def test_control_without_supervision_one_deadlock_stops_them_all(tmp_path: Path) -> None:
    crowd, data = Crowd(2, 2), DataDir(tmp_path / "data")
    with serving(crowd) as served, WriteLock(DataDir(tmp_path)) as lock:
        crowd.prepare(data.path, served.port, "")
        job = f'{{"data": "{data.path}", "portals": ["tinh-000", "tinh-001"], "at_once": 1, "hang_seconds": 3600, "lock": {lock.fileno()}}}\n'
        worker = subprocess.Popen(
            [sys.executable, "-m", "tests.bad_worker", "tinh-000=deadlock"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=(lock.fileno(),), text=True,
        )  # fmt: skip
        assert worker.stdin is not None
        assert worker.stdout is not None
        worker.stdin.write(job)
        worker.stdin.flush()
        for line in worker.stdout:
            if '"begin"' in line:
                break
        time.sleep(5)  # another portal would begin within a second
        alive = worker.poll() is None
        worker.kill()
        rest = worker.communicate()[0]
    assert alive
    assert "begin" not in rest


def test_a_process_to_which_nobody_listens_any_more_ends_without_a_word(tmp_path: Path) -> None:
    data = DataDir(tmp_path / "data")
    with WriteLock(data) as lock:
        job = f'{{"data": "{data.path}", "portals": [], "at_once": 1, "hang_seconds": 60, "lock": {lock.fileno()}}}\n'
        worker = subprocess.Popen(
            [sys.executable, "-m", "scraper.commands.worker"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, pass_fds=(lock.fileno(),), text=True,
        )  # fmt: skip
        assert worker.stdin is not None
        assert worker.stdout is not None
        assert worker.stderr is not None
        worker.stdout.close()
        worker.stdin.write(job)
        worker.stdin.flush()  # and stays open, so that nothing else ends it
        assert worker.wait(120) == 70
        assert worker.stderr.read() == ""
        worker.stdin.close()
        worker.stderr.close()
