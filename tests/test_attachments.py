"""The text of attached files, from their bytes to the hit that names them: read once, searched, and never shown."""

from __future__ import annotations

import gzip
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from importlib import resources
from itertools import permutations
from pathlib import Path

import pytest
from click.testing import CliRunner

from archive.check import check
from archive.cli import main
from archive.deciding import add_takedown
from archive.decisions import Takedown, TakenDown
from archive.export import entry_json, results_json
from archive.index import documents as indexing
from archive.index import open_engine
from archive.ingest import rebuild_index, sources, update_index
from archive.models import Article, DataDir, FileReading, Hit, Page, Portal, SearchRequest
from archive.search import Archive
from archive.store import Store
from scraper import extract
from scraper.demo.files import docx
from scraper.reading import office
from tests.office_files import doc, ole, pdf
from tests.pages import HOST, article_page, exchange, url, warc
from tests.test_ingest import Bench
from webui import create_app

PLAN = (
    "ỦY BAN NHÂN DÂN HUYỆN GIA VIỄN",
    "Kế hoạch số 61/KH-UBND về xuất khẩu lao động năm 2029",
    "Phấn đấu đưa 77 người đi làm việc ở nước ngoài, ưu tiên con em gia đình chính sách.",
)
FILE = f"{HOST}/uploads/ke-hoach.pdf?download=1"
PDF, WORD = "application/pdf", "application/msword"
LOCKED = doc(["Ke hoach"], flags=0x0300)
SCAN = pdf([()])
BROKEN = b"%PDF-1.4\n"


@pytest.fixture
def bench(data: DataDir, portal: Portal) -> Iterator[Bench]:
    made = Bench(data, portal)
    yield made
    made.store.close()


def files(bench: Bench, folder: Path, *bodies: bytes, mime: str = PDF) -> None:
    """Capture files at address(0), address(1), …"""
    bench.take(warc(folder / "files", [exchange(address(n), body, mime=mime) for n, body in enumerate(bodies)]))


def address(number: int) -> str:
    return f"{FILE}&id={number}" if number else FILE


def page(
    *attachments: str, title: str = "Huyện Gia Viễn giảm nghèo năm 2022", body: Sequence[str] | None = None
) -> bytes:
    links = "".join(f'<a href="{link}" download>Tập tin : tep-{n}.pdf</a>' for n, link in enumerate(attachments))
    made = article_page(title, body) if body else article_page(title)
    box = f'<div class="news-download-file">{links}</div></div></div>\n<div class="footer">'
    return made.decode().replace('</div></div>\n<div class="footer">', box, 1).encode()


def article(bench: Bench, folder: Path, number: int = 1, *attachments: str, **said: object) -> None:
    made = page(*(attachments or (FILE,)), **said)  # type: ignore[arg-type]
    bench.take(warc(folder / f"article{number}", [exchange(url(number), made)]))


def entry(bench: Bench) -> Article:
    (article_id,) = bench.store.article_ids()
    return bench.store.get_entry(article_id).article


def search(bench: Bench, text: str) -> tuple[Hit, ...]:
    update_index(bench.store, open_engine(bench.data))
    with closing(Archive(bench.data)) as archive:
        return archive.search(SearchRequest(text, all=True)).hits


def rows(bench: Bench, table: str) -> list[dict[str, object]]:
    return sorted(bench.store._db.execute(f"SELECT * FROM {table}").fetchall(), key=repr)


