"""What happens to pages after they were captured: they change, they vanish in several ways, and nothing is lost."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.captures import read_warc
from archive.models import Article, Capture, Check, Host, Portal, Sighting, Verdict
from archive.sightings import status_of, verdict_of
from scraper.crawl.spiders import alike
from tests.conftest import ARTICLE
from tests.loopback import path_of
from tests.pages import article_page
from tests.site import HOST, Site
from tests.test_crawl import ansinh, last_run, rows


class Archive:
    """A data directory and the site that it is filled from."""

    def __init__(self, data: Path, site: Site) -> None:
        self.data, self.site = data, site
        site.prepare(data)

    def crawl(self, *options: str, check: bool = True) -> dict[str, object]:
        return rows(ansinh(self.data, "crawl", "doi-thay", "--json", *options, check=check).stdout)[-1]

    def export(self) -> str:
        return ansinh(self.data, "export", "--format", "jsonl").stdout

    def article(self, number: int) -> dict[str, object]:
        found = [a for a in map(json.loads, self.export().splitlines()) if a["url"].endswith(path_of(number))]
        assert len(found) == 1
        shown: dict[str, object] = found[0]
        return shown

    def status(self, number: int) -> tuple[object, str]:
        shown = self.article(number)
        (evidence,) = (e for e in shown["evidence"] if e["field"] == "status")  # type: ignore[attr-defined]
        return shown["status"], evidence["rule"]


@pytest.fixture(scope="module")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, int]]:
    """The data directory after a first crawl of 45 articles, and how many requests that took."""
    data = tmp_path_factory.mktemp("first") / "data"
    with Site(45) as site:
        assert Archive(data, site).crawl()["new"] == 45
        yield data, len(site.requests)


@pytest.fixture
def archive(first_night: tuple[Path, int], tmp_path: Path) -> Iterator[Archive]:
    shutil.copytree(first_night[0], tmp_path / "data")
    with Site(45) as site:
        yield Archive(tmp_path / "data", site)


def test_a_night_without_change_asks_for_little_and_changes_nothing(
    archive: Archive, first_night: tuple[Path, int]
) -> None:
    before = archive.export()
    said = archive.crawl()
    second = archive.site.requests
    assert (said["new"], said["changed"]) == (0, 0)
    assert len(second) < 0.1 * first_night[1]
    assert sum(status == 304 for _, status in second) == 1
    assert [json.loads(line)["versions"][0]["n"] for line in archive.export().splitlines()] == [1] * 45
    assert len(archive.export().splitlines()) == len(before.splitlines())


def test_paging_stops_where_everything_is_known_but_a_new_article_is_found(archive: Archive) -> None:
    archive.site.articles[46] = article_page(title="Huyện Gia Viễn giảm nghèo, bài mới")
    start = len(archive.site.requests)
    assert archive.crawl()["new"] == 1
    listings = [path for path, _ in archive.site.requests[start:] if not path.endswith((".html", ".txt", ".xml"))]
    assert listings == ["/vi/news/tin-tuc/", "/vi/news/tin-tuc/page-2/"]


@pytest.mark.parametrize("fault", [(403, {}, b"no"), (200, {"Content-Type": "text/html"}, b"<p>" + b"a" * 30_000)])
def test_a_page_behind_the_first_list_that_could_not_be_read_is_asked_for_again(
    fault: tuple[int, dict[str, str], bytes], tmp_path: Path
) -> None:
    with Site(45) as site:
        archive = Archive(tmp_path / "data", site)
        site.answers[path_of(3)] = fault
        assert archive.crawl()["new"] == 44
        assert archive.crawl()["new"] == 0
        site.answers.clear()
        assert archive.crawl()["new"] == 1
        site.requests.clear()
        archive.crawl()
        assert path_of(3) not in [path for path, _ in site.requests]


def test_a_304_is_kept_as_a_revisit_of_its_original(archive: Archive) -> None:
    archive.crawl("--recheck", "all")
    records = [record for path in last_run(archive.data, "doi-thay") for record in read_warc(path)]
    revisits = [record for record in records if record.type == "revisit" and record.status == 304]
    assert len(revisits) == 45
    assert all(record.payload_digest for record in revisits)
    (version,) = archive.article(7)["versions"]  # type: ignore[misc]
    assert version["first_seen"] < version["last_seen"]


def test_a_changed_text_is_one_new_version_and_a_changed_counter_none(archive: Archive) -> None:
    title = "Huyện Gia Viễn giảm nghèo, bài số 3"
    archive.site.articles[3] = article_page(title=title, body=["Năm 2022 huyện giảm 90 hộ nghèo."])
    archive.site.articles[4] = article_page(title="Huyện Gia Viễn giảm nghèo, bài số 4", views=99)
    said = archive.crawl("--recheck", "all")
    assert (said["new"], said["changed"]) == (0, 1)
    assert [v["n"] for v in archive.article(3)["versions"]] == [1, 2]  # type: ignore[attr-defined]
    assert len(archive.article(4)["versions"]) == 1  # type: ignore[arg-type]
    assert archive.crawl("--recheck", "all")["changed"] == 0


def test_pages_vanish_in_ways_that_are_kept_apart(archive: Archive) -> None:
    answers, away = (
        archive.site.answers,
        b"<html><body><p>Xin loi, trang ban tim khong ton tai tren he thong</p></body></html>",
    )
    answers[path_of(1)] = (404, {}, b"")
    answers[path_of(2)] = (410, {}, b"")
    answers[path_of(3)] = (301, {"Location": "/"}, b"")
    answers[path_of(4)] = answers["/khong-co-trang-nay-7f3k9q2m"] = (200, {}, away)
    answers[path_of(5)] = (503, {}, b"")
    answers[path_of(6)] = (403, {}, b"")
    archive.crawl("--recheck", "all", check=False)
    assert [archive.status(n) for n in range(1, 8)] == [
        ("gone", "status.removed"),
        ("gone", "status.removed"),
        ("gone", "status.home"),
        ("gone", "status.soft-404"),
        ("unknown", "status.error"),
        ("unknown", "status.blocked"),
        ("live", "status.seen"),
    ]
    assert len(archive.export().splitlines()) == 45
    (found,) = rows(ansinh(archive.data, "search", "giảm nghèo", "--status", "gone", "--json").stdout)
    assert found["total"] == 4


def test_a_page_that_comes_back_is_live_again_and_one_that_failed_a_night_was_never_gone(archive: Archive) -> None:
    archive.site.answers[path_of(1)] = (404, {}, b"")
    archive.site.answers[path_of(5)] = (503, {}, b"")
    archive.crawl("--recheck", "all", check=False)
    archive.site.answers.clear()
    archive.crawl("--recheck", "all")
    assert archive.status(1) == archive.status(5) == ("live", "status.seen")


PARKED = b"<html><body><h1>Ten mien nay dang duoc rao ban</h1><p>Lien he nha dang ky ten mien.</p></body></html>"
AWAY: dict[str, tuple[tuple[int, dict[str, str], bytes] | None, str, str]] = {
    "every page is gone": ((410, {}, b""), "gone", "status.removed"),
    "every page leads home": ((301, {"Location": "/"}, b""), "gone", "status.home"),
    "the host leads to another unit": ((301, {"Location": "http://phuong-moi.test/"}, b""), "gone", "status.home"),
    "the host is parked": ((200, {}, PARKED), "gone", "status.soft-404"),
    "every page shows one article": ((200, {}, article_page()), "gone", "status.soft-404"),
    "the host is silent": (None, "unknown", "status.unreachable"),
}


@pytest.mark.parametrize("way", AWAY)
def test_a_portal_that_goes_away_leaves_its_articles_readable_marked_and_searchable(archive: Archive, way: str) -> None:
    answer, status, rule = AWAY[way]
    archive.site.everything = answer
    if answer is None:
        archive.site.close()
    before = {line["id"]: line["body"] for line in map(json.loads, archive.export().splitlines())}
    assert archive.crawl("--recheck", "all", check=False)["new"] == 0
    assert {json.loads(line)["status"] for line in archive.export().splitlines()} == {"unknown"}  # one bad night
    assert archive.crawl("--recheck", "all", check=False)["new"] == 0
    after = [json.loads(line) for line in archive.export().splitlines()]
    assert {line["id"]: line["body"] for line in after} == before
    assert {line["status"] for line in after} == {status}
    assert {e["rule"] for line in after for e in line["evidence"] if e["field"] == "status"} == {rule}
    for wanted, total in ((status, 45), ("live", 0)):
        (found,) = rows(ansinh(archive.data, "search", "giảm nghèo", "--status", wanted, "--json").stdout)
        assert found["total"] == total


def test_a_rebuild_after_all_of_it_gives_the_same_export(archive: Archive) -> None:
    archive.crawl()
    archive.site.articles[3] = article_page(
        title="Huyện Gia Viễn giảm nghèo, bài số 3", body=["Năm 2022 huyện giảm 90 hộ nghèo."]
    )
    archive.site.answers[path_of(1)] = (404, {}, b"")
    archive.site.answers[path_of(2)] = (503, {}, b"")
    archive.crawl("--recheck", "all", check=False)
    del archive.site.articles[9]
    archive.crawl("--recheck", "all", check=False)
    before = archive.export()
    ansinh(archive.data, "rebuild")
    assert archive.export() == before


SEEN = "2022-01-10T00:00:00Z"


def sighting(via: str = "live") -> Sighting:
    article: Article = ARTICLE
    return Sighting(Capture("C", "p", article.url, SEEN, via, 200, "text/html", "x", "w", 0), article)  # type: ignore[arg-type]


def checked(*verdicts: Verdict, day: int = 11, failed: tuple[str, ...] = ()) -> list[Check]:
    nights = [*failed, *[None] * (len(verdicts) - len(failed))]
    return [Check(f"2022-01-{day + n:02}T00:00:00Z", verdict, "HTTP", nights[n]) for n, verdict in enumerate(verdicts)]


@pytest.mark.parametrize(
    ("via", "checks", "status", "rule"),
    [
        ("live", [], "live", "status.seen"),
        ("warc", [], "unknown", "status.seen"),
        ("live", checked("removed", day=1), "live", "status.seen"),
        ("live", checked("error", "unreachable"), "unknown", "status.unreachable"),
        ("live", checked("removed", "error"), "gone", "status.removed"),
        ("live", checked("error", "soft-404"), "gone", "status.soft-404"),
        ("live", checked("home", failed=("A",)), "unknown", "status.home"),
        ("live", checked("home", "soft-404", failed=("A", "A")), "unknown", "status.soft-404"),
        ("live", checked("home", "home", failed=("A", "B")), "gone", "status.home"),
        ("live", checked("home", "unreachable", failed=("A", "B")), "unknown", "status.unreachable"),
        ("live", checked("home", "removed", failed=("A",)), "gone", "status.removed"),
    ],
)
def test_a_status_follows_the_latest_conclusive_look(via: str, checks: list[Check], status: str, rule: str) -> None:
    found, evidence = status_of([sighting(via)], checks)
    assert (found, evidence.rule) == (status, rule)


def test_disappearance_is_dated_by_last_seen_and_first_not_seen() -> None:
    _, evidence = status_of([sighting()], checked("error", "removed", "removed"))
    assert evidence.quote == "2022-01-12T00:00:00Z HTTP"


@pytest.mark.parametrize(
    ("status", "location", "verdict"),
    [
        (200, "", None),
        (304, "", None),
        (404, "", "removed"),
        (429, "", "blocked"),
        (502, "", "error"),
        (302, f"http://{HOST}/", "home"),
        (302, "/vi/news/tin-tuc/slug-moi-1.html", None),
    ],
)
def test_what_a_response_says_of_an_articles_absence(status: int, location: str, verdict: str | None) -> None:
    portal = Portal("p", "P", "nukeviet", (Host(HOST),), f"http://{HOST}/")
    assert verdict_of(f"http://{HOST}{path_of(1)}", status, location, portal) == verdict


def test_pages_are_alike_but_for_a_few_words() -> None:
    page = " ".join(f"từ{n}" for n in range(50))
    assert alike(page, page + " thêm")
    assert not alike(page, "một trang khác hẳn")
