"""Pledges from stored articles to readers: what is settled when, what a reader gets, what may not be told, and corrections."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from archive.cli import main
from archive.enrich import analyze_text, enrich
from archive.export import csv_lines, pledge_json, pledges_csv, read_enquiries, replies_csv
from archive.ingest import update_ledger
from archive.models import ArchiveError, Article, DataDir, Enrichment, Hint, NotFound, Portal, Problem, QueryError
from archive.pledges import PledgePage, PledgeRequest, commune_of, place_of
from archive.search import Archive, Enquiry, find_indicator, find_place, open_archive
from archive.store import Store, sums
from tests.pages import article_page, exchange, url, warc
from tests.test_ingest import captured

PLAN = "Năm 2022, huyện Gia Viễn phấn đấu giải quyết việc làm cho 4.000 lao động."
REPORT = "Năm 2022, huyện Gia Viễn đã giải quyết việc làm cho 3.100 lao động."
HALF = "6 tháng đầu năm 2022, huyện Gia Viễn đã giải quyết việc làm cho 1.900 lao động."
Saver = Callable[..., Article]


@pytest.fixture
def store(data: DataDir) -> Iterator[Store]:
    with closing(Store(data.database)) as made:
        yield made


@pytest.fixture
def save(store: Store, article: Callable[..., Article], portal: Portal) -> Saver:
    def one(key: str, title: str, text: str, published: str | None, **facts: object) -> Article:
        made = article(key=key, title=title, summary="", body=(text,), published=published, url=f"http://x.test/{key}")
        with store.transaction():
            store.save_portal(portal)
            known = replace(enrich(made, portal), **facts)  # type: ignore[arg-type]
            store.save_entry(made, known, (), "2022-12-31T00:00:00Z", "live")
        return made

    return one


@pytest.fixture
def archive(store: Store, data: DataDir) -> Iterator[Archive]:
    with closing(open_archive(data)) as opened:
        yield opened


def plan(save: Saver) -> Article:
    return save("1", "Gia Viễn triển khai kế hoạch việc làm năm 2022", PLAN, "2022-01-12")


def report(save: Saver) -> Article:
    return save("2", "Gia Viễn: kết quả giải quyết việc làm năm 2022", REPORT, "2022-12-20")


def verdicts(page: PledgePage) -> list[str]:
    return [pledge.verdict.kind for pledge in page.pledges]


def test_a_promise_is_listed_with_its_verdict_and_both_sources(store: Store, save: Saver, archive: Archive) -> None:
    promise, outcome = plan(save), report(save)
    assert update_ledger(store) == 1
    (pledge,) = archive.pledges(PledgeRequest()).pledges
    assert (pledge.place, pledge.target.value, pledge.verdict.kind) == ("373", 4000, "partly")
    assert [one.article for one in pledge.sources] == [promise.id]
    assert [one.statement.article for one in pledge.answers] == [outcome.id]
    assert pledge.coverage is None
    assert archive.get_pledge(pledge.id.lower()) == pledge


def test_a_report_that_comes_later_changes_the_verdict(store: Store, save: Saver, archive: Archive) -> None:
    plan(save)
    update_ledger(store)
    assert verdicts(archive.pledges(PledgeRequest())) == ["no-report"]
    save("3", "Gia Viễn sơ kết 6 tháng", HALF, "2022-07-05")
    assert archive.pledges(PledgeRequest()).pending == 1
    update_ledger(store)
    assert verdicts(archive.pledges(PledgeRequest(filters={"verdict": ("interim",)}))) == ["interim"]
    report(save)
    update_ledger(store)
    page = archive.pledges(PledgeRequest())
    assert (verdicts(page), page.pending) == (["partly"], 0)


def test_an_article_that_is_gone_takes_its_promise_with_it(store: Store, save: Saver, archive: Archive) -> None:
    promise = plan(save)
    update_ledger(store)
    (pledge,) = archive.pledges(PledgeRequest()).pledges
    store._db.execute("DELETE FROM articles WHERE id = ?", (promise.id,))  # as a takedown does
    assert archive.pledges(PledgeRequest()).pledges == ()  # not shown, settled or not
    assert update_ledger(store) == 1
    assert archive.pledges(PledgeRequest()).total == 0
    with pytest.raises(NotFound, match="no pledge"):
        archive.get_pledge(pledge.id)


def test_nothing_is_settled_twice(store: Store, save: Saver) -> None:
    plan(save)
    assert (update_ledger(store), update_ledger(store)) == (1, 0)
    plan(save)  # seen again, unchanged
    assert update_ledger(store) == 0


def test_a_process_killed_while_it_settles_leaves_the_rest_unsettled(
    store: Store, save: Saver, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan(save)
    monkeypatch.setattr("archive.ingest.publishing.make_ledger", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        update_ledger(store)
    assert store.ledger.pending() == 1
    monkeypatch.undo()
    assert update_ledger(store) == 1
    assert list(store.damaged()) == []


def test_facets_follow_the_other_filters(store: Store, save: Saver, archive: Archive) -> None:
    plan(save)
    save("4", "Huyện Nho Quan việc làm", PLAN.replace("Gia Viễn", "Nho Quan"), "2022-02-01")
    save("5", "Gia Viễn", PLAN.replace("2022", "2023"), "2023-01-12")
    update_ledger(store)
    page = archive.pledges(PledgeRequest({"place": ("373",)}))
    assert page.total == 2
    assert {value.value: value.count for value in page.facets["place"]} == {"373": 2, "372": 1}
    assert [(value.value, value.count) for value in page.facets["year"]] == [("2023", 1), ("2022", 1)]
    (indicator,) = page.facets["indicator"]
    assert (indicator.value, indicator.label) == ("jobs_created", "Lao động được giải quyết việc làm")
    assert archive.pledges(PledgeRequest({"place": ("37",)})).total == 3  # the province
    assert archive.pledges(PledgeRequest({"topic": ("viec-lam",), "year": ("2023", "2024")})).total == 1
    assert archive.pledges(PledgeRequest({"place": ("373",), "indicator": ("poor_hh_count",)})).total == 0


@pytest.mark.parametrize(
    "request_", [PledgeRequest({"colour": ("x",)}), PledgeRequest(limit=101), PledgeRequest(page=0), PledgeRequest(page=9999)]
)  # fmt: skip
def test_a_request_out_of_bounds_is_refused(store: Store, archive: Archive, request_: PledgeRequest) -> None:
    with pytest.raises(QueryError):
        archive.pledges(request_)


def test_pages_show_every_pledge_once_the_newest_first(store: Store, save: Saver, archive: Archive) -> None:
    for year in range(2014, 2021):
        save(str(year), f"Gia Viễn {year}", PLAN.replace("2022", str(year)), f"{year}-01-12")
    update_ledger(store)
    pages = [archive.pledges(PledgeRequest(page=page, limit=3)).pledges for page in (1, 2, 3)]
    assert [pledge.target.year for page in pages for pledge in page] == list(range(2020, 2013, -1))
    assert {pledge.id for pledge in archive.every_pledge({})} == {pledge.id for page in pages for pledge in page}


def test_the_words_of_an_article_about_people_are_in_no_list(store: Store, save: Saver, archive: Archive) -> None:
    save("1", "Kế hoạch", PLAN, "2022-01-12", sensitive=("rehab",))
    assert update_ledger(store) == 0
    assert archive.pledges(PledgeRequest()).total == 0


def test_telephone_numbers_in_titles_are_masked(store: Store, save: Saver, archive: Archive) -> None:
    save("1", "Gia Viễn năm 2022, liên hệ 0912345678", PLAN, "2022-01-12")
    update_ledger(store)
    (pledge,) = archive.pledges(PledgeRequest()).pledges
    assert "0912345678" not in json.dumps(pledge_json(pledge))


def test_a_ward_never_answers_for_its_district(store: Store, save: Saver, archive: Archive) -> None:
    plan(save)
    save("6", "Xã Gia Trung giải quyết việc làm", "Năm 2022, xã Gia Trung đã giải quyết việc làm cho 300 lao động.", "2022-12-21")  # fmt: skip
    update_ledger(store)
    (pledge,) = archive.pledges(PledgeRequest()).pledges
    assert pledge.verdict.kind == "no-report"
    assert [part.commune for part in pledge.parts] == ["Xã Gia Trung"]


def test_the_pledges_of_an_article_are_those_it_makes_or_answers(store: Store, save: Saver, archive: Archive) -> None:
    promise, outcome = plan(save), report(save)
    other = save("7", "Gia Viễn", PLAN.replace("2022", "2023"), "2023-01-12")
    update_ledger(store)
    assert [one.target.year for one in archive.article_pledges(promise.id)] == [2022]
    assert archive.article_pledges(outcome.id.lower()) == archive.article_pledges(promise.id)
    assert [one.target.year for one in archive.article_pledges(other.id)] == [2023]


def test_the_figures_of_a_place_stand_side_by_side(store: Store, save: Saver, archive: Archive) -> None:
    plan(save), report(save)
    (series,) = archive.place_series("373")
    assert [one.claim.value for one in series.targets] == [4000]
    assert [one.claim.value for one in series.results] == [3100]
    assert archive.place_series("001") == ()


def test_a_database_of_before_has_its_pledges_after_the_migration(data: DataDir, store: Store, save: Saver) -> None:
    plan(save), report(save)
    update_ledger(store)
    tables = ("claims", "subjects", "pledges", "units")
    before = {table: store._db.execute(f"SELECT * FROM {table}").fetchall() for table in tables}
    store.close()
    migrate_again(data.database)
    with closing(Store(data.database)) as migrated:
        assert update_ledger(migrated) == 1
        assert {table: migrated._db.execute(f"SELECT * FROM {table}").fetchall() for table in tables} == before
        assert list(migrated.damaged()) == []


def migrate_again(database: Path) -> None:
    """Make what 005 makes anew, as a database written by an earlier version gets it."""
    script = resources.files("archive.store.schema").joinpath("005_pledges.sql").read_text("utf-8")
    tables = ("claims", "unsettled", "pledges", "subjects", "missing", "units")
    with closing(sqlite3.connect(database)) as db:
        db.executescript("".join(f"DROP TABLE {table};" for table in tables) + "DROP INDEX problems_portal;")
        db.executescript(script)
    with closing(Store(database)) as store:
        sums.renew(store._db)  # as every migration does


# --- coverage ------------------------------------------------------------------------------------------------


def gap_of(archive: Archive) -> str:
    (pledge,) = archive.pledges(PledgeRequest({"year": ("2022",), "indicator": ("jobs_created",)})).pledges
    assert pledge.coverage is not None
    return pledge.coverage.gap


def test_none_found_is_said_only_where_pages_are_held(store: Store, save: Saver, archive: Archive) -> None:
    save("1", "Gia Viễn", PLAN, "2021-12-30")
    update_ledger(store)
    assert gap_of(archive) == "not-crawled"
    save("8", "Huyện Gia Viễn tặng quà Tết cho người có công", "Huyện Gia Viễn tặng quà.", "2023-01-12")
    update_ledger(store)
    (pledge,) = archive.pledges(PledgeRequest()).pledges
    assert pledge.coverage is not None
    assert pledge.coverage.gap == "none-found"
    assert (pledge.coverage.first, pledge.coverage.last) == ("2022-01-01", "2023-12-31")
    assert (pledge.coverage.portals, pledge.coverage.articles) == (("thu-nghiem",), {"thu-nghiem": 1})


def test_pages_after_the_next_year_cover_nothing(store: Store, save: Saver, archive: Archive) -> None:
    save("1", "Gia Viễn", PLAN, "2021-12-30")
    save("8", "Huyện Gia Viễn tặng quà Tết", "Huyện Gia Viễn tặng quà.", "2024-01-01")
    update_ledger(store)
    assert gap_of(archive) == "not-crawled"


@pytest.mark.parametrize(
    ("day", "expected"), [("2022-12-28", "page-gone"), (None, "page-gone"), ("2018-01-01", "none-found")]
)
def test_a_known_page_that_is_not_held_may_be_the_report(
    store: Store, save: Saver, archive: Archive, day: str | None, expected: str
) -> None:
    plan(save)
    with store.transaction():
        store.save_hint("ABCDEFGHIJKL", "CAPTURE", Hint("http://thunghiem.test/9", published=day))
        store.bury("ABCDEFGHIJKL", "thu-nghiem")
    update_ledger(store)
    assert gap_of(archive) == expected


def test_a_page_that_is_captured_later_is_missing_no_more(store: Store, save: Saver, archive: Archive) -> None:
    promise = plan(save)
    with store.transaction():
        store.bury(promise.id, "thu-nghiem")
    save("1", "Gia Viễn, cập nhật", PLAN, "2022-01-12")
    update_ledger(store)
    assert gap_of(archive) == "none-found"


def test_a_page_that_could_not_be_read_may_be_the_report(store: Store, save: Saver, archive: Archive) -> None:
    plan(save)
    with store.transaction():
        store.save_problem(Problem("thu-nghiem", "C", "http://thunghiem.test/9", "extract", "no title", "2022-12-30"))
    update_ledger(store)
    assert gap_of(archive) == "problem"


# --- the command's tables ------------------------------------------------------------------------------------


def table(lines: Iterator[str]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO("".join(lines), newline="")))


def test_every_line_of_the_table_has_article_digest_and_quote(store: Store, save: Saver, archive: Archive) -> None:
    plan(save), report(save)
    update_ledger(store)
    rows = table(pledges_csv(archive.every_pledge({})))
    assert [(row["role"], row["value"], row["when"]) for row in rows] == [("target", "4000", ""), ("decides", "3100", "in-time")]  # fmt: skip
    assert {row["arithmetic"] for row in rows} == {"3100 / 4000 = 0.775"}
    assert all(row["article"] and row["quote"] for row in rows)


def test_questions_are_answered_by_the_list(store: Store, save: Saver, archive: Archive, tmp_path: Path) -> None:
    plan(save), report(save)
    update_ledger(store)
    asked = tmp_path / "questions.csv"
    asked.write_text(
        "stt;district;indicator;year\n1;Gia Viễn;jobs_created;2022\n2;373;lao dong duoc giai quyet viec lam;2023\n"
        "3;Châu Thành;jobs_created;2022\n4;gia vien, ninh binh;jobs_created;nay\n",
        "utf-8-sig",
    )
    first, second, third, fourth = table(replies_csv(r for e in read_enquiries(asked) for r in archive.reply(e)))
    assert (first["target"], first["result"], first["ratio"], first["verdict"]) == ("4000", "3100", "0.775", "partly")
    assert (first["direction"], first["arithmetic"]) == ("total", "3100 / 4000 = 0.775")
    assert first["sources"] == "http://x.test/1 http://x.test/2"
    assert (second["verdict"], second["coverage"][:10]) == ("no-target", "not-crawle")
    assert "may be several districts" in third["note"]
    assert "no year" in fourth["note"]


def test_what_was_reported_without_a_promise_is_told(store: Store, save: Saver, archive: Archive) -> None:
    outcome = report(save)
    update_ledger(store)
    (reply,) = archive.reply(Enquiry("Huyện Gia Viễn", "jobs_created", "2022"))
    assert reply.pledge is None
    assert reply.result is not None
    assert reply.result.article == outcome.id
    assert reply.coverage is not None


@pytest.mark.parametrize("text", ["district,year\n004,2020\n", "", "huyện,chỉ tiêu,năm\n"])
def test_a_list_without_its_columns_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "questions.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(ArchiveError, match="indicator"):
        read_enquiries(path)


def test_a_list_that_is_no_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "questions.csv"
    path.write_bytes("district,indicator,year\nQuận Đống Đa".encode("utf-16"))
    with pytest.raises(ArchiveError, match="UTF-8"):
        read_enquiries(path)


@given(st.lists(st.text(max_size=12), min_size=1, max_size=4).filter(any))
def test_cells_come_back_as_they_were_and_none_is_a_formula(cells: list[str]) -> None:
    (_, row) = csv.reader(io.StringIO("".join(csv_lines(["c"] * len(cells), [cells])), newline=""))
    assert [cell.removeprefix("'") for cell in row] == cells
    assert not [cell for cell in row if cell[:1] and cell[0] in "=+-@\t\r\0＝＋－＠"]


PLACES = {
    "004": "004", "Quận Long Biên": "004", "long bien": "004", "Long Biên, Hà Nội": "004", "Châu Thành, An Giang": "892",
    "thanh trì": "020", "  Gia Viễn ": "373", "37": "37",
}  # fmt: skip


@pytest.mark.parametrize("written", PLACES)
def test_a_district_is_found_by_its_names(written: str) -> None:
    assert find_place(written) == PLACES[written]


@pytest.mark.parametrize(("written", "told"), [("Châu Thành", "892 is Huyện Châu Thành, Tỉnh An Giang"), ("Long Biêng", "near: "), ("", "no district")])  # fmt: skip
def test_a_district_that_is_not_certain_is_asked_back(written: str, told: str) -> None:
    with pytest.raises(ArchiveError, match=told):
        find_place(written)


def test_a_year_tells_units_of_one_name_apart() -> None:
    assert find_place("Quận Thủ Đức", "2019") == "762"


def test_an_indicator_is_found_by_its_names() -> None:
    assert {find_indicator(name) for name in ("poor_hh_count", "Số hộ nghèo", "so ho ngheo", "Poor households")} == {"poor_hh_count"}  # fmt: skip
    with pytest.raises(ArchiveError, match="near: so ho ngheo"):
        find_indicator("số hộ nghèoo")


# --- what people decide about claims -------------------------------------------------------------------------

WHY = ("--reason", "Đã đối chiếu với văn bản")


class Terminal:
    """`ansinh` on an archive with a promise and its report."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data = folder, folder / "data"
        self.take(article_page("Gia Viễn: kế hoạch việc làm năm 2022", [PLAN], when="Thứ tư - 12/01/2022 08:00"), 1)
        self.take(article_page("Gia Viễn: kết quả việc làm năm 2022", [REPORT], when="Thứ ba - 20/12/2022 08:00"), 2)
        (pledge,) = self.pledges()
        self.promise, self.claim = pledge["sources"][0]["article"], pledge["target"]["id"]
        self.outcome, self.result = pledge["answers"][0]["article"], pledge["answers"][0]["claim"]["id"]

    def take(self, page: bytes, n: int) -> None:
        self.ok("import", str(warc(self.folder / f"{n}.warc", [exchange(url(n), page)])))

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(main, ["--data", str(self.data), *arguments])

    def ok(self, *arguments: str) -> str:
        result = self.run(*arguments)
        assert result.exit_code == 0, result.output
        return result.stdout

    def pledges(self) -> list[dict[str, Any]]:
        shown: list[dict[str, Any]] = json.loads(self.ok("pledges", "--json"))["pledges"]
        return shown

    def states(self) -> list[str]:
        return [json.loads(line)["state"] for line in self.ok("correct", "--list", "--json").splitlines()]


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


