"""IBM WebSphere Portal with WCM, the portals of An Giang (portals.md section F)."""

from __future__ import annotations

import re
from typing import ClassVar
from urllib.parse import unquote, urlsplit

from archive.models import Page
from archive.text import clean_line
from scraper.reading.cms import Cms
from scraper.reading.page import Layout
from scraper.reading.reader import Family

_MARK = re.compile(
    rb"/wps/(?:portal|myportal|wcm|contenthandler|PA_)|wpsPortlet|wpthemes?|ibmPortal|wcmContent", re.IGNORECASE
)
_STATE = re.compile(r"/!ut/p/.*")  # what follows is the state of a session, never an id
_ARTICLE = re.compile(r"/tin-chi-tiet/(.+)")
_CONTENT = re.compile(r"/wps/wcm/connect/(?!.*\.(?:pdf|docx?|xlsx?|jpe?g|png|gif)(?:$|\?))(.+)", re.IGNORECASE)

_FAMILY = Family(
    "websphere",
    (
        Layout(
            "wcm",
            title=".wpsPortletBody .title-detail, .wpsPortletBody .h-title, .wpsPortletBody h1, h1.h-title, .h-title",
            body=".wpsPortletBody .content-detail, .wpsPortletBody .content, .wpsPortletBody .wcm-body",
            summary=".wpsPortletBody .sapo, .wpsPortletBody .lead, .wpsPortletBody .summary",
            author=".wpsPortletBody .author",
        ),
    ),
    (
        ".wpthemeBanner, .wpthemeHeader, .wpthemeFooter, .wpthemeNav, .wpthemeCrumbTrail",
        ".fb-share-button, .gcse-search",
    ),
)


class WebSphere(Cms):
    """WebSphere Portal: an article's page bears no date; listings give it as a hint."""

    name: ClassVar[str] = "websphere"
    family: ClassVar[Family] = _FAMILY

    def fingerprint(self, page: Page) -> bool:
        """Say whether WebSphere Portal made the page."""
        return _MARK.search(page.body) is not None or "/wps/portal/" in page.url

    def article_key(self, url: str) -> str | None:
        """Return the path below tin-chi-tiet (site area and slug), without session state and Google's fragment."""
        path = _STATE.sub("", unquote(urlsplit(url).path)).rstrip("/")
        found = _ARTICLE.search(path) or _CONTENT.search(path)
        return clean_line(found[1]).lower() if found else None


PLATFORM = WebSphere()
