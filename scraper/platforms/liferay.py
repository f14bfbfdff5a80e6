"""Liferay: asset publisher, web content, display pages, and the vPortal portlets that run on it (portals.md B, C)."""

from __future__ import annotations

import re
from typing import ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

from archive.models import Fetch, Page
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
        (r"/-/(?:asset_publisher|journal_content)/\w+/content/id/(\d+)(?=/|$)", "id/"),
        (r"/-/asset_publisher/\w+/content/([^/]+)", ""),
        (r"/-/view_content/content/(\d+)(?=/|$)", "entry/"),
        (r"/-/details/(\d+)(?=/|$)", "details/"),
        (rf"/-/(?!(?:{_MAPPINGS})(?:/|$))([^/]+)$", ""),
        (r"/w/([^/]+)$", ""),
    )
)
_ARTICLE_ID = re.compile(r"(?:_\w{1,200}_)?(?:articleId|urlTitle|articleUrlTitle)")
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
        title="div.nd_detail_chitiet div.tieude-h2 > span:first-child, div.nd_detail_chitiet > h2 > span:first-child",
        body="div.nd_detail_chitiet div.journal-content-article, div.nd_detail_chitiet .asset-content",
        date="div.nd_detail_chitiet div.tieude-h2 > span, div.nd_detail_chitiet > h2 > span",
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

    def next_pages(self, page: Page, section: str | None) -> tuple[Fetch, ...]:
        """Return the next page of each portlet whose pager offers one."""
        return tuple(Fetch(url, section=section) for url in next_pages(tree(page), page.url))


def _query_key(query: dict[str, list[str]], path: str) -> str | None:
    """Return the key in a portlet's parameters: articleId or urlTitle; `d` of the custom /chi-tiet-tin-tuc page."""
    named = next((values[0] for name, values in query.items() if _ARTICLE_ID.fullmatch(name)), None)
    if named:
        return clean_line(named).lower()
    if path.endswith("/chi-tiet-tin-tuc") and query.get("d", [""])[0].isdecimal():
        return f"d/{query['d'][0]}"
    return None


PLATFORM = Liferay()
