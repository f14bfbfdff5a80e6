"""The text of the files that articles offer; what is no text is said to be a scan, locked, broken or none of ours."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.models import ExtractError
from scraper.demo.files import docx as demo_docx
from scraper.reading import office
from scraper.reading.office import FileText, read_file, read_here
from tests.office_files import doc, ole, pdf

PLAN = (
    "ỦY BAN NHÂN DÂN HUYỆN GIA VIỄN",
    "Kế hoạch số 06/KH-UBND về giảm nghèo bền vững năm 2022",
    "Phấn đấu giảm 120 hộ nghèo, giải quyết việc làm cho 1.500 lao động.",
)
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def docx(body: str, name: str = "word/document.xml") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, f"<w:document {W}><w:body>{body}</w:body></w:document>")
    return buffer.getvalue()


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


@pytest.mark.parametrize(
    "body", [pdf([PLAN]), demo_docx(PLAN), doc(["\r".join(PLAN) + "\r"])], ids=["pdf", "docx", "doc"]
)
def test_a_file_with_a_text_layer_gives_its_lines(body: bytes) -> None:
    assert read_file(body) == FileText(PLAN)


def test_the_lines_of_a_paragraph_of_a_pdf_are_joined_but_not_its_items() -> None:
    page = (
        "Ủy ban nhân dân huyện yêu cầu các xã,",
        "thị trấn thực hiện:",
        "a) Rà soát hộ nghèo;",
        "b) Báo cáo kết quả.",
    )
    assert read_file(pdf([page])).lines == (
        "Ủy ban nhân dân huyện yêu cầu các xã, thị trấn thực hiện:",
        "a) Rà soát hộ nghèo;",
        "b) Báo cáo kết quả.",
    )


def test_a_long_pdf_is_read_in_parts() -> None:
    pages = [(f"Trang {n} của báo cáo giảm nghèo",) for n in range(23)]
    read = read_file(pdf(pages))
    assert (read.pages, read.more, len(read.lines)) == (23, False, 23)


def test_a_pdf_of_too_many_pages_is_read_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "MAX_PAGES", 10)
    read = read_file(pdf([("Báo cáo giảm nghèo của huyện",)] * 11))
    assert (read.pages, read.more) == (10, True)


@pytest.mark.parametrize("pages", [[()], [("12",)], [("Trang 1",), (), ()]])
def test_a_file_without_a_text_layer_is_said_to_be_a_scan(pages: list[tuple[str, ...]]) -> None:
    assert read_file(pdf(pages)) == FileText((), len(pages), scan=True)


def test_a_document_that_holds_a_picture_only_is_a_scan() -> None:
    assert read_file(docx("<w:p><w:r><w:drawing/></w:r></w:p>")).scan


def test_letters_that_a_scanner_wrote_twice_are_written_once() -> None:
    page = ("NNGGUUYYỄỄNN VVĂĂNN AANN ký Kế hoạch giảm nghèo năm 2022", "CCHHỦỦ TTỊỊCCHH NNGGUUYYỄỄNN VVĂĂNN AANN")
    assert read_file(pdf([page])).lines == (page[0], "CHỦ TỊCH NGUYỄN VĂN AN")


def test_the_rows_of_a_table_are_lines_with_their_cells_joined() -> None:
    cell = "<w:tc>{}</w:tc>"
    row = f"<w:tr>{cell.format(paragraph('Xã An Phú'))}{cell.format(paragraph('120') + paragraph('hộ'))}</w:tr>"
    body = paragraph("Kết quả giảm nghèo năm 2022") + f"<w:tbl>{row}</w:tbl>" + paragraph("Nơi nhận:")
    assert read_file(docx(body)).lines == ("Kết quả giảm nghèo năm 2022", "Xã An Phú 120 hộ", "Nơi nhận:")


def test_what_a_document_does_not_show_is_not_read() -> None:
    hidden = "<w:p><w:r><w:instrText>PAGE</w:instrText></w:r><w:del><w:r><w:delText>bỏ</w:delText></w:r></w:del>"
    body = f"{hidden}<w:r><w:t>Kế hoạch</w:t><w:tab/><w:t>giảm nghèo bền vững</w:t></w:r></w:p>"
    assert read_file(docx(body)).lines == ("Kế hoạch giảm nghèo bền vững",)


@pytest.mark.parametrize("flags", [0, 0x0200])
def test_the_pieces_of_a_word_file_are_put_together(flags: int) -> None:
    text = ["Ke hoach so 06/KH-UBND ", "về giảm nghèo bền vững\r", "Xã An Phú\x07120 hộ\x07\x07Nơi nhận:\r"]
    assert read_file(doc(text, flags)).lines == (
        "Ke hoach so 06/KH-UBND về giảm nghèo bền vững",
        "Xã An Phú 120 hộ",
        "Nơi nhận:",
    )


def test_the_fields_of_a_word_file_show_their_results() -> None:
    text = 'Xem \x13HYPERLINK "http://x.vn"\x14kế hoạch giảm nghèo\x15 của huyện, trang \x13PAGE\x15.\r'
    assert read_file(doc([text])).lines == ("Xem kế hoạch giảm nghèo của huyện, trang .",)


def test_a_word_file_in_a_font_of_before_unicode_is_read() -> None:
    text = "UBND huyÖn Gia ViÔn thùc hiÖn nhiÖm vô gi¶m nghÌo bÒn v÷ng, t¹o viÖc lµm, gi÷ v÷ng æn ®Þnh cña ®Þa ph­¬ng.\r"
    (line,) = read_file(doc([text])).lines
    assert (
        line
        == "UBND huyện Gia Viễn thực hiện nhiệm vụ giảm nghèo bền vững, tạo việc làm, giữ vững ổn định của địa phương."
    )


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "neither"),
        (b"<html><body>Ke hoach</body></html>", "neither"),
        (rb"{\rtf1 Ke hoach}", "neither"),
        (b"%PDF-1.4\n", "broken"),
        (b"%PDF-1.4\n" + b"1 0 obj" * 50, "broken"),
        (b"PK\x03\x04" + b"\0" * 100, "broken"),
        (docx("", "xl/workbook.xml"), "no document of Word"),
        (docx("<w:p>"), "broken"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600, "broken"),
        (ole({"Workbook": b"x"}), "no document of Word"),
        (ole({"WordDocument": b"\0" * 2000, "0Table": b""}), "broken"),
        (doc(["Ke hoach"], flags=0x0300), "locked"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_a_reason(body: bytes, reason: str) -> None:
    with pytest.raises(ExtractError, match=reason):
        read_file(body)


def test_a_file_that_is_too_large_is_kept_but_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "MAX_FILE", 100)
    with pytest.raises(ExtractError, match="kept but not read"):
        read_file(pdf([PLAN]))


def test_a_bomb_of_a_document_costs_no_more_than_its_cap() -> None:
    with pytest.raises(ExtractError, match=r"text; the file is kept|costs too much"):
        read_file(docx("<w:p/>" * 8_000_000))


def test_an_entity_of_a_document_is_not_opened() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        xml = f'<!DOCTYPE w [<!ENTITY e SYSTEM "file:///etc/hostname">]><w:document {W}>{paragraph("Kế hoạch giảm nghèo bền vững &e;")}</w:document>'
        archive.writestr("word/document.xml", xml)
    assert read_file(buffer.getvalue()).lines == ("Kế hoạch giảm nghèo bền vững",)


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_a_damaged_file_is_read_or_refused(data: st.DataObject) -> None:
    whole = bytearray(data.draw(st.sampled_from([pdf([PLAN]), demo_docx(PLAN), doc(["\r".join(PLAN)])])))
    for _ in range(data.draw(st.integers(1, 20))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert isinstance(read_here(bytes(whole[: data.draw(st.integers(1, len(whole)))])), FileText)
    except ExtractError as error:
        assert str(error)