def test_a_claim_is_named_by_the_id_that_show_prints(terminal: Terminal) -> None:
    assert f"claim {terminal.claim}: target jobs_created = 4000 người" in terminal.ok("show", terminal.promise)


def test_a_confirmed_claim_says_so(terminal: Terminal) -> None:
    assert "applied" in terminal.ok("correct", terminal.promise, terminal.claim.lower(), "confirm", *WHY)
    (pledge,) = terminal.pledges()
    assert pledge["sources"][0]["decided"] == "confirmed"
    assert pledge["target"]["confidence"] == 1.0
    assert pledge["answers"][0]["decided"] is None


def test_a_corrected_claim_changes_the_verdict_at_once_and_outlives_a_rebuild(terminal: Terminal) -> None:
    terminal.ok("correct", terminal.outcome, terminal.result, "value=4100", "comparator=>=", *WHY)
    (pledge,) = terminal.pledges()
    assert (pledge["verdict"]["kind"], pledge["verdict"]["arithmetic"]) == ("kept", "4100 / 4000 = 1.025")
    assert pledge["answers"][0]["decided"] == "corrected"
    assert pledge["answers"][0]["claim"]["quote"] in REPORT
    terminal.ok("rebuild")
    assert terminal.pledges() == [pledge]
    assert "everything agrees" in terminal.ok("check")


