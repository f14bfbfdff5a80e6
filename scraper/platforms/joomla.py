"""Joomla 1.5 to 5: sotnmt.hanoi and other departments (portals.md, sections H to L)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import ClassVar
from urllib.parse import parse_qsl, unquote, urlsplit

from archive.models import Article, Fetch, Page, Portal
from scraper.reading.cms import Cms
from scraper.reading.page import Layout, line, parse_when, tree
from scraper.reading.pager import next_number, numbered
from scraper.reading.reader import Family
from scraper.reading.select import select
from scraper.reading.structured import published, stamped

_MARK = re.compile(
    rb"content=.Joomla|/media/jui/|/media/system/js/|/components/com_|option=com_content|com-content-article"
    rb"|/index\.php/[^\"'?#]{1,200}/\d{1,9}-|joomla-script-options"
)
_ARTICLE = re.compile(r"/(\d{1,9})-[^/]+?(?:\.html)?$")
_NO_ARTICLE = re.compile(r"/(?:component|administrator|media|images|modules|templates)/", re.IGNORECASE)
_NO_VIEW = frozenset(("tmpl", "print", "format", "layout", "start", "limitstart"))
_CATEGORY = ".blog, .blog-featured, .category-list, .com-content-category, .com-content-category-blog"
_START = numbered("start", "limitstart")
_TIMES = ".published time[datetime], .create time[datetime], .item-page time[itemprop=datePublished]"
_WRITTEN = ".published, .create, .createdate"

_FAMILY = Family(
    "joomla",
    (
        Layout(
            "item-page",  # 3 to 5
            title=".item-page [itemprop=headline], .item-page .page-header h2, .item-page h1, .item-page h2",
            body=".item-page [itemprop=articleBody], .item-page .com-content-article__body",
            date=".item-page dd.published, .item-page dd.create",
            section=".item-page dd.category-name a",
            author=".item-page dd.createdby [itemprop=name]",
        ),
        Layout(
            "k2",  # the extension K2
            title=".itemView .itemTitle",
            body=".itemView .itemBody",
            date=".itemView .itemDateCreated",
            section=".itemView .itemCategory a",
            author=".itemView .itemAuthor a",
        ),
        Layout(
            "legacy",  # 1.5 and 2.5
            title=".contentheading, .article_title, .item-page h2, h2.contentheading",
            body=".article-content, .contentpaneopen td[valign=top], .item-page",
            date=".createdate, .create, .published",
        ),
    ),
    (
        "dt.article-info-term, dd.hits, .icons",
        ".pager.pagenav, .pagenavigation, ul.tags, .content_rating, .buttonheading, .modifydate",
        ".item-page .pagination, .com-content-article__links, .article-tools",
    ),
)


class Joomla(Cms):
    """Joomla: an article's id stands before its slug, which loses whole accented letters; lists count in articles."""

    name: ClassVar[str] = "joomla"
    family: ClassVar[Family] = _FAMILY

    def fingerprint(self, page: Page) -> bool:
        """Say whether Joomla made the page."""
        return _MARK.search(page.body) is not None

    def article_key(self, url: str) -> str | None:
        """Return the id in `/index.php/<category>/<id>-<slug>` or in `?option=com_content&view=article&id=`."""
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query))
        if not _NO_VIEW.isdisjoint(query) or _NO_ARTICLE.search(parts.path):
            return None
        if query.get("option") == "com_content":
            number = query.get("id", "").partition(":")[0]
            return number if query.get("view") == "article" and number.isdecimal() else None
        found = _ARTICLE.search(unquote(parts.path).rstrip("/"))
        return found[1].lstrip("0") or None if found else None

    def is_article(self, page: Page, portal: Portal) -> bool:
        """Say whether the page shows one article: a category may have an address of the same form."""
        root = tree(page)
        listed = select(root, _CATEGORY) or len(select(root, ".contentheading")) > 1
        return not listed and super().is_article(page, portal)

    def extract(self, page: Page, portal: Portal) -> Article:
        """Return the article, dated by its `<time>` or its date line; raise as all platforms do."""
        article = super().extract(page, portal)
        root = tree(page)
        shown = (
            stamped(root, _TIMES) or article.published or parse_when(" ".join(map(line, select(root, _WRITTEN)[:5])))
        )
        meta = None if shown else published(root)
        return replace(article, published=shown or meta, published_source="page" if shown else "meta" if meta else None)

    def next_pages(self, page: Page, section: str | None) -> tuple[Fetch, ...]:
        """Return the next page of a category: pages are numbered by the articles before them."""
        following = next_number(tree(page), page.url, _START)
        return (Fetch(following, section=section),) if following else ()


PLATFORM = Joomla()
