"""Portals without an end: calendars, session ids, growing paths. A run ends, whatever they offer, and others go on (F26)."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from archive.models import DataDir
from archive.store import Store
from tests.faults.conftest import FULL, complaints, content
from tests.faults.fleet import NOT_FOUND, PER_PAGE, Fleet, page
from tests.faults.launch import ansinh
from tests.hostile.faults import Send, answer, raw
from tests.loopback import listing_page, path_of

MOST = 1500 if FULL else 60  # pages of a portal in one night
SLACK = 40  # requests that are under way when a run ends, robots.txt and the sitemap
WITHIN = 280
GOOD = 12
FIRST = 100_000  # a number that `generic`, too, takes for an article's
_serial = count(1)

Answer = Callable[[str], Send]


def calendar(path: str) -> Send:
    """Every month leads to the next, and each has articles of its own."""
    if found := re.fullmatch(r"/vi/news/tin-tuc/bai-so-(\d+)\.html", path):
        return raw(answer(page("lich", int(found[1]))))
    number = int(path.split("page-")[1].strip("/")) if "page-" in path else 1
    links = "".join(link(path_of(n)) for n in range(FIRST + number * PER_PAGE, FIRST + (number + 1) * PER_PAGE))
    return raw(answer(listing_page(links, step(f"/vi/news/tin-tuc/page-{number + 1}/"))))


def sessions(path: str) -> Send:
    """Twelve articles, but no address is ever shown twice."""
    if found := re.search(r"bai-so-(\d+)\.html", path):
        return raw(answer(page("phien", int(found[1]))))
    links = "".join(link(f"{path_of(n)}{session()}") for n in range(FIRST + 1, FIRST + GOOD + 1))
    pager = "".join(step(f"/vi/news/tin-tuc/page-{n}/{session()}") for n in range(2, 8))
    return raw(answer(listing_page(links, pager)))


def growing(path: str) -> Send:
    """Every address leads to a longer one, below which all articles are to be had again."""
    if found := re.search(r"bai-so-(\d+)\.html", path):
        return raw(answer(page("dai", int(found[1]))))
    here = path.partition("?")[0].rstrip("/")
    links = "".join(link(f"{here}/bai-so-{n}.html") for n in range(FIRST + 1, FIRST + GOOD + 1))
    return raw(answer(listing_page(links, step(f"{here}/tin-tuc/"))))


def mirrored(path: str) -> Send:
    """As the growing one, but each level invents articles, too."""
    if found := re.search(r"bai-so-(\d+)\.html", path):
        return raw(answer(page("guong", int(found[1]))))
    here = path.partition("?")[0].rstrip("/")
    first = FIRST + here.count("/") * PER_PAGE
    links = "".join(link(f"{here}/bai-so-{n}.html") for n in range(first, first + PER_PAGE))
    return raw(answer(listing_page(links, step(f"{here}/tin-tuc/"))))


def link(address: str) -> str:
    return f'<h3><a href="{address}">Huyện giảm nghèo, bài {address[-30:]}</a></h3>'


def step(address: str) -> str:
    return f'<li><a href="{address}">Trang sau</a></li>'


def session() -> str:
    return f"?sid={next(_serial):032x}"


TRAPS: dict[str, Answer] = {
    **{f"trap-{trap.__name__}": trap for trap in (calendar, sessions, growing, mirrored)},
    **{f"generic-{trap.__name__}": trap for trap in (calendar, sessions, growing, mirrored)},
}


def trapped(name: str, path: str) -> Send | None:
    if name not in TRAPS or path == "/robots.txt":
        return None
    return TRAPS[name](path) if path.startswith("/vi/") else NOT_FOUND


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> tuple[Fleet, Path, float]:
    """A fleet of traps and one good portal after a crawl of all, and the seconds that it took."""
    data = tmp_path_factory.mktemp("traps") / "data"
    with Fleet((*TRAPS, "good"), GOOD) as fleet:
        fleet.misbehave = trapped
        fleet.prepare(data, f"delay = 0.0\nfree_mb = 0\nnight_pages = {MOST}")
        start = time.monotonic()
        crawl = ansinh(data, "crawl", *fleet.names)
        crawl.end(WITHIN)
        assert "Traceback" not in crawl.errors()
        return fleet, data, time.monotonic() - start


@pytest.mark.parametrize("name", TRAPS)
def test_a_trap_is_asked_for_a_bounded_number_of_pages(night: tuple[Fleet, Path, float], name: str) -> None:
    paths = night[0].paths(name)
    assert len(paths) <= MOST + SLACK
    assert max(map(len, paths)) <= 2083


@pytest.mark.parametrize("name", ["trap-sessions", "generic-sessions", "trap-growing", "generic-growing"])
def test_an_article_at_ever_new_addresses_is_one_article_and_asked_for_once(
    night: tuple[Fleet, Path, float], name: str
) -> None:
    fleet, data, _ = night
    with closing(Store(DataDir(data).database, read_only=True)) as store:
        assert store.count_articles(name) == GOOD
    assert sum(".html" in path for path in fleet.paths(name)) == GOOD
    assert len(fleet.paths(name)) < 3 * GOOD


def test_the_night_says_where_it_ended_and_the_others_yield_all(night: tuple[Fleet, Path, float]) -> None:
    _, data, seconds = night
    assert seconds < WITHIN
    with closing(Store(DataDir(data).database, read_only=True)) as store:
        good, calendar_run = store.last_run("good"), store.last_run("trap-calendar")
        assert store.count_articles("good") == GOOD
    assert good is not None
    assert (good.outcome, good.new) == ("ok", GOOD)
    assert calendar_run is not None
    assert (calendar_run.outcome, calendar_run.cause) == ("failed", "stopped")
    assert "night_pages" in calendar_run.note
    assert complaints(data) == []


def test_control_without_caps_a_calendar_does_not_end(tmp_path: Path) -> None:
    with Fleet(("trap-calendar",), 1) as fleet:
        fleet.misbehave = trapped
        data = fleet.prepare(tmp_path / "data", "delay = 0.0\nfree_mb = 0\nnight_pages = 20")
        crawl = ansinh(data, "crawl", *fleet.names, bug="knows_no_end")
        end = time.monotonic() + WITHIN
        while len(fleet.paths("trap-calendar")) <= 20 + 2 * SLACK:
            assert crawl.process.exitcode is None, "it ended"
            assert time.monotonic() < end
            time.sleep(0.1)
        crawl.kill_after(0)


def test_what_a_trap_gave_before_is_kept_the_next_night(night: tuple[Fleet, Path, float]) -> None:
    _, data, _ = night
    assert len(content(data)) >= 3 * GOOD