# --- reading ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("body", "mime"), [(pdf([PLAN]), PDF), (docx(PLAN), WORD), (doc(["\r".join(PLAN)]), "")])
def test_the_text_of_a_file_is_held_with_its_article_whichever_came_first(
    data: DataDir, portal: Portal, tmp_path: Path, body: bytes, mime: str
) -> None:
    file = warc(tmp_path / "file", [exchange(FILE, body, mime=mime)])
    shown = []
    for n, order in enumerate(permutations((file, warc(tmp_path / "article", [exchange(url(1), page(FILE))])))):
        bench = Bench(DataDir(data.path / str(n)), portal)
        for path in order:
            bench.take(path)
        shown.append((bench.only(), rows(bench, "texts")))
        bench.store.close()
    assert shown[0] == shown[1]
    assert shown[0][0]["attachments"][0]["text"] is True  # type: ignore[index]
    (text,) = shown[0][1]
    assert (text["outcome"], text["text"], text["size"]) == ("text", "\n".join(PLAN), len(body))


OUTCOMES = {
    "scan": SCAN,
    "locked": LOCKED,
    "unreadable": BROKEN,
    "other": ole({"Workbook": b"x"}),
    "too-large": pdf([PLAN]),
}


@pytest.mark.parametrize(("outcome", "body"), OUTCOMES.items())
def test_what_cannot_be_read_says_why_and_stops_nothing(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, outcome: str, body: bytes
) -> None:
    monkeypatch.setattr(office, "MAX_FILE", 900 if outcome == "too-large" else 10**6)
    files(bench, tmp_path, body)
    article(bench, tmp_path)
    (file,) = entry(bench).attachments
    readings = bench.store.texts.readings(entry(bench))
    assert (file.text, readings[str(file.sha256)].outcome) == (False, outcome)
    problems = [(problem.url, problem.reason) for problem in bench.store.problems()]
    assert problems == ([(FILE, "attachment")] if outcome in ("unreadable", "too-large") else [])
    assert search(bench, "giảm nghèo")[0].files == ()


def test_a_file_that_no_article_offers_is_no_problem_until_one_does(bench: Bench, tmp_path: Path) -> None:
    files(bench, tmp_path, BROKEN)
    assert (bench.store.problems(), bench.store.totals().problems) == ((), 0)
    article(bench, tmp_path)
    (problem,) = bench.store.problems()
    assert (problem.url, problem.portal, bench.store.totals().problems) == (FILE, "thu-nghiem", 1)
    assert "broken" in problem.detail


@pytest.mark.parametrize(
    ("body", "mime"),
    [(b"<html>Ke hoach</html>", PDF), (rb"{\rtf1 Ke hoach}", WORD), (b"\x89PNG", "image/png"), (pdf([PLAN]), "text/html"), (pdf([PLAN]), "image/png")],
)  # fmt: skip
def test_what_is_no_such_file_is_not_read(body: bytes, mime: str) -> None:
    assert extract.read_file(Page(FILE, body, headers={"content-type": mime})) is None


def test_the_same_bytes_are_read_once(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []
    read = office.read_file
    monkeypatch.setattr(office, "read_file", lambda body: asked.append(body) or read(body))  # type: ignore[func-returns-value]
    files(bench, tmp_path, pdf([PLAN]), pdf([PLAN]), SCAN, pdf([PLAN]))
    files(bench, tmp_path / "again", SCAN, pdf([PLAN]))
    assert asked == [pdf([PLAN]), SCAN]


def test_a_rebuilt_database_says_the_same(bench: Bench, portal: Portal, tmp_path: Path) -> None:
    bodies = (pdf([PLAN]), *OUTCOMES.values())
    files(bench, tmp_path, *bodies)
    article(bench, tmp_path, 1, *map(address, range(len(bodies))))
    tables = ("texts", "open_problems", "unread")
    before = bench.lines(), [rows(bench, table) for table in tables]
    bench.store.close()
    bench.data.database.unlink()
    again = Bench(bench.data, portal)
    for source in sources(bench.data):
        again.read(source)
    assert (again.lines(), [rows(again, table) for table in tables]) == before
    bench.store = again.store


def test_a_long_file_is_read_so_far_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "MAX_TEXT", 100)
    captured = Page(FILE, pdf([PLAN] * 25), headers={"content-type": PDF})
    reading = extract.read_file(captured)
    assert reading is not None
    assert (reading.outcome, reading.partial, len(reading.text.replace("\n", ""))) == ("text", True, 100)
    assert reading.note == "goes on after 10 pages and 100 characters, which are read"
    assert extract.read_file(captured) == reading


