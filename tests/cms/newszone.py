"""Hà Nội since 2025: `.htm` with ids that carry the time, lists continued by a POST that answers a fragment (portals.md G)."""

from __future__ import annotations

import re
from html import escape

from scraper.demo.answers import Answer, Request, article_page, find_file, number, page
from scraper.demo.article import DemoArticle
from scraper.demo.site import Section, Site, window
from tests.cms.simulated import PER_PAGE, Cms, menu, story

SITE = "kY3Zt0m1QxE="
MIGRATED = 4000102581


def answer(site: Site, request: Request) -> Answer | None:
    if request.path == "/api/NewsZone/NewsZone":
        return _zone(site, request)
    return find_file(site, request, file_url) or _list(site, request) or _article(site, request)


def file_url(article: DemoArticle, name: str) -> str:
    return f"/Uploads/{article.when:%Y/%m/%d}/{article.id}-{name}"


def key(article: DemoArticle) -> str:
    """Return an id with the time in it; a short one for every fourth article, which was migrated."""
    return (
        str(MIGRATED + article.id) if article.id % 4 == 0 else f"280{article.when:%y%m%d%H%M%S}{article.id % 1000:03d}"
    )


def url(article: DemoArticle) -> str:
    return f"/tin-tuc/{article.slug}-{key(article)}.htm"


def _catname(section: Section) -> str:
    return f"U2Fsd{section.path.strip('/').removesuffix('.htm')}=="


def _items(articles: tuple[DemoArticle, ...]) -> str:
    return "".join(
        f'<div class="box-category-item"><a class="box-category-link-title" href="{url(a)}" title="{escape(a.title)}">{escape(a.title)}</a></div>'
        for a in articles
    )


def _list(site: Site, request: Request) -> Answer | None:
    section = site.find_section(request.path)
    if section is None:
        return None
    listed = site.list_section(section)
    script = f"""<input type="hidden" id="hdCatname" value="{_catname(section)}"><script>
var zone = {{ PageSize: {PER_PAGE}, LanguageId: "1", Site: '{SITE}' }};</script>"""
    content = (
        f'<div class="list-news">{_items(window(listed, 1, PER_PAGE).articles)}</div><a class="view-more">Xem thêm</a>'
    )
    return page(_frame(site, content + script))


def _zone(site: Site, request: Request) -> Answer | None:
    """Answer with the articles of the page that were not shown before; past the end with nothing."""
    section = next((one for one in site.sections if _catname(one) == request.form.get("Catname")), None)
    asked_well = request.method == "POST" and request.form.get("Site") == SITE and "x-requested-with" in request.headers
    if section is None or not asked_well:
        return page("", 400)
    wanted, size = number(request.form.get("PageIndex", "")), number(request.form.get("PageSize", ""))
    shown = window(site.list_section(section), wanted, size)
    rest = tuple(a for a in shown.articles if key(a) != request.form.get("DataIds[]"))
    return page(_items(rest) if shown.number == wanted else "")


def _article(site: Site, request: Request) -> Answer | None:
    named = re.fullmatch(r"/tin-tuc/[\w-]+-(\d+)\.htm", request.path)
    article = next((a for a in site.articles if named and key(a) == named[1]), None)
    if article is None:
        return None
    time = (
        ""
        if article.id % 4
        else f'<div class="news-info"><span class="time">{article.when:%d/%m/%Y %H:%M}</span></div>'
    )
    content = f"""<div class="detail-cate"><a href="/tin-tuc.htm">{article.section}</a></div>
<h1 class="detail-title">{escape(article.title)}</h1>{time}
<div class="detail-content afcbc-body" data-role="content">{story(article, file_url)}</div>
<div class="detail-tags">Từ khóa: <a href="/tu-khoa/ho-ngheo.htm">hộ nghèo</a></div>
<div class="box-related"><h3>Tin liên quan</h3>{_items(site.neighbours(article)[1])}</div>"""
    return article_page(_frame(site, content), article)


def _frame(site: Site, content: str) -> str:
    return f"""<!DOCTYPE html><html lang="vi"><head><title>{site.title}</title></head><body>
<div class="header__top">Chủ nhật, 22/11/2026 08:15</div><ul>{menu(site)}</ul><main>{content}</main>
<footer>Tổng số truy cập: 99120</footer><script src="/api/NewsZone/script.js"></script></body></html>"""


CMS = Cms(
    "newszone",
    "newszone",
    "demo-cau-giay",
    {"An sinh xã hội": "/an-sinh-xa-hoi.htm", "Văn hóa - Thể thao": "/van-hoa-the-thao.htm"},
    answer,
)
