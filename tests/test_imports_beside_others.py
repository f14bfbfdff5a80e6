"""An import from a web archive has the lock for moments: what crawls, nights, rebuilds and other imports do meanwhile."""

from __future__ import annotations

import fcntl
import os
import signal
from collections.abc import Iterator
from contextlib import closing
from email.message import Message
from pathlib import Path
from threading import Semaphore, Thread
from typing import BinaryIO

import pytest

from archive.captures import MANIFEST, SealedFile, finish, note_digest, read_digests
from archive.ingest import Busy, Ingester, MomentaryLock, Tally, WriteLock
from archive.models import DataDir
from archive.store import Store
from scraper.catalogue import load_all
from scraper.extract import Extraction
from tests.archives import Kept, WaybackServer, run
from tests.faults.launch import Child, ansinh, wait_for
from tests.loopback import Said
from tests.site import HOST, Site
from tests.test_crawl import rows
from tests.test_wayback import content, held, page

PART = 3  # captures a part
COUNT = 10  # captures: three parts, and one that is a part alone
PATIENCE = 600.0  # longer than a busy machine needs for whatever a test does while the archive keeps silent
RESTLESS = {
    "archive.archived.PART_RECORDS": PART,
    "scraper.commands.ingesting._LOOK_SECONDS": 0.05,
    "scraper.importers.client._TIMEOUTS": (10.0, PATIENCE),
    "scraper.importers.client._DEADLINE": PATIENCE,
}


class Slow(WaybackServer):
    """An archive that gives one capture for each `let`, and meanwhile lets who asks for more wait."""

    def __init__(self) -> None:
        super().__init__([page(n, f"201501010000{n:02}", f"Năm nay có {n} hộ nghèo.") for n in range(1, COUNT + 1)])
        self._gate = Semaphore(0)
        self.slow = "/web/"  # with what the paths begin that are not answered at once

    def answer(self, path: str, headers: Message) -> Said:
        if path.startswith(self.slow):
            self._gate.acquire(timeout=PATIENCE)
        return super().answer(path, headers)

    def let(self, captures: int = 1000) -> None:
        """Give so many captures more, and return when the next is asked for, if it is not the last."""
        given = len(self.replays)
        self._gate.release(captures)
        if captures <= COUNT:
            wait_for(lambda: len(self.replays) >= given + captures + (not given))


class Place:
    """A data directory with a portal and an archive that has older captures of it."""

    def __init__(self, data: Path, archive: Slow, site: Site) -> None:
        self.data, self.here, self.archive = data, DataDir(data), archive
        site.prepare(data)
        with (data / "ansinh.toml").open("a") as settings:
            settings.write(f'wayback = "{archive.base}"\nfree_mb = 0\n')

    def start(self) -> Child:
        """Begin an import, and return when its first capture is on its way."""
        child = self.ansinh("import", "--wayback", HOST, "--json")
        wait_for(lambda: self.archive.replays or child.process.exitcode is not None)
        return child

    def ansinh(self, *arguments: str) -> Child:
        return ansinh(self.data, *arguments, settings=RESTLESS)

    def end(self, child: Child, code: int = 0) -> dict[str, int]:
        """Wait for the end of a command and return its last line, if that is JSON."""
        assert child.end() == code, child.errors()
        last = child.lines()[-1:]
        return rows(last[0])[0] if last and last[0].startswith("{") else {}  # type: ignore[return-value]

    def parts(self) -> list[str]:
        """Return the names of the sealed parts."""
        return sorted(path.name for path in self.data.glob("captures/imported/wayback-*.warc.gz"))

    def drafts(self) -> list[Path]:
        return list(self.data.glob("captures/imported/*.open"))

    def ingested(self) -> int:
        """Return how many parts are."""
        with closing(Store(self.here.database, read_only=True)) as store:
            return sum(store.has_warc(f"captures/imported/{name}") for name in self.parts())

    def has_everything(self) -> bool:
        """Say whether all of the archive is held, and evidence, database and index agree."""
        wanted = {(one.url, one.moment.strftime("%Y-%m-%dT%H:%M:%SZ"), "wayback", 200) for one in self.archive.captures}
        return wanted <= held(self.data) and "everything agrees" in run(self.data, "check").stdout


