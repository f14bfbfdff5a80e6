"""Coverage: what a month of a place counts, why it may be empty, and that tables, totals and JSON say the same."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from importlib import resources
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.coverage import (
    REASONS,
    Cell,
    CoverageRequest,
    Held,
    Reached,
    Reason,
    Span,
    cell_of,
    merged,
    months_between,
    months_of,
    reached,
)
from archive.export import table_json
from archive.models import Article, Capture, DataDir, Enrichment, Hint, Host, NotFound, Portal, Problem, Unit
from archive.runs import Alert, Health, Run
from archive.search import Archive, open_archive
from archive.store import Store

GIA_VIEN = Portal(
    "giavien", "Huyện Gia Viễn", "vnpt", (Host("g.test"),), "http://g.test/", (Unit("373", "2012-01-01", "2025-06-30"),)
)
NEXT = replace(GIA_VIEN, name="giavien2", title="Trang mới", units=(Unit("373", "2019-01-01", "2025-06-30"),))
WHOLE = replace(GIA_VIEN, name="ninhbinh", units=(), province="37")
UNREAD = replace(GIA_VIEN, name="kimson", units=(Unit("376", "2012-01-01", "2025-06-30"),))
DISTRICT = Span(None, "2025-06-30")


@pytest.fixture
def store(data: DataDir) -> Iterator[Store]:
    with closing(Store(data.database)) as made:
        yield made


@pytest.fixture
def archive(data: DataDir, store: Store) -> Iterator[Archive]:
    with closing(open_archive(data)) as made:
        yield made


def save(
    store: Store, portal: Portal, key: str, published: str | None, topics: tuple[str, ...] = ("giam-ngheo",)
) -> str:
    article = Article(
        portal.name, key, f"http://g.test/{portal.name}/{key}", "Tin", ("Nội dung",), ("p",), published=published
    )
    with store.transaction():
        store.save_entry(article, Enrichment(topics=topics), (), "2024-05-01T00:00:00Z", "live")
    return article.id


def fetch(store: Store, portal: Portal, when: str, article: str | None = None, status: int = 200) -> str:
    capture = Capture(
        f"C{portal.name}{when}{article}",
        portal.name,
        f"http://g.test/{article}",
        when,
        "live",
        status,
        "text/html",
        "ab",
        "x.warc.gz",
        0,
    )
    with store.transaction():
        store.save_portal(portal)
        store.save_capture(capture, "p", ("", ""), None, article)
    return capture.id


def catalogue(store: Store, *portals: Portal) -> None:
    with store.transaction():
        store.coverage.save_catalogue(portals)


def miss(store: Store, portal: Portal, article: str, day: str | None) -> None:
    with store.transaction():
        store.save_hint(article, "CH", Hint(f"http://g.test/{article}", published=day))
        store.ledger.miss(article, portal.name)


# --- the rule of one cell ------------------------------------------------------------------------------------

ALERT = Alert("p", "R", "2024-03-01T18:00:00Z", 3, "tls", "")
READ = Reached("p", since="2012-01-01", until="2025-06-30", last_good="2024-02-28T18:00:00Z")
REASONED: dict[str, tuple[str, list[tuple[Reached, Held]], Reason | None]] = {
    "something is held": ("2020-01", [(READ, Held(3))], None),
    "read since, and nothing": ("2020-01", [(READ, Held())], "none-found"),
    "in the month of the last good run": ("2024-02", [(READ, Held())], "none-found"),
    "not read since": ("2024-03", [(READ, Held())], "not-crawled"),
    "never read": ("2020-01", [(replace(READ, last_good=None), Held())], "not-crawled"),
    "not read since, for the crawl fails": ("2024-03", [(replace(READ, alert=ALERT), Held())], "failing"),
    "before the crawl failed": ("2024-01", [(replace(READ, alert=ALERT), Held())], "none-found"),
    "closed before": ("2024-06", [(replace(READ, retired=True), Held())], "portal-gone"),
    "known pages are not held": ("2020-01", [(READ, Held(0, 3, 1))], "page-gone"),
    "all of them were captured": ("2020-01", [(READ, Held(0, 2, 2))], "problem"),
    "no portal is known": ("2020-01", [], "no-portal"),
    "the portal was another's then": ("2011-12", [(READ, Held(4))], "no-portal"),
    "the place was no more": ("2025-07", [(READ, Held())], "ended"),
    "the weakest link of two portals": ("2020-01", [(READ, Held()), (READ, Held(0, 1))], "page-gone"),
    "a portal that was read beside one that was not": ("2020-01", [(READ, Held()), (replace(READ, last_good=None), Held())], "not-crawled"),
    "one of two portals has it": ("2020-01", [(READ, Held(2)), (READ, Held(0, 1))], None),
}  # fmt: skip


@pytest.mark.parametrize("case", REASONED)
def test_an_empty_month_has_the_reason_of_its_weakest_link(case: str) -> None:
    month, found, expected = REASONED[case]
    assert cell_of(month, DISTRICT, found).gap == expected


def test_a_place_that_was_founded_later_did_not_exist_yet() -> None:
    assert cell_of("2013-12", Span("2014-04-01", None), [(READ, Held())]).gap == "not-yet"
    assert cell_of("2014-04", Span("2014-04-01", None), [(READ, Held())]).gap == "none-found"


def test_every_reason_can_be_given() -> None:
    given_reasons = {cell_of(month, DISTRICT, found).gap for month, found, _ in REASONED.values()}
    assert given_reasons | {"not-yet"} == {*REASONS, None}


def test_months_in_which_a_place_did_not_exist_are_no_months_of_it() -> None:
    year = merged(cell_of(month, DISTRICT, [(READ, Held(1))]) for month in months_of(2025))
    assert (year.articles, year.months, year.covered, year.gaps) == (6, 6, 6, {"ended": 6})


@given(
    st.lists(st.builds(Cell, *[st.integers(0, 99)] * 5, st.dictionaries(st.sampled_from(REASONS), st.integers(1, 9))))
)
def test_cells_add_up_whatever_is_merged_first(cells: list[Cell]) -> None:
    half = len(cells) // 2
    assert merged((merged(cells[:half]), merged(cells[half:]))) == merged(cells)


BOUNDS = {
    (2020, None, None): 0b111111111111,
    (2025, "2012-01-01", "2025-06-30"): 0b111111,
    (2012, "2012-11-15", None): 0b110000000000,
    (2011, "2012-01-01", None): 0,
    (2026, None, "2025-06-30"): 0,
}


@pytest.mark.parametrize(("asked", "bits"), BOUNDS.items())
def test_the_months_of_a_year_between_two_days_are_bits(asked: tuple[int, Any, Any], bits: int) -> None:
    assert months_between(*asked) == bits


def test_a_failing_portal_was_read_to_its_last_good_run_and_one_that_never_had_any_to_where_it_began_to_fail() -> None:
    failing = Health("giavien", "failing", "2024-02-01T18:00:00Z", ALERT)
    ends = (None, None)
    assert reached(GIA_VIEN, ends, "2024-03-09T18:00:00Z", failing).last_good == "2024-02-01T18:00:00Z"
    assert reached(GIA_VIEN, ends, "2024-03-09T18:00:00Z", replace(failing, last_good=None)).last_good == ALERT.since
    assert (
        reached(GIA_VIEN, ends, "2019-01-01T00:00:00Z", replace(failing, last_good=None)).last_good
        == "2019-01-01T00:00:00Z"
    )
    assert reached(GIA_VIEN, ends, None, replace(failing, last_good=None)).last_good is None


# --- what is counted -----------------------------------------------------------------------------------------


def monthly(store: Store) -> dict[tuple[str, str], tuple[int, int]]:
    with closing(sqlite3.connect(store.path)) as db:
        return {
            (portal, month): (articles, scope) for portal, month, articles, scope in db.execute("SELECT * FROM monthly")
        }


def test_months_are_counted_as_articles_come_move_and_go(store: Store) -> None:
    first = save(store, GIA_VIEN, "1", "2020-01-31T23:30:00+07:00")
    save(store, GIA_VIEN, "2", "2020-01-05", topics=())
    save(store, GIA_VIEN, "3", None)
    assert monthly(store) == {("giavien", "2020-01"): (2, 1), ("giavien", ""): (1, 1)}
    save(store, GIA_VIEN, "3", "2020-02-01")
    save(store, GIA_VIEN, "2", "2020-01-05")
    assert monthly(store) == {("giavien", "2020-01"): (2, 2), ("giavien", "2020-02"): (1, 1)}
    fetch(store, GIA_VIEN, "2024-01-01T00:00:00Z")
    with store.transaction():
        store._db.execute("DELETE FROM articles WHERE id = ?", (first,))
    assert monthly(store) == {("giavien", "2020-01"): (1, 1), ("giavien", "2020-02"): (1, 1)}
    assert list(store.damaged()) == []


def test_an_older_database_is_counted_when_it_is_brought_up_to_date(
    data: DataDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(Store(data.database)) as store:
        save(store, GIA_VIEN, "1", "2020-01-31")
        counted = monthly(store)
    script = resources.files("archive.store.schema").joinpath("008_coverage.sql").read_text("utf-8")
    with closing(sqlite3.connect(data.database)) as db:
        for name in ("monthly_more", "monthly_fewer", "monthly_moved"):
            db.execute(f"DROP TRIGGER {name}")
        for name in ("monthly", "catalogue"):
            db.execute(f"DROP TABLE {name}")
        db.execute("DROP INDEX articles_portal")
        db.executescript(script)
        assert db.execute("SELECT portal, month, articles, in_scope FROM monthly").fetchall() == [
            (*key, *counts) for key, counts in counted.items()
        ]


def test_the_catalogue_follows_its_files(store: Store) -> None:
    catalogue(store, GIA_VIEN, UNREAD)
    catalogue(store, replace(GIA_VIEN, title="Tên mới"), WHOLE)
    assert [portal.name for portal in store.coverage.uncrawled()] == ["giavien", "ninhbinh"]
    fetch(store, NEXT, "2024-01-01T00:00:00Z")
    assert [portal.name for portal in store.coverage.catalogue()] == ["giavien", "giavien2", "ninhbinh"]
    assert store.coverage.catalogue()[0].title == "Tên mới"


# --- tables --------------------------------------------------------------------------------------------------


@pytest.fixture
def filled(store: Store) -> Store:
    """Two portals of Gia Viễn, one of the province, one that was never read; read in April 2024."""
    catalogue(store, GIA_VIEN, NEXT, WHOLE, UNREAD)
    for portal in (GIA_VIEN, NEXT, WHOLE):
        fetch(store, portal, "2024-04-02T00:00:00Z")
    for key, day in enumerate(("2018-01-05", "2018-01-25", "2019-03-01", "2025-08-01", None)):
        save(store, GIA_VIEN, str(key), day)
    save(store, NEXT, "n", "2019-03-15")
    save(store, WHOLE, "w", "2018-06-01")
    miss(store, GIA_VIEN, "LOST", "2018-02-10")
    miss(store, GIA_VIEN, "NODAY", None)
    unread = fetch(store, GIA_VIEN, "2024-04-01T00:00:00Z", "BROKEN")
    with store.transaction():
        store.save_problem(
            Problem("giavien", unread, "http://g.test/BROKEN", "extract", "no title", "2024-04-01T00:00:00Z")
        )
    miss(store, GIA_VIEN, "BROKEN", "2018-03-10")
    return store


def line_of(archive: Archive, key: str, **asked: Any) -> dict[str, Cell]:
    table = archive.coverage(CoverageRequest(**asked))
    line = next(line for line in table.lines if line.key == key)
    return dict(zip(table.columns, line.cells, strict=True))


def test_a_place_is_told_month_by_month(filled: Store, archive: Archive) -> None:
    year = line_of(archive, "2018", place="373")
    assert year["01"].articles == 2
    assert [year[month].gap for month in ("01", "02", "03", "04")] == [None, "page-gone", "problem", "none-found"]
    assert line_of(archive, "2019", place="373")["03"].articles == 2
    assert line_of(archive, "2024", place="373")["05"].gap == "not-crawled"
    assert line_of(archive, "2025", place="373")["08"].gap == "ended"


def test_what_has_no_month_is_told_beside_the_table(filled: Store, archive: Archive) -> None:
    table = archive.coverage(CoverageRequest(place="373"))
    assert merged(line.undated for line in table.lines) == Cell(1, missing=1)
    assert table.lines[0].reached[0].last_good == "2024-04-02T00:00:00Z"


def test_a_province_has_its_places_and_what_is_of_none_of_them(filled: Store, archive: Archive) -> None:
    own = line_of(archive, "373", province="37")
    assert (own["2018"].articles, own["2018"].months, own["2018"].covered) == (2, 12, 1)
    assert (own["2025"].articles, own["2025"].months) == (0, 6)
    rest = line_of(archive, "", province="37")
    assert (rest["2018"].articles, rest["2025"].articles) == (1, 1)  # the province's, and what came after the district
    assert line_of(archive, "376", province="37")["2018"].gap == "not-crawled"
    assert line_of(archive, "377", province="37")["2018"].gap == "no-portal"


def test_all_tables_count_the_same_articles(filled: Store, archive: Archive) -> None:
    provinces, places = archive.coverage(CoverageRequest()), archive.coverage(CoverageRequest(province="37"))
    assert provinces.total.articles == places.total.articles == 7 == archive.extent().articles
    for year in places.years:
        whole = line_of(archive, "37")[str(year)].articles
        for asked in ({"province": "37"}, {}):
            table = archive.coverage(CoverageRequest(year=year, **asked))  # type: ignore[arg-type]
            assert merged(cell for line in table.lines for cell in line.cells).articles == whole
        assert line_of(archive, "37", year=year).keys() == set(months_of(year))


def test_a_province_counts_the_months_of_its_districts(filled: Store, archive: Archive) -> None:
    districts = [line for line in archive.coverage(CoverageRequest(province="37")).lines if line.key]
    column = archive.coverage(CoverageRequest()).columns.index("2019")
    own = line_of(archive, "37")["2019"]
    assert (own.months, own.covered) == (sum(line.cells[column].months for line in districts), 1)


def test_a_portal_whose_crawl_fails_says_so_with_its_cause(filled: Store, archive: Archive) -> None:
    good = Run("20240402T000000Z", "giavien", "live", "2024-04-02T00:00:00Z", "2024-04-02T00:10:00Z", "ok", 5)
    bad = replace(
        good, id="20240503T000000Z", started_at="2024-05-03T00:00:00Z", outcome="failed", cause="tls", note="expired"
    )
    with filled.transaction():
        for run in (good, bad):
            filled.count_run(run)
            filled.close_run(run)
    year = line_of(archive, "2024", place="373")
    assert (year["03"].gap, year["05"].gap) == ("none-found", "failing")
    alert = archive.coverage(CoverageRequest(place="373")).lines[0].reached[0].alert
    assert alert is not None
    assert (alert.cause, alert.since) == ("tls", "2024-05-03T00:00:00Z")


def test_health_follows_the_runs(filled: Store, archive: Archive) -> None:
    """What is remembered of a portal is worked out again when a run is added or ends."""
    assert [one.state for one in archive.health(("giavien",))] == ["never"]
    run = Run(
        "20240503T000000Z", "giavien", "live", "2024-05-03T00:00:00Z", "2024-05-03T00:10:00Z", "failed", 5, cause="tls"
    )
    with filled.transaction():
        filled.count_run(run)
        filled.close_run(run)
    assert [one.state for one in archive.health(("giavien",))] == ["failing"]
    good = replace(run, id="20240504T000000Z", started_at="2024-05-04T00:00:00Z", outcome="ok", cause=None)
    with filled.transaction():
        filled.count_run(good)
        filled.close_run(good)
    assert archive.health(("giavien",))[0].alert is None


@pytest.mark.parametrize("asked", [{"province": "00"}, {"place": "nowhere"}])
def test_an_unknown_place_is_not_found(archive: Archive, asked: dict[str, str]) -> None:
    with pytest.raises(NotFound):
        archive.coverage(CoverageRequest(**asked))


def test_an_empty_archive_has_a_table(archive: Archive) -> None:
    table = archive.coverage(CoverageRequest())
    assert (table.total.articles, table.years, table.as_of) == (0, (2025,), None)
    assert {line.cells[0].gap for line in table.lines} == {"no-portal"}


def test_the_json_has_the_numbers_of_the_table(filled: Store, archive: Archive) -> None:
    said = table_json(archive.coverage(CoverageRequest(province="37", year=2018)))
    line = next(line for line in said["lines"] if line["key"] == "373")
    assert line["cells"]["2018-01"]["articles"] == 2
    assert line["cells"]["2018-02"]["gap"] == "page-gone"
    assert [one["portal"] for one in line["portals"]] == ["giavien", "giavien2"]
    assert said["total"]["articles"] == 3


def test_the_extent_says_what_any_count_is_of(filled: Store, archive: Archive) -> None:
    extent = archive.extent()
    assert (extent.articles, extent.in_scope, extent.portals, extent.known_portals, extent.districts) == (7, 7, 3, 4, 1)
    assert extent.known_districts > 700
    assert archive.totals().articles == 7
