"""Drupal with a theme of Gavias: aliases and `/node/N`, views paged from 0 (portals.md, H to L)."""

from __future__ import annotations

from html import escape

from scraper.demo.answers import Answer, Request, article_page, find_file, page
from scraper.demo.article import DemoArticle
from scraper.demo.site import Site, window
from tests.cms.simulated import PER_PAGE, Cms, menu, story


def answer(site: Site, request: Request) -> Answer | None:
    return find_file(site, request, file_url) or _list(site, request) or _article(site, request)


def file_url(article: DemoArticle, name: str) -> str:
    return f"/sites/default/files/{article.when:%Y-%m}/{article.id}-{name}"


def url(article: DemoArticle) -> str:
    return f"/node/{article.id}" if article.id % 3 == 0 else f"/tin-tuc/{article.slug}"


def _list(site: Site, request: Request) -> Answer | None:
    section = site.find_section(request.path)
    if section is None:
        return None
    number = int(request.query.get("page", "0"))
    shown = window(site.list_section(section), number + 1, PER_PAGE)
    posts = "".join(
        f'<div class="post-block"><h3 class="post-title"><a href="{url(a)}" rel="bookmark"><span>{escape(a.title)}</span></a></h3>'
        f'<span class="post-created">{a.when:%d/%m/%Y}</span></div>'
        for a in shown.articles
    )
    pager = "".join(f'<li class="pager__item"><a href="?page={n}">{n + 1}</a></li>' for n in range(shown.last))
    return page(_frame(site, f'<div class="view-content">{posts}</div><nav class="pager"><ul>{pager}</ul></nav>'))


def _article(site: Site, request: Request) -> Answer | None:
    article = next((a for a in site.articles if url(a) == request.path), None)
    if article is None:
        return None
    others = "".join(
        f'<h3 class="post-title"><a href="{url(a)}">{escape(a.title)}</a></h3>' for a in site.neighbours(article)[1]
    )
    content = f"""<article class="node node-detail node--type-article clearfix"><div class="article-detail">
<h1 class="post-title"><span>{escape(article.title)}</span></h1><div class="post-meta">
<span class="post-categories"><a href="/tin-tuc">{article.section}</a></span>
<span class="post-created">{article.when:%d/%m/%Y - %H:%M}</span></div>
<div class="node__content clearfix"><div class="field field--name-body">{story(article, file_url)}</div></div>
<div class="post-tags"><a href="/tags/ngheo">hộ nghèo</a></div><div class="related-posts"><h3>Bài liên quan</h3>{others}</div>
</div></article>"""
    return article_page(_frame(site, content), article)


def _frame(site: Site, content: str) -> str:
    return f"""<!DOCTYPE html><html lang="vi"><head><meta name="Generator" content="Drupal 9 (https://www.drupal.org)" />
<title>{site.title}</title></head><body class="gavias-content-builder"><header><div class="date">Chủ nhật, 22/11/2026</div>
<nav><ul>{menu(site)}<li><a href="/user/login">Đăng nhập</a></li></ul></nav></header><main>{content}</main>
<footer>Tổng số truy cập: 12003</footer></body></html>"""


CMS = Cms(
    "drupal",
    "drupal",
    "demo-chau-thanh",
    {"Văn hóa - Xã hội": "/van-hoa-xa-hoi-the-thao-du-lich", "Kinh tế": "/kinh-te"},
    answer,
)
