"""SharePoint as Thanh Hóa and Quảng Ninh have it: dated paths and `?nid=`, lists paged by `__doPostBack` or read as JSON (portals.md E)."""

from __future__ import annotations

import base64
import json
import re
from datetime import UTC
from html import escape

from scraper.demo.answers import Answer, Request, article_page, find_file, page
from scraper.demo.article import DemoArticle
from scraper.demo.site import Section, Site, window
from tests.cms.simulated import PER_PAGE, Cms, menu, story

REST = "/_api/web/lists/getByTitle('VanHoa')/items"
PAGER = "ctl00$ctl28$g_5d1c$ctl00$grdTin"


def answer(site: Site, request: Request) -> Answer | None:
    """Answer as SharePoint does: without the right ViewState a postback is an error page."""
    return find_file(site, request, file_url) or _rest(site, request) or _list(site, request) or _article(site, request)


def file_url(article: DemoArticle, name: str) -> str:
    return f"/Lists/TinTuc/Attachments/{article.id}/{name}"


def url(article: DemoArticle) -> str:
    """Return a dated path for articles with an odd id, an item of a list for the others."""
    if article.id % 2:
        return f"/portal/pages/{article.when:%Y-%m-%d}/{article.slug}-{article.id}.aspx"
    return f"/Trang/ChiTietTinTuc.aspx?nid={article.id}&title={article.slug}.html"


def _state(section: Section, number: int) -> str:
    return base64.b64encode(f"{section.path}|{number}".encode()).decode()


def _list(site: Site, request: Request) -> Answer | None:
    section = site.find_section(request.path)
    if section is None:
        return None
    number = 1
    if request.method == "POST":
        wanted = re.fullmatch(r"Page\$(\d+)", request.form.get("__EVENTARGUMENT", ""))
        held = request.form.get("__VIEWSTATE", "")
        states = [_state(section, n) for n in range(1, 30)]
        if wanted is None or held not in states or request.form.get("__EVENTTARGET") != PAGER:
            return page("<html><body>Validation of viewstate MAC failed.</body></html>", 500)
        number = int(wanted[1])
    shown = window(site.list_section(section), number, PER_PAGE)
    items = "".join(
        f'<div class="item"><a href="{escape(url(a))}">{escape(a.title)}</a><span class="date">({a.when:%d/%m/%Y})</span>'
        f"<p>{escape(a.body[0].text[:90])}…</p></div>"
        for a in shown.articles
    )
    return page(_frame(site, section, items + _pager(shown.number, shown.last), _state(section, shown.number)))


def _rest(site: Site, request: Request) -> Answer | None:
    """Answer as `/_api/web/lists` does: as JSON to who asks for it, one item at a time."""
    section = next((one for one in site.sections if one.path.partition("?")[0] == request.path == REST), None)
    if section is None:
        return None
    if "application/json" not in request.headers.get("accept", ""):
        return page("<feed></feed>", mime="application/atom+xml")
    listed, skipped = site.list_section(section), int(request.query.get("$skip", "0"))
    article = listed[skipped]
    item = {
        "Title": article.title,
        "EncodedAbsUrl": f"{request.base}{url(article)}",
        "Created": f"{article.when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }
    more = {"__next": f"{request.base}{REST}?$top=1&$skip={skipped + 1}"} if skipped + 1 < len(listed) else {}
    return page(json.dumps({"d": {"results": [item], **more}}), mime="application/json;odata=verbose")


def _pager(number: int, last: int) -> str:
    cells = (
        f"<td><span>{n}</span></td>"
        if n == number
        else f"<td><a href=\"javascript:__doPostBack('{PAGER}','Page${n}')\">{n}</a></td>"
        for n in range(1, last + 1)
    )
    return f"<table class=pager><tr>{''.join(cells)}</tr></table>" if last > 1 else ""


def _article(site: Site, request: Request) -> Answer | None:
    by_path = re.fullmatch(r"/portal/pages/[\d-]+/[\w-]+-(\d+)\.aspx", request.path)
    number = (
        by_path[1] if by_path else request.query.get("nid", "") if request.path.endswith("ChiTietTinTuc.aspx") else ""
    )
    article = site.find_article(int(number or 0))
    if article is None:
        return None
    _, older = site.neighbours(article)
    others = "".join(f'<li><a href="{escape(url(a))}">{escape(a.title)}</a> ({a.when:%d/%m/%Y})</li>' for a in older)
    body = story(article, file_url)
    shown = (
        f'<h1>{escape(article.title)}</h1><div class="article-content">{body}</div>'
        if by_path
        else f'<div class="news-title">{escape(article.title)}</div><div class="news-date">{article.when:%d/%m/%Y %H:%M}</div>'
        f'<div class="ExternalClass0F3C2A9B7D6E4158A1B2C3D4E5F60718">{body}</div>'
    )
    return article_page(_frame(site, None, f"{shown}<h4>Các tin khác</h4><ul>{others}</ul>", "tin"), article)


def _frame(site: Site, section: Section | None, content: str, state: str) -> str:
    action = section.path if section else ""
    return f"""<!DOCTYPE html><html lang="vi-vn"><head><meta name="GENERATOR" content="Microsoft SharePoint" />
<title>{site.title}</title><link href="/_layouts/15/1066/styles/corev15.css" rel="stylesheet"></head><body>
<form method="post" action="{action}" id="aspnetForm"><div class="aspNetHidden">
<input type="hidden" name="__EVENTTARGET" value="" /><input type="hidden" name="__EVENTARGUMENT" value="" />
<input type="hidden" name="__VIEWSTATE" value="{state}" /><input type="hidden" name="__VIEWSTATEGENERATOR" value="BAB98CB3" />
</div><div class="header"><span class="current-time">Chủ nhật, ngày 22/11/2026</span><ul>{menu(site)}</ul></div>
<div id="s4-workspace">{content}</div><div class="footer">Tổng số truy cập: 5204417</div></form></body></html>"""


CMS = Cms(
    "sharepoint",
    "sharepoint",
    "demo-cau-giay",
    {"An sinh xã hội": "/Trang/an-sinh-xa-hoi.aspx", "Văn hóa - Thể thao": f"{REST}?$top=1"},
    answer,
)
