"""The normaliser: one key for all spellings, folds for those who type no marks, offsets that never lie."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.text import clean, document_number, fold, fold_text, has_marks, language, query_term, tokens, tone_key

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


def keys(text: str) -> list[str]:
    return [token.terms[0] for token in tokens(text)]


def test_every_pair_of_the_shared_tone_tests_holds(shared: Path) -> None:
    cases = json.loads((shared / "data/lexicons/tone_placement_tests.json").read_text())
    assert not [pair for pair in cases["must_be_equal"] + cases["must_be_equal_iy"] if keys(pair[0]) != keys(pair[1])]
    assert not [pair for pair in cases["must_differ_exact"] if keys(pair[0]) == keys(pair[1])]
    assert not [pair for pair in cases["must_be_equal_folded"] if fold_text(pair[0]) != fold_text(pair[1])]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hộ nghèo", [tone_key("hộ"), tone_key("nghèo")]),
        ("ho ngheo", ["~ho", "~ngheo"]),
        ("06/KH-UBND", ["6/kh-ubnd"]),
        ("6/kh-ubnd", ["6/kh-ubnd"]),
        ("61/2015/NĐ-CP", ["61/2015/nd-cp"]),
        ("4.000 lao động", ["4000", "~lao", tone_key("động")]),
        ("1,5%", ["1.5"]),
        ("04 trường", ["4", tone_key("trường")]),
        ("LĐ-TB&XH", ["~ldtbxh"]),
        ("ngày 27/7", [tone_key("ngày"), "27", "7"]),
        ("!!! …", []),
    ],
)
def test_a_typed_text_asks_for_these_terms(text: str, expected: list[str]) -> None:
    assert [query_term(token) for token in tokens(text)] == expected


def test_a_document_holds_both_the_key_and_the_fold_of_a_marked_syllable() -> None:
    assert [token.terms for token in tokens("hộ")] == [(tone_key("hộ"), "~ho")]


def test_decomposed_text_gives_the_same_terms_with_offsets_into_itself() -> None:
    composed = "Tịnh Biên giảm nghèo"
    decomposed = unicodedata.normalize("NFD", composed)
    assert [t.terms for t in tokens(decomposed)] == [t.terms for t in tokens(composed)]
    assert [decomposed[t.start : t.end] for t in tokens(decomposed)][1] == unicodedata.normalize("NFD", "Biên")


def test_document_numbers_ignore_case_zeros_and_spaces() -> None:
    assert document_number("06/KH-UBND") == document_number("6 / kh-ubnd") == "6/kh-ubnd"


@given(ANY_TEXT)
def test_offsets_are_ascending_and_inside_the_text(text: str) -> None:
    last = 0
    for token in tokens(text):
        assert last <= token.start < token.end <= len(text)
        assert all(token.terms)
        last = token.end


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


@pytest.mark.parametrize(
    "hostile", ["1" * 100_000, "A-" * 50_000, "1.000" * 20_000, "1/a" + "-a" * 50_000, "(" * 100_000]
)
def test_hostile_text_is_read_in_linear_time(hostile: str) -> None:
    assert sum(1 for _ in tokens(hostile)) <= len(hostile)
