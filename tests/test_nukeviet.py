"""NukeViet: which address is which article, what its lists, feeds and sitemaps say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.models import ExtractError, Fetch, Hint, Listing, Page, Portal
from scraper.platforms import get_platform

NUKEVIET = get_platform("nukeviet")
HOME = "https://kimhai.test"
SECTIONS = {"Lao động": "/lao-dong/", "Y tế": "/y-te/"}
PORTAL = Portal("kimhai", "Huyện Kim Hải", "nukeviet", (), f"{HOME}/", sections=SECTIONS)

KEYS = {
    # one article, in every form of its address
    "/vi/news/lao-dong/ho-tro-nha-o-31.html": "31",
    "/news/lao-dong/ho-tro-nha-o-31.html": "31",
    "/lao-dong/ho-tro-nha-o-31.html": "31",
    "/vi/lao-dong/ten-cu-31.html": "31",
    "/index.php/vi/news/lao-dong/ho-tro-nha-o-31.html": "31",
    "/lao-dong/ho-tro-nha-o-31.html?nv_redirect=abc&fbclid=x#y": "31",
    "/index.php?language=vi&nv=news&op=lao-dong/ho-tro-nha-o-31.html": "31",
    "/index.php?nv=news&op=lao-dong/ho-tro-nha-o-31": "31",
    # ids of their own: another module, another language
    "/vi/thong-bao/tuyen-dung/cong-ty-may-31.html": "thong-bao/31",
    "/thong-bao/tuyen-dung/cong-ty-may-31.html": "thong-bao/31",
    "/index.php?language=vi&nv=thong-bao&op=tuyen-dung/cong-ty-may-31.html": "thong-bao/31",
    "/en/news/labour/housing-31.html": "en/31",
    # other views of an article, and files
    "/vi/news/print/lao-dong/ho-tro-nha-o-31.html": None,
    "/print/lao-dong/ho-tro-nha-o-31.html": None,
    "/vi/news/savefile/lao-dong/ho-tro-nha-o-31.html": None,
    "/sendmail/lao-dong/ho-tro-nha-o-31.html": None,
    "/lao-dong/ho-tro-nha-o-31.html?download=1&id=0": None,
    "/lao-dong/ho-tro-nha-o-31.html?pdf=1&id=0": None,
    "/index.php?language=vi&nv=news&op=print/lao-dong/ho-tro-nha-o-31": None,
    # lists, feeds, tags, other modules
    "/": None,
    "/vi/news/lao-dong/": None,
    "/vi/news/lao-dong/page-2/": None,
    "/lao-dong/page-2.html": None,
    "/index.php?language=vi&nv=news&op=lao-dong": None,
    "/index.php?language=vi&nv=news&op=nam-2020": None,
    "/index.php?language=vi&nv=tin-tuc&op=nam-2020": None,
    "/index.php?language=vi&nv=news&op=lao-dong/page-2": None,
    "/vi/news/rss/lao-dong/": None,
    "/rss/lao-dong/": None,
    "/vi/news/tag/viec-lam-31.html": None,
    "/vi/news/topic/giam-ngheo-3.html": None,
    "/vi/page/ke-hoach-2020.html": None,
    "/vi/about/gioi-thieu-chung.html": None,
    "/vi/laws/detail/quyet-dinh-12.html": None,
    "/sitemap-vi.news.xml": None,
    "/uploads/news/2020_01/bieu-1.pdf": None,
    "/vi/news/lao-dong/ho-tro-nha-o-31-x.html": None,
    "http://[/a/b-1.html": None,
}


@pytest.mark.parametrize("address", KEYS)
def test_an_article_is_named_by_its_id_in_every_form_of_its_address(address: str) -> None:
    assert NUKEVIET.article_key(HOME + address if address.startswith("/") else address) == KEYS[address]


@given(st.text())
def test_no_address_breaks_the_key(url: str) -> None:
    assert NUKEVIET.article_key(url) is None or "-" in url


def page(path: str, body: str, status: int = 200) -> Page:
    return Page(HOME + path, body.encode(), status, {"content-type": "text/html; charset=utf-8"})


def read(path: str, body: str) -> Listing:
    return NUKEVIET.parse_listing(page(path, body), PORTAL)


VIEWCAT_PAGE = """<div class="news_column"><div class="panel-body featured">
<a href="/lao-dong/mot-5.html" title="Một&#x3A; hai"><img src="a.jpg"></a>
<h2><a href="/lao-dong/mot-5.html" title="Một&#x3A; hai">Một…</a></h2>
<div class="text-muted"><ul><li><em class="fa fa-clock-o">&nbsp;</em> 03/10/2024 11:30:00</li>
<li><em class="fa fa-eye"></em> 21</li></ul></div>
Ngày 3/10/2023, huyện tổ chức.</div>
<div class="panel-body"><h3><a href="/nguoi-co-cong/ba-4.html">Ba</a></h3>
<ul><li><em class="fa fa-clock-o">&nbsp;</em> 19/06/2024 05:20:00 PM</li></ul></div></div>
<ul class="pagination"><li class="active"><a href="javascript:void(0)">1</a><li>
<li><a rel="next" href="/lao-dong/page-2/">2</a></li>
<li><a rel="next" href="/lao-dong/page-3/">3</a></li><li><a href="/y-te/page-2/">khác</a></li></ul>"""


def test_a_list_gives_each_article_its_title_its_date_and_the_next_page() -> None:
    assert read("/lao-dong/", VIEWCAT_PAGE) == Listing(
        (
            Hint(f"{HOME}/lao-dong/mot-5.html", "listing", "2024-10-03T11:30:00+07:00", title="Một: hai"),
            Hint(f"{HOME}/nguoi-co-cong/ba-4.html", "listing", "2024-06-19T17:20:00+07:00", title="Ba"),
        ),
        (Fetch(f"{HOME}/lao-dong/page-2/"),),
    )


@pytest.mark.parametrize(
    ("path", "following"),
    [("/lao-dong/page-2/", ("/lao-dong/page-3/",)), ("/lao-dong/page-3/", ()), ("/van-hoa/", ())],
)
def test_the_next_page_is_the_next_of_the_same_list(path: str, following: tuple[str, ...]) -> None:
    assert [fetch.url for fetch in read(path, VIEWCAT_PAGE).next] == [HOME + path for path in following]


def test_lists_without_dates_give_none() -> None:
    html = """<div class="list-group">
    <a class="show h4" href="/y-te/mot-5.html" title="Một"><h4><span>1</span>&nbsp;Một</h4></a>
    <a class="show" href="/y-te/hai-4.html"><h4>Hai</h4></a></div>
    <div class="thumbnail"><h4><a class="show" href="/y-te/ba-3.html" title="Ba">Ba</a></h4><span></span></div>
    <a href="/print/y-te/mot-5.html">In ra</a><a href="/y-te/bon-2.html"><img src="x.jpg"></a>"""
    assert read("/y-te/", html).hints == tuple(
        Hint(f"{HOME}/y-te/{name}.html", "listing", None, title=title)
        for name, title in (("mot-5", "Một"), ("hai-4", "Hai"), ("ba-3", "Ba"))
    )


def test_a_clock_beside_several_articles_dates_none() -> None:
    links = '<p><a href="/a/b-1.html">Một</a> <a href="/a/c-2.html">Hai</a></p>'
    html = f'<div><em class="fa fa-clock-o"></em> 01/01/2024{links}</div>'
    assert [hint.published for hint in read("/a/", html).hints] == [None, None]


def test_of_a_feed_only_the_day_is_believed() -> None:
    rss = """<rss><channel><item><title>Một</title><link>https://kimhai.test/a/b-1.html</link>
    <pubDate>Fri, 8 Nov 2024 17:11:00 GMT</pubDate></item><item><link>https://kimhai.test/gioi-thieu/</link></item></channel></rss>"""
    assert read("/rss/", rss).hints == (Hint(f"{HOME}/a/b-1.html", "feed", "2024-11-09", title="Một"),)


