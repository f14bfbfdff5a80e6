"""Find an article on a page: by the selectors of a CMS's known layouts, else by where most of its text lies."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import NamedTuple

from lxml import etree
from lxml.html import HtmlElement
from parsel import Selector

from archive.models import Article, ExtractError, Page, Portal, article_text
from archive.text import clean_line, fold_text, language
from scraper.attachments import find_attachments, find_images
from scraper.furniture import is_date_line, is_junk, is_notice
from scraper.page import Layout, Prose, canonical, parse_when, prose, tree
from scraper.story import Parts, Sheet, has_title, tell

VERSION = 1
_NO_ARTICLE = """
script, style, noscript, template, nav, aside, footer, marquee, body title, body meta, [role=navigation], [role=banner],
[role=contentinfo], [role=complementary], [class*=breadcrumb], [id*=breadcrumb], [class*=clock], [id*=clock],
[class*=current-time], [class*=currentTime], [class*=today]
"""
_INLINE = ("a", "b", "em", "font", "i", "label", "small", "span", "strong", "time")
_META_LINE = 250  # characters; the longest element that holds only title, date and controls
_HAS_BLOCKS = ("p", "br", "div", "td", "li", "section")
_INSIDE_TABLE_OR_LIST = frozenset(("table", "tbody", "thead", "tr", "ul", "ol", "dl"))
_MOST = 0.75  # of a page's text: the share that an element must hold to be looked into
_MARK = "\ue000"  # private use: bounds the text in the lines of a page
_FRAMES = 10  # elements around the text that are told apart
_NO_FRAME = frozenset(("html", "body"))
_MARKED_LENGTH, _MARKED_ELEMENTS = 1000, 60  # larger elements are parts of the page, not lines
_TITLE_WEIGHT = {"h1": 3, "h2": 2, "h3": 2, "h4": 1, "b": 1, "strong": 1}
_TITLE_CLASS = re.compile(r"title|tieu-?_?de|headline|heading|subject|\btit", re.IGNORECASE)
_BOLD = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)|\bbold\b", re.IGNORECASE)
_SAMPLE_PAGE = "Your Website Title"  # of Facebook's share button, pasted whole (portals.md section 0.3)


@dataclass(frozen=True, slots=True)
class Family:
    """What extraction must know of a CMS: its layouts, best first, and selectors of what is never an article."""

    name: str
    layouts: tuple[Layout, ...]
    drop: tuple[str, ...] = ()


class _Size(NamedTuple):
    """How much an element holds: characters of text, those outside links, and elements."""

    text: int
    prose: int
    elements: int


_Sizes = Mapping[HtmlElement, _Size]


class _Found(NamedTuple):
    layout: str
    area: HtmlElement
    parts: Parts


def read_article(page: Page, portal: Portal, key: str, family: Family) -> Article:
    """Return the article on the page; raise ExtractError naming what cannot be found.

    The layouts are tried in order, the portal's own selectors put over theirs; when none matches, the layout is "text".
    """
    root, body = _tidy(page, family)
    sizes = _sizes(body)
    found = _find(root, body, sizes, _over(family.layouts, portal))
    images = find_images(_node(found.area), page.url)
    story = tell(_sheet(root, body, sizes, found, page.url), found.parts)
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
        attachments=find_attachments(_node(_frame(found.area, story.title)), page.url),
        images=images,
        published=story.published,
        published_source="page" if story.published else None,
        extracted_by=f"{family.name}/{found.layout}/{VERSION}",
    )


def shows_article(page: Page, family: Family, article_key: Callable[[str], str | None]) -> bool:
    """Say whether a page at an article's URL shows one: false for an error, a password form, a notice, a listing.

    True for a page that cannot be read at all, so that extraction says why.
    """
    if page.status >= 400:
        return False
    root, body = _tidy(page, family)
    sizes = _sizes(body)
    if any(_match(root, sizes, layout) for layout in family.layouts):
        return True
    main = _main(body, sizes)
    room = sizes[main].prose
    if room < 500 and (body.xpath(".//input[@type='password']") or is_notice(_text(body))):
        return False
    keys = {article_key(canonical(href, page.url)) for href in main.xpath(".//a/@href")} - {None, article_key(page.url)}
    if len(keys) < 5 or room > 300 * len(keys):
        return True
    return has_title(_sheet(root, body, sizes, _Found("text", main, Parts()), page.url))


def _over(layouts: tuple[Layout, ...], portal: Portal) -> tuple[Layout, ...]:
    unknown = set(portal.selectors) - {field.name for field in fields(Layout)[1:]}
    if unknown:
        raise ExtractError(f"portal {portal.name}: no such selector: {', '.join(sorted(unknown))}")
    return tuple(replace(layout, **portal.selectors) for layout in layouts)


# --- the page as a tree --------------------------------------------------------------------------------------


def _tidy(page: Page, family: Family) -> tuple[Selector, HtmlElement]:
    """Return the parsed page and its body without what never belongs to an article."""
    root = tree(page)
    for css in (_NO_ARTICLE, *family.drop):
        for node in root.css(css):
            _drop(node.root)
    for header in root.xpath("//header[not(.//h1 or .//h2) or .//nav or .//ul]"):
        _drop(header.root)
    for comment in root.xpath("//comment()"):
        _drop(comment.root)
    body = next(iter(root.xpath("//body")), root).root
    _open_page_form(body)
    return root, body


def _node(element: HtmlElement) -> Selector:
    return Selector(root=element, type="html")


def _drop(element: HtmlElement) -> None:
    if element.getparent() is not None:
        element.drop_tree()


def _open_page_form(body: HtmlElement) -> None:
    """Drop the forms of a page, but keep what lies in a form around all of it (ASP.NET)."""
    whole = len(_text(body))
    for form in body.xpath(".//form"):
        if len(_text(form)) * 2 > whole:
            form.tag = "div"
        else:
            _drop(form)


def _set_dates_apart(body: HtmlElement, sizes: _Sizes) -> None:
    """Make blocks of the small elements beside a date: "…<span>12/07/2023</span><span>Lượt xem: 9</span>" is two lines."""
    dated = (element for element in body.iter(*_INLINE) if is_date_line(clean_line(element.text or "")))
    for parent in dict.fromkeys(element.getparent() for element in dated):
        if parent in sizes and sizes[parent].text <= _META_LINE:
            for child in parent.iterchildren(*_INLINE):
                child.tag = "div"


def _text(element: HtmlElement) -> str:
    return clean_line(str(element.xpath("string()")))


def _sizes(body: HtmlElement) -> _Sizes:
    """Return the size of every element, in one pass from the last to the first."""
    text: dict[HtmlElement | None, int] = defaultdict(int)
    free: dict[HtmlElement | None, int] = defaultdict(int)
    count: dict[HtmlElement | None, int] = defaultdict(int)
    elements = list(body.iter(etree.Element))
    for element in reversed(elements):
        own = len((element.text or "").strip())
        text[element] += own
        free[element] = 0 if element.tag == "a" else free[element] + own
        parent = element.getparent()
        tail = len((element.tail or "").strip())
        text[parent] += text[element] + tail
        free[parent] += free[element] + tail
        count[parent] += count[element] + 1
    return {element: _Size(text[element], free[element], count[element]) for element in elements}


# --- where the article is ------------------------------------------------------------------------------------


def _find(root: Selector, body: HtmlElement, sizes: _Sizes, layouts: tuple[Layout, ...]) -> _Found:
    matches = (_match(root, sizes, layout) for layout in layouts)
    return next(filter(None, matches), None) or _Found("text", _main(body, sizes), Parts())


def _match(root: Selector, sizes: _Sizes, layout: Layout) -> _Found | None:
    """Return what the layout's selectors find, the longest body where several match; None without title or body."""
    title = next((text for text in _texts(root, layout.title) if not is_junk(text)), "")
    bodies = [node.root for node in root.css(layout.body) if node.root in sizes and sizes[node.root].text]
    if not title or not bodies:
        return None
    parts = Parts(
        title=title,
        when=next((text for text in _texts(root, layout.date) if parse_when(text)), ""),
        summary=next(_texts(root, layout.summary), ""),
        section=next(_texts(root, layout.section), ""),
        author=next(_texts(root, layout.author), ""),
    )
    return _Found(layout.name, max(bodies, key=lambda element: sizes[element].text), parts)


