"""The helpers that turn the bytes of a page into lines, dates and addresses."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parsel import Selector

from archive.models import ExtractError, Page
from archive.text import clean_line
from scraper.reading.page import (
    Layout,
    canonical,
    decode,
    find_layout,
    first,
    line,
    named_source,
    parse_stamp,
    parse_when,
    prose,
    tree,
    updated_after,
)
from tests.pace import assert_linear, assert_within


def body(html: str) -> Selector:
    return Selector(f"<div id='text'>{html}</div>").css("#text")[0]


def read(html: str, *drop: str) -> list[tuple[str, str]]:
    text = prose(body(html), drop)
    return list(zip(text.kinds, text.lines, strict=True))


# --- decoding and selecting --------------------------------------------------------------------------------------


def page(content: bytes, content_type: str = "text/html") -> Page:
    return Page("https://kimhai.test/", content, headers={"content-type": content_type})


@pytest.mark.parametrize(
    ("content", "content_type", "expected"),
    [
        ("xã Hải Trung".encode(), "text/html", "xã Hải Trung"),
        ("\ufeffxã".encode(), "text/html; charset=iso-8859-1", "xã"),
        ("Hải".encode("utf-16"), "text/html; charset=utf-16", "Hải"),
        ("Đô\u0301ng Đa".encode("windows-1258"), "text/html", "Đô\u0301ng Đa"),
    ],
)
def test_bytes_are_read_as_utf8_before_any_charset_is_believed(
    content: bytes, content_type: str, expected: str
) -> None:
    assert decode(page(content, content_type)) == expected


def test_an_empty_page_is_no_tree() -> None:
    with pytest.raises(ExtractError, match="empty"):
        tree(page(b" \n "))


def test_first_takes_the_first_rule_that_matches_anything() -> None:
    found = first(body("<h2>hai</h2><h1>một</h1>"), "h3", "h1", "h2")
    assert line(found) == "một"
    assert first(body(""), "h1") is None


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<h1>Gia V<b>iễn</b> tập huấn</h1>", "Gia Viễn tập huấn"),
        ("<p>một</p><p>hai</p>ba", "một hai ba"),
        ("một<br>hai<!-- ẩn -->ba", "một haiba"),
        ("<ul><li>một</li><li>hai</li></ul>", "một hai"),
        ("<table><tr><td>1</td><td>2</td></tr></table>", "1 2"),
        ("Ho\u0300a\u200b\u00a0 bi\u0300nh", "Hòa bình"),
    ],
)
def test_a_line_keeps_words_whole_and_blocks_apart(html: str, expected: str) -> None:
    assert line(body(html)) == expected


def test_no_node_is_an_empty_line() -> None:
    assert line(None) == ""


LAYOUTS = (Layout("new", title="h1.new", body=".new-body"), Layout("old", title="h1", body=".old-body"))


def test_the_first_layout_with_title_and_body_is_found() -> None:
    assert find_layout(body("<h1 class=new>a</h1><div class=old-body>b</div>"), LAYOUTS, {}) == LAYOUTS[1]
    assert find_layout(body("<h1>a</h1>"), LAYOUTS, {}) is None


def test_a_portals_selectors_replace_those_of_the_layout() -> None:
    found = find_layout(body("<h1>a</h1><main>b</main>"), LAYOUTS[1:], {"body": "main"})
    assert found == Layout("old", title="h1", body="main")
    before = find_layout(body("<h1>a</h1><div class=old-body>b</div>"), LAYOUTS[1:], {"body": "main"})
    assert before == LAYOUTS[1], "a capture from before the portal needed its own selectors stays readable"


# --- prose -------------------------------------------------------------------------------------------------------

PROSE = {
    "blocks": ("<p>Một</p><div>Hai</div>Ba", [("p", "Một"), ("p", "Hai"), ("p", "Ba")]),
    "text around a block": ("Trước<p>trong</p>sau", [("p", "Trước"), ("p", "trong"), ("p", "sau")]),
    "br splits": ("<p>Một<br><br/>&nbsp; Hai</p>", [("p", "Một"), ("p", "Hai")]),
    "inline tags do not": ("<p>Hộ <b>ngh</b>èo<span></span>.</p>", [("p", "Hộ nghèo.")]),
    "empty paragraphs": ("<p>&nbsp;</p><p>\u200b</p><p>Một</p>", [("p", "Một")]),
    "source newlines are spaces": ("<p>Một\n   hai</p>", [("p", "Một hai")]),
    "nfd and controls": ("<p>Ho\u0300a\x07\u00ad Bi\u0300nh</p>", [("p", "Hòa Bình")]),
    "headings": ("<h2>Kết quả</h2><h4><span>Một</span></h4>", [("h", "Kết quả"), ("h", "Một")]),
    "lists": (
        "<ol><li>Một<ul><li><p>Hai</p></li></ul>Ba</li></ol><dl><dt>Bốn<dd>Năm</dl>",
        [("li", "Một"), ("li", "Hai"), ("li", "Ba"), ("li", "Bốn"), ("li", "Năm")],
    ),
    "captions in place": (
        "<p>Một</p><figure><img src=a><figcaption>Ảnh</figcaption></figure><p class='wp-caption-text'>Chú thích</p>",
        [("p", "Một"), ("caption", "Ảnh"), ("caption", "Chú thích")],
    ),
    "a data row is a line": (
        "<table><caption>Biểu</caption><tr><th>Xã</th><th>Hộ</th></tr><tr><td><p>Hải</p><p>Trung</p></td><td>1<b>2</b></td></tr>"
        "<tr><td colspan=2>Cộng</td></tr></table>",
        [("caption", "Biểu"), ("tr", "Xã Hộ"), ("tr", "Hải Trung 12"), ("tr", "Cộng")],
    ),
    "a layout table is blocks": (
        "<table><tr><td><p>Một</p><p>Hai</p></td></tr><tr><td><img src=a></td></tr><tr><td>Ba</td></tr></table>",
        [("p", "Một"), ("p", "Hai"), ("p", "Ba")],
    ),
    "a table in a layout table": (
        "<table><tr><td><table><tr><td>1</td><td>2</td></tr></table></td><td>Bên</td></tr></table>",
        [("tr", "1 2"), ("p", "Bên")],
    ),
    "columns of a page": (
        f"<table><tr><td>Ảnh</td><td><p>{'dài ' * 110}</p><p>Hai</p></td></tr></table>",
        [("p", "Ảnh"), ("p", ("dài " * 110).strip()), ("p", "Hai")],
    ),
    "nothing but text": (
        "<style>p{}</style><script>x</script><!-- ẩn --><p>Một<o:p> </o:p><iframe>y</iframe></p>"
        "<xml><w:View>Normal</w:View></xml>",
        [("p", "Một")],
    ),
    "smart tags keep their text": ("<p><st1:place w:st='on'>Hà Nội</st1:place> mới</p>", [("p", "Hà Nội mới")]),
    "a share button's sample page": (
        "<p>Một</p><html><head><title>Your Website Title</title></head><body><p>Hai</p></body></html>",
        [("p", "Một"), ("p", "Hai")],
    ),
    "share bars and comments": (
        "<p>Một</p><div class='fb-like'>Thích</div><form><p>Bình luận</p><textarea></textarea></form>"
        "<div id=comments>Hay!</div>",
        [("p", "Một")],
    ),
    "a form around the text": ("<form action='/x.aspx'><p>Một</p><input value=a></form>", [("p", "Một")]),
}


@pytest.mark.parametrize("name", PROSE)
def test_prose_reads(name: str) -> None:
    html, expected = PROSE[name]
    assert read(html) == expected


def test_the_settings_and_styles_that_word_pasted_before_the_text_are_no_text() -> None:
    pasted = (
        "Normal\n 0\n false\n EN-US\n X-NONE\n/* Style Definitions */ table.MsoNormalTable {mso-style-name:a; margin:0}"
    )
    assert read(f"{pasted}<p>Một</p><p>Hai</p>") == [("p", "Một"), ("p", "Hai")]
    assert read(f"<p>{pasted} Một</p>") == [("p", "Một")]
    assert read("<p>Normal 0 false EN-US</p><p>p.MsoNormal {margin:0}</p><p>Một</p>") == [("p", "Một")]
    assert read("<p>Normal 0 false false EN-US X-NONE MicrosoftInternetExplorer4 15 hộ</p>") == [("p", "15 hộ")]


def test_words_that_only_look_like_a_paste_stay() -> None:
    assert read("<p>Normal là từ tiếng Anh {x}</p>") == [("p", "Normal là từ tiếng Anh {x}")]
    assert read("<p>Một</p><p>Normal 0 false {x}</p>") == [("p", "Một"), ("p", "Normal 0 false {x}")]


def test_what_the_caller_drops_is_no_text_and_the_page_stays_whole() -> None:
    node = body("<p>Một</p><div class=tool>In</div> sau<p class=tags>thẻ</p>")
    assert prose(node, (".tool", "p.tags")).lines == ("Một", "sau")
    assert prose(node).lines == ("Một", "In", "sau", "thẻ")


@given(st.text())
def test_prose_of_any_text_is_clean_lines_with_kinds(text: str) -> None:
    found = prose(body(f"<p>{text}</p><table><tr><td>{text}</td><td>a</td></tr></table>"))
    assert len(found.lines) == len(found.kinds)
    assert all(text and text == clean_line(text) for text in found.lines)


HOSTILE = {
    "deep": "<div>" * 20_000 + "x",
    "unclosed": "<b>x" * 25_000,
    "deep tables": "<table><tr><td>" * 6_000,
    "comments": "<!--x-->y" * 11_000,
    "braces": "Normal 0 " + "{}" * 50_000,
    "spaces": " " * 100_000 + "x",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_prose_of_hostile_markup_is_quick(name: str) -> None:
    node = Selector(HOSTILE[name]).css("body")[0]
    assert_within(lambda: (prose(node), line(node)), 1.0)


# --- dates -------------------------------------------------------------------------------------------------------

DATES = {
    "(21:20 09/01/2020)": "2020-01-09T21:20:00+07:00",
    "Ngày đăng 17/02/2021 | 09:04  | Lượt xem: 228": "2021-02-17T09:04:00+07:00",
    "Thứ tư, 12/07/2023": "2023-07-12",
    "Thứ hai, 24/11/2025 | 07:36": "2025-11-24T07:36:00+07:00",
    "Thứ tư - 12/07/2023 09:04": "2023-07-12T09:04:00+07:00",
    "12/07/2023 09:04:59": "2023-07-12T09:04:00+07:00",
    "15:55 | 10/07/2026": "2026-07-10T15:55:00+07:00",
    "30-9-2022": "2022-09-30",
    "19/06/2024 05:20:00 PM": "2024-06-19T17:20:00+07:00",
    "19/06/2024 12:05 AM": "2024-06-19T00:05:00+07:00",
    "19/06/2024 12:05 PM": "2024-06-19T12:05:00+07:00",
    "01/02/2024 3:07 CH": "2024-02-01T15:07:00+07:00",
    "26 Tháng 7 2012": "2012-07-26",
    "Thứ năm, 26 Tháng 7 2012 09:30": "2012-07-26T09:30:00+07:00",
    "26 Tháng Mười Hai, 2012": "2012-12-26",
    "Tháng Mười 6, 2012": "2012-10-06",
    "Ngày 26 tháng 7 năm 2012": "2012-07-26",
    "26 Tháng 13 2012": None,
    "Tháng 7 năm 2012": None,
    "31/02/2024": None,
    "Ngày 29/3": None,
    "27/71947": None,
    "": None,
}


@pytest.mark.parametrize("text", DATES)
def test_a_date_line_is_read_day_first(text: str) -> None:
    assert parse_when(text) == DATES[text]


FORMATS = ("%d/%m/%Y %H:%M", "%H:%M %d-%m-%Y", "Thứ ba - %d.%m.%Y %H:%M", "%d/%m/%Y %I:%M:%S %p")


@given(st.datetimes(datetime(1990, 1, 1), datetime(2099, 12, 31)), st.sampled_from(FORMATS))  # noqa: DTZ001
def test_every_written_form_of_a_time_is_read_back(moment: datetime, form: str) -> None:
    assert parse_when(moment.strftime(form)) == moment.strftime("%Y-%m-%dT%H:%M:00+07:00")


@given(st.text())
def test_no_text_breaks_the_reading_of_dates(text: str) -> None:
    for found in (parse_when(text), parse_stamp(text)):
        assert found is None or datetime.fromisoformat(found)


STAMPS = {
    "2015-08-03T13:20:00+07:00": "2015-08-03T13:20:00+07:00",
    "2015-08-03T06:20:00Z": "2015-08-03T13:20:00+07:00",
    " 2015-08-03T18:30:00.123+00:00 ": "2015-08-04T01:30:00+07:00",
    "2015-08-03T13:20:00": "2015-08-03T13:20:00+07:00",
    "2015-08-03": "2015-08-03",
    "2023-07-12+0709:04:00": None,
    "0001-01-01T00:00:00+23:00": None,
    "03/08/2015": None,
    "": None,
}


@pytest.mark.parametrize("stamp", STAMPS)
def test_a_machines_stamp_is_moved_to_ha_noi(stamp: str) -> None:
    assert parse_stamp(stamp) == STAMPS[stamp]


def test_only_a_save_on_a_later_day_is_an_update() -> None:
    published = "2021-04-12T09:05:00+07:00"
    assert updated_after(published, "2021-04-12T23:00:00+07:00") is None
    assert updated_after(published, "2021-04-12T18:00:00+00:00") == "2021-04-13T01:00:00+07:00"
    assert updated_after("2021-04-12", "2021-04-11") is None
    assert updated_after(None, "2021-04-13") is None
    assert updated_after(published, "hôm qua") is None


# --- sources and addresses ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("Một.", "Nguồn: Báo Đông Hải"), "Báo Đông Hải"),
        (("Nguồn tin : Đài tỉnh.", "Ngọc Lan"), "Đài tỉnh"),
        (("(Nguồn: Cổng TTĐT tỉnh)",), "Cổng TTĐT tỉnh"),
        (("Nguồn: Báo Đông Hải", "Một", "Hai", "Ba"), ""),
        (("Nguồn vốn: 3 tỷ đồng",), ""),
        ((), ""),
    ],
)
def test_the_last_lines_may_name_whose_text_it_is(lines: tuple[str, ...], expected: str) -> None:
    assert named_source(lines) == expected


ADDRESSES = {
    ("/vi/news/a-1.html#b", "https://Kim.Test/x"): "https://kim.test/vi/news/a-1.html",
    ("a;jsessionid=AB12.app2?x=1", "https://k.test/b/"): "https://k.test/b/a?x=1",
    ("https://k.test?utm_source=fb&id=3&fbclid=x", ""): "https://k.test/?id=3",
    (" https://k.test/a ", ""): "https://k.test/a",
}


@pytest.mark.parametrize("given_", ADDRESSES)
def test_an_address_loses_what_does_not_name_the_page(given_: tuple[str, str]) -> None:
    assert canonical(*given_) == ADDRESSES[given_]


@given(st.text(alphabet="ab/?&=#;%:.", max_size=30))
def test_a_canonical_address_stays_as_it_is(tail: str) -> None:
    url = canonical("https://k.test/" + tail)
    assert canonical(url) == url


def test_reading_dates_and_sources_in_long_lines_takes_linear_time() -> None:
    for text in ("1/" * 50_000, "12:" * 33_000, "Nguồn: " + "a." * 50_000, "01/02/2020" * 10_000):
        assert_linear(lambda size, text=text: (parse_when(text[:size]), named_source((text[:size],))), len(text), 0.5)


def test_the_longer_a_body_the_longer_it_takes_and_no_more() -> None:
    nodes = {size: body("<p>Một <b>hai</b> ba.</p>" * size) for size in (250, 2_000)}
    assert_linear(lambda size: prose(nodes[size]), 2_000, 2.0)
