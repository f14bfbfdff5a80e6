"""The simulated portals: each is walked as a crawl would, and every article must come back as its author typed it."""

from __future__ import annotations

import http.client
import io
import json
import re
import xml.etree.ElementTree as ET
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode, urljoin, urlsplit

import pytest

from archive.models import Article, ExtractError, Fetch, Hint, Page, Portal, with_hints
from scraper import catalogue
from scraper.demo.article import DemoArticle, load_articles
from scraper.demo.files import file_bytes
from scraper.demo.site import NOTICE, PORTALS_FILE
from scraper.demo.sites import DemoSites
from scraper.platforms import get_platform

CATALOGUE = catalogue.load([PORTALS_FILE])
NAMES = [portal.name for portal in CATALOGUE.portals]
MOST_REQUESTS = 80  # for one portal
SOC_SON, CAU_GIAY, CHAU_THANH, NHO_QUAN, NGHI_LOC, DUC_TRONG = (f"http://{name}.mophong.test" for name in NAMES)

Form = tuple[tuple[str, str], ...]


class Reply(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class Walk(NamedTuple):
    """What a walk through one portal brought back: its articles by URL, all pages, all hints."""

    articles: dict[str, Article]
    pages: dict[str, Page]
    hints: list[Hint]


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoSites]:
    with DemoSites() as sites:
        yield sites


