"""DotNetNuke: dichvucong.quangninh, skhdt.longan, sub-sites of ministries (portals.md, sections H to L)."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import ClassVar
from urllib.parse import parse_qsl, unquote, urlsplit

from archive.models import Fetch, Page
from scraper.reading.cms import Cms
from scraper.reading.page import Layout, tree
from scraper.reading.pager import next_number, next_postback, numbered
from scraper.reading.reader import Family

_MARK = re.compile(
    rb"\bdnn_ctr\d|/tabid/\d|[?&]tabid=\d|DotNetNuke|__dnnVariable|/DesktopModules/|/Portals/(?:\d+|_default)/|dnn\.controls",
    re.IGNORECASE,
)
# What modules name an article by, in the path as in the query; the names of paths come in pairs with their values.
_ID_NAMES = ("articleid", "newsid", "itemid", "postid", "entryid", "idtin", "tinid", "baivietid", "id")
_NO_ARTICLE = re.compile(
    r"/(?:ctl|portals|desktopmodules|linkclick\.aspx|rss\.aspx|language|login)(?:/|$)", re.IGNORECASE
)
_NO_VIEW = frozenset(("print", "printmode", "ctl", "rssid", "skinsrc", "dnnprintmode"))
_PAGE_NUMBER = numbered("page", "currentpage", "pageindex", "pg", "trang", "p")

_FAMILY = Family(
    "dotnetnuke",
    (
        Layout(
            "labels",  # modules of Vietnamese firms: labels of ASP.NET named after their fields
            title="[id$=_lblTitle], [id$=_lblTieuDe], [id$=_lblTieude], [id$=_lbTitle], [id$=_lblHeadline]",
            body="[id$=_lblContent], [id$=_lblNoiDung], [id$=_lblNoidung], [id$=_lblBody], [id$=_lbContent], [id$=_divContent]",
            date="[id$=_lblDate], [id$=_lblNgayDang], [id$=_lblNgay], [id$=_lblPublishDate], [id$=_lbDate]",
            summary="[id$=_lblSummary], [id$=_lblTomTat], [id$=_lblTrichDan], [id$=_lblSapo], [id$=_lblLead]",
            author="[id$=_lblAuthor], [id$=_lblTacGia]",
        ),
        Layout(
            "easy-news",  # EasyDNNnews
            title=".edn_articleTitle, .edn__articleTitle, h1.edn_title",
            body=".edn_articleContent, .edn__articleContent, .edn_articleText",
            date=".edn_publishDate, .edn_metaDetails time, .edn_articleInfo time, .edn_metaDetails",
            summary=".edn_articleSummary, .edn_summary",
            author=".edn_authorName",
        ),
        Layout(
            "news-articles",  # Ventrian NewsArticles and those made after it
            title="h1.article-title, .article h1, .ArticleView h1, h1.newsTitle, .DNN_NewsTitle",
            body=".article-body, .articleText, .ArticleBody, .newsBody, .article .Normal",
            date=".article-date, .articleDate, .ArticleDate, .newsDate, .article .date",
            summary=".article-summary, .articleSummary, .newsSummary",
            author=".article-author, .articleAuthor",
        ),
    ),
    (".rgPager, .rgWrap, .dnnActionMenu, .actionMenu, .ControlPanel, .RelatedArticles, .edn_relatedArticles",),
)


class DotNetNuke(Cms):
    """DNN: modules put an article's id into the path or the query; lists are paged by links or by postbacks (Telerik)."""

    name: ClassVar[str] = "dotnetnuke"
    family: ClassVar[Family] = _FAMILY

    def fingerprint(self, page: Page) -> bool:
        """Say whether DNN made the page."""
        return _MARK.search(page.body) is not None

    def article_key(self, url: str) -> str | None:
        """Return the article's id; the tab it is shown on (`tabid`) is no part of it, nor are culture and title."""
        parts = urlsplit(url)
        path = unquote(parts.path)
        query = {name.lower(): value for name, value in parse_qsl(parts.query)}
        if _NO_ARTICLE.search(path) or not _NO_VIEW.isdisjoint(query):
            return None
        said = _pairs(path) | query
        return next((said[name] for name in _ID_NAMES if said.get(name, "").isdecimal()), None)

    def next_pages(self, page: Page, section: str | None) -> tuple[Fetch, ...]:
        """Return the next page by its link, or by the postback of its grid."""
        root = tree(page)
        following = next_number(root, page.url, _PAGE_NUMBER)
        return (Fetch(following, section=section),) if following else next_postback(root, page.url, section)


def _pairs(path: str) -> dict[str, str]:
    """Return the parameters in a path: `/tabid/119/ID/4711/ten-bai/Default.aspx` gives tabid and id."""
    segments = path.strip("/").lower().split("/")
    return dict(pairwise(segments))


PLATFORM = DotNetNuke()
