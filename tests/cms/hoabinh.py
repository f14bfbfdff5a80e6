"""The Hoà Bình fork of vPortal on Liferay 7: every section is one page with a category, related dates lie (portals.md C)."""

from __future__ import annotations

from html import escape

from scraper.demo.answers import Answer, Request, article_page, find_file, page
from scraper.demo.article import DemoArticle
from scraper.demo.site import Site, window
from tests.cms.simulated import PER_PAGE, Cms, story

PORTLET = "vn_gov_hoabinh_portlet_cmsview_CmsViewPortlet_INSTANCE_k2Wq7"
VIEW = f"/web/guest/cms?p_p_id={PORTLET}&p_p_lifecycle=0&p_p_col_id=column-2&p_p_col_count=5"


def answer(site: Site, request: Request) -> Answer | None:
    return find_file(site, request, file_url) or _article(site, request) or _list(site, request)


def file_url(article: DemoArticle, name: str) -> str:
    return f"/documents/20126/0/{name}/7c9e6679-7425-40de-944b-{article.id:012x}?t={article.id}000"


def url(article: DemoArticle) -> str:
    return f"{VIEW}&_{PORTLET}_jspPage=/html/detail.jsp&_{PORTLET}_articleId={article.id}"


def category(number: int) -> str:
    return f"{VIEW}&_{PORTLET}_categoryId={2313 + number}"


def _list(site: Site, request: Request) -> Answer | None:
    wanted = request.query.get(f"_{PORTLET}_categoryId", "")
    section = next((section for section in site.sections if section.path.endswith(f"categoryId={wanted}")), None)
    if section is None or not wanted:
        return None
    shown = window(site.list_section(section), request.cursor, PER_PAGE)
    records = "".join(
        f'<div class="cat_record"><div class="title_v"><a href="{escape(url(a))}"><h3>{escape(a.title)}</h3></a>'
        f'<span class="time">({a.when:%d/%m/%Y %H:%M})</span></div><br>{escape(a.body[0].text[:120])}</div>'
        for a in shown.articles
    )
    pager = "".join(
        f'<a href="{escape(f"{section.path}&_{PORTLET}_cur={n}&_{PORTLET}_delta={PER_PAGE}")}">{n}</a> '
        for n in range(1, shown.last + 1)
    )
    return page(_frame(site, f'{records}<div id="pagination">{pager}</div>'))


def _article(site: Site, request: Request) -> Answer | None:
    article = site.find_article(int(request.query.get(f"_{PORTLET}_articleId", "0")))
    if article is None:
        return None
    newer, older = site.neighbours(article)
    others = "".join(
        f'<li><a href="{escape(url(a))}">{escape(a.title)}<span class="time">({article.when:%d/%m/%Y})</span></a></li>'
        for a in (*newer, *older)
    )
    files = "".join(f'<li><a href="{escape(file_url(article, name))}">{name}</a></li>' for name in article.attachments)
    content = f"""<h3 class="title-list-news"><span class="title-t1"><a href="/">{article.section}</a></span></h3>
<div id="content_detail_news"><h1 id="titleDetail" class="title">{escape(article.title)}</h1>
<div class="tool"><span class="date_time">{article.when:%d/%m/%Y %H:%M}</span><a href="javascript:print()">In trang</a></div>
<div id="contentDetail" class="textdetail">{story(article, file_url)}</div>
<div class="attachment"><ul>{files}</ul></div><div id="myRating">Đánh giá</div></div>
<div id="footerOfNewDetail"><div class="list_detail"><h4>Danh sách bài viết mới</h4>
<ul class="ul_list_detail">{others}</ul></div></div>"""
    return article_page(_frame(site, content), article)


def _frame(site: Site, content: str) -> str:
    menu = "".join(f'<li><a href="{escape(section.path)}">{section.name}</a></li>' for section in site.sections)
    return f"""<!DOCTYPE html><html lang="vi-VN"><head><title>{site.title}</title></head><body>
<nav><ul>{menu}</ul></nav><div id="column-2">{content}</div><p>Lượt truy cập</p><p>Tổng số truy cập: 1203345</p></body></html>"""


CMS = Cms(
    "hoabinh",
    "hnp",
    "demo-chau-thanh",
    {"Văn hóa - Xã hội": category(0), "Kinh tế": category(1)},
    answer,
)
