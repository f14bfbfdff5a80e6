"""Liferay 7.4 with mixed address forms: each card twice, once by its display page, once by its portlet (portals.md B)."""

from __future__ import annotations

import re
from html import escape
from urllib.parse import quote

from scraper.demo.answers import Answer, Request, article_page, find_file, page
from scraper.demo.article import DemoArticle
from scraper.demo.site import Site, window
from tests.cms.simulated import PER_PAGE, Cms, menu, story

INSTANCE = "q4TmZc81LsVd"
PORTLET = f"com_liferay_asset_publisher_web_portlet_AssetPublisherPortlet_INSTANCE_{INSTANCE}"
FORMS = ("/w/{slug}", f"/web/guest/tin/-/asset_publisher/{INSTANCE}/content/{{slug}}?redirect=%2F", "/-/{slug}")


def answer(site: Site, request: Request) -> Answer | None:
    return find_file(site, request, file_url) or _list(site, request) or _article(site, request)


def file_url(article: DemoArticle, name: str) -> str:
    return f"/documents/35119/{article.id}/{name}/0b1c2d3e-7c1d-4e0b-9a55-{article.id:012x}?t={article.id}000"


def _slug(article: DemoArticle) -> str:
    """Return the slug: percent-encoded Vietnamese for every third article."""
    return quote(article.title.lower().replace(" ", "-").replace("%", "")) if article.id % 3 == 0 else article.slug


def url(article: DemoArticle, form: int = 0) -> str:
    return FORMS[(article.id + form) % len(FORMS)].format(slug=_slug(article))


def _list(site: Site, request: Request) -> Answer | None:
    section = site.find_section(request.path)
    if section is None:
        return None
    shown = window(site.list_section(section), request.cursor, PER_PAGE)  # past the end: the last page again
    cards = "".join(
        _card(article, look, n)
        for article in shown.articles
        for n, look in enumerate(("d-none d-md-block", "d-md-none"))
    )
    query = (
        f"p_p_id={PORTLET}&amp;p_p_lifecycle=0&amp;p_p_state=normal&amp;p_p_mode=view&amp;_{PORTLET}_delta={PER_PAGE}"
    )
    pager = "".join(
        f'<li class="page-item"><a class="page-link" href="{section.path}?{query}&amp;p_r_p_resetCur=false&amp;_{PORTLET}_cur={n}">{n}</a></li>'
        for n in range(1, shown.last + 2)
    )
    return page(_frame(site, f'<div class="news-items">{cards}</div><ul class="pagination">{pager}</ul>'))


def _card(article: DemoArticle, look: str, form: int) -> str:
    return (
        f'<div class="news-item {look}"><a href="{escape(url(article, form))}"><p class="asset-publisher-title"'
        f' title="{escape(article.title)}">{escape(article.title)}</p></a><span class="text-date-sklh">'
        f"{article.when:%H:%M | %d/%m/%Y}</span></div>"
    )


def _article(site: Site, request: Request) -> Answer | None:
    slug = re.fullmatch(r"/w/([^/]+)|.*/content/([^/]+)|/-/([^/]+)", request.path)
    wanted = next(filter(None, slug.groups()), "") if slug else ""
    article = next((article for article in site.articles if _slug(article) == wanted), None)
    if article is None:
        return None
    others = "".join(
        f'<li><a href="{escape(url(a, 1))}">{escape(a.title)}</a></li>' for a in site.neighbours(article)[1]
    )
    content = f"""<div class="asset-full-content"><h1 class="header-title">{escape(article.title)}</h1>
<div class="publish-date">{article.when:%H:%M | %d/%m/%Y}</div><div class="asset-content">
<div class="journal-content-article" id="article_35119_{article.id}_1.0">{story(article, file_url)}</div></div>
<div class="asset-related-assets"><h3>Tin liên quan</h3><ul>{others}</ul></div></div>"""
    return article_page(_frame(site, content), article)


def _frame(site: Site, content: str) -> str:
    return f"""<!DOCTYPE html><html lang="vi-VN"><head><title>{site.title}</title>
<script>var Liferay = Liferay || {{}};</script></head><body class="public-page site"><header id="banner">
<div class="current-time">Chủ nhật, ngày 22/11/2026 | 08:15</div><nav><ul>{menu(site)}</ul></nav></header>
<div class="portlet-boundary" id="p_p_id_{PORTLET}_"><div class="portlet-body">{content}</div></div>
<footer>Tổng số truy cập: 5204417</footer></body></html>"""


CMS = Cms(
    "liferay",
    "liferay",
    "demo-nghi-loc",
    {
        "Lao động - Thương binh và Xã hội": "/lao-dong-thuong-binh-va-xa-hoi",
        "Người có công": "/nguoi-co-cong",
        "Văn hoá - Thể thao": "/van-hoa-the-thao",
    },
    answer,
)
