"""Tell an article's address by its slug, where a CMS puts no id there: a title says what a section's name never does."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files

_SECTIONS = tomllib.loads((files("scraper.reading") / "slugs.toml").read_text("utf-8"))["sections"].split()
_SECTION = re.compile(rf"\b(?:{'|'.join(sorted(_SECTIONS, key=len, reverse=True))})\b")
_FEWEST_WORDS = 5  # of a title; "Tin tức sự kiện" has four
_WORD = re.compile(r"[^\W_]+")


def names_article(slug: str) -> bool:
    """Say whether a slug is made from the title of an article and not from the name of a section."""
    lower = slug.lower()
    return len(_WORD.findall(lower)) >= _FEWEST_WORDS and _WORD.search(_SECTION.sub("", lower)) is not None
