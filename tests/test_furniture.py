"""The lines around an article are told from its own: tables of real and damaged boilerplate, dates, signatures."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.reading.furniture import (
    Credit,
    is_clock,
    is_date_line,
    is_end,
    is_imprint,
    is_junk,
    is_notice,
    is_own_date,
    is_signature,
    is_site,
    labelled_credit,
    split_agency,
    split_bare_date,
    split_signature,
    split_stamp,
)

ENDS = (
    "Các bài mới đăng",
    "Các bài đã đăng :",
    "Bài viết Xem",
    "Viết bình luận",
    "Họ tên:(*)",
    "Mã xác nhận:         Lấy lại mã bảo mật",
    "Bài viết khác",
    "- Tin liên quan",
    "Video Clip",
    "Thông kê truy cập",
    "Thống kê truy cập",
    "Đang online: 421",
    "Tổng số truy cập: 6738296",
    "Bình luận (0)",
)
JUNK = (
    "Your Website Title",
    "Tiêu đề",
    "CHÀO MỪNG ĐẾN TRANG THÔNG TIN ĐIỆN TỬ UBND HUYỆN GIA VIỄN",
    "Trang thông tin điện tử huyện Gia Viễn",
    "Lượt xem: 228",
    "Xem với cỡ chữ A- A A+",
    "In trang | Gửi email | Chia sẻ",
    "***",
)
TEXT = (
    "70 - 79 140",
    "Bình luận về kết quả này, lãnh đạo huyện cho rằng các xã cần cố gắng nhiều hơn nữa trong năm tới.",
    "1. Hỗ trợ vay vốn ưu đãi cho hộ nghèo",
    "Tiêu đề của phong trào là “Chung tay vì người nghèo”.",
    "Trang thông tin điện tử huyện đã đăng danh sách hộ nghèo.",
    "Xã Gia Sinh còn 25 hộ nghèo",
)
DATES = {
    "(21:20 09/01/2020)": True,
    "Ngày đăng 17/02/2021 | 09:04 | Lượt xem: 228": True,
    "Thứ tư, 12/07/2023": True,
    "Thứ hai, 24/11/2025 | 07:36": True,
    "Cập nhật lúc: 15:59 ngày 04/04/2019": True,
    "Đăng ngày: 05/01/2022 - Lượt xem: 12 - In trang": True,
    "Ngày 03/01, UBND quận ban hành Kế hoạch": False,
    "Từ 01/07/2022 đến 30/06/2023": False,
    "Hội nghị ngày 12/07/2023": False,
    "Ngày 45/13/2023": False,
    "": False,
}
SIGNATURES = {
    "Nhật Minh": True,
    "Kim Thoả, Trung tâm VHTT&TT": True,
    "Thanh Thiện (Tịnh Biên)": True,
    "Thu Hà - Văn Nam": True,
    "H'Linh Niê, Phòng LĐ-TB&XH": True,
    "Phòng Lao động - Thương binh và Xã hội": True,
    "BBT": True,
    "Minh Anh (tổng hợp)": True,
    "Xã Gia Sinh còn 25 hộ nghèo": False,
    "Trân trọng cảm ơn": False,
    "Tỷ lệ hộ nghèo giảm": False,
    "Huyện phấn đấu không còn hộ nghèo.": False,
    "Xã Gia Sinh vẫn còn hộ nghèo": False,
    "Hà": False,
    "": False,
}


def damaged(text: str) -> str:
    """What a writer that knows only Latin-1 makes of a page in UTF-8 (portals.md section 0.2)."""
    return text.encode("latin-1", "replace").decode("utf-8", "replace")


@pytest.mark.parametrize("line", ENDS)
def test_an_end_mark_ends_the_article_intact_or_damaged(line: str) -> None:
    assert is_end(line)
    assert is_end(damaged(line))


@pytest.mark.parametrize("line", JUNK)
def test_furniture_is_never_text(line: str) -> None:
    assert is_junk(line)


@pytest.mark.parametrize("line", TEXT)
def test_a_line_of_the_article_is_neither_end_nor_furniture(line: str) -> None:
    assert not is_end(line)
    assert not is_junk(line)


@pytest.mark.parametrize(("line", "expected"), DATES.items())
def test_a_date_line_holds_one_date_and_nothing_else(line: str, expected: bool) -> None:
    assert is_date_line(line) is expected


def test_the_clock_of_a_site_is_told_from_the_date_of_an_article() -> None:
    assert is_clock("Hôm nay: Thứ Hai, 02/11/2020 07:15")
    assert is_clock("Thứ Sáu, ngày 22/11/2024")
    assert not is_clock("Thứ tư, 12/07/2023")
    assert is_own_date("Ngày đăng 17/02/2021 | 09:04")
    assert is_own_date("(12/07/2023)")
    assert not is_own_date("Thứ tư, 12/07/2023")


@pytest.mark.parametrize(
    ("title", "text", "when"),
    [
        ("Giảm nghèo năm 2020 (21:20 09/01/2020)", "Giảm nghèo năm 2020", "2020-01-09T21:20:00+07:00"),
        ("Sơ kết 6 tháng - Thứ tư, 12/07/2023", "Sơ kết 6 tháng", "2023-07-12"),
        ("Họp giao ban 09/01/2020 07:30", "Họp giao ban", "2020-01-09T07:30:00+07:00"),
        ("Kế hoạch giai đoạn (2021-2025)", "Kế hoạch giai đoạn (2021-2025)", None),
        ("Lịch công tác ngày 12/07/2023", "Lịch công tác ngày 12/07/2023", None),
        ("09/01/2020", "09/01/2020", None),
    ],
)
def test_only_a_time_of_publication_is_cut_from_a_title(title: str, text: str, when: str | None) -> None:
    assert split_stamp(title) == (text, when)


def test_a_bare_date_is_cut_only_in_parentheses() -> None:
    assert split_bare_date("Đào tạo nghề năm 2018 (22/11/2018)") == ("Đào tạo nghề năm 2018", "2018-11-22")
    assert split_bare_date("Lịch công tác ngày 12/07/2023") == ("Lịch công tác ngày 12/07/2023", None)


@pytest.mark.parametrize(("line", "expected"), SIGNATURES.items())
def test_a_signature_is_nothing_but_names(line: str, expected: bool) -> None:
    assert is_signature(line) is expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Tác giả: Phạm Dung", Credit(author="Phạm Dung")),
        ("Tin, ảnh: Thu Hằng", Credit(author="Thu Hằng")),
        ("Nguồn: Báo Hòa Bình", Credit(source="Báo Hòa Bình")),
        ("(Theo hanoi.gov.vn)", Credit(source="hanoi.gov.vn")),
        ("Theo đó, quận đặt mục tiêu giảm nghèo", None),
        ("Ảnh: Lãnh đạo huyện trao quà cho hộ nghèo", None),
        ("Nguồn vốn vay ưu đãi là 9 tỷ đồng", None),
    ],
)
def test_a_label_says_whose_text_it_is(line: str, expected: Credit | None) -> None:
    assert labelled_credit(line) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("Huyện giảm nghèo nhanh.", "Nhật Minh"), (1, Credit("Nhật Minh"))),
        (("Câu cuối.", "Kim Thoả", "Trung tâm VHTT&TT"), (2, Credit("Kim Thoả, Trung tâm VHTT&TT"))),
        (("Câu cuối.", "Thu Hằng", "Nguồn: Báo Ninh Bình"), (2, Credit("Thu Hằng", "Báo Ninh Bình"))),
        (("Danh sách:", "Nguyễn Văn An", "Trần Thị Bình"), (0, Credit())),
        (("Nhật Minh",), (0, Credit())),
        ((), (0, Credit())),
    ],
)
def test_the_last_lines_sign_an_article(lines: tuple[str, ...], expected: tuple[int, Credit]) -> None:
    assert split_signature(lines) == expected


def test_the_tag_of_an_agency_is_cut_from_the_first_sentence() -> None:
    assert split_agency("HNP - Ngày 03/01, quận ban hành kế hoạch.") == ("Ngày 03/01, quận ban hành kế hoạch.", "HNP")
    assert split_agency("UBND - HĐND huyện họp phiên cuối năm.") == ("UBND - HĐND huyện họp phiên cuối năm.", "")


def test_a_site_an_imprint_and_a_notice_are_known_by_their_words() -> None:
    assert is_site("Cổng thông tin điện tử quận Long Biên")
    assert is_imprint("Trang thông tin điện tử huyện - Giấy phép số 12/GP-TTĐT do Sở TT&TT cấp")
    assert is_notice("Lỗi: Không tìm thấy nội dung bạn yêu cầu")
    assert not is_notice("Huyện phấn đấu không còn hộ nghèo")


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_line_can_be_judged(line: str) -> None:
    assert split_stamp(line).text in line or not line
    assert split_agency(line).text in line
    for judge in (is_end, is_junk, is_date_line, is_own_date, is_clock, is_signature, is_site, is_imprint):
        assert judge(line) in (True, False)
    assert split_signature((line, line))[0] in (0, 1, 2)
