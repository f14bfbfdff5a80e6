"""Full, read-only and foreign disks, and too few files: a clear end, nothing torn, nothing lost (F06, F07, F09)."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from archive.captures import members
from archive.store import Store
from scraper.demo.sites import DemoSites
from tests.faults.conftest import PORTALS, RESTLESS, Crawled, complaints, content, lost, prepare
from tests.faults.disks import need_root, remount, small_disk
from tests.faults.launch import Child, command, start

ROOT = Path(__file__).parent.parent.parent
Times = Callable[[int, int], int]


def is_clear(child: Child, data: Path) -> list[str]:
    """Return what an operator would miss in the last words of a command that failed."""
    said = child.errors()
    wrong = ["a traceback"] if "Traceback" in said else []
    return wrong + ([] if str(data) in said else [f"no path in {said!r}"])


def fill_disk(folder: Path, kilobytes: int, port: int, crawled: Crawled, bug: str = "") -> list[str]:
    """Crawl onto a disk of that size, then onto a larger one; return what went wrong."""
    with small_disk(folder / "disk", f"{kilobytes}k") as disk:
        data = prepare(disk / "data", port)
        crawl = start(folder, command, str(data), "crawl", *PORTALS, "--json", bug=bug, settings=RESTLESS)
        code = crawl.end()
        wrong = is_clear(crawl, data) if code else []
        if not code and content(data) != crawled.content:
            wrong.append("exit 0 although not everything was kept")
        for sealed in data.rglob("*.warc.gz"):
            list(members(sealed))  # raises when one is torn
        remount(disk, "size=64m")
        wrong += lost(data, crawl.acknowledged())
        again = start(folder, command, str(data), "crawl", *PORTALS, "--json")
        if again.end():
            wrong.append(f"with space again: {again.errors()}")
        return wrong + complaints(data) + ([] if content(data) == crawled.content else ["not completed"])


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    need_root(tmp_path / "probe")
    return tmp_path


def kilobytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) // 1024


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> int:
    """What a new database takes on disk, in kB, before the first article."""
    folder = tmp_path_factory.mktemp("empty")
    with closing(Store(folder / "ansinh.db")):
        return kilobytes(folder)


def test_a_full_disk_ends_the_crawl_clearly_and_space_mends_it(
    disk: Path, sites: DemoSites, crawled: Crawled, empty: int, times: Times
) -> None:
    count, whole = times(2, 29), kilobytes(crawled.data)
    for size in (empty // 2, *(empty + n * (whole - empty) // count for n in range(count))):
        assert fill_disk(disk / str(size), size, sites.port, crawled) == [], f"{size} kB"


def test_control_the_full_disk_test_sees_errors_that_are_ignored(
    disk: Path, sites: DemoSites, crawled: Crawled, empty: int
) -> None:
    evidence = kilobytes(crawled.data / "captures")
    rooms = (empty + evidence * n // 16 for n in (4, 8, 12, 2, 6, 10, 14, 1, 3, 5, 7, 9, 11, 13, 15))
    assert any(fill_disk(disk / str(size), size, sites.port, crawled, "ignores_write_errors") for size in rooms)


@pytest.mark.parametrize(("settings", "code"), [("delay = 0.0", 1), ("delay = 0.0\nfree_mb = 5", 0)])
def test_too_little_free_space_is_refused_before_anything_is_written(
    disk: Path, sites: DemoSites, settings: str, code: int
) -> None:
    with small_disk(disk / "disk", "64m") as small:
        data = prepare(small / "data", sites.port, settings)
        crawl = start(disk, command, str(data), "crawl", PORTALS[0], "--json")
        assert crawl.end() == code  # the second row is the control: with the floor lowered the crawl begins
        assert ("MB are free and 200 are needed" in crawl.errors() and str(data) in crawl.errors()) == bool(code)
        assert (data / "captures").exists() != bool(code)


@pytest.mark.parametrize("arguments", [("crawl", PORTALS[0]), ("index",), ("rebuild",)])
@pytest.mark.parametrize("bug", ["", "names_no_path"])
def test_a_read_only_disk_is_named(disk: Path, sites: DemoSites, arguments: tuple[str, ...], bug: str) -> None:
    with small_disk(disk / "disk", "64m") as small:
        data = prepare(small / "data", sites.port)
        remount(small, "ro")
        failed = start(disk, command, str(data), *arguments, bug=bug)
        assert failed.end() == 1
        remount(small, "rw")
    assert (is_clear(failed, data) == []) == (bug == "")


def test_a_directory_of_another_user_is_named(tmp_path: Path, sites: DemoSites) -> None:
    data = prepare(tmp_path / "data", sites.port)
    powerless = []
    if os.geteuid() == 0:
        os.chown(data, 65534, 65534)
        powerless = ["setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner"]
    data.chmod(0o555)
    command_line = [*powerless, sys.executable, "-m", "archive", "--data", str(data), "crawl", PORTALS[0]]
    done = subprocess.run(command_line, cwd=ROOT, capture_output=True, text=True, check=False)
    data.chmod(0o755)
    assert done.returncode == 1
    assert str(data) in done.stderr
    assert "Traceback" not in done.stderr


def crawl_with_files(data: str, limit: int, *arguments: str) -> None:
    """Be ansinh with so many open files and no more."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    command(data, *arguments)


@pytest.mark.parametrize(("limit", "bug"), [(64, ""), (26, "opens_files_until_none_is_left")])
def test_too_few_open_files_are_refused_before_anything_is_written(
    tmp_path: Path, sites: DemoSites, limit: int, bug: str
) -> None:
    data = prepare(tmp_path / "data", sites.port)
    crawl = start(tmp_path, crawl_with_files, str(data), limit, "crawl", *PORTALS, "--json", bug=bug)
    assert crawl.end() == 1
    assert (is_clear(crawl, data) == []) == (bug == "")  # without the check, the control: imports fail, with tracebacks
    assert lost(data, crawl.acknowledged()) == []
