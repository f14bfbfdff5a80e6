"""WordPress: which address is which article, what its archives, feeds, sitemaps and REST answers say."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.models import ExtractError, Fetch, Hint, Listing, Page, Portal
from scraper.platforms import get_platform
from tests.pace import assert_linear

WORDPRESS = get_platform("wordpress")
HOME = "https://binhson.test"
PORTAL = Portal("binhson", "Thị xã Bình Sơn", "wordpress", (), f"{HOME}/", sections={"Y tế": "/category/y-te/"})

KEYS = {
    "/2018/07/24/tang-qua/": "/2018/07/24/tang-qua",
    "/2018/07/24/tang-qua": "/2018/07/24/tang-qua",
    "/2018/07/24/tang-qua/?replytocom=5#respond": "/2018/07/24/tang-qua",
    "/2018/07/24/tang-qua/comment-page-2/": "/2018/07/24/tang-qua",
    "/2018/07/24/tang-qua/amp/": "/2018/07/24/tang-qua",
    "/tang-qua-230.html": "/tang-qua-230.html",
    "/y-te/tang-qua/": "/y-te/tang-qua",
    "/archives/230": "/archives/230",
    "/c%E1%BA%A5p-the/": "/cấp-the",
    "/index.php/2018/07/tang-qua/": "/index.php/2018/07/tang-qua",
    "/?p=230": "?p=230",
    "/index.php?p=230": "?p=230",
    "/?p=x": None,
    "/": None,
    "/?s=nha": None,
    "/?cat=3": None,
    "/?page_id=2": None,
    "/?feed=rss2": None,
    "/tang-qua/?preview=true": None,
    "/page/2/": None,
    "/category/y-te/": None,
    "/category/y-te/page/2/": None,
    "/chuyen-muc/y-te/page/2": None,
    "/tag/bien/": None,
    "/author/lan/": None,
    "/2018/": None,
    "/2018/07": None,
    "/2018/07/24/": None,
    "/date/2018/07": None,
    "/feed/": None,
    "/feed/atom/": None,
    "/comments/feed/": None,
    "/2018/07/24/tang-qua/feed/": None,
    "/tang-qua-230.html/feed": None,
    "/tang-qua/embed/": None,
    "/tang-qua/attachment/anh/": None,
    "/wp-json/wp/v2/posts/4": None,
    "/wp-content/uploads/2018/07/danh-sach.xlsx": None,
    "/wp-login.php": None,
    "/wp-sitemap-posts-post-1.xml": None,
    "/robots.txt": None,
    "http://[/x": None,
}


@pytest.mark.parametrize("address", KEYS)
def test_an_article_is_named_by_its_path(address: str) -> None:
    assert WORDPRESS.article_key(HOME + address if address.startswith("/") else address) == KEYS[address]


@given(st.text())
def test_no_address_breaks_the_key(path: str) -> None:
    key = WORDPRESS.article_key(f"{HOME}/{path}")
    assert key is None or key.startswith(("/", "?p="))


def test_the_key_of_a_very_long_address_takes_linear_time() -> None:
    for address in ("/a" * 50_000, "/page" * 20_000, "/attachment" * 9_000, "/feed/" * 16_000):
        assert_linear(lambda size, address=address: WORDPRESS.article_key(HOME + address[:size]), len(address), 0.5)


def page(path: str, body: str, mime: str = "text/html", status: int = 200, link: str = "") -> Page:
    return Page(HOME + path, body.encode(), status, {"content-type": f"{mime}; charset=UTF-8", "link": link})


def read(path: str, body: str, mime: str = "text/html", link: str = "") -> Listing:
    return WORDPRESS.parse_listing(page(path, body, mime, link=link), PORTAL)


BLOCK_LIST = """<ul class="wp-block-post-template"><li class="wp-block-post post-34 post type-post sticky hentry">
<h2 class="wp-block-post-title"><a href="/2018/01/06/mot/">Một &#8211; hai</a></h2>
<div class="wp-block-post-date"><time datetime="2018-01-06T17:56:00+07:00">
<a href="/2018/01/06/mot/">06/01/2018</a></time></div>
<div class="taxonomy-category"><a href="/category/y-te/" rel="tag">Y tế</a></div></li>
<li class="wp-block-post post-35 post type-post post-password-required hentry">
<h2 class="wp-block-post-title"><a href="/2018/01/05/kin/">Bảo vệ: Kín</a></h2></li></ul>
<nav><a href="/page/2/" class="wp-block-query-pagination-next">Older Posts</a></nav>"""

CLASSIC_LIST = """<article class="post-7 post type-post hentry category-y-te"><h2 class="entry-title default-max-width">
<a href="/mot-7.html">Một</a></h2><footer><span class="posted-on"><time class="entry-date published updated"
 datetime="2019-03-02T01:00:00+00:00">02/03/2019</time></span><span class="cat-links">Categorized as
 <a href="/chuyen-muc/y-te" rel="category tag">Y tế</a></span></footer></article>
