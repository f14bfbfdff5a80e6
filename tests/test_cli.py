"""The command line as its users meet it: what it prints, how it ends, what it says when something is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from archive.cli import main
from archive.commands.printing import Ticker
from archive.ingest import WriteLock
from archive.models import DataDir
from tests.pages import article_page, exchange, url, warc

ROOT = Path(__file__).parent.parent
COMMANDS = {
    "analyze", "check", "correct", "crawl", "demo", "export", "extract", "import", "index", "pledges", "portals", "rebuild", "search",
    "serve", "show", "status", "takedown",
}  # fmt: skip


class Terminal:
    def __init__(self, data: Path) -> None:
        self.data = data

    def run(self, *arguments: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(main, ["--data", str(self.data), *arguments], input=stdin)

    def ok(self, *arguments: str, stdin: str | None = None) -> str:
        result = self.run(*arguments, stdin=stdin)
        assert result.exit_code == 0, result.output
        return result.stdout


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path / "data")


@pytest.fixture
def filled(terminal: Terminal, tmp_path: Path) -> Terminal:
    pages = [
        exchange(url(1), article_page()),
        exchange(url(2), article_page(title="Tư vấn việc làm năm 2020 cho lao động")),
    ]
    terminal.ok("import", str(warc(tmp_path / "warc", pages)))
    return terminal


def rows(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_command_of_the_archive_starts_without_the_other_packages() -> None:
    program = (
        "import sys; from archive.cli import main; assert main.get_command(None, 'search'); "
        "sys.exit(not sys.modules.keys().isdisjoint({'scraper', 'webui', 'scrapy', 'flask'}))"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0


def test_every_command_of_the_design_is_there_and_explains_itself(terminal: Terminal) -> None:
    assert set(main.list_commands(None)) >= COMMANDS  # type: ignore[arg-type]
    for name in COMMANDS:
        assert "--help" in terminal.ok(name, "--help")


def test_an_import_prints_a_line_for_each_article_and_the_sum_last(terminal: Terminal, tmp_path: Path) -> None:
    path = warc(tmp_path / "warc", [exchange(url(n), article_page(title=f"Giảm nghèo {n}")) for n in (1, 2)])
    *lines, last = rows(terminal.ok("import", "--json", str(path)))
    assert [line["change"] for line in lines] == ["new", "new"]
    assert last == {"requests": 2, "new": 2, "changed": 0, "unchanged": 0, "problems": 0}
    assert rows(terminal.ok("import", "--json", str(path))) == [dict.fromkeys(last, 0)]


def test_what_was_imported_is_found_shown_and_exported(filled: Terminal) -> None:
    (found,) = rows(filled.ok("search", "tieu-de:giam", "--json"))
    (hit,) = found["hits"]  # type: ignore[misc]
    assert set(found) == {"total", "hits", "facets", "suggestion", "explanation", "took_ms"}
    assert set(hit) == {"id", "url", "title", "published", "places", "years", "topics", "snippet", "score"}
    (shown,) = rows(filled.ok("show", hit["id"].lower(), "--json"))
    assert shown in rows(filled.ok("export", "--format", "jsonl"))
    assert shown["schema"] == 1
    assert "Tư vấn việc làm" in filled.ok("export", "--format", "csv")
    assert hit["title"] in filled.ok("show", hit["id"])
    assert "2 articles" in filled.ok("search", "giảm nghèo")


def test_filters_narrow_a_search(filled: Terminal) -> None:
    assert rows(filled.ok("search", "--year", "2020", "--json"))[0]["total"] == 1
    assert rows(filled.ok("search", "--published", "2023-01-01..", "--json"))[0]["total"] == 0


def test_status_check_and_rebuild_agree(filled: Terminal) -> None:
    before = filled.ok("export", "--format", "jsonl")
    assert rows(filled.ok("status", "--json"))[0]["articles"] == 2
    assert "everything agrees" in filled.ok("check")
    filled.ok("rebuild")
    assert filled.ok("export", "--format", "jsonl") == before
    filled.ok("rebuild", "--enrich")
    assert filled.ok("export", "--format", "jsonl") == before
    assert "2 articles indexed" in filled.ok("index")
    assert "everything agrees" in filled.ok("check")


def test_check_names_what_is_wrong_and_what_mends_it(filled: Terminal) -> None:
    (filled.data / "index/whoosh/CURRENT").unlink()
    result = filled.run("check")
    assert result.exit_code == 1
    assert "`ansinh index` makes it" in result.stdout


def test_a_saved_page_is_extracted_without_storing_anything(terminal: Terminal, tmp_path: Path) -> None:
    page = tmp_path / "a.html"
    page.write_bytes(article_page())
    (shown,) = rows(terminal.ok("extract", str(page), "--url", url(1)))
    assert shown["title"] == "Huyện Gia Viễn giảm nghèo năm 2022"
    assert shown["captures"] == []
    assert not terminal.data.exists()


def test_texts_on_standard_input_are_analyzed(terminal: Terminal) -> None:
    text = "UBND quận Long Biên ban hành Kế hoạch số 06/KH-UBND về giảm nghèo năm 2020."
    (found,) = rows(terminal.ok("analyze", stdin=json.dumps({"id": "a", "text": text}) + "\n"))
    assert found["id"] == "a"
    assert [place["id"] for place in found["places"]] == ["004"]  # type: ignore[attr-defined]
    assert found["years"] == [2020]
    assert set(found) >= {"places", "years", "topics", "documents", "claims", "evidence"}
    assert "text" not in found


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["search", "x"], "no archive here yet"),
        (["show", "X"], "no archive here yet"),
        (["import", "nowhere.warc.gz"], "does not exist"),
        (["crawl", "giavienn"], "no portal is called 'giavienn'"),
        (["import", "Makefile"], "not a kind that can be imported"),
    ],
)
def test_an_error_is_one_line_that_says_what_to_do(terminal: Terminal, arguments: list[str], message: str) -> None:
    result = terminal.run(*arguments)
    assert result.exit_code == 1
    assert message in result.stderr
    assert "Traceback" not in result.output


def test_a_bad_line_of_input_is_named(terminal: Terminal) -> None:
    result = terminal.run("analyze", stdin='{"id": 1, "text": "a"}\n{"id": 2}\n')
    assert result.exit_code == 1
    assert "line 2" in result.stderr


def test_an_import_goes_on_after_a_file_that_cannot_be_read(terminal: Terminal, tmp_path: Path) -> None:
    good = warc(tmp_path / "b", [exchange(url(1), article_page())])
    torn = warc(tmp_path / "a", [exchange(url(2), article_page())])
    torn.write_bytes(torn.read_bytes()[:-3])
    unknown = warc(tmp_path / "c", [exchange("http://la.test/x", b"<p>x</p>")])
    result = terminal.run("import", "--json", *map(str, (torn, good, unknown)))
    assert result.exit_code == 1
    assert rows(result.stdout)[-1]["new"] == 2  # what is whole in the torn file counts
    assert "damaged from byte" in result.stderr
    assert "la.test: no platform recognises it; 1 pages skipped" in result.stderr


def test_a_second_writer_is_told_to_come_back(terminal: Terminal) -> None:
    with WriteLock(DataDir(terminal.data)):
        result = terminal.run("index")
    assert result.exit_code == 75
    assert "another ansinh process" in result.stderr


def test_long_work_shows_rate_and_remaining(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(0, 1000, 10))
    monkeypatch.setattr("archive.commands.printing.time.monotonic", lambda: next(clock))
    assert list(Ticker("exported", 4).over("abcd")) == list("abcd")
    assert "exported: 2 of 4 (0/s" in capsys.readouterr().err
