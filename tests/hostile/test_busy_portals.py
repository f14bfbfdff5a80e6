"""Portals that say 429 and 503 are left in peace, and what was published of them stays (F21)."""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from scraper.waiting import retry_after
from tests.faults.conftest import FULL, complaints, content
from tests.faults.fleet import Fleet, refusal
from tests.faults.launch import Child, ansinh
from tests.hostile.faults import Send
from tests.loopback import path_of

ARTICLES = 40 if FULL else 4
PATIENT = 12 if FULL else 4  # seconds that a server asks for
NIGHTS = 3


def crawl(data: Path, *names: str, bug: str = "", settings: dict[str, object] | None = None) -> Child:
    done = ansinh(data, "crawl", *names, "--json", bug=bug, settings=settings)
    done.end(280)
    return done


def gaps(fleet: Fleet, name: str) -> list[float]:
    """Return the seconds between each two requests to a portal."""
    times = [seen.at for seen in fleet.requests if seen.name == name]
    return [later - earlier for earlier, later in pairwise(times)]


def once(path: str, send: Send) -> Callable[[str, str], Send | None]:
    """Answer a path otherwise the first time."""
    left = [send]
    return lambda name, asked: left.pop() if asked == path and left and name.startswith("busy") else None


def shortest_gap(data: Path, bug: str = "") -> float:
    """Crawl three portals and return the least seconds between two requests to one of them."""
    names = ("calm-1", "calm-2", "calm-3")
    with Fleet(names, ARTICLES) as fleet:
        done = crawl(fleet.prepare(data, "free_mb = 0"), *names, bug=bug)
        shortest = min(gap for name in names for gap in gaps(fleet, name))
        asked = [len(fleet.paths(name)) for name in names]
    assert done.process.exitcode == 0, done.errors()
    assert min(asked) > ARTICLES
    return shortest


def test_no_host_is_asked_more_than_once_a_second(tmp_path: Path) -> None:
    # The clock is read in another process: where that hardly gets a processor, a request seems late and the next too early.
    assert any(shortest_gap(tmp_path / str(n) / "data") > 0.95 for n in range(6))  # of 1.0


def test_control_a_crawl_that_hurries_is_seen(tmp_path: Path) -> None:
    assert shortest_gap(tmp_path / "data", "hurries") < 0.95


def longest_gaps(data: Path, refused: Send, bug: str) -> tuple[float, float]:
    """Crawl a portal that refuses once and one that does not; return the longest silence towards each."""
    with Fleet(("busy", "calm"), ARTICLES) as fleet:
        fleet.misbehave = once(path_of(2), refused)
        done = crawl(fleet.prepare(data), "busy", "calm", bug=bug)
        found = max(gaps(fleet, "busy")), max(gaps(fleet, "calm"))
    assert done.process.exitcode == 0, done.errors()
    assert len(content(data)) == 2 * ARTICLES
    return found


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
@pytest.mark.parametrize("bug", ["", "asks_again_at_once"])
def test_a_host_that_asks_for_patience_rests_and_is_then_crawled_to_the_end(
    tmp_path: Path, status: str, bug: str
) -> None:
    # A machine that stands still for so long makes everybody wait, and makes nobody come too early.
    tries = (longest_gaps(tmp_path / str(n) / "data", refusal(status, str(PATIENT)), bug) for n in range(5))
    moving = ((longest, calm) for longest, calm in tries if calm < PATIENT and (longest < PATIENT or not bug))
    longest, calm = next(moving, (0.0, float(PATIENT)))
    assert (longest > PATIENT - 0.1) == (bug == "")
    assert calm < PATIENT - 0.1  # nobody else waits


def test_who_asks_for_too_much_patience_is_left_for_tonight_and_crawled_the_next(tmp_path: Path) -> None:
    with Fleet(("busy", "calm"), ARTICLES) as fleet:
        data = fleet.prepare(tmp_path / "data", "delay = 0.2\nfree_mb = 0")
        fleet.misbehave = once(path_of(2), refusal("429 Too Many Requests", "3600"))
        first = crawl(data, "busy", "calm")
        asked = fleet.paths("busy")
        fleet.requests.clear()
        second = crawl(data, "busy", "calm")
    assert asked[-1] == path_of(2)
    assert first.process.exitcode == 1
    assert (
        "busy: blocked: the server asks for patience (HTTP 429, Retry-After 3600 s); left for tonight" in first.errors()
    )
    assert "calm" not in first.errors()
    assert second.process.exitcode == 0, second.errors()
    assert len(content(data)) == 2 * ARTICLES


