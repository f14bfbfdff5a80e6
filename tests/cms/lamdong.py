"""Lâm Đồng: modern SharePoint pages, one list shown by web parts, the other read through RestApi (portals.md E4)."""

from __future__ import annotations

import json
import re
from datetime import UTC
from html import escape

from scraper.demo.answers import Answer, Request, article_page, find_file, page
from scraper.demo.article import DemoArticle
from scraper.demo.site import Site
from tests.cms.simulated import PER_PAGE, Cms, menu, story

SITE = "/sites/ductrong"
HOME = f"{SITE}/SitePages/Home.aspx"
REST_API = "/RestApi/Readjson"
ITEMS = "https://w3.lamdong.gov.vn/sites/ductrong/_api/web/lists/getByTitle('Tin tức')/items?$orderby=Modified desc"


def answer(site: Site, request: Request) -> Answer | None:
    return (
        find_file(site, request, file_url) or _items(site, request) or _home(site, request) or _article(site, request)
    )


def file_url(article: DemoArticle, name: str) -> str:
    return f"{SITE}/TaiLieu/{article.id}/{name}"


def url(article: DemoArticle) -> str:
    return f"{SITE}/SitePages/{article.slug}.aspx"


def _items(site: Site, request: Request) -> Answer | None:
    """Answer a POST that names the list to read, a few items at a time; anything else is an error."""
    if request.path != REST_API:
        return None
    asked = json.loads(request.body or "{}").get("SourceUrl", "")
    start = re.search(r"[$]skip=(\d+)", asked)
    if request.method != "POST" or not asked.startswith(ITEMS):
        return page('{"error": "SourceUrl"}', 400, "application/json")
    section = next(section for section in site.sections if section.path.startswith(REST_API))
    listed, skipped = site.list_section(section), int(start[1]) if start else 0
    rows = [
        {
            "Ti_x00ea_u_x0020__x0111__x1ec1_": article.title,
            "FileRef": url(article),
            "FirstPublishedDate": f"{article.when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        }
        for article in listed[skipped : skipped + PER_PAGE]
    ]
    following = skipped + PER_PAGE
    more = {"__next": f"{ITEMS}&$skip={following}"} if following < len(listed) else {}
    return page(json.dumps({"d": {"results": rows, **more}}), mime="application/json; charset=utf-8")


def _home(site: Site, request: Request) -> Answer | None:
    """Show the other list as a page of web parts, whose links stand in their data only."""
    if request.path != HOME:
        return None
    section = next(section for section in site.sections if section.path == HOME)
    listed = site.list_section(section)
    links = {f"items[{n}].sourceItem.url": url(article) for n, article in enumerate(listed)}
    titles = {f"items[{n}].title": article.title for n, article in enumerate(listed)}
    said = {"title": "Tin tức", "serverProcessedContent": {"links": links, "searchablePlainTexts": titles}}
    part = f'<div data-sp-webpart="" data-sp-webpartdata="{escape(json.dumps(said))}"></div>'
    return page(_frame(site, f'<div data-sp-canvascontrol="">{part}</div>'))


def _article(site: Site, request: Request) -> Answer | None:
    article = next((article for article in site.articles if url(article) == request.path), None)
    if article is None:
        return None
    text = f'<div data-sp-canvascontrol=""><div data-sp-rte="">{story(article, file_url)}</div></div>'
    content = f"""<div data-automation-id="pageHeader"><div data-automation-id="TitleTextId" role="heading">{escape(article.title)}</div>
<div>Đã phát hành {article.when:%d/%m/%Y}</div></div><div class="CanvasZone"><div>{text}</div></div>"""
    return article_page(_frame(site, content), article)


def _frame(site: Site, content: str) -> str:
    return f"""<!DOCTYPE html><html lang="vi-vn"><head><title>{site.title}</title>
<script>var _spPageContextInfo = {{}};</script></head><body><ul>{menu(site)}</ul><div id="spPageCanvasContent">{content}</div>
<div>Lượt truy cập: 81.204</div></body></html>"""


CMS = Cms(
    "lamdong",
    "sharepoint",
    "demo-duc-trong",
    {"Lao động – Xã hội": f"{REST_API}?SourceUrl={ITEMS}", "Văn hóa – Thể thao": HOME},
    answer,
)
