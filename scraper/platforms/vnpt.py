"""VNPT vnPortal (.NET "UIArticle"): Ninh Bình, Nghệ An, Hải Phòng, Lào Cai and many more (portals.md section A)."""

from __future__ import annotations

import re
from typing import ClassVar
from urllib.parse import parse_qsl, urljoin, urlsplit

from archive.models import Fetch, Page
from scraper.reading.cms import Cms
from scraper.reading.page import Layout, decode, tree
from scraper.reading.pager import next_number, numbered
from scraper.reading.reader import Family

_MARK = re.compile(
    rb"DesktopModule/UI|ArticleDetailControl|storage-vnportal|vnportal\.vnpt|UIArticleInMenu|UIListNews|UISocialShare"
    rb"|ArticleList\b|[\"'(]/upload/\d{3,}/|class=.?ArticleContent"
)
_NO_ARTICLE = re.compile(r"/(?:rss|upload|DesktopModule|sitemap)", re.IGNORECASE)

_FAMILY = Family(
    "vnpt",
    (
        Layout(
            "article-detail",
            title="div.ArticleDetailControl .ArticleHeader",
            body="div.ArticleDetailControl .ArticleContent",
            date="div.ArticleDetailControl .PostDate",
            summary="div.ArticleDetailControl .ArticleSummary",
            author="div.ArticleDetailControl .author",
        ),
        Layout(
            "article",  # the control without its wrapper, in older skins
            title=".ArticleHeader",
            body=".ArticleContent",
            date=".PostDate",
            summary=".ArticleSummary",
            author=".author",
        ),
    ),
    ("div.tool, .UISocialShare, .relate-news, .UIListNews_Default",),
)

_LOAD = "/DesktopModule/UIArticleInMenu/ArticleInMenuPagination.aspx/LoadArticle"
_MAX_PAGES = 500
_SETTING = re.compile(
    r"[\"']?\b(article_category_id|categoryIds|site_id|page_size|keyword|date_begin|date_end|show_no|show_post_date"
    r"|show_view_count|filter_order_in_list|is_default|new|num_of_text|number_of_day|articlelang|lang|is_authenticated)[\"']?"
    r"\s*:\s*(?:\"([^\"\n]{0,500})\"|'([^'\n]{0,500})'|(-?\w{1,30}))"
)
_PAGE_NUMBER = numbered("p_page", "page", "p_pageindex", "pagenum")
_LAST_PAGE = re.compile(r"\bmaxPage\s*=\s*(?:parseInt\(\s*)?[\"']?(\d{1,6})")
# What the page's script sends when it says nothing else.
_DEFAULTS = {
    "keyword": "",
    "date_begin": "",
    "date_end": "",
    "show_no": "False",
    "show_post_date": "True",
    "show_view_count": "False",
    "filter_order_in_list": "False",
    "is_default": "False",
    "new": "False",
    "num_of_text": "0",
    "number_of_day": "3",
    "articlelang": "vi-VN",
    "is_authenticated": "False",
}
_REQUIRED = ("article_category_id", "site_id", "page_size")


class Vnpt(Cms):
    """vnPortal: the first page of a list is HTML, the others are fragments that a POST answers."""

    name: ClassVar[str] = "vnpt"
    family: ClassVar[Family] = _FAMILY

    def fingerprint(self, page: Page) -> bool:
        """Say whether vnPortal made the page."""
        return _MARK.search(page.body) is not None

    def article_key(self, url: str) -> str | None:
        """Return the number at the end of `/<menu>/<slug>-<id>`; that of a document in the sub-app, `?p_steering=<id>`."""
        parts = urlsplit(url)
        path = parts.path.rstrip("/")
        document = dict(parse_qsl(parts.query)).get("p_steering", "")
        if document.isdecimal() and not path:
            return f"document/{document}"
        menu, _, last = path.rpartition("/")
        slug, _, number = last.rpartition("-")
        named = menu and any(map(str.isalpha, slug)) and number.isdecimal()
        return number if named and not _NO_ARTICLE.match(path) else None

    def next_pages(self, page: Page, section: str | None) -> tuple[Fetch, ...]:
        """Return the POST for every page after the first, with the values that the page's own script would send."""
        text = decode(page)
        last, form = _LAST_PAGE.search(text), _form(text)
        if last is None or form is None:
            following = next_number(tree(page), page.url, _PAGE_NUMBER)  # the sub-app of documents
            return (Fetch(following, section=section),) if following else ()
        return tuple(
            Fetch(urljoin(page.url, _LOAD), (*form, ("page", str(number))), (("Referer", page.url),), section)
            for number in range(2, min(int(last[1]), _MAX_PAGES) + 1)
        )


def _form(text: str) -> tuple[tuple[str, str], ...] | None:
    """Return what the script of a list sends for any of its pages; None when it does not say which list it is."""
    said = {name: double or single or bare for name, double, single, bare in _SETTING.findall(text)}
    if not all(said.get(name) for name in _REQUIRED):
        return None
    form = _DEFAULTS | said | {"no": f"-{said['page_size']}"}
    return tuple((name, value.capitalize() if value in ("true", "false") else value) for name, value in form.items())


PLATFORM = Vnpt()
