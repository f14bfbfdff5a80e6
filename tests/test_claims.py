"""Claims: tables of own sentences by phenomenon, the seeds, promises for any text, figures on the labelled articles."""

from __future__ import annotations

import importlib.util
import json
import tomllib
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archive.enrich import analyze_text, enrich
from archive.enrich.claims import Sites, find_claims
from archive.enrich.claims.indicators import load_indicators
from archive.enrich.claims.words import load
from archive.enrich.mentions import Named
from archive.enrich.prose import read_prose
from archive.enrich.years import find_years
from archive.models import TOPICS, Article, Claim
from tests.conftest import SHARED
from tests.pace import assert_growth, assert_linear

CASES = tomllib.loads((Path(__file__).parent / "enrich/claims.toml").read_text("utf-8"))["case"]
NOWHERE = Named((), ())
# Attributes of a case, each a list parallel to its claims; "" stands for none.
ATTRIBUTES = {
    "assigners": "assigner",
    "populations": "sub_population",
    "plan_shares": "plan_share",
    "yoys": "yoy",
    "periods": "period",
    "maxima": "value_max",
    "wholes": "out_of",
}


def claims_of(title: str, text: str, published: str | None) -> tuple[Claim, ...]:
    prose = read_prose(title, f"{title}\n\n{text}" if title else text, published)
    return find_claims(prose, "x", find_years(prose).years, Sites(prose, NOWHERE, ()))


def row_of(claim: Claim) -> list[Any]:
    names = ("kind", "indicator", "value", "unit", "comparator", "direction", "year")
    return [getattr(claim, name) for name in names]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["why"]) for case in CASES])
def test_claims(case: dict[str, Any]) -> None:
    found = claims_of(case.get("title", ""), case["text"], case.get("published", "2023-06-15"))
    assert [row_of(claim) for claim in found] == case["claims"]
    for name, attribute in ATTRIBUTES.items():
        if name in case:
            assert [getattr(claim, attribute) for claim in found] == [value or None for value in case[name]]


def test_there_is_a_sentence_for_every_phenomenon() -> None:
    assert len(CASES) >= 80
    assert len({case["text"] for case in CASES}) == len(CASES)


# --- the data ------------------------------------------------------------------------------------------------


def test_every_indicator_is_complete() -> None:
    indicators = load_indicators()
    families = set(load("units.toml")["units"]) | {"percent"}
    assert len(indicators) >= 55
    for indicator in indicators.values():
        assert indicator.label
        assert indicator.label_en
        assert indicator.topic in TOPICS
        assert indicator.better in {"less", "more", "neutral"}
        assert indicator.measure in {"stock", "roll", "flow"}
        assert indicator.heads
        assert indicator.units <= families
        assert {indicator.twin, indicator.rate, indicator.people} - {None} <= indicators.keys()


def test_every_zero_form_names_an_indicator() -> None:
    assert set(load("cues.toml")["zeros"]) - {"none", "approximate"} <= load_indicators().keys()


# --- promises ------------------------------------------------------------------------------------------------

TWICE = "Huyện phấn đấu giảm 40 hộ nghèo. Huyện phấn đấu giảm 40 hộ nghèo."


def test_equal_claims_have_ids_of_their_own_that_stay() -> None:
    first, second = claims_of("", TWICE, "2023-01-01")
    assert first.id != second.id
    assert [claim.id for claim in claims_of("", TWICE, "2023-01-01")] == [first.id, second.id]


def test_a_figure_told_again_in_the_title_is_another_passage() -> None:
    found = claims_of("Huyện phấn đấu giảm 40 hộ nghèo", "Năm nay, huyện phấn đấu giảm 40 hộ nghèo.", "2023-01-01")
    assert [claim.value for claim in found] == [40, 40]
    assert found[0].end <= found[1].start


def test_out_of_scope_there_are_no_claims() -> None:
    text = "Giải bóng đá huyện Gia Viễn có 12 đội, 240 người tham gia thi đấu trong 10 ngày tại sân vận động huyện."
    assert analyze_text("x", "Giải bóng đá huyện Gia Viễn", text).claims == ()


def test_a_claim_of_a_title_that_stands_apart_is_none_and_offsets_count_in_the_text() -> None:
    text = "Năm 2022, huyện Gia Viễn đã có 81 hộ nghèo được hỗ trợ xây dựng nhà ở; giảm nghèo bền vững."
    found = analyze_text("x", "Gia Viễn giảm 40 hộ nghèo", text, "2022-12-01").claims
    assert [claim.value for claim in found] == [81]
    assert text[found[0].start : found[0].end] == found[0].quote