def test_a_costly_file_is_read_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "MAX_SECONDS", 0.0001)
    reading = extract.read_file(Page(FILE, pdf([PLAN] * 25), headers={"content-type": PDF}))
    assert reading is not None
    assert (reading.partial, reading.text.count("\n")) == (True, 29)


def test_nothing_but_words_is_read() -> None:
    reading = extract.read_file(Page(FILE, docx((f"Kế hoạch giảm nghèo {'QUJD' * 5000} năm 2022 của huyện",))))
    assert reading is not None
    assert reading.text == "Kế hoạch giảm nghèo năm 2022 của huyện"


# --- searching ----------------------------------------------------------------------------------------------------


def test_a_hit_says_which_file_holds_what_was_typed_and_shows_nothing_of_it(bench: Bench, tmp_path: Path) -> None:
    files(bench, tmp_path, SCAN, docx(("Báo cáo về trẻ em",)), pdf([PLAN]))
    article(bench, tmp_path, 1, *map(address, range(3)))
    (hit,) = search(bench, "giảm nghèo xuất khẩu lao động")
    assert [file.url for file in hit.files] == [address(2)]
    assert {match.field for match in hit.why if "khẩu" in match.typed} == {"file"}
    assert "khẩu" not in hit.snippet.text
    with closing(Archive(bench.data)) as archive:
        told = results_json(archive.search(SearchRequest("khẩu", all=True)))
        assert [file["url"] for file in told["explanation"]["files"][hit.entry.id]] == [address(2)]
        shown = archive.get_entry(hit.entry.id)
        readings = archive.file_readings(shown.article)
    assert "nước ngoài" not in repr((told, entry_json(shown), readings))


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("khẩu", [0]),
        ("khau", [0]),
        ("61/KH-UBND", [0]),
        ("số:61", [0]),
        ('"xuất khẩu lao động"', [0]),
        ("XKLĐ", [0]),
        ("thiếu nhi", [1]),
        ("THIEU NHI", [1]),
        ("nam 2029 thiếu nhi", [0, 1]),
        ("nghèo", []),
    ],
)
def test_files_are_searched_as_articles_are(bench: Bench, tmp_path: Path, typed: str, found: list[int]) -> None:
    files(bench, tmp_path, pdf([PLAN]), docx(("Báo cáo công tác thiếu nhi của huyện",)))
    article(bench, tmp_path, 1, address(0), address(1))
    (hit,) = search(bench, typed)
    assert [file.url for file in hit.files] == [address(n) for n in found]
    assert hit.missing == ()


def test_a_phrase_does_not_run_from_the_article_into_a_file_or_between_files(bench: Bench, tmp_path: Path) -> None:
    files(bench, tmp_path, docx(("Báo cáo công tác thiếu nhi",)), docx(("đồng bằng sông Hồng",)))
    article(bench, tmp_path, 1, address(0), address(1), body=["Năm 2022, huyện giảm nghèo."])
    assert search(bench, '"thiếu nhi đồng bằng"') == ()
    assert search(bench, '"nghèo báo cáo"') == ()
    assert len(search(bench, '"công tác thiếu nhi"')) == 1


def test_a_hit_in_the_article_stands_above_one_in_a_file(bench: Bench, tmp_path: Path) -> None:
    often = "Xuất khẩu lao động, xuất khẩu lao động. " * 50
    files(bench, tmp_path, docx((often,)))
    article(bench, tmp_path, 1)
    long = ["Huyện họp bàn việc thường kỳ về nông thôn mới. " * 200, "Có nói đến xuất khẩu lao động."]
    article(bench, tmp_path, 2, f"{HOST}/uploads/none.pdf", title="Huyện Gia Viễn họp", body=long)
    hits = search(bench, "xuất khẩu lao động")
    assert [(hit.entry.article.key.rpartition("-")[2], len(hit.files)) for hit in hits] == [("2", 0), ("1", 1)]


