"""Two at once, backups while writing, signals, poor environments, and the same archive at every rebuild (F15, F17, F36, F38)."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import pytest

from archive.export import export
from archive.ingest import Busy, WriteLock
from archive.models import ArchiveError, DataDir
from archive.store import Store
from scraper.demo.sites import DemoSites
from tests.faults import loops
from tests.faults.conftest import PORTALS, Crawled, complaints, content, held, lost, prepare
from tests.faults.fleet import NOT_FOUND, Fleet
from tests.faults.launch import Child, ansinh, start, wait_for
from tests.gate import Gated

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 120.0  # seconds for what takes one or two on a machine that does nothing else
SEEN = 8  # requests to each portal before a crawl is kept waiting
Times = Callable[[int, int], int]

# --- one writer (F15) ----------------------------------------------------------------------------------------


def patient(data: Path, *arguments: str, bug: str = "") -> Child:
    """Start a command that waits for an answer longer than a test does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANSINH_DATA", str(data))  # where Scrapy's settings look for portals when they are imported
        return ansinh(data, *arguments, bug=bug, settings={"scraper.settings.DOWNLOAD_TIMEOUT": 2 * PATIENCE})


def start_ten(data: Path, bug: str = "") -> list[str]:
    """Start ten crawls at once; return what is not as it should be: one runs, the others say so while it does.

    The portal keeps who runs waiting until the nine others have ended, or several are seen to run.
    """
    with Fleet(("cham",), 3) as fleet:
        released = Event()
        fleet.misbehave = lambda name, path: None if released.wait(PATIENCE) else NOT_FOUND
        fleet.prepare(data)
        crawls = [patient(data, "crawl", "cham", "--json", bug=bug) for _ in range(10)]
        wait_for(lambda: len(fleet.requests) > 1 or sum(one.process.exitcode is None for one in crawls) <= 1)
        early = [one.process.exitcode for one in crawls if one.process.exitcode is not None]
        released.set()
        codes = sorted(one.end() for one in crawls)
    wrong = [] if early == [75] * 9 else [f"while one ran, these ended: {early}"]
    return wrong if codes == [0] + [75] * 9 else [*wrong, f"exit codes {codes}"]


def test_of_ten_crawls_at_once_one_runs_and_the_others_say_so(tmp_path: Path, times: Times) -> None:
    for attempt in range(times(2, 20)):
        data = tmp_path / str(attempt) / "data"
        assert start_ten(data) == [], f"attempt {attempt}"
        assert complaints(data) == []


def test_control_without_the_lock_several_run(tmp_path: Path) -> None:
    assert start_ten(tmp_path / "data", "takes_no_lock")


@pytest.mark.parametrize("bug", ["", "hands_its_lock_down"])
def test_a_child_that_outlives_the_writer_does_not_keep_the_lock(tmp_path: Path, bug: str) -> None:
    writer = start(tmp_path, loops.hold_lock_and_wait, str(tmp_path / "data"), bug=bug)
    wait_for(writer.lines)
    child = int(writer.lines()[0])
    try:
        with pytest.raises(Busy):
            WriteLock(DataDir(tmp_path / "data"))
        writer.kill_after(0)
        os.kill(child, 0)  # it lives
        if bug:
            with pytest.raises(Busy):
                WriteLock(DataDir(tmp_path / "data"))
        else:
            WriteLock(DataDir(tmp_path / "data")).__exit__(None, None, None)
    finally:
        os.kill(child, signal.SIGKILL)


# --- backups (F17) -------------------------------------------------------------------------------------------


def vacuum(source: Path, target: Path) -> None:
    """Back a database up as SQLite does it."""
    with closing(sqlite3.connect(source)) as db:
        db.execute("VACUUM INTO ?", (str(target),))


def copy(source: Path, target: Path) -> None:
    """Back a database up as it must not be done."""
    shutil.copyfile(source, target)


def bad_backups(folder: Path, back_up: Callable[[Path, Path], None], count: int) -> list[str]:
    """Back up while another process writes; return what is wrong with the backups."""
    data, wrong = DataDir(folder / "data"), []
    writer = None
    for number in range(count):
        if writer is None or not writer.process.is_alive():
            writer = start(folder, loops.save_articles, str(data.path), number * 1000, 0)
            wait_for(writer.lines)
        acknowledged = {line.strip() for line in writer.lines() if line.endswith("\n")}
        backup = DataDir(folder / f"backup{number}")
        backup.path.mkdir()
        back_up(data.database, backup.database)
        try:
            wrong += restored(backup, acknowledged)
        except ArchiveError as error:
            wrong.append(str(error))
    if writer is not None:
        writer.kill_after(0)
    return wrong


def restored(backup: DataDir, acknowledged: set[str]) -> list[str]:
    """Use a backup as the database; return what is missing or damaged in it."""
    with closing(Store(backup.database, read_only=True)) as store:
        read = {store.get_entry(name).article.id for name in store.article_ids()}
        return [*store.damaged(), *lost(backup.path, acknowledged), *(acknowledged - read)]


