"""IBM WebSphere Portal as An Giang has it: no date on an article, no paging, no robots.txt (portals.md section F)."""

from __future__ import annotations

import re
import zlib
from functools import partial

from scraper.demo.answers import Answer, Request, Route, article_page, page, redirect, reply
from scraper.demo.article import DemoArticle
from scraper.demo.site import Site

HOME = "/wps/portal/Home/home"


def answer(site: Site, request: Request) -> Answer:
    """Answer a request as WebSphere does."""
    return reply(site, request, ROUTES, file_url, _render)


def article_url(site: Site, article: DemoArticle) -> str:
    """Return the path of an article, under the site area of its section."""
    area = site.get_section(article.section).path.rpartition("/")[2]
    return f"/wps/portal/Home/{article.when.year}/home/tin-chi-tiet/sa-tin-tuc/sa-{area}/{article.slug}"


def file_url(article: DemoArticle, name: str) -> str:
    """Return the path of an image or attachment in the content library."""
    return f"/wps/wcm/connect/{zlib.crc32(name.encode()):08x}-5f0e-4a31-8c77-{article.id:012x}/{name}?MOD=AJPERES"


def _render(site: Site, request: Request, template: str, **context: object) -> str:
    return site.render(template, request=request, url=partial(article_url, site), file_url=file_url, **context)


def _root(site: Site, request: Request, match: re.Match[str]) -> Answer:
    return redirect(HOME)


def _home(site: Site, request: Request, match: re.Match[str]) -> Answer:
    return page(_render(site, request, "list.html", heading="Tin mới", articles=site.articles[:5]))


def _list(site: Site, request: Request, match: re.Match[str]) -> Answer | None:
    section = site.find_section(request.path)
    if section is None:
        return None
    return page(_render(site, request, "list.html", heading=section.name, articles=site.list_section(section)))


def _article(site: Site, request: Request, match: re.Match[str]) -> Answer | None:
    article = next((article for article in site.articles if article_url(site, article) == request.path), None)
    if article is None:
        return None
    _, older = site.neighbours(article)
    return article_page(_render(site, request, "article.html", article=article, older=older), article)


ROUTES = (
    Route(re.compile(r"/"), _root),
    Route(re.compile(HOME), _home),
    Route(re.compile(r"/wps/portal/Home/home/tin-tuc/[\w-]+"), _list),
    Route(re.compile(r"/wps/portal/Home/\d{4}/home/tin-chi-tiet/.*"), _article),
)
