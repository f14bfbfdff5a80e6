"""Pure helpers that turn the bytes of a page into fields: decoding, selecting, layouts, prose, dates, addresses."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from itertools import dropwhile
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit, urlunsplit

from lxml import etree
from lxml.html import HtmlElement
from parsel import Selector

from archive import text
from archive.models import BodyKind, ExtractError, Page
from archive.text import clean_line
from scraper.reading.select import select

HANOI = timezone(timedelta(hours=7))


def decode(page: Page) -> str:
    """Return the page's text (`archive.text.decode`)."""
    return text.decode(page.body, page.headers.get("content-type", ""))


def tree(page: Page) -> Selector:
    """Return the parsed page, which callers must leave as it is; raise ExtractError for an empty one.

    The latest is remembered: the same page is asked for its kind, its fields and its links in turn.
    """
    return _parsed(page.body, page.headers.get("content-type", ""), page.url)


@lru_cache(maxsize=1)
def _parsed(body: bytes, content_type: str, url: str) -> Selector:
    return parse(Page(url, body, headers={"content-type": content_type}))


def parse(page: Page) -> Selector:
    """Return the parsed page for the caller to change; raise ExtractError for an empty one."""
    html = decode(page)
    if not html.strip():
        raise ExtractError("the page is empty")
    return Selector(html, base_url=page.url)


def first(node: Selector, *rules: str) -> Selector | None:
    """Return the first match of the first selector that matches anything, or None."""
    for css in rules:
        found = select(node, css)
        if found:
            return found[0]
    return None


@dataclass(frozen=True, slots=True)
class Layout:
    """One known arrangement of an article's page: the CSS selector of each field; empty where it has none.

    Old layouts stay, so that old captures stay readable; a portal's `selectors` replace single fields.
    """

    name: str
    title: str
    body: str
    date: str = ""
    summary: str = ""
    author: str = ""
    section: str = ""


SELECTORS = frozenset(field.name for field in fields(Layout)) - {"name"}


def with_selectors(layouts: Sequence[Layout], selectors: Mapping[str, str]) -> tuple[Layout, ...]:
    """Return the layouts with a portal's own selectors in them, before the same as they were: old captures stay readable."""
    return (*(replace(layout, **selectors) for layout in layouts), *layouts) if selectors else tuple(layouts)


def find_layout(node: Selector, layouts: Sequence[Layout], selectors: Mapping[str, str]) -> Layout | None:
    """Return the first layout whose title and body are both there, a portal's own selectors first; or None."""
    candidates = with_selectors(layouts, selectors)
    return next((layout for layout in candidates if select(node, layout.title) and select(node, layout.body)), None)


_INLINE_TAG = re.compile(
    r"a|abbr|b|bdi|big|cite|em|font|i|ins|mark|nobr|s|small|span|strike|strong|sub|sup|time|tt|u|\w+:\w+"
)


def line(node: Selector | None) -> str:
    """Return all text below the node on one clean line, words apart where a block or `<br>` stands; empty for None."""
    if node is None:
        return ""
    return clean_line("".join(_strings(node.root)))


def _strings(root: etree._Element) -> Iterator[str]:
    """Yield the strings below the element in order, and a space wherever a block begins or ends."""
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        if not isinstance(element.tag, str):
            yield element.tail or ""
            continue
        if not _INLINE_TAG.fullmatch(element.tag):
            yield " "
        if event == "start":
            yield element.text or ""
        elif element is not root:
            yield element.tail or ""


class Prose(NamedTuple):
    """The lines of a body and the kind of each."""

    lines: tuple[str, ...]
    kinds: tuple[BodyKind, ...]


# Never the text of an article, on any portal: code, players, controls, share bars, comment forms, related lists; the
# `xml` islands and `o:p` of Word; the `title` of a share button's sample page pasted whole (portals.md section 0.3).
_NEVER_TEXT = (
    "script, style, noscript, template, title, xml, iframe, object, video, audio, svg, input, button, select, textarea",
    "form:has(textarea), form:has(input[type=password]), #comments, .comments-area, .comment-respond",
    ".fb-like, .fb-share-button, .fb-comments, .zalo-share-button, .addthis_toolbox, .sharedaddy, .social-share",
    ".jp-relatedposts, .yarpp, .related-posts, .post-navigation, .screen-reader-text",
)
_BLOCK_TAGS = frozenset((
    "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html",
    "legend", "li", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th",
    "thead", "tr", "ul", "row",
))  # fmt: skip
_CELLS = ("td", "th")
_LONG_CELL = 400  # characters; longer cells of several paragraphs are columns of a page, not of a table
_ROW = "row"  # what a row of a data table is called once its cells are joined
_KINDS: Mapping[str, BodyKind] = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "h"),
    **dict.fromkeys(("li", "dd", "dt"), "li"),
    **dict.fromkeys(("caption", "figcaption"), "caption"),
    _ROW: "tr",
}
_WORD_PASTE = re.compile(r"Normal\s*0(?!\S)")
_WORD_PASTE_LINES = 60
_WORD_SETTING = re.compile(r"Normal|0|pt|false|true|[A-Z]{1,2}-[A-Z]{2,4}|MicrosoftInternetExplorer\d")