<article class="post-6 post type-post hentry"><h2 class="entry-title"><a href="/hai-6.html">Hai</a></h2></article>
<nav class="navigation pagination"><a class="page-numbers" href="/page/3">3</a>
<a class="next page-numbers" href="/page/2">Older posts</a></nav>
<ol class="wp-block-latest-comments"><li><article><a href="/mot-7.html#comment-1">x</a></article></li></ol>"""


def test_a_block_theme_lists_its_posts_and_leads_to_older_ones() -> None:
    assert read("/", BLOCK_LIST) == Listing(
        (Hint(f"{HOME}/2018/01/06/mot/", "listing", "2018-01-06T17:56:00+07:00", "Y tế", "Một – hai"),),
        (Fetch(f"{HOME}/page/2/"),),
    )


def test_a_classic_theme_lists_its_posts_and_leads_to_older_ones() -> None:
    assert read("/chuyen-muc/y-te", CLASSIC_LIST) == Listing(
        (
            Hint(f"{HOME}/mot-7.html", "listing", "2019-03-02T08:00:00+07:00", "Y tế", "Một"),
            Hint(f"{HOME}/hai-6.html", "listing", None, None, "Hai"),
        ),
        (Fetch(f"{HOME}/page/2"),),
    )


def post(link: str, **more: object) -> dict[str, object]:
    return {"link": link, "date_gmt": "2024-09-03T08:58:00", "title": {"rendered": "Một &#8211; hai"}, **more}


def test_a_rest_answer_lists_what_is_public_and_its_header_leads_on() -> None:
    posts = [
        post(f"{HOME}/a/", type="post"),
        post(f"{HOME}/kin/", content={"protected": True}),
        post(f"{HOME}/trang/", type="page"),
        {"id": 3, "link": f"{HOME}/category/y-te/"},
    ]
    following = f'<{HOME}/wp-json/wp/v2/posts?page=1>; rel="prev", <{HOME}/wp-json/wp/v2/posts?page=3>; rel="next"'
    assert read("/wp-json/wp/v2/posts?page=2", json.dumps(posts), "application/json", link=following) == Listing(
        (Hint(f"{HOME}/a/", "rest", "2024-09-03T15:58:00+07:00", None, "Một – hai"),),
        (Fetch(f"{HOME}/wp-json/wp/v2/posts?page=3"),),
    )


def test_one_post_of_rest_is_a_hint_too() -> None:
    assert len(read("/wp-json/wp/v2/posts/4", json.dumps(post(f"{HOME}/a/")), "application/json").hints) == 1


@pytest.mark.parametrize(
    "body", ["[1, null, []]", '{"code": "rest_no_route"}', "[", '[{"link": 3, "date_gmt": []}]', '[{"title": 7}]']
)
def test_rest_answers_of_other_shapes_list_nothing(body: str) -> None:
    assert read("/wp-json/", body, "application/json") == Listing()


def test_of_a_sitemap_the_addresses_are_believed_but_not_the_time_of_the_last_edit() -> None:
    urls = f"<urlset><url><loc>{HOME}/a/</loc><lastmod>2024-01-01</lastmod></url><url><loc>{HOME}/</loc></url></urlset>"
    assert read("/wp-sitemap-posts-post-1.xml", urls).hints == (Hint(f"{HOME}/a/", "sitemap"),)
    assert read("/wp-sitemap-posts-page-1.xml", urls) == Listing()


def test_of_a_sitemap_index_only_the_posts_are_fetched() -> None:
    names = (
        "wp-sitemap-posts-post-1.xml",
        "wp-sitemap-posts-page-1.xml",
        "wp-sitemap-users-1.xml",
        "post-sitemap2.xml",
    )
    index = "".join(f"<sitemap><loc>{HOME}/{name}</loc></sitemap>" for name in names)
    found = read("/wp-sitemap.xml", f"<sitemapindex>{index}</sitemapindex>")
    assert [fetch.url for fetch in found.next] == [f"{HOME}/{names[0]}", f"{HOME}/{names[3]}"]


def test_a_feed_of_posts_is_believed_and_one_of_comments_is_not() -> None:
    item = "<item><title>Một</title><link>https://binhson.test/a/{}</link><pubDate>{}</pubDate></item>"
    when = "Tue, 03 Sep 2024 08:58:00 +0000"
    posts = f"<rss><channel>{item.format('', when)}</channel></rss>"
    comments = f"<rss><channel>{item.format('#comment-4', when)}</channel></rss>"
    assert read("/feed/", posts).hints == (Hint(f"{HOME}/a/", "feed", "2024-09-03T15:58:00+07:00", title="Một"),)
    assert read("/a/feed/", comments) == Listing()


def test_errors_and_empty_answers_list_nothing() -> None:
    assert WORDPRESS.parse_listing(page("/page/99/", BLOCK_LIST, status=404), PORTAL) == Listing()
    assert read("/2019", "") == Listing()


def test_crawling_starts_at_every_section_and_at_rest() -> None:
    first, rest = WORDPRESS.start(PORTAL)
    assert first == Fetch(f"{HOME}/category/y-te/", section="Y tế")
    assert rest.url.startswith(f"{HOME}/wp-json/wp/v2/posts?")
    assert WORDPRESS.start(Portal("b", "", "wordpress", (), f"{HOME}/"))[0] == Fetch(f"{HOME}/")


def single(classes: str, content: str = "<p>Hai</p>") -> str:
    article = f'<article><h1 class="entry-title">Một</h1><div class="entry-content">{content}</div></article>'
    return f'<body class="{classes}">{article}</body>'


@pytest.mark.parametrize(
    ("html", "status", "expected"),
    [
        (single("single single-post postid-8"), 200, True),
        (single("single single-post page"), 200, True),
        (single("single single-thong-bao"), 200, True),
        (single(""), 200, True),
        (single("page page-id-2"), 200, False),
        (single("archive category"), 200, False),
        (single("attachment single single-attachment"), 200, False),
        (single("single single-post paged-2 single-paged-2"), 200, False),
        (single("single single-post", '<form class="post-password-form"><input type=password></form>'), 200, False),
        (single("single single-post"), 404, False),
        (BLOCK_LIST, 200, False),
    ],
)
def test_only_the_page_of_one_whole_public_post_is_an_article(html: str, status: int, expected: bool) -> None:
    assert WORDPRESS.is_article(page("/mot/", html, status=status), PORTAL) is expected


def test_what_is_no_article_cannot_be_extracted() -> None:
    with pytest.raises(ExtractError, match="URL"):
        WORDPRESS.extract(page("/category/y-te/", single("single")), PORTAL)
    with pytest.raises(ExtractError, match="layout"):
        WORDPRESS.extract(page("/mot/", "<h1>Một</h1>"), PORTAL)


DATES = {
    '<time class="updated" datetime="2020-05-09T00:00:00+07:00"></time><time class="entry-date published"'
    ' datetime="2020-05-01T00:00:00+07:00"></time>': ("2020-05-01T00:00:00+07:00", "page", "2020-05-09T00:00:00+07:00"),
    '<span class="entry-date">9 Tháng Năm, 2020</span>': ("2020-05-09", "page", None),
    '<span class="post-date">Tháng Mười Hai 9, 2020</span>': ("2020-12-09", "page", None),
    '<span class="post-date">9 Tháng Mười Ba, 2020</span>': ("2018-07-24", "url", None),
    '<div class="comment"><time class="published" datetime="2021-01-01"></time></div>': ("2018-07-24", "url", None),
    '<meta property="article:published_time" content="2020-05-01T17:00:00+00:00">': (
        "2020-05-02T00:00:00+07:00",
        "meta",
        None,
    ),
}


@pytest.mark.parametrize("html", DATES)
def test_the_date_is_that_of_the_article_wherever_the_theme_says_it(html: str) -> None:
    found = WORDPRESS.extract(page("/2018/07/24/mot/", single("single-post") + html), PORTAL)
    assert (found.published, found.published_source, found.updated) == DATES[html]
