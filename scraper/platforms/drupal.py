"""Drupal 7 to 10: cities and communes of An Giang with themes of Gavias, stock themes elsewhere (portals.md, H to L)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import ClassVar
from urllib.parse import unquote, urlsplit

from archive.models import Article, Fetch, Page, Portal
from archive.text import clean_line
from scraper.reading.cms import Cms
from scraper.reading.page import Layout, tree
from scraper.reading.pager import next_number, numbered
from scraper.reading.reader import Family
from scraper.reading.slugs import names_article
from scraper.reading.structured import published, stamped

_MARK = re.compile(
    rb"content=.Drupal |/sites/(?:default|all)/(?:files|themes|modules)/|data-drupal-|drupal-settings-json|Drupal\.settings"
    rb"|themes/(?:custom/)?gavias_|node--type-|/core/misc/drupal"
)
_NODE = re.compile(r"^(?:/(?:vi|en))?/node/(\d+)$")
_ALIAS = re.compile(r"^/(?:[^/]+/){0,4}([^/]+?)(?:\.html?)?$")
_NO_ARTICLE = re.compile(
    r"^(?:/(?:vi|en))?/(?:user|taxonomy|admin|search|comment|sites|core|modules|themes|jsonapi|rss|print|printpdf|contact)(?:/|\.|$)"
)
_PAGE_NUMBER = numbered("page")
_FIRST = 0  # Drupal's second page is `?page=1`
_TIME = """
.post-created time[datetime], .node__meta time[datetime], .node__submitted time[datetime],
.field--name-created time[datetime], [class*=field--name-field-ngay] time[datetime],
[class*=field--name-field-date] time[datetime]
"""

_FAMILY = Family(
    "drupal",
    (
        Layout(
            "gavias",
            title="article.node-detail h1.post-title, .article-detail h1.post-title",
            body="article.node-detail .node__content, .article-detail .node__content",
            date="article.node-detail .post-created, .post-meta .post-created",
            section="article.node-detail .post-categories a, .post-meta .post-categories a",
        ),
        Layout(
            "stock",  # Bartik, Olivero and what is made after them
            title="h1.page-title, h1.title, .page-header h1, h1.node__title, h1",
            body=".node--view-mode-full .field--name-body, .node--view-mode-full .node__content",
            date=".node--view-mode-full .node__submitted, .node--view-mode-full .node__meta, .field--name-created",
            summary=".node--view-mode-full .field--name-field-summary, .field--name-field-sapo",
        ),
        Layout(
            "seven",
            title="h1#page-title, h1.page-title, #page-title, h1.title",
            body=".node-full .field-name-body, .node:not(.node-teaser) .field-name-body, .node:not(.node-teaser) > .content",
            date=".node .submitted, .submitted",
        ),
    ),
    (
        ".post-tags, .related-posts, .field--name-field-tags, .node__links, .links.inline, .pager",
        ".field-name-field-tags, section.comments, .comment-wrapper, .visually-hidden, .element-invisible",
    ),
)


class Drupal(Cms):
    """Drupal: `/node/N`, or an alias made from the title; lists are views with `?page=N`."""

    name: ClassVar[str] = "drupal"
    family: ClassVar[Family] = _FAMILY

    def fingerprint(self, page: Page) -> bool:
        """Say whether Drupal made the page."""
        return _MARK.search(page.body) is not None

    def article_key(self, url: str) -> str | None:
        """Return `node/N`, or the alias when it is made from a title (an id cannot be seen in it)."""
        parts = urlsplit(url)
        path = unquote(parts.path).rstrip("/").lower()
        node = _NODE.search(path)
        if node:
            return f"node/{node[1]}"
        alias = None if _NO_ARTICLE.search(path) or "page=" in parts.query else _ALIAS.search(path)
        return clean_line(path.lstrip("/")) if alias and names_article(alias[1]) else None

    def extract(self, page: Page, portal: Portal) -> Article:
        """Return the article, dated by its `<time>`, its date line, or the page's head; raise as all platforms do."""
        article = super().extract(page, portal)
        root = tree(page)
        shown = stamped(root, _TIME) or article.published
        meta = None if shown else published(root)
        return replace(article, published=shown or meta, published_source="page" if shown else "meta" if meta else None)

    def next_pages(self, page: Page, section: str | None) -> tuple[Fetch, ...]:
        """Return the next page of the view; the first one is number 0."""
        following = next_number(tree(page), page.url, _PAGE_NUMBER, _FIRST)
        return (Fetch(following, section=section),) if following else ()


PLATFORM = Drupal()
