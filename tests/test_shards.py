"""Several machines crawl and one ingests: shards, crawlers that only write evidence, and its import."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from archive.captures import MANIFEST, Exchange, WarcWriter
from archive.cli import main
from archive.crawled import recognise
from archive.models import DataDir
from archive.store import Store
from scraper.catalogue import load_all
from scraper.commands.sharding import Shard
from scraper.demo.sites import DemoSites
from tests.faults.conftest import RESTLESS, complaints, content, prepare
from tests.faults.launch import Child, ansinh, wait_for
from tests.gate import Gated
from tests.pages import article_page

PORTALS = ("demo-soc-son", "demo-cau-giay", "demo-chau-thanh", "demo-nho-quan", "demo-nghi-loc", "demo-duc-trong")
COUNT = 4  # the first of which has none of these portals


def of_shard(i: int, n: int = COUNT) -> list[str]:
    return [name for name in PORTALS if name in Shard(i, n)]


def beyond_robots_txt(_: str, number: int) -> bool:
    """Say whether a request comes after a host's first, so that whoever crawls it lives while the gate is shut."""
    return number > 1


def write_only(data: Path, i: int, *options: str) -> Child:
    """Start the crawler of a shard."""
    shard = ("--shard", f"{i}/{COUNT}", "--write-only", "--json")
    return ansinh(data, "crawl", *PORTALS, *shard, *options, settings=RESTLESS)


def run(data: Path, *arguments: str) -> str:
    """Run a command to its good end and return what it printed."""
    done = ansinh(data, *arguments)
    assert done.end() == 0, done.errors()
    return done.out.read_text()


def export(data: Path) -> str:
    return run(data, "export", "--format", "jsonl")


def runs(data: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(data / "ansinh.db")) as db:
        return list(db.execute("SELECT * FROM runs ORDER BY portal, id"))


def files(data: Path) -> dict[str, bytes]:
    """Return the sealed evidence files by their path below captures/."""
    folder = data / "captures"
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.glob("*/*/*.warc.gz")}


def sealed(child: Child) -> list[str]:
    """Return the files that a write-only crawler acknowledged."""
    said = [json.loads(line) for line in child.lines() if line.endswith("\n")]
    return [line["file"] for line in said if "file" in line]


# --- shards --------------------------------------------------------------------------------------------------


def test_every_portal_is_in_exactly_one_shard(tmp_path: Path) -> None:
    names = [portal.name for portal in load_all(DataDir(tmp_path)).portals] + [f"huyen-{n}" for n in range(500)]
    for n in (1, 2, 3, 4, 16):
        shares = [[name for name in names if name in Shard(i, n)] for i in range(1, n + 1)]
        assert sorted(name for share in shares for name in share) == sorted(names)
        assert max(map(len, shares)) < 2 * len(names) / n


def test_a_portal_is_in_the_same_shard_on_every_machine_and_in_every_release() -> None:
    assert [next(i for i in range(1, 5) if name in Shard(i, 4)) for name in PORTALS] == SHARDS_OF_FOUR


SHARDS_OF_FOUR = [4, 2, 3, 4, 2, 2]


@pytest.mark.parametrize("shard", ["0/4", "5/4", "4", "1/0", "a/b", "-1/4", "1/4/2", "", "1/٤"])
def test_a_shard_that_is_none_is_refused_in_words(tmp_path: Path, shard: str) -> None:
    done = CliRunner().invoke(main, ["--data", str(tmp_path), "crawl", "--all", "--shard", shard])
    assert done.exit_code == 2
    assert "is no shard; write 1/4, 2/4, 3/4 or 4/4" in done.output


def test_a_shard_without_a_portal_is_no_failure(tmp_path: Path) -> None:
    empty = next(i for i in range(1, 1000) if not of_shard(i, 1000))
    prepare(tmp_path / "data", 9)
    for mode in ([], ["--write-only"]):
        assert run(tmp_path / "data", "crawl", *PORTALS, "--shard", f"{empty}/1000", *mode)


# --- three crawlers and one ingester -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Machines:
    """Four machines that crawled, one of which was killed meanwhile, and the one that imported what they wrote."""

    crawlers: Sequence[Path]
    ingester: Path
    acknowledged: Sequence[str]
    requests: int


@pytest.fixture(scope="module")
def sites() -> Iterator[DemoSites]:
    with DemoSites() as running:
        yield running


@pytest.fixture(scope="module")
def machines(sites: DemoSites, tmp_path_factory: pytest.TempPathFactory) -> Machines:
    folder = tmp_path_factory.mktemp("machines")
    crawlers = [prepare(folder / f"m{i}" / "data", sites.port) for i in range(1, COUNT + 1)]
    victim = max(range(COUNT), key=lambda i: len(of_shard(i + 1)))
    settings, begun = crawlers[victim] / "ansinh.toml", len(sites.requests)
    fast = settings.read_text()
    with Gated(lambda _, number: number > 4) as held, held.shut():  # it is killed in the midst of its portals
        settings.write_text(fast.replace(str(sites.port), str(held.port)).replace("delay = 0.0", "delay = 0.2"))
        running = [write_only(data, i) for i, data in enumerate(crawlers, start=1)]
        wait_for(lambda: len(held.waiting) == len(of_shard(victim + 1)))
        running[victim].kill_after_first_line(0)
    assert running[victim].process.exitcode == -9
    settings.write_text(fast)
    running.append(write_only(crawlers[victim], victim + 1))
    for number, child in enumerate(running):
        assert number == victim or child.end() == 0, child.errors()
    requests = len(sites.requests) - begun
    ingester = prepare(folder / "ingester" / "data", sites.port)
    run(ingester, "import", *(str(data / "captures") for data in crawlers))
    return Machines(crawlers, ingester, [name for child in running for name in sealed(child)], requests)