@pytest.fixture
def site() -> Iterator[Site]:
    with Site(2) as running:
        yield running


@pytest.fixture
def place(tmp_path: Path, site: Site) -> Iterator[Place]:
    with Slow() as archive:
        yield Place(tmp_path / "data", archive, site)
        archive.let()


@pytest.mark.parametrize("command", [("crawl", "doi-thay", "--json"), ("nightly", "--json")])
def test_a_portal_is_crawled_while_an_import_waits_for_its_archive(place: Place, command: tuple[str, ...]) -> None:
    importing = place.start()
    place.archive.let(PART + 1)
    (draft,) = place.drafts()
    assert draft.name not in run(place.data, "check", check=False).stdout
    said = place.end(place.ansinh(*command))
    assert (said["new"], said["changed"]) == (0, 2)  # its two pages are other than they were
    assert place.drafts() == [draft]  # its process lives
    place.archive.let()
    said = place.end(importing)
    assert (said["requests"], said["new"] + said["changed"]) == (COUNT, COUNT)
    assert place.has_everything()
    assert {via for _, _, via, _ in held(place.data)} == {"live", "wayback"}
    assert len(place.archive.replays) == COUNT
    place.end(place.ansinh("import", "--wayback", HOST, "--json"))
    assert len(place.archive.replays) == COUNT


def test_a_second_import_of_the_host_is_refused_at_once(place: Place) -> None:
    importing = place.start()
    second = place.ansinh("import", "--wayback", f"www.{HOST}")
    assert second.end() == 75
    assert f"another crawler or import is at wayback:{HOST}" in second.errors()
    place.end(place.ansinh("import", "--commoncrawl", "other.mophong.test"), 1)  # no such archive here, but not refused
    place.archive.let()
    place.end(importing)
    assert len(place.archive.replays) == COUNT
    assert place.has_everything()


def test_a_rebuild_during_an_import_harms_nothing(place: Place) -> None:
    importing = place.start()
    place.archive.let(PART + 1)
    place.end(place.ansinh("rebuild"))
    assert len(place.drafts()) == 1
    place.archive.let(PART)
    place.end(place.ansinh("rebuild"))
    place.archive.let()
    assert place.end(importing)["requests"] == COUNT
    assert place.has_everything()
    assert len(place.archive.replays) == COUNT
    before = content(place.data)
    place.end(place.ansinh("rebuild"))
    assert content(place.data) == before


def test_a_rebuild_while_the_archive_says_what_it_has_harms_nothing(place: Place) -> None:
    place.archive.slow = "nothing"
    place.end(place.ansinh("import", "--wayback", HOST))
    place.archive.slow, before = "/cdx/", len(place.archive.paths)
    importing = place.ansinh("import", "--wayback", HOST, "--json")
    wait_for(lambda: len(place.archive.paths) > before)
    place.end(place.ansinh("rebuild"))
    place.archive.let()
    assert place.end(importing)["requests"] == 0
    assert len(place.archive.replays) == COUNT
    assert place.has_everything()


def test_what_is_sealed_while_another_writes_is_ingested_as_soon_as_it_has_ended(place: Place) -> None:
    importing = place.start()
    with WriteLock(place.here):
        place.archive.let(2 * PART + 1)
        assert (len(place.parts()), place.ingested()) == (2, 0)
    place.archive.let(1)
    assert place.ingested() == 2
    place.archive.let()
    assert place.end(importing)["requests"] == COUNT
    assert "waiting" not in importing.errors()
    assert place.has_everything()


def test_at_the_end_an_import_waits_for_the_other_process_and_goes_on(place: Place) -> None:
    importing = place.start()
    with WriteLock(place.here):
        place.archive.let()
        wait_for(lambda: "waiting for its end" in importing.errors())
    assert place.end(importing)["requests"] == COUNT
    assert [line.split(": ")[0] for line in importing.errors().splitlines()].count("ansinh") == 2
    assert "the other process has ended; going on" in importing.errors()
    assert place.has_everything()


