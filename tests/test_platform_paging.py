"""How lists are paged: numbers in addresses, postbacks of ASP.NET, fragments of NewsZone, views and REST of SharePoint."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from parsel import Selector

from archive.models import Fetch, Host, Page, Portal
from scraper.platforms import get_platform
from scraper.reading.pager import next_number, next_postback, numbered

HOME = "https://x.gov.vn"
LIST = f"{HOME}/Trang/tin-tuc.aspx"


def portal(platform: str, **sections: str) -> Portal:
    return Portal("x", "X", platform, (Host("x.gov.vn"),), f"{HOME}/", sections=sections)


def page(body: str, url: str = LIST) -> Page:
    return Page(url, body.encode())


@pytest.mark.parametrize(
    ("here", "links", "following"),
    [
        ("/tin", ["/tin?trang=1", "/tin?trang=3", "/tin?trang=2"], "/tin?trang=2"),
        ("/tin?trang=2", ["/tin?trang=1", "/tin?trang=2", "/tin?trang=3"], "/tin?trang=3"),
        ("/tin?trang=9", ["/tin?trang=10", "/tin?trang=11"], "/tin?trang=10"),
        ("/tin?trang=3", ["/tin?trang=1", "/tin?trang=2"], None),
        ("/tin?c=5", ["/tin?c=5&trang=2", "/tin?c=6&trang=2"], "/tin?c=5&trang=2"),
        ("/tin?trang=2&c=5", ["/tin?c=5&trang=3"], "/tin?c=5&trang=3"),
        ("/tin", ["/khac?trang=2"], None),
        ("/tin/", ["/tin/page/2/"], "/tin/page/2/"),
        ("/tin/page/2/", ["/tin/page/3/"], "/tin/page/3/"),
        ("/tin/page/2?c=5", ["/tin/page/3?c=5"], "/tin/page/3?c=5"),
        ("/tin?c=5", ["/tin/page/2?c=6", "/tin/page/2?c=5"], "/tin/page/2?c=5"),
        ("/tin", ["/tin?homepage=2", "/tin?trang=hai"], None),
    ],
)
def test_the_next_page_of_the_same_list_has_the_smallest_higher_number(
    here: str, links: list[str], following: str | None
) -> None:
    root = Selector("".join(f'<a href="{link}">.</a>' for link in links))
    found = next_number(root, HOME + here, numbered("trang", "page"))
    assert found == (following and HOME + following)


@pytest.mark.parametrize(("here", "following"), [("", "1"), ("?page=1", "2"), ("?page=2", None)])
def test_drupal_counts_its_pages_from_0(here: str, following: str | None) -> None:
    body = '<a href="?page=0">1</a><a href="?page=1">2</a><a href="?page=2">3</a>'
    found = get_platform("drupal").parse_listing(page(body, f"{HOME}/tin-tuc{here}"), portal("drupal"))
    assert [fetch.url for fetch in found.next] == ([f"{HOME}/tin-tuc?page={following}"] if following else [])


@pytest.mark.parametrize(("here", "following"), [("", "10"), ("?start=10", "20"), ("?start=20", None)])
def test_joomla_counts_in_articles(here: str, following: str | None) -> None:
    body = '<a href="/index.php/tin">1</a><a href="?start=10">2</a><a href="?start=20">3</a>'
    found = get_platform("joomla").parse_listing(page(body, f"{HOME}/index.php/tin{here}"), portal("joomla"))
    assert [fetch.url for fetch in found.next] == ([f"{HOME}/index.php/tin?start={following}"] if following else [])


# --- postbacks -----------------------------------------------------------------------------------------------

STATE = (
    '<input type="hidden" name="__EVENTTARGET" value=""><input type="hidden" name="__EVENTARGUMENT" value="">'
    '<input type="hidden" name="__VIEWSTATE" value="abc/+=="><input type="hidden" name="__EVENTVALIDATION" value="v">'
    '<input type="text" name="q" value="tim"><input type="submit" name="tim" value="Tìm">'
)


def form(pager: str, state: str = STATE, action: str = "./tin-tuc.aspx") -> Selector:
    return Selector(f'<body><form method="post" action="{action}">{state}<div>{pager}</div></form></body>')


def button(target: str, argument: str, text: str, attributes: str = "") -> str:
    return f"<a {attributes} href=\"javascript:__doPostBack('{target}','{argument}')\">{text}</a> "


def grid(numbers: list[int], here: int) -> str:
    cells = (f"<td>{button('g', f'Page${n}', str(n)) if n != here else f'<span>{n}</span>'}</td>" for n in numbers)
    return f"<table><tr>{''.join(cells)}</tr></table>"


def labels(numbers: list[int], here: int, marked: bool = False) -> str:
    """Return a pager whose buttons have targets of their own; the current page is no link, or a marked one."""
    mark = 'class="active"'
    buttons = (
        f" {n} " if n == here and not marked else button(f"r$ctl{n:02d}$l", "", str(n), mark if n == here else "")
        for n in numbers
    )
    return "".join(buttons)


@pytest.mark.parametrize(
    ("pager", "target", "argument"),
    [
        (grid([1, 2, 3], 1), "g", "Page$2"),
        (grid([1, 2, 3], 2), "g", "Page$3"),
        (grid([1, 2, 3], 3), None, ""),
        (labels([1, 2, 3], 1), "r$ctl02$l", ""),
        (labels([1, 2, 3], 2), "r$ctl03$l", ""),
        (labels([1, 2, 3], 3), None, ""),
        (labels([1, 2, 3], 2, marked=True), "r$ctl03$l", ""),
        (labels([1, 2, 3], 3, marked=True), None, ""),
        (labels([9, 10], 10) + button("r$ctl11$l", "", "..."), "r$ctl11$l", ""),
        (button("r$ctl10$l", "", "...") + labels([11, 12], 12), None, ""),
        (labels([1, 2], 2) + button("p$sau", "", "Sau"), "p$sau", ""),
        (labels([1, 2], 1) + button("p$sau", "", "Sau"), "r$ctl02$l", ""),
        (labels([1, 2], 2) + button("p$cuoi", "", "»"), None, ""),
        (button("p$truoc", "", "Trang trước") + button("p$sau", "", "Trang sau"), "p$sau", ""),
        (button("p$truoc", "", "‹") + button("p$sau", "", "›"), "p$sau", ""),
        (button("p$n", "", "", 'class="rgPageNext" title="Next Page"'), "p$n", ""),
        (button("lich", "9124", "2") + button("lich", "9125", "3"), None, ""),  # the days of a calendar
        (button("dangnhap", "", "Đăng nhập"), None, ""),
        ("", None, ""),
    ],
)
def test_a_click_on_the_next_page_is_found_in_the_pager(pager: str, target: str | None, argument: str) -> None:
    found = next_postback(form(pager), LIST, "Tin tức")
    sent = [dict(fetch.form or ()) for fetch in found]
    assert [(one["__EVENTTARGET"], one["__EVENTARGUMENT"]) for one in sent] == ([(target, argument)] if target else [])


def test_a_postback_sends_the_hidden_fields_and_nothing_else() -> None:
    (found,) = next_postback(form(grid([1, 2], 1)), LIST, "Tin tức")
    expected = {"__EVENTTARGET": "g", "__EVENTARGUMENT": "Page$2", "__VIEWSTATE": "abc/+==", "__EVENTVALIDATION": "v"}
    assert dict(found.form or ()) == expected
    assert (found.url, found.section, found.headers) == (LIST, "Tin tức", (("Referer", LIST),))


@pytest.mark.parametrize(("action", "url"), [("", LIST), ("/So/x/", f"{HOME}/So/x/"), ("javascript:void(0)", LIST)])
def test_a_postback_goes_where_its_form_does(action: str, url: str) -> None:
    assert [fetch.url for fetch in next_postback(form(grid([1, 2], 1), action=action), LIST, None)] == [url]


def test_without_a_view_state_or_a_form_there_is_no_postback() -> None:
    assert next_postback(form(grid([1, 2], 1), state=""), LIST, None) == ()
    assert next_postback(Selector(f"<body>{STATE}{grid([1, 2], 1)}</body>"), LIST, None) == ()


def test_the_options_of_a_web_form_are_a_postback_too() -> None:
    script = (
        "javascript:WebForm_DoPostBackWithOptions(new WebForm_PostBackOptions(&quot;p$sau&quot;, &quot;&quot;, true))"
    )
    (found,) = next_postback(form(f'<a href="{script}">Tiếp theo</a>'), LIST, None)
    assert dict(found.form or ())["__EVENTTARGET"] == "p$sau"


# --- NewsZone ------------------------------------------------------------------------------------------------

ZONE_ITEMS = "".join(
    f'<a href="/tin/huyen-hop-ban-28025101409311234{n}.htm">Huyện họp bàn, tin {n}</a>' for n in range(2)
)
ZONES = {
    "fields": '<input type="hidden" id="hdCatname" value="aB+/="><input type="hidden" name="Site" value="s=="><input type="hidden" id="PageSize" value="10">',
    "data": '<div data-catname="aB+/=" data-site="s==" data-pagesize="10"></div>',
    "script": '<script>$.post("/api/NewsZone/NewsZone", {Catname: "aB+/=", Site: \'s==\', PageSize: 10})</script>',
}


@pytest.mark.parametrize("said", ZONES.values(), ids=ZONES)
def test_newszone_asks_for_the_next_fragment_with_the_values_of_the_page(said: str) -> None:
    platform, owner = get_platform("newszone"), portal("newszone")
    (second,) = platform.parse_listing(page(ZONE_ITEMS + said, f"{HOME}/tin.htm"), owner).next
    sent = [pair for pair in second.form or () if pair[0] != "DataIds[]"]
    assert dict(sent) == {"PageIndex": "2", "PageSize": "10", "Catname": "aB+/=", "Site": "s=="}
    assert [value for name, value in second.form or () if name == "DataIds[]"] == [
        "280251014093112340",
        "280251014093112341",
    ]
    (third,) = platform.parse_listing(page(ZONE_ITEMS, second.url), owner).next
    assert dict(third.form or ())["PageIndex"] == "3"
    assert dict(third.form or ())["Catname"] == "aB+/="
    assert platform.parse_listing(page("<p></p>", third.url), owner).next == ()


@pytest.mark.parametrize("said", ["", '<input type="hidden" id="hdCatname" value="a">', "Site: 's'"])
def test_a_newszone_page_that_does_not_say_which_list_it_is_is_not_paged(said: str) -> None:
    assert get_platform("newszone").parse_listing(page(ZONE_ITEMS + said), portal("newszone")).next == ()


# --- SharePoint ----------------------------------------------------------------------------------------------


def test_the_view_of_a_classic_list_is_followed_by_its_rows() -> None:
    view = "/Lists/TinTuc/AllItems.aspx?Paged=TRUE&amp;p_ID={0}&amp;PageFirstRow={0}"
    body = "".join(f'<a href="{view.format(row)}">.</a>' for row in (1, 31, 61))
    listing = get_platform("sharepoint").parse_listing(
        page(body, f"{HOME}/Lists/TinTuc/AllItems.aspx?Paged=TRUE&p_ID=31&PageFirstRow=31"), portal("sharepoint")
    )
    assert [fetch.url for fetch in listing.next] == [
        f"{HOME}/Lists/TinTuc/AllItems.aspx?Paged=TRUE&p_ID=61&PageFirstRow=61"
    ]


def test_a_list_paged_by_links_needs_no_postback() -> None:
    body = f'<form>{STATE}<a href="?page=2">2</a>{grid([1, 2], 1)}</form>'
    listing = get_platform("sharepoint").parse_listing(page(body), portal("sharepoint"))
    assert listing.next == (Fetch(f"{LIST}?page=2"),)


REST = f"{HOME}/_api/web/lists/getByTitle('TinTuc')/items?$top=2"
ITEMS = [
    {"Title": "Huyện hỗ trợ nhà ở", "FileRef": "/Lists/TinTuc/83_.000", "Created": "2021-03-25T01:30:00Z"},
    {"Title": "Huyện họp", "FileRef": "/sites/dl/SitePages/Huyen-hop-ban-ve-giam-ngheo.aspx"},
    {"Title": "Kế hoạch", "FileRef": "/Shared Documents/ke-hoach.pdf", "Created": "2021-03-25T01:30:00Z"},
    {"Title": 7},
]


@pytest.mark.parametrize("wrapped", [True, False])
def test_a_rest_list_names_articles_dates_and_its_next_page(wrapped: bool) -> None:
    said = (
        {"results": ITEMS, "__next": f"{REST}&$skiptoken=2"}
        if wrapped
        else {"value": ITEMS, "odata.nextLink": f"{REST}&$skiptoken=2"}
    )
    body = json.dumps({"d": said} if wrapped else said)
    owner = replace(portal("sharepoint"), sections={"Tin": REST})
    listing = get_platform("sharepoint").parse_listing(page(body, REST), owner)
    assert {hint.section for hint in listing.hints} == {fetch.section for fetch in listing.next} == {"Tin"}
    assert [(hint.url, hint.source, hint.published) for hint in listing.hints] == [
        (f"{HOME}/Lists/TinTuc/DispForm.aspx?ID=83", "rest", "2021-03-25T08:30:00+07:00"),
        (f"{HOME}/sites/dl/SitePages/Huyen-hop-ban-ve-giam-ngheo.aspx", "rest", None),
    ]
    (following,) = listing.next
    assert following.url.endswith("skiptoken=2")
    assert following.headers == (("Accept", "application/json;odata=verbose"),)


@pytest.mark.parametrize("body", ["{", '{"d": []}', '{"d": {"results": 7}}', '{"error": {}}'])
def test_a_rest_answer_without_items_lists_nothing(body: str) -> None:
    listing = get_platform("sharepoint").parse_listing(page(body, REST), portal("sharepoint"))
    assert (listing.hints, listing.next) == ((), ())


def test_a_section_that_is_a_rest_list_is_asked_for_as_json() -> None:
    owner = replace(
        portal("sharepoint"), sections={"Tin": "/_api/web/lists/getByTitle('TinTuc')/items", "Tin 2": "/Trang/tin.aspx"}
    )
    rest, shown = get_platform("sharepoint").start(owner)
    assert dict(rest.headers)["Accept"].startswith("application/json")
    assert shown == Fetch(f"{HOME}/Trang/tin.aspx", section="Tin 2")


# --- Liferay -------------------------------------------------------------------------------------------------


def test_sections_that_share_a_page_are_told_by_their_category() -> None:
    portlet = "vn_gov_hoabinh_portlet_cmsview_CmsViewPortlet_INSTANCE_k2"
    address = f"/web/guest/cms?p_p_id={portlet}&_{portlet}_categoryId="
    owner = replace(portal("hnp"), sections={"Văn hóa": f"{address}1", "Kinh tế": f"{address}2"})
    body = f'<a href="/web/guest/cms?_{portlet}_articleId=7">Một tin về giảm nghèo</a><a href="{address}1&amp;_{portlet}_cur=2">2</a>'
    listing = get_platform("hnp").parse_listing(page(body, f"{HOME}{address}1"), owner)
    assert {hint.section for hint in listing.hints} == {fetch.section for fetch in listing.next} == {"Văn hóa"}


# --- the interfaces of SharePoint ----------------------------------------------------------------------------

DI_LINH = "https://w3.lamdong.gov.vn/sites/dilinh"
SOURCE = f"{DI_LINH}/_api/web/lists/getByTitle('Quản lý văn bản')/items?$orderby=Modified desc&$top=2"
REST_API = "https://api.lamdong.gov.vn/RestApi/Readjson"
PLAN = {
    "__metadata": {"uri": f"{DI_LINH}/_api/Web/Lists(guid'9F0C7E11-31A2-4C5B-8D77-0A1B2C3D4E5F')/Items(83)"},
    "Tr_x00ed_ch_x0020_y_x1ebf_u": "Kế hoạch giảm nghèo bền vững năm 2022 của huyện Di Linh",
    "Ng_x00e0_y_x0020_ban_x0020_h_x00": "2022-01-11T17:00:00Z",
    "S_x1ed1_x0020_k_x00fd__x0020_hi_": "06/KH-UBND",
}


def lam_dong() -> Portal:
    return replace(
        portal("sharepoint"), sections={"Văn bản": f"{REST_API}?SourceUrl={SOURCE}", "Tin": "/Trang/tin.aspx"}
    )


def test_lam_dongs_lists_are_asked_for_by_a_post_of_their_address() -> None:
    asked, shown = get_platform("sharepoint").start(lam_dong())
    assert (asked.url, asked.form, asked.section) == (REST_API, None, "Văn bản")
    assert asked.json is not None
    assert json.loads(asked.json) == {"SourceUrl": SOURCE}
    assert shown.json is None


def test_an_item_with_escaped_names_leads_to_the_form_that_shows_it_and_to_the_next_items() -> None:
    following = f"{SOURCE}&$skiptoken=83"
    body = json.dumps({"d": {"results": [PLAN, {"Title": 7}], "__next": following}})
    listing = get_platform("sharepoint").parse_listing(page(body, REST_API), lam_dong())
    (hint,) = listing.hints
    assert (hint.title, hint.published) == (PLAN["Tr_x00ed_ch_x0020_y_x1ebf_u"], "2022-01-12T00:00:00+07:00")
    assert get_platform("sharepoint").article_key(hint.url) == "9f0c7e11-31a2-4c5b-8d77-0a1b2c3d4e5f/83"
    (fetch,) = listing.next
    assert (fetch.url, json.loads(fetch.json or "")) == (REST_API, {"SourceUrl": following})


@pytest.mark.parametrize(
    "answer",
    [
        '<?xml version="1.0"?><string xmlns="http://tempuri.org/">{}</string>',
        '{{"d": {}}}',
        "{}",
    ],
)
def test_an_asmx_feed_names_the_articles_whose_addresses_it_gives(answer: str) -> None:
    rows = json.dumps(
        [{"Id": 7, "Tieude": "Huyện hỗ trợ nhà ở", "Url": "/Trang/ChiTietTinTuc.aspx?nid=7", "NgayDang": "12/07/2023"}]
    )
    quoted = json.dumps(rows) if answer.startswith('{{"d"') else rows
    feed = f"{HOME}/_layouts/15/WebService/Getdataportal.asmx/GetListposts"
    (hint,) = get_platform("sharepoint").parse_listing(page(answer.format(quoted), feed), portal("sharepoint")).hints
    assert (hint.url, hint.title, hint.published) == (
        f"{HOME}/Trang/ChiTietTinTuc.aspx?nid=7",
        "Huyện hỗ trợ nhà ở",
        "2023-07-12",
    )


@pytest.mark.parametrize(
    "data", ['{"serverProcessedContent": 7}', "{", "[]", '{"serverProcessedContent": {"links": {"a": 7}}}']
)
def test_a_web_part_that_shows_nothing_names_nothing(data: str) -> None:
    body = f"<div data-sp-webpartdata='{data}'></div>"
    assert get_platform("sharepoint").parse_listing(page(body), portal("sharepoint")).hints == ()


def test_the_web_parts_of_a_modern_page_lead_to_their_articles() -> None:
    said = {
        "serverProcessedContent": {
            "links": {"items[0].sourceItem.url": "/sites/dilinh/SitePages/Di-Linh-ho-tro-nha-o-cho-ho-ngheo.aspx", "baseUrl": "/sites/dilinh"},
            "searchablePlainTexts": {"items[0].title": "Di Linh hỗ trợ nhà ở cho hộ nghèo"},
        }
    }  # fmt: skip
    body = f"<div data-sp-webpartdata='{json.dumps(said)}'></div>"
    (hint,) = get_platform("sharepoint").parse_listing(page(body), portal("sharepoint")).hints
    assert hint.title == "Di Linh hỗ trợ nhà ở cho hộ nghèo"


def test_sections_that_share_a_path_are_told_by_what_was_asked_for() -> None:
    shared = replace(portal("sharepoint"), sections={"Một": "/Trang/tin.aspx?c=1", "Hai": "/Trang/tin.aspx?c=2"})
    body = '<a href="/Trang/ChiTietTinTuc.aspx?nid=7">Huyện hỗ trợ nhà ở</a>'
    (hint,) = get_platform("sharepoint").parse_listing(page(body, f"{HOME}/Trang/tin.aspx?c=1"), shared).hints
    assert hint.section is None


def test_a_feed_tells_the_section_whose_address_it_has() -> None:
    feed = f"{HOME}/rss/van-hoa.aspx"
    item = f"<item><title>Huyện hỗ trợ</title><link>{HOME}/Trang/ChiTietTinTuc.aspx?nid=7</link></item>"
    owner = replace(portal("sharepoint"), sections={"Văn hóa": "/rss/van-hoa.aspx"})
    (hint,) = get_platform("sharepoint").parse_listing(page(f"<rss><channel>{item}</channel></rss>", feed), owner).hints
    assert (hint.source, hint.section) == ("feed", "Văn hóa")