def test_what_a_crawler_acknowledged_is_sealed_and_nothing_but_evidence_was_written(machines: Machines) -> None:
    held = {f"captures/{name}" for data in machines.crawlers for name in files(data)}
    assert machines.acknowledged
    assert set(machines.acknowledged) <= held
    for data in machines.crawlers:
        assert {path.name for path in data.iterdir()} - {"captures"} == {"ansinh.toml", "portals"}


def test_every_crawler_kept_to_its_shard(machines: Machines) -> None:
    for i, data in enumerate(machines.crawlers, start=1):
        assert sorted({name.partition("/")[0] for name in files(data)}) == sorted(of_shard(i))


def test_the_import_keeps_the_files_byte_for_byte_under_their_names(machines: Machines) -> None:
    written = {name: body for data in machines.crawlers for name, body in files(data).items()}
    assert files(machines.ingester) == written
    assert not (machines.ingester / "captures/imported").exists()
    assert complaints(machines.ingester) == []


def test_the_archive_says_what_a_single_crawl_says(machines: Machines, sites: DemoSites, tmp_path: Path) -> None:
    alone = prepare(tmp_path / "data", sites.port)
    run(alone, "crawl", *PORTALS)
    assert content(machines.ingester) == content(alone)
    ended = [row for row in runs(machines.ingester) if "interrupted" not in row]
    assert len(ended) == len(PORTALS)


def test_the_archive_is_the_same_as_if_one_machine_had_written_everything(machines: Machines, tmp_path: Path) -> None:
    one = prepare(tmp_path / "data", 9)
    for data in machines.crawlers:
        shutil.copytree(data / "captures", one / "captures", dirs_exist_ok=True)
    run(one, "rebuild")
    assert export(machines.ingester) == export(one)
    assert runs(machines.ingester) == runs(one)


def test_importing_again_or_in_another_order_or_file_by_file_makes_no_difference(
    machines: Machines, tmp_path: Path
) -> None:
    before, counted = export(machines.ingester), runs(machines.ingester)
    run(machines.ingester, "import", *(str(data / "captures") for data in machines.crawlers))
    assert (export(machines.ingester), runs(machines.ingester)) == (before, counted)
    other = prepare(tmp_path / "data", 9)
    for data in machines.crawlers[:0:-1]:  # the first had none
        run(other, "import", *sorted((str(path) for path in data.rglob("*.warc.gz")), reverse=True))
    assert (export(other), runs(other)) == (before, counted)


def test_an_import_that_was_killed_is_completed_by_the_next(machines: Machines, tmp_path: Path) -> None:
    folders = [str(data / "captures") for data in machines.crawlers]
    for number in range(2):
        data = prepare(tmp_path / str(number) / "data", 9)
        killed = ansinh(data, "import", "--json", *folders, settings={"archive.ingest.ingester.BATCH": 3})
        killed.kill_after_first_line(0.3 * number)
        run(data, "import", *folders)
        assert export(data) == export(machines.ingester)
        assert [row[:7] for row in runs(data)] == [row[:7] for row in runs(machines.ingester)]


def test_a_second_night_with_a_copy_of_the_database_asks_for_little(
    machines: Machines, sites: DemoSites, tmp_path: Path
) -> None:
    ingester = tmp_path / "ingester" / "data"
    shutil.copytree(machines.ingester, ingester)
    start = len(sites.requests)
    crawlers = [tmp_path / f"m{i}" / "data" for i in range(1, COUNT + 1)]
    for i, (first, data) in enumerate(zip(machines.crawlers, crawlers, strict=True), start=1):
        shutil.copytree(first, data)
        with closing(sqlite3.connect(ingester / "ansinh.db")) as db:
            db.execute("VACUUM INTO ?", (str(data / "ansinh.db"),))
        copy = (data / "ansinh.db").read_bytes()
        done = write_only(data, i)
        assert done.end() == 0, done.errors()
        assert (data / "ansinh.db").read_bytes() == copy
        assert {path.name for path in data.iterdir()} - {"captures"} == {"ansinh.toml", "portals", "ansinh.db"}
    assert len(sites.requests) - start < 0.5 * machines.requests
    assert 304 in {seen.status for seen in sites.requests[start:]}
    before = content(ingester)
    run(ingester, "import", *(str(data / "captures") for data in crawlers))
    assert content(ingester) == before
    assert len(runs(ingester)) == len(runs(machines.ingester)) + len(PORTALS)
    assert complaints(ingester) == []