def test_what_a_file_says_excludes_no_article(bench: Bench, tmp_path: Path) -> None:
    files(bench, tmp_path, pdf([PLAN]))
    article(bench, tmp_path)
    assert len(search(bench, "nghèo -khẩu")) == 1
    assert search(bench, "khẩu -nghèo") == ()


def test_no_fact_is_read_in_a_file(bench: Bench, tmp_path: Path) -> None:
    article(bench, tmp_path)
    before = bench.only()
    files(bench, tmp_path, pdf([PLAN]))
    after = bench.only()
    assert {name for name in after if after[name] != before[name]} == {"attachments"}


def test_a_file_that_comes_later_is_found_by_the_next_update_of_the_index(bench: Bench, tmp_path: Path) -> None:
    article(bench, tmp_path)
    assert search(bench, "khẩu") == ()
    files(bench, tmp_path, pdf([PLAN]))
    assert len(search(bench, "khẩu")) == 1


def test_the_words_of_all_files_of_an_article_are_searched_up_to_a_limit(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "MAX_FILES", 60)
    files(bench, tmp_path, docx(("Báo cáo công tác thiếu nhi",)), docx(("Đồng bằng sông Hồng rồi đến sông Đáy",)))
    article(bench, tmp_path, 1, address(0), address(1))
    assert [len(search(bench, word)) for word in ("thiếu nhi", "Hồng", "Đáy")] == [1, 1, 0]


# --- pages --------------------------------------------------------------------------------------------------------

SAID = {
    "": ("đã đọc chữ để tìm kiếm", "bản quét, không có lớp chữ", "có mật khẩu", "tệp hỏng", "quá lớn hoặc quá phức tạp", "loại tệp này không", "Trong tệp đính kèm:", "trong tệp đính kèm"),
    "/en": ("read for searching", "a scan without a text layer", "locked with a password", "broken", "too large or too complex", "this kind of file", "In the attached file:", "in an attached file"),
}  # fmt: skip


@pytest.mark.parametrize("prefix", SAID)
def test_pages_say_of_each_file_what_became_of_its_text(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prefix: str
) -> None:
    large = pdf([PLAN]) + b"%" * 10_000
    monkeypatch.setattr(office, "MAX_FILE", len(large) - 1)
    bodies = (pdf([PLAN]), SCAN, LOCKED, BROKEN, large, OUTCOMES["other"])
    files(bench, tmp_path, *bodies)
    article(bench, tmp_path, 1, *map(address, range(len(bodies))))
    (hit,) = search(bench, "khẩu")
    client = create_app({"DATA": bench.data.path, "TESTING": True}).test_client()
    shown = client.get(f"{prefix}/articles/{hit.entry.id}").text
    found = client.get(f"{prefix}/search?q=khẩu&all=1").text
    assert [words for words in SAID[prefix] if words not in shown + found] == []
    assert f'<a href="/captures/{hit.files[0].capture}" rel="nofollow" lang="vi">tep-0.pdf</a>' in found
    assert "nước ngoài" not in shown + found


def test_the_command_line_names_the_file(bench: Bench, tmp_path: Path) -> None:
    files(bench, tmp_path, pdf([PLAN]), SCAN)
    article(bench, tmp_path, 1, address(0), address(1), address(2))
    (hit,) = search(bench, "khẩu")
    told = [
        CliRunner().invoke(main, ["--data", str(bench.data.path), *said]).output
        for said in (("search", "khẩu", "--all"), ("show", hit.entry.id))
    ]
    assert "in the attached file: tep-0.pdf" in told[0]
    states = [line.rpartition(": ")[2] for line in told[1].splitlines() if line.startswith("file ")]
    assert states == ["text", "scan", "not held"]
    assert "nước ngoài" not in "".join(told)


