"""A real crawl through the simulated portal of each CMS family: of its articles none is missing and none invented."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from scraper.demo.article import DemoArticle
from tests.cms import (
    dotnetnuke,
    drupal,
    endless,
    generic,
    groupnid,
    hoabinh,
    joomla,
    lamdong,
    liferay,
    newszone,
    sharepoint,
)
from tests.cms.simulated import PER_PAGE, Cms, Simulated
from tests.forked import run

MODULES = (dotnetnuke, drupal, generic, groupnid, hoabinh, joomla, lamdong, liferay, newszone, sharepoint)
PORTALS: tuple[Cms, ...] = tuple(module.CMS for module in MODULES)
ARTICLES = [(cms, article) for cms in PORTALS for article in cms.site().articles]

PROBE = "/khong-co-trang-nay-7f3k9q2m"  # what the spider compares a page without an article with

Exported = Mapping[str, Mapping[str, Mapping[str, Any]]]


def ansinh(data: Path, *arguments: str) -> list[dict[str, Any]]:
    done = run("--data", str(data), *arguments)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Exported, Simulated]]:
    """Crawl all of them at once; give what is exported by portal and title, and the sites that were asked."""
    data = tmp_path_factory.mktemp("platforms") / "data"
    every = (*PORTALS, *endless.ALL)
    with Simulated(every) as sites:
        sites.prepare(data)
        ansinh(data, "crawl", *(cms.name for cms in every), "--json")
        exported = ansinh(data, "export", "--format", "jsonl")
        found = {cms.name: {row["title"]: row for row in exported if row["portal"] == cms.name} for cms in every}
        assert sum(map(len, found.values())) == len(exported)
        yield found, sites


def lines(article: DemoArticle) -> list[str]:
    return [block.text or " ".join(block.cells) for block in article.body]


@pytest.mark.parametrize("cms", PORTALS, ids=lambda cms: cms.name)
def test_no_article_is_missing_and_none_is_invented(crawled: tuple[Exported, Simulated], cms: Cms) -> None:
    assert sorted(crawled[0][cms.name]) == sorted(article.title for article in cms.site().articles)


@pytest.mark.parametrize(("cms", "article"), ARTICLES, ids=[f"{cms.name}-{article.id}" for cms, article in ARTICLES])
def test_an_article_comes_back_as_its_author_typed_it(
    crawled: tuple[Exported, Simulated], cms: Cms, article: DemoArticle
) -> None:
    row = crawled[0][cms.name][article.title]
    assert row["body"] == lines(article)
    assert row["kinds"] == [block.kind for block in article.body]
    assert row["section"] == article.section
    assert row["published"][:10] == f"{article.when:%Y-%m-%d}"
    assert [file["name"] for file in row["attachments"]] == list(article.attachments)
    assert all(file["sha256"] for file in row["attachments"])


@pytest.mark.parametrize("cms", PORTALS, ids=lambda cms: cms.name)
def test_every_address_is_asked_for_once_and_answers(crawled: tuple[Exported, Simulated], cms: Cms) -> None:
    asked = [seen for seen in crawled[1].requests if seen.host == cms.host and seen.path != PROBE]
    assert not [seen for seen in asked if seen.status >= 400]
    counted = Counter(seen.path for seen in asked if seen.method == "GET")
    sections = cms.sections.values()  # one whose address looks like an article's is asked for as one, too
    assert not [path for path, times in counted.items() if times > 1 + (path in sections)]
    posts = len(asked) - counted.total()
    assert posts <= len(cms.site().articles) // PER_PAGE + 1


@pytest.mark.parametrize("cms", endless.ALL, ids=lambda cms: cms.name)
def test_behind_the_last_page_nothing_is_missed_invented_or_asked_for_without_end(
    crawled: tuple[Exported, Simulated], cms: Cms
) -> None:
    site = cms.site()
    assert sorted(crawled[0][cms.name]) == sorted(article.title for article in site.articles)
    pages = sum(-(-len(site.list_section(section)) // PER_PAGE) for section in site.sections)
    asked = [seen for seen in crawled[1].requests if seen.host == cms.host and "/chuyen-muc/" in seen.path]
    beyond = 3 * len(site.sections)  # one page too many, where it leads, and a section once as an article's address
    assert pages < len(asked) <= pages + beyond