def ask(demo: DemoSites, url: str, method: str = "GET", form: Form | None = None, **headers: str) -> Reply:
    """Ask the site of the URL's host, on loopback, once."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", demo.port, timeout=10)
    sent = {name.replace("_", "-"): value for name, value in headers.items()} | {"Host": parts.netloc}
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request(method, target or "/", urlencode(form) if form else None, sent)
        reply = connection.getresponse()
        return Reply(reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read())
    finally:
        connection.close()


def fetch(demo: DemoSites, wanted: Fetch) -> Page:
    """Return the page, at the end of at most three redirections."""
    url = wanted.url
    for _ in range(4):
        reply = ask(demo, url, "POST" if wanted.form else "GET", wanted.form)
        if "location" not in reply.headers:
            return Page(url, reply.body, reply.status, reply.headers)
        url = urljoin(url, reply.headers["location"])
    raise AssertionError(f"{wanted.url} is redirected without end")


def walk(demo: DemoSites, portal: Portal) -> Walk:
    """Follow listings to articles as the spider does: start, parse_listing, extract."""
    platform, result = get_platform(portal.platform), Walk({}, {}, [])
    queue = list(platform.start(portal))
    while queue and len(result.pages) < MOST_REQUESTS:
        wanted = queue.pop(0)
        mark = f"{wanted.url} {wanted.form}"
        if mark in result.pages:
            continue
        result.pages[mark] = page = fetch(demo, wanted)
        if platform.article_key(page.url) is None:
            listing = platform.parse_listing(page, portal)
            result.hints.extend(replace(hint, section=hint.section or wanted.section) for hint in listing.hints)
            queue += [Fetch(hint.url) for hint in listing.hints if platform.article_key(hint.url)]
            queue += listing.next
        elif platform.is_article(page, portal):
            article = platform.extract(page, portal)
            result.articles[article.key] = article
    assert not queue, f"{portal.name}: more than {MOST_REQUESTS} pages"
    return result


@pytest.fixture(scope="module", params=NAMES)
def walked(demo: DemoSites, request: pytest.FixtureRequest) -> tuple[Portal, Walk]:
    portal = CATALOGUE.get(request.param)
    return portal, walk(demo, portal)


def typed(portal: str) -> dict[str, DemoArticle]:
    """Return the public articles of a portal by title."""
    return {article.title: article for article in load_articles(portal) if not article.protected}


def lines(article: DemoArticle) -> tuple[str, ...]:
    return tuple(block.text or " ".join(block.cells) for block in article.body)


def published(article: DemoArticle) -> str:
    return article.published.isoformat()


def dated(portal: Portal, result: Walk, article: Article) -> str | None:
    key = get_platform(portal.platform).article_key
    return with_hints(article, tuple(hint for hint in result.hints if key(hint.url) == article.key)).published


# --- what a crawl brings back --------------------------------------------------------------------------------


def test_a_walk_finds_every_article_and_invents_none(walked: tuple[Portal, Walk]) -> None:
    portal, result = walked
    assert sorted(article.title for article in result.articles.values()) == sorted(typed(portal.name))


def test_every_article_comes_back_with_its_own_words(walked: tuple[Portal, Walk]) -> None:
    portal, result = walked
    wanted = typed(portal.name)
    for article in result.articles.values():
        told = wanted[article.title]
        assert (article.summary, article.body) == (told.summary, lines(told))
        assert article.kinds == tuple(block.kind for block in told.body)


def test_every_article_comes_back_with_its_author_source_section_and_date(walked: tuple[Portal, Walk]) -> None:
    portal, result = walked
    for article in result.articles.values():
        told = typed(portal.name)[article.title]
        assert (article.author, article.source) == (told.author, told.source)
        assert dated(portal, result, article) == published(told)
        key = get_platform(portal.platform).article_key
        assert with_hints(article, tuple(h for h in result.hints if key(h.url) == article.key)).section == told.section


def test_attachments_and_images_can_be_fetched_and_are_what_they_claim(
    demo: DemoSites, walked: tuple[Portal, Walk]
) -> None:
    portal, result = walked
    for article in result.articles.values():
        told = typed(portal.name)[article.title]
        assert tuple(attachment.name for attachment in article.attachments) == told.attachments
        assert len(article.images) == len(told.images)
        files = [fetch(demo, Fetch(attachment.url)) for attachment in article.attachments]
        assert all(file.status == 200 and file.body[:4] in (b"%PDF", b"PK\3\4") for file in files)
        pictures = [fetch(demo, Fetch(url)) for url in article.images]
        assert all(picture.mime == "image/png" and picture.body[:4] == b"\x89PNG" for picture in pictures)


def test_the_platform_recognises_the_pages_of_its_own_cms_alone(walked: tuple[Portal, Walk]) -> None:
    portal, result = walked
    pages = [page for page in result.pages.values() if b"<html" in page.body[:400]]
    assert all(get_platform(portal.platform).fingerprint(page) for page in pages)
    others = [get_platform(name) for name in {portal.platform for portal in CATALOGUE.portals} - {portal.platform}]
    assert not any(other.fingerprint(page) for other in others for page in pages)


def test_every_page_says_that_it_is_simulated(walked: tuple[Portal, Walk]) -> None:
    _, result = walked
    pages = [page for page in result.pages.values() if b"<html" in page.body[:400]]
    assert pages
    assert all(NOTICE in page.body.decode() for page in pages)


# --- what the content promises to later tests ----------------------------------------------------------------


def all_articles() -> list[DemoArticle]:
    return [article for name in NAMES for article in load_articles(name) if not article.protected]


def words(article: DemoArticle) -> int:
    return len(" ".join((article.title, article.summary, *lines(article))).split())


def test_there_is_enough_to_show() -> None:
    assert len(all_articles()) >= 48
    assert all(len(load_articles(name)) >= 8 for name in NAMES)
    assert all(120 <= words(article) <= 350 for article in all_articles())
    assert {article.when.year for article in all_articles()} == set(range(2017, 2026))


def test_tables_attachments_and_images_are_there() -> None:
    assert sum(any(block.kind == "tr" for block in article.body) for article in all_articles()) >= 3
    assert sum(bool(article.attachments) for article in all_articles()) >= 6
    assert sum(bool(article.images) for article in all_articles()) >= 4


def test_ids_and_slugs_are_unique_within_a_portal() -> None:
    for name in NAMES:
        articles = load_articles(name)
        assert len({article.id for article in articles}) == len({article.slug for article in articles}) == len(articles)


def test_every_section_is_in_the_catalogue() -> None:
    for portal in CATALOGUE.portals:
        assert {article.section for article in load_articles(portal.name)} == set(portal.sections)


def test_one_article_is_reprinted_word_for_word_on_another_portal() -> None:
    texts = Counter((article.title, article.summary, lines(article)) for article in all_articles())
    assert [count for count in texts.values() if count > 1] == [2]


def test_the_catalogue_names_districts_by_their_code(shared: Path) -> None:
    register = json.loads((shared / "data/lexicons/districts.json").read_text("utf-8"))["districts"]
    names = {row["code"]: row["name_2025"] for row in register if "name_2025" in row}
    for portal in CATALOGUE.portals:
        district = names[portal.units[0].place]
        assert district[1:] in portal.title


# --- how the CMSs behave -------------------------------------------------------------------------------------


def test_the_same_request_gives_the_same_bytes_at_every_run(demo: DemoSites) -> None:
    with DemoSites() as again:
        for portal in CATALOGUE.portals:
            for path in ("/", *portal.sections.values()):
                url = urljoin(portal.home, path)
                assert ask(demo, url) == ask(again, url)


def article_urls(demo: DemoSites) -> list[str]:
    urls = [(name, http_path(demo, name)) for name in NAMES]
    return [f"http://{name}.mophong.test{path}" for name, path in urls]


def http_path(demo: DemoSites, name: str) -> str:
    """Return the path of the newest article that a portal's first section lists."""
    portal = CATALOGUE.get(name)
    platform = get_platform(portal.platform)
    section = urljoin(portal.home, next(iter(portal.sections.values())))
    hints = platform.parse_listing(fetch(demo, Fetch(section)), portal).hints
    return urlsplit(hints[0].url).path