# --- what is closed -----------------------------------------------------------------------------------------------

NAME = "Nguyễn Thị Thử"
LIST = ("Danh sách đi làm việc ở nước ngoài", f"1. {NAME}, CCCD 036085001234", "2. Trần Văn Mẫu")


def close(bench: Bench, **what: str) -> None:
    add_takedown(bench.data, bench.store, Takedown("r", "2026-01-02", **what))


def take_anew(bench: Bench, portal: Portal) -> Bench:
    bench.store.close()
    again = Bench(bench.data, portal)
    bench.store, bench.ingester = again.store, again.ingester
    return bench


@pytest.fixture
def listed(bench: Bench, tmp_path: Path) -> Bench:
    """Two articles that offer the same file, which names people."""
    files(bench, tmp_path, docx(LIST), mime=WORD)
    article(bench, tmp_path, 1)
    article(bench, tmp_path, 2, title="Huyện Gia Viễn giới thiệu việc làm cho hộ nghèo")
    return bench


def ids(bench: Bench) -> dict[str, str]:
    return {bench.store.get_entry(one).article.key.rpartition("-")[2]: one for one in bench.store.article_ids()}


def test_a_closed_article_takes_its_file_from_every_article_that_offers_it(listed: Bench) -> None:
    assert len(search(listed, '"làm việc ở nước ngoài"')) == 2
    close(listed, article=ids(listed)["1"])
    assert search(listed, '"làm việc ở nước ngoài"') == ()
    assert entry(listed).attachments[0].text is False


def test_a_closed_capture_takes_its_words(listed: Bench) -> None:
    (capture,) = {
        file.capture for one in ids(listed).values() for file in listed.store.get_entry(one).article.attachments
    }
    close(listed, capture=str(capture))
    assert search(listed, '"làm việc ở nước ngoài"') == ()
    assert len(search(listed, "nghèo")) == 2


def test_a_blanked_span_is_not_found_through_a_file_and_the_file_is_closed(listed: Bench) -> None:
    assert len(search(listed, f'"{NAME}"')) == 2
    close(listed, article=ids(listed)["1"], span=NAME)
    assert search(listed, f'"{NAME}"') == ()
    assert len(search(listed, '"làm việc ở nước ngoài"')) == 2
    assert listed.store.access.reach(1).blanked == 1
    (capture,) = {
        file.capture for one in ids(listed).values() for file in listed.store.get_entry(one).article.attachments
    }
    with closing(Archive(listed.data)) as archive, pytest.raises(TakenDown):
        archive.read_capture(str(capture))


def test_a_file_that_comes_after_the_takedown_is_closed_all_the_same(
    bench: Bench, portal: Portal, tmp_path: Path
) -> None:
    article(bench, tmp_path, 1)
    article(bench, tmp_path, 2, title="Huyện Gia Viễn giới thiệu việc làm cho hộ nghèo")
    close(bench, article=ids(bench)["1"])
    files(take_anew(bench, portal), tmp_path, docx(LIST))
    assert search(bench, '"làm việc ở nước ngoài"') == ()


def test_an_article_that_comes_closed_takes_its_file_from_others(bench: Bench, portal: Portal, tmp_path: Path) -> None:
    other = Bench(DataDir(tmp_path / "other"), portal)
    article(other, tmp_path / "o", 1)
    article_id = ids(other)["1"]
    other.store.close()
    files(bench, tmp_path, docx(LIST))
    article(bench, tmp_path, 2, title="Huyện Gia Viễn giới thiệu việc làm cho hộ nghèo")
    assert len(search(bench, f'"{NAME}"')) == 1
    bench.data.takedowns.write_text(f'[[takedown]]\narticle = "{article_id}"\nreason = "r"\ndate = 2026-01-02\n')
    article(take_anew(bench, portal), tmp_path, 1)
    assert search(bench, f'"{NAME}"') == ()


