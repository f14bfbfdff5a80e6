"""Find an article on a page: by the selectors of a CMS's known layouts, else by where most of its text lies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from lxml.html import HtmlElement
from parsel import Selector

from archive.models import Article, Page, Portal, article_text
from archive.text import language
from scraper.reading.attachments import find_attachments, find_images
from scraper.reading.furniture import is_junk, is_notice
from scraper.reading.links import absolute
from scraper.reading.page import Layout, canonical, parse_when, with_selectors
from scraper.reading.select import select
from scraper.reading.sheet import Tree, main_element, open_tree, read_sheet, text_of
from scraper.reading.story import Parts, has_title, tell

VERSION = 1
TEXT = "text"  # the layout of a page on which no selector matches

_NOTICE = 500  # characters outside links; a page with more says more than a notice
_LISTED = 5  # links to other articles in the main part of a page, from which on it may be a list
_TEASER = 300  # characters; with less text for each link, it may be a list
_ABOVE = 5  # elements around the text in which the title is looked for


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
    sheet = read_sheet(opened, found.area, page.url, sure=found.layout != TEXT)
    story = tell(sheet, found.parts)
    frame = _node(_around_title(opened, found.area, story.title))
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
        attachments=find_attachments(frame, page.url),
        images=find_images(frame, page.url),
        published=story.published,
        published_source="page" if story.published else None,
        extracted_by=f"{family.name}/{found.layout}/{VERSION}",
    )


def shows_article(page: Page, portal: Portal, family: Family, article_key: Callable[[str], str | None]) -> bool:
    """Say whether a page at an article's URL shows one: false for an error, a password form, a notice, a listing.

    True for a page that cannot be read at all, so that extraction says why.
    """
    if page.status >= 400:
        return False
    opened, found = _look(page, portal, family)
    if found.layout != TEXT:
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
    title = next((title for title in titles if not is_junk(text_of(title))), None)
    if title is None:
        return None
    near = {element: ring for element, ring in rings.items() if ring <= rings[title]}
    parts = Parts(
        title=text_of(title),
        when=next(filter(parse_when, _texts(page, layout.date, near)), ""),
        summary=next(_texts(page, layout.summary, near), ""),
        section=next(_texts(page, layout.section, rings), ""),
        author=next(_texts(page, layout.author, near), ""),
    )
    return _Found(layout.name, area, parts)


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
    around = [area, *area.iterancestors()][:_ABOVE]
    frame = next((element for element in around if title in text_of(element)), area)
    return area if frame is page.body else frame


def _node(element: HtmlElement) -> Selector:
    return Selector(root=element, type="html")
