"""Joomla 3: ids before slugs that have lost their accented letters, lists that start at an article (portals.md, H to L)."""

from __future__ import annotations

import re
from html import escape

from scraper.demo.answers import Answer, Request, article_page, find_file, page
from scraper.demo.article import DemoArticle
from scraper.demo.site import Site
from tests.cms.simulated import PER_PAGE, Cms, menu, story


def answer(site: Site, request: Request) -> Answer | None:
    return find_file(site, request, file_url) or _list(site, request) or _article(site, request)


def file_url(article: DemoArticle, name: str) -> str:
    return f"/images/{article.when:%Y}/{article.id}-{name}"


def url(site: Site, article: DemoArticle) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", article.title.lower()).strip("-")
    return f"{site.get_section(article.section).path}/{article.id}-{slug}"


def _list(site: Site, request: Request) -> Answer | None:
    section = site.find_section(request.path)
    if section is None:
        return None
    listed, start = site.list_section(section), int(request.query.get("start", "0"))
    items = "".join(
        f'<div class="item"><h2 itemprop="name"><a href="{url(site, a)}" itemprop="url">{escape(a.title)}</a></h2>'
        f'<dd class="published"><time datetime="{a.when.isoformat()}">{a.when:%d/%m/%Y}</time></dd></div>'
        for a in listed[start : start + PER_PAGE]
    )
    pager = "".join(
        f'<li><a href="{section.path}?start={n}">{n // PER_PAGE + 1}</a></li>'
        for n in range(PER_PAGE, len(listed), PER_PAGE)
    )
    return page(
        _frame(
            site,
            f'<div class="blog">{items}</div><div class="pagination"><ul><li><a href="{section.path}">1</a></li>{pager}</ul></div>',
        )
    )


def _article(site: Site, request: Request) -> Answer | None:
    article = next((a for a in site.articles if url(site, a) == request.path), None)
    if article is None:
        return None
    older = site.neighbours(article)[1]
    others = "".join(f'<li><a href="{url(site, a)}" rel="next">{escape(a.title)}</a></li>' for a in older[:1])
    content = f"""<div class="item-page" itemscope itemtype="https://schema.org/Article"><div class="page-header">
<h2 itemprop="headline">{escape(article.title)}</h2></div><div class="icons"><a href="{request.path}?tmpl=component&amp;print=1">In</a></div>
<dl class="article-info"><dt class="article-info-term">Chi tiết</dt><dd class="category-name">Chuyên mục: <a href="/">{article.section}</a></dd>
<dd class="published"><time datetime="{article.when.isoformat()}" itemprop="datePublished">Được đăng: {article.when.day} Tháng {article.when.month} {article.when.year}</time></dd></dl>
<div itemprop="articleBody">{story(article, file_url)}</div><ul class="pager pagenav">{others}</ul></div>"""
    return article_page(_frame(site, content), article)


def _frame(site: Site, content: str) -> str:
    return f"""<!DOCTYPE html><html lang="vi-vn"><head><meta name="generator" content="Joomla! - Open Source Content Management" />
<title>{site.title}</title></head><body class="site com_content"><ul class="nav menu">{menu(site)}</ul><main>{content}</main>
<footer>Tổng số lượt truy cập: 40122</footer></body></html>"""


CMS = Cms(
    "joomla",
    "joomla",
    "demo-nghi-loc",
    {
        "Lao động - Thương binh và Xã hội": "/index.php/lao-d-ng-thuong-binh-va-xa-h-i",
        "Người có công": "/index.php/8-ng-i-co-cong",
        "Văn hoá - Thể thao": "/index.php/van-hoa-th-thao",
    },
    answer,
)
