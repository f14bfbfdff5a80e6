"""Liferay asset publisher as the districts of Hà Nội have it (portals.md section B)."""

from __future__ import annotations

import re
import zlib
from functools import partial

from scraper.demo.answers import Answer, Request, Route, article_page, page, reply, robots
from scraper.demo.article import DemoArticle
from scraper.demo.site import Section, Site, window

INSTANCE = "k7Fh2LqWz9Xc"
ROBOTS = "User-Agent: *\nDisallow:\n"


def answer(site: Site, request: Request) -> Answer:
    """Answer a request as Liferay does: every card twice, and the last page again for any page after it."""
    return reply(site, request, ROUTES, file_url, _render)


def article_url(site: Site, article: DemoArticle) -> str:
    """Return the path of an article; its slug has lost every đ, as Liferay's do."""
    return f"{site.get_section(article.section).path}/-/asset_publisher/{INSTANCE}/content/{article.slug}"


def file_url(article: DemoArticle, name: str) -> str:
    """Return the path of an image or attachment; the file's name is the last segment but one."""
    mark = zlib.crc32(name.encode())
    if name in article.images:
        return f"/image/journal/article?img_id={mark % 1_000_000}&t={article.id}000"
    return f"/documents/10184/{article.id}/{name}/{mark:08x}-7c1d-4e0b-9a55-{article.id:012x}?t={article.id}000"


def _render(site: Site, request: Request, template: str, **context: object) -> str:
    tools = {"url": partial(article_url, site), "file_url": file_url, "instance": INSTANCE}
    return site.render(template, request=request, **tools, **context)


def _home(site: Site, request: Request, match: re.Match[str]) -> Answer:
    shown = window(site.articles, 1)._replace(last=1)
    return page(_render(site, request, "list.html", listing=True, heading="Tin mới", window=shown))


def _list(site: Site, request: Request, match: re.Match[str]) -> Answer | None:
    section = site.find_section(request.path)
    if section is None:
        return None
    shown = window(site.list_section(section), request.cursor)
    paging = partial(_page_url, section)
    return page(_render(site, request, "list.html", listing=True, heading=section.name, window=shown, paging=paging))


def _page_url(section: Section, number: int) -> str:
    portlet = f"101_INSTANCE_{INSTANCE}"
    view = f"p_p_id={portlet}&p_p_lifecycle=0&p_p_state=normal&p_p_mode=view"
    return f"{section.path}?{view}&_{portlet}_delta=5&_{portlet}_cur={number}"


def _article(site: Site, request: Request, match: re.Match[str]) -> Answer | None:
    article = next((article for article in site.articles if article.slug == match["slug"]), None)
    if article is None:
        return None
    _, older = site.neighbours(article)
    return article_page(_render(site, request, "article.html", article=article, older=older), article)


ROUTES = (
    Route(re.compile(r"/"), _home),
    Route(re.compile(r"/robots\.txt"), partial(robots, ROBOTS)),
    Route(re.compile(r"/[\w-]+"), _list),
    Route(re.compile(r"/[\w-]+/-/asset_publisher/\w{12}/content/(?P<slug>[\w-]+)"), _article),
)
