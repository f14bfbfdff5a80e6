"""The CMS of Quảng Nam: `/chi-tiet-tin/group/<g>/nid/<n>/` (portals.md, family J; its markup has not been seen)."""

from __future__ import annotations

import re
from html import escape

from scraper.demo.answers import Answer, Request, article_page, find_file, page
from scraper.demo.article import DemoArticle
from scraper.demo.site import Site, window
from tests.cms.simulated import PER_PAGE, Cms, menu, story


def answer(site: Site, request: Request) -> Answer | None:
    return find_file(site, request, file_url) or _list(site, request) or _article(site, request)


def file_url(article: DemoArticle, name: str) -> str:
    return f"/Uploads/{article.id}/{name}"


def url(article: DemoArticle) -> str:
    return f"/chi-tiet-tin/group/114/nid/{article.id}/{article.slug}"


def _list(site: Site, request: Request) -> Answer | None:
    section = site.find_section(request.path)
    if section is None:
        return None
    shown = window(site.list_section(section), int(request.query.get("trang", "1")), PER_PAGE)
    items = "".join(
        f'<li><a href="{url(a)}">{escape(a.title)}</a> <i>{a.when:%d/%m/%Y}</i></li>' for a in shown.articles
    )
    pager = "".join(f'<a href="?trang={n}">{n}</a>' for n in range(1, shown.last + 1))
    return page(_frame(site, f"<ul>{items}</ul><div>{pager}</div>"))


def _article(site: Site, request: Request) -> Answer | None:
    named = re.fullmatch(r"/chi-tiet-tin/group/114/nid/(\d+)/.*", request.path)
    article = site.find_article(int(named[1])) if named else None
    if article is None:
        return None
    others = "".join(f'<li><a href="{url(a)}">{escape(a.title)}</a></li>' for a in site.neighbours(article)[1])
    content = f"""<h2>{escape(article.title)}</h2><div>Ngày đăng: {article.when:%d/%m/%Y %H:%M} | Lượt xem: {article.views}</div>
<div>{story(article, file_url)}</div><h3>Các tin khác</h3><ul>{others}</ul>"""
    return article_page(_frame(site, content), article)


def _frame(site: Site, content: str) -> str:
    return f"""<!DOCTYPE html><html lang="vi"><head><title>{site.title}</title></head><body>
<div class="top">Chủ nhật, 22/11/2026</div><ul>{menu(site)}</ul><div id="main">{content}</div>
<div>Đang truy cập: 12</div></body></html>"""


CMS = Cms(
    "groupnid",
    "groupnid",
    "demo-soc-son",
    {"Lao động - Xã hội": "/lao-dong-xa-hoi", "Tin quận, huyện": "/tin-quan-huyen"},
    answer,
)
