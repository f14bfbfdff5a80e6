"""What a page points to: documents, images, and the articles in feeds and sitemaps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parsel import Selector

from archive.models import Hint, Listing, Page
from scraper.reading.links import absolute, file_links, file_type, image_urls, xml_listing
from tests.pace import assert_within

BASE = "https://kimhai.test/tin/bai-1.html"


def body(html: str) -> Selector:
    return Selector(f"<div>{html}</div>").css("div")[0]


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("../a.html#x", "https://kimhai.test/a.html"),
        ("//anh.test/b", "https://anh.test/b"),
        ("javascript:void(0)", None),
        ("mailto:a@b.test", None),
        ("http://[x", None),
        ("#x", BASE),
        (" ", None),
    ],
)
def test_a_link_is_an_address_of_the_web_or_none(link: str, expected: str | None) -> None:
    assert absolute(link, BASE) == expected


@given(st.text())
def test_no_link_breaks_the_page(link: str) -> None:
    found = absolute(link, BASE)
    assert found is None or found.startswith("http")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("06-KH-UBND.PDF", "pdf"), ("bieu.xlsx", "xlsx"), ("anh.jpg", ""), ("pdf", ""), ("a.pdf.html", "")],
)
def test_a_documents_type_is_its_extension(name: str, expected: str) -> None:
    assert file_type(name) == expected


def test_documents_are_found_once_each_under_a_name_that_says_something() -> None:
    node = body(
        "<a href='/f/K%E1%BA%BF ho%E1%BA%A1ch.pdf'>Tải về</a> <a href='/f/a.doc'>Kế hoạch số 06/KH-UBND</a>"
        "<a href='/f/a.doc'>Xem tại đây</a> <a href='/f/b.html'>b</a> <a>không</a>"
        "<iframe src='https://docs.test/viewer?embedded=true&url=https%3A%2F%2Fkimhai.test%2Ff%2Fc.docx'></iframe>"
        "<object data='/f/d.xls'></object><iframe src='https://www.youtube.com/embed/x?src=1'></iframe>"
    )
    assert [(file.name, file.url, file.type) for file in file_links(node, BASE)] == [
        ("Kế hoạch.pdf", "https://kimhai.test/f/K%E1%BA%BF%20ho%E1%BA%A1ch.pdf", "pdf"),
        ("Kế hoạch số 06/KH-UBND", "https://kimhai.test/f/a.doc", "doc"),
        ("c.docx", "https://kimhai.test/f/c.docx", "docx"),
        ("d.xls", "https://kimhai.test/f/d.xls", "xls"),
    ]


def test_images_are_found_once_each_by_their_true_source() -> None:
    first = body("<img src='a.jpg'><img src='data:image/gif;base64,R0' data-src='/b.png'><img alt='x'>")
    second = body("<img src='/tin/a.jpg'><img data-original='/c.webp' src='/cho.gif'>")
    assert image_urls((first, second), BASE) == (
        "https://kimhai.test/tin/a.jpg",
        "https://kimhai.test/b.png",
        "https://kimhai.test/c.webp",
    )


# --- feeds and sitemaps ------------------------------------------------------------------------------------------


def listing(xml: str) -> Listing | None:
    return xml_listing(Page("https://kimhai.test/rss/", xml.encode()))


RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Tin tức</title>
<link>https://kimhai.test/</link><atom:link href="https://kimhai.test/rss/" rel="self" />
<item><title>Hỗ trợ &amp;#8220;nhà ở&amp;#8221;</title><link>https://kimhai.test/a-1.html</link>
<pubDate>Fri, 8 Nov 2024 18:05:00 GMT</pubDate></item>
<item><title>Không ngày</title><link>/b-2.html</link><pubDate>hôm qua</pubDate></item>
<item><title>Bình luận</title><link>https://kimhai.test/a-1.html#comment-7</link></item>
<item><title>Không địa chỉ</title></item>
</channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Tin</title><link rel="self" href="https://kimhai.test/atom/"/>
<entry><title type="html"><![CDATA[Một &#8211; hai]]></title><link rel="edit" href="/sua/1"/>
<link rel="alternate" href="https://kimhai.test/a/"/><updated>2024-02-02T00:00:00Z</updated>
<published>2024-01-31T20:00:00Z</published></entry></feed>"""

SITEMAP = """<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc>https://kimhai.test/a-1.html</loc><image:image><image:loc>https://kimhai.test/a.jpg</image:loc></image:image>
<lastmod>2024-11-08T12:55:00+07:00</lastmod></url>
<url><loc>https://kimhai.test/b-2.html</loc><news:news><news:publication_date>2024-01-02</news:publication_date></news:news></url>
<url><lastmod>2024-01-01</lastmod></url></urlset>"""


def test_a_feed_gives_addresses_titles_and_times_of_its_articles_but_not_of_comments() -> None:
    assert listing(RSS) == Listing(
        (
            Hint("https://kimhai.test/a-1.html", "feed", "2024-11-09T01:05:00+07:00", title="Hỗ trợ “nhà ở”"),
            Hint("https://kimhai.test/b-2.html", "feed", None, title="Không ngày"),
        )
    )
    assert listing(ATOM) == Listing(
        (Hint("https://kimhai.test/a/", "feed", "2024-02-01T03:00:00+07:00", title="Một – hai"),)
    )


def test_a_sitemap_gives_addresses_and_times() -> None:
    assert listing(SITEMAP) == Listing(
        (
            Hint("https://kimhai.test/a-1.html", "sitemap", "2024-11-08T12:55:00+07:00"),
            Hint("https://kimhai.test/b-2.html", "sitemap", "2024-01-02"),
        )
    )


def test_a_sitemap_index_gives_the_sitemaps_to_fetch() -> None:
    found = listing("<sitemapindex><sitemap><loc>https://kimhai.test/s1.xml</loc></sitemap><sitemap/></sitemapindex>")
    assert found is not None
    assert [fetch.url for fetch in found.next] == ["https://kimhai.test/s1.xml"]


@pytest.mark.parametrize("text", ["", "<html><rss>", "<!doctype html><html><p>rss", "User-agent: *", "[1]"])
def test_other_pages_are_no_feed(text: str) -> None:
    assert listing(text) is None


def test_a_feed_cut_off_gives_what_it_still_holds() -> None:
    found = listing(RSS[: RSS.index("<item><title>Bình luận")])
    assert found is not None
    assert len(found.hints) == 2


def test_entities_that_multiply_are_not_followed() -> None:
    bomb = "".join(f"<!ENTITY a{n + 1} '{f'&a{n};' * 10}'>" for n in range(9))
    xml = f"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a0 'ha'>{bomb}<!ENTITY f SYSTEM 'file:///etc/passwd'>]>"
    feed = f"{xml}<rss><channel><item><title>&a9;&f;</title><link>/a-1.html</link></item></channel></rss>"
    assert_within(lambda: listing(feed), 0.5)
    found = listing(feed)
    assert found is not None
    assert all("root:" not in (hint.title or "") and len(hint.title or "") < 100 for hint in found.hints)
