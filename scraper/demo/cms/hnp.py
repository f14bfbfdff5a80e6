"""VietSoftware vPortal on Liferay 6, the old portal of Hà Nội (portals.md section C)."""

from __future__ import annotations

import re
import zlib
from functools import partial

from scraper.demo.answers import Answer, Request, Route, article_page, number, page, reply, robots
from scraper.demo.article import DemoArticle
from scraper.demo.site import Section, Site, window

INSTANCE = "ZVOm7e3VDMRM"
PORTLET = f"vcmsviewcontent_WAR_VCMSportlet_INSTANCE_{INSTANCE}"
ROBOTS = "User-agent: *\nDisallow: /html/\nDisallow: /captcha.jpg\n"


def answer(site: Site, request: Request) -> Answer:
    """Answer a request as vPortal does; its links carry a session id until the client shows a cookie."""
    return reply(site, request, ROUTES, file_url, _render)


def article_url(site: Site, article: DemoArticle) -> str:
    """Return the path of an article."""
    section = site.get_section(article.section)
    return f"{section.path}/-/hn/{INSTANCE}/{_category(site, section)}/{article.id}/1/{article.slug}.html"


def file_url(article: DemoArticle, name: str) -> str:
    """Return the path of an image or attachment."""
    if name in article.images:
        return f"/images?img_id={zlib.crc32(name.encode()) % 100_000}"
    return f"/vcms/download_attachment?attachmentId={article.id}{article.attachments.index(name)}"


def _category(site: Site, section: Section) -> int:
    return 1101 + site.sections.index(section)


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
    paging = partial(_page_url, section, _category(site, section))
    shown = window(site.list_section(section), request.cursor)
    return page(_render(site, request, "list.html", listing=True, heading=section.name, window=shown, paging=paging))


def _page_url(section: Section, category: int, number: int) -> str:
    view = f"p_p_id={PORTLET}&p_p_lifecycle=0&p_p_state=normal&p_p_mode=view"
    return f"{section.path}?{view}&_{PORTLET}_categoryId={category}&_{PORTLET}_cur={number}"


def _article(site: Site, request: Request, match: re.Match[str]) -> Answer | None:
    article = site.find_article(int(match["id"]))
    if article is None:
        return None
    newer, older = site.neighbours(article)
    return article_page(_render(site, request, "article.html", article=article, newer=newer, older=older), article)


def _print(site: Site, request: Request, match: re.Match[str]) -> Answer | None:
    article = site.find_article(number(request.query.get("printArticleId", "")))
    return page(_render(site, request, "print.html", article=article)) if article else None


ROUTES = (
    Route(re.compile(r"/"), _home),
    Route(re.compile(r"/robots\.txt"), partial(robots, ROBOTS)),
    Route(re.compile(r"/[\w-]+"), _list),
    Route(re.compile(r"/[\w-]+/-/hn/\w{12}/\d+/(?P<id>\d{1,9})/\d+/[^/]*"), _article),
    Route(re.compile(r"/html/portlet/vcmsviewcontent/print_article\.jsp"), _print),
)
