"""Read the items that SharePoint names: REST lists, Lâm Đồng's RestApi, `.asmx` feeds, web parts (portals.md section E)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from parsel import Selector

from archive.models import Fetch, Hint, Listing, Page
from archive.text import clean_line, fold_text
from scraper.reading.links import absolute
from scraper.reading.page import decode, parse_stamp, parse_when

ArticleKey = Callable[[str], str | None]

_JSON_ANSWER = (("Accept", "application/json;odata=verbose"),)
_ESCAPED = re.compile(r"_x([0-9a-f]{4})_", re.IGNORECASE)  # internal names of fields: Tr_x00ed_ch_x0020_y_x1ebf_u
_LIST_FILE = re.compile(r"(.*/Lists/[^/]+)/(\d{1,9})_\.000$", re.IGNORECASE)
_ITEM = re.compile(
    r"(https?://[^\s]{1,500}?)/_api/Web/Lists\(guid'([0-9a-f-]{36})'\)/Items\((\d{1,9})\)", re.IGNORECASE
)
_XML_STRING = re.compile(r"\A\s*(?:<\?xml[^>]{0,200}\?>)?\s*<string[^>]{0,200}>(.*)</string>\s*\Z", re.DOTALL)
_SOURCE = "SourceUrl"
_NAMES_OF = {
    # Of folded names; SharePoint cuts an internal name after 32 characters, so what a name begins with counts.
    "address": ("encodedabsurl", "fileref", "linkfilename", "url", "link", "duongdan"),
    "title": ("trich yeu", "title", "tieu de", "tieude", "ten bai", "name"),
    "date": ("articlestartdate", "firstpublisheddate", "publisheddate", "ngay ban", "ngay dang", "ngaydang", "created"),
}  # fmt: skip
_MOST_PARTS = 100
_MOST_ROWS = 5000


def item_fetch(url: str, section: str | None, headers: tuple[tuple[str, str], ...] = ()) -> Fetch:
    """Return the request for a list of items: a GET that asks for JSON, or Lâm Đồng's POST of the address to read.

    The latter is written in a catalogue as `https://api…/RestApi/Readjson?SourceUrl=<address>`.
    """
    parts = urlsplit(url)
    source = parse_qs(parts.query).get(_SOURCE, [""])[0] if parts.path.lower().endswith("/restapi/readjson") else ""
    if not source:
        return Fetch(url, headers=headers or _JSON_ANSWER, section=section)
    behind = url.partition(f"{_SOURCE}=")[2] if "%" not in source and "$" in url else source
    return _posted(url.partition("?")[0], behind, section)


def _posted(url: str, source: str, section: str | None) -> Fetch:
    return Fetch(url, headers=_JSON_ANSWER, section=section, json=json.dumps({_SOURCE: source}, ensure_ascii=False))


def item_listing(page: Page, article_key: ArticleKey, section: str | None) -> Listing:
    """Return the items of a REST list, in the verbose form (`d.results`) or the plain one (`value`), and its next page.

    An `.asmx` feed is the same, wrapped once more as text. Nothing for what is no such answer.
    """
    outer = _answer(decode(page))
    items = outer.get("results", outer.get("value", ()))
    rows = [item for item in items if isinstance(item, dict)][:_MOST_ROWS] if isinstance(items, list) else []
    hints = tuple(hint for row in rows for hint in _item_hint(row, page.url, article_key, section))
    following = str(outer.get("__next") or outer.get("odata.nextLink") or "")
    return Listing(hints, _next(following, page.url, section) if hints else ())


def _next(following: str, base: str, section: str | None) -> tuple[Fetch, ...]:
    if following and urlsplit(base).path.lower().endswith("/restapi/readjson"):
        return (_posted(base, following, section),)
    url = absolute(following, base)
    return (Fetch(url, headers=_JSON_ANSWER, section=section),) if url else ()


def _answer(text: str) -> Mapping[str, Any]:
    """Return the object that holds the items; an empty one for what is none."""
    wrapped = _XML_STRING.match(text)
    try:
        said = json.loads(wrapped[1] if wrapped else text)
        said = said.get("d", said) if isinstance(said, dict) else said
        said = json.loads(said) if isinstance(said, str) else said
    except (ValueError, RecursionError):
        return {}
    return {"value": said} if isinstance(said, list) else said if isinstance(said, dict) else {}


def _item_hint(row: Mapping[str, Any], base: str, article_key: ArticleKey, section: str | None) -> Iterator[Hint]:
    """Yield where an item is shown: at the address of its page, or in the form that displays an item of its list."""
    said = {_field(name): value for name, value in row.items() if isinstance(value, str)}
    places = filter(None, (absolute(_displayed(value), base) for value in _values(said, "address")))
    shown = (*places, *filter(None, (_form_of(row, base),)))
    url = next((place for place in shown if article_key(place)), None)
    if url is not None:
        dates = (parse_stamp(value) or parse_when(value) for value in _values(said, "date"))
        title = next((clean_line(value) for value in _values(said, "title") if value.strip()), None)
        yield Hint(url, "rest", next(filter(None, dates), None), section, title)


def _field(name: str) -> str:
    return fold_text(_ESCAPED.sub(lambda escaped: chr(int(escaped[1], 16)), name))


def _values(said: Mapping[str, str], meaning: str) -> Iterator[str]:
    """Yield the values of the fields that may mean it, the surest name first."""
    for wanted in _NAMES_OF[meaning]:
        yield from (value for name, value in said.items() if name.startswith(wanted) and value)


def _displayed(address: str) -> str:
    item = _LIST_FILE.search(address)
    return f"{item[1]}/DispForm.aspx?ID={item[2]}" if item else address


def _form_of(row: Mapping[str, Any], base: str) -> str | None:
    """Return the form that shows an item known only by the ids of its list and its own."""
    said = row.get("__metadata")
    item = _ITEM.match(str(said.get("uri", ""))) if isinstance(said, dict) else None
    form = f"{item[1]}/_layouts/15/listform.aspx?PageType=4&ListId={item[2].lower()}&ID={item[3]}" if item else ""
    return absolute(form, base)


def webpart_links(root: Selector) -> Iterator[tuple[str, str]]:
    """Yield address and title of what the web parts of a modern page show: `data-sp-webpartdata` holds them as JSON."""
    for data in root.css("[data-sp-webpartdata]::attr(data-sp-webpartdata)").getall()[:_MOST_PARTS]:
        said = _answer(data).get("serverProcessedContent")
        links = said.get("links") if isinstance(said, dict) else None
        texts = said.get("searchablePlainTexts") if isinstance(said, dict) else None
        for name, link in links.items() if isinstance(links, dict) else ():
            title = texts.get(f"{name.partition('.')[0]}.title", "") if isinstance(texts, dict) else ""
            if isinstance(link, str):
                yield link, str(title)