class _Line(NamedTuple):
    text: str
    kind: BodyKind


def prose(node: Selector, drop: Sequence[str] = ()) -> Prose:
    """Return the text below the node as lines with their kinds; `drop` are CSS selectors of what is no text.

    A block, a `<br>` and a row of a data table each make a line; the cells of a row are joined by a space. Tables that
    only lay out a page are read as blocks. What Word left behind (portals.md section 8) is removed. Time is linear in
    the size of the fragment, whatever its depth.
    """
    root = _without(node, (*_NEVER_TEXT, *drop))
    for row in _data_rows(root):
        text = " ".join(line.text for cell in row.iter(*_CELLS) for line in _lines(cell))
        etree.strip_elements(row, etree.Element, with_tail=True)
        row.tag, row.text = _ROW, text
    lines = _without_word_paste(list(_lines(root)))
    return Prose(tuple(line.text for line in lines), tuple(line.kind for line in lines))


def _without(node: Selector, drop: Iterable[str]) -> HtmlElement:
    """Return a copy of the node without comments and what the selectors match; the page itself stays as it is."""
    root = copy.deepcopy(node.root)
    fragment = Selector(root=root, type="html")
    etree.strip_elements(root, etree.Comment, etree.PI, "o:p", with_tail=False)
    for element in [found.root for css in drop for found in select(fragment, css)]:
        if element.getparent() is not None:
            element.drop_tree()
    return root


def _data_rows(root: HtmlElement) -> list[HtmlElement]:
    """Return the rows to read as one line: those of tables with columns, unless a cell holds a column of the page."""
    tables = [table for table in root.iter("table") if next(table.iterdescendants("table"), None) is None]
    return [row for table in tables if _has_columns(table) for row in table.iter("tr") if not _lays_out(row)]


def _has_columns(table: HtmlElement) -> bool:
    return any(sum(bool(_text(cell).strip()) for cell in row.iter(*_CELLS)) > 1 for row in table.iter("tr"))


def _lays_out(row: HtmlElement) -> bool:
    return any(
        len(_text(cell)) > _LONG_CELL and len(list(cell.iter("p", "div", "br"))) > 1 for cell in row.iter(*_CELLS)
    )


def _text(element: HtmlElement) -> str:
    return "".join(element.itertext())


def _lines(root: HtmlElement) -> Iterator[_Line]:
    """Yield the non-empty lines below the element; a line ends wherever a block begins or ends."""
    kinds, parts = list[BodyKind](["p"]), [root.text or ""]
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if element is root:
            continue
        if element.tag in _BLOCK_TAGS:
            yield from _joined(parts, kinds[-1])
            parts = []
            kinds.append(_kind(element, kinds[-1])) if event == "start" else kinds.pop()
        parts.append((element.text if event == "start" else element.tail) or "")
    yield from _joined(parts, kinds[-1])


def _kind(element: HtmlElement, around: BodyKind) -> BodyKind:
    return "caption" if "caption" in element.get("class", "").lower() else _KINDS.get(element.tag, around)


def _joined(parts: list[str], kind: BodyKind) -> Iterator[_Line]:
    joined = "".join(parts)
    text = clean_line(joined) if joined and not joined.isspace() else ""
    if text:
        yield _Line(text, kind)


def _without_word_paste(lines: list[_Line]) -> list[_Line]:
    """Return the lines without the settings and styles that a paste from Word printed before the text.

    They begin with `Normal 0` and end with the last closing brace (NukeViet keeps them as text, portals.md section 8).
    """
    head = [line.text for line in lines[:_WORD_PASTE_LINES]]
    if not _WORD_PASTE.match(" ".join(head[:2])):
        return lines
    end = max((n for n, text in enumerate(head) if "}" in text), default=0)
    words = head[end].rpartition("}")[2].split()
    text = " ".join(dropwhile(_WORD_SETTING.fullmatch, words))
    return [line for line in (lines[end]._replace(text=text), *lines[end + 1 :]) if line.text]


_SOURCE_LINE = re.compile(r"\(?(?:Nguồn(?: tin)?|Theo nguồn)\s*:\s*(?P<name>[^()]{2,80}?)[.)]*")