def test_a_backup_taken_while_writing_is_whole(tmp_path: Path, times: Times) -> None:
    assert bad_backups(tmp_path, vacuum, times(8, 100)) == []


def test_control_a_file_copied_while_writing_is_not(tmp_path: Path) -> None:
    assert bad_backups(tmp_path, copy, 8)


# --- environment and signals (F36) ---------------------------------------------------------------------------


@pytest.mark.parametrize("environment", [{"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"LANG": ""}])
def test_a_crawl_needs_neither_locale_nor_home_nor_a_friendly_umask(
    tmp_path: Path, sites: DemoSites, crawled: Crawled, environment: dict[str, str]
) -> None:
    data = prepare(tmp_path / "data", sites.port)
    for arguments in (["crawl", *PORTALS], ["search", "nghèo"], ["export", "--format", "jsonl"], ["check"]):
        done = subprocess.run(
            [sys.executable, "-m", "archive", "--data", str(data), *arguments],
            cwd=ROOT, env=environment, umask=0o077, capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()
    assert content(data) == crawled.content  # what a poor locale would change, this comparison, the control, shows


@pytest.fixture(scope="module")
def gated() -> Iterator[Gated]:
    with Gated(lambda _, number: number > SEEN) as sites:
        yield sites


def send(child: Child, number: signal.Signals, data: Path) -> None:
    """Send a signal to a crawl as soon as there is something of each portal to lose."""
    wait_for(lambda: len(list(data.rglob("*.open"))) == len(PORTALS))
    assert child.process.pid is not None
    os.kill(child.process.pid, number)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_closes_the_evidence_cleanly(
    tmp_path: Path, gated: Gated, crawled: Crawled, number: signal.Signals
) -> None:
    data = prepare(tmp_path / "data", gated.port)
    with gated.shut():
        crawl = ansinh(data, "crawl", *PORTALS, "--json")
        send(crawl, number, data)
    crawl.end()
    assert not list(data.rglob("*.open"))
    assert complaints(data) == []
    assert lost(data, crawl.acknowledged()) == []
    assert "stopped by a signal; what it captured is kept" in crawl.errors()
    assert len(held(data)) < len(crawled.content)  # the portals would have answered: it has not gone on


def test_control_a_hangup_that_is_not_handled_leaves_the_evidence_open(tmp_path: Path, gated: Gated) -> None:
    data = prepare(tmp_path / "data", gated.port)
    with gated.shut():
        crawl = ansinh(data, "crawl", *PORTALS, "--json", bug="ignores_signals")
        send(crawl, signal.SIGHUP, data)
        crawl.end()
    assert list(data.rglob("*.open"))


class Hanging(BaseHTTPRequestHandler):
    """Answers for robots.txt, and never again."""

    asked: Event
    released: Event

    def do_GET(self) -> None:
        if self.path.endswith("/robots.txt"):
            self.send_error(404)
        else:
            self.asked.set()
            self.released.wait(2 * PATIENCE)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hanging() -> Iterator[int]:
    Hanging.asked, Hanging.released = Event(), Event()
    with ThreadingHTTPServer(("127.0.0.1", 0), Hanging) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        Hanging.released.set()
        server.shutdown()


@pytest.mark.parametrize("bug", ["", "ignores_signals"])
def test_evidence_is_sealed_at_once_although_a_server_hangs(tmp_path: Path, hanging: int, bug: str) -> None:
    data = prepare(tmp_path / "data", hanging)
    crawl = patient(data, "crawl", PORTALS[0], bug=bug)
    assert Hanging.asked.wait(PATIENCE)
    assert list(data.rglob("*.open"))
    assert crawl.process.pid is not None
    os.kill(crawl.process.pid, signal.SIGTERM)
    end = time.monotonic() + (3 if bug else PATIENCE)  # the server would hang for longer
    while list(data.rglob("*.open")) and time.monotonic() < end:
        time.sleep(0.02)
    assert bool(list(data.rglob("*.open"))) == bool(bug)
    crawl.kill_after(0)


# --- the same archive (F38) ----------------------------------------------------------------------------------


def everything(data: Path) -> list[str]:
    with closing(Store(DataDir(data).database, read_only=True)) as store:
        return list(export((store.get_entry(name) for name in store.article_ids()), "jsonl"))


@pytest.mark.parametrize("bug", ["", "dates_by_chance"])
def test_every_rebuild_gives_the_same_archive(tmp_path: Path, crawled: Crawled, bug: str) -> None:
    data = tmp_path / "data"
    shutil.copytree(crawled.data, data)
    exports = [everything(data)] if not bug else []
    for loss in ("nothing", "database", "index"):
        if loss == "database":
            for path in data.glob("ansinh.db*"):
                path.unlink()
        shutil.rmtree(data / "index", ignore_errors=loss != "index")
        rebuilt = ansinh(data, "rebuild", bug=bug)
        assert rebuilt.end() == 0, rebuilt.errors()
        exports.append(everything(data))
        assert complaints(data) == []
    assert len(held(data)) == len(crawled.content)
    assert all(one == exports[0] for one in exports) == (bug == "")