def test_a_part_that_the_other_process_has_ingested_is_counted_once(place: Place) -> None:
    importing, others = place.start(), Tally()
    with WriteLock(place.here), closing(Store(place.here.database)) as store:
        place.archive.let(PART + 1)
        ingester = Ingester(place.here, store, Extraction(load_all(place.here)))
        ids = {change.id for change in ingester.catch_up(others)}
        assert len(place.drafts()) == 1
    place.archive.let()
    said = place.end(importing)
    assert (others.requests, said["requests"]) == (PART, COUNT - PART)
    assert (others.new, said["new"]) == (PART, COUNT - PART)
    assert not ids & set(importing.acknowledged())
    assert place.has_everything()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_import_that_is_stopped_while_it_waits_loses_nothing(place: Place, number: int) -> None:
    importing = place.start()
    with WriteLock(place.here):
        place.archive.let()
        wait_for(lambda: "waiting for its end" in importing.errors())
        os.kill(importing.process.pid or 0, number)
        place.end(importing, 130)
    assert place.ingested() == 0
    place.end(place.ansinh("import", "--wayback", HOST, "--json"))
    assert len(place.archive.replays) == COUNT
    assert place.has_everything()


@pytest.mark.parametrize("between", [(), ("import", "{nothing}"), ("rebuild",)])
def test_an_import_killed_between_sealing_and_ingesting_goes_on(place: Place, between: tuple[str, ...]) -> None:
    importing = place.start()
    with WriteLock(place.here):
        place.archive.let(2 * PART + 1)
        importing.kill_after(0)
    assert (len(place.parts()), place.ingested(), len(place.drafts())) == (2, 0, 1)
    if between:
        place.end(place.ansinh(*(word.format(nothing=place.data / "portals") for word in between)))
        assert (place.ingested(), place.drafts()) == (3, [])
    place.archive.let()
    place.end(place.ansinh("import", "--wayback", HOST, "--json"))
    assert len(place.archive.replays) == COUNT + 1  # the one that was on its way when the process died
    assert place.has_everything()


def test_an_import_beside_another_writer_does_not_begin(place: Place) -> None:
    with WriteLock(place.here):
        assert place.ansinh("import", "--wayback", HOST).end() == 75
    assert place.archive.paths == []


# --- moments -----------------------------------------------------------------------------------------------------


def test_who_finds_the_lock_taken_for_a_moment_waits_for_it(data: DataDir) -> None:
    taken = list[WriteLock]()
    with MomentaryLock(data):
        waiting = Thread(target=lambda: taken.append(WriteLock(data)))
        waiting.start()
        waiting.join(0.3)
        assert not taken
    waiting.join(30)
    with taken[0], pytest.raises(Busy):
        MomentaryLock(data)


def test_a_moment_that_a_kill_has_ended_leaves_nothing_to_wait_for(data: DataDir) -> None:
    with MomentaryLock(data):
        pass
    assert data.lock.read_bytes()
    with WriteLock(data), pytest.raises(Busy):
        WriteLock(data)


def test_a_draft_cannot_be_found_before_it_is_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = fcntl.flock
    target = tmp_path / "a.warc.gz"
    found = list[Path]()

    def look_first(file: BinaryIO, operation: int) -> None:
        found.extend(tmp_path.glob("*.open"))
        honest(file, operation)

    monkeypatch.setattr("archive.captures.sealed.fcntl.flock", look_first)
    with SealedFile(target) as sealed:
        assert found == []
        monkeypatch.undo()
        assert finish(sealed.draft) is None
        sealed.file.write(Kept("http://a.test/", "20150101000000", b"x").member())
    assert target.exists()


def test_a_digest_that_another_process_is_writing_is_not_taken_for_torn(tmp_path: Path) -> None:
    line = f"{'0' * 64}  a.warc.gz\n".encode()
    noting = Thread(target=note_digest, args=(tmp_path / "b.warc.gz", "1" * 64))
    with (tmp_path / MANIFEST).open("ab", buffering=0) as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        other.write(line[:50])
        noting.start()
        noting.join(0.3)
        other.write(line[50:])
    noting.join(30)
    assert read_digests(tmp_path) == {"a.warc.gz": "0" * 64, "b.warc.gz": "1" * 64}