def _texts(root: Selector, css: str) -> Iterator[str]:
    nodes = root.css(css) if css else ()
    return filter(None, (_text(node.root) for node in nodes))


def _main(body: HtmlElement, sizes: _Sizes) -> HtmlElement:
    """Return the smallest element that holds most of the page's text outside links."""
    main = body
    while len(main):
        best = max((child for child in main if child in sizes), key=lambda child: sizes[child].prose)
        if sizes[best].prose < _MOST * sizes[main].prose or next(best.iterdescendants(*_HAS_BLOCKS), None) is None:
            break
        main = best
    while main.tag in _INSIDE_TABLE_OR_LIST and main is not body:
        main = main.getparent()
    return main


def _frame(area: HtmlElement, title: str) -> HtmlElement:
    """Return the smallest element around the text that also holds the title: attachments stand there."""
    around = area
    for _ in range(5):
        if title in _text(around):
            return around
        around = around.getparent() if around.getparent() is not None else around
    return area


# --- the page as lines ---------------------------------------------------------------------------------------


def _sheet(root: Selector, body: HtmlElement, sizes: _Sizes, found: _Found, url: str) -> Sheet:
    """Return the page as lines, the bounds of the text put in as marks and taken out again."""
    elements = [e for e, size in sizes.items() if 0 < size.text <= _MARKED_LENGTH and size.elements <= _MARKED_ELEMENTS]
    marks, here = _title_marks(elements), canonical(url)
    links = frozenset(_text(element) for element in elements if _leads_elsewhere(element, here))
    strong = frozenset(_text(element) for element in elements if _is_bold(element))
    _set_dates_apart(body, sizes)
    _bound(found.area)
    page = prose(_node(body))
    places = _places(page)
    inside = [n for n, text in enumerate(page.lines) if text not in places]
    text = places.pop(_MARK, [0, len(inside)])
    return Sheet(
        lines=tuple(page.lines[n] for n in inside),
        kinds=tuple(page.kinds[n] for n in inside),
        begin=text[0],
        end=text[-1],
        links=links,
        strong=strong,
        marks=marks,
        names=_names(root),
        around=tuple(spots[0] for spots in places.values()),
        sure=found.layout != "text",
    )


