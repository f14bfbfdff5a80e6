"""Turn a page into lines and say where its main text lies: the tree is tidied and measured once, a copy is printed."""

from __future__ import annotations

import copy
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from lxml import etree
from lxml.html import HtmlElement
from parsel import Selector

from archive.models import BodyKind, Page
from archive.text import clean_line, fold_text
from scraper.reading.attachments import find_attachments
from scraper.reading.furniture import is_date_line, is_own_date
from scraper.reading.links import absolute
from scraper.reading.page import Prose, parse, prose
from scraper.reading.select import select

_NO_ARTICLE = """
script, style, noscript, template, nav, aside, marquee, body title, body meta, [role=navigation], [role=banner],
[role=contentinfo], [role=complementary], .breadcrumb, .breadcrumbs, #breadcrumb, .clock, #clock, .current-time, .today
"""
_INLINE = ("a", "b", "em", "font", "i", "label", "small", "span", "strong", "time")
_META_LINE = 250  # characters; the longest element that holds only title, date and controls
_HAS_BLOCKS = ("p", "br", "div", "td", "li", "section")
INSIDE_TABLE_OR_LIST = frozenset(("table", "tbody", "thead", "tr", "ul", "ol", "dl"))
_MOST = 0.75  # of a page's text: the share that an element must hold to be looked into
_MARK = "\ue000"  # private use: bounds the text in the lines of a page
_FRAMES = 10  # elements around the text that are told apart
_NO_FRAME = INSIDE_TABLE_OR_LIST | {"html", "body"}
_LINE_LENGTH, _LINE_ELEMENTS = 1000, 60  # larger elements are parts of the page, not lines
_TITLE_WEIGHT = {"h1": 3, "h2": 2, "h3": 2, "h4": 1, "b": 1, "strong": 1}
_TITLE_CLASS = re.compile(r"title|tieu-?_?de|headline|heading|subject|\btit", re.IGNORECASE)
_BOLD = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)|\bbold\b", re.IGNORECASE)
_SAMPLE_PAGE = "Your Website Title"  # of Facebook's share button, pasted whole (portals.md section 0.3)


class Sheet(NamedTuple):
    """A page as lines. The text of the article lies in lines[begin:end], its title and date mostly above.

    `links` are the lines that only lead elsewhere, `files` those that name a file, `strong` those set in bold, `marks`
    how much the markup of a line speaks for a title, `names` the folded titles that the page's head gives, `around`
    where the elements around the text begin, without the page itself. `sure` says that a selector found the text.
    """

    lines: tuple[str, ...]
    kinds: tuple[BodyKind, ...]
    begin: int
    end: int
    links: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()
    strong: frozenset[str] = frozenset()
    marks: Mapping[str, int] = {}
    names: tuple[str, ...] = ()
    around: tuple[int, ...] = ()
    sure: bool = False


class Size(NamedTuple):
    """How much an element holds: characters of text, those outside links, and elements."""

    text: int
    prose: int
    elements: int


class Tree(NamedTuple):
    """A tidied page, which is not changed any more: its root, its body, the size of every element of the body."""

    root: Selector
    body: HtmlElement
    sizes: Mapping[HtmlElement, Size]


def open_tree(page: Page, drop: Iterable[str]) -> Tree:
    """Return the page without what never belongs to an article; raise ExtractError for an empty one.

    `drop` are the CSS selectors of what is furniture in this CMS.
    """
    root = parse(page)
    etree.strip_elements(root.root, etree.Comment, with_tail=False)
    for css in (_NO_ARTICLE, *drop):
        _drop_all(select(root, css))
    _drop_all(root.xpath("//header[not(.//h1 or .//h2) or .//nav or .//ul] | //footer[not(ancestor::article)]"))
    body = next(iter(root.xpath("//body")), root).root
    _open_page_form(body)
    return Tree(root, body, _measure(body))


def _drop_all(nodes: Sequence[Selector]) -> None:
    for node in nodes:
        if node.root.getparent() is not None:
            node.root.drop_tree()


def _open_page_form(body: HtmlElement) -> None:
    """Drop the forms of a page, but keep what lies in a form around all of it (ASP.NET)."""
    forms = list(body.iter("form"))
    whole = len(text_of(body)) if forms else 0
    for form in forms:
        if len(text_of(form)) * 2 > whole:
            form.tag = "div"
        else:
            form.drop_tree()


def text_of(element: HtmlElement) -> str:
    """Return the text below the element on one clean line."""
    return clean_line(str(element.xpath("string()")))


def _measure(body: HtmlElement) -> dict[HtmlElement, Size]:
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
    return {element: Size(text[element], free[element], count[element]) for element in elements}


def main_element(page: Tree) -> HtmlElement:
    """Return the smallest element that holds most of the page's text outside links."""
    main = page.body
    while len(main):
        best = max((child for child in main if child in page.sizes), key=lambda child: page.sizes[child].prose)
        share = page.sizes[best].prose / max(1, page.sizes[main].prose)
        if share < _MOST or next(best.iterdescendants(*_HAS_BLOCKS), None) is None:
            break
        main = best
    while main.tag in INSIDE_TABLE_OR_LIST and main is not page.body:
        main = main.getparent()
    return main


