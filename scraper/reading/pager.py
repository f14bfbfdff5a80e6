"""Find the page after this one of a listing: a link with a higher number, or a postback of ASP.NET (portals.md E, H)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from lxml.html import HtmlElement
from parsel import Selector

from archive.models import Fetch
from archive.text import clean_line, fold_text
from scraper.reading.links import absolute

_MOST_BUTTONS = 200  # postbacks looked at on one page; a pager has 12
_MOST_FIELDS = 100  # hidden fields that are sent back; ASP.NET prints 3 to 10
_POSTBACK = re.compile(
    r"(?:__doPostBack|WebForm_PostBackOptions)\(\s*[\"']([^\"']{1,400})[\"']\s*,\s*[\"']([^\"']{0,200})[\"']"
)
_PAGE_ARGUMENT = re.compile(r"Page\$([0-9]{1,5})")
_NEXT_WORDS = frozenset(("tiep", "tiep theo", "trang sau", "trang tiep", "trang ke", "sau", "next", "next page"))
_NEXT_SIGNS = frozenset((">", "›", "»", "...", "…"))
_HERE = re.compile(r"current|active|selected", re.IGNORECASE)
_DIGITS = re.compile(r"[0-9]+")
_STATE = "__VIEWSTATE"
_TARGET, _ARGUMENT = "__EVENTTARGET", "__EVENTARGUMENT"


def numbered(*names: str) -> re.Pattern[str]:
    """Return the pattern of a page's number in an address under any of the names: `?trang=2`, `/page/2/`, `/trang-2`."""
    return re.compile(rf"[?&/](?:{'|'.join(names)})(?:=|/|-)(?P<n>[0-9]{{1,6}})(?=[&/?#.]|$)", re.IGNORECASE)


def next_number(root: Selector, base: str, number: re.Pattern[str], first: int = 1) -> str | None:
    """Return the address of the same list with the smallest higher number among the page's links, or None.

    `first` is the number of the page whose address has none: 0 where a CMS counts from 0 (Drupal).
    """
    stem, here = _place(base, number, first)
    links = (absolute(href, base) for href in root.css("a::attr(href)").getall())
    pages = {_place(url, number, first): url for url in links if url}
    later = min((n for same, n in pages if same == stem and n > here), default=None)
    return None if later is None else pages[stem, later]


def _place(url: str, number: re.Pattern[str], first: int) -> tuple[str, int]:
    """Return the address without the page's number, and the number."""
    found = number.search(url)
    if found is None:
        return url.rstrip("/?").lower(), first
    before, behind = url[: found.start()], url[found.end() :]
    stem = before + (behind if "?" in before else behind.replace("&", "?", 1))
    return stem.rstrip("/?").lower(), int(found["n"])


class _Button(NamedTuple):
    """A link that submits the page's form: what it sends, and the page of the list that it names (0 for none)."""

    element: HtmlElement
    target: str
    argument: str
    number: int
    text: str


def next_postback(root: Selector, base: str, section: str | None) -> tuple[Fetch, ...]:
    """Return the POST that a click on the pager's next page would send, with the state that the page carries.

    `__doPostBack('ctl00$…','Page$2')` of a grid, or one target for each page with its number as text. None where
    the page has no state or no pager, or shows the last page.
    """
    groups = groupby(sorted(_buttons(root), key=_group), key=_group)
    pagers = [tuple(buttons) for _, buttons in groups]  # `sorted` keeps the order of the page within a group
    pager = max((pager for pager in pagers if _is_pager(pager)), key=_numbers, default=())
    button = _next(pager) or _beside(pager, pagers)
    fields = _fields(button.element) if button else {}
    if button is None or _STATE not in fields:
        return ()
    action = next((form.get("action", "") for form in button.element.iterancestors("form")), "")
    sent = fields | {_TARGET: button.target, _ARGUMENT: button.argument}
    return (Fetch(absolute(action, base) or base, tuple(sent.items()), (("Referer", base),), section),)


def _buttons(root: Selector) -> Iterator[_Button]:
    for found in root.css("a[href*='PostBack'], a[onclick*='PostBack'], input[onclick*='PostBack']")[:_MOST_BUTTONS]:
        script = _POSTBACK.search(found.attrib.get("href", "")) or _POSTBACK.search(found.attrib.get("onclick", ""))
        if script:
            text = clean_line(str(found.root.xpath("string()"))) or found.attrib.get("title", "")
            yield _Button(found.root, script[1], script[2], _number(script[2], text), text)


def _number(argument: str, text: str) -> int:
    """Return the page's number; the days of a calendar, whose argument is one, are none."""
    named = _PAGE_ARGUMENT.fullmatch(argument)
    if named:
        return int(named[1])
    return int(text) if not argument and _DIGITS.fullmatch(text) and len(text) <= 5 else 0


def _group(button: _Button) -> str:
    """Return what the buttons of one pager have in common: their target but for the numbers in it."""
    return _DIGITS.sub("", button.target)


def _is_pager(buttons: Sequence[_Button]) -> bool:
    return any(button.number or _says_next(button) for button in buttons)


def _numbers(buttons: Sequence[_Button]) -> int:
    return sum(1 for button in buttons if button.number)


def _says_next(button: _Button) -> bool:
    named = "PageNext" in button.element.get("class", "")
    return named or button.text in _NEXT_SIGNS or fold_text(button.text) in _NEXT_WORDS


def _next(pager: Sequence[_Button]) -> _Button | None:
    """Return the button of the next page: the smallest number above the current one, else one that says so."""
    if not pager:
        return None
    here = _here(pager)
    later = [button for button in pager if button.number > here]
    if later:
        return min(later, key=lambda button: button.number)
    if not any(button.number for button in pager) or pager[-1].text in ("...", "…"):
        return next((button for button in reversed(pager) if _says_next(button)), None)
    return None


def _beside(pager: Sequence[_Button], pagers: Sequence[Sequence[_Button]]) -> _Button | None:
    """Return the button of its own that leads on from the last number that the pager shows, but not to the very end."""
    others = (button for other in pagers if other is not pager for button in other)
    return next((button for button in others if _says_next(button) and button.text != "»"), None)


def _here(pager: Sequence[_Button]) -> int:
    """Return the number of the page that is shown: a button marked as current, or a number that is no link."""
    for button in pager:
        classes = f"{button.element.get('class', '')} {button.element.getparent().get('class', '')}"
        if button.number and _HERE.search(classes):
            return button.number
    inside = {element for button in pager for element in button.element.iter()}
    texts = _around(pager).xpath(".//text()")
    plain = (text.strip() for text in texts if text.is_tail or text.getparent() not in inside)
    return next((int(text) for text in plain if _DIGITS.fullmatch(text) and len(text) <= 5), 1)


def _around(pager: Sequence[_Button]) -> HtmlElement:
    """Return the smallest element that holds the whole pager."""
    first, last = pager[0].element, pager[-1].element
    holders = set(last.iterancestors())
    around: HtmlElement = next(element for element in first.iterancestors() if element in holders)
    return around


def _fields(element: HtmlElement) -> dict[str, str]:
    """Return the hidden fields of the form around the button."""
    form = next(element.iterancestors("form"), None)
    if form is None:
        return {}
    hidden = form.xpath(".//input[translate(@type, 'HIDEN', 'hiden')='hidden'][@name]")[:_MOST_FIELDS]
    return {field.get("name"): field.get("value", "") for field in hidden}
