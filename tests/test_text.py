"""The normaliser: one key for all spellings, folds for those who type no marks, offsets that never lie."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.text import clean, decode, document_number, fold, has_marks, language, tone_key

ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()), max_size=200)


@pytest.mark.parametrize(
    ("one", "other"),
    [("hoà", "hòa"), ("thuỷ", "thủy"), ("qúy", "quý"), ("kỹ", "kĩ"), ("HÒA", "hoà"), ("tỷ", "tỉ"), ("Ðống", "Đống")],
)
def test_spellings_of_one_syllable_share_a_key(one: str, other: str) -> None:
    assert tone_key(one) == tone_key(other)


@pytest.mark.parametrize(("one", "other"), [("túy", "túi"), ("hộ", "hồ"), ("đa", "da"), ("lan", "lân"), ("tay", "tai")])
def test_different_syllables_keep_different_keys(one: str, other: str) -> None:
    assert tone_key(one) != tone_key(other)


def test_document_numbers_ignore_case_zeros_and_spaces() -> None:
    assert document_number("06/KH-UBND") == document_number("6 / kh-ubnd") == "6/kh-ubnd"


@given(ANY_TEXT)
def test_cleaning_is_idempotent_and_leaves_storable_text(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    cleaned.encode("utf-8")
    assert not any(unicodedata.category(char) in ("Cc", "Cs") and char != "\n" for char in cleaned)


@given(st.text(max_size=20))
def test_a_fold_has_no_marks_and_folds_to_itself(word: str) -> None:
    assert fold(fold(word)) == fold(word)
    assert not has_marks(fold(word))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Uỷ ban nhân dân huyện tổ chức hội nghị tổng kết công tác giảm nghèo", "vi"),
        ("The committee of the district is to plan for the year with the people", "en"),
        ("1234 5678", "und"),
    ],
)
def test_the_language_of_a_text_is_told_from_its_marks(text: str, expected: str) -> None:
    assert language(text) == expected


# --- what was written before Unicode, or misread on its way ---------------------------------------------------------

CLEAN = "Ủy ban nhân dân huyện Gia Viễn đã hỗ trợ 43 hộ nghèo sửa chữa nhà ở, cấp thẻ bảo hiểm y tế cho người cao tuổi."
TCVN3 = (
    "ñy ban nh©n d©n huyÖn Gia ViÔn ®· hç trî 43 hé nghÌo söa ch÷a nhµ ë, cÊp thÎ b¶o hiÓm y tÕ cho ng\xadêi cao tuæi."
)
VNI = "huyeän Gia Vieãn ñaõ hoã trôï 43 hoä ngheøo söûa chöõa nhaø ôû, caáp theû baûo hieåm y teá cho ngöôøi cao tuoåi"
MENU = "<html><ul><li>Trang chủ</li><li>Giới thiệu</li></ul>"


def page(text: str) -> str:
    return f"{MENU}<p>{text}</p></html>"


@pytest.mark.parametrize(
    ("damaged", "mended"),
    [
        (TCVN3, CLEAN.lower()),
        (VNI, "huyện Gia Viễn đã hỗ trợ 43 hộ nghèo sửa chữa nhà ở, cấp thẻ bảo hiểm y tế cho người cao tuổi"),
        (CLEAN.encode().decode("latin-1"), CLEAN),
        (CLEAN.encode().decode("latin-1").encode().decode("latin-1"), CLEAN),
        (TCVN3.encode("ascii", "xmlcharrefreplace").decode(), CLEAN.lower()),
    ],
    ids=["TCVN3", "VNI", "misread", "misread twice", "TCVN3 as entities"],
)
def test_damage_is_mended_around_a_menu_that_has_none(damaged: str, mended: str) -> None:
    assert decode(page(damaged).encode()).lower() == page(mended).lower()


def test_bytes_of_a_font_are_read_whatever_the_page_declares() -> None:
    body = f'<meta charset="windows-1258"><p>{TCVN3}</p>'.encode("latin-1")
    assert "hộ nghèo sửa chữa nhà ở" in decode(body, "text/html; charset=windows-1252")


# Capitals with a blank that does not break look like misread UTF-8 to who looks at a line (vietnamese.md 1.6).
@pytest.mark.parametrize(
    "sound",
    [
        CLEAN,
        CLEAN.upper(),
        CLEAN.upper().replace(" ", "\xa0"),
        "THỊ XÃ\xa0BÀ RỊA – XÃ\xa0HỘI, CÂ\xa0NHÂN, ĐÃ\xa0ĐẠT",
        "Trang chủ » Tin tức » Xã hội © 2020 ® Địa chỉ: số 1",
        "El niño de España come piñas mañana; México, São Paulo, façade, Übung, große Häuser.",
        unicodedata.normalize("NFD", CLEAN),
        "The committee of the district",
    ],
)
def test_sound_text_stays_as_it_is(sound: str) -> None:
    assert decode(page(sound).encode()) == page(sound)


def test_the_shared_seeds_stay_as_they_are_and_come_back_from_damage(shared: Path) -> None:
    for path in sorted((shared / "data/seeds").glob("*.txt")):
        text = path.read_text("utf-8-sig")
        assert decode(text.encode()) == text
        assert decode(text.encode().decode("latin-1").encode()) == text


@given(ANY_TEXT)
def test_any_bytes_have_a_text(text: str) -> None:
    assert isinstance(decode(text.encode("utf-8", "replace")), str)
    assert isinstance(decode(text.encode("latin-1", "replace")), str)
