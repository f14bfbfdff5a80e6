"""What pages say for machines: JSON-LD, microdata, OpenGraph, machine dates; and dates that only an address carries."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parsel import Selector

from archive.models import ExtractError, Host, Page, Portal
from scraper.platforms import get_platform
from scraper.reading.structured import Said, published, read_structured, stamped

PARAGRAPH = "Huyện phấn đấu giảm 120 hộ nghèo, giải quyết việc làm cho 1.500 lao động trong năm nay. " * 3


def head(markup: str) -> Selector:
    return Selector(f"<html><head>{markup}</head><body></body></html>")


def json_ld(said: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(said)}</script>'


NEWS = {
    "@type": "NewsArticle",
    "headline": "Huyện giảm nghèo &amp; tạo việc làm",
    "datePublished": "2021-12-08T03:20:00Z",
    "dateModified": "2021-12-10",
    "author": [{"name": "Hoàng Lan"}],
    "articleSection": "Xã hội",
}
SAID = Said("Huyện giảm nghèo & tạo việc làm", "Hoàng Lan", "Xã hội", "2021-12-08T10:20:00+07:00", "2021-12-10")


@pytest.mark.parametrize("block", [NEWS, [{"@type": "WebSite"}, NEWS], {"@graph": [{"@type": ["Thing"]}, NEWS]}])
def test_json_ld_is_read_alone_in_a_list_or_in_a_graph(block: object) -> None:
    assert read_structured(head(json_ld(block))) == SAID


@pytest.mark.parametrize(
    "block", ["{", "[]", "7", '{"@graph": 7}', '{"@type": "WebPage", "headline": "x"}', '{"@type": 7}']
)
def test_json_ld_that_describes_no_article_says_nothing(block: str) -> None:
    assert read_structured(head(f'<script type="application/ld+json">{block}</script>')) == Said()


def test_open_graph_fills_what_json_ld_leaves_empty() -> None:
    meta = '<meta property="og:title" content="Tên bài"><meta property="article:published_time" content="2020-02-03">'
    assert read_structured(head(meta)) == Said("Tên bài", published="2020-02-03")


def test_the_sample_page_of_a_share_button_says_nothing() -> None:
    assert read_structured(head('<meta property="og:title" content="Your Website Title">')) == Said()


@pytest.mark.parametrize(
    ("markup", "when"),
    [
        ('<meta property="article:published_time" content="2023-07-12T09:04:00+07:00">', "2023-07-12T09:04:00+07:00"),
        ('<meta property="article:published_time" content="2023-07-12+0709:04:00">', None),  # NukeViet
        ('<meta name="pubdate" content="hôm qua"><meta name="datePublished" content="2023-07-12">', "2023-07-12"),
        ("", None),
    ],
)
def test_a_broken_stamp_is_no_date(markup: str, when: str | None) -> None:
    assert published(head(markup)) == when


def test_microdata_dates_an_article() -> None:
    root = Selector('<body><time itemprop="datePublished" datetime="2024-02-19T01:00:00Z">Mùng 10 Tết</time></body>')
    assert published(root) == stamped(root, "time") == "2024-02-19T08:00:00+07:00"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda x: (
            st.lists(x)
            | st.dictionaries(
                st.sampled_from(["@graph", "@type", "headline", "author", "name", "datePublished"]) | st.text(), x
            )
        ),
    )
)
def test_any_json_is_read_or_ignored(said: object) -> None:
    block = json.dumps(said).replace("<", "\\u003c")
    assert isinstance(read_structured(head(f'<script type="application/ld+json">{block}</script>')), Said)


def article(platform: str, path: str, body: str, meta: str = "") -> tuple[str | None, str | None]:
    url = f"https://x.gov.vn{path}"
    page = Page(url, f"<html><head>{meta}</head><body>{body}</body></html>".encode())
    portal = Portal("x", "X", platform, (Host("x.gov.vn"),), "https://x.gov.vn/")
    read = get_platform(platform).extract(page, portal)
    return read.published, read.published_source


TITLE = "Huyện giảm nghèo bền vững năm 2021"
PLAIN = f"<h1>{TITLE}</h1><p>{PARAGRAPH}</p>"
DATED = f"<h1>{TITLE}</h1><p>Ngày đăng: 01/02/2021 08:00</p><p>{PARAGRAPH}</p>"
META = '<meta property="article:published_time" content="2021-03-04T05:06:07+07:00">'


@pytest.mark.parametrize(
    ("platform", "path", "body", "meta", "expected"),
    [
        ("sharepoint", "/portal/pages/2021-03-25/huyen-1.aspx", PLAIN, "", ("2021-03-25", "url")),
        ("sharepoint", "/portal/pages/2021-03-25/huyen-1.aspx", DATED, "", ("2021-02-01T08:00:00+07:00", "page")),
        ("sharepoint", "/portal/pages/2021-13-45/huyen-1.aspx", PLAIN, "", (None, None)),
        ("newszone", "/tin/huyen-4210325083000123.htm", PLAIN, "", ("2021-03-25T08:30:00+07:00", "url")),
        ("newszone", "/tin/huyen-2805210325083000123.htm", PLAIN, "", ("2021-03-25T08:30:00+07:00", "url")),
        ("newszone", "/tin/huyen-4219925083000123.htm", PLAIN, "", (None, None)),
        ("newszone", "/tin/huyen-4000102581.htm", PLAIN, "", (None, None)),
        ("newszone", "/tin/huyen-4210325083000123.htm", DATED, "", ("2021-02-01T08:00:00+07:00", "page")),
        ("drupal", "/node/7", PLAIN, META, ("2021-03-04T05:06:07+07:00", "meta")),
        ("drupal", "/node/7", DATED, META, ("2021-02-01T08:00:00+07:00", "page")),
        ("joomla", "/index.php/tin/7-huyen", PLAIN, META, ("2021-03-04T05:06:07+07:00", "meta")),
        ("joomla", "/index.php/tin/7-huyen", f'{PLAIN}<p class="create">26 Tháng Mười Hai 2012</p>', "", ("2012-12-26", "page")),
        ("joomla", "/index.php/tin/7-huyen", f'{PLAIN}<p class="modified"><time datetime="2022-01-01">1/1</time></p>', "", (None, None)),
        ("joomla", "/index.php/tin/7-huyen", f'{DATED}<p class="published"><time datetime="2021-02-03">3/2</time></p>', "", ("2021-02-03", "page")),
        ("generic", "/tin/huyen-hop-104377.html", PLAIN, META, ("2021-03-04T05:06:07+07:00", "meta")),
        ("generic", "/tin/huyen-hop-104377.html", DATED, META, ("2021-02-01T08:00:00+07:00", "page")),
        ("generic", "/tin/huyen-hop-104377.html", PLAIN, "", (None, None)),
    ],
)  # fmt: skip
def test_the_page_dates_its_article_before_its_address_and_its_head(
    platform: str, path: str, body: str, meta: str, expected: tuple[str | None, str | None]
) -> None:
    assert article(platform, path, body, meta) == expected


def test_a_title_that_the_page_names_for_machines_is_believed_before_a_slogan() -> None:
    said = json_ld({"@type": "NewsArticle", "headline": TITLE})
    body = (
        f"<h1>Chung tay xây dựng quê hương giàu đẹp</h1><p>Tin tức</p><p>{TITLE}</p><p>{PARAGRAPH}</p><p>Huyện họp.</p>"
    )
    page = Page(
        "https://x.gov.vn/tin/huyen-104377.html", f"<html><head>{said}</head><body>{body}</body></html>".encode()
    )
    read = get_platform("generic").extract(page, Portal("x", "X", "generic", (), "https://x.gov.vn/"))
    assert (read.title, read.body, len(read.kinds)) == (TITLE, (PARAGRAPH.strip(), "Huyện họp."), 2)


@pytest.mark.parametrize("platform", ["drupal", "joomla", "sharepoint", "generic"])
def test_a_page_without_text_is_refused(platform: str) -> None:
    with pytest.raises(ExtractError):
        article(platform, "/tin/104377-huyen.html", "<p></p>")


TEASERS = "".join(
    f'<div class="node node-teaser"><h2><a href="/node/{n}">Tin</a></h2><div class="content">{TITLE}</div></div>'
    for n in range(20, 29)
)
LIST = "".join(
    f'<div class="item"><h2 class="contentheading"><a href="/index.php/{n}-huyen">Huyện họp</a></h2></div>'
    for n in range(3)
)


@pytest.mark.parametrize(
    ("platform", "path", "body", "shown"),
    [
        ("joomla", "/index.php/8-tin-t-c", f'<div class="blog">{LIST}<p>{PARAGRAPH}</p></div>', False),
        ("joomla", "/index.php/8-tin-t-c", f'{LIST}<div class="article-content">{PARAGRAPH}</div>', False),
        ("joomla", "/index.php/tin/8-huyen", f'<h2 class="contentheading">{TITLE}</h2><div class="article-content">{PARAGRAPH}</div>', True),
        ("drupal", "/node/7", f'<h1 class="title">{TITLE}</h1><div class="node"><div class="content">{PARAGRAPH}</div></div>', True),
        ("drupal", "/node/7", f"<h1 class=title>Tin</h1>{TEASERS}", False),
        ("drupal", "/node/7", "<h1>Truy cập bị từ chối</h1><p>Bạn không có quyền truy cập trang này.</p>", False),
        ("sharepoint", "/Trang/ChiTietTinTuc.aspx?nid=7", "<h2>Thông báo</h2><p>Không tìm thấy nội dung bạn yêu cầu.</p>", False),
    ],
)  # fmt: skip
def test_a_list_or_a_notice_at_an_address_like_an_articles_is_none(
    platform: str, path: str, body: str, shown: bool
) -> None:
    page = Page(f"https://x.gov.vn{path}", f"<html><body>{body}</body></html>".encode())
    portal = Portal("x", "X", platform, (Host("x.gov.vn"),), "https://x.gov.vn/")
    assert get_platform(platform).is_article(page, portal) is shown
