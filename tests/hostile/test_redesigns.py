"""A portal changes its templates overnight: noticed the same night, and no article without title or text comes of it (F24)."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from archive.models import DataDir
from archive.store import Store
from tests.faults.conftest import complaints, content
from tests.faults.fleet import Fleet, page
from tests.faults.launch import ansinh
from tests.hostile.faults import Send, answer, raw
from tests.test_shards import export

OLD, NEW = 12, 4
SHELL = (
    b'<html><head><title>Cong moi</title></head><body><div id="app"></div><script src="/app.js"></script></body></html>'
)


def renamed(body: bytes) -> bytes:
    """Every class and id has another name."""
    for old in (
        b"news_column",
        b"panel-body",
        b"title margin-bottom-lg",
        b"bodytext margin-bottom-lg",
        b"news-bodyhtml",
        b"hometext",
        b"h5",
    ):
        body = body.replace(old, b"x" + bytes(old[::-1]).replace(b" ", b"-"))
    return body.replace(b"NukeViet v4.5", b"Moi 1.0")


def without(first: bytes, last: bytes) -> Callable[[bytes], bytes]:
    """Leave out what stands between two marks."""
    return lambda body: body.partition(first)[0] + first + last + body.partition(first)[2].partition(last)[2]


DESIGNS: dict[str, Callable[[bytes], bytes]] = {
    "shell": lambda _: SHELL,
    "renamed": renamed,
    "untitled": lambda body: without(b"<h1", b"</h1>")(without(b"<title>", b"</title>")(body)),
    "bodiless": without(b'bodytext margin-bottom-lg">', b"</div>"),
    "undated": without(b'<span class="h5">', b"</span>"),
    "listing-by-script": lambda body: body,
    "nothing": lambda _: b"",
}


def redesigned(fleet: Fleet) -> Callable[[str, str], Send | None]:
    def misbehave(name: str, path: str) -> Send | None:
        if path.endswith(".html") and name in DESIGNS:
            return raw(answer(DESIGNS[name](page(name, int(path[:-5].rpartition("-")[2])))))
        return raw(answer(SHELL)) if name == "listing-by-script" and path.startswith("/vi/") else None

    return misbehave


def test_each_redesign_is_noticed_the_same_night_and_leaves_no_blank_title(tmp_path: Path) -> None:
    with Fleet((*DESIGNS, "good"), OLD) as fleet:
        data = fleet.prepare(tmp_path / "data")
        first = ansinh(data, "crawl", *fleet.names)
        assert first.end() == 0, first.errors()
        before = content(data)
        fleet.misbehave = redesigned(fleet)
        for name in fleet.names:
            fleet.articles[name] |= {n: page(name, n) for n in range(OLD + 1, OLD + NEW + 1)}
        second = ansinh(data, "crawl", *fleet.names)
        assert second.end() == 1
    with closing(Store(DataDir(data).database, read_only=True)) as store:
        runs = {name: store.last_run(name) for name in fleet.names}
        held = {name: store.count_articles(name) for name in fleet.names}
    causes = {name: run.cause for name, run in runs.items() if run is not None}
    assert causes == {**dict.fromkeys(DESIGNS, "selector"), "good": None}
    assert held["good"] == OLD + NEW
    assert min(held.values()) >= OLD  # nothing is lost
    assert before <= content(data)
    said = [json.loads(line) for line in export(data).splitlines()]
    assert [one["url"] for one in said if not one["title"].strip()] == []
    assert [one["url"] for one in said if not "".join(one["body"]).strip()] == []
    assert complaints(data) == []


def test_control_the_same_night_without_a_redesign_reports_nothing(tmp_path: Path) -> None:
    with Fleet((*DESIGNS, "good"), OLD) as fleet:
        data = fleet.prepare(tmp_path / "data")
        for _ in range(2):
            crawl = ansinh(data, "crawl", *fleet.names)
            assert crawl.end() == 0, crawl.errors()
            for name in fleet.names:
                fleet.articles[name] |= {n: page(name, n) for n in range(OLD + 1, OLD + NEW + 1)}


@pytest.mark.parametrize("design", [name for name in DESIGNS if name != "listing-by-script"])
def test_the_designs_differ_from_the_old_one(design: str) -> None:
    assert DESIGNS[design](page("x", 1)) != page("x", 1)
