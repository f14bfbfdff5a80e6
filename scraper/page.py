"""Pure helpers that turn the bytes of a page into text: decoding, selecting exactly one node, prose, dates."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit, urlunsplit

from parsel import Selector
from w3lib.encoding import html_to_unicode

from archive.models import BodyKind, ExtractError, Page
from archive.text import clean_line

HANOI = timezone(timedelta(hours=7))


def decode(page: Page) -> str:
    """Return the page's text: UTF-8 where the bytes are valid UTF-8, else the charset that header or meta declare."""
    try:
        return page.body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return html_to_unicode(page.headers.get("content-type"), page.body, default_encoding="windows-1258")[1]


def tree(page: Page) -> Selector:
    """Return the parsed page; raise ExtractError for one without any element."""
    text = decode(page)
    if not text.strip():
        raise ExtractError("the page is empty")
    return Selector(text, base_url=page.url)


def one(node: Selector, css: str) -> Selector:
    """Return the only match of the selector; raise ExtractError, naming it, on none or several."""
    found = node.css(css)
    if len(found) != 1:
        raise ExtractError(f"{len(found)} matches instead of one for {css!r}")
    return found[0]


def first(node: Selector, *rules: str) -> Selector | None:
    """Return the first match of the first selector that matches anything, or None."""
    for css in rules:
        found = node.css(css)
        if found:
            return found[0]
    return None


def line(node: Selector | None) -> str:
    """Return all text below the node on one clean line; empty for None."""
    return "" if node is None else clean_line(" ".join(node.xpath(".//text()").getall()))


class Prose(NamedTuple):
    """The lines of a body and the kind of each."""

    lines: tuple[str, ...]
    kinds: tuple[BodyKind, ...]


_DATE = re.compile(r"(?<!\d)(?P<d>\d{1,2})[/.-](?P<m>\d{1,2})[/.-](?P<y>(?:19|20)\d\d)(?!\d)")
_TIME = re.compile(r"(?<!\d)(?P<h>[01]?\d|2[0-3])[:h](?P<min>[0-5]\d)(?!\d)")


def parse_when(text: str) -> str | None:
    """Return the date (and time, if one stands beside it) in a date line as ISO 8601, +07:00; None without a date.

    Day first, always; either order of time and date: "(21:20 09/01/2020)", "17/02/2021 | 09:04" (portals.md section 2).
    """
    date = _DATE.search(text)
    if date is None:
        return None
    time = _TIME.search(text, date.end()) or _TIME.search(text, 0, date.start())
    try:
        day = datetime(int(date["y"]), int(date["m"]), int(date["d"]), tzinfo=HANOI)
    except ValueError:
        return None
    if time is None:
        return day.date().isoformat()
    return day.replace(hour=int(time["h"]), minute=int(time["min"])).isoformat()


_SESSION = re.compile(r";jsessionid=[^/?#]*", re.IGNORECASE)
_TRACKING = re.compile(r"(?:^|&)(?:utm_\w+|fbclid|gclid|sid|phpsessid|jsessionid)=[^&]*", re.IGNORECASE)


def canonical(url: str, base: str = "") -> str:
    """Return the absolute URL without fragment, session id and tracking parameters, host in lower case."""
    parts = urlsplit(_SESSION.sub("", urljoin(base, url.strip())))
    query = _TRACKING.sub("", parts.query).lstrip("&")
    return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), parts.path or "/", query, ""))