def test_a_portal_that_is_out_of_service_for_three_nights_keeps_what_is_published(tmp_path: Path) -> None:
    with Fleet(("busy", "calm"), ARTICLES) as fleet:
        data = fleet.prepare(tmp_path / "data")
        assert crawl(data, "busy", "calm").process.exitcode == 0
        before = content(data)
        down = refusal("503 Service Unavailable")
        fleet.misbehave = lambda name, path: down if name == "busy" and path != "/robots.txt" else None
        for _ in range(NIGHTS):
            fleet.requests.clear()
            night = ansinh(data, "crawl", "busy", "calm", "--recheck", "all")
            assert night.end() == 1
            assert "busy: server-error:" in night.errors()
            assert len(fleet.paths("busy")) <= 3 * (ARTICLES + 2)  # with the sitemap
        export = ansinh(data, "export", "--format", "jsonl")
        found = ansinh(data, "search", "bài số 2 busy", "--all", "--json")
        assert (export.end(), found.end()) == (0, 0)
    assert content(data) == before
    assert {json.loads(line)["status"] for line in export.lines()} <= {"live", "unknown"}
    assert json.loads(found.lines()[0])["total"] >= 1
    assert complaints(data) == []


def test_a_portal_that_never_gets_well_is_not_asked_forever(tmp_path: Path) -> None:
    with Fleet(("busy",), 60) as fleet:
        data = fleet.prepare(tmp_path / "data")
        assert crawl(data, "busy").process.exitcode == 0
        fleet.requests.clear()
        fleet.misbehave = lambda name, path: refusal("503 Service Unavailable") if path != "/robots.txt" else None
        night = ansinh(data, "crawl", "busy", "--recheck", "all")
        assert night.end() == 1
        assert (
            len(fleet.paths("busy")) <= 40
        )  # of 61 three times each; without a delay some more are under way than the 20
    assert "server-error: the server asks for patience (HTTP 503, 20 times in a row)" in night.errors()


@pytest.fixture
def flapping() -> Iterator[Fleet]:
    asked, down = Counter[str](), refusal("503 Service Unavailable")

    def misbehave(name: str, path: str) -> Send | None:
        """Toss a coin for each time that a path is asked for, the same one whatever else is asked for before."""
        asked[path] += name == "busy"
        is_down = random.Random(f"{path} {asked[path]}").random() < 0.5
        return down if name == "busy" and path != "/robots.txt" and is_down else None

    with Fleet(("busy", "calm"), 3 * ARTICLES) as fleet:
        fleet.misbehave = misbehave
        yield fleet


def test_a_portal_that_answers_every_second_time_is_collected_within_some_nights(
    flapping: Fleet, tmp_path: Path
) -> None:
    data, published = flapping.prepare(tmp_path / "data"), frozenset[str]()
    for _ in range(10 if FULL else NIGHTS):
        crawl(data, "busy", "calm")
        held = content(data)
        assert published <= held  # nothing is ever taken back
        published = held
    per_portal = defaultdict[str, int](int)
    for said in published:
        per_portal["busy" if "busy.mophong" in said else "calm"] += 1
    assert per_portal == {"busy": 3 * ARTICLES, "calm": 3 * ARTICLES}
    assert complaints(data) == []


PRESENT = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("120", 120.0), ("0", 0.0), ("Sun, 22 Nov 2026 07:01:00 GMT", 60.0), ("Sun, 22 Nov 2026 06:00:00 GMT", 0.0),
     ("", None), ("soon", None), ("-5", None), ("1e9", None), ("٣", None), ("9" * 400, 999999999.0)],
)  # fmt: skip
def test_retry_after_is_a_number_or_a_date(said: str, seconds: float | None) -> None:
    assert retry_after(said, PRESENT) == seconds