def test_a_sitemap_dates_exactly_and_an_index_leads_to_it() -> None:
    when = "2024-11-08T12:55:00+07:00"
    urls = f"<urlset><url><loc>{HOME}/a/b-1.html</loc><lastmod>{when}</lastmod></url></urlset>"
    assert read("/sitemap-vi.news.xml", urls).hints == (Hint(f"{HOME}/a/b-1.html", "sitemap", when),)
    index = f"<sitemapindex><sitemap><loc>{HOME}/sitemap-vi.news.xml</loc></sitemap></sitemapindex>"
    assert read("/sitemap.xml", index) == Listing(next=(Fetch(f"{HOME}/sitemap-vi.news.xml"),))


def test_errors_and_empty_answers_list_nothing() -> None:
    assert NUKEVIET.parse_listing(page("/lao-dong/", VIEWCAT_PAGE, 404), PORTAL) == Listing()
    assert read("/vi/news/lao-dong", "") == Listing()


def test_crawling_starts_at_every_section_and_the_sitemap() -> None:
    assert NUKEVIET.start(PORTAL) == (
        Fetch(f"{HOME}/lao-dong/", section="Lao động"),
        Fetch(f"{HOME}/y-te/", section="Y tế"),
        Fetch(f"{HOME}/sitemap.xml"),
    )


