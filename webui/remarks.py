"""What is said of nights and of pages that cannot be read: English sentences, told in Vietnamese by a table of patterns.

The table is `remarks.toml`; the sentences are made in `archive/health.py` and in `scraper`.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache, lru_cache
from importlib import resources
from typing import Literal, NamedTuple

MOST = 4000  # characters of a part that is looked at
_WORD, _WORDS = r"\S+", r".+"
_HOLE = re.compile(r"\{(\w+)(\.\.\.|,)?\}")
_DECIMAL = re.compile(r"\d+\.\d+")


class Part(NamedTuple):
    """A part of a remark, and the language that it is in."""

    text: str
    language: Literal["vi", "en"]


class _Pattern(NamedTuple):
    """A sentence of the table: how it is recognised, how it is told, and the kinds of its holes by name."""

    english: re.Pattern[str]
    vietnamese: str
    kinds: dict[str, str]


@lru_cache(maxsize=4096)  # a page of a portal tells of sixty nights, most of them alike
def in_vietnamese(remark: str) -> tuple[Part, ...]:
    """Return the parts of a remark (to be joined by "; "): in Vietnamese, and in English those that the table lacks."""
    told = ((part, _told(part)) for part in remark.split("; "))
    return tuple(Part(said, "vi") if said else Part(part, "en") for part, said in told)


def _told(text: str) -> str | None:
    """Return a part in Vietnamese; None for one that no pattern knows, or that is too long to be one."""
    if len(text) > MOST:
        return None
    for pattern in _patterns():
        if found := pattern.english.fullmatch(text):
            holes = {name: _value(value, pattern.kinds[name]) for name, value in found.groupdict().items()}
            return pattern.vietnamese.format(**holes)
    return None


def _value(value: str, kind: str) -> str:
    """Return what stands in a hole: a word as it is, but for a decimal point; words and lists told, where they can be."""
    if kind == ",":
        return ", ".join(_told(item) or item for item in value.split(", "))
    if kind:
        return _told(value) or value
    return value.replace(".", ",") if _DECIMAL.fullmatch(value) else value


@cache
def _patterns() -> tuple[_Pattern, ...]:
    """Return the table, what says most first: a part may fit a wider pattern, too."""
    table = tomllib.loads(resources.files("webui").joinpath("remarks.toml").read_text("utf-8"))
    ordered = sorted(table.items(), key=lambda item: len(_HOLE.sub("", item[0])), reverse=True)
    return tuple(_pattern(english, vietnamese) for english, vietnamese in ordered)


def _pattern(english: str, vietnamese: str) -> _Pattern:
    *pieces, rest = _HOLE.split(english)  # text, name, kind, text, name, kind, ..., text
    kinds = {name: kind or "" for name, kind in zip(pieces[1::3], pieces[2::3], strict=True)}
    holes = (f"(?P<{name}>{_WORDS if kind else _WORD})" for name, kind in kinds.items())
    expression = "".join(re.escape(text) + hole for text, hole in zip(pieces[::3], holes, strict=True))
    return _Pattern(re.compile(expression + re.escape(rest)), vietnamese, kinds)
