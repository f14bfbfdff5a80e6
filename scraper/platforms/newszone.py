"""The `.htm` portals of Hà Nội since 2025, made by the CMS of chinhphu.vn (portals.md section G)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import ClassVar
from urllib.parse import parse_qsl, unquote, urlencode, urljoin, urlsplit

from parsel import Selector

from archive.models import Article, Fetch, Page, Portal
from scraper.reading.cms import Cms
from scraper.reading.links import absolute
from scraper.reading.page import HANOI, Layout, decode, tree
from scraper.reading.reader import Family

_MARK = re.compile(rb"/api/NewsZone/|afcbc-body|data-role=.?sapo")
_ARTICLE = re.compile(r"/[^/]+/[^/]*[^\W\d_][^/]*-(\d{6,19})\.htm$")
_TIMED = re.compile(r"\d{1,4}(\d{12})(\d{3})")  # site, yyMMddHHmmss, milliseconds
_NO_ARTICLE = re.compile(r"/(?:print|rss|trang-\d+)/", re.IGNORECASE)

_FAMILY = Family(
    "newszone",
    (
        Layout(
            "news-info",  # hanoi.gov.vn and its wards
            title="h1",
            body=".detail-content.afcbc-body, .afcbc-body",
            date=".news-info .time, .news-info .date",
            summary="[data-role=sapo], .detail-sapo, .sapo",
            section=".detail-cate a, .breadcrumb-item.active a, [data-role=cate-name]",
            author="[data-role=author], .detail-author .name",
        ),
        Layout(
            "role",  # the same CMS with marks for its editor only
            title="[data-role=title], h1",
            body="[data-role=content], .detail-content",
            date=".detail-time, [data-role=publishdate]",
            summary="[data-role=sapo], .detail-sapo",
            section="[data-role=cate-name], .detail-cate a",
            author="[data-role=author], .detail-author",
        ),
    ),
    (
        ".detail-tags, .tags, .box-related, [data-role=relate], .detail__related, .VCSortableInPreviewMode[type=RelatedNewsBox]",
    ),
)

_LOAD = "/api/NewsZone/NewsZone"
_MAX_PAGES = 500
_MOST_SHOWN = 100  # ids of articles that are sent as shown already
_SETTINGS = ("PageSize", "Catname", "LanguageId", "Site")
_REQUIRED = {"Catname", "Site"}
_PREFIX = re.compile(r"^(?:hdn|hd|txt)", re.IGNORECASE)
_IN_SCRIPT = r"\b(?:hd|hdn|txt)?{name}[\"']?\s*[:=]\s*[\"']?([^\"'\s,;}}<>]{{1,300}})"
_SAID = {name: re.compile(_IN_SCRIPT.format(name=name), re.IGNORECASE) for name in _SETTINGS}


class NewsZone(Cms):
    """The ids of articles carry the time of their creation; further pages of a list are fragments that a POST answers."""

    name: ClassVar[str] = "newszone"
    family: ClassVar[Family] = _FAMILY

    def fingerprint(self, page: Page) -> bool:
        """Say whether this CMS made the page."""
        return _MARK.search(page.body) is not None

    def article_key(self, url: str) -> str | None:
        """Return the number at the end of `/<category>/<slug>-<id>.htm`."""
        path = unquote(urlsplit(url).path)
        found = _ARTICLE.search(path)
        return found[1] if found and not _NO_ARTICLE.match(path) else None

    def extract(self, page: Page, portal: Portal) -> Article:
        """Return the article, dated by its id where the page shows no date; raise ExtractError as all platforms do."""
        article = super().extract(page, portal)
        made = None if article.published else _created(article.key)
        return replace(article, published=made, published_source="url") if made else article

    def next_pages(self, page: Page, section: str | None) -> tuple[Fetch, ...]:
        """Return the POST for the next page, with the opaque values that the first page carries.

        A fragment does not repeat them, so the address that it was asked for at carries them, too; the server reads
        the form. A page without articles is past the end.
        """
        root = tree(page)
        asked = dict(parse_qsl(urlsplit(page.url).query)) if _LOAD in page.url else _settings(root, decode(page))
        settings = {name: asked[name] for name in _SETTINGS if asked.get(name)}
        number, shown = _number(asked) + 1, _shown(root, page.url)
        if not shown or number > _MAX_PAGES or not settings.keys() >= _REQUIRED:
            return ()
        form = {"PageIndex": str(number)} | settings
        url = f"{urljoin(page.url, _LOAD)}?{urlencode(form)}"
        headers = (("X-Requested-With", "XMLHttpRequest"), ("Referer", urljoin(page.url, "/")))
        return (Fetch(url, (*form.items(), *(("DataIds[]", key) for key in shown)), headers, section),)


def _number(asked: Mapping[str, str]) -> int:
    """Return which page of its list was asked for; the first one says nothing of it."""
    said = asked.get("PageIndex", "1")
    return int(said) if re.fullmatch(r"[0-9]{1,6}", said) else _MAX_PAGES


def _created(key: str) -> str | None:
    """Return the time that an id carries; None for the short ids of migrated articles and for what is no time."""
    timed = _TIMED.fullmatch(key)
    try:
        moment = datetime.strptime(timed[1], "%y%m%d%H%M%S").replace(tzinfo=HANOI) if timed else None
    except ValueError:
        return None
    return moment.isoformat() if moment else None


def _shown(root: Selector, base: str) -> tuple[str, ...]:
    urls = (absolute(href, base) for href in root.css("a::attr(href)").getall())
    keys = (PLATFORM.article_key(url) for url in urls if url)
    return tuple(dict.fromkeys(key for key in keys if key))[:_MOST_SHOWN]


def _settings(root: Selector, html: str) -> dict[str, str]:
    """Return what a list says of itself: in hidden fields (`hdCatname`), data attributes, or its script."""
    hidden = {_field_name(field): field.attrib.get("value", "") for field in root.css("input[type=hidden]")}
    return {name: hidden.get(name.lower()) or _setting(root, html, name) for name in _SETTINGS}


def _field_name(field: Selector) -> str:
    said = field.attrib.get("id") or field.attrib.get("name", "")
    return _PREFIX.sub("", said).lower()


def _setting(root: Selector, html: str, name: str) -> str:
    marked = root.xpath(f"//@data-{name.lower()}").get()
    script = None if marked else _SAID[name].search(html)
    return marked or (script[1] if script else "")


PLATFORM = NewsZone()
