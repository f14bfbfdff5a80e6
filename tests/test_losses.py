"""What an operator is told when something is missing, damaged or mistyped: where, and what to do; never a traceback."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.captures import METADATA_SCHEMA, TEXT_URI, WarcWriter
from archive.models import ArchiveError, DataDir
from scraper.catalogue import read
from scraper.configuration import OperatorSettings, read_settings
from tests.conftest import PORTAL
from tests.pages import article_page, exchange, url, warc
from tests.test_cli import Terminal, rows
from tests.test_ingest import Bench, bench

__all__ = ["bench"]


@pytest.fixture
def filled(tmp_path: Path) -> Terminal:
    """Two articles from a file each, and a text from elsewhere."""
    terminal = Terminal(tmp_path / "data")
    for n in (1, 2):
        page = exchange(url(n), article_page(title=f"Huyện Gia Viễn giảm nghèo, bài {n}"))
        terminal.ok("import", str(warc(tmp_path / f"warc{n}", [page])))
    texts = tmp_path / "texts.jsonl"
    texts.write_text(json.dumps({"id": "a", "title": "Giảm nghèo", "text": "Huyện Gia Viễn giảm nghèo."}))
    terminal.ok("import", str(texts))
    return terminal


def imported(terminal: Terminal) -> Path:
    """One of the two files that were imported as they came; what is packed of the texts would be made again."""
    return min(path for path in terminal.data.glob("captures/imported/*.warc.gz") if ".packed." not in path.name)


def test_a_missing_sidecar_is_named_and_no_rebuild_goes_on_without_it(filled: Terminal) -> None:
    before = filled.ok("export", "--format", "jsonl")
    kept = imported(filled)
    sidecar = kept.with_name(f"{kept.name}.json")
    said = sidecar.read_bytes()
    sidecar.unlink()
    for command in ("check", "rebuild"):
        result = filled.run(command)
        assert result.exit_code == 1
        assert sidecar.name in result.output
        assert "restore it" in result.output
    assert filled.ok("export", "--format", "jsonl") == before
    sidecar.write_bytes(said)
    assert "everything agrees" in filled.ok("check")


def test_evidence_that_vanished_altogether_is_named(filled: Terminal) -> None:
    for path in (filled.data / "captures/imported").glob("*.warc.gz*"):
        path.unlink()
    result = filled.run("check")
    assert result.exit_code == 1
    assert result.output.count("the evidence file is missing") == 3  # two as they came, one made of the texts


def test_a_rebuild_that_would_lose_articles_keeps_the_database(filled: Terminal) -> None:
    before = filled.ok("export", "--format", "jsonl")
    lost = imported(filled)
    for path in (lost, lost.with_name(f"{lost.name}.json")):
        path.unlink()
    refused = filled.run("rebuild")
    assert refused.exit_code == 1
    assert "has 1 articles that no evidence file shows any more" in refused.stderr
    assert "--force" in refused.stderr
    assert filled.ok("export", "--format", "jsonl") == before
    forced = filled.run("rebuild", "--force")
    assert forced.exit_code == 0
    assert "2 articles rebuilt" in forced.stdout
    assert "ansinh.db.before-rebuild" in forced.stderr
    (filled.data / "ansinh.db.before-rebuild").rename(filled.data / "ansinh.db")
    assert filled.ok("export", "--format", "jsonl") == before


def test_a_takedown_is_no_loss(filled: Terminal) -> None:
    (first, *_) = rows(filled.ok("export", "--format", "jsonl"))
    (filled.data / "takedowns.toml").write_text(
        f'[[takedown]]\narticle = "{first["id"]}"\nreason = "x"\ndate = 2026-01-31\n'
    )
    assert "2 articles rebuilt" in filled.ok("rebuild")


def test_a_lost_database_is_told_from_an_archive_that_never_was(filled: Terminal, tmp_path: Path) -> None:
    for path in filled.data.glob("ansinh.db*"):
        path.unlink()
    assert "the database is missing; `ansinh rebuild` makes it again" in filled.run("search", "x").stderr
    assert "no archive here yet; run" in Terminal(tmp_path / "none").run("search", "x").stderr
    filled.ok("rebuild")
    assert rows(filled.ok("search", "nghèo", "--all", "--json"))[0]["total"] == 3


def test_a_database_of_a_newer_version_is_left_alone(filled: Terminal) -> None:
    with closing(sqlite3.connect(filled.data / "ansinh.db")) as db:
        db.execute("PRAGMA user_version = 999")
    result = filled.run("index")
    assert result.exit_code == 1
    assert "written by a newer An Sinh (schema 999); upgrade this one" in result.stderr


@pytest.mark.parametrize("damage", ["file", "pointer", "all"])
def test_a_search_without_an_index_says_so(filled: Terminal, damage: str) -> None:
    folder = filled.data / "index/whoosh"
    if damage == "file":
        segment = max(
            (folder / (folder / "CURRENT").read_text().strip()).iterdir(), key=lambda path: path.stat().st_size
        )
        segment.write_bytes(segment.read_bytes()[:-1])
    elif damage == "pointer":
        (folder / "CURRENT").unlink()
    else:
        shutil.rmtree(filled.data / "index")
    result = filled.run("search", "nghèo")
    assert result.exit_code == 1
    assert "nothing can be found" in result.stderr
    assert "`ansinh index` makes it" in result.stderr
    filled.ok("index")
    assert "nothing can be found" not in filled.run("search", "nghèo").output


def test_a_portal_that_nobody_knows_is_pointed_out(filled: Terminal) -> None:
    lines = [json.dumps({"id": n, "text": "x", "portal": name}) for n, name in enumerate(("vo-danh", "vo-danh", ""))]
    result = filled.run("analyze", stdin="\n".join(lines))
    assert result.exit_code == 0
    assert "'vo-danh'; 2 texts were read without it" in result.stderr
    assert len(rows(result.stdout)) == 3


def test_ctrl_c_is_answered_in_words(filled: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: DataDir) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("archive.commands.upkeep.checking.check", interrupted)
    result = filled.run("check")
    assert result.exit_code == 130
    assert "the same command again goes on" in result.stderr


def test_what_a_newer_version_noted_is_left_alone(
    bench: Bench, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    writer = WarcWriter(bench.data.captures, PORTAL.name, "20220113T000000000000Z")
    writer.write(exchange(url(1), article_page()))
    writer.write_metadata(url(1), {"schema": METADATA_SCHEMA + 1, "check": "in a form of tomorrow"})
    writer.write_metadata(url(1), {"check": {"verdict": "removed", "detail": "HTTP 404"}})
    writer.seal()
    for _ in bench.ingester.catch_up(bench.tally):
        pass
    (article,) = bench.store.article_ids()
    assert [check.verdict for check in bench.store.checks(article)] == ["removed"]
    assert bench.tally.problems == 1
    assert "newer An Sinh" in caplog.text
    assert TEXT_URI not in caplog.text


# --- what operators write ------------------------------------------------------------------------------------

SETTINGS = {
    "delay = -1": "delay",
    "delay = nan": "delay",
    "delay = true": "delay",
    "delay = '1'": "delay",
    "night_pages = 0": "night_pages",
    "night_seconds = 1.5": "night_seconds",
    "free_mb = -1": "free_mb",
    "contact = 5": "contact",
    'contact = "a\\nb"': "contact",
    'routes = ["a"]': "routes",
    "routes = { a = 1 }": "routes",
    'routes = { a = "nowhere" }': "routes",
    "dealy = 1": "dealy",
    "delay = = 1": "line 1",
}


@pytest.mark.parametrize(("text", "named"), SETTINGS.items())
def test_a_bad_setting_is_named_with_its_file(tmp_path: Path, text: str, named: str) -> None:
    (tmp_path / "ansinh.toml").write_text(text)
    with pytest.raises(ArchiveError, match=named) as caught:
        read_settings(DataDir(tmp_path))
    assert str(tmp_path / "ansinh.toml") in str(caught.value)


def test_good_settings_are_taken(tmp_path: Path) -> None:
    (tmp_path / "ansinh.toml").write_text('delay = 2\nfree_mb = 0\nroutes = { "*.a.vn" = "127.0.0.1:80" }\n')
    assert read_settings(DataDir(tmp_path)) == OperatorSettings(delay=2, free_mb=0, routes={"*.a.vn": "127.0.0.1:80"})


ENTRY = {
    "name": '"a"', "title": '"A"', "platform": '"nukeviet"', "hosts": '["a.vn"]', "home": '"http://a.vn/"',
    "units": '[{ place = "373" }]', "sections": '{ A = "/a" }', "selectors": '{ title = "h1" }', "expects": "{ dated = 0.9 }",
}  # fmt: skip
VALUES = st.sampled_from(
    ["1", '""', '"x y"', "[]", "[1]", '["a"]', "{}", "{ a = 1 }", "[{}]", "[{ place = 1 }]", "[{ name = 1 }]", "2020-01-01",
     "{ articles = [1] }", "{ dated = 7 }", "{ title = 3 }", "{ title = '>>' }", "true", "'../x'", "'a.b'", "nan"]
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(sorted(ENTRY)), VALUES, min_size=1, max_size=2))
def test_any_portal_table_is_a_portal_or_a_message(
    tmp_path_factory: pytest.TempPathFactory, spoilt: dict[str, str]
) -> None:
    file = tmp_path_factory.mktemp("catalogue") / "a.toml"
    file.write_text("[[portal]]\n" + "".join(f"{key} = {value}\n" for key, value in {**ENTRY, **spoilt}.items()))
    try:
        assert len(read(file)) == 1
    except ArchiveError as error:
        assert str(file) in str(error)


@pytest.mark.parametrize("text", ["portal = 1", "[[portals]]\nname = 'a'", "[portal]\nname = 'a'", "\udcff"])
def test_a_file_that_is_no_catalogue_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "a.toml"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ArchiveError, match=r"a\.toml"):
        read(file)


@pytest.mark.parametrize(
    ("command", "label"),
    [
        (("index",), "indexed"),
        (("rebuild",), "rebuilt"),
        (("rebuild",), "indexed"),
        (("rebuild", "--enrich"), "enriched"),
    ],
)
def test_long_work_shows_rate_and_remaining_in_plain_lines_when_piped(
    filled: Terminal, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], label: str
) -> None:
    clock = count(0, 10)
    monkeypatch.setattr("archive.commands.printing.time.monotonic", lambda: next(clock))
    result = filled.run(*command)
    assert result.exit_code == 0
    assert f"{label}: 2 of 3 (0/s, " in result.stderr
    assert "\r" not in result.stderr