def test_a_rejected_claim_is_gone_until_it_is_confirmed(terminal: Terminal) -> None:
    terminal.ok("correct", terminal.outcome, terminal.result, "reject", *WHY)
    assert [pledge["verdict"]["kind"] for pledge in terminal.pledges()] == ["no-report"]
    terminal.ok("correct", terminal.promise, terminal.claim, "reject", *WHY)
    assert terminal.pledges() == []
    terminal.ok("correct", terminal.promise, terminal.claim, "confirm", *WHY)
    terminal.ok("correct", terminal.outcome, terminal.result, "confirm", *WHY)
    assert [pledge["verdict"]["kind"] for pledge in terminal.pledges()] == ["partly"]
    assert terminal.states() == ["superseded", "superseded", "applied", "applied"]


def test_decisions_on_two_claims_of_an_article_hold_side_by_side(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    both = article_page(
        "Gia Viễn", [PLAN, "Huyện phấn đấu giảm 40 hộ nghèo năm 2022."], when="Thứ tư - 12/01/2022 08:00"
    )
    terminal.take(both, 3)
    second = json.loads(terminal.ok("pledges", "--indicator", "Số hộ nghèo", "--json"))["pledges"][0]
    article, claim = second["sources"][0]["article"], second["target"]["id"]
    other = next(
        one["id"] for one in json.loads(terminal.ok("show", article, "--json"))["claims"] if one["id"] != claim
    )
    terminal.ok("correct", article, other, "confirm", *WHY)
    terminal.ok("correct", article, claim, "value=50", *WHY)
    assert terminal.states() == ["applied", "applied"]


def test_a_decision_on_a_text_that_changed_is_listed_as_stale(terminal: Terminal) -> None:
    terminal.ok("correct", terminal.outcome, terminal.result, "value=4100", *WHY)
    changed = REPORT.replace("3.100", "3.200")
    page = article_page("Gia Viễn: kết quả việc làm năm 2022", [changed])
    terminal.ok("import", str(captured(terminal.folder, "2035-01-01", [(url(2), page)])))
    assert terminal.states() == ["stale"]
    assert "not applied, stale" in terminal.run("check").stdout


def test_a_decision_on_a_claim_that_rules_read_no_more_is_stale(terminal: Terminal) -> None:
    terminal.ok("correct", terminal.outcome, terminal.result, "confirm", *WHY)
    path = terminal.data / "corrections.toml"
    path.write_text(path.read_text("utf-8").replace(terminal.result, "AAAAAAAAAAAA"), "utf-8")
    terminal.ok("takedown")
    assert terminal.states() == ["stale"]


def test_a_claim_that_an_article_never_had_is_refused(terminal: Terminal) -> None:
    result = terminal.run("correct", terminal.promise, terminal.result, "confirm", *WHY)
    assert result.exit_code == 1
    assert f"`ansinh show {terminal.promise}` lists its claims" in result.stderr
    assert not (terminal.data / "corrections.toml").exists()


@pytest.mark.parametrize(("change", "message"), [
    ("value=4.000", "write 4000 for 4.000"), ("value=1,5", "1.5 for 1,5"), ("value=", "value cannot be empty"),
    ("kind=promise", "target, result"), ("colour=red", "no 'colour'"), ("year=20", "no year"), ("perhaps", "no 'perhaps'"),
    ("indicator=x", "'x' is no indicator"), ("place=9999", "'9999' is no place"), ("direction=", "cannot be empty"),
])  # fmt: skip
def test_a_change_that_cannot_be_is_refused_with_the_way_to_write_it(
    terminal: Terminal, change: str, message: str
) -> None:
    result = terminal.run("correct", terminal.promise, terminal.claim, change, *WHY)
    assert result.exit_code == 1
    assert message in result.stderr
    assert not (terminal.data / "corrections.toml").exists()


@pytest.mark.parametrize("change", ["value_max=4500", "period=6 tháng đầu năm", "sub_population=", "place=373/Xã Gia Trung",
                                    "indicator=voc_trained", "year=2021", "assigner=UBND tỉnh, HĐND"])  # fmt: skip
def test_every_field_of_a_claim_can_be_corrected(terminal: Terminal, change: str) -> None:
    terminal.ok("correct", terminal.promise, terminal.claim, change, *WHY)
    claims = json.loads(terminal.ok("show", terminal.promise, "--json"))["claims"]
    name, _, value = change.partition("=")
    (claim,) = [one for one in claims if one["id"] == terminal.claim]
    assert str(claim[name] or "").removesuffix(".0") == value


def test_what_is_typed_for_pledges_is_understood(terminal: Terminal) -> None:
    assert "1 pledges" in terminal.ok("pledges", "--place", "gia viễn", "--year", "2022", "--verdict", "partly")
    assert "3100 / 4000 = 0.775" in terminal.ok("pledges")
    assert "0 pledges" in terminal.ok("pledges", "--topic", "tre-em")
    assert "no district is called" in terminal.run("pledges", "--place", "Atlantis").stderr
    assert terminal.ok("pledges", "--csv", "--limit", "1") == terminal.ok("pledges", "--csv")


def test_the_command_answers_a_list_of_questions(terminal: Terminal) -> None:
    asked = terminal.folder / "questions.csv"
    asked.write_text("district,indicator,year\n373,jobs_created,2022\n373,jobs_created,2021\n", "utf-8")
    first, second = table(iter([terminal.ok("pledges", "--batch", str(asked))]))
    assert (first["verdict"], second["verdict"]) == ("partly", "no-target")
    assert first["target_capture_sha256"]
    assert first["result_quote"] in REPORT


# --- the seeds -----------------------------------------------------------------------------------------------


def test_did_long_bien_keep_its_promise_of_no_poor_households(
    shared: Path, store: Store, save: Saver, archive: Archive, portal: Portal
) -> None:
    for key, name, published in (("1", "hnp-long-bien", "2020-01-09"), ("2", "cu-khoi", "2021-02-17")):
        text = (shared / f"data/seeds/{name}.txt").read_text("utf-8")
        title = text.strip().splitlines()[0]
        save_seed(store, key, title, text, published)
    update_ledger(store)
    page = archive.pledges(PledgeRequest({"place": ("004",), "indicator": ("poor_hh_count",), "year": ("2020",)}))
    found = {(one.target.direction, one.target.assigner, one.target.value): one for one in page.pledges}
    assert set(found) == {("down", "Thành phố", 40.0), ("down", "quận", 55.0), ("level", None, 0.0)}
    none_left = found["level", None, 0.0]
    assert none_left.verdict.kind == "no-report"
    assert none_left.coverage is not None
    assert ("Phường Cự Khối", 0.0) in {(part.commune, part.claim.value) for part in none_left.parts}
    jobs = archive.pledges(PledgeRequest({"indicator": ("job_counselling",)}))
    assert [one.target.value for one in jobs.pledges] == [6000.0]


def save_seed(store: Store, key: str, title: str, text: str, published: str) -> None:
    body = tuple(filter(None, map(str.strip, text.splitlines()[1:])))
    made = Article("thu-nghiem", key, f"http://x.test/{key}", title, body, ("p",) * len(body), published=published)
    facts: Enrichment = analyze_text(made.id, title, made.text, published)
    with store.transaction():
        store.save_entry(made, facts, (), "2021-03-01T00:00:00Z", "live")


PARTS = {
    "a result of a commune that the title names": (
        "Xã Phú Lộc, huyện Nho Quan giảm nghèo năm 2020", "Năm 2020, xã đã giảm 20 hộ nghèo.", "Xã Phú Lộc",
    ),
    "a result told in a commune": (
        "Nho Quan tổng kết công tác giảm nghèo năm 2020",
        "Sáng 20/12, tại xã Phú Lộc, huyện Nho Quan tổng kết. Năm 2020, toàn huyện đã giảm 310 hộ nghèo.",
        None,
    ),
    "a result of a commune that its own sentence names": (
        "Nho Quan tổng kết công tác giảm nghèo năm 2020",
        "Huyện Nho Quan tổng kết. Năm 2020, xã Phú Lộc đã giảm 20 hộ nghèo.",
        "Xã Phú Lộc",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", PARTS)
def test_a_figure_is_of_a_commune_only_where_it_is_told_so(case: str) -> None:
    title, text, commune = PARTS[case]
    found = analyze_text("a", title, f"{title}\n\n{text}", "2020-12-21").claims
    assert [commune_of(claim) for claim in found] == [commune]
    assert place_of(found[0]) == "372"
