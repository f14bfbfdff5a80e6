"""The terms of a text: one for all spellings of a number, a day, a document or an abbreviation; offsets that never lie."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archive.abbreviations import load_abbreviations, meanings
from archive.terms import Token, document_terms, is_unmarked, tokens
from archive.text import fold_text, tone_key

ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()), max_size=200)
PIECES = st.sampled_from(["hộ", "nghèo", "ngheo", "UBND", "LĐ-TB&XH", "ủy ban nhân dân", "4.000", "1,5 %", "06/KH-UBND", "31/1/2020", "ngày 3 tháng 2 năm 2021", "TP.HCM", " ", "\n", ", ", " - ", "/", "và", "số", "LĐ", "người"])  # fmt: skip
WORDS = st.lists(PIECES, max_size=20).map(" ".join)
TYPED = WORDS | st.lists(PIECES, max_size=20).map("".join)


def literal(text: str) -> list[str]:
    return [token.terms[0] for token in tokens(text)]


def concepts(text: str) -> set[str]:
    return {term for token in tokens(text) for term, _ in token.concepts}


def test_every_pair_of_the_shared_tone_tests_holds(shared: Path) -> None:
    cases = json.loads((shared / "data/lexicons/tone_placement_tests.json").read_text())
    equal = cases["must_be_equal"] + cases["must_be_equal_iy"]
    assert not [pair for pair in equal if literal(pair[0]) != literal(pair[1])]
    assert not [pair for pair in cases["must_differ_exact"] if literal(pair[0]) == literal(pair[1])]
    assert not [pair for pair in cases["must_be_equal_folded"] if fold_text(pair[0]) != fold_text(pair[1])]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("hộ", (tone_key("hộ"), "~ho")),
        ("lao", ("lao", "~lao")),
        ("4.000", ("4000",)),
        ("4000", ("4000",)),
        ("04", ("4",)),
        ("1.234.567,80", ("1234567.8",)),
        ("1,5", ("1.5",)),
        ("1,5%", ("1.5%", "1.5")),
        ("1.5 %", ("1.5%", "1.5")),
        ("12,00%", ("12%", "12")),
        ("06/KH-UBND", ("6/kh-ubnd", "6/kh", "so:6", "6", "~kh", "~ubnd")),
        ("289-QĐ/TU", ("289-qd/tu", "289/qd", "289/qd-tu", "so:289", "289", "~qd", "~tu")),
        ("61/2015/NĐ-CP", ("61/2015/nd-cp", "61/nd", "61/nd-cp", "so:61", "61", "61/2015", "2015", "~nd", "~cp")),
        ("BNN-PTNT", ("~bnnptnt", "~bnn", "~ptnt")),
    ],
)
def test_a_position_holds_these_terms(text: str, terms: tuple[str, ...]) -> None:
    assert [token.terms for token in tokens(text)] == [terms]


@pytest.mark.parametrize(
    "written",
    ["06/KH-UBND", "6/kh-ubnd", "06 / KH - UBND", "6/KH–UBND", "06 KH-UBND", "06 kh ubnd", "6/KH-UBND"],
)
def test_a_document_number_is_one_term_however_it_is_written(written: str) -> None:
    assert literal(written) == ["6/kh-ubnd"]


@pytest.mark.parametrize(
    ("text", "number"), [("số 62", "so:62"), ("Kế hoạch 62 của huyện", "so:62"), ("Quyết định số 5", "so:5")]
)
def test_a_bare_number_of_a_document_is_known_as_one(text: str, number: str) -> None:
    assert number in {term for token in tokens(text) for term in token.terms}


@pytest.mark.parametrize("text", ["14/14 phường", "27/7/2020", "2019-2020", "ngày 3/2", "62 hộ"])
def test_what_is_no_document_number_is_none(text: str) -> None:
    assert not {token.kind for token in tokens(text)} & {"document"}
    assert not [term for token in tokens(text) for term in token.terms if term.startswith("so:")]


@pytest.mark.parametrize(
    "written",
    ["31/1/2020", "31/01/2020", "31-1-2020", "31.01.2020", "ngày 31 tháng 1 năm 2020", "31 tháng 01 năm 2020"],
)
def test_a_day_is_one_term_however_it_is_written(written: str) -> None:
    assert concepts(written) == {"d:2020-01-31"}


@pytest.mark.parametrize("text", ["27/7", "31/2/2020", "2019-2020", "3.000/5.000/2020", "ngày 3 tháng 2"])
def test_what_is_no_whole_day_has_no_day(text: str) -> None:
    assert not {term for term in concepts(text) if term.startswith("d:")}


@pytest.mark.parametrize(
    ("concept", "spellings"),
    [
        ("#ubnd", ["UBND", "ubnd", "Ubnd", "U.B.N.D", "UB ND", "Ủy ban nhân dân", "Uỷ Ban Nhân Dân", "uy ban nhan dan", "ỦY BAN NHÂN DÂN"]),
        ("#ldtbxh", [
            "LĐTBXH", "LĐTB&XH", "LĐ-TB&XH", "LĐ-TBXH", "LĐTB-XH", "LĐ TB&XH", "LĐ-TB-XH", "LĐ-TB và XH", "LĐTB và XH",
            "LĐ - TB & XH", "LĐ, TB&XH", "LĐ.TB&XH", "LĐ – TB&XH", "LDTBXH", "LD-TBXH", "lđ-tb&xh", "ldtbxh",
            "Lao động - Thương binh và Xã hội", "lao động, thương binh và xã hội", "lao động thương binh & xã hội",
            "lao dong thuong binh xa hoi", "Lao động - TBXH", "lao động TB&XH",
        ]),
        ("#tphcm", ["TP.HCM", "TPHCM", "TP HCM", "tphcm", "tp hcm", "Thành phố Hồ Chí Minh", "TP Hồ Chí Minh"]),
        ("#bhyt", ["BHYT", "bhyt", "bảo hiểm y tế", "BẢO HIỂM Y TẾ", "bao hiem y te"]),
        ("#nhcsxh", ["NHCSXH", "NH CSXH", "Ngân hàng CSXH", "ngân hàng Chính sách xã hội"]),
        ("#nld", ["NLĐ", "người lao động", "người LĐ"]),
    ],
)  # fmt: skip
def test_an_abbreviation_and_its_full_form_are_one_concept(concept: str, spellings: list[str]) -> None:
    assert [spelling for spelling in spellings if concept not in concepts(spelling)] == []


@pytest.mark.parametrize(
    ("text", "absent"),
    [
        ("HUYỆN GIA VIỄN", "#hu"),
        ("hu", "#hu"),
        ("bảo hiểm tế", "#bhyt"),
        ("bảo hiêm y tế", "#bhyt"),
        ("LĐ UBND huyện", "#ld"),
        ("HN và các tỉnh", "#hn"),
        ("TT GDNN", "#tt"),
        ("15/KH-UBND", "#ubnd"),
        ("ủy ban. Nhân dân xã vui mừng đón Tết", "#mttq"),
    ],
)
def test_what_means_something_else_is_not_taken_for_an_abbreviation(text: str, absent: str) -> None:
    assert absent not in concepts(text)


@pytest.mark.parametrize(
    ("text", "concept"), [("30 LĐ", "#ld"), ("TT Me", "#tt"), ("số HN, HCN", "#hn"), ("BCH Đoàn", "#bch")]
)
def test_an_ambiguous_abbreviation_is_read_in_its_context(text: str, concept: str) -> None:
    assert concept in concepts(text)


def test_a_concept_covers_the_words_of_its_full_form() -> None:
    first = tokens("Ủy ban nhân dân huyện")[0]
    assert first.concepts == (("#ubnd", 4),)


def test_every_full_form_of_the_table_is_its_concept() -> None:
    known = load_abbreviations()
    assert [one.short for some in known.written.values() for one in some if len(one.words) > 1 and one.concept not in concepts(one.meaning)] == []  # fmt: skip
    assert "LĐ" not in meanings()


def test_what_was_typed_without_marks_is_marked_as_such() -> None:
    assert is_unmarked("Lao dong huyen Gia Vien")
    assert not is_unmarked("Lao động huyện Gia Viễn")
    assert document_terms("Ho khoan", "")[0] == (("ho", "~ho", "?ho"), ("khoan", "~khoan", "?khoan"))
    assert document_terms("Hộ", "nghèo")[0] == ((tone_key("hộ"), "~ho"),)


def text_of(token: Token, text: str) -> str:
    return text[token.start : token.end]


@given(ANY_TEXT | TYPED)
@example("ſ 1.2.3 1,5%% ½ ² 06/KH-UBND-")
def test_offsets_are_ascending_and_inside_the_text(text: str) -> None:
    found, last = tokens(text), 0
    for n, token in enumerate(found):
        assert last <= token.start < token.end <= len(text)
        assert token.terms
        assert all(token.terms)
        assert all(1 <= width <= len(found) - n for _, width in token.concepts)
        last = token.end


@given(WORDS)
@example("LĐ và LĐ")
def test_decomposed_text_gives_the_same_terms(text: str) -> None:
    composed, decomposed = unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)
    assert [token.terms for token in tokens(composed)] == [token.terms for token in tokens(decomposed)]


@given(TYPED)
def test_a_token_by_itself_has_the_literal_term_it_has_in_the_text(text: str) -> None:
    for token in tokens(text):
        assert tokens(text_of(token, text))[0].terms[0] == token.terms[0]


@pytest.mark.parametrize(
    "hostile",
    ["1" * 100_000, "A-" * 50_000, "1.000" * 20_000, "1/a" + "-a" * 50_000, "(" * 100_000, "A " * 50_000, "a-" * 50_000,
     "1 KH " * 20_000, "lao động " * 12_000, "1/1/" * 25_000, "A và " * 20_000],
)  # fmt: skip
def test_hostile_text_is_read_in_linear_time(hostile: str) -> None:
    assert len(tokens(hostile)) <= len(hostile)
