"""Hostile portals, crawled as an operator crawls: each fault is named, none touches another portal or the archive (F18-F23)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pytest

from archive.captures import Record, read_warc
from archive.models import DataDir
from archive.store import Store
from scraper.catalogue import load_all
from scraper.extract import article_id
from tests.forked import run
from tests.hostile.crawl import Crawled, crawl
from tests.hostile.faults import CUTS
from tests.hostile.server import FULL, GOOD, ROBOTS, Hostile, listings

DEADLINE = 30 if FULL else 4  # seconds for one answer; 30 is what a crawl really waits
WITHIN = 300 if FULL else 200  # seconds for the whole run
MEGABYTES = 64

# What a fault must leave behind: an article, a problem that says why, or a request that failed with a name in the run's note.
ARTICLE = {
    "20,000 headers", "longer than its length", "gzip twice", "zstd", "an encoding nobody knows", "a charset nobody knows",
    "a false charset", "surrogates and controls",
}  # fmt: skip
PROBLEM = {
    "gzip breaks off": "truncated (disconnect)", "gzip without its sum": "truncated (disconnect)",
    "deflate breaks off": "truncated (disconnect)", "br breaks off": "truncated (disconnect)",
    "zstd breaks off": "truncated (disconnect)", "gzip bomb": "truncated (length)", "gzip bomb in gzip": "truncated (length)",
    "deflate bomb": "truncated (length)", "br bomb": "truncated (length)", "zstd bomb": "truncated (length)",
    "200,000 nested tags": "tags", "10,000 nested tags": "depth", "2 MB without spaces": "a word of",
    "2 MB of attributes": "deadline", "5 MB of text": "bytes of HTML",
}  # fmt: skip
FAILURE = {  # no response came: the note of the run counts these
    "reset", "closed without a word", "half a status line", "no status line", "length is a word", "negative length",
    "two lengths", "a header of 1 MB", "headers are garbage", "shorter than its length", "chunks are garbage",
    "chunks break off", "hang", "drip", "endless",
}  # fmt: skip
if FULL:
    FAILURE |= {f"length cut {n}" for n in CUTS}
    PROBLEM |= {f"gzip cut {n}": "truncated (disconnect)" for n in CUTS}
    PROBLEM |= dict.fromkeys(
        ("raw deflate bomb", "br bomb in gzip", "zstd bomb in br", "gzip bomb in zstd", "gzip bomb in gzip in gzip",
         "deflate bomb in br", "gzip bomb in chunks"), "truncated (length)"
    )  # fmt: skip
STATUS = {"status 999": 999}  # everything else is a captured redirect that leads nowhere
NOTED = ("DownloadFailedError", "DownloadTimeoutError", "Refused", "Truncated", "PageRefused", "DownloadCancelledError")


@dataclass(frozen=True)
class Night:
    """One crawl of everything hostile beside a harmless portal, and one of the harmless portal alone."""

    server: Hostile
    data: Path
    crawled: Crawled
    calm: Crawled

    def url(self, fault: str) -> str:
        return f"http://hostile.mophong.test/vi/news/tin-tuc/bai-so-{list(self.server.faults).index(fault) + 1}.html"

    @cached_property
    def kept(self) -> list[Record]:
        found = (record for path in self.data.glob("captures/hostile/*/*.gz") for record in read_warc(path))
        return [replace(record, body=b"") for record in found]

    def records(self, url: str) -> list[Record]:
        return [record for record in self.kept if record.url == url]


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    data, alone = tmp_path_factory.mktemp("hostile"), tmp_path_factory.mktemp("calm")
    with Hostile() as server:
        server.prepare(alone, "good", *ROBOTS)
        calm = crawl(alone, ["good", *ROBOTS], WITHIN, DEADLINE)
        names = ["hostile", "good", "refusing", *ROBOTS, *listings(server.port)]
        server.prepare(data, *names)
        server.requests.clear()
        yield Night(server, data, crawl(data, names, WITHIN, DEADLINE), calm)


@pytest.fixture(scope="module")
def store(night: Night) -> Iterator[Store]:
    store = Store(DataDir(night.data).database)
    yield store
    store.close()


def test_the_run_ends_in_time_and_in_order(night: Night) -> None:
    assert night.crawled.code == 1  # portals failed, and it says which
    assert "Traceback" not in night.crawled.said
    assert night.crawled.seconds < WITHIN
    assert len(night.server.faults) >= 25


def test_memory_stays_bounded(night: Night) -> None:
    assert night.crawled.peak - night.calm.peak <= MEGABYTES
    assert night.crawled.child <= 512  # of the process that reads costly pages


def test_every_fault_has_a_named_state(night: Night, store: Store) -> None:
    problems = {problem.url: problem.detail for problem in store.problems()}
    portal = load_all(DataDir(night.data)).get("hostile")
    wrong = []
    for fault in night.server.faults:
        url = night.url(fault)
        found = article_id(url, portal)
        is_article = found is not None and store.holds(found)
        statuses = {record.status for record in night.records(url) if record.type == "response"}
        expected = set() if fault in FAILURE else {STATUS.get(fault, 200 if fault in ARTICLE | set(PROBLEM) else 302)}
        said = problems.get(url, "")
        if is_article != (fault in ARTICLE) or PROBLEM.get(fault, "") not in said or bool(said) != (fault in PROBLEM):
            wrong.append((fault, is_article, said))
        if statuses != expected:
            wrong.append((fault, statuses))
    assert wrong == []
    assert ARTICLE | set(PROBLEM) | FAILURE <= set(night.server.faults)


def test_the_note_of_the_run_counts_what_failed(store: Store) -> None:
    run = store.last_run("hostile")
    assert run is not None
    assert [name for name in NOTED if name not in run.note] == []


def test_what_broke_off_is_asked_for_once_more_and_marked(night: Night) -> None:
    for fault, said in PROBLEM.items():
        if said == "truncated (disconnect)":
            kept = [record for record in night.records(night.url(fault)) if record.type in ("response", "revisit")]
            assert [record.truncated for record in kept] == ["disconnect", "disconnect"], fault


def test_nothing_is_asked_for_off_site_or_in_the_local_network(night: Night) -> None:
    asked = {host for host, path in night.server.requests if path != "/robots.txt"}
    assert asked <= {"hostile", "good", *ROBOTS, *listings(0)}
    assert not [path for _, path in night.server.requests if "secret" in path]
    assert not [host for host, _ in night.server.requests if host in ("noi-khac", "localhost", "127")]


def test_the_other_portals_yield_what_they_yield_alone(store: Store) -> None:
    assert store.count_articles("good") == GOOD
    run = store.last_run("good")
    assert run is not None
    assert (run.outcome, run.problems) == ("ok", 0)


@pytest.mark.parametrize(
    ("name", "note"),
    [("refusing", "unreachable"), ("robots-503", "unreachable"), ("robots-reset", "unreachable"), ("robots-429", "unreachable"),
     ("robots-gzip-cut", "unreachable"), ("robots-closed", "0 articles seen"), ("robots-huge", ""), ("robots-html", ""),
     ("robots-404", "")],
)  # fmt: skip
def test_robots_txt_is_obeyed_whatever_it_is(night: Night, store: Store, name: str, note: str) -> None:
    run = store.last_run(name)
    assert run is not None
    assert (run.outcome, store.count_articles(name)) == (("failed", 0) if note else ("ok", GOOD))
    assert note in run.note
    if note:
        assert {path for host, path in night.server.requests if host == name} <= {"/robots.txt"}


def test_the_archive_is_whole_afterwards_and_a_rebuild_gives_the_same(night: Night) -> None:
    def ansinh(*arguments: str) -> str:
        done = run("--data", str(night.data), *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    before = sorted(json.loads(line)["id"] for line in ansinh("export", "--format", "jsonl").splitlines())
    assert "everything agrees" in ansinh("check")
    ansinh("rebuild")
    after = sorted(json.loads(line)["id"] for line in ansinh("export", "--format", "jsonl").splitlines())
    assert before == after
    assert len(before) == len(ARTICLE) + 4 * GOOD


# --- controls: each test above fails when what it guards is missing ---------------------------------------------


def _planted(data: Path, bug: str, fault: str) -> tuple[Hostile, Crawled, int]:
    name = "robots-503" if "robots" in bug else "hostile"
    with Hostile() as server:
        server.faults = {fault: server.faults[fault]}
        server.prepare(data, name)
        crawled = crawl(data, [name], WITHIN, DEADLINE, bug)
    store = Store(DataDir(data).database)
    count = store.count_articles(name)
    store.close()
    return server, crawled, count


def test_control_half_a_stream_would_become_an_article(tmp_path: Path) -> None:
    assert _planted(tmp_path, "half a stream is a page", "gzip without its sum")[2] == 1


def test_control_without_a_scope_redirects_are_followed(tmp_path: Path) -> None:
    with Hostile() as server:
        targets = listings(server.port)
        server.prepare(tmp_path, *targets)
        crawl(tmp_path, list(targets), WITHIN, DEADLINE, "no scope")
    assert [path for _, path in server.requests].count("/secret") >= len(targets)


def test_control_without_caps_a_bomb_takes_memory(tmp_path: Path, night: Night) -> None:
    _, crawled, _ = _planted(tmp_path, "no caps", "br bomb")
    assert crawled.peak - night.calm.peak > 2 * MEGABYTES


def test_control_without_a_policy_robots_txt_does_not_matter(tmp_path: Path) -> None:
    assert _planted(tmp_path, "robots do not matter", "zstd")[2] == GOOD
