"""A power cut loses nothing that was acknowledged (reliability.md F04), on a real ext4 that is stopped without a flush.

What this proves: bytes, names and SQLite commits that were acknowledged had been synced, as the kernel's ext4 understands
it. What it does not: a disk that loses its own cache although it was told to flush, and file systems that order less
than ext4 does.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from archive.captures import read_digests, sha256_of
from archive.index import open_engine
from archive.models import ArchiveError, DataDir, Query
from scraper.demo.sites import PORTALS_FILE, DemoSites
from tests.faults.conftest import MANY, PORTALS, RESTLESS, Crawled, complaints, content, lost, prepare
from tests.faults.disks import PowerCutDisk, need_root
from tests.faults.launch import Child, command, start, wait_for


def cut_crawl(folder: Path, port: int, crawled: Crawled, moment: float, bug: str = "") -> list[str]:
    """Cut the power so many seconds after a crawl has acknowledged something (a negative moment: after its start).

    Return what is lost or cannot be mended by the next commands.
    """
    disk = PowerCutDisk(folder)
    data = prepare(disk.folder / "data", port)
    settings = folder / "ansinh.toml"
    settings.write_bytes((data / "ansinh.toml").read_bytes())
    crawl = ansinh_beside(folder, data, "crawl", *PORTALS, "--json", bug=bug)
    if moment > 0:  # however busy the machine is, there is something to lose
        wait_for(lambda: crawl.process.exitcode is not None or crawl.lines())
    crawl.process.join(abs(moment))
    acknowledged = crawl.acknowledged()
    disk.cut_power()
    crawl.kill_after(0)
    disk.unmount()
    disk.mount()
    try:
        return list(_lost(data, acknowledged)) + list(_unmended(folder, data, crawled))
    finally:
        disk.unmount()


def ansinh_beside(folder: Path, data: Path, *arguments: str, bug: str = "") -> Child:
    """Run a command whose output is kept off the disk that loses its power."""
    return start(folder, command, str(data), *arguments, bug=bug, settings=RESTLESS)


def _lost(data: Path, acknowledged: list[str]) -> Iterator[str]:
    try:
        yield from lost(data, acknowledged)
    except ArchiveError as error:
        yield str(error)
    for folder in {path.parent for path in data.glob("captures/*/*/*")}:
        for name, digest in read_digests(folder).items():
            path = folder / name
            if path.exists() and sha256_of(path) != digest:
                yield f"{path} was sealed and is damaged"
    try:
        with closing(open_engine(DataDir(data))) as engine:
            engine.search(Query(hidden=True))
    except ArchiveError as error:
        yield str(error)


def _unmended(folder: Path, data: Path, crawled: Crawled) -> Iterator[str]:
    (data / "portals").mkdir(parents=True, exist_ok=True)  # what the operator typed a moment ago was not synced
    (data / "portals/demo.toml").write_bytes(PORTALS_FILE.read_bytes())
    (data / "ansinh.toml").write_bytes((folder / "ansinh.toml").read_bytes())
    again = ansinh_beside(folder, data, "crawl", *PORTALS, "--json")
    if again.end():
        yield f"the next crawl failed: {again.errors()}"
    yield from complaints(data)
    if content(data) != crawled.content:
        yield "the next crawl did not complete the archive"


@pytest.fixture
def power(tmp_path: Path) -> Path:
    need_root(tmp_path / "probe", "mkfs.ext4", "losetup")
    return tmp_path


def test_a_power_cut_loses_nothing_that_was_acknowledged(
    power: Path, sites: DemoSites, crawled: Crawled, times: Callable[[int, int], int]
) -> None:
    for cut in range(times(2, 50)):
        moment = random.Random(cut).uniform(-0.5, 1.2)
        assert cut_crawl(power / str(cut), sites.port, crawled, moment) == [], f"cut {cut}"


@pytest.mark.parametrize("bug", ["syncs_nothing", "syncs_no_database", "syncs_no_files"])
def test_control_the_power_cut_test_sees_what_was_not_synced(
    power: Path, sites: DemoSites, crawled: Crawled, bug: str
) -> None:
    cuts = (cut_crawl(power / str(cut), sites.port, crawled, 0.1 + cut % 6 / 5, bug) for cut in range(MANY))
    assert any(cuts)
