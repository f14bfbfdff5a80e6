"""HNP, Liferay, WebSphere and VNPT: keys of their URLs, listings, paging, and what is no article."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.models import ExtractError, Fetch, Host, Page, Portal
from scraper.platforms import get_platform
from tests.pace import assert_within

HNP_PORTLET = "vcmsviewcontent_WAR_VCMSportlet_INSTANCE_x1"
FAMILIES = ("hnp", "liferay", "vnpt", "websphere")
KEYS = [
    ("hnp", "http://hanoi.gov.vn/tintuc/-/hn/qPd5aBcD12eF/103/124578/1/bai.html;jsessionid=Ab1.app2", "124578"),
    ("hnp", "http://hanoi.gov.vn/tintuc/-/hn/qPd5aBcD12eF/103/124578/", "124578"),
    (
        "hnp",
        f"http://hanoi.gov.vn/?p_p_id={HNP_PORTLET}&_{HNP_PORTLET}_articleId=124578&news-kind=news-newest",
        "124578",
    ),
    ("hnp", "http://hanoi.gov.vn/html/portlet/vcmsviewcontent/print_article.jsp?printArticleId=124578", None),
    ("hnp", "http://hanoi.gov.vn/vcms/download_attachment?attachmentId=7", None),
    ("hnp", "http://hanoi.gov.vn/tintuc/-/hn/qPd5aBcD12eF/103", None),
    (
        "liferay",
        "https://x.gov.vn/tin/-/asset_publisher/aB3dE5fG7hI9/content/bai-viet?inheritRedirect=false",
        "bai-viet",
    ),
    (
        "liferay",
        "https://x.gov.vn/web/xa/tin/-/asset_publisher/aB3dE5fG7hI9/content/bai-viet;jsessionid=1.a",
        "bai-viet",
    ),
    ("liferay", "https://x.gov.vn/tin/-/asset_publisher/aB3dE5fG7hI9/content/id/881204", "id/881204"),
    ("liferay", "https://x.gov.vn/-/B%C3%A0i-vi%E1%BA%BFt", "bài-viết"),
    ("liferay", "https://x.gov.vn/vi/w/bai-viet", "bai-viet"),
    ("liferay", "https://x.gov.vn/tin/-/view_content/content/42/bai-viet", "entry/42"),
    ("liferay", "https://x.gov.vn/-/details/42/bai-viet-99", "details/42"),
    ("liferay", "https://x.gov.vn/chi-tiet-tin-tuc?d=1045&c=7", "d/1045"),
    ("liferay", "https://x.gov.vn/tin?_101_INSTANCE_x_articleId=77", "77"),
    ("liferay", "https://x.gov.vn/tin/-/asset_publisher/aB3dE5fG7hI9/rss", None),
    ("liferay", "https://x.gov.vn/-/bai-viet?p_p_state=pop_up&viewMode=print", None),
    ("liferay", "https://x.gov.vn/tin?_101_INSTANCE_x_cur=2", None),
    ("liferay", "https://x.gov.vn/documents/20182/0/a.pdf/uuid", None),
    (
        "websphere",
        "https://x.gov.vn/wps/portal/Home/2019/home/tin-chi-tiet/sa-tin/bai-viet#gsc.tab=0",
        "sa-tin/bai-viet",
    ),
    (
        "websphere",
        "https://x.gov.vn/wps/portal/Home/home/tin-chi-tiet/sa-tin/bai-viet/!ut/p/z1/04_Sj9/",
        "sa-tin/bai-viet",
    ),
    ("websphere", "https://x.gov.vn/wps/portal/!ut/p/z1/04_Sj9CPykssy0/", None),
    ("websphere", "https://x.gov.vn/wps/wcm/connect/tep/van-ban.pdf?MOD=AJPERES", None),
    ("vnpt", "https://x.gov.vn/tin-tuc/bai-viet-124578?pageindex=0", "124578"),
    ("vnpt", "https://x.gov.vn/tin-tuc/xa-hoi/bai-viet-124578/", "124578"),
    ("vnpt", "https://x.gov.vn/tin-tuc", None),
    ("vnpt", "https://x.gov.vn/van-ban-2023", None),
    ("vnpt", "https://x.gov.vn/tin-tuc/2023-12", None),
    ("vnpt", "https://x.gov.vn/upload/90341/bai-viet-1", None),
]


def portal(platform: str, home: str = "https://x.gov.vn/") -> Portal:
    return Portal(
        "x", "X", platform, (Host("x.gov.vn"),), home, sections={"Tin tức": "/tin-tuc", "Xã hội": "/tin-tuc/xh"}
    )


def page(body: str, url: str = "https://x.gov.vn/tin-tuc", status: int = 200) -> Page:
    return Page(url, body.encode(), status)


@pytest.mark.parametrize(("platform", "url", "key"), KEYS)
def test_the_key_of_an_article_is_in_its_url(platform: str, url: str, key: str | None) -> None:
    assert get_platform(platform).article_key(url) == key


@settings(deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=80), st.sampled_from(FAMILIES))
def test_any_path_has_a_key_or_none(path: str, platform: str) -> None:
    key = get_platform(platform).article_key("https://x.gov.vn/" + path.replace("[", "").replace("]", ""))
    assert key is None or key


def test_a_crawl_starts_at_the_sections_or_at_home() -> None:
    platform = get_platform("vnpt")
    assert platform.start(portal("vnpt"))[0] == Fetch("https://x.gov.vn/tin-tuc", section="Tin tức")
    bare = Portal("x", "X", "vnpt", (Host("x.gov.vn"),), "https://x.gov.vn/")
    assert platform.start(bare) == (Fetch("https://x.gov.vn/"),)


CARDS = """<div class="news-items"><div class="news-item"><div class="d-md-block"><a href="/-/mot;jsessionid=1.a"><img></a>
<p class="asset-publisher-title"><a href="/-/mot">Một tin về giảm nghèo ở xã…</a></p><p>Sáng ngày 9/7/2026, huyện họp.</p>
<span class="text-date-sklh">15:55 | 10/07/2026</span></div><div class="d-md-none"><a href="/-/mot">Một tin về giảm nghèo ở
xã vùng cao</a></div></div><div class="nd_detail"><div><a href="/-/hai">Hai tin về việc làm mới</a></div>
<span>(11/07/2026 08:00)</span></div><p><a href="/-/ba">Ba tin không có ngày đăng</a></p></div>
<p><a href="/gioi-thieu">Giới thiệu chung về huyện</a> Hôm nay: 22/11/2026</p>"""


def test_a_card_rendered_twice_is_one_hint_with_its_date() -> None:
    listing = get_platform("liferay").parse_listing(page(CARDS), portal("liferay"))
    assert [(hint.url, hint.title, hint.published) for hint in listing.hints] == [
        ("https://x.gov.vn/-/mot", "Một tin về giảm nghèo ở xã vùng cao", "2026-07-10T15:55:00+07:00"),
        ("https://x.gov.vn/-/hai", "Hai tin về việc làm mới", "2026-07-11T08:00:00+07:00"),
        ("https://x.gov.vn/-/ba", "Ba tin không có ngày đăng", None),
    ]
    assert {(hint.source, hint.section) for hint in listing.hints} == {("listing", "Tin tức")}


def test_the_dates_beside_related_articles_are_not_believed() -> None:
    article = page(CARDS, "https://x.gov.vn/-/bon")
    assert [hint.published for hint in get_platform("liferay").parse_listing(article, portal("liferay")).hints] == [
        None
    ] * 3


def test_the_nearest_section_above_a_listing_names_it() -> None:
    listing = get_platform("liferay").parse_listing(page(CARDS, "https://x.gov.vn/tin-tuc/xh?x=1"), portal("liferay"))
    assert listing.hints[0].section == "Xã hội"


@pytest.mark.parametrize(
    ("here", "following"),
    [
        ("https://x.gov.vn/tin-tuc", ["https://x.gov.vn/tin-tuc?_101_INSTANCE_x_cur=2"]),
        ("https://x.gov.vn/tin-tuc?_101_INSTANCE_x_cur=2", ["https://x.gov.vn/tin-tuc?_101_INSTANCE_x_cur=3"]),
        ("https://x.gov.vn/tin-tuc?_101_INSTANCE_x_cur=3", []),
        ("https://x.gov.vn/tin-tuc?_101_INSTANCE_x_cur=99", []),
    ],
)
@pytest.mark.parametrize("platform", ["hnp", "liferay"])
def test_liferay_is_paged_by_its_pager_and_never_past_the_end(platform: str, here: str, following: list[str]) -> None:
    pager = "".join(f'<a href="/tin-tuc?_101_INSTANCE_x_cur={n}">{n}</a>' for n in (3, 2, 1))
    listing = get_platform(platform).parse_listing(page(CARDS + pager, here), portal(platform))
    assert [fetch.url for fetch in listing.next] == following


VNPT_LIST = """<div class="UIArticleInMenu_Default"><ul class="ArticleList"><li class="row"><h2 class="Title">
<a href="/tin-tuc/giam-ngheo-11">Huyện triển khai chương trình giảm nghèo</a></h2><div class="Ngaydang">12/07/2023</div>
<p>Ngày 10/7/2023, UBND huyện họp.</p></li></ul></div><script>var maxPage = parseInt(3); $.ajax({data: {
article_category_id: 4711, categoryIds: "4711,4712", site_id: 90210, page_size: 10, show_no: false, keyword: ""}});</script>"""


def test_vnpt_asks_for_every_further_page_with_the_values_of_its_script() -> None:
    listing = get_platform("vnpt").parse_listing(page(VNPT_LIST), portal("vnpt"))
    assert [(hint.url, hint.published) for hint in listing.hints] == [
        ("https://x.gov.vn/tin-tuc/giam-ngheo-11", "2023-07-12")
    ]
    assert [dict(fetch.form or ())["page"] for fetch in listing.next] == ["2", "3"]
    form = dict(listing.next[0].form or ())
    assert form["article_category_id"] == "4711"
    assert form["categoryIds"] == "4711,4712"
    assert form["no"] == "-10"
    assert form["show_no"] == "False"
    assert form["keyword"] == ""
    assert listing.next[0].headers == (("Referer", "https://x.gov.vn/tin-tuc"),)
    assert listing.next[0].section == "Tin tức"
    assert listing.next[0].url.startswith(
        "https://x.gov.vn/DesktopModule/UIArticleInMenu/ArticleInMenuPagination.aspx/"
    )


def test_a_fragment_of_a_vnpt_list_is_a_listing_without_next_pages() -> None:
    fragment = '<li class="row"><a href="/tin-tuc/viec-lam-12">Phiên giao dịch việc làm</a><div>11/07/2023</div></li>'
    listing = get_platform("vnpt").parse_listing(
        page(fragment, "https://x.gov.vn/DesktopModule/LoadArticle"), portal("vnpt")
    )
    assert [hint.published for hint in listing.hints] == ["2023-07-11"]
    assert listing.next == ()


@pytest.mark.parametrize(
    "script", ["", "maxPage = 3;", "article_category_id: 1, site_id: 2, page_size: 10", "maxPage = 1"]
)
def test_a_vnpt_page_that_does_not_say_how_it_is_paged_is_not(script: str) -> None:
    assert get_platform("vnpt").parse_listing(page(f"<script>{script}</script>"), portal("vnpt")).next == ()


def test_websphere_lists_give_the_dates_that_articles_lack() -> None:
    row = '<tr><td><a href="/wps/portal/Home/tin-chi-tiet/sa-tin/bai">Huyện dạy nghề cho lao động</a></td><td>03/05/2019</td></tr>'
    listing = get_platform("websphere").parse_listing(page(f"<table>{row}</table>"), portal("websphere"))
    assert [(hint.title, hint.published) for hint in listing.hints] == [("Huyện dạy nghề cho lao động", "2019-05-03")]


def test_a_feed_is_a_listing_of_the_articles_in_it() -> None:
    item = "<item><title>Bài viết</title><link>https://x.gov.vn/tin-tuc/bai-viet-5</link></item>"
    other = "<item><title>Trang</title><link>https://x.gov.vn/gioi-thieu</link></item>"
    feed = page(f"<?xml version='1.0'?><rss><channel>{item}{other}</channel></rss>", "https://x.gov.vn/rss.aspx")
    listing = get_platform("vnpt").parse_listing(feed, portal("vnpt"))
    assert [(hint.url, hint.source) for hint in listing.hints] == [("https://x.gov.vn/tin-tuc/bai-viet-5", "feed")]


@pytest.mark.parametrize("platform", FAMILIES)
def test_an_empty_page_lists_nothing(platform: str) -> None:
    listing = get_platform(platform).parse_listing(page(" "), portal(platform))
    assert not listing.hints
    assert not listing.next


ARTICLE_URL = "https://x.gov.vn/tin-tuc/bai-viet-5"
TEASERS = "".join(
    f'<div><h3><a href="/tin-tuc/tin-{n}">Một tin nữa của huyện trong tuần</a></h3><p>Tin vắn.</p></div>'
    for n in range(9)
)
PARAGRAPH = "Huyện phấn đấu giảm 120 hộ nghèo, giải quyết việc làm cho 1.500 lao động. " * 3


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        (f"<h1>Huyện giảm nghèo bền vững</h1><p>{PARAGRAPH}</p>", 200, True),
        (f"<h1>Huyện giảm nghèo bền vững</h1><p>12/07/2023</p><p>{PARAGRAPH}</p>{TEASERS}", 200, True),
        ("<div class=ArticleHeader>Lịch</div><div class=ArticleContent>Nghỉ.</div>", 200, True),
        ("<p>?</p>", 200, True),
        (f"<h1>Huyện giảm nghèo bền vững</h1><p>{PARAGRAPH}</p>", 404, False),
        (f"<h1>Tin tức</h1>{TEASERS}", 200, False),
        ("<form>Đăng nhập <input type=password></form><p>Mời đăng nhập</p><input type=password>", 200, False),
        ("<h2>Thông báo</h2><p>Không tìm thấy nội dung bạn yêu cầu.</p>", 200, False),
    ],
)
def test_an_article_is_told_from_a_list_a_notice_and_a_sign_in_form(body: str, status: int, expected: bool) -> None:
    assert get_platform("vnpt").is_article(page(body, ARTICLE_URL, status), portal("vnpt")) is expected


@pytest.mark.parametrize(
    ("body", "url", "message"),
    [
        ("<p>?</p>", ARTICLE_URL, "title"),
        ("<h1>Huyện giảm nghèo bền vững trong năm</h1>", ARTICLE_URL, "no text"),
        ("<h1>Huyện giảm nghèo bền vững trong năm</h1>", "https://x.gov.vn/tin-tuc", "not the address"),
        (" ", ARTICLE_URL, "empty"),
    ],
)
def test_what_is_missing_is_named(body: str, url: str, message: str) -> None:
    with pytest.raises(ExtractError, match=message):
        get_platform("vnpt").extract(page(body, url), portal("vnpt"))


def test_the_selectors_of_a_portal_go_over_those_of_its_platform() -> None:
    html = f"<div class=ten>Huyện giảm nghèo</div><div class=chu><p>{PARAGRAPH}</p></div><p>{PARAGRAPH}</p>"
    own = Portal("x", "X", "vnpt", (), "https://x.gov.vn/", selectors={"title": ".ten", "body": ".chu"})
    article = get_platform("vnpt").extract(page(html, ARTICLE_URL), own)
    assert (article.title, len(article.body)) == ("Huyện giảm nghèo", 1)


HOSTILE = {
    "deep bold": "<b>" * 20_000 + "x",
    "nested dates": "<div><span>12/07/2023</span>" * 2_000 + "x" * 50_000,
    "one line": "<p>" + "Nguyễn Văn A, " * 7_000,
    "open brackets": "(" * 100_000,
    "settings": "maxPage = 9 site_id : '" * 5_000,
    "links": '<a href="/tin-tuc/tin-5">Một tin của huyện</a>' * 2_000,
    "bad urls": '<a href="http://[">x</a>' * 2_000,
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("platform", FAMILIES)
def test_a_hostile_page_costs_a_few_seconds_at_most(platform: str, body: str) -> None:
    family, owner, tries = get_platform(platform), portal(platform), count()

    def read() -> None:
        made = page(f"<body>{body}<!-- {next(tries)} -->")  # the latest page is remembered
        family.fingerprint(made)
        family.is_article(made, owner)
        family.parse_listing(made, owner)
        try:
            family.extract(Page(ARTICLE_URL, made.body), owner)
        except ExtractError as error:
            assert str(error)

    assert_within(read, 4)


@settings(deadline=None)
@given(st.text(alphabet="<>/=\"' ahrefspndivtb1029:|.(-)\n", max_size=300), st.sampled_from(FAMILIES))
def test_any_markup_is_read_or_refused_with_a_reason(markup: str, platform: str) -> None:
    urls = {"hnp": "/-/hn/a/1/5/", "liferay": "/-/bai", "vnpt": "/tin-tuc/bai-5", "websphere": "/tin-chi-tiet/bai"}
    made = page(f"<body>x{markup}", f"https://x.gov.vn{urls[platform]}")
    family = get_platform(platform)
    family.parse_listing(made, portal(platform))
    try:
        article = family.extract(made, portal(platform))
    except ExtractError as error:
        assert str(error)
    else:
        assert article.title
        assert article.body
        assert len(article.body) == len(article.kinds)