def test_without_sections_crawling_starts_at_the_home_page() -> None:
    bare = Portal("kimhai", "", "nukeviet", (), f"{HOME}/vi/")
    assert [fetch.url for fetch in NUKEVIET.start(bare)] == [f"{HOME}/vi/", f"{HOME}/sitemap.xml"]


ARTICLE = '<div class="news_column"><h1>Một</h1><div id="news-bodyhtml">Hai</div></div>'
PRINT = '<div id="print"><div id="content"><h1>Một</h1><div id="bodytext">Hai</div></div></div>'
STATIC = '<div class="page"><h1 itemprop="headline">Một</h1><div id="page-bodyhtml" class="bodytext">Hai</div></div>'


@pytest.mark.parametrize(
    ("html", "status", "expected"),
    [
        (ARTICLE, 200, True),
        (ARTICLE, 404, False),
        (PRINT, 200, False),
        (STATIC, 200, False),
        (VIEWCAT_PAGE, 200, False),
    ],
)
def test_only_the_page_of_an_article_is_one(html: str, status: int, expected: bool) -> None:
    assert NUKEVIET.is_article(page("/vi/gioi-thieu/nam-2020.html", html, status), PORTAL) is expected


def test_what_is_no_article_cannot_be_extracted() -> None:
    with pytest.raises(ExtractError, match="URL"):
        NUKEVIET.extract(page("/lao-dong/", ARTICLE), PORTAL)
    with pytest.raises(ExtractError, match="layout"):
        NUKEVIET.extract(page("/lao-dong/mot-5.html", STATIC), PORTAL)


def test_a_portals_selectors_replace_those_of_the_layout() -> None:
    own = {"date": ".ngay", "section": ".muc", "author": "i"}
    html = f"{ARTICLE}<b class=ngay>5-6-2020</b><b class=muc>Y tế</b><i>Tác giả: Lan</i>"
    found = NUKEVIET.extract(page("/lao-dong/mot-5.html", html), replace(PORTAL, selectors=own))
    assert (found.published, found.section, found.author) == ("2020-06-05", "Y tế", "Lan")


def test_an_article_without_a_date_has_no_source_of_one() -> None:
    found = NUKEVIET.extract(page("/lao-dong/mot-5.html", ARTICLE), PORTAL)
    assert (found.published, found.published_source, found.updated) == (None, None, None)
