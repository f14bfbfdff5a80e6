"""`ansinh evaluate`: its own figures, equal to those of the labelled set's scorer, with every miss."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from archive.cli import main
from archive.enrich import analyze_text
from archive.evaluate import Evaluation, Figures, Label, LabelledClaim, evaluate, read_labels
from archive.models import ArchiveError, Claim, Document, Enrichment, Evidence, Place
from tests.test_enrich import gold, read_lines, scorer

__all__ = ["gold"]  # a fixture

ROW = {
    "id": "a", "title": "Huyện Gia Viễn giảm nghèo năm 2022", "published": "2022-01-12", "url": None,
    "text": "UBND huyện Gia Viễn ban hành Kế hoạch số 15/KH-UBND: năm 2022 giảm 120 hộ nghèo.",
    "text_kind": "restated", "level": "district", "relevant": True, "claims_complete": True,
    "places": [{"code": "373", "name": "Huyện Gia Viễn", "province": "Ninh Bình", "commune": None, "role": "subject"}],
    "years": [2022], "topics": ["giam-ngheo"],
    "documents": [{"number": "15/KH-UBND", "kind": "Kế hoạch", "issuer": None, "date": None, "role": "announces"}],
    "claims": [{"kind": "target", "indicator": "poor_hh_count", "value": 120, "value_max": None, "unit": "hộ",
                "comparator": "=", "direction": "down", "year": 2022, "quote": "giảm 120 hộ nghèo"}],
}  # fmt: skip
PLACE = Place("373", "373", "Huyện Gia Viễn", "huyện", "Tỉnh Ninh Bình", "Tỉnh Ninh Bình")


def claim(**changes: Any) -> Claim:
    made = Claim(
        "c", "target", "poor_hh_count", 120, None, None, "hộ", "=", "down", 2022, None, None, None, None, None, None,
        0.9, "giảm 120 hộ nghèo", 66, 83,
    )  # fmt: skip
    return replace(made, **changes)


RIGHT = Enrichment(
    places=(PLACE,),
    years=(2022,),
    topics=("giam-ngheo",),
    documents=(Document("d", "15/KH-UBND", "Kế hoạch", None, None, "announces"),),
    claims=(claim(),),
)


def written(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def judged(path: Path, found: Enrichment, **changes: Any) -> Evaluation:
    return evaluate(read_labels(written(path / "gold.jsonl", {**ROW, **changes})), lambda _: found)["all"]


def counts(evaluation: Evaluation, name: str) -> tuple[int, int, int]:
    one = evaluation.figures[name]
    return one.right, one.wrong, one.missed


def test_what_is_all_right_has_no_miss(tmp_path: Path) -> None:
    evaluation = judged(tmp_path, RIGHT)
    assert {counts(evaluation, name) for name in evaluation.figures} == {(1, 0, 0)}
    assert evaluation.misses == []
    assert evaluation.relevance == 1


def test_what_is_not_found_is_missed_and_lowers_recall(tmp_path: Path) -> None:
    evaluation = judged(tmp_path, Enrichment(topics=("tre-em",)))
    assert [(miss.field, miss.expected, miss.found) for miss in evaluation.misses] == [
        ("topics", "giam-ngheo", ""),
        ("topics", "", "tre-em"),
        ("documents", "15/KH-UBND", ""),
        ("years", "2022", ""),
        ("places", "Huyện Gia Viễn", ""),
        ("claims", "target poor_hh_count 120 hộ", ""),
    ]
    assert (evaluation.figures["years"].recall, evaluation.figures["years"].f1) == (0.0, 0.0)


def test_a_false_alarm_is_told_with_the_words_that_raised_it(tmp_path: Path) -> None:
    evidence = Evidence("years", "2021", "years.text", "2021", 5, 9, 0.5)
    evaluation = judged(tmp_path, replace(RIGHT, years=(2021, 2022), evidence=(evidence,)))
    assert [(miss.field, miss.found, miss.quote) for miss in evaluation.misses] == [("years", "2021", "2021")]
    assert counts(evaluation, "years") == (1, 1, 0)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"value": 120.5}, (1, 0, 0)),
        ({"value": 122}, (0, 1, 1)),
        ({"kind": "result"}, (0, 1, 1)),
        ({"unit": "hộ gia đình"}, (1, 0, 0)),
        ({"unit": "người"}, (0, 1, 1)),
        ({"start": 0, "end": 10}, (0, 1, 1)),
        ({"indicator": "other"}, (1, 0, 0)),
    ],
)
def test_a_claim_is_found_by_kind_value_unit_and_place(
    tmp_path: Path, changes: dict[str, Any], expected: tuple[int, int, int]
) -> None:
    assert counts(judged(tmp_path, replace(RIGHT, claims=(claim(**changes),))), "claims") == expected


def test_a_repeat_and_an_optional_claim_are_neither_right_nor_wrong(tmp_path: Path) -> None:
    twice = replace(RIGHT, claims=(claim(), claim(id="d")))
    assert counts(judged(tmp_path, twice), "claims") == (1, 0, 0)
    optional = [{**ROW["claims"][0], "optional": True}]  # type: ignore[index]
    assert counts(judged(tmp_path, RIGHT, claims=optional), "claims") == (0, 0, 0)


def test_one_claim_answers_one_label_even_when_it_could_answer_another(tmp_path: Path) -> None:
    """The first claim fits both labels, the second only the first: both are found."""
    text = "Giảm 120 hộ nghèo, giảm 120 hộ cận nghèo."
    first, second = ({**ROW["claims"][0], "quote": quote} for quote in ("Giảm 120 hộ nghèo", "giảm 120 hộ cận nghèo"))  # type: ignore[index]
    found = replace(RIGHT, claims=(claim(start=0, end=41), claim(id="d", start=0, end=17)))
    assert counts(judged(tmp_path, found, text=text, claims=[first, second]), "claims") == (2, 0, 0)


def test_what_is_labelled_irrelevant_counts_for_relevance_topics_and_documents_alone(tmp_path: Path) -> None:
    evaluation = judged(tmp_path, RIGHT, relevant=False, topics=[], claims=[])
    assert evaluation.relevance == 0
    assert counts(evaluation, "topics") == (0, 1, 0)
    assert {counts(evaluation, name) for name in ("places", "years", "claims")} == {(0, 0, 0)}


def test_a_share_of_nothing_is_whole() -> None:
    assert (Figures().precision, Figures().recall, Figures().f1) == (1.0, 1.0, 1.0)


@pytest.mark.parametrize("line", ["{", "[]", '{"id": "a"}'])
def test_a_line_that_is_no_label_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(f"{json.dumps(ROW)}\n{line}\n", "utf-8")
    with pytest.raises(ArchiveError, match=r"gold\.jsonl, line 2"):
        list(read_labels(path))


def test_the_command_prints_figures_and_misses(tmp_path: Path) -> None:
    path = written(tmp_path / "gold.jsonl", ROW, {**ROW, "id": "b", "years": [2021], "level": "commune"})
    result = CliRunner().invoke(main, ["evaluate", str(path), "--errors", "--by", "level"])
    assert result.exit_code == 0, result.output
    assert "commune: 1 articles, relevance 1.000" in result.output
    assert "- b  years  2021" in result.output
    assert "+ b  years  2022  2022" in result.output


def test_the_command_prints_json_for_programs(tmp_path: Path) -> None:
    path = written(tmp_path / "gold.jsonl", ROW)
    result = CliRunner().invoke(main, ["evaluate", str(path), "--json", "--errors"])
    report = json.loads(result.output)
    assert report["all"]["documents"] == {"right": 1, "wrong": 0, "missed": 0, "p": 1.0, "r": 1.0, "f1": 1.0}
    assert report["restated"]["records"] == 1
    assert {miss["field"] for miss in report["misses"]} <= {"claims"}  # claims are judged by tests of their own


# --- beside the scorer of the labelled set -------------------------------------------------------------------


def claim_of(label: Label, one: LabelledClaim, n: int) -> Claim:
    start = label.text.find(one.quotes[0])
    return claim(
        id=str(n), kind=one.kind, indicator=one.indicator, value=one.value, unit=one.unit, quote=one.quotes[0],
        start=start, end=start + len(one.quotes[0]),
    )  # fmt: skip


def blurred(found: Enrichment, label: Label, dice: random.Random) -> Enrichment:
    """Return what was found with the labelled claims, some lost, doubled, changed, or of another kind."""
    claims: list[Claim] = []
    for n, one in enumerate(label.claims):
        made = claim_of(label, one, n)
        if made.start < 0 or one.value is None:
            continue
        fate = dice.randrange(6)
        changed = {1: replace(made, value=made.value * 1.004), 2: replace(made, value=made.value * 3 + 7)}
        changed[3] = replace(made, kind="target" if made.kind == "result" else "result")
        claims += [] if fate == 0 else [made, made] if fate == 4 else [changed.get(fate, made)]
    return replace(found, claims=tuple(claims), years=found.years[: dice.randrange(4)])


@pytest.mark.parametrize("seed", [None, 1, 2])
def test_figures_are_those_of_the_scorer(gold: Path, seed: int | None) -> None:
    labels = list(read_labels(gold / "dev.jsonl"))
    found = {label.id: analyze_text(label.id, label.title, label.text, label.published) for label in labels}
    if seed is not None:
        dice = random.Random(seed)
        found = {label.id: blurred(found[label.id], label, dice) for label in labels}
    predictions = [{"id": name, **asdict(one)} for name, one in found.items()]
    expected = scorer(gold).score(read_lines(gold / "dev.jsonl"), predictions)
    for group, evaluation in evaluate(labels, read_from(found)).items():
        assert evaluation.relevance / evaluation.records == pytest.approx(
            expected[group]["relevance"]["accuracy"], abs=1e-4
        )
        for name, one in evaluation.figures.items():
            ours = (one.right + one.missed, one.right + one.wrong, round(one.f1, 4))
            assert ours == tuple(expected[group][name][key] for key in ("gold", "pred", "f1")), (group, name)


def read_from(found: dict[str, Enrichment]) -> Callable[[Label], Enrichment]:
    return lambda label: found[label.id]
