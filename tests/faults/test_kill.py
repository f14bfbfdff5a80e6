"""SIGKILL at any moment loses nothing that was acknowledged and asks nobody for help (reliability.md F01, F02, F03, F37)."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from archive.index import open_engine
from archive.models import ArchiveError, DataDir, Query
from archive.store import Store
from scraper.demo.sites import DemoSites
from tests.faults import loops
from tests.faults.conftest import MANY, PORTALS, RESTLESS, Crawled, complaints, content, held, lost, prepare
from tests.faults.launch import ansinh, start
from tests.pages import article_page, exchange, url, warc

Times = Callable[[int, int], int]


def kill_crawl(data: Path, port: int, crawled: Crawled, chance: random.Random, bug: str = "") -> list[str]:
    """Kill a crawl once or twice and then crawl to the end; return what went wrong."""
    prepare(data, port)
    acknowledged: list[str] = []
    wrong = []
    for _ in range(chance.choice((1, 1, 2))):
        killed = ansinh(data, "crawl", *PORTALS, "--json", bug=bug, settings=RESTLESS)
        if chance.random() < 0.3:
            killed.kill_after(chance.uniform(0.1, 1.0))
        else:
            killed.kill_after_first_line(chance.uniform(0, 1.0))
        acknowledged += killed.acknowledged()
        wrong += lost(data, acknowledged)
    last = ansinh(data, "crawl", *PORTALS, "--json", bug=bug, settings=RESTLESS)
    if code := last.end():
        wrong.append(f"the next crawl ended with {code}: {last.errors()}")
    wrong += [f"{differs} is not as an undisturbed crawl has it" for differs in content(data) ^ crawled.content]
    return wrong + complaints(data)


def test_a_crawl_killed_at_any_moment_is_completed_by_the_next(
    tmp_path: Path, sites: DemoSites, crawled: Crawled, times: Times
) -> None:
    for cycle in range(times(2, 200)):
        wrong = kill_crawl(tmp_path / str(cycle) / "data", sites.port, crawled, random.Random(cycle))
        assert wrong == [], f"cycle {cycle}"


@pytest.mark.parametrize("bug", ["commits_late", "never_catches_up"])
def test_control_the_kill_test_sees_lost_acknowledgements_and_leftovers(
    tmp_path: Path, sites: DemoSites, crawled: Crawled, bug: str
) -> None:
    cycles = (kill_crawl(tmp_path / str(n) / "data", sites.port, crawled, random.Random(n), bug) for n in range(MANY))
    assert any(cycles)


def fresh(folder: Path) -> Path:
    folder.mkdir()
    return folder


def kill_import(data: Path, file: Path, chance: random.Random, bug: str = "") -> list[str]:
    """Kill an import and import again; return what went wrong. Every record is a batch."""
    settings = {"archive.ingest.ingester.BATCH": 1}
    killed = start(data.parent, loops.import_files, str(data), str(file), bug=bug, settings=settings)
    killed.kill_after_first_line(chance.uniform(0, 0.4))
    acknowledged = {line.strip() for line in killed.lines() if line.endswith("\n")}
    wrong = lost(data, acknowledged)
    again = start(data.parent, loops.import_files, str(data), str(file))
    if code := again.end():
        wrong.append(f"the next import ended with {code}: {again.errors()}")
    if len(held(data)) != 40:
        wrong.append(f"{len(held(data))} articles instead of 40")
    return wrong


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pages = [exchange(url(n), article_page(title=f"Bài {n}", views=n)) for n in range(40)]
    return warc(tmp_path_factory.mktemp("many"), pages)


def test_an_import_killed_at_any_moment_is_completed_by_the_next(tmp_path: Path, many: Path, times: Times) -> None:
    for cycle in range(times(5, 200)):
        folder = fresh(tmp_path / str(cycle))
        assert kill_import(folder / "data", many, random.Random(cycle)) == [], f"cycle {cycle}"


def test_control_the_import_test_sees_lost_acknowledgements(tmp_path: Path, many: Path) -> None:
    folders = (fresh(tmp_path / str(n)) for n in range(MANY))
    assert any(kill_import(folder / "data", many, random.Random(folder.name), "commits_late") for folder in folders)


def kill_commits(folder: Path, cycles: int, bug: str = "") -> list[str]:
    """Kill inside commits of one growing database; return what went wrong."""
    data, acknowledged, wrong = folder / "data", set[str](), []
    for cycle in range(cycles):
        killed = start(
            folder, loops.save_articles, str(data), cycle * 1000, random.Random(cycle).randint(2, 12), bug=bug
        )
        killed.end()
        acknowledged |= {line.strip() for line in killed.lines() if line.endswith("\n")}
        wrong += lost(data, acknowledged)
        with closing(Store(DataDir(data).database, read_only=True)) as store:
            wrong += store.damaged()
    return wrong if acknowledged else ["nothing was acknowledged: the test tests nothing"]


def test_a_kill_inside_a_commit_leaves_it_whole_or_undone(tmp_path: Path, times: Times) -> None:
    assert kill_commits(tmp_path, times(10, 200)) == []


def test_control_the_commit_test_sees_what_was_never_committed(tmp_path: Path) -> None:
    late = kill_commits(tmp_path, 1, "commits_late")
    assert late


def kill_publications(folder: Path, cycles: int, bug: str = "") -> list[str]:
    """Kill the building of indexes; return each time that the last published one did not serve."""
    data, wrong, published = DataDir(folder / "data"), [], 0
    for cycle in range(cycles):
        killed = start(folder, loops.index_articles, str(data.path), cycle * 1000, bug=bug)
        killed.kill_after_first_line(random.Random(cycle).uniform(0, 0.6))
        published = max([published, *(int(line) for line in killed.lines() if line.endswith("\n"))])
        try:
            with closing(open_engine(data)) as engine:
                found, seq = engine.search(Query(hidden=True)).total, engine.seq()
        except ArchiveError as error:
            wrong.append(str(error))
            continue
        if seq < published or found < published:
            wrong.append(f"{found} found at change {seq}, {published} were published")
    return wrong if published else ["nothing was published: the test tests nothing"]


def test_a_kill_inside_the_building_of_an_index_leaves_the_old_one_serving(tmp_path: Path, times: Times) -> None:
    assert kill_publications(tmp_path, times(8, 200)) == []


def test_control_the_publication_test_sees_an_index_built_in_place(tmp_path: Path) -> None:
    tries = (kill_publications(fresh(tmp_path / str(n)), 8, "publishes_in_place") for n in range(MANY))
    assert any(tries)


def kill_migrations(folder: Path, step: int, bug: str = "") -> list[str]:
    """Kill migrations at every step-th statement; return each database that is of no version then."""
    wrong = []
    for kill in count(1, step):
        database = folder / f"{kill}.db"
        child = start(folder, loops.migrate_and_die, str(database), kill, bug=bug)
        if not child.end():  # there were fewer statements
            return wrong if kill > 50 else ["too few statements to kill"]
        with closing(sqlite3.connect(database)) as db:
            version, tables = (db.execute(sql).fetchone()[0] for sql in (
                "PRAGMA user_version", "SELECT count(*) FROM sqlite_master WHERE type = 'table'"))  # fmt: skip
        if bool(version) != bool(tables):
            wrong.append(f"version {version} with {tables} tables")
        try:
            with closing(Store(database)) as store:
                wrong += store.damaged()
        except ArchiveError as error:
            wrong.append(str(error))
    raise AssertionError


def test_a_migration_killed_at_any_statement_is_done_or_undone(tmp_path: Path, times: Times) -> None:
    assert kill_migrations(tmp_path, times(19, 1)) == []


def test_control_the_migration_test_sees_a_half(tmp_path: Path) -> None:
    assert kill_migrations(tmp_path, 19, "migrates_without_transaction")
