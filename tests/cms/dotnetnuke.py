"""DotNetNuke with a Telerik RadGrid: rows paged by postbacks, ids in the path under a tab (portals.md, H to L)."""

from __future__ import annotations

import re
from html import escape

from scraper.demo.answers import Answer, Request, article_page, find_file, page
from scraper.demo.article import DemoArticle
from scraper.demo.site import Section, Site, window
from tests.cms.simulated import PER_PAGE, Cms, menu, story

GRID = "dnn$ctr507$ViewList$RadGrid1$ctl00$ctl03$ctl01"
BLOCK = 2  # numbers that the pager shows at a time


def answer(site: Site, request: Request) -> Answer | None:
    return find_file(site, request, file_url) or _list(site, request) or _article(site, request)


def file_url(article: DemoArticle, name: str) -> str:
    return f"/Portals/0/{article.when:%Y}/{article.id}-{name}"


def url(article: DemoArticle) -> str:
    """Return an address in the path's form or the query's; every second article lies under another tab."""
    tab = 119 + article.id % 2
    pairs = f"/tabid/{tab}/ID/{article.id}/{article.slug}/Default.aspx"
    return pairs if article.id % 3 else f"/Default.aspx?tabid={tab}&articleid={article.id}&language=vi-VN"


def _list(site: Site, request: Request) -> Answer | None:
    section = site.find_section(request.path)
    if section is None:
        return None
    listed, number = site.list_section(section), 1
    if request.method == "POST":
        wanted = re.fullmatch(re.escape(GRID) + r"\$ctl(\d+)", request.form.get("__EVENTTARGET", ""))
        if wanted is None or not request.form.get("__VIEWSTATE", "").startswith("dDw"):
            return page("<html><body>Invalid postback or callback argument.</body></html>", 500)
        number = int(wanted[1]) - 4
    shown = window(listed, number, PER_PAGE)
    rows = "".join(
        f'<tr class="rgRow"><td><a href="{escape(url(a))}">{escape(a.title)}</a></td><td>{a.when:%d/%m/%Y}</td></tr>'
        for a in shown.articles
    )
    table = f'<table class="rgMasterTable"><tbody>{rows}</tbody></table>{_pager(shown.number, shown.last)}'
    return page(_frame(site, section, table))


def _pager(number: int, last: int) -> str:
    """Return the grid's pager: the current page is a link, too, and others hide behind `...` until their block comes."""
    first = (number - 1) // BLOCK * BLOCK + 1
    shown = range(first, min(first + BLOCK, last + 1))
    links = [_link(n, str(n), "rgCurrentPage" if n == number else "") for n in shown]
    before = [_link(first - 1, "...", "")] if first > 1 else []
    after = [_link(shown[-1] + 1, "...", "")] if shown[-1] < last else []
    return f'<div class="rgWrap rgNumPart">{"".join((*before, *links, *after))}</div>'


def _link(number: int, text: str, mark: str) -> str:
    return (
        f"<a class=\"{mark}\" href=\"javascript:__doPostBack('{GRID}$ctl{number + 4:02d}','')\"><span>{text}</span></a>"
    )


def _article(site: Site, request: Request) -> Answer | None:
    named = re.fullmatch(r"/tabid/\d+/ID/(\d+)/.*", request.path)
    article = site.find_article(int(named[1] if named else request.query.get("articleid", "0")))
    if article is None:
        return None
    others = "".join(f'<li><a href="{escape(url(a))}">{escape(a.title)}</a></li>' for a in site.neighbours(article)[1])
    content = f"""<span id="dnn_ctr511_ViewDetail_lblTitle" class="Head">{escape(article.title)}</span><br />
<span id="dnn_ctr511_ViewDetail_lblDate">({article.when:%d/%m/%Y %H:%M})</span>
<div id="dnn_ctr511_ViewDetail_lblContent" class="Normal">{story(article, file_url)}</div>
<h4>Tin cùng chuyên mục</h4><ul>{others}</ul>"""
    return article_page(_frame(site, None, content), article)


def _frame(site: Site, section: Section | None, content: str) -> str:
    action = section.path if section else ""
    return f"""<!DOCTYPE html><html><head><title>{site.title}</title><link href="/Portals/_default/default.css" rel="stylesheet">
</head><body id="Body"><form method="post" action="{action}" id="Form"><input type="hidden" name="__VIEWSTATE" value="dDwtMTI3OQ==" />
<input type="hidden" name="__dnnVariable" value="" /><div class="date">Chủ nhật, 22/11/2026</div><ul>{menu(site)}</ul>
<div id="dnn_ContentPane"><div id="dnn_ctr507_ContentPane">{content}</div></div><div>Lượt truy cập: 88120</div></form></body></html>"""


CMS = Cms(
    "dotnetnuke",
    "dotnetnuke",
    "demo-nho-quan",
    {
        "Lao động - Thương binh và Xã hội": "/tabid/36/default.aspx",
        "Văn hóa - Thể thao": "/tabid/37/default.aspx",
    },
    answer,
)