PLACES = [
    ("Năm 2022, huyện Gia Viễn đã giảm 40 hộ nghèo.", "373"),
    ("Năm 2022, xã Gia Thịnh đã giảm 40 hộ nghèo.", "373/Xã Gia Thịnh"),
    ("Năm 2022, huyện Nho Quan đã giảm 40 hộ nghèo.", "372"),
    ("Năm 2022, toàn tỉnh đã giảm 4.000 hộ nghèo.", None),
]


@pytest.mark.parametrize(("sentence", "place"), PLACES)
def test_the_place_of_a_claim(sentence: str, place: str | None) -> None:
    lead = "Phòng Lao động huyện Gia Viễn, tỉnh Ninh Bình, tổng kết công tác giảm nghèo trên địa bàn huyện Gia Viễn."
    title = "Huyện Gia Viễn: kết quả giảm nghèo"
    (claim,) = analyze_text("x", title, f"{title}\n\n{lead}\n\n{sentence}", "2022-12-20").claims
    assert claim.place == place


PIECES = (
    "phấn đấu", "giảm", "5 hộ nghèo", "1,5%", "(", ")", ";", ",", ".", "\n", "- ", ":", " | ", "năm 2020", "2016-2020", "từ", "đến",
    "1.000/2.000 lao động", "không còn hộ nghèo", "kế hoạch", "so với", "tỷ đồng", "3 tỷ 200 triệu", "mười hai", "em", "UBND", "giao",
    "5", "6,", "và", "%", "/", "27/7", "điểm %", "BHYT", "100% người có công", "trở lên", "đã", "sẽ", "Hòa\u0300", "\u0300", "STT", "Kế hoạch",
    "Thực hiện", "Đơn vị tính",
)  # fmt: skip


def assert_quoted(text: str, claims: Sequence[Claim]) -> None:
    for claim in claims:
        assert 0 <= claim.start < claim.end <= len(text)
        assert text[claim.start : claim.end] == claim.quote
        assert 0.0 < claim.confidence <= 1.0
    assert len({claim.id for claim in claims}) == len(claims)


@given(st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join), st.sampled_from([None, "2020", "2021-05-01"]))
def test_every_claim_is_cut_from_its_text(text: str, published: str | None) -> None:
    assert_quoted(text, claims_of("", text, published))


@given(st.text(max_size=300))
@example("5 hộ nghèo")
@example("﻿1.234.567,89% ")
def test_no_text_breaks_the_rules(text: str) -> None:
    assert_quoted(text, claims_of("", text, None))


def test_a_body_of_an_article_gives_the_claims_of_its_text() -> None:
    body = ("Năm 2022, huyện Gia Viễn đã giảm 40 hộ nghèo.", "Năm 2023, huyện phấn đấu giảm 35 hộ nghèo.")
    article = Article(
        "p", "k", "http://p.test/k", "Huyện Gia Viễn giảm nghèo", body, ("p", "p"), published="2022-12-20"
    )
    found = enrich(article, None).claims
    assert [claim.value for claim in found] == [40, 35]
    assert_quoted(article.text, found)
    assert enrich(replace(article, key="l"), None).claims[0].id != found[0].id


HOSTILE = (
    "5 hộ nghèo ", "giảm 5% hộ nghèo (", "5, 6, 7 và 8 hộ; ", "(((", "1.000.000/", "từ 5 - 6 - 7% ", "không còn hộ nghèo ",
    "- 5 hộ nghèo:\n", "mười hai ", "STT Kế hoạch Thực hiện\n", "năm 2020 ",
)  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_long_hostile_text_takes_bounded_time(piece: str) -> None:
    assert_linear(lambda size: claims_in(piece, size), 100_000, 10.0)


def test_figures_beyond_the_most_cost_next_to_nothing() -> None:
    assert_growth(lambda size: claims_in(HOSTILE[0], size), 12_500, 100_000, 3)  # 1,100 and 9,000 figures


