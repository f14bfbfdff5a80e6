"""Every frozen page gives the article that stands beside it: tests/portals/<folder>/<page>.html and .json.

The JSON is {"url", "portal" (the name of a platform), "expect": {field of an article: value}}.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from archive.models import Article, Host, Page, Portal
from scraper.platforms import get_platform, platform_names

FOLDER = Path(__file__).parent / "portals"
PAGES = sorted(FOLDER.glob("*/*.html"))
ALWAYS = ("key", "title", "body", "kinds", "language", "extracted_by")
IDS = [f"{page.parent.name}/{page.stem}" for page in PAGES]


def frozen(path: Path) -> dict[str, Any]:
    case: dict[str, Any] = json.loads(path.with_suffix(".json").read_text("utf-8"))
    return case


def portal(platform: str) -> Portal:
    return Portal("mo-phong", "Trang mô phỏng", platform, (Host("mophong.test"),), "https://mophong.test/")


def plain(article: Article) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(json.dumps(asdict(article)))
    fields["attachments"] = [{name: file[name] for name in ("name", "type", "url")} for file in fields["attachments"]]
    return fields


@pytest.mark.parametrize("path", PAGES, ids=IDS)
def test_a_frozen_page_gives_the_article_beside_it(path: Path) -> None:
    case = frozen(path)
    page = Page(case["url"], path.read_bytes(), headers={"content-type": "text/html; charset=utf-8"})
    platform = get_platform(case["portal"])
    assert platform.article_key(page.url) == case["expect"]["key"]
    made = portal(case["portal"])
    assert platform.is_article(page, made)
    got = plain(platform.extract(page, made))
    for field, value in case["expect"].items():
        assert got[field] == value, field
    for field in got.keys() - case["expect"].keys() - {"portal", "url", "images", "published_source"}:
        assert not got[field], f"{field} is on the page but not expected: {got[field]!r}"


@pytest.mark.parametrize("path", PAGES, ids=IDS)
def test_an_expectation_leaves_no_field_empty_and_none_of_the_main_ones_out(path: Path) -> None:
    case = frozen(path)
    assert case.keys() == {"url", "portal", "expect"}
    assert not [field for field in ALWAYS if field not in case["expect"]]
    assert not [field for field, value in case["expect"].items() if value in (None, "", [], {})]


@pytest.mark.parametrize("path", PAGES, ids=IDS)
def test_a_page_is_recognised_as_of_its_platform(path: Path) -> None:
    page = Page(frozen(path)["url"], path.read_bytes(), headers={"content-type": "text/html"})
    assert next(name for name in platform_names() if get_platform(name).fingerprint(page)) == frozen(path)["portal"]


def test_every_expectation_has_its_page() -> None:
    assert sorted(path.with_suffix(".html") for path in FOLDER.glob("*/*.json")) == PAGES
    assert PAGES
