"""SharePoint in the variants of portals.md section E: Thanh Hóa, Quảng Ninh, Hải Dương, Lâm Đồng, old districts of HCMC."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import ClassVar
from urllib.parse import parse_qsl, unquote, urlsplit

from archive.models import Article, Attachment, Fetch, Hint, Listing, Page, Portal
from archive.text import clean_line
from scraper.reading.attachments import find_attachments
from scraper.reading.cms import Cms
from scraper.reading.links import absolute
from scraper.reading.listing import section_of
from scraper.reading.listitems import item_fetch, item_listing, webpart_links
from scraper.reading.page import Layout, decode, tree
from scraper.reading.pager import next_number, next_postback, numbered
from scraper.reading.reader import Family
from scraper.reading.slugs import names_article

_MARK = re.compile(
    rb"/_layouts/1[56]/|/_layouts/\d{4}/|ExternalClass[0-9A-F]{32}|ms-rtestate-field|MicrosoftSharePoint|Microsoft SharePoint"
    rb"|_spPageContextInfo|data-sp-webpartdata|data-sp-canvascontrol|/_catalogs/masterpage|_api/web/lists|s4-workspace"
    rb"|/portal/pages/\d{4}-\d{1,2}-\d{1,2}/|/portal/KenhTin/|/Trang/ChiTiet\w{1,40}\.aspx|/lists/posts/post\.aspx",
    re.IGNORECASE,
)
_PAGE = re.compile(r"/([^/]+)\.aspx$")
_DATED = re.compile(r"/(20\d\d)-(\d{1,2})-(\d{1,2})/([^/]+)\.aspx$")  # Thanh Hóa: the day of publication
_ID_AT_END = re.compile(r"-((?=[a-z]*\d)[a-z0-9]{1,20})$")
_LIST_ITEM = re.compile(r"/lists/[^/]+/(?:post|dispform|viewpost)\.aspx$")  # ViewPost: the blog of SharePoint 2007
_ITEM_ID = ("nid", "itemid", "newsid", "idtin", "articleid")
_NO_ITEM = re.compile(
    r"/(?:rss|_layouts|_vti_bin|_catalogs|_api)/|/(?:login|search|rss)[^/]*\.aspx$|/(?:new|edit|all)[^/]*form\.aspx$"
)
_NO_VIEW = frozenset(("isdlg", "print", "printview"))
_TITLED = re.compile(r"/(?:sitepages|pages|trang)/(?:[^/]+/){0,3}([^/]+)\.aspx$")
_PAGE_NUMBER = numbered("page", "trang", "pageindex", "pagenumber", "p")
_FIRST_ROW = re.compile(r"[?&]PageFirstRow=(?P<n>\d{1,6})")
_CLASSIC_VIEW = re.compile(r"[?&]Paged=TRUE", re.IGNORECASE)
_ITEMS = re.compile(r"/_api/|/RestApi/Readjson|\.asmx/", re.IGNORECASE)
_FORM = re.compile(r"/_layouts/1\d/listform\.aspx$")

_FAMILY = Family(
    "sharepoint",
    (
        Layout(
            "article-content",  # Thanh Hóa
            title="h1.article-title, h1.title, .article-detail h1, h1",
            body="div.article-content",
            date=".article-date, .article-time, .publish-date, .date, .time",
            summary=".article-summary, .article-sapo, .sapo, .article-intro",
            author=".article-author",
        ),
        Layout(
            "blog",  # stock blog sites: /lists/posts/post.aspx
            title=".ms-PostTitle, h3.ms-PostTitle, .ms-blog-postTitle",
            body=".ms-PostBody, .ms-blog-postBody, .ms-blog-postBodyContent",
            date=".ms-PostDate, .ms-postdate, .ms-PostFooter, .ms-blog-postDate",
        ),
        Layout(
            "modern",  # SitePages: sections of web parts (Lâm Đồng)
            title="[data-automation-id=TitleTextId], [data-automation-id=pageHeader] [role=heading], h1",
            body=":has(> [data-sp-canvascontrol])",
            date="[data-automation-id=pageHeader] *",
        ),
        Layout(
            "external-class",  # rich text fields: the class ends with 32 hex digits
            title="h1, h2.title, .news-title, .title-news, .tieude, .tieu-de, .TieuDe, .ms-rteElement-H1",
            body="div[class^=ExternalClass], .ms-rtestate-field",
            date=".news-date, .date-news, .ngaydang, .ngay-dang, .NgayDang, .date, .time",
            summary=".news-sapo, .sapo, .tomtat, .tom-tat, .TomTat, .lead",
            author=".news-author, .tacgia, .tac-gia, .TacGia",
        ),
    ),
    (
        "#s4-ribbonrow, #suiteBar, #suiteBarDelta, .ms-dlgContent, .ms-cui-ribbon, .ms-webpart-chrome-title",
        ".ms-blog-commandSpace, .ms-blog-postDivider, .ms-commentsText, .ms-blog-archives, #sideNavBox",
    ),
)


class SharePoint(Cms):
    """SharePoint: articles are pages or items of lists; lists are paged by links, by postbacks, or read as JSON."""

    name: ClassVar[str] = "sharepoint"
    family: ClassVar[Family] = _FAMILY

    def fingerprint(self, page: Page) -> bool:
        """Say whether SharePoint made the page."""
        return _MARK.search(page.body) is not None

    def article_key(self, url: str) -> str | None:
        """Return site and item id, day and id of the path, or the path of a page named after its article.

        SharePoint's paths know no case. What Source, Category, Mode and title say is left out.
        """
        try:
            parts = urlsplit(url)
        except ValueError:
            return None
        path = unquote(parts.path).lower()
        query = {name.lower(): value.lower() for name, value in parse_qsl(parts.query)}
        if _FORM.search(path) and query.get("listid") and query.get("id", "").isdecimal():
            return f"{query['listid'].strip('{}')}/{query['id']}"
        if _NO_ITEM.search(path) or not _PAGE.search(path) or not _NO_VIEW.isdisjoint(query):
            return None
        return _dated_key(path) or _item_key(path, query) or _titled_key(path)

    def extract(self, page: Page, portal: Portal) -> Article:
        """Return the article with the files of its list item, dated by its path where the page shows no date.

        Raise ExtractError as all platforms do.
        """
        article = super().extract(page, portal)
        article = replace(article, attachments=(*article.attachments, *_item_files(page, article)))
        day = None if article.published else _day(page.url)
        return replace(article, published=day, published_source="url") if day else article

    def start(self, portal: Portal) -> tuple[Fetch, ...]:
        """Return one request for each section; a list of items (REST, RestApi, .asmx) is asked for as JSON."""
        fetches = super().start(portal)
        return tuple(item_fetch(fetch.url, fetch.section) if _ITEMS.search(fetch.url) else fetch for fetch in fetches)

    def parse_listing(self, page: Page, portal: Portal) -> Listing:
        """Return what a list names and its next page; a list may be a page, a feed, or the items of an interface."""
        section = section_of(portal, page.url)
        if _ITEMS.search(page.url) and decode(page).lstrip()[:1] in ("{", "[", "<"):
            return item_listing(page, self.article_key, section)
        found = super().parse_listing(page, portal)
        known = {self.article_key(hint.url) for hint in found.hints}
        parts = (hint for hint in _webpart_hints(page, section) if self.article_key(hint.url) not in known)
        return replace(found, hints=(*found.hints, *parts))

    def next_pages(self, page: Page, section: str | None) -> tuple[Fetch, ...]:
        """Return the next page by its link, that of a list's view, or its postback with the page's ViewState."""
        root = tree(page)
        following = next_number(root, page.url, _PAGE_NUMBER) or _next_view(
            root.css("a::attr(href)").getall(), page.url
        )
        return (Fetch(following, section=section),) if following else next_postback(root, page.url, section)


def _dated_key(path: str) -> str | None:
    """Return the day in the path and the id behind the slug, which an edit of the title may change."""
    found = _DATED.search(path)
    if found is None:
        return None
    numbered_slug = _ID_AT_END.search(found[4])
    return f"{found[1]}-{found[2]:0>2}-{found[3]:0>2}/{numbered_slug[1] if numbered_slug else clean_line(found[4])}"


def _item_key(path: str, query: Mapping[str, str]) -> str | None:
    """Return the site's path and the item's id: (site, nid) of Quảng Ninh, (list, ID) of a blog or list."""
    if _LIST_ITEM.search(path):
        item = query.get("itemid") or query.get("id", "")
        return f"{path.rpartition('/')[0].strip('/')}/{item}" if item.isdecimal() else None
    item = next((query[name] for name in _ITEM_ID if query.get(name, "").isdecimal()), "")
    if not item and "chitiet" in path.replace("-", ""):
        item = query.get("id", "")
    site = re.sub(r"/(?:trang|pages|sitepages)?/?[^/]*$", "", path).strip("/")
    return f"{site}/{item}".lstrip("/") if item.isdecimal() else None


def _titled_key(path: str) -> str | None:
    found = _TITLED.search(path)
    return clean_line(path.strip("/").removesuffix(".aspx")) if found and names_article(found[1]) else None


def _day(url: str) -> str | None:
    """Return the day that stands in the path, if it is one."""
    found = _DATED.search(unquote(urlsplit(url).path).lower())
    try:
        return date(int(found[1]), int(found[2]), int(found[3])).isoformat() if found else None
    except ValueError:
        return None


def _item_files(page: Page, article: Article) -> Iterator[Attachment]:
    """Yield the files of a list item, which a web part of its own shows: `/Lists/TinTuc/Attachments/<id>/<name>`."""
    folder = f"/attachments/{article.key.rpartition('/')[2]}/"
    known = {file.url for file in article.attachments}
    for file in find_attachments(tree(page), page.url):
        if folder in file.url.lower() and file.url not in known:
            yield file


def _webpart_hints(page: Page, section: str | None) -> Iterator[Hint]:
    """Yield the articles that the web parts of a modern page lead to."""
    links = webpart_links(tree(page)) if b"data-sp-webpartdata" in page.body else ()
    for link, title in links:
        url = absolute(link, page.url)
        if url and PLATFORM.article_key(url):
            yield Hint(url, "listing", None, section, clean_line(title) or None)


def _next_view(links: list[str], base: str) -> str | None:
    """Return the next page of a classic list view: the link `Paged=TRUE` with the smallest higher first row."""
    here = _first_row(base)
    rows = {_first_row(link): link for link in links if _CLASSIC_VIEW.search(link)}
    later = min((row for row in rows if row > here), default=None)
    return None if later is None else absolute(rows[later], base)


def _first_row(url: str) -> int:
    found = _FIRST_ROW.search(url)
    return int(found["n"]) if found else 1


PLATFORM = SharePoint()
