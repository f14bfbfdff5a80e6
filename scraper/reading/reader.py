"""Find an article on a page: by the selectors of a CMS's known layouts, else by where most of its text lies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from lxml import etree
from lxml.html import HtmlElement
from parsel import Selector

from archive.models import Article, Attachment, BodyKind, Page, Portal, article_text
from archive.text import language
from scraper.reading.attachments import find_attachments, find_images
from scraper.reading.document import Document, find_document
from scraper.reading.furniture import is_date_line, is_junk, is_notice
from scraper.reading.links import absolute
from scraper.reading.page import Layout, canonical, parse_when, with_selectors
from scraper.reading.select import select
from scraper.reading.sheet import INSIDE_TABLE_OR_LIST, Size, Tree, main_element, open_tree, read_sheet, text_of
from scraper.reading.story import Parts, has_title, tell

VERSION = 1
TEXT = "text"  # the layout of a page on which no selector matches

_NOTICE = 500  # characters outside links; a page with more says more than a notice
_LISTED = 5  # links to other articles in the main part of a page, from which on it may be a list
_TEASER = 300  # characters; with less text for each link, it may be a list
_ABOVE = 5  # elements around the text in which the title is looked for
_FRAMES = 8  # elements around the text in which its files are looked for; parts of tables are not counted
_FILES_TEXT = 1000  # characters; an element with more says something besides naming files
_NOTHING = Size(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Family:
    """What extraction must know of a CMS: its layouts, best first, and selectors of what is never an article."""

    name: str
    layouts: tuple[Layout, ...]
    drop: tuple[str, ...] = ()


class _Found(NamedTuple):
    layout: str
    area: HtmlElement
    parts: Parts


def read_article(page: Page, portal: Portal, key: str, family: Family) -> Article:
    """Return the article on the page; raise ExtractError naming what cannot be found.

    The layouts are tried in order, the portal's own selectors put over theirs; when none matches, the layout is "text".
    """
    opened, found = _look(page, portal, family)
    document = find_document(opened.body) if found.layout == TEXT else None
    if document is not None:
        return _document_article(document, page, portal, key, family.name)
    sheet = read_sheet(opened, found.area, page.url, sure=found.layout != TEXT)
    story = tell(sheet, found.parts)
    frame = _around_title(opened, found.area, story.title)
    behind = _behind(opened, frame, page.url) if frame is found.area and found.layout != TEXT else ()
    places = (_node(frame), *map(_node, behind))
    return Article(
        portal=portal.name,
        key=key,
        url=canonical(page.url),
        title=story.title,
        body=story.body,
        kinds=story.kinds,
        section=story.section,
        summary=story.summary,
        author=story.credit.author,
        source=story.credit.source,
        language=language(article_text(story.title, story.summary, story.body)),
        attachments=_files(places, page.url),
        images=find_images(places[0], page.url),
        published=story.published,
        published_source="page" if story.published else None,
        extracted_by=f"{family.name}/{found.layout}/{VERSION}",
    )


def _document_article(document: Document, page: Page, portal: Portal, key: str, family: str) -> Article:
    """Return a numbered document as an article: its abstract is the title, its table the text, its issue the date."""
    kind: BodyKind = "tr"
    return Article(
        portal=portal.name,
        key=key,
        url=canonical(page.url),
        title=document.abstract,
        body=document.lines,
        kinds=(kind,) * len(document.lines),
        language=language(article_text(document.abstract, "", document.lines)),
        attachments=find_attachments(_node(document.table), page.url),
        published=document.issued,
        published_source="page" if document.issued else None,
        extracted_by=f"{family}/document/{VERSION}",
    )


def shows_article(page: Page, portal: Portal, family: Family, article_key: Callable[[str], str | None]) -> bool:
    """Say whether a page at an article's URL shows one: false for an error, a password form, a notice, a listing.

    True for a page that cannot be read at all, so that extraction says why.
    """
    if page.status >= 400:
        return False
    opened, found = _look(page, portal, family)
    if found.layout != TEXT or find_document(opened.body) is not None:
        return True
    main = found.area
    room = opened.sizes[main].prose
    if room < _NOTICE and (opened.body.xpath(".//input[@type='password']") or is_notice(text_of(opened.body))):
        return False
    links = filter(None, (absolute(href, page.url) for href in main.xpath(".//a/@href")))
    others = {article_key(link) for link in links} - {None, article_key(page.url)}
    if len(others) < _LISTED or room > _TEASER * len(others):
        return True
    return has_title(read_sheet(opened, main, page.url, sure=False))


def _look(page: Page, portal: Portal, family: Family) -> tuple[Tree, _Found]:
    """Return the tidied page, and where its article lies by the first layout that matches or by its text.

    The latest is remembered: the same page is asked for its kind and its fields in turn.
    """
    layouts = with_selectors(family.layouts, portal.selectors)
    return _looked(page.body, page.headers.get("content-type", ""), page.url, family.drop, layouts)


@lru_cache(maxsize=1)
def _looked(
    body: bytes, content_type: str, url: str, drop: tuple[str, ...], layouts: tuple[Layout, ...]
) -> tuple[Tree, _Found]:
    tree = open_tree(Page(url, body, headers={"content-type": content_type}), drop)
    matches = (_match(tree, layout) for layout in layouts)
    return tree, next(filter(None, matches), None) or _Found(TEXT, main_element(tree), Parts())


def _match(page: Tree, layout: Layout) -> _Found | None:
    """Return what the layout's selectors find, the longest body where several match; None without title or body."""
    bodies = _elements(page, layout.body)
    if not bodies:
        return None
    area = max(bodies, key=lambda body: page.sizes[body].text)
    rings = _rings(page, area)
    titles = sorted(_elements(page, layout.title), key=rings.__getitem__)
    title = next((title for title in titles if _is_title(text_of(title))), None)
    if title is None and layout.title:
        return None
    farthest = _ABOVE if title is None else rings[title]
    near = {element: ring for element, ring in rings.items() if ring <= farthest}
    named = "" if title is None else text_of(title)
    parts = Parts(
        title=named,
        when=next((text for text in _texts(page, layout.date, near) if text != named and parse_when(text)), ""),
        summary=next(_texts(page, layout.summary, near), ""),
        section=next(_texts(page, layout.section, rings), ""),
        author=next(_texts(page, layout.author, near), ""),
    )
    return _Found(layout.name, area, parts)


