"""Liferay: asset publisher, web content, display pages, and the vPortal portlets that run on it (portals.md B, C)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

from archive.models import Fetch, Listing, Page, Portal
from archive.text import clean_line
from scraper.reading.cms import Cms
from scraper.reading.listing import next_pages
from scraper.reading.page import Layout, tree
from scraper.reading.reader import Family

# Portlets whose friendly URLs begin /-/<mapping>/: what follows is no title of a display page.
_MAPPINGS = (
    "asset_publisher|journal_content|journal|blogs|document_library|document_library_display|message_boards|wiki|calendar"
    "|image_gallery_display|login|search|rss|hn|view_content|details|knowledge_base|polls|tags|categories"
)
_FORMS = tuple(
    (re.compile(rule), prefix)
    for rule, prefix in (
        (r"/-/hn/\w+/\d+/(\d+)(?=[/.]|$)", ""),  # vPortal: instance, category, article
        (r"/-/(?:asset_publisher|journal_content)/\w+/(?:content|document)/id/(\d+)(?=/|$)", "id/"),
        (r"/-/asset_publisher/\w+/content/([^/]+)", ""),
        (r"/-/journal_content/56(?:_INSTANCE_\w+)?/\d+/(\d+)(?=/|$)", ""),  # Liferay 6: group, article
        (r"/-/blogs/(?!rss$)([^/]+)$", "blogs/"),
        (r"/-/view_content/content/(\d+)(?=/|$)", "entry/"),
        (r"/-/details/(\d+)(?=/|$)", "details/"),
        (rf"/-/(?!(?:{_MAPPINGS})(?:/|$))([^/]+)$", ""),
        (r"/w/([^/]+)$", ""),
    )
)
_PORTLET = re.compile(r"^_\w{1,200}_(?=[a-z])")
# What a portlet's parameters name an article by, best first; two forms of one address have the same.
_PARAMETERS = (
    ("urlTitle", ""),
    ("articleUrlTitle", ""),
    ("articleId", ""),
    ("classPK", "pk/"),
    ("assetEntryId", "id/"),
)
_DOCUMENT = re.compile(r"_viewvbpq\w{0,100}_(?:\w{0,30}_)?[a-zA-Z]{0,30}[iI]d")  # legal documents of Đắk Lắk
_NOT_A_VIEW = re.compile(r"print|download_attachment|p_p_lifecycle=[12]|p_p_state=(?:pop_up|exclusive)", re.IGNORECASE)

VPORTAL_MARK = re.compile(
    rb"vcmsviewcontent|VCMSportlet|CmsViewPortlet_INSTANCE|/images\?img_id=|HN-theme|/-/hn/|box_new_hot_c|bg_tit_c"
    rb"|box_news_old|reload_capcha|/vcms/|id=.?content_detail_news"
)
_MARK = re.compile(
    rb"/-/asset_publisher/|p_p_id=|journal-content-article|/documents/\d+/|Liferay\.|liferay|asset_publisher"
    rb"|portlet-boundary|nd_detail_chitiet|news-items|/image/journal/article"
)

LAYOUTS = (
    Layout(
        "display",  # stock Liferay 6 and 7: asset publisher around a web content article
        title="h1[itemprop=name], h1.header-title, h2.header-title, .asset-full-content .asset-title, h1.asset-title",
        body="div.journal-content-article",
        date=".metadata-publish-date, .publish-date, .date, .ngay-dang",
        summary=".asset-summary, .sapo, .summary",
    ),
    Layout(
        "daklak",  # Đắk Lắk 6.2: the date in parentheses beside the title
        title="div.nd_detail_chitiet div.tieude-h2, div.nd_detail_chitiet > h2",
        body="div.nd_detail_chitiet div.journal-content-article, div.nd_detail_chitiet .asset-content",
        date="div.nd_detail_chitiet div.tieude-h2 > span, div.nd_detail_chitiet > h2 > span",
    ),
    Layout(
        "ecoit",  # the portlet CmsView of EcoIT, in ministries
        title="#titlenews, .title-news, .titlenews, .title_detail, h1, h2",
        body="#contentnews",
        date=".date-news, .datenews, .date_detail, .time",
        summary="p#change_font_size",
    ),
)
VPORTAL_LAYOUTS = (
    Layout(
        "vportal",  # HNP: old hanoi.gov.vn
        title="div.box_new_hot_c a.green.bold",
        body="div.box_new_hot_c",
        date="div.box_new_hot_c a[style*='10px']",
        section="p.tit_news",
    ),
    Layout(
        "cmsview",  # Hoà Bình fork on Liferay 7
        title="div#content_detail_news h1#titleDetail",
        body="div#content_detail_news div#contentDetail",
        date="div#content_detail_news div.tool span.date_time",
        summary="div#content_detail_news div#leadDetail",
        section="h3.title-list-news span.title-t1 a",
        author="div#content_detail_news div.author",
    ),
)
DROP = (
    "p.bg_tit_c",  # the portlet's title with today's date
    "#myRating, div#footerOfNewDetail, div.box_news_old, .taglib-ratings, .taglib-social-bookmarks",
    ".asset-related-assets, .portlet-breadcrumb, .taglib-page-iterator, .lfr-pagination, #pagination",
)


class Liferay(Cms):
    """Liferay 6 and 7, its asset publisher first; the layouts of vPortal last, for portals that mix them."""

    name: ClassVar[str] = "liferay"
    family: ClassVar[Family] = Family("liferay", (*LAYOUTS, *VPORTAL_LAYOUTS), DROP)

    def fingerprint(self, page: Page) -> bool:
        """Say whether Liferay made the page, and not vPortal, which runs on it."""
        return _MARK.search(page.body) is not None and VPORTAL_MARK.search(page.body) is None

    def article_key(self, url: str) -> str | None:
        """Return urlTitle, or kind and number of the id in the URL (portals.md B, C); of vPortal the bare articleId."""
        parts = urlsplit(url)
        if _NOT_A_VIEW.search(parts.query) or "print_article" in parts.path:
            return None
        path = unquote(parts.path.partition(";")[0]).rstrip("/")
        for form, prefix in _FORMS:
            if found := form.search(path):
                return prefix + clean_line(found[1]).lower()
        return _query_key(parse_qs(parts.query), path)

    def parse_listing(self, page: Page, portal: Portal) -> Listing:
        """Return what a list names; its section is known by its categoryId where sections share a page (Hoà Bình)."""
        found = super().parse_listing(page, portal)
        section = _category_section(portal, page.url)
        if section is None:
            return found
        return Listing(
            tuple(replace(hint, section=section) for hint in found.hints),
            tuple(replace(fetch, section=section) for fetch in found.next),
        )

    def next_pages(self, page: Page, section: str | None) -> tuple[Fetch, ...]:
        """Return the next page of each portlet whose pager offers one."""
        return tuple(Fetch(url, section=section) for url in next_pages(tree(page), page.url))


def _category_section(portal: Portal, url: str) -> str | None:
    """Return the title of the section whose address names the same category as the URL, or None without one."""
    category = _category(url)
    titles = (title for title, address in portal.sections.items() if category and _category(address) == category)
    return next(titles, None)


def _category(url: str) -> str:
    query = parse_qs(urlsplit(url).query)
    return next((values[0] for name, values in query.items() if _PORTLET.sub("", name) == "categoryId"), "")


def _query_key(query: dict[str, list[str]], path: str) -> str | None:
    """Return the key in a portlet's parameters; `d` of the custom /chi-tiet-tin-tuc page."""
    named = {_PORTLET.sub("", name): clean_line(values[0]).lower() for name, values in query.items()}
    found = next((prefix + named[name] for name, prefix in _PARAMETERS if named.get(name)), None)
    if found:
        return found
    document = next((values[0] for name, values in query.items() if _DOCUMENT.fullmatch(name)), "")
    if document.isdecimal():
        return f"document/{document}"
    if path.endswith("/chi-tiet-tin-tuc") and named.get("d", "").isdecimal():
        return f"d/{named['d']}"
    return None


PLATFORM = Liferay()
