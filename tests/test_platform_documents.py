"""Numbered documents that a portal shows as a table of labels and values are articles: what researchers look for."""

from __future__ import annotations

import pytest

from archive.models import Article, Page, Portal
from scraper.platforms import get_platform

ROWS = (
    ("Số ký hiệu", "06/KH-UBND"),
    ("Ngày ban hành", "12/01/2022"),
    ("Ngày hiệu lực", "12/01/2022"),
    ("Người ký", "Trần Văn Minh"),
    ("Cơ quan ban hành", "UBND huyện Krông Năng"),
    ("Trích yếu", "Kế hoạch giảm nghèo bền vững năm 2022"),
    ("", ""),
    ("Loại văn bản", "Kế hoạch"),
    ("Lĩnh vực", "Lao động - Thương binh và Xã hội"),
)
FILE = "/documents/10181/0/06-kh.pdf/7c9e6679-7425-40de-944b-e07fc1f90ae7"
VBPQ = "viewvbpqmanagement_WAR_unitechappportlet"
ADDRESSES = {
    "liferay": f"https://x.gov.vn/van-ban?p_p_id={VBPQ}&_{VBPQ}_vbpqId=77",
    "vnpt": "https://x.gov.vn/?pageid=27205&p_cate=11495&p_steering=77",
    "sharepoint": "https://x.gov.vn/sites/dilinh/Lists/VanBan/DispForm.aspx?ID=77",
}


def table(
    rows: tuple[tuple[str, str], ...] = ROWS, file: str = FILE, row: str = "<tr><td>{}</td><td>{}</td></tr>"
) -> str:
    link = f'<a href="{file}">Tải về</a>'
    return (
        f'<table class="table table-bordered">{"".join(row.format(*pair) for pair in (*rows, ("File", link)))}</table>'
    )


def page(body: str, family: str) -> tuple[Page, Portal]:
    around = '<div class="clock">Chủ nhật, 22/11/2026</div><h2>Chi tiết văn bản</h2>{}<p>Tổng số truy cập: 5.204</p>'
    return Page(ADDRESSES[family], f"<html><body>{around.format(body)}</body></html>".encode()), Portal(
        "x", "X", family, (), "https://x.gov.vn/"
    )


def read(body: str, family: str = "liferay") -> Article:
    return get_platform(family).extract(*page(body, family))


@pytest.mark.parametrize("family", ADDRESSES)
def test_a_document_has_its_abstract_as_title_its_issue_as_date_and_its_table_as_text(family: str) -> None:
    article = read(table(), family)
    assert (article.title, article.published) == ("Kế hoạch giảm nghèo bền vững năm 2022", "2022-01-12")
    assert article.body == tuple(f"{label}: {value}" for label, value in ROWS if value)
    assert set(article.kinds) == {"tr"}
    assert [(file.name, file.type) for file in article.attachments] == [("06-kh.pdf", "pdf")]
    assert get_platform(family).is_article(*page(table(), family))


@pytest.mark.parametrize(
    "row",
    [
        "<tr><th>{}:</th><td><b>{}</b></td></tr>",
        "<tr><td class=ms-formlabel><h3>{}</h3></td><td class=ms-formbody>{} </td></tr>",
    ],
)
def test_labels_may_be_headings_and_end_with_a_colon(row: str) -> None:
    assert read(table(row=row)).body == read(table()).body


def test_a_list_of_documents_is_none() -> None:
    other = tuple((label, value.replace("2022", "2023")) for label, value in ROWS)
    assert not read(table() + table(other)).extracted_by.startswith("liferay/document")


def test_a_table_of_figures_in_an_article_is_not_taken_for_a_document() -> None:
    figures = "<table><tr><td>Loại</td><td>Số hộ</td></tr><tr><td>Hộ nghèo</td><td>120</td></tr></table>"
    text = "<p>Huyện phấn đấu giảm 120 hộ nghèo, giải quyết việc làm cho 1.500 lao động trong năm nay.</p>" * 3
    article = read(f"<h1>Huyện giảm nghèo bền vững năm 2022</h1>{text}{figures}")
    assert article.title == "Huyện giảm nghèo bền vững năm 2022"


def test_an_article_that_is_nothing_but_its_file_says_the_files_name() -> None:
    link = f'<p><a href="{FILE}">Kế hoạch số 06 giảm nghèo năm 2022.pdf</a></p>'
    body = f'<h1 class="header-title">Kế hoạch giảm nghèo bền vững năm 2022</h1><div class="journal-content-article">{link}</div>'
    article = read(body)
    assert article.body == ("Kế hoạch số 06 giảm nghèo năm 2022.pdf",)
    assert len(article.attachments) == 1
