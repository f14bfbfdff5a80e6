"""What people decide holds at every door: the web routes and the commands are enumerated, so that none can be forgotten."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from html import escape, unescape
from itertools import product
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from archive.assembly import Assembler
from archive.cli import main
from archive.deciding import apply_decisions
from archive.decision_files import (
    SENSITIVE,
    BadDecision,
    correction_toml,
    parse_corrections,
    parse_takedowns,
    takedown_toml,
    value_of,
)
from archive.decisions import (
    FACT_FIELDS,
    MARK,
    PAGE_FIELDS,
    Correction,
    Decisions,
    Takedown,
    TakenDown,
    blank,
    blank_article,
    first_shown,
    holds,
)
from archive.export import FORMATS, export
from archive.ingest import WriteLock
from archive.masking import GUARDED, mask, mask_numbers
from archive.models import TOPICS, Article, Claim, DataDir, Enrichment, Entry, Evidence, Page, SearchRequest
from archive.pledges import PledgeRequest
from archive.search import open_archive
from archive.store import Store
from archive.text import clean, clean_line
from scraper.demo.files import docx
from tests.pace import assert_linear
from tests.pages import HOST, article_page, exchange, url, warc
from tests.test_ingest import captured, dated
from webui import create_app

# --- an archive with something to hide --------------------------------------------------------------------------

NAME = "Nguyễn Văn Thử"
ALIAS = "Bùi Thị Mẫu"
CLOSED = "Huyện Gia Viễn trợ cấp cho cháu Hoàng Bí Mật"
BEFORE = "Năm 2022, hộ nghèo Trần Thị Cũ được hỗ trợ nhà ở."
PREFIX = "Thông tin trợ cấp của hộ Phạm Văn Khuất ở huyện Gia Viễn"
SECRETS = {
    "article": (CLOSED, "Hoàng Bí Mật", "chau-hoang-bi-mat", "xã Gia Kín", "danh-sach-kin.pdf"),
    "span": (NAME, ALIAS),
    "capture": ("Trần Thị Cũ",),
    "prefix": (PREFIX, "Phạm Văn Khuất", "chuyen-rieng", "xã Gia Khuất"),
}
REASON = "Theo yêu cầu của gia đình"
LISTING = f"{HOST}/vi/news/tin-tuc/"
FEED, GOSSIP = f"{HOST}/rss.json", f"{HOST}/khac.json"
FILE = f"{HOST}/uploads/danh-sach-kin.pdf?download=1"
LIST = f"{HOST}/uploads/ho-ngheo.pdf?download=1"
IN_FILE = "Đinh Thị Ẩn Danh"


def listing(*titles: str) -> bytes:
    links = "".join(f'<li><a href="/vi/news/tin-tuc/x-{n}.html">{escape(t)}</a></li>' for n, t in enumerate(titles))
    return f'<html><head><meta charset="utf-8"><meta name="generator" content="NukeViet v4.5"></head><body><ul>{links}</ul></body></html>'.encode()


PAGES = [
    (url(1, "tro-cap-cho-chau-hoang-bi-mat"), article_page(CLOSED, ["Cháu Hoàng Bí Mật, xã Gia Kín, nhận trợ cấp hộ nghèo."], attachment=FILE)),
    (url(2), article_page("Huyện Gia Viễn giúp hộ nghèo làm nhà", [f"Hộ nghèo {NAME} và bà {ALIAS} được giúp.", f"Ông {NAME} cảm ơn huyện Gia Viễn."], attachment=LIST)),
    (url(3), article_page("Huyện Gia Viễn hỗ trợ nhà ở cho hộ nghèo", [BEFORE])),
    (f"{HOST}/vi/news/chuyen-rieng/ho-khuat-4.html", article_page(PREFIX, ["Hộ nghèo ở xã Gia Khuất nhận trợ cấp."])),
    (f"{HOST}/vi/news/chuyen-rieng/hong-6.html", article_page(title="")),
    (url(5), article_page("Huyện Gia Viễn giảm nghèo năm 2021", when="Thứ tư - 13/01/2021 08:00")),
    (LISTING, listing(CLOSED, "Huyện Gia Viễn giảm nghèo năm 2021")),
]  # fmt: skip
AFTERWARDS = article_page("Huyện Gia Viễn hỗ trợ nhà ở cho hộ nghèo", ["Năm 2022, một hộ nghèo được hỗ trợ nhà ở."])


class Terminal:
    """`ansinh` on one data directory."""

    def __init__(self, path: Path) -> None:
        self.data = DataDir(path)

    def run(self, *arguments: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(main, ["--data", str(self.data.path), *arguments], input=stdin)

    def ok(self, *arguments: str, stdin: str | None = None) -> str:
        result = self.run(*arguments, stdin=stdin)
        assert result.exit_code == 0, (arguments, result.output)
        return result.stdout

    def export(self) -> str:
        return self.ok("export", "--format", "jsonl")

    def article(self, article_id: str) -> dict[str, object]:
        shown: dict[str, object] = json.loads(self.ok("show", article_id, "--json"))
        return shown

    def web(self) -> FlaskClient:
        return create_app({"DATA": self.data.path, "TESTING": True}).test_client()

    def entries(self) -> tuple[Entry, ...]:
        store = Store(self.data.database, read_only=True)
        found = tuple(store.get_entry(article_id) for article_id in store.article_ids())
        store.close()
        return found

    def find(self, words: str) -> Entry:
        (found,) = (entry for entry in self.entries() if words in entry.article.text)
        return found

    def evidence(self) -> dict[str, str]:
        files = (path for path in self.data.captures.rglob("*") if path.is_file())
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


class Secrets(NamedTuple):
    """The filled archive, every id in it, and the four takedowns that hide its secrets."""

    terminal: Terminal
    articles: tuple[str, ...]
    captures: tuple[str, ...]
    documents: tuple[str, ...]
    pledges: tuple[str, ...]
    takedowns: tuple[tuple[str, ...], ...]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Secrets:
    folder = tmp_path_factory.mktemp("filled")
    terminal = Terminal(folder / "data")
    told = {FEED: CLOSED, GOSSIP: f"Gương sáng {NAME}"}  # escaped, as REST answers are
    others = [
        exchange(address, json.dumps([words]).encode(), mime="application/json") for address, words in told.items()
    ]
    listed = docx((f"Danh sách hộ nghèo: {IN_FILE}", f"và ông {NAME}"))
    others += [exchange(file, listed, mime="application/pdf") for file in (FILE, LIST)]
    others.append(exchange(*PAGES[-2]))  # a page by which the host is recognised
    later = dated(warc(folder / "others", others), "2022-01-15")
    terminal.ok("import", str(captured(folder, "2022-01-13", PAGES)), str(later))
    terminal.ok("import", str(captured(folder, "2022-01-14", [(url(3), AFTERWARDS)])))
    store = Store(terminal.data.database, read_only=True)
    captures = {capture.url: capture.id for capture in reversed(list(store.captures()))}
    everything = tuple(capture.id for capture in store.captures())
    articles = tuple(store.article_ids())
    store.close()
    spoken, closed = terminal.find(NAME).id, terminal.find(CLOSED).id
    documents = tuple({document.id for entry in terminal.entries() for document in entry.enrichment.documents})
    pledges = tuple(pledge.id for pledge in open_archive(terminal.data).pledges(PledgeRequest(limit=100)).pledges)
    return Secrets(
        terminal, articles, everything, documents, pledges,
        ((closed,), (spoken, "--span", NAME), (spoken, "--span", ALIAS), ("--capture", captures[url(3)]),
         ("--url-prefix", f"{HOST.replace('http:', 'https:')}/vi/news/chuyen-rieng/")),
    )  # fmt: skip


@pytest.fixture
def secrets(filled: Secrets, tmp_path: Path) -> Secrets:
    shutil.copytree(filled.terminal.data.path, tmp_path / "data")
    return filled._replace(terminal=Terminal(tmp_path / "data"))


@pytest.fixture
def hidden(secrets: Secrets) -> Secrets:
    for takedown in secrets.takedowns:
        secrets.terminal.ok("takedown", *takedown, "--reason", REASON, "--by", "Tổ quản trị")
    return secrets


# --- every door -------------------------------------------------------------------------------------------------

Doors = Iterator[tuple[str, str]]
QUERIES = ("", "?q=ngheo&all=1", "?all=1", "?q=dinh+thi+an+danh&all=1")


def plain(text: str) -> str:
    """Undo what JSON and HTML do to Vietnamese."""
    return unescape(re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), text))


def web_doors(secrets: Secrets) -> Doors:
    """Ask every GET route with every id; a route with an argument that is not listed here raises KeyError."""
    client = secrets.terminal.web()
    values: dict[str, Sequence[object]] = {
        "article_id": secrets.articles,
        "capture_id": secrets.captures,
        "document_id": secrets.documents,
        "pledge_id": secrets.pledges,
        "n": (1, 2),
        "slug": TOPICS,
        "place_id": ("373",),
        "filename": ("style.css",),
        "name": ("thunghiem.test",),
    }
    adapter = client.application.url_map.bind("localhost")
    for rule in client.application.url_map.iter_rules():
        names = sorted(rule.arguments)
        for chosen in product(*(values[name] for name in names)):
            path = adapter.build(rule.endpoint, dict(zip(names, chosen, strict=True)))
            for query in QUERIES if "search" in rule.rule else ("",):
                yield path + query, client.get(path + query, buffered=True).get_data().decode(errors="replace")


def command_doors(secrets: Secrets) -> Doors:
    """Run every command; one that is not listed here raises KeyError: say how it is asked for an article."""
    texts = json.dumps({"id": "a", "text": "Huyện Gia Viễn giảm nghèo."})
    asked: dict[str, list[list[str]]] = {
        "search": [["ngheo", "--all"], ["ngheo", "--all", "--json"], ["--all", "--limit", "100", "--json"]],
        "show": [[article, *form] for article in secrets.articles for form in ([], ["--json"])],
        "export": [["--format", form] for form in FORMATS],
        "status": [[], ["--json"]],
        "pledges": [[], ["--json"], ["--csv"]],
        "check": [[]],
        "correct": [["--list"], ["--list", "--json"]],
        "index": [[]],
        "rebuild": [["--enrich"], []],
        "import": [["--json", str(min(secrets.terminal.data.imported.glob("*.warc.gz")))]],
        "portals": [[], ["--json"]],
        "analyze": [[]],  # reads what it is given, and nothing of the archive's articles
        "extract": [["--help"]],  # the same
        "evaluate": [["--help"]],  # the same
        "nightly": [["--help"]],  # crawls
        "crawl": [["--help"]],  # acknowledges like import
        "demo": [["--help"]],  # has an archive of its own
        "serve": [["--help"]],  # the web routes
        "takedown": [[]],  # its --list shows to operators what they decided
    }
    for command in main.list_commands(None):  # type: ignore[arg-type]
        for arguments in asked[command]:
            result = secrets.terminal.run(command, *arguments, stdin=texts)
            assert result.exception is None or isinstance(result.exception, SystemExit), (command, result.exception)
            yield f"{command} {' '.join(arguments)}", result.output


def shown_by(doors: Doors) -> dict[str, set[str]]:
    """Return which kinds of secrets are shown, each with the doors that show them."""
    found: dict[str, set[str]] = {}
    for door, answer in doors:
        text = plain(answer)
        for kind, words in SECRETS.items():
            if any(word in text for word in words):
                found.setdefault(kind, set()).add(door)
    return found


def test_the_doors_show_what_nobody_took_down(secrets: Secrets) -> None:
    """The control: without takedowns, the same doors show every secret."""
    web, commands = shown_by(web_doors(secrets)), shown_by(command_doors(secrets))
    assert set(web) == {*commands, "capture"} == set(SECRETS)  # commands show no earlier versions
    for route in ("/search", "/", "/captures/", "/api/v1/articles/", "/api/v1/search", "/articles/"):
        assert any(door.startswith(f"{route}") for door in web["article"]), route
    for command in ("search", "show", "export"):
        assert any(door.startswith(command) for door in commands["article"]), command


def test_no_web_route_shows_what_was_taken_down(hidden: Secrets) -> None:
    assert shown_by(web_doors(hidden)) == {}


def test_no_command_shows_what_was_taken_down_and_a_rebuild_changes_nothing(hidden: Secrets) -> None:
    before, evidence = hidden.terminal.export(), hidden.terminal.evidence()
    assert shown_by(command_doors(hidden)) == {}  # a rebuild is among them
    assert hidden.terminal.export() == before
    assert hidden.terminal.evidence() == evidence
    assert shown_by(web_doors(hidden)) == {}


def test_the_words_of_a_file_are_shown_by_the_file_alone(secrets: Secrets) -> None:
    """And the file is closed with its article: the words are found, then they are not; nobody ever shows them."""
    doors = {door for door, answer in (*web_doors(secrets), *command_doors(secrets)) if IN_FILE in plain(answer)}
    assert doors
    assert all(re.fullmatch(r"/captures/\w+", door) for door in doors)
    for takedown in secrets.takedowns[:2]:
        secrets.terminal.ok("takedown", *takedown, "--reason", REASON)
    assert not [door for door, answer in web_doors(secrets) if IN_FILE in plain(answer)]


def test_a_name_that_only_a_file_says_can_be_blanked(secrets: Secrets) -> None:
    article, terminal = secrets.takedowns[1][0], secrets.terminal
    found = SearchRequest(f'"{IN_FILE}"', all=True)
    assert open_archive(terminal.data).search(found).total == 1
    said = terminal.run("takedown", article, "--span", IN_FILE, "--reason", REASON)
    assert (said.exit_code, "not looked into" in said.stderr) == (0, False)
    for command in (("index",), ("rebuild",)):
        assert open_archive(terminal.data).search(found).total == 0
        terminal.ok(*command)
    assert open_archive(terminal.data).search(found).total == 0
    assert open_archive(terminal.data).search(SearchRequest('"Danh sách hộ nghèo"', all=True)).total == 1
    assert not [door for door, answer in web_doors(secrets) if IN_FILE in plain(answer)]


def test_decisions_written_by_hand_hold_through_a_rebuild(secrets: Secrets) -> None:
    closed, spoken = secrets.takedowns[0][0], secrets.takedowns[1][0]
    secrets.terminal.data.takedowns.write_text(
        f'# gia đình yêu cầu\n[[takedown]]\narticle = "{closed.lower()}"\nreason = "x"\ndate = "2026-01-02"\n\n'
        f'[[takedown]]\narticle = "{spoken}"\nspan = "{NAME}"\nreason = "x"\ndate = 2026-01-02\n'
    )
    assert "is not what the database shows" in secrets.terminal.run("check").stdout
    secrets.terminal.ok("rebuild")
    assert NAME not in secrets.terminal.export()
    assert closed not in secrets.terminal.export()
    secrets.terminal.data.takedowns.unlink()
    secrets.terminal.ok("takedown")
    assert NAME in secrets.terminal.export()
    assert closed in secrets.terminal.export()


def test_what_is_taken_down_is_not_counted_and_not_found(hidden: Secrets, filled: Secrets) -> None:
    before, after = open_archive(filled.terminal.data), open_archive(hidden.terminal.data)
    # two articles; the captures of both, of a page that was none, of one version, of the closed one's file
    assert before.totals().articles - after.totals().articles == 2
    assert before.totals().captures - after.totals().captures == 5
    assert after.totals().behind == 0
    for words in ("Hoàng Bí Mật", "Gia Kín", NAME, ALIAS, "Phạm Văn Khuất"):
        phrase = SearchRequest(f'"{words}"', all=True)
        assert (before.search(phrase).total, after.search(phrase).total) == (1, 0), words
    everything = SearchRequest(all=True)
    assert [value.count for value in after.search(everything).facets["portal"]] == [3]
    assert [state.articles for state in after.portal_states()] == [3]
    assert {entry.id for entry in after.newest(10)} < {entry.id for entry in before.newest(10)}


def test_a_new_capture_of_a_closed_article_stays_closed(hidden: Secrets, tmp_path: Path) -> None:
    again = warc(tmp_path / "more", [exchange(PAGES[0][0], article_page(CLOSED, ["Bản mới, Hoàng Bí Mật."]))])
    assert CLOSED not in hidden.terminal.ok("import", "--json", str(again))
    assert shown_by(web_doors(hidden)) == {}


def test_a_withdrawn_takedown_opens_everything_again(secrets: Secrets) -> None:
    before = secrets.terminal.export()
    for takedown in secrets.takedowns:
        secrets.terminal.ok("takedown", *takedown, "--reason", REASON)
    assert secrets.terminal.export() != before
    secrets.terminal.data.takedowns.write_text("")
    secrets.terminal.ok("takedown")
    assert secrets.terminal.export() == before
    assert "everything agrees" in secrets.terminal.ok("check")
    archive = open_archive(secrets.terminal.data)
    assert archive.search(SearchRequest(f'"{NAME}"')).total == 1
    assert archive.totals().captures == len(secrets.captures)
    assert {archive.read_capture(capture).url for capture in secrets.captures} == {
        FEED,
        GOSSIP,
        FILE,
        LIST,
        *(address for address, _ in PAGES),
    }


def test_the_same_bytes_are_closed_however_often_they_were_captured(secrets: Secrets, tmp_path: Path) -> None:
    page = next(page for page in PAGES if page[0] == url(3))
    secrets.terminal.ok("import", str(captured(tmp_path, "2022-01-12", [page])))
    secrets.terminal.ok("takedown", *secrets.takedowns[3], "--reason", REASON)
    assert "capture" not in shown_by(web_doors(secrets))
    assert secrets.terminal.find("một hộ nghèo được hỗ trợ").versions[0].first_seen[:10] == "2022-01-14"


def test_a_file_is_closed_with_its_article_whichever_came_first(secrets: Secrets, tmp_path: Path) -> None:
    fresh = Terminal(tmp_path / "fresh")
    fresh.data.path.mkdir()
    fresh.data.takedowns.write_text(f'[[takedown]]\narticle = "{secrets.takedowns[0][0]}"\n{WHY}')
    pages = [exchange(FILE, b"%PDF-1.4", mime="application/pdf"), *(exchange(*page) for page in PAGES)]
    fresh.ok("import", str(warc(tmp_path / "w", pages)))
    assert open_archive(fresh.data).totals().captures == len(pages) - 2


def test_the_text_of_a_closed_version_goes_and_the_later_one_stays(hidden: Secrets) -> None:
    shown = hidden.terminal.article(hidden.terminal.find("một hộ nghèo được hỗ trợ").id)
    assert [version["n"] for version in shown["versions"]] == [1]  # type: ignore[attr-defined]
    assert len(shown["captures"]) == 1  # type: ignore[arg-type]


def test_a_blanked_span_keeps_its_length_in_every_text_and_offset(hidden: Secrets) -> None:
    entry = hidden.terminal.find("được giúp")
    assert f"Hộ nghèo {MARK * len(NAME)} và bà {MARK * len(ALIAS)} được giúp." in entry.article.body
    for known in entry.enrichment.evidence:
        assert known.start is None or entry.article.text[known.start : known.end] == known.quote
    assert [version.sha256 for version in entry.versions] == [entry.article.sha256]


# --- tombstones -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("prefix", "words"), [("", "Bài này đã được gỡ"), ("/en", "This article was taken down")])
def test_a_closed_article_leaves_a_tombstone(hidden: Secrets, prefix: str, words: str) -> None:
    for path in ("", "/versions", "/versions/1"):
        answer = hidden.terminal.web().get(f"{prefix}/articles/{hidden.takedowns[0][0]}{path}")
        assert (answer.status_code, answer.headers["X-Robots-Tag"]) == (410, "noindex")
        assert words in answer.text or path.endswith("/1")
        assert (REASON in answer.text) is not path.endswith("/1") or answer.status_code == 410
        assert '<meta name="robots" content="noindex">' in answer.text


def test_closed_captures_leave_a_tombstone(hidden: Secrets) -> None:
    client, closed = hidden.terminal.web(), hidden.takedowns[3][1]
    for path in (f"/captures/{closed}", f"/captures/{closed}/about", f"/en/captures/{closed}/about"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["X-Robots-Tag"]) == (410, "noindex")
        assert REASON in answer.text


def test_a_program_is_told_why(hidden: Secrets) -> None:
    answer = hidden.terminal.web().get(f"/api/v1/articles/{hidden.takedowns[0][0]}")
    assert answer.status_code == 410
    assert answer.get_json()["reason"] == REASON
    result = hidden.terminal.run("show", hidden.takedowns[0][0])
    assert result.exit_code == 1
    assert REASON in result.stderr


def test_pages_that_tell_of_what_is_closed_are_closed_and_no_others(hidden: Secrets) -> None:
    archive = open_archive(hidden.terminal.data)
    open_addresses = set()
    for capture in hidden.captures:
        try:
            open_addresses.add(archive.read_capture(capture).url)
        except TakenDown as closed:
            assert closed.tombstone.reason == REASON
    assert open_addresses == {url(3), url(5)}


def test_the_page_says_what_was_blanked_and_corrected(hidden: Secrets) -> None:
    entry = hidden.terminal.find("được giúp")
    hidden.terminal.ok("correct", entry.id, "author", "Phòng LĐ-TB&XH", "--reason", "Trang ghi sai <b>")
    page = hidden.terminal.web().get(f"/articles/{entry.id}").text
    assert f"Có đoạn trong bài được che ({MARK})" in page
    assert REASON in page
    assert "tác giả" in page
    assert "Trang ghi sai &lt;b&gt;" in page


# --- corrections ------------------------------------------------------------------------------------------------

CORRECTED: list[tuple[str, str, Callable[[dict[str, object]], object], object]] = [
    ("title", "Tiêu đề đúng", lambda a: a["title"], "Tiêu đề đúng"),
    ("summary", "", lambda a: a["summary"], ""),
    ("section", "Lao động", lambda a: a["section"], "Lao động"),
    ("author", "Bà A", lambda a: a["author"], "Bà A"),
    ("source", "Báo Ninh Bình", lambda a: a["source"], "Báo Ninh Bình"),
    ("language", "en", lambda a: (a["language"], a["topics"]), ("en", [])),
    ("published", "2020-02-03T08:00:00+07:00", lambda a: (a["published"], a["published_source"]), ("2020-02-03T08:00:00+07:00", None)),
    ("published", "", lambda a: a["published"], None),
    ("updated", "2020-02-03", lambda a: a["updated"], "2020-02-03"),
    ("places", "004,373", lambda a: [p["name"] for p in a["places"]], ["Quận Long Biên", "Huyện Gia Viễn"]),  # type: ignore[attr-defined]
    ("places", "", lambda a: (a["places"], a["place_candidates"]), ([], [])),
    ("years", "2019, 2018", lambda a: a["years"], [2019, 2018]),
    ("topics", "tre-em", lambda a: a["topics"], ["tre-em"]),
    ("topics", "", lambda a: a["topics"], []),
    ("documents", "15/KH-UBND", lambda a: [(d["number"], d["kind"]) for d in a["documents"]], [("15/KH-UBND", "Kế hoạch")]),  # type: ignore[attr-defined]
    ("claims", "", lambda a: a["claims"], []),
    ("sensitive", "minor", lambda a: a["sensitive"], ["minor"]),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value", "shown", "expected"), CORRECTED)
def test_a_corrected_field_says_so_and_survives(
    secrets: Secrets, field: str, value: str, shown: Callable[[dict[str, object]], object], expected: object
) -> None:
    terminal = secrets.terminal
    article = terminal.find("giảm nghèo năm 2021").id
    (row,) = map(
        json.loads, terminal.ok("correct", article.lower(), field, value, "--reason", "sai", "--json").splitlines()
    )
    assert (row["state"], row["field"], row["reason"]) == ("applied", field, "sai")
    assert shown(terminal.article(article)) == expected
    evidence = [e for e in terminal.article(article)["evidence"] if e["field"] == field]  # type: ignore[attr-defined]
    assert {e["rule"] for e in evidence if e["value"] in value_of(field, value)} >= ({"correction"} if value else set())
    assert any(e["rule"] == "correction" for e in evidence)
    assert f"corrected {row['date']}: {field} (sai)" in terminal.ok("show", article)
    before = terminal.export()
    for rebuild in (("rebuild",), ("rebuild", "--enrich"), ("index",)):
        terminal.ok(*rebuild)
        assert terminal.export() == before
    assert "everything agrees" in terminal.ok("check")


def test_every_field_has_a_case() -> None:
    assert {field for field, *_ in CORRECTED} == {*PAGE_FIELDS, *FACT_FIELDS}


def test_quotes_stay_literal_under_a_corrected_title(secrets: Secrets) -> None:
    article = secrets.terminal.find("giảm nghèo năm 2021").id
    secrets.terminal.ok("correct", article, "title", "Một tiêu đề khác hẳn, dài hơn nhiều", "--reason", "sai")
    entry = next(entry for entry in secrets.terminal.entries() if entry.id == article)
    quoted = [known for known in entry.enrichment.evidence if known.start is not None]
    assert quoted
    assert all(entry.article.text[known.start : known.end] == known.quote for known in quoted)


def test_a_correction_is_searched_by_at_once(secrets: Secrets) -> None:
    article = secrets.terminal.find("giảm nghèo năm 2021").id
    secrets.terminal.ok("correct", article, "places", "004", "--reason", "sai")
    found = open_archive(secrets.terminal.data).search(SearchRequest(filters={"place": ("004",)}))
    assert [hit.entry.id for hit in found.hits] == [article]


def test_the_last_correction_of_a_field_holds(secrets: Secrets) -> None:
    terminal, article = secrets.terminal, secrets.terminal.find("giảm nghèo năm 2021").id
    for years in ("2019", "2018"):
        terminal.ok("correct", article, "years", years, "--reason", "sai")
    assert terminal.article(article)["years"] == [2018]
    assert [row["state"] for row in map(json.loads, terminal.ok("correct", "--list", "--json").splitlines())] == [
        "superseded",
        "applied",
    ]
    assert "superseded" in terminal.ok("correct", "--list")


def test_a_correction_of_a_text_that_changed_is_stale_listed_and_not_applied(secrets: Secrets, tmp_path: Path) -> None:
    terminal, article = secrets.terminal, secrets.terminal.find("giảm nghèo năm 2021").id
    terminal.ok("correct", article, "years", "2019", "--reason", "sai")
    changed = article_page("Huyện Gia Viễn giảm nghèo năm 2021", ["Năm 2021, huyện giảm 90 hộ nghèo."])
    terminal.ok("import", str(warc(tmp_path / "x", [exchange(url(5), changed)], run="20240101T000000Z")))
    assert 2019 not in terminal.article(article)["years"]  # type: ignore[operator]
    assert "stale" in terminal.ok("correct", "--list")
    result = terminal.run("check")
    assert result.exit_code == 1
    assert f"correction 1 (years of {article}): not applied, stale" in result.stdout
    assert tomllib.loads(terminal.data.corrections.read_text())["correction"][0]["value"] == [2019]


def test_a_correction_outlives_a_span_blanked_in_its_text_and_is_blanked_itself(secrets: Secrets) -> None:
    terminal, entry = secrets.terminal, secrets.terminal.find(NAME)
    terminal.ok("correct", entry.id, "title", f"Huyện giúp ông {NAME} làm nhà", "--reason", "sai")
    terminal.ok("correct", entry.id, "years", "2019", "--reason", "sai")
    terminal.ok("takedown", entry.id, "--span", NAME, "--reason", REASON)
    shown = terminal.article(entry.id)
    assert shown["years"] == [2019]
    assert shown["title"] == f"Huyện giúp ông {MARK * len(NAME)} làm nhà"
    assert NAME not in json.dumps(shown, ensure_ascii=False) + terminal.web().get(f"/articles/{entry.id}").text


# --- the command line -------------------------------------------------------------------------------------------


def test_takedowns_are_listed_with_what_they_close(hidden: Secrets) -> None:
    rows = [json.loads(line) for line in hidden.terminal.ok("takedown", "--list", "--json").splitlines()]
    assert [(row["articles"], row["captures"], row["blanked"]) for row in rows] == [
        (1, 2, 0),
        (0, 0, 2),
        (0, 0, 1),
        (0, 1, 0),
        (1, 2, 0),
    ]
    assert {(row["reason"], row["by"]) for row in rows} == {(REASON, "Tổ quản trị")}
    assert f"closes 1 articles, 2 captures, 0 blanked ({REASON}; Tổ quản trị)" in hidden.terminal.ok(
        "takedown", "--list"
    )
    assert "everything agrees" in hidden.terminal.ok("check")


@pytest.mark.parametrize(
    ("arguments", "message", "code"),
    [
        (["takedown", "AAAAAAAAAAAA", "--reason", "x"], "no article AAAAAAAAAAAA", 1),
        (["takedown", "--capture", "AAAAAAAAAAAA", "--reason", "x"], "no capture AAAAAAAAAAAA", 1),
        (["takedown", "{article}", "--span", "không có ở đây", "--reason", "x"], "does not say 'không có ở đây'", 1),
        (["takedown", "{article}", "--capture", "AAAAAAAAAAAA", "--reason", "x"], "no capture", 1),
        (["takedown", "--span", "x", "--reason", "x"], "not exactly one of article, capture and url_prefix", 1),
        (["takedown", "--url-prefix", "thunghiem.test/x", "--reason", "x"], "write it with its scheme and host", 1),
        (["takedown", "{article}"], "give --reason", 2),
        (["correct", "{article}", "years", "2020"], "--reason, or --list", 2),
        (["correct", "{article}", "--reason", "x"], "give ID, FIELD, VALUE", 2),
        (["correct", "AAAAAAAAAAAA", "years", "2020", "--reason", "x"], "no article AAAAAAAAAAAA", 1),
        (
            ["correct", "{article}", "body", "x", "--reason", "x"],
            "corrections.toml, correction 1: 'body' cannot be corrected",
            1,
        ),
        (["correct", "{article}", "places", "999999", "--reason", "x"], "'999999' is no value of places", 1),
        (["correct", "{article}", "title", "", "--reason", "x"], "is no value of title", 1),
        (["correct", "{article}", "published", "2020-02-30", "--reason", "x"], "write value = 2026-01-31", 1),
    ],
)
def test_what_cannot_be_decided_is_refused_and_not_written(
    secrets: Secrets, arguments: list[str], message: str, code: int
) -> None:
    article = secrets.terminal.find("giảm nghèo năm 2021").id
    result = secrets.terminal.run(*(argument.format(article=article) for argument in arguments))
    assert (result.exit_code, message in result.stderr) == (code, True), result.stderr
    assert not secrets.terminal.data.takedowns.exists()
    assert not secrets.terminal.data.corrections.exists()


def test_a_decision_waits_for_the_process_that_writes(secrets: Secrets) -> None:
    with WriteLock(secrets.terminal.data):
        result = secrets.terminal.run("takedown", secrets.articles[0], "--reason", "x")
    assert result.exit_code == 75
    assert not secrets.terminal.data.takedowns.exists()


@pytest.mark.parametrize(
    "held",
    [
        "# của tôi\r\n",
        '# ghi chú\n[[takedown]]  # cũ\nurl_prefix = "http://a.test/"\nreason = "r"\ndate = 2020-01-01',
        "\ufeff",
    ],
)
def test_what_an_operator_wrote_stays_as_it_is(secrets: Secrets, held: str) -> None:
    secrets.terminal.data.takedowns.write_bytes(held.encode())
    secrets.terminal.ok("takedown", secrets.articles[0], "--reason", 'một "lý do"')
    written = secrets.terminal.data.takedowns.read_bytes().decode()
    assert written.startswith(held)
    assert parse_takedowns(written.removeprefix("\ufeff"), "t")[-1].reason == 'một "lý do"'


def test_a_file_that_cannot_be_understood_stops_what_would_ignore_it(secrets: Secrets, tmp_path: Path) -> None:
    secrets.terminal.data.takedowns.write_text('[[takedown]]\narticle = "x"\n')
    path = str(warc(tmp_path / "w", [exchange(url(9), article_page())]))
    for command in (["rebuild"], ["import", path], ["index"], ["takedown", secrets.articles[0], "--reason", "x"]):
        result = secrets.terminal.run(*command)
        assert result.exit_code == 1
        assert "takedowns.toml, takedown 1:" in result.stderr
    assert "takedown 1:" in secrets.terminal.run("check").stdout


def test_a_takedown_that_closes_nothing_is_pointed_out(secrets: Secrets) -> None:
    secrets.terminal.data.takedowns.write_text(
        '[[takedown]]\narticle = "AAAAAAAAAAAA"\nreason = "r"\ndate = 2020-01-01\n'
        '[[takedown]]\nurl_prefix = "http://sau-nay.test/"\nreason = "r"\ndate = 2020-01-01\n'
    )
    secrets.terminal.ok("takedown")
    assert [
        line.split(": ", 1)[1] for line in secrets.terminal.run("check").stdout.splitlines() if "closes nothing" in line
    ]
    assert "takedown 2" not in secrets.terminal.run("check").stdout


def test_what_stays_open_beside_a_takedown_is_said(secrets: Secrets, tmp_path: Path) -> None:
    twin = article_page(
        "Huyện Gia Viễn giảm nghèo năm 2021",
        when="Thứ tư - 13/01/2021 08:00",
        attachment=f"{HOST}/uploads/a.pdf?download=1",
    )
    pages = [exchange(url(8), twin), exchange(f"{HOST}/uploads/a.pdf?download=1", b"%PDF-", mime="application/pdf")]
    secrets.terminal.ok("import", str(warc(tmp_path / "t", pages)))
    twins = [entry for entry in secrets.terminal.entries() if entry.same_as]
    result = secrets.terminal.run(
        "takedown", next(e.id for e in twins if e.article.attachments), "--span", "120", "--reason", "x"
    )
    assert result.exit_code == 0
    assert "the same text stays open as" in result.stderr
    assert "not looked into: ke-hoach.pdf" in result.stderr


# --- the files --------------------------------------------------------------------------------------------------

WHY = 'reason = "r"\ndate = 2026-01-02\n'
BAD_TAKEDOWNS = {
    "[[takedown]\n": "cannot be read as TOML",
    "takedown = 3": "each begins with [[takedown]]",
    "takedown = [3]": "each begins with [[takedown]]",
    f'[[takedwon]]\narticle = "AAAAAAAAAAAA"\n{WHY}': "each begins with [[takedown]]",
    f'[[takedown]]\narticle = "AAAAAAAAAAAA"\n{WHY}who = "x"': "'who' is not known",
    f"[[takedown]]\n{WHY}": "names not exactly one of article, capture and url_prefix",
    f'[[takedown]]\narticle = "AAAAAAAAAAAA"\ncapture = "AAAAAAAAAAAA"\n{WHY}': "names not exactly one",
    f'[[takedown]]\ncapture = "AAAAAAAAAAAA"\nspan = "x"\n{WHY}': "has a span without an article",
    f'[[takedown]]\narticle = "AAAAAAAAAAAA"\nspan = " "\n{WHY}': "span is missing or no text",
    f'[[takedown]]\narticle = "AAAA"\n{WHY}': "'AAAA' is no id",
    f"[[takedown]]\narticle = 3\n{WHY}": "article is missing or no text",
    f'[[takedown]]\nurl_prefix = "http://"\n{WHY}': "is no beginning of a URL",
    f'[[takedown]]\nurl_prefix = "http://["\n{WHY}': "is no beginning of a URL",
    '[[takedown]]\narticle = "AAAAAAAAAAAA"\ndate = 2026-01-02': "reason is missing",
    '[[takedown]]\narticle = "AAAAAAAAAAAA"\nreason = "r"': "date is missing or no day",
    '[[takedown]]\narticle = "AAAAAAAAAAAA"\nreason = "r"\ndate = "hôm qua"': "date is missing or no day",
    '[[takedown]]\narticle = "AAAAAAAAAAAA"\nreason = "r"\ndate = 2026-01-02T10:00:00Z': "date is missing or no day",
}


@pytest.mark.parametrize(("text", "message"), BAD_TAKEDOWNS.items())
def test_a_bad_takedown_is_named_by_file_and_number(text: str, message: str) -> None:
    good = f'[[takedown]]\narticle = "BBBBBBBBBBBB"\n{WHY}\n'
    with pytest.raises(BadDecision) as error:
        parse_takedowns((good if text.startswith("[[takedown]]") else "") + text, "data/takedowns.toml")
    assert message in str(error.value)
    assert str(error.value).startswith(
        "data/takedowns.toml, takedown 2: " if text.startswith("[[takedown]]") else "data/takedowns.toml"
    )


BAD_CORRECTIONS = {
    'field = "status"\nvalue = "gone"': "'status' cannot be corrected; fields: title",
    'field = "topics"\nvalue = ["xyz"]': "'xyz' is no value of topics; topics: giam-ngheo",
    'field = "topics"\nvalue = "giam-ngheo"': "value of topics is a list",
    'field = "places"\nvalue = [4]': "value of places is a list",
    'field = "places"\nvalue = ["9999"]': "'9999' is no value of places; write the codes",
    'field = "years"\nvalue = [20200]': "'20200' is no value of years",
    'field = "years"\nvalue = [true]': "value of years is a list",
    'field = "sensitive"\nvalue = ["old"]': "'old' is no value of sensitive",
    'field = "documents"\nvalue = [""]': "is no value of documents",
    'field = "published"\nvalue = "03/02/2020"': "is no value of published",
    'field = "published"\nvalue = 2020-02-03T08:00:00Z': "is no value of published",
    'field = "published"\nvalue = "2020-02-30"': "is no value of published",
    'field = "title"\nvalue = " "': "is no value of title",
    'field = "title"\nvalue = 3': "3 is no value of title",
    'field = "title"': "None is no value of title",
}  # fmt: skip


def corrections(text: str, version: str = "0" * 64) -> tuple[Correction, ...]:
    entry = f'[[correction]]\narticle = "AAAAAAAAAAAA"\nversion = "{version}"\n{text}\n{WHY}'
    return parse_corrections(entry, "corrections.toml", lambda place: place in ("004", "373"))


@pytest.mark.parametrize(("text", "message"), BAD_CORRECTIONS.items())
def test_a_bad_correction_is_named_by_file_and_number(text: str, message: str) -> None:
    with pytest.raises(BadDecision) as error:
        corrections(text)
    assert str(error.value).startswith("corrections.toml, correction 1: ")
    assert message in str(error.value)


def test_a_version_is_a_digest() -> None:
    with pytest.raises(BadDecision, match="version is no SHA-256"):
        corrections('field = "title"\nvalue = "x"', version="abc")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('field = "years"\nvalue = [2020, "2021", 2020]', ("2020", "2021")),
        ('field = "published"\nvalue = 2020-02-03', "2020-02-03"),
        ('field = "published"\nvalue = 2020-02-03T08:00:00+07:00', "2020-02-03T08:00:00+07:00"),
        ('field = "author"\nvalue = ""', ""),
        ('field = "places"\nvalue = ["004"]', ("004",)),
    ],
)
def test_values_may_be_written_as_toml_has_them(text: str, value: object) -> None:
    assert corrections(text)[0].value == value


LINE = st.text(max_size=60).map(clean_line)
WORDS = LINE.filter(bool)
IDS = st.text("ABCZ27", min_size=12, max_size=12)
TAKEDOWNS = st.one_of(
    st.builds(Takedown, WORDS, st.just("2026-01-02"), LINE, article=IDS, span=st.none() | WORDS),
    st.builds(Takedown, WORDS, st.just("2026-01-02"), LINE, capture=IDS),
    st.builds(Takedown, WORDS, st.just("2026-01-02"), LINE, url_prefix=st.just("https://a.test/x\\\"'é?b=c#d")),
)  # fmt: skip
VALUES = st.one_of(
    st.tuples(st.sampled_from(["title", "author"]), WORDS),
    st.tuples(st.sampled_from(["author", "published"]), st.just("")),
    st.tuples(st.just("years"), st.lists(st.sampled_from(["1999", "2020"]), unique=True).map(tuple)),
    st.tuples(st.just("documents"), st.lists(WORDS, unique=True).map(tuple)),
    st.tuples(st.just("sensitive"), st.lists(st.sampled_from(SENSITIVE), unique=True).map(tuple)),
)  # fmt: skip


@given(st.lists(TAKEDOWNS, max_size=4))
def test_written_takedowns_read_as_they_were(decided: list[Takedown]) -> None:
    assert parse_takedowns("# đầu\n" + "".join(map(takedown_toml, decided)), "t") == tuple(decided)


@given(st.lists(st.tuples(IDS, VALUES, WORDS, LINE), max_size=4))
def test_written_corrections_read_as_they_were(
    rows: list[tuple[str, tuple[str, str | tuple[str, ...]], str, str]],
) -> None:
    decided = [Correction(i, "a" * 64, field, value, why, "2026-01-02", by) for i, (field, value), why, by in rows]
    assert parse_corrections("".join(map(correction_toml, decided)), "c", lambda _: True) == tuple(decided)


@given(st.text(max_size=200))
def test_any_text_is_decisions_or_a_message(text: str) -> None:
    for parse in (parse_takedowns, lambda text, where: parse_corrections(text, where, lambda _: True)):
        try:
            parse(text, "t")
        except BadDecision as error:
            assert str(error).startswith("t")


def test_the_digest_of_decisions_is_that_of_what_they_say() -> None:
    one = Takedown("r", "2026-01-02", article="AAAAAAAAAAAA")
    assert Decisions().digest == ""
    assert Decisions(takedowns=(one,)).digest == Decisions((), (one,)).digest != Decisions((), (one, one)).digest


# --- blanking and looking ---------------------------------------------------------------------------------------


@given(st.text("ab \n█", max_size=40), st.lists(st.text("ab ", min_size=1, max_size=5).filter(str.strip), max_size=3))
def test_blanking_keeps_the_length_and_leaves_no_span(text: str, spans: list[str]) -> None:
    blanked = blank(text, spans)
    assert len(blanked) == len(text)
    assert [n for n, c in enumerate(blanked) if c == "\n"] == [n for n, c in enumerate(text) if c == "\n"]
    assert not any(holds(blanked, span) for span in spans)
    assert blank(blanked, spans) == blanked


def test_a_span_is_blanked_across_blanks_and_paragraphs_and_beside_the_text(article: Callable[..., Article]) -> None:
    made = article(title="Bà Bùi  Thị", summary="", body=("Mẫu đã nhận.", "Bùi Thị Mẫu"), author="Bùi Thị Mẫu")
    shown = blank_article(made, ["Bùi Thị Mẫu"])
    assert (shown.title, shown.body, shown.author) == ("Bà " + MARK * 8, (MARK * 3 + " đã nhận.", MARK * 11), MARK * 11)
    assert len(shown.text) == len(made.text)
    assert blank_article(made, []) is made


SHOWN = {
    "<p>Ông Nguyễn Văn Thử</p>": True,
    "<p>Ông <b>Nguyễn</b> Văn&nbsp;Th&#7917;</p>": True,
    "<p>Nguyễn</p><p>Văn Thử</p>": True,
    '<img alt="Nguyễn Văn Thử">': True,
    json.dumps({"a": "Nguyễn Văn Thử"}): True,
    "<description>&lt;b&gt;Nguy&amp;#7877;n&lt;/b&gt; Văn Thử</description>": True,
    "<p>Nguyễn Văn Thự</p>": False,
    "": False,
}


@pytest.mark.parametrize(("page", "shown"), SHOWN.items())
def test_captured_bytes_are_looked_through_as_text(page: str, shown: bool) -> None:
    found = first_shown(Page("http://a.test/", page.encode(), headers={"content-type": "text/html"}), [NAME])
    assert found == (NAME if shown else None)


def test_what_is_no_text_is_not_looked_into() -> None:
    assert first_shown(Page("http://a.test/", b"%PDF-1.4 " + NAME.encode()), [NAME]) is None


# --- masking ----------------------------------------------------------------------------------------------------

NUMBERS = {
    "CCCD số 036085001234 cấp ngày 01/02/2021": "CCCD số ████████████ cấp ngày 01/02/2021",
    "CMND: 164123456.": "CMND: █████████.",
    "CMND 164 123 456, nơi cấp": "CMND ███ ███ ███, nơi cấp",
    "số căn cước: 036.085.001.234": "số căn cước: ███.███.███.███",
    "ĐT: 0912345678": "ĐT: ██████████",
    "ĐT 0912.345.678 hoặc 091 234 5678": "ĐT ████.███.███ hoặc ███ ███ ████",
    "(0229) 3868 123": "(████) ████ ███",
    "02293.868.123": "█████.███.███",
    "gọi +84 912 345 678 ngay": "gọi +██ ███ ███ ███ ngay",
    "tổng 120000000 đồng": "tổng 120000000 đồng",
    "1.250.000.000 đồng": "1.250.000.000 đồng",
    "Xã Gia Hưng 120 135 240": "Xã Gia Hưng 120 135 240",
    "01 120 135 240 350": "01 120 135 240 350",
    "ngày 05-10-2020 08:30": "ngày 05-10-2020 08:30",
    "từ 01.01.2020 đến 31.12.2020": "từ 01.01.2020 đến 31.12.2020",
    "Kế hoạch số 06/KH-UBND năm 2020": "Kế hoạch số 06/KH-UBND năm 2020",
    "tài khoản 3761012345678": "tài khoản 3761012345678",
}


@pytest.mark.parametrize(("text", "masked"), NUMBERS.items())
def test_numbers_of_persons_are_masked_and_others_are_not(text: str, masked: str) -> None:
    assert mask_numbers(text) == masked


@given(st.text("0 9.-+8(4)CMND\n", max_size=60))
def test_masking_keeps_the_length_and_is_done_once(text: str) -> None:
    assert len(mask_numbers(text)) == len(text)
    assert mask_numbers(mask_numbers(text)) == mask_numbers(text)


@pytest.mark.parametrize(
    "pattern", ["0", "0 ", "0.", "9", "CMND", "CMND ", "CMND 1 ", "+84", "(0", "<", "<a", "\\u", "&amp;", "0912 ", " "]
)
def test_hostile_text_costs_little_time(pattern: str) -> None:
    def cost(size: int) -> None:
        text = pattern * (size // len(pattern))
        mask_numbers(text)
        blank(text, [NAME, "0 9 0"])
        first_shown(Page("http://a.test/", text.encode()), [NAME])

    assert_linear(cost, 100_000, 1.0)


def spoken(article: Article) -> Entry:
    quotes = [(text, article.text.index(text)) for text in ("120 hộ nghèo", "0912345678")]
    claim = Claim("C", "target", "i", 120, None, None, "hộ", "=", "down", 2022, None, None, None, None, None, None, 0.9,
                  quotes[0][0], quotes[0][1], quotes[0][1] + len(quotes[0][0]))  # fmt: skip
    known = Evidence("years", "2022", "years.text", quotes[1][0], quotes[1][1], quotes[1][1] + len(quotes[1][0]), 1.0)
    facts = Enrichment(topics=("giam-ngheo",), claims=(claim,), evidence=(known, replace(known, start=None, end=None)))
    return Entry(article, facts, "2022-01-13T00:00:00Z", (), ())


def test_an_ordinary_article_leaves_with_its_numbers_masked_and_its_quotes_with_them(
    article: Callable[..., Article],
) -> None:
    entry = spoken(article(body=("Giảm 120 hộ nghèo.", "Gọi 0912345678."), author="A 0912345678"))
    shown = mask(entry)
    assert shown.article.body == ("Giảm 120 hộ nghèo.", f"Gọi {MARK * 10}.")
    assert {known.quote for known in shown.enrichment.evidence} == {MARK * 10}
    assert shown.enrichment.claims == entry.enrichment.claims
    assert "0912345678" not in "".join((*export([entry], "jsonl"), *export([entry], "csv")))
    plain_entry = Entry(article(), Enrichment(), "", (), ())
    assert mask(plain_entry) is plain_entry


@pytest.mark.parametrize("flag", SENSITIVE)
def test_a_guarded_article_leaves_without_its_words(article: Callable[..., Article], flag: str) -> None:
    entry = spoken(article(title="Cháu Bé", summary="Tóm tắt", body=("Giảm 120 hộ nghèo.", "Gọi 0912345678.")))
    entry = replace(entry, enrichment=replace(entry.enrichment, sensitive=(flag,)))
    for line in (*export([entry], "jsonl"), "".join(export([entry], "csv"))):
        assert "Cháu Bé" in line
        assert "0912345678" not in line
        assert ("120 hộ nghèo" in line) is (flag not in GUARDED)
        assert (f"/articles/{entry.id}" in line) is (flag in GUARDED)


def test_a_guarded_article_is_found_without_a_snippet_and_shown_whole_on_its_page(secrets: Secrets) -> None:
    terminal, article = secrets.terminal, secrets.terminal.find("giảm nghèo năm 2021").id
    terminal.ok("correct", article, "sensitive", "minor", "--reason", "trẻ em")
    hits = [hit for hit in open_archive(terminal.data).search(SearchRequest("4.000")).hits if hit.entry.id == article]
    assert [hit.snippet.text for hit in hits] == [""]
    client = terminal.web()
    assert "4.000 người" not in client.get("/search?q=4.000&year=2021").text
    assert "4.000 người" not in client.get(f"/api/v1/articles/{article}").get_data(as_text=True).encode().decode(
        "unicode_escape"
    )
    assert "4.000 người" in client.get(f"/articles/{article}").text
    assert "4.000 người" in terminal.ok("show", article)
    (line,) = (line for line in terminal.export().splitlines() if article in line)
    assert json.loads(line)["body"] == [f"/articles/{article}"]


# --- the parts --------------------------------------------------------------------------------------------------


def test_decisions_are_applied_once_and_only_when_they_changed(
    secrets: Secrets, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    again = Assembler.again
    monkeypatch.setattr(
        Assembler, "again", lambda self, article, portals: made.append(article) or again(self, article, portals)
    )
    store = Store(secrets.terminal.data.database)
    secrets.terminal.data.takedowns.write_text(f'[[takedown]]\narticle = "{secrets.articles[0]}"\n{WHY}')
    for _ in range(2):
        apply_decisions(secrets.terminal.data, store)
    store.close()
    assert made == [secrets.articles[0]]


def test_bytes_leave_the_archive_through_one_function_only() -> None:
    """Who reads records of evidence files: the write side (robots.txt, files), and `Archive.read_capture`, which looks first."""
    root = Path(__file__).parent.parent
    readers = {
        path.relative_to(root).as_posix()
        for package in ("archive", "webui", "scraper")
        for path in (root / package).rglob("*.py")
        if "read_record(" in path.read_text("utf-8")
    }
    assert readers == {
        "archive/captures/reading.py",
        "archive/ingest/ingester.py",
        "archive/search/__init__.py",
        "scraper/crawl/robots.py",
    }


def test_cleaned_words_are_what_is_compared() -> None:
    assert clean(NAME) == NAME