def _bound(area: HtmlElement) -> None:
    """Put a mark before and behind what the element holds, and another before what each element around it holds."""
    _insert(area, len(area), _MARK)
    _insert(area, 0, _MARK)
    frames = [area, *area.iterancestors()]
    frames = [frame for frame in frames[:_FRAMES] if frame.tag not in _NO_FRAME | _INSIDE_TABLE_OR_LIST]
    for level, frame in enumerate(frames, start=1):
        _insert(frame, 0, chr(ord(_MARK) + level))


def _insert(element: HtmlElement, place: int, text: str) -> None:
    mark = element.makeelement("p")
    mark.text = text
    element.insert(place, mark)
    if place == 0:
        mark.tail, element.text = element.text, None


def _places(page: Prose) -> dict[str, list[int]]:
    """Return for each mark the places of the lines that follow it, counted without the marks."""
    places: dict[str, list[int]] = {}
    count = 0
    for text in page.lines:
        if len(text) == 1 and _MARK <= text <= chr(ord(_MARK) + _FRAMES):
            places.setdefault(text, []).append(count)
        else:
            count += 1
    return places


def _title_marks(elements: list[HtmlElement]) -> dict[str, int]:
    """Return how much the tags and classes of each line speak for a title."""
    marks: dict[str, int] = {}
    for element in elements:
        named = _TITLE_CLASS.search(f"{element.get('class', '')} {element.get('id', '')}")
        weight = max(_TITLE_WEIGHT.get(element.tag, 0), 2 if named else 0)
        if weight:
            text = _text(element)
            marks[text] = max(weight, marks.get(text, 0))
    return marks


def _leads_elsewhere(element: HtmlElement, url: str) -> bool:
    href = element.get("href", "").strip() if element.tag == "a" else ""
    return bool(href) and not href.startswith(("#", "javascript:")) and canonical(href, url) != url


def _is_bold(element: HtmlElement) -> bool:
    bold = element.tag in ("b", "strong") or _BOLD.search(f"{element.get('style', '')} {element.get('class', '')}")
    return bool(bold)


def _names(root: Selector) -> tuple[str, ...]:
    """Return the folded titles that the page's head gives, but none from a sample page pasted into the body."""
    names = root.xpath("//head/title/text() | //head/meta[@property='og:title']/@content").getall()
    return tuple(fold_text(name) for name in names if _SAMPLE_PAGE not in name)
