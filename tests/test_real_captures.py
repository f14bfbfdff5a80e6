"""The platforms against pages that real NukeViet and WordPress made: ../shared/data/captures, read at run time.

How the truth is written is said in that folder's README; its figures are the bar that the platforms must pass.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import mean
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from archive.models import Article, Page, Portal
from scraper.platforms import get_platform
from scraper.platforms.base import Platform

SHARED = Path(os.environ.get("ANSINH_SHARED", Path(__file__).parent.parent.parent / "shared"))
CAPTURES = SHARED / "data" / "captures"

pytestmark = pytest.mark.skipif(not CAPTURES.is_dir(), reason=f"no captures in {CAPTURES} (ANSINH_SHARED)")

# WordPress prints typographic quotes and dashes for those that were typed.
TYPED = str.maketrans({"–": "-", "—": "-", "“": '"', "”": '"', "‘": "'", "’": "'", "″": '"', "′": "'"})


@dataclass(frozen=True)
class Site:
    """A captured site: its platform, its answers, what is true of its articles by key, and the articles read."""

    platform: Platform
    pages: tuple[Page, ...]
    truth: dict[str, dict[str, Any]]
    articles: dict[str, list[Article]]
    same: Callable[[str], str]

    def pairs(self) -> Iterator[tuple[Article, dict[str, Any]]]:
        """Yield each article with its truth."""
        for key, (article, *_) in self.articles.items():
            yield article, self.truth[key]


def pages(name: str) -> Iterator[Page]:
    with (CAPTURES / f"{name}.warc.gz").open("rb") as stream:
        for record in ArchiveIterator(stream):
            if record.rec_type == "response":
                headers = {header.lower(): value for header, value in record.http_headers.headers}
                url = record.rec_headers.get_header("WARC-Target-URI")
                yield Page(url, record.content_stream().read(), int(record.http_headers.get_statuscode()), headers)


@cache
def site(platform_name: str, capture: str) -> Site:
    """Return the captured site, read once for all tests."""
    platform = get_platform(platform_name)
    portal = Portal("mo-phong", "Trang mô phỏng", platform_name, (), "http://mophong.test/")
    lines = (CAPTURES / f"{platform_name}_truth.jsonl").read_text("utf-8").splitlines()
    truth = {str(platform.article_key(row["url"])): row for row in map(json.loads, lines) if row["visible"]}
    answers, articles = tuple(pages(capture)), dict[str, list[Article]]()
    for page in answers:
        key = platform.article_key(page.url)
        if key is not None and platform.is_article(page, portal):
            articles.setdefault(key, []).append(platform.extract(page, portal))
    return Site(platform, answers, truth, articles, fold if platform_name == "wordpress" else str)


def fold(text: str) -> str:
    return text.translate(TYPED).replace("...", "…")


@pytest.fixture(scope="module", params=["nukeviet", "wordpress"])
def real(request: pytest.FixtureRequest) -> Site:
    return site(request.param, request.param)


@pytest.fixture(scope="module")
def phone() -> Site:
    return site("nukeviet", "nukeviet_mobile")


def right(real: Site, field: Callable[[Article], object], true: Callable[[dict[str, Any]], object]) -> float:
    return mean(field(article) == true(row) for article, row in real.pairs())


def attachments(row: dict[str, Any]) -> object:
    return row["attachments"]


def f1(found: str, true: str) -> float:
    left, wanted = Counter(found.split()), Counter(true.split())
    return 2 * (left & wanted).total() / (left.total() + wanted.total())


def test_every_visible_article_is_found_once_and_nothing_is_invented(real: Site) -> None:
    assert real.truth
    assert real.articles.keys() == real.truth.keys()
    assert [key for key, found in real.articles.items() if len(found) > 1] == []


def test_pages_of_the_site_bear_its_fingerprint(real: Site) -> None:
    html = [page for page in real.pages if page.status == 200 and page.mime == "text/html"]
    assert [page.url for page in html if not real.platform.fingerprint(page)] == []


def test_titles_are_right(real: Site) -> None:
    assert right(real, lambda article: real.same(article.title), lambda row: real.same(row["title"])) >= 0.99


def test_dates_are_right(real: Site) -> None:
    assert right(real, lambda article: article.published, lambda row: row["published"]) >= 0.99
    assert {article.published_source for article, _ in real.pairs()} == {"page"}


def test_bodies_have_the_words_of_the_truth(real: Site) -> None:
    scores = [f1(real.same("\n".join(article.body)), real.same(row["body_text"])) for article, row in real.pairs()]
    assert mean(scores) >= 0.995
    assert mean(score >= 0.98 for score in scores) >= 0.95


def test_bodies_have_the_lines_of_the_truth_in_their_order_and_no_other(real: Site) -> None:
    for article, row in real.pairs():
        assert [real.same(text) for text in article.body] == real.same(row["body_text"]).split("\n"), article.url
        assert len(article.kinds) == len(article.body)


def test_authors_sections_and_attachments_are_right(real: Site) -> None:
    assert right(real, lambda article: article.author, lambda row: row["author"]) >= 0.95
    assert right(real, lambda article: real.same(article.section), lambda row: real.same(row["category"])) >= 0.95
    assert right(real, lambda article: [file.name for file in article.attachments], attachments) >= 0.95
    assert all(file.type == file.name.rpartition(".")[2] for article, _ in real.pairs() for file in article.attachments)


def test_articles_are_vietnamese_and_name_no_other_source_than_the_truth(real: Site) -> None:
    assert {article.language for article, _ in real.pairs()} == {"vi"}
    assert right(real, lambda article: article.source, lambda row: row.get("source", "")) == 1


def test_nukeviet_leads_and_updates_are_right() -> None:
    nukeviet = site("nukeviet", "nukeviet")
    assert right(nukeviet, lambda article: article.summary, lambda row: row["summary"]) == 1
    assert right(nukeviet, lambda article: article.updated, lambda row: row["updated"]) == 1


def test_lists_feeds_and_sitemaps_name_every_article_and_date_it_rightly(real: Site) -> None:
    portal = Portal("mo-phong", "", real.platform.name, (), "http://mophong.test/")
    others = [page for page in real.pages if page.mime != "text/plain" and not shows_article(real, page)]
    hints = [hint for page in others for hint in real.platform.parse_listing(page, portal).hints]
    dated = [(str(real.platform.article_key(hint.url)), hint.published) for hint in hints]
    assert real.truth.keys() <= {key for key, _ in dated}
    for key, published in dated:
        if key in real.truth and published:
            assert real.truth[key]["published"].startswith(published), key


def shows_article(real: Site, page: Page) -> bool:
    portal = Portal("mo-phong", "Trang mô phỏng", real.platform.name, (), "http://mophong.test/")
    return real.platform.article_key(page.url) in real.articles and real.platform.is_article(page, portal)


def test_the_mobile_theme_gives_the_same_text(phone: Site) -> None:
    desktop = site("nukeviet", "nukeviet")
    assert len(phone.articles) == 20
    for key, (article,) in phone.articles.items():
        (same,) = desktop.articles[key]
        assert (article.text, article.kinds, article.published) == (same.text, same.kinds, same.published)
        assert (article.author, article.source, article.section) == (same.author, same.source, same.section)
        assert article.extracted_by != same.extracted_by