def test_a_withdrawn_takedown_lets_a_file_be_found_again(listed: Bench, portal: Portal) -> None:
    before = listed.lines()
    for what in ({"article": ids(listed)["1"]}, {"article": ids(listed)["2"], "span": NAME}):
        close(listed, **what)
    listed.data.takedowns.write_text("")
    take_anew(listed, portal)
    assert listed.lines() == before
    assert len(search(listed, f'"{NAME}"')) == 2


def test_files_of_articles_about_people_to_be_protected_are_not_searched(bench: Bench, tmp_path: Path) -> None:
    files(bench, tmp_path, docx(LIST))
    body = ["Phòng LĐ-TB&XH huyện đã đến thăm cháu Lường Thị Hoa (9 tuổi), người bị xâm hại tại xã Tân Lập."]
    article(bench, tmp_path, 1, title="Phối hợp can thiệp vụ việc xâm hại trẻ em", body=body)
    assert bench.store.get_entry(ids(bench)["1"]).enrichment.sensitive == ("minor",)
    assert search(bench, f'"{NAME}"') == ()
    assert entry(bench).attachments[0].text is True


def test_numbers_of_persons_in_files_are_not_searched(listed: Bench) -> None:
    assert search(listed, "036085001234") == ()


# --- databases of before ------------------------------------------------------------------------------------------


def older(database: Path) -> None:
    """Take a database back to where files were not read, then let the migration run again."""
    script = resources.files("archive.store.schema").joinpath("007_texts.sql").read_text("utf-8")
    with closing(sqlite3.connect(database)) as db:
        for name in ("TABLE texts", "TABLE unread", "INDEX captures_files", "VIEW open_problems"):
            db.execute(f"DROP {name}")
        db.execute("UPDATE articles SET digest = '', article = replace(article, '\"text\":true', '\"text\":false')")
        db.execute("CREATE VIEW open_problems AS SELECT * FROM problems")
        db.executescript(script)
        db.commit()
    Store(database).close()


def test_files_of_an_older_database_are_read_by_the_next_ingest(bench: Bench, portal: Portal, tmp_path: Path) -> None:
    files(bench, tmp_path, pdf([PLAN]), SCAN, BROKEN)
    article(bench, tmp_path, 1, *map(address, range(3)))
    before = rows(bench, "texts"), bench.lines()
    bench.store.close()
    older(bench.data.database)
    bench.store = Store(bench.data.database)
    assert (bench.store.totals().unread, rows(bench, "texts")) == (3, [])
    rebuild_index(bench.store, open_engine(bench.data))
    assert search(bench, "khẩu") == ()
    assert any("3 files were not read yet" in sentence for sentence in check(bench.data))
    again = take_anew(bench, portal)
    assert list(again.ingester.catch_up(again.tally)) == []
    assert (rows(again, "texts"), again.lines(), again.store.totals().unread) == (*before, 0)
    assert len(search(again, "khẩu")) == 1


def test_a_file_that_is_lost_keeps_waiting(bench: Bench, portal: Portal, tmp_path: Path) -> None:
    files(bench, tmp_path, pdf([PLAN]))
    article(bench, tmp_path)
    bench.store.close()
    older(bench.data.database)
    (held,) = (path for path in bench.data.imported.glob("*.gz") if PDF.encode() in gzip.decompress(path.read_bytes()))
    held.unlink()
    bench.store = Store(bench.data.database)
    again = take_anew(bench, portal)
    assert list(again.ingester.catch_up(again.tally)) == []
    assert again.store.totals().unread == 1


def test_a_reading_has_no_text_for_others(bench: Bench, tmp_path: Path) -> None:
    files(bench, tmp_path, pdf([PLAN]))
    article(bench, tmp_path)
    (reading,) = bench.store.texts.readings(entry(bench)).values()
    assert reading == FileReading("text", size=len(pdf([PLAN])), extracted_by=office.READ_BY)
