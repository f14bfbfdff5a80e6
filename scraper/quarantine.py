"""Says which texts stand at the address of an article and are none: notices of gates and errors, and what hackers put there.

Such a page is kept as evidence and listed as a problem (reliability.md section 3). What the phrases are is data.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources

from archive.models import Article
from archive.text import fold_text

NOTICE = 600  # characters: a page that says no more than this and has no date may be a notice
_SELLS = "advertises gambling"
_GATE = re.compile(rb"document\.cookie\s{0,9}=\s{0,9}[\"'](\w{1,64})=([0-9A-Za-z]{1,128})")
_RELOAD = re.compile(rb"location\.reload|location\.href\s{0,9}=|location\.replace")
_LONGEST_GATE = 4096  # bytes; portals.md section 0.5 tells of 177
DISTINCT = 4  # phrases that sell gambling, each counted once, from which on a text sells it


def suspicion(article: Article) -> str:
    """Return why the article's text is none of the portal's own, in words; empty for every other text."""
    text = fold_text(article.text)
    if article.published is None and len(article.text) <= NOTICE and _found(text, "notice"):
        return f"a notice, no article ({_found(text, 'notice')[0]})"
    selling = sells_gambling(article.text)
    return f"{_SELLS} ({', '.join(selling[:DISTINCT])})" if selling else ""


def is_of_hackers(why: str) -> bool:
    """Say whether a suspicion is that of gambling."""
    return _SELLS in why


def sells_gambling(text: str) -> list[str]:
    """Return the phrases by which a text sells gambling; none for one that does not, or tells of fighting it."""
    folded = fold_text(text)
    selling, lawful = _found(folded, "gambling"), _found(folded, "lawful")
    return selling if len(selling) >= DISTINCT and len(selling) > 2 * len(lawful) else []


def gate_cookie(body: bytes) -> tuple[str, str] | None:
    """Return name and value of the cookie that a page only exists to set; None for every other page.

    portals.md sections 0.5 and 4: document.cookie="D1N=<hex>…", then a reload.
    """
    if len(body) > _LONGEST_GATE or not _RELOAD.search(body):
        return None
    found = _GATE.search(body)
    return (found[1].decode(), found[2].decode()) if found else None


def _found(text: str, kind: str) -> list[str]:
    """Return the phrases of a kind that stand in a folded text as whole words."""
    padded = f" {text} "
    return [phrase for phrase in _phrases()[kind] if f" {phrase} " in padded]


@cache
def _phrases() -> Mapping[str, tuple[str, ...]]:
    said: Mapping[str, Iterable[str]] = tomllib.loads(
        resources.files("scraper").joinpath("quarantine.toml").read_text("utf-8")
    )
    return {kind: tuple(dict.fromkeys(map(fold_text, phrases))) for kind, phrases in said.items()}
