"""Articles: what a page says before anything is inferred from it, completed by what listings say of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from archive.models.ids import digest, short_id
from archive.models.pages import Hint

PublishedSource = Literal["page", "listing", "url", "feed", "sitemap", "meta"]
BodyKind = Literal["p", "h", "li", "tr", "caption"]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that an article offers; `capture` and `sha256` are None until its bytes are held."""

    name: str
    url: str
    type: str = ""
    sha256: str | None = None
    capture: str | None = None
    text: bool = False


@dataclass(frozen=True, slots=True)
class Article:
    """What one page says: the answer of extraction, before anything is inferred from it.

    `body` and `kinds` are parallel; `published` is ISO 8601 with +07:00, or a date, or None.
    """

    portal: str
    key: str
    url: str
    title: str
    body: tuple[str, ...]
    kinds: tuple[BodyKind, ...]
    section: str = ""
    summary: str = ""
    author: str = ""
    source: str = ""
    language: str = "vi"
    attachments: tuple[Attachment, ...] = ()
    images: tuple[str, ...] = ()
    published: str | None = None
    published_source: PublishedSource | None = None
    updated: str | None = None
    extracted_by: str = ""

    @property
    def id(self) -> str:
        """The permanent id: from portal and article key alone, so it survives re-crawls and slug edits."""
        return short_id("1", self.portal, self.key)

    @property
    def text(self) -> str:
        """Title, summary and body joined by blank lines: the text that all offsets count in, in code points."""
        return article_text(self.title, self.summary, self.body)

    @property
    def sha256(self) -> str:
        """The digest of the text: what makes a version."""
        return digest(self.text)


def article_text(title: str, summary: str, body: tuple[str, ...] | list[str]) -> str:
    """Join title, summary and body by blank lines, leaving out what is empty."""
    return "\n\n".join(part for part in (title, summary, *body) if part)


SOURCE_ORDER: tuple[str, ...] = ("listing", "feed", "sitemap", "rest")


def with_hints(article: Article, hints: tuple[Hint, ...]) -> Article:
    """Return the article with section and date filled from hints where the page itself gave none.

    A listing is believed before a feed, a feed before a sitemap (portals.md section 2); equals are taken in text order,
    so that the result does not depend on the order in which captures were read.
    """
    ranked = sorted(hints, key=lambda h: (SOURCE_ORDER.index(h.source), h.published or "~", h.section or "~"))
    if article.published is None:
        dated = next((h for h in ranked if h.published), None)
        if dated is not None:
            source: PublishedSource = "listing" if dated.source == "rest" else dated.source
            article = replace(article, published=dated.published, published_source=source)
    if not article.section:
        article = replace(article, section=next((h.section for h in ranked if h.section), ""))
    return article