def _is_title(text: str) -> bool:
    return not is_junk(text) and not is_date_line(text)


def _elements(page: Tree, css: str) -> list[HtmlElement]:
    matched = (node.root for node in select(page.root, css))
    return [element for element in matched if element in page.sizes and page.sizes[element].text]


def _texts(page: Tree, css: str, rings: Mapping[HtmlElement, int]) -> Iterator[str]:
    """Yield the texts that the selector finds on the rings, nearest to the body first."""
    found = (element for element in _elements(page, css) if element in rings)
    return map(text_of, sorted(found, key=rings.__getitem__))


def _rings(page: Tree, area: HtmlElement) -> dict[HtmlElement, int]:
    """Return for every element how many elements around the body do not hold it: what is farther is of other articles."""
    rings = {element: n for n, element in enumerate((area, *area.iterancestors()))}
    for element in page.sizes:
        rings.setdefault(element, rings.get(element.getparent(), len(rings)))
    return rings


def _around_title(page: Tree, area: HtmlElement, title: str) -> HtmlElement:
    """Return the smallest element around the text that also holds the title: files and pictures stand there."""
    around = [area, *(element for element in area.iterancestors() if element.tag not in INSIDE_TABLE_OR_LIST)][:_FRAMES]
    frame = next((element for element in around if title in text_of(element)), area)
    return area if frame is page.body else frame


def _behind(page: Tree, frame: HtmlElement, url: str) -> Iterator[HtmlElement]:
    """Yield the elements right behind the frame that hold little but files: vPortal's table of them stands there."""
    for element in frame.itersiblings(etree.Element):
        size = page.sizes.get(element, _NOTHING)
        if not size.text:
            continue
        if size.text > _FILES_TEXT or not find_attachments(_node(element), url):
            return
        yield element


def _files(places: Iterable[Selector], url: str) -> tuple[Attachment, ...]:
    found = (file for place in places for file in find_attachments(place, url))
    return tuple({file.url: file for file in found}.values())


def _node(element: HtmlElement) -> Selector:
    return Selector(root=element, type="html")
