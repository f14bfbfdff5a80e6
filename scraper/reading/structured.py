"""Read what a page says of its article for machines: JSON-LD, microdata, OpenGraph, `<time datetime>`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from html import unescape
from typing import Any, NamedTuple

from parsel import Selector

from archive.text import clean_line
from scraper.reading.page import parse_stamp
from scraper.reading.select import select

_MOST_BLOCKS = 20  # JSON-LD blocks that are read
_MOST_CHARACTERS = 200_000  # of one block
_ARTICLE_TYPE = re.compile(r"(?:Reportage)?(?:News|Blog|Tech)?(?:Article|Posting)|Report")
_SAMPLE = ("Your Website Title", "your-domain.com")  # Facebook's sample page (portals.md section 0.3)
_META_DATES = ("article:published_time", "og:article:published_time", "datePublished", "pubdate", "DC.date.issued")


class Said(NamedTuple):
    """What a page says of its article; empty or None where it says nothing."""

    title: str = ""
    author: str = ""
    section: str = ""
    published: str | None = None
    updated: str = ""


def read_structured(root: Selector) -> Said:
    """Return what JSON-LD says, filled up from the page's head (OpenGraph, meta) and its microdata."""
    block = next(articles(root), {})
    return Said(
        title=_text(block.get("headline")) or _text(block.get("name")) or _head(root, "og:title"),
        author=_author(block.get("author")),
        section=_text(block.get("articleSection")) or _head(root, "article:section"),
        published=parse_stamp(_text(block.get("datePublished"))) or published(root),
        updated=_text(block.get("dateModified")) or _head(root, "article:modified_time"),
    )


def articles(root: Selector) -> Iterator[dict[str, Any]]:
    """Yield the articles that the page's JSON-LD describes, as it describes them."""
    for block in root.css("script[type='application/ld+json']::text").getall()[:_MOST_BLOCKS]:
        if len(block) <= _MOST_CHARACTERS:
            yield from filter(_is_article, _things(_parsed(block)))


def _parsed(block: str) -> object:
    try:
        return json.loads(block)
    except (ValueError, RecursionError):
        return None


def _things(said: object) -> Iterable[dict[str, Any]]:
    """Return the objects of a block: one, a list, or those of a `@graph`."""
    if isinstance(said, dict) and isinstance(said.get("@graph"), list):
        said = said["@graph"]
    listed = said if isinstance(said, list) else [said]
    return [thing for thing in listed if isinstance(thing, dict)]


def _is_article(thing: dict[str, Any]) -> bool:
    types = thing.get("@type")
    named = types if isinstance(types, list) else [types]
    return any(isinstance(name, str) and _ARTICLE_TYPE.fullmatch(name) for name in named)


def _author(said: object) -> str:
    first = said[0] if isinstance(said, list) and said else said
    return _text(first.get("name")) if isinstance(first, dict) else _text(first)


def _text(said: object) -> str:
    """Return a text as one line; what generators escape twice is read once more."""
    return clean_line(unescape(said)) if isinstance(said, str) else ""


def _head(root: Selector, name: str) -> str:
    found = root.xpath("//head/meta[@property=$name or @name=$name]/@content", name=name).getall()
    return next((clean_line(text) for text in found if text.strip() and not any(mark in text for mark in _SAMPLE)), "")


def published(root: Selector) -> str | None:
    """Return the time of publication in the page's head or microdata as ISO 8601, +07:00; broken stamps are none."""
    heads = (_head(root, name) for name in _META_DATES)
    marked = (
        node.attrib.get("content") or node.attrib.get("datetime", "")
        for node in select(root, "[itemprop=datePublished]")
    )
    return next(filter(None, map(parse_stamp, (*heads, *marked))), None)


def stamped(root: Selector, css: str) -> str | None:
    """Return the first readable `datetime` of the elements that the selector matches."""
    return next(filter(None, (parse_stamp(node.attrib.get("datetime", "")) for node in select(root, css))), None)