def named_source(lines: Sequence[str]) -> str:
    """Return whose text a reprint is if one of its last three lines says so («Nguồn: Báo Ninh Bình»), else nothing."""
    matches = (_SOURCE_LINE.fullmatch(text) for text in reversed(lines[-3:]))
    return next((match["name"] for match in matches if match), "")


_DATE = re.compile(r"(?<!\d)(?P<d>\d{1,2})[/.-](?P<m>\d{1,2})[/.-](?P<y>(?:19|20)\d\d)(?!\d)")
_MONTHS = ("một", "hai", "ba", "tư", "năm", "sáu", "bảy", "tám", "chín", "mười", "mười một", "mười hai")
_MONTH = rf"tháng (?P<m>\d{{1,2}}|{'|'.join(sorted(_MONTHS, key=len, reverse=True))})"
# How themes and Joomla's Vietnamese print a day: «12 Tháng 7 2023», «12 Tháng Bảy, 2023», «Tháng Bảy 12, 2023».
WRITTEN_DAY = re.compile(rf"(?<!\d)(?P<d>\d{{1,2}}),? {_MONTH},? (?:năm )?(?P<y>(?:19|20)\d\d)(?!\d)", re.IGNORECASE)
_WRITTEN_MONTH_FIRST = re.compile(rf"{_MONTH} (?P<d>\d{{1,2}}), (?P<y>(?:19|20)\d\d)(?!\d)", re.IGNORECASE)
_TIME = re.compile(
    r"(?<!\d)(?P<h>[01]?\d|2[0-3])[:h](?P<min>[0-5]\d)(?::[0-5]\d)?(?!\d)(?:\s?(?P<half>AM|PM|SA|CH)(?!\w))?",
    re.IGNORECASE,
)


def parse_when(text: str) -> str | None:
    """Return the date (and time, if one stands beside it) in a date line as ISO 8601, +07:00; None without a date.

    Day first, always; either order of time and date: "(21:20 09/01/2020)", "17/02/2021 | 09:04" (portals.md section 2),
    "19/06/2024 05:20:00 PM" (mobile lists of NukeViet), "26 Tháng 7 2012" (Joomla).
    """
    date = _DATE.search(text) or WRITTEN_DAY.search(text) or _WRITTEN_MONTH_FIRST.search(text)
    if date is None:
        return None
    time = _TIME.search(text, date.end()) or _TIME.search(text, 0, date.start())
    try:
        day = datetime(int(date["y"]), _month(date["m"]), int(date["d"]), tzinfo=HANOI)
    except ValueError:
        return None
    if time is None:
        return day.date().isoformat()
    return day.replace(hour=_hour(time), minute=int(time["min"])).isoformat()


def _month(said: str) -> int:
    return int(said) if said.isdecimal() else _MONTHS.index(said.lower()) + 1


def _hour(time: re.Match[str]) -> int:
    hour, half = int(time["h"]), (time["half"] or "").upper()
    if hour < 12 and half in ("PM", "CH"):
        return hour + 12
    return 0 if hour == 12 and half in ("AM", "SA") else hour


def parse_stamp(stamp: str) -> str | None:
    """Return an ISO 8601 time as machines write it in +07:00, a date as a date; None for anything else.

    A time without a zone is Hà Nội's. NukeViet's broken `article:published_time` is None (portals.md section 8).
    """
    try:
        moment = datetime.fromisoformat(stamp.strip())
        if len(stamp.strip()) == len("2024-01-31"):
            return moment.date().isoformat()
        zoned = moment if moment.tzinfo else moment.replace(tzinfo=HANOI)
        return zoned.astimezone(HANOI).isoformat(timespec="seconds")
    except (ValueError, OverflowError):
        return None


def updated_after(published: str | None, stamp: str) -> str | None:
    """Return the time of an edit if it fell on a later day than the publication, else None.

    CMSs stamp every article with its last save, minutes after the first; that is not an update.
    """
    edited = parse_stamp(stamp)
    return edited if edited and published and edited[:10] > published[:10] else None


_SESSION = re.compile(r";jsessionid=[^/?#]*", re.IGNORECASE)
_TRACKING = re.compile(r"(?:^|&)(?:utm_\w+|fbclid|gclid|sid|phpsessid|jsessionid)=[^&]*", re.IGNORECASE)


def canonical(url: str, base: str = "") -> str:
    """Return the absolute URL without fragment, session id and tracking parameters, host in lower case."""
    parts = urlsplit(_SESSION.sub("", urljoin(base, url.strip())))
    query = _TRACKING.sub("", parts.query).lstrip("&")
    return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), parts.path or "/", query, ""))