def read_sheet(page: Tree, area: HtmlElement, url: str, sure: bool) -> Sheet:
    """Return the page as lines, with the place of the area among them."""
    short = [e for e, size in page.sizes.items() if 0 < size.text <= _LINE_LENGTH and size.elements <= _LINE_ELEMENTS]
    in_rows = [link for element in short for link in _links_in_row(element, page.sizes)]
    printed = _print(page, area, (*in_rows, *_beside_dates(page)))
    places = _places(printed.lines)
    inside = [n for n, text in enumerate(printed.lines) if any(map(str.isalnum, text))]
    bounds = places.pop(_MARK, [0, len(inside)])
    return Sheet(
        lines=tuple(printed.lines[n] for n in inside),
        kinds=tuple(printed.kinds[n] for n in inside),
        begin=bounds[0],
        end=bounds[-1],
        links=frozenset((*map(text_of, in_rows), *_leading_elsewhere(short, page.sizes, url))),
        files=frozenset(file.name for file in find_attachments(Selector(root=page.body, type="html"), url)),
        strong=frozenset(text_of(element) for element in short if _is_bold(element)),
        marks=_title_marks(short),
        names=_names(page.root),
        around=tuple(spots[0] for spots in places.values()),
        sure=sure,
    )


def _print(page: Tree, area: HtmlElement, apart: Iterable[HtmlElement]) -> Prose:
    """Return the lines of a copy of the page, in which each of the elements `apart` is a line of its own."""
    body = copy.deepcopy(page.body)
    twins = dict(zip(page.body.iter(), body.iter(), strict=True))
    for element in apart:
        twins[element].tag = "div"
    _bound(twins[area])
    return prose(Selector(root=body, type="html"))


def _links_in_row(element: HtmlElement, sizes: Mapping[HtmlElement, Size]) -> list[HtmlElement]:
    """Return the inline children that are all link, if several stand in a row with no word and no date among them."""
    links = [child for child in element.iterchildren(*_INLINE) if sizes[child].text and not sizes[child].prose]
    if len(links) < 2:
        return []
    others = (text_of(child) for child in element if child not in links)
    beside = "".join(filter(None, (element.text, *(child.tail for child in element), *others)))
    dated = any(is_date_line(text_of(link)) for link in links)
    return [] if dated or any(map(str.isalnum, beside)) else links


def _beside_dates(page: Tree) -> Iterator[HtmlElement]:
    """Yield the inline elements around a date: `<span>12/07/2023</span><span>Lượt xem: 9</span>` is two lines.

    Among the sentences of a text, only one that can be nothing but the article's own: "(21:20 09/01/2020)".
    """
    dated = [element for element in page.body.iter(*_INLINE) if is_date_line(clean_line(element.text or ""))]
    for element in dated:
        if page.sizes[element.getparent()].text <= _META_LINE:
            yield from element.getparent().iterchildren(*_INLINE)
        elif is_own_date(clean_line(element.text)) and ":" in element.text:
            yield element


def _bound(area: HtmlElement) -> None:
    """Put a mark before and behind what the element holds, and another before what each element around it holds."""
    _insert(area, len(area), _MARK)
    _insert(area, 0, _MARK)
    frames = [frame for frame in (area, *area.iterancestors()) if frame.tag not in _NO_FRAME][:_FRAMES]
    for level, frame in enumerate(frames, start=1):
        _insert(frame, 0, chr(ord(_MARK) + level))


def _insert(element: HtmlElement, place: int, text: str) -> None:
    mark = element.makeelement("p")
    mark.text = text
    element.insert(place, mark)
    if place == 0:
        mark.tail, element.text = element.text, None


def _places(lines: Sequence[str]) -> dict[str, list[int]]:
    """Return for each mark the places of the lines that follow it, counted without the marks."""
    places: dict[str, list[int]] = {}
    count = 0
    for text in lines:
        if len(text) == 1 and _MARK <= text <= chr(ord(_MARK) + _FRAMES):
            places.setdefault(text, []).append(count)
        else:
            count += any(map(str.isalnum, text))
    return places


def _title_marks(elements: Sequence[HtmlElement]) -> dict[str, int]:
    """Return how much the tags and classes of each line speak for a title."""
    marks: dict[str, int] = {}
    for element in elements:
        named = _TITLE_CLASS.search(f"{element.get('class', '')} {element.get('id', '')}")
        weight = max(_TITLE_WEIGHT.get(element.tag, 0), 2 if named else 0)
        if weight:
            text = text_of(element)
            marks[text] = max(weight, marks.get(text, 0))
    return marks


def _leading_elsewhere(elements: Iterable[HtmlElement], sizes: Mapping[HtmlElement, Size], url: str) -> Iterator[str]:
    """Yield the text of the links to other pages, and of the rows of tables that hold nothing but links."""
    here = absolute(url, url)
    for element in elements:
        if element.tag == "tr" and not sizes[element].prose:
            yield " ".join(map(text_of, element))
        href = element.get("href", "").strip() if element.tag == "a" else ""
        if href and not href.startswith(("#", "javascript:")) and absolute(href, url) not in (None, here):
            yield text_of(element)


def _is_bold(element: HtmlElement) -> bool:
    bold = element.tag in ("b", "strong") or _BOLD.search(f"{element.get('style', '')} {element.get('class', '')}")
    return bool(bold)


def _names(root: Selector) -> tuple[str, ...]:
    """Return the folded titles that the page's head gives, but none from a sample page pasted into the body."""
    names = root.xpath("//head/title/text() | //head/meta[@property='og:title']/@content").getall()
    return tuple(fold_text(name) for name in names if _SAMPLE_PAGE not in name)