def claims_in(piece: str, size: int) -> object:
    prose = read_prose("", piece * (size // len(piece)), "2020")
    return find_claims(prose, "x", (2020,), Sites(prose, NOWHERE, ()))


# --- figures -------------------------------------------------------------------------------------------------

SEEDS: dict[str, tuple[str | None, list[tuple[str, str, float, str]]]] = {
    "hnp-long-bien": ("2020-02-21", [
        ("target", "poor_hh_count", 40, "down"), ("target", "poor_hh_count", 55, "down"), ("target", "poor_hh_count", 0, "level"),
        ("target", "job_counselling", 6000, "total"),
    ]),
    "hnp-dong-da": ("2019-04-04", [("target", "poor_hh_count", 43, "down"), ("target", "near_poor_hh_count", 29, "down")]),
    "tinh-bien": ("2019-03-01", [
        ("target", "jobs_created", 4000, "total"), ("target", "voc_trained", 200, "total"), ("target", "poor_hh_rate", 1.5, "down"),
        ("target", "near_poor_hh_rate", 1, "down"),
    ]),
    "cu-khoi": ("2021-02-17", [
        ("result", "poor_hh_count", 0, "level"), ("result", "near_poor_hh_count", 4, "down"), ("result", "poor_hh_count", 5, "level"),
        ("result", "merit_convalescence", 3, "total"), ("result", "hi_cards", 450, "total"), ("result", "socprot_monthly", 214, "level"),
        ("result", "socprot_money", 94850000, "total"), ("result", "elderly_longevity", 102, "total"),
    ]),
    "gia-vien": ("2023-07-12", [
        ("result", "poor_housing_support", 81, "total"), ("result", "merit_monthly", 17000, "total"),
        ("result", "merit_money", 31000000000, "total"), ("result", "burial_cost", 43, "total"),
        ("result", "merit_convalescence", 1500, "total"),
    ]),
}  # fmt: skip


@pytest.mark.parametrize("name", SEEDS)
def test_seeds(name: str) -> None:
    path = SHARED / f"data/seeds/{name}.txt"
    if not path.exists():
        pytest.skip("needs the reference pages (ANSINH_SHARED)")
    published, expected = SEEDS[name]
    text = path.read_text("utf-8")
    found = analyze_text(name, "", text, published).claims
    assert_quoted(text, found)
    told = {(claim.kind, claim.indicator, claim.value, claim.direction) for claim in found}
    assert set(expected) <= told


def test_the_three_assigners_of_long_bien_stay_apart() -> None:
    path = SHARED / "data/seeds/hnp-long-bien.txt"
    if not path.exists():
        pytest.skip("needs the reference pages (ANSINH_SHARED)")
    found = analyze_text("x", "", path.read_text("utf-8"), "2020-02-21").claims
    targets = {(claim.value, claim.assigner) for claim in found if claim.indicator == "poor_hh_count"}
    assert targets == {(40, "Thành phố"), (55, "quận"), (0, None)}


def test_labelled_sentences_give_their_figures() -> None:
    path = SHARED / "data/lexicons/indicator_gold.json"
    if not path.exists():
        pytest.skip("needs the reference pages (ANSINH_SHARED)")
    gold = json.loads(path.read_text("utf-8"))
    hits = told = labelled = 0
    for item in (*gold["items"], *gold["heldout"]):
        title = ("Kế hoạch năm" if item["doc_prior"] == "target" else "Kết quả năm") + f" {item['pub_year']}"
        found = [c for c in claims_of(title, item["text"], f"{item['pub_year']}-06-15") if c.indicator != "other"]
        said = [(claim.indicator, claim.value) for claim in found]
        expected = [(one["indicator"], float(one["value"])) for one in item["expect"]]
        hits += sum(min(said.count(one), expected.count(one)) for one in set(expected))
        told, labelled = told + len(said), labelled + len(expected)
    assert 2 * hits / (told + labelled) >= 0.95


def test_labelled_articles_give_their_claims() -> None:
    folder = SHARED / "data/gold"
    if not folder.exists():
        pytest.skip("needs the reference pages (ANSINH_SHARED)")
    spec = importlib.util.spec_from_file_location("score", folder / "score.py")
    assert spec is not None
    assert spec.loader is not None
    scorer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scorer)
    gold = scorer.load(folder / "dev.jsonl")
    told = []
    for record in gold:
        found = analyze_text(record["id"], record["title"], record["text"], record["published"])
        told.append({"id": record["id"], "topics": found.topics, "claims": [asdict(claim) for claim in found.claims]})
    figures = scorer.score(gold, told)["all"]
    assert figures["unquotable_claims"] == 0
    assert figures["claims"]["f1"] >= 0.90
    assert figures["claims"]["p"] >= 0.89
    for name, least in (("claim_kind", 0.93), ("claim_year", 0.93), ("indicator", 0.92), ("claim_unit", 0.97)):
        assert figures[name]["accuracy"] >= least, name
    for name in ("claim_comparator", "claim_direction"):
        assert figures[name]["accuracy"] >= 0.92, name