def test_articles_can_be_asked_for_conditionally(demo: DemoSites) -> None:
    for url in article_urls(demo):
        first = ask(demo, url)
        again = ask(demo, url, If_None_Match=first.headers["etag"])
        assert (first.status, again.status, again.body) == (200, 304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert ask(demo, url, If_Modified_Since=first.headers["last-modified"]).status == 304
        assert ask(demo, url, If_None_Match='"other"', If_Modified_Since=first.headers["last-modified"]).status == 200
        assert ask(demo, url, If_Modified_Since="Mon, 01 Jan 2001 00:00:00 GMT").status == 200
        assert ask(demo, url, If_Modified_Since="yesterday").status == 200


def test_head_gives_the_headers_of_get(demo: DemoSites) -> None:
    for url in article_urls(demo):
        shown, head = ask(demo, url), ask(demo, url, "HEAD")
        assert head.headers == shown.headers
        assert head.body == b""


@pytest.mark.parametrize("site", [SOC_SON, CAU_GIAY, CHAU_THANH, NHO_QUAN, NGHI_LOC, DUC_TRONG])
def test_what_does_not_exist_is_not_found(demo: DemoSites, site: str) -> None:
    for path in ("/khong-co-trang-nay", "/khong/co/trang/nay", "/khong-co.php", "/2021/01/01/khong-co/"):
        assert ask(demo, site + path).status == 404


def test_a_host_that_is_no_portal_is_not_found(demo: DemoSites) -> None:
    assert ask(demo, "http://khac.mophong.test/").status == 404


def test_the_port_and_localhost_lead_to_the_same_site(demo: DemoSites) -> None:
    assert ask(demo, f"http://demo-soc-son.localhost:{demo.port}/lao-dong-xa-hoi").status == 200
    assert demo.addresses["demo-soc-son"] == f"{SOC_SON}:{demo.port}/"


def test_the_server_can_stand_as_the_proxy_of_its_hosts(demo: DemoSites) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", demo.port, timeout=10)
    connection.request("GET", f"{DUC_TRONG}/page/2/", headers={"Host": "demo-duc-trong.mophong.test"})
    proxied = connection.getresponse().read()
    connection.close()
    assert proxied == ask(demo, f"{DUC_TRONG}/page/2/").body


def test_requests_are_noted(demo: DemoSites) -> None:
    ask(demo, f"{NHO_QUAN}/hoi-dap?x=1")
    assert demo.requests[-1] == ("demo-nho-quan.mophong.test", "GET", "/hoi-dap?x=1", 200)


ROBOTS = [
    (SOC_SON, 200, "Disallow: /html/"),
    (CAU_GIAY, 200, "Disallow:"),
    (CHAU_THANH, 404, ""),
    (NHO_QUAN, 200, "Disallow: /hoi-dap"),
    (NGHI_LOC, 200, f"Sitemap: {NGHI_LOC}/sitemap.xml"),
    (DUC_TRONG, 200, f"Sitemap: {DUC_TRONG}/wp-sitemap.xml"),
]


@pytest.mark.parametrize(("site", "status", "line"), ROBOTS)
def test_robots_txt_says_what_may_be_crawled(demo: DemoSites, site: str, status: int, line: str) -> None:
    reply = ask(demo, f"{site}/robots.txt")
    assert reply.status == status
    assert status == 404 or line in reply.text.splitlines()
    assert "Crawl-delay" not in reply.text


def test_java_portals_append_a_session_to_their_links_until_they_see_a_cookie(demo: DemoSites) -> None:
    for url in (f"{SOC_SON}/lao-dong-xa-hoi", f"{CAU_GIAY}/an-sinh-xa-hoi"):
        first = ask(demo, url)
        cookie = first.headers["set-cookie"].partition(";")[0]
        assert ";jsessionid=" in first.text
        assert ";jsessionid=" not in ask(demo, url, Cookie=cookie).text
        linked = next(iter(re.findall(r'href="(/[^"]*;jsessionid=[^"]*)"', first.text)))
        assert ask(demo, urljoin(url, linked)).status == 200


def test_liferay_shows_each_card_twice_and_its_last_page_again(demo: DemoSites) -> None:
    cursor = "_101_INSTANCE_k7Fh2LqWz9Xc_cur"
    first, last, beyond = (ask(demo, f"{CAU_GIAY}/an-sinh-xa-hoi?{cursor}={n}").text for n in (1, 2, 99))
    assert first.count('class="news-item ') == 10
    assert first != last == beyond


def test_hnp_dates_related_articles_with_the_date_of_the_page(demo: DemoSites) -> None:
    shown = ask(demo, SOC_SON + http_path(demo, "demo-soc-son")).text
    stamps = re.findall(r"\(\d\d:\d\d \d\d/\d\d/\d{4}\)", shown)
    assert len(stamps) > 3
    assert len(set(stamps)) == 1


def test_websphere_shows_no_date_and_a_sample_title_in_the_body(demo: DemoSites) -> None:
    shown = ask(demo, CHAU_THANH + http_path(demo, "demo-chau-thanh")).text
    assert shown.count("<title>Your Website Title</title>") == 1
    assert not re.search(r"\d\d/\d\d/20\d\d", shown.partition("</nav>")[2])


LOAD = f"{NHO_QUAN}/DesktopModule/UIArticleInMenu/ArticleInMenuPagination.aspx/LoadArticle"


@pytest.mark.parametrize(
    ("category", "asked", "status", "items"),
    [("7301", "1", 200, 5), ("7301", "2", 200, 4), ("7301", "3", 200, 0), ("7301", "x", 200, 5), ("9", "1", 404, 0)],
)
def test_vnpt_pages_are_fragments_got_by_post(
    demo: DemoSites, category: str, asked: str, status: int, items: int
) -> None:
    reply = ask(demo, LOAD, "POST", (("article_category_id", category), ("page", asked), ("page_size", "5")))
    assert reply.status == status
    assert reply.text.count('<li class="row">') == items
    assert ask(demo, LOAD).status == 404


def test_vnpt_titles_in_the_feed_are_escaped_twice(demo: DemoSites) -> None:
    title = ET.fromstring(ask(demo, f"{NHO_QUAN}/rss.aspx").text).findtext("channel/item/title", "")
    assert "&#" in title
    assert unescape(title) == load_articles("demo-nho-quan")[0].title


SECTION = "/vi/news/lao-dong-thuong-binh-va-xa-hoi/"
REDIRECTS = [
    ("/vi/news/page-2/", "/vi/news/"),
    ("/vi/news/khong-co/", "/vi/news/"),
    ("/vi/news/khong-co/khong-co-99999.html", "/vi/news/"),
    (SECTION.rstrip("/"), SECTION),
    (f"{SECTION}page-99/", SECTION),
    (f"{SECTION}sai-duong-dan-503.html", f"{SECTION}xa-nghi-van-giam-38-ho-ngheo-trong-nam-2024-503.html"),
    ("/vi/news/nguoi-co-cong/x-503.html", f"{SECTION}xa-nghi-van-giam-38-ho-ngheo-trong-nam-2024-503.html"),
]


@pytest.mark.parametrize(("path", "location"), REDIRECTS)
def test_nukeviet_redirects_what_it_can_guess(demo: DemoSites, path: str, location: str) -> None:
    reply = ask(demo, NGHI_LOC + path)
    assert (reply.status, reply.headers["location"]) == (301, location)


def test_nukeviet_knows_no_other_id_in_a_known_section(demo: DemoSites) -> None:
    assert ask(demo, f"{NGHI_LOC}/vi/news/nguoi-co-cong/khong-co-99999.html").status == 404


def test_nukeviet_prints_feeds_and_maps_its_articles(demo: DemoSites) -> None:
    path = http_path(demo, "demo-nghi-loc")
    printed = ask(demo, NGHI_LOC + path.replace("/news/", "/news/print/")).text
    assert '<div id="print">' in printed
    feed = ET.fromstring(ask(demo, f"{NGHI_LOC}/vi/news/rss/").text)
    newest = load_articles("demo-nghi-loc")[0]
    assert feed.findtext("channel/item/title") == newest.title
    assert feed.findtext("channel/item/pubDate") == "Thu, 6 Mar 2025 00:03:00 GMT"  # published at 07:55 in Hà Nội
    assert f"<lastmod>{newest.when.isoformat()}</lastmod>" in ask(demo, f"{NGHI_LOC}/sitemap-vi.news.xml").text


def test_a_parent_section_of_nukeviet_lists_its_child(demo: DemoSites) -> None:
    pages = (ask(demo, f"{NGHI_LOC}/vi/news/lao-dong-thuong-binh-va-xa-hoi/{rest}").text for rest in ("", "page-2/"))
    assert "/vi/news/nguoi-co-cong/nghi-loc-ket-qua-cong-tac" in "".join(pages)


def test_wordpress_ends_with_404_and_adds_the_missing_slash(demo: DemoSites) -> None:
    assert ask(demo, f"{DUC_TRONG}/page/3/").status == 200
    assert ask(demo, f"{DUC_TRONG}/page/4/").status == 404
    path = http_path(demo, "demo-duc-trong")
    assert ask(demo, DUC_TRONG + path.rstrip("/")).headers["location"] == DUC_TRONG + path
    assert ask(demo, f"{DUC_TRONG}/?p=262").headers["location"].startswith(f"{DUC_TRONG}/2024/04/09/")


def test_the_protected_post_is_listed_everywhere_and_shown_nowhere(demo: DemoSites) -> None:
    secret = next(article for article in load_articles("demo-duc-trong") if article.protected)
    url = f"{DUC_TRONG}/2023/01/13/{secret.slug}/"
    places = (url, f"{DUC_TRONG}/", f"{DUC_TRONG}/feed/", f"{DUC_TRONG}/wp-json/wp/v2/posts/{secret.id}")
    replies = [ask(demo, place).text for place in places]
    assert all(secret.slug in reply for reply in replies[1:])
    assert "post-password-form" in replies[0]
    assert "Bảo vệ: " + secret.title in replies[0]
    assert not any(secret.body[0].text in reply for reply in replies)


def test_rest_answers_are_paged_as_wordpress_does(demo: DemoSites) -> None:
    posts = f"{DUC_TRONG}/wp-json/wp/v2/posts"
    first = ask(demo, f"{posts}?per_page=4&page=1")
    assert (first.headers["x-wp-total"], first.headers["x-wp-totalpages"]) == ("11", "3")
    assert first.headers["link"].endswith('page=2>; rel="next"')
    assert "link" not in ask(demo, f"{posts}?per_page=4&page=3").headers
    assert ask(demo, f"{posts}?per_page=4&page=4").status == ask(demo, f"{posts}?per_page=101").status == 400
    only = json.loads(ask(demo, f"{posts}?_fields=link,title,content.protected,none").text)
    assert set(only[0]) == {"link", "title", "content"}
    assert [set(post["content"]) for post in only] == [{"protected"}] * 10


def test_rest_posts_hold_what_the_page_shows(demo: DemoSites) -> None:
    post = json.loads(ask(demo, f"{DUC_TRONG}/wp-json/wp/v2/posts/262").text)
    told = next(article for article in load_articles("demo-duc-trong") if article.id == 262)
    assert (post["date"], post["date_gmt"]) == ("2024-04-09T10:50:00", "2024-04-09T03:50:00")
    assert all(text in unescape(post["content"]["rendered"]) for text in lines(told))
    assert [row["slug"] for row in json.loads(ask(demo, f"{DUC_TRONG}/wp-json/wp/v2/categories").text)] == [
        "lao-dong-xa-hoi",
        "van-hoa-the-thao",
    ]


def test_the_wordpress_feed_has_a_history(demo: DemoSites) -> None:
    titles = [
        item.findtext("title")
        for paged in (1, 2)
        for item in ET.fromstring(ask(demo, f"{DUC_TRONG}/feed/?paged={paged}").text).iter("item")
    ]
    assert len(titles) == 11
    assert ask(demo, f"{DUC_TRONG}/feed/?paged=3").status == 404
    comments = ask(demo, f"{DUC_TRONG}{http_path(demo, 'demo-duc-trong')}feed/").text
    assert not list(ET.fromstring(comments).iter("item"))


def test_files_are_whole() -> None:
    lines = ("Kế hoạch số 15/KH-UBND (mô phỏng)", "Huyện Sóc Sơn & các xã")
    printed = file_bytes("a.pdf", lines)
    start = int(printed.rpartition(b"startxref\n")[2].split()[0])
    offsets = [int(row[:10]) for row in printed[start:].splitlines()[3:8]]
    assert all(printed[offset:].startswith(b"%d 0 obj" % n) for n, offset in enumerate(offsets, 1))
    assert b"(ke hoach so 15 kh ubnd mo phong) Tj" in printed
    with zipfile.ZipFile(io.BytesIO(file_bytes("a.docx", lines))) as package:
        assert package.testzip() is None
        text = "".join(ET.fromstring(package.read("word/document.xml")).itertext())
    assert text == "".join(lines)
    assert file_bytes("a.png", ())[12:24] == b"IHDR" + (64).to_bytes(4, "big") + (40).to_bytes(4, "big")


def test_a_broken_portal_keeps_its_listings_but_no_article_can_be_read() -> None:
    portal = CATALOGUE.get("demo-nho-quan")
    platform = get_platform(portal.platform)
    with DemoSites(broken=frozenset(["demo-nho-quan"])) as broken:
        url = NHO_QUAN + http_path(broken, "demo-nho-quan")
        shown = fetch(broken, Fetch(url))
        assert shown.status == 200
        with pytest.raises(ExtractError):
            platform.extract(shown, portal)
        assert ask(broken, f"{SOC_SON}/lao-dong-xa-hoi").status == 200
