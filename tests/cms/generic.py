"""A home-made CMS that says everything for machines: JSON-LD, microdata, a pager with `?trang=`."""

from __future__ import annotations

import json
import re
from html import escape

from scraper.demo.answers import Answer, Request, article_page, find_file, page
from scraper.demo.article import DemoArticle
from scraper.demo.site import Site, window
from tests.cms.simulated import PER_PAGE, Cms, menu, story


def answer(site: Site, request: Request) -> Answer | None:
    return find_file(site, request, file_url) or _list(site, request) or _article(site, request)


def file_url(article: DemoArticle, name: str) -> str:
    return f"/tep/{article.id}/{name}"


def url(article: DemoArticle) -> str:
    """Return an address with an id, one made from the title alone, or one with a parameter."""
    forms = (f"/{article.slug}-d{article.id:06d}.html", f"/tin/{article.slug}.html", f"/chitiet.php?id={article.id}")
    return forms[article.id % 3]


def _list(site: Site, request: Request) -> Answer | None:
    section = site.find_section(request.path)
    if section is None:
        return None
    shown = window(site.list_section(section), int(request.query.get("trang", "1")), PER_PAGE)
    items = "".join(f'<div class="tin"><a href="{url(a)}">{escape(a.title)}</a></div>' for a in shown.articles)
    pager = "".join(f'<a href="?trang={n}">{n}</a>' for n in range(1, shown.last + 1))
    return page(_frame(site, f'{items}<div class="pagination">{pager}</div>', ""))


def _article(site: Site, request: Request) -> Answer | None:
    named = re.fullmatch(r"/.*-d(\d{6})\.html", request.path)
    number = int(named[1] if named else request.query.get("id", "0"))
    article = site.find_article(number) or next((a for a in site.articles if url(a) == request.path), None)
    if article is None:
        return None
    said = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": article.title}
    dated = said | {"datePublished": article.when.isoformat(), "articleSection": article.section}
    others = "".join(f'<li><a href="{url(a)}">{escape(a.title)}</a></li>' for a in site.neighbours(article)[1])
    content = f"""<h1>{escape(article.title)}</h1><div class="noi-dung">{story(article, file_url)}</div>
<h3>Tin liên quan</h3><ul>{others}</ul>"""
    head = f'<script type="application/ld+json">{json.dumps({"@graph": [{"@type": "WebSite"}, dated]})}</script>'
    return article_page(_frame(site, content, head), article)


def _frame(site: Site, content: str, head: str) -> str:
    return f"""<!DOCTYPE html><html lang="vi"><head><title>{site.title}</title>{head}</head><body>
<div class="top">Hôm nay: 22/11/2026</div><ul>{menu(site)}</ul><div class="main">{content}</div>
<div>Đang truy cập: 12</div></body></html>"""


CMS = Cms(
    "generic",
    "generic",
    "demo-duc-trong",
    {"Lao động – Xã hội": "/chuyen-muc/lao-dong-xa-hoi", "Văn hóa – Thể thao": "/chuyen-muc/van-hoa-the-thao"},
    answer,
)
