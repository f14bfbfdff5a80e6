"""Read a listing of any CMS: its links to articles, each with the title and date of its card, and its pager."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import takewhile
from urllib.parse import parse_qsl, urljoin, urlsplit

from lxml import etree
from lxml.html import HtmlElement
from parsel import Selector

from archive.models import Fetch, Hint, Portal
from archive.text import clean_line
from scraper.reading.furniture import is_date_line, split_stamp
from scraper.reading.links import absolute
from scraper.reading.page import parse_when

ArticleKey = Callable[[str], str | None]

_MANY = ""  # owner of an element that leads to several articles; no article's key
_TITLE = 15  # characters; a shorter link says "Xem tiếp" or nothing
_DATE_TEXT = 60  # characters; a longer text that names a date tells what happened on it
_TEXTS = ".//text() | following-sibling::text()[1]"
_CARD_DEPTH = 6  # elements around a link that may be its card
_NUMBER = re.compile(r"[0-9]{1,6}")
_CURSOR = re.compile(r"_\w{1,200}_cur")


def start_fetches(portal: Portal) -> tuple[Fetch, ...]:
    """Return one GET for each section of the portal, or for its home page when it names none."""
    sections = portal.sections or {"": portal.home}
    return tuple(Fetch(urljoin(portal.home, path), section=title or None) for title, path in sections.items())


def section_of(portal: Portal, url: str) -> str | None:
    """Return the title of the section whose address is the URL's or its nearest parent, or None.

    None, too, where several sections share a page: what was asked for there tells, not the path.
    """
    places = [(_folder(urljoin(portal.home, address)), title) for title, address in portal.sections.items()]
    above = [(folder, title) for folder, title in places if folder != "/" and _folder(url).startswith(folder)]
    nearest = max((len(folder) for folder, _ in above), default=0)
    titles = [title for folder, title in above if len(folder) == nearest]
    return titles[0] if len(titles) == 1 else None


def _folder(url: str) -> str:
    return urlsplit(url).path.rstrip("/") + "/"


def find_hints(root: Selector, base: str, article_key: ArticleKey, section: str | None) -> tuple[Hint, ...]:
    """Return a hint for each article that the page links, in order; an article linked or rendered twice gives one.

    Its date is the one printed nearest around the link, where nothing leads to another article, or just behind it. On
    an article's own page no date is taken: HNP prints its date beside every related one (portals.md section C).
    """
    links: dict[str, list[HtmlElement]] = {}
    for anchor in root.css("a[href]"):
        url = absolute(anchor.attrib["href"], base)
        key = article_key(url) if url else None
        if key:
            links.setdefault(key, []).append(anchor.root)
    owners = _owners(root.root, {anchor: key for key, anchors in links.items() for anchor in anchors})
    dated = article_key(base) is None
    return tuple(_hint(anchors, owners if dated else {}, base, section) for anchors in links.values())


def _hint(anchors: list[HtmlElement], owners: Mapping[HtmlElement, str], base: str, section: str | None) -> Hint:
    titles = [text for text in _titles(anchors) if len(text) >= _TITLE]
    title = next((text for text in titles if not text.endswith(("...", "…"))), titles[0] if titles else None)
    around = dict.fromkeys(element for anchor in anchors for element in _around(anchor, owners))
    printed = [clean_line(text) for element in around for text in element.xpath(_TEXTS)]
    dates = [text for text in printed if len(text) <= _DATE_TEXT and text != title and parse_when(text)]
    date = next(filter(is_date_line, dates), dates[0] if dates and not dates[0].endswith(".") else "")
    url = absolute(anchors[0].get("href", ""), base) or base
    return Hint(url, "listing", parse_when(date), section, split_stamp(title).text if title else None)


def _titles(anchors: list[HtmlElement]) -> Iterator[str]:
    """Yield what the links say, best first: a heading within, the tooltip, the whole text."""
    for anchor in anchors:
        heading = next(anchor.iterdescendants("h1", "h2", "h3", "h4", "h5"), None)
        yield _said(heading) if heading is not None else clean_line(anchor.get("title", ""))
    yield from map(_said, anchors)


def _said(element: HtmlElement) -> str:
    return clean_line(str(element.xpath("string()")))


def _owners(root: HtmlElement, keys: Mapping[HtmlElement, str]) -> dict[HtmlElement, str]:
    """Return for each element around links the key of the one article that they lead to, or that they are many."""
    owners = dict(keys)
    for element in reversed(list(root.iter(etree.Element))):
        parent = element.getparent()
        if element in owners and parent is not None:
            owners[parent] = owners[element] if owners.get(parent, owners[element]) == owners[element] else _MANY
    return owners


def _around(anchor: HtmlElement, owners: Mapping[HtmlElement, str]) -> Iterator[HtmlElement]:
    """Yield the elements around a link that lead only where it does, nearest first, then those up to the next link."""
    if not owners:
        return
    card = anchor
    for _ in range(_CARD_DEPTH):
        yield card
        parent = card.getparent()
        if parent is None or owners[parent] != owners[anchor] or parent.tag == "body":
            break
        card = parent
    yield from takewhile(lambda beside: beside not in owners, card.itersiblings(etree.Element))


def next_pages(root: Selector, base: str) -> tuple[str, ...]:
    """Return the page after this one of each Liferay portlet that pages its list (`_<portlet>_cur`).

    Only pages that the pager offers: past the end Liferay repeats the last page (portals.md section B).
    """
    here = _cursors(base)
    following: dict[str, tuple[int, str]] = {}
    for href in root.css("a::attr(href)").getall():
        url = absolute(href, base)
        for portlet, page in _cursors(url or "").items():
            nearest = following.get(portlet, (page + 1, ""))[0]
            if here.get(portlet, 1) < page < nearest:
                following[portlet] = (page, url or "")
    return tuple(url for _, url in following.values())


def _cursors(url: str) -> dict[str, int]:
    """Return the page number of each portlet in the URL."""
    pairs = parse_qsl(urlsplit(url).query)
    return {name: int(value) for name, value in pairs if _CURSOR.fullmatch(name) and _NUMBER.fullmatch(value)}
