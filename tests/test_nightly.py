"""`ansinh nightly`: what is due, what a night costs, what it tells whom, and that it may be killed at any moment."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.ingest import WriteLock
from archive.models import ArchiveError, DataDir, Host, Known, Portal
from archive.rechecks import Look, count_due, in_order, overdue
from archive.runs import Alert, Run
from archive.store import Store
from bench.many_sites import Crowd, Served, serving
from scraper.commands.nightly import in_words
from scraper.configuration import OperatorSettings, read_settings
from scraper.night.night import Report, plan
from scraper.night.notifying import notice, notify
from tests.gate import Gated
from tests.test_crawl import ansinh, rows

# Apprise imports it on Python 3.11.
pytestmark = pytest.mark.filterwarnings("ignore:.imghdr. is deprecated:DeprecationWarning")
NOW = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
SETTINGS = OperatorSettings(contact="archive@example.vn")


def hours_ago(hours: float) -> str:
    return (NOW - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def portal(name: str, until: str | None = None) -> Portal:
    return Portal(name, name, "nukeviet", (Host(f"{name}.gov.vn", None, until),), f"https://{name}.gov.vn/")


def run(hours: float, outcome: Any = "ok", **said: Any) -> Run:
    finished = None if outcome == "interrupted" else hours_ago(hours)
    return Run("r", "p", said.pop("via", "live"), hours_ago(hours + 0.1), finished, outcome, **said)


# --- what is due ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("runs", "standing"),
    [
        ((), "due"),
        ((run(2),), "fresh"),
        ((run(19),), "fresh"),
        ((run(23),), "due"),
        ((run(1, "interrupted"),), "due"),  # killed: this night goes on with it
        ((run(1, "failed", cause="timeout"), run(24)), "due"),
        ((run(1, "failed", cause="stopped"),), "due"),
        ((run(1, "failed", cause="hung"),), "fresh"),  # it took its process with it; not again this night
        ((run(23, "failed", cause="hung"),), "due"),
        ((run(1, "interrupted"), run(2)), "fresh"),
        ((run(1, via="wayback"),), "due"),  # an import is no crawl
    ],
)
def test_a_portal_is_due_without_a_good_run_this_night(runs: tuple[Run, ...], standing: str) -> None:
    planned = plan([portal("p")], {"p": runs}, SETTINGS, NOW)
    assert getattr(planned, standing) == ("p",)


def test_without_due_hours_a_portal_is_due_though_its_run_has_ended_in_this_second() -> None:
    planned = plan([portal("p")], {"p": (run(0),)}, replace(SETTINGS, due_hours=0), NOW + timedelta(seconds=0.9))
    assert planned.due == ("p",)


def test_the_portal_crawled_longest_ago_comes_first() -> None:
    runs = {"a": (run(30),), "b": (), "c": (run(1, "failed"), run(90)), "d": (run(50, "failed"),)}
    assert plan(map(portal, "abcd"), runs, SETTINGS, NOW).due == ("b", "d", "a", "c")


def test_a_portal_whose_hosts_are_given_up_is_retired() -> None:
    planned = plan([portal("a", "2025-06-30"), portal("b", "2030-01-01")], {"a": (), "b": ()}, SETTINGS, NOW)
    assert (planned.retired, planned.due) == (("a",), ("b",))


def test_without_a_contact_only_what_stays_on_this_machine_is_due() -> None:
    settings = OperatorSettings(routes={"*.test": "127.0.0.1:8123"})
    here = replace(portal("a"), hosts=(Host("a.test"),))
    planned = plan([here, portal("b")], {"a": (), "b": ()}, settings, NOW)
    assert (planned.due, planned.no_contact) == (("a",), ("b",))


# --- which held articles are asked for again -----------------------------------------------------------------


def look(article: str, age: float, since: float) -> Look:
    """Return the look at an article that is so many days old and was seen so many days ago."""
    day, at = ((NOW - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ") for days in (age, since))
    return Look(Known(article, f"http://a.vn/{article}", "", "", at, ""), day, at)


@given(st.text("ABCDEFGH234567", min_size=1, max_size=12), st.floats(0, 9000), st.floats(0, 1))
def test_an_article_is_asked_for_between_half_its_interval_and_its_whole(
    article: str, age: float, share: float
) -> None:
    interval = min(max(age / 4, 10), 365)
    assert overdue(look(article, age, interval * 1.001), NOW) >= 1
    assert (overdue(look(article, age, interval * share * 0.499), NOW)) < 1


def test_a_change_of_a_young_article_is_seen_within_ten_days() -> None:
    assert all(count_due([look(str(n), age, 10)], NOW) == 1 for n in range(50) for age in (10, 20, 40))
    assert all(overdue(look(str(n), age, 10), NOW) >= 1 for n in range(50) for age in (10, 20, 40))


def test_the_articles_of_one_great_crawl_do_not_fall_due_in_one_night() -> None:
    first = [look(str(n), 3, 0) for n in range(100)]
    due = [count_due(first, NOW + timedelta(days=days)) for days in range(12)]
    assert due[:5] == [1] * 5
    assert due[11] == 100
    assert max(later - earlier for earlier, later in pairwise(due)) < 40


def test_one_article_a_night_tells_a_redesign_and_the_longest_overdue_comes_first() -> None:
    looks = [look("A", 400, 1), look("B", 400, 300), look("C", 5, 9.9)]
    assert [one.known.article for one in in_order(looks, NOW)][-1] == "A"
    assert count_due([look("A", 400, 1)], NOW) == 1


# --- settings ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", ['notify = "mailto://ban:matkhau@a.vn"', 'notify = ["matkhau"]', "notify = [1]"])
def test_a_bad_address_is_refused_without_being_told(tmp_path: Path, line: str) -> None:
    (tmp_path / "ansinh.toml").write_text(line)
    with pytest.raises(ArchiveError, match="notify") as refused:
        read_settings(DataDir(tmp_path))
    assert "matkhau" not in str(refused.value)


def test_no_address_is_in_what_settings_look_like() -> None:
    assert "matkhau" not in repr(OperatorSettings(notify=["mailto://ban:matkhau@a.vn"]))


# --- telling people ------------------------------------------------------------------------------------------


def alert(name: str, since: str = "1") -> Alert:
    return Alert(name, f"run-{since}", since, 1, "timeout", "no answer")


def test_what_is_told_is_what_is_new_to_somebody() -> None:
    assert notice([alert("a")], {"a": "run-1"}) is None
    assert notice([], {}) is None
    told = notice([alert("a", "2"), alert("b"), alert("c")], {"a": "run-1", "b": "run-1", "d": "run-1"})
    assert told is not None
    assert ([one.portal for one in told.opened], told.closed) == (["a", "c"], ("d",))
    assert told.title == "An Sinh: 2 need a person, 1 well again"


class Mailbox:
    """A loopback server that takes Apprise's json:// notifications, or refuses them."""

    def __init__(self) -> None:
        self.taken: list[dict[str, str]] = []
        self.status = 200
        box = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if box.status == 200:
                    box.taken.append(said)
                self.send_response(box.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"json://ban:matkhau@127.0.0.1:{self.server.server_port}/?cto=120&rto=120"  # it need not hurry


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    box = Mailbox()
    thread = threading.Thread(target=box.server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield box
    box.server.shutdown()
    box.server.server_close()


def test_an_alert_is_told_once_when_it_opens_and_once_when_it_closes(tmp_path: Path, mailbox: Mailbox) -> None:
    data = DataDir(tmp_path)
    for alerts in ([alert("a")], [alert("a")], [alert("a"), alert("b")], [alert("b")], [alert("b")], []):
        assert notify(data, [mailbox.address], alerts) == []
    bodies = [said["message"] for said in mailbox.taken]
    assert [sorted(re.findall(r"^(\w): (\w+)", body, re.MULTILINE)) for body in bodies] == [
        [("a", "timeout")], [("b", "timeout")], [("a", "well")], [("b", "well")]
    ]  # fmt: skip


def test_a_delivery_that_failed_is_tried_again_and_tells_no_secret(
    tmp_path: Path, mailbox: Mailbox, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    data, mailbox.status = DataDir(tmp_path), 500
    (failed,) = notify(data, [mailbox.address], [alert("a")])
    assert failed.startswith("notify: address 1 (json://…)")
    mailbox.status = 200
    assert notify(data, [mailbox.address], [alert("a")]) == []
    assert len(mailbox.taken) == 1
    everything = (failed, caplog.text, *capfd.readouterr(), (tmp_path / "told.json").read_text())
    assert not any("matkhau" in text for text in everything)


def test_addresses_are_told_each_for_itself(tmp_path: Path, mailbox: Mailbox) -> None:
    data, nobody = DataDir(tmp_path), "json://127.0.0.1:9/"
    for _ in range(2):
        assert len(notify(data, [nobody, mailbox.address], [alert("a")])) == 1
    assert len(mailbox.taken) == 1


@pytest.mark.parametrize("damage", ["", "{", "[1]", '{"x": 1}'])
def test_a_damaged_memory_tells_again_rather_than_fail(tmp_path: Path, mailbox: Mailbox, damage: str) -> None:
    (tmp_path / "told.json").write_text(damage)
    assert notify(DataDir(tmp_path), [mailbox.address], [alert("a")]) == []
    assert len(mailbox.taken) == 1


# --- the report ----------------------------------------------------------------------------------------------

GOOD = Report((), 5, 0, (), 2, 1, (), 100, 3, 1, 0, 0, 61.0)


@pytest.mark.parametrize(
    ("said", "needs"),
    [
        ({}, False),
        ({"alerts": (alert("a"),)}, True),
        ({"unheard": ("a",)}, True),
        ({"behind": 3}, True),
        ({"behind": None}, True),
        ({"no_contact": ("a",)}, False),
        ({"no_contact": ("a",), "ok": 0, "not_due": 0}, True),
        ({"failed": 1}, False),  # stopped by a signal: the next night goes on
    ],
)
def test_what_needs_a_person(said: dict[str, Any], needs: bool) -> None:
    assert replace(GOOD, **said).needs_person is needs


def test_the_summary_fits_on_a_screen_and_says_first_what_needs_a_person() -> None:
    crowded = replace(GOOD, alerts=tuple(alert(f"p{n}") for n in range(40)), failed=40)
    lines = in_words(crowded).splitlines()
    assert len(lines) <= 24
    assert lines[0] == "NEEDS A PERSON (40):"
    assert "p0: timeout, 1 night since 1: no answer" in lines[1]
    assert "25 more" in lines[16]


# --- whole nights --------------------------------------------------------------------------------------------


class Place:
    """A data directory and the simulated portals that its nights crawl."""

    def __init__(self, data: Path, crowd: Crowd, served: Served | Gated, settings: str = "") -> None:
        self.data, self.crowd, self.served = data, crowd, served
        crowd.prepare(data, served.port, settings)

    def nightly(self, *options: str, check: bool = True) -> dict[str, Any]:
        done = ansinh(self.data, "nightly", "--json", *options, check=check)
        last: dict[str, Any] = rows(done.stdout)[-1]
        return {**last, "code": done.returncode, "stderr": done.stderr}

    def start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "archive", "--data", str(self.data), "nightly", "--json"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def slow_down(self) -> None:
        """Let portals take some time, so that not all moments of a night are the same."""
        settings = self.data / "ansinh.toml"
        settings.write_text(settings.read_text("utf-8").replace("delay = 0.0", "delay = 0.1"), "utf-8")

    def add(self, setting: str) -> None:
        with (self.data / "ansinh.toml").open("a") as file:
            file.write(f"{setting}\n")

    def held(self) -> Counter[str]:
        with closing(Store(DataDir(self.data).database, read_only=True)) as store:
            return Counter({name: store.count_articles(name) for name in self.crowd.names})

    def ids(self) -> set[str]:
        with closing(Store(DataDir(self.data).database, read_only=True)) as store:
            return set(store.article_ids())

    def runs(self) -> list[Run]:
        with closing(Store(DataDir(self.data).database, read_only=True)) as store:
            return [one for name in self.crowd.names for one in store.runs(name, 100)]


def test_a_second_night_asks_for_less_than_a_tenth_and_a_second_start_for_nothing(tmp_path: Path) -> None:
    crowd = Crowd(7, 45)
    with serving(crowd) as served:
        place = Place(tmp_path / "data", crowd, served)
        first = place.nightly()
        asked = served.requests()
        assert first["new"] == 7 * 45
        assert (first["code"], first["needs_person"], first["portals"]["ok"]) == (0, [], 7)
        assert place.held() == dict.fromkeys(crowd.names, 45)
        again = place.nightly()
        assert (again["portals"]["ok"], again["portals"]["not_due"], sum(served.requests().values())) == (0, 7, 0)
        place.add("due_hours = 0")
        second = place.nightly()
        assert (second["portals"]["ok"], second["new"], second["changed"]) == (7, 0, 0)
        asked_again = served.requests()
        assert set(asked_again) == set(crowd.names)
        assert sum(asked_again.values()) + len(crowd.names) < 0.1 * sum(
            asked.values()
        )  # as if robots.txt were asked, too


@pytest.fixture(scope="module")
def few() -> Iterator[tuple[Crowd, Gated]]:
    crowd = Crowd(3, 8)
    with Gated(lambda host, _: host.startswith(max(crowd.names))) as sites:  # the last to be crawled
        sites.sites = crowd.sites()
        yield crowd, sites


def _stop_at(process: subprocess.Popen[str], line: int, seconds: float) -> list[str]:
    """Read so many lines of acknowledged articles, wait, and return them."""
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(line)]
    time.sleep(seconds)
    return lines


def _rest(process: subprocess.Popen[str]) -> list[str]:
    out, err = process.communicate(timeout=280)
    assert "Traceback" not in err, err
    return out.splitlines(keepends=True)


def _acknowledged(lines: list[str]) -> set[str]:
    said = [json.loads(line) for line in lines if line.endswith("\n")]
    return {line["id"] for line in said if "id" in line}


def _worker_of(process: subprocess.Popen[str]) -> int:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return int(children[0])


def _when_free(place: Place) -> dict[str, Any]:
    """Run a night as soon as what was killed has let go of the lock."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        try:
            with WriteLock(DataDir(place.data)):
                break
        except ArchiveError:
            time.sleep(0.1)
    return place.nightly()


CYCLES = 20 if os.environ.get("ANSINH_FAULTS") == "full" else 1


@pytest.mark.parametrize("cycle", range(CYCLES))
def test_a_night_killed_at_any_moment_is_completed_by_the_next_start(
    tmp_path: Path, few: tuple[Crowd, Gated], cycle: int
) -> None:
    chance = random.Random(cycle)
    place = Place(tmp_path / "data", *few, "portals_at_once = 2")
    place.slow_down()
    with few[1].shut():
        process = place.start()
        lines = _stop_at(process, chance.choice((0, 1, 5, 15)), chance.uniform(0, 1.5))
        process.kill()
    lines += _rest(process)
    last = _when_free(place)
    assert _acknowledged(lines) <= place.ids()
    assert place.held() == dict.fromkeys(few[0].names, 8)
    assert last["code"] == 0
    good = Counter(one.portal for one in place.runs() if one.outcome == "ok")
    assert good == dict.fromkeys(few[0].names, 1)


@pytest.mark.parametrize("cycle", range(CYCLES))
def test_a_crawling_process_killed_at_any_moment_is_replaced_in_the_same_night(
    tmp_path: Path, few: tuple[Crowd, Gated], cycle: int
) -> None:
    chance = random.Random(100 + cycle)
    place = Place(tmp_path / "data", *few, "portals_at_once = 2")
    place.slow_down()
    with few[1].shut():
        process = place.start()
        lines = _stop_at(process, chance.choice((1, 5, 15)), chance.uniform(0, 0.5))
        os.kill(_worker_of(process), signal.SIGKILL)
    lines += _rest(process)
    assert process.returncode == 0
    assert _acknowledged(lines) <= place.ids()
    assert place.held() == dict.fromkeys(few[0].names, 8)
    good = Counter(one.portal for one in place.runs() if one.outcome == "ok")
    assert good.keys() == set(few[0].names)
    assert max(good.values()) <= 2  # one that was whole and had not been reported when the process died is begun again


def test_sigterm_ends_a_night_within_seconds_and_the_next_start_goes_on(
    tmp_path: Path, few: tuple[Crowd, Gated]
) -> None:
    place = Place(tmp_path / "data", *few, "portals_at_once = 1")
    place.slow_down()
    with few[1].shut():
        process = place.start()
        lines = _stop_at(process, 1, 0)
        began = time.monotonic()
        process.terminate()
    lines += _rest(process)
    assert process.returncode == 130
    assert time.monotonic() - began < 60  # it takes two on a machine that does nothing else
    assert list(DataDir(place.data).captures.rglob("*.open")) == []
    assert _acknowledged(lines) <= place.ids()
    assert _when_free(place)["code"] == 0
    assert place.held() == dict.fromkeys(few[0].names, 8)


def test_a_night_beside_another_writer_says_so_at_once(tmp_path: Path, few: tuple[Crowd, Gated]) -> None:
    place = Place(tmp_path / "data", *few)
    with WriteLock(DataDir(place.data)):
        done = ansinh(place.data, "nightly", check=False)
    assert done.returncode == 75
    assert "another ansinh process" in done.stderr


def test_a_portal_that_fails_needs_a_person_is_told_once_and_then_well_again(
    tmp_path: Path, few: tuple[Crowd, Gated], mailbox: Mailbox
) -> None:
    place = Place(tmp_path / "data", *few, f'notify = ["{mailbox.address}"]')
    catalogued = (place.data / "portals/crowd.toml").read_text()
    closed = 'hosts = ["tinh-001.mophong.test"]'
    (place.data / "portals/crowd.toml").write_text(
        re.sub(r'(name = "tinh-001".*?)/an-sinh-xa-hoi', r"\1/da-doi-cho", catalogued, flags=re.DOTALL)
    )
    assert closed in catalogued
    for _ in range(2):
        bad = place.nightly(check=False)
        assert (bad["code"], bad["portals"]["failed"]) == (1, 1)
        assert [(one["portal"], one["cause"]) for one in bad["needs_person"]] == [("tinh-001", "moved")]
        assert "matkhau" not in bad["stderr"]
    assert len(mailbox.taken) == 1
    (place.data / "portals/crowd.toml").write_text(catalogued)
    assert place.nightly()["code"] == 0
    assert [said["title"] for said in mailbox.taken] == ["An Sinh: 1 need a person", "An Sinh: 1 well again"]


def test_the_summary_is_plain_lines_when_piped(tmp_path: Path, few: tuple[Crowd, Gated]) -> None:
    place = Place(tmp_path / "data", *few)
    done = ansinh(place.data, "nightly")
    assert re.fullmatch(
        r"portals:  3 ok, 0 failed, 0 not due.*\narticles: 24 new, 0 changed; 0 problems in \d+ answers\n"
        r"index:    up to date\ntook:     \d+ s\n",
        done.stdout,
    )
    assert "\r" not in done.stderr
    assert sorted(re.findall(r"^\d/3 (tinh-\d+): ok$", done.stderr, re.MULTILINE)) == sorted(few[0].names)


def test_the_day_of_a_night_is_a_day_in_hanoi() -> None:
    gone = portal("a", "2026-02-28")
    late = datetime(2026, 2, 28, 20, 0, tzinfo=UTC)  # 3 o'clock of 1 March in Hà Nội
    assert plan([gone], {"a": ()}, SETTINGS, late).retired == ("a",)
    assert date(2026, 3, 1) > date.fromisoformat("2026-02-28")
