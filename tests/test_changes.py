"""The words that changed between two versions, and nothing but those."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from webui.changes import Change, changes, shortened

TEXTS = st.text(alphabet="hộ nghèo 40\n.", max_size=120)


def test_a_changed_number_is_one_word_out_and_one_in() -> None:
    assert changes("giảm 40 hộ nghèo", "giảm 30 hộ nghèo") == (
        Change("same", "giảm "),
        Change("out", "40 "),
        Change("in", "30 "),
        Change("same", "hộ nghèo"),
    )


@given(TEXTS, TEXTS)
def test_each_version_can_be_read_off_its_changes(before: str, after: str) -> None:
    steps = changes(before, after)
    assert "".join(step.text for step in steps if step.kind != "in") == before
    assert "".join(step.text for step in steps if step.kind != "out") == after


def test_long_unchanged_stretches_are_cut_to_the_words_beside_a_change() -> None:
    text = " ".join(f"từ{n}" for n in range(200))
    steps = shortened(changes(text + " cũ", text + " mới"))
    assert [step.kind for step in steps] == ["skipped", "same", "out", "in"]
    assert steps[1].text.split()[0] == "từ185"


def test_a_very_long_text_is_compared_by_lines() -> None:
    before = "\n".join(f"dòng {n} của văn bản" for n in range(4_000))
    steps = changes(before, before.replace("dòng 7 của", "dòng 7 khác"))
    assert [step.text for step in steps if step.kind in ("out", "in")] == [
        "dòng 7 của văn bản\n",
        "dòng 7 khác văn bản\n",
    ]