# --- one data directory for all ------------------------------------------------------------------------------


def test_crawlers_of_other_shards_may_share_a_data_directory_and_the_same_shard_is_refused(
    machines: Machines, tmp_path: Path
) -> None:
    with Gated(beyond_robots_txt) as sites:
        data = prepare(tmp_path / "data", sites.port)
        with sites.shut():
            running = [write_only(data, i) for i in range(1, COUNT + 1)]
            wait_for(lambda: len(sites.waiting) == len(PORTALS))
            again, named = write_only(data, 2), ansinh(data, "crawl", of_shard(3)[0], "--write-only")
            assert (again.end(), named.end()) == (75, 75)
            assert "another crawler or import is at" in again.errors()
        assert [child.end() for child in running] == [0] * COUNT
    run(data, "import", str(data / "captures"))
    assert content(data) == content(machines.ingester)
    assert complaints(data) == []


@pytest.mark.parametrize("bug", ["", "takes_no_lock"])
def test_an_ingest_leaves_what_a_living_crawler_writes_alone(tmp_path: Path, bug: str) -> None:
    with Gated(beyond_robots_txt) as sites:
        data = prepare(tmp_path / "data", sites.port)
        with sites.shut():
            crawler = ansinh(data, "crawl", *PORTALS[:2], "--write-only")
            wait_for(lambda: len(sites.waiting) == 2)
            assert len(list(data.rglob("*.open"))) == 2
            imported = ansinh(data, "import", str(data / "captures"), bug=bug)
            imported.end()
            assert ("left alone" in imported.errors()) == (not bug)
        assert (crawler.end() == 0) == (not bug)
    if not bug:
        run(data, "import", str(data / "captures"))
        assert complaints(data) == []


# --- files that are not what they seem -----------------------------------------------------------------------


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """One file of a crawler of ours, in its folder."""
    writer = WarcWriter(tmp_path / "there/captures", "demo-nghi-loc", "20261122T010203000004Z")
    url = "http://demo-nghi-loc.mophong.test/vi/news/tin/bai-1.html"
    writer.write(Exchange(url, 200, [], [("Content-Type", "text/html")], article_page()))
    path = writer.seal()
    assert path is not None
    return path


def refused(data: Path, path: Path) -> str:
    done = ansinh(data, "import", str(path))
    assert done.end() == 1
    return done.errors()


def test_our_own_files_are_recognised_by_name_and_first_record(written: Path, tmp_path: Path) -> None:
    found = recognise(written)
    assert found is not None
    assert (found.portal, found.month) == ("demo-nghi-loc", written.parent.name)
    for other in (
        "bai.warc.gz",
        "demo-cau-giay-20261122T010203000004Z-0001.warc.gz",
        "demo-nghi-loc-20261122T010203000005Z-0001.warc.gz",
    ):
        assert recognise(Path(shutil.copy(written, tmp_path / other))) is None
    foreign = tmp_path / "warcio" / written.name
    foreign.parent.mkdir()
    foreign.write_bytes(b"no WARC at all")
    assert recognise(foreign) is None


def test_a_file_with_a_held_name_and_other_bytes_is_refused(written: Path, tmp_path: Path) -> None:
    data = prepare(tmp_path / "data", 9)
    run(data, "import", str(written))
    before = files(data)
    with written.open("ab") as file:
        file.write(written.read_bytes())
    (written.parent / MANIFEST).unlink()
    assert "has the same name and other bytes" in refused(data, written)
    assert files(data) == before


def test_a_file_that_differs_from_its_manifest_or_is_cut_is_not_kept(written: Path, tmp_path: Path) -> None:
    data = prepare(tmp_path / "data", 9)
    written.write_bytes(written.read_bytes()[:-5])
    assert "is not what its crawler wrote" in refused(data, written)
    (written.parent / MANIFEST).unlink()
    assert "copy it again" in refused(data, written)
    assert files(data) == {}


def test_a_portal_that_this_machine_does_not_know_is_named_before_anything_is_kept(
    written: Path, tmp_path: Path
) -> None:
    assert "no portal is called 'demo-nghi-loc'" in refused(tmp_path / "data", written)
    assert files(tmp_path / "data") == {}


def test_a_file_that_has_no_name_yet_is_left_alone_and_named(written: Path, tmp_path: Path) -> None:
    data = prepare(tmp_path / "data", 9)
    draft = written.with_name(written.name.replace("0001", "0002") + ".open")
    draft.write_bytes(written.read_bytes()[:1000])
    done = ansinh(data, "import", str(tmp_path / "there"))
    assert done.end() == 0
    assert f"{draft}: left alone" in done.errors()
    assert draft.exists()
    assert len(files(data)) == 1


def test_a_forced_portal_makes_it_a_foreign_file(written: Path, tmp_path: Path) -> None:
    data = prepare(tmp_path / "data", 9)
    run(data, "import", str(written), "--portal", "demo-cau-giay")
    with closing(Store(data / "ansinh.db", read_only=True)) as store:
        assert {(capture.portal, capture.via) for capture in store.captures()} == {("demo-cau-giay", "warc")}
