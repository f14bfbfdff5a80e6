"""Says which texts stand at the address of an article and are none: notices of gates and errors, and what hackers put there.

Such a page is kept as evidence and listed as a problem (reliability.md section 3). What the phrases are is data.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources

from archive.models import Article
from archive.text import fold_text

NOTICE = 600  # characters: a page that says no more than this and has no date may be a notice
DISTINCT = 4  # phrases that sell gambling, each counted once, from which on a text sells it


def suspicion(article: Article) -> str:
    """Return why the article's text is none of the portal's own, in words; empty for every other text."""
    text = fold_text(article.text)
    if article.published is None and len(article.text) <= NOTICE and _found(text, "notice"):
        return f"a notice, no article ({_found(text, 'notice')[0]})"
    selling, lawful = _found(text, "gambling"), _found(text, "lawful")
    if len(selling) >= DISTINCT and len(selling) > 2 * len(lawful):
        return f"advertises gambling ({', '.join(selling[:DISTINCT])})"
    return ""


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
