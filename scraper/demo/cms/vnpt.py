"""VNPT vnPortal: the first page of a listing is HTML, the others are fragments got by POST (portals.md section A)."""

from __future__ import annotations

import re
from functools import partial

from scraper.demo.answers import XML, Answer, Request, Route, article_page, http_date, number, page, reply, robots
from scraper.demo.article import DemoArticle
from scraper.demo.site import PAGE_SIZE, Section, Site, window

ROBOTS = "User-agent: *\nDisallow: /hoi-dap\n"


def answer(site: Site, request: Request) -> Answer:
    """Answer a request as vnPortal does."""
    return reply(site, request, ROUTES, file_url, _render)


def article_url(site: Site, article: DemoArticle) -> str:
    """Return the path of an article."""
    return f"{site.get_section(article.section).path}/{article.slug}-{article.id}"


def file_url(article: DemoArticle, name: str) -> str:
    """Return the path of an image or attachment, in the folder of its day."""
    return f"/upload/20417/{article.when:%Y%m%d}/{article.id}_{name}"


def _category(site: Site, section: Section) -> int:
    return 7301 + site.sections.index(section)


def _render(site: Site, request: Request, template: str, **context: object) -> str:
    return site.render(template, request=request, url=partial(article_url, site), file_url=file_url, **context)


def _home(site: Site, request: Request, match: re.Match[str]) -> Answer:
    return page(_render(site, request, "home.html"))


def _questions(site: Site, request: Request, match: re.Match[str]) -> Answer:
    return page(_render(site, request, "question.html"))


def _list(site: Site, request: Request, match: re.Match[str]) -> Answer | None:
    section = site.find_section(request.path)
    if section is None:
        return None
    shown, category = window(site.list_section(section), 1), _category(site, section)
    context = {"heading": section.name, "window": shown, "category": category, "size": PAGE_SIZE}
    return page(_render(site, request, "list.html", **context))


def _load(site: Site, request: Request, match: re.Match[str]) -> Answer | None:
    asked = request.form.get("article_category_id")
    section = next((section for section in site.sections if str(_category(site, section)) == asked), None)
    if section is None:
        return None
    wanted = number(request.form.get("page", ""))
    shown = window(site.list_section(section), wanted, number(request.form.get("page_size", "")))
    return page(_render(site, request, "items.html", window=shown) if shown.number == wanted else "")


def _article(site: Site, request: Request, match: re.Match[str]) -> Answer | None:
    article = site.find_article(int(match["id"]))
    if article is None:
        return None
    _, older = site.neighbours(article)
    return article_page(_render(site, request, "article.html", article=article, older=older), article)


def _rss(site: Site, request: Request, match: re.Match[str]) -> Answer:
    return page(_render(site, request, "rss.html", http_date=http_date), mime=XML)


ROUTES = (
    Route(re.compile(r"/"), _home),
    Route(re.compile(r"/robots\.txt"), partial(robots, ROBOTS)),
    Route(re.compile(r"/rss\.aspx"), _rss),
    Route(re.compile(r"/hoi-dap"), _questions),
    Route(re.compile(r"/DesktopModule/UIArticleInMenu/ArticleInMenuPagination\.aspx/LoadArticle"), _load, "POST"),
    Route(re.compile(r"/[\w-]+"), _list),
    Route(re.compile(r"/[\w-]+/[\w-]+-(?P<id>\d{1,9})"), _article),
)
