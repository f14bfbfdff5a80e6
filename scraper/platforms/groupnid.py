"""The CMS of Quảng Nam, now Đà Nẵng: addresses `/chi-tiet-tin/group/<g>/nid/<n>/` (portals.md, family J)."""

from __future__ import annotations

import re
from typing import ClassVar
from urllib.parse import unquote, urlsplit

from archive.models import Fetch, Page
from scraper.reading.cms import Cms
from scraper.reading.page import Layout, tree
from scraper.reading.pager import next_number, next_postback, numbered
from scraper.reading.reader import Family

_MARK = re.compile(rb"/group/\d{1,9}/nid/\d{1,9}")
_ARTICLE = re.compile(r"/chi-tiet[^/]*/group/\d{1,9}/nid/(\d{1,9})(?=/|$)")
_PAGE_NUMBER = numbered("page", "trang", "p", "pageindex")

_FAMILY = Family(
    "groupnid",
    (
        Layout(  # no page of this CMS has been seen: names that its neighbours use, else the text tells
            "detail",
            title=".detail-title, .news-title, .title-detail, h1.title",
            body=".detail-content, .news-content, .content-detail",
            date=".detail-date, .news-date, .date-detail, .date",
            summary=".detail-sapo, .news-sapo, .sapo, .lead",
            author=".detail-author, .news-author, .author",
        ),
    ),
)


class GroupNid(Cms):
    """Articles of a group of portals, each with a number of its own (`nid`)."""

    name: ClassVar[str] = "groupnid"
    family: ClassVar[Family] = _FAMILY

    def fingerprint(self, page: Page) -> bool:
        """Say whether the page links articles in this form, or is one."""
        return _MARK.search(page.body) is not None or _MARK.search(page.url.encode()) is not None

    def article_key(self, url: str) -> str | None:
        """Return the nid; group and slug are no part of it."""
        found = _ARTICLE.search(unquote(urlsplit(url).path))
        return found[1] if found else None

    def next_pages(self, page: Page, section: str | None) -> tuple[Fetch, ...]:
        """Return the next page by its link, or by a postback: how the lists are paged has not been seen."""
        root = tree(page)
        following = next_number(root, page.url, _PAGE_NUMBER)
        return (Fetch(following, section=section),) if following else next_postback(root, page.url, section)


PLATFORM = GroupNid()
