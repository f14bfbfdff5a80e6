"""What a reader types, what is found, and what is shown of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.enrich.labels import province_of
from archive.index import index_document, open_engine
from archive.index.protocol import Engine
from archive.index.whoosh_index import WhooshEngine
from archive.ingest import rebuild_index
from archive.models import (
    QUERY_ERRORS,
    All,
    AnyOf,
    Article,
    Asked,
    Change,
    DataDir,
    Document,
    Enrichment,
    IndexDocument,
    Match,
    Node,
    Not,
    NotFound,
    Phrase,
    Place,
    Portal,
    Query,
    QueryError,
    SearchRequest,
    Term,
    Version,
)
from archive.search import Archive, Reading, ask, parse, pieces, snippet, spans
from archive.store import Store
from archive.terms import document_terms
from archive.text import fold, tone_key
from tests.oracle import OracleEngine

HO, NGHEO = tone_key("hộ"), tone_key("nghèo")


def marked(word: str, field: Literal["title"] | None = None) -> Node:
    """What a word typed with marks asks for: itself, or its letters in an article typed without marks."""
    return AnyOf((Term(tone_key(word), field), Term("?" + fold(word), field, 0.3)))


def plain(word: str) -> Node:
    """What a word typed without marks asks for in a query that has some."""
    return AnyOf((Term(word), Term("~" + word, None, 0.5)))


def phrase(*words: str, field: Literal["title"] | None = None) -> Node:
    return AnyOf((Phrase(tuple(map(tone_key, words)), field), Phrase(tuple("?" + fold(word) for word in words), field)))


@pytest.mark.parametrize(
    ("typed", "node"),
    [
        ("", None),
        ("hộ", marked("hộ")),
        ("ho", Term("~ho")),
        ("hộ gia", All((marked("hộ"), plain("gia")))),
        ("ho gia", All((Term("~ho"), Term("~gia")))),
        ('"hộ nghèo"', phrase("hộ", "nghèo")),
        ('"hộ nghèo', phrase("hộ", "nghèo")),
        ('"ho khoan"', Phrase(("~ho", "~khoan"))),
        ("hộ OR sông", AnyOf((marked("hộ"), marked("sông")))),
        ("hộ -sông", All((marked("hộ"), Not(marked("sông"))))),
        ("hộ hộ", marked("hộ")),
        ("tiêu-đề:hộ", marked("hộ", "title")),
        ('title:"hộ nghèo"', phrase("hộ", "nghèo", field="title")),
        ("số:06/KH-UBND", Term("6/kh-ubnd")),
        ("số:6/KH", Term("6/kh")),
        ("so:62", Term("so:62")),
        ("6/kh-ubnd", Term("6/kh-ubnd")),
        ("06 kh ubnd", Term("6/kh-ubnd")),
        ("4000", Term("4000")),
        ("4.000", Term("4000")),
        ("1,5%", AnyOf((Term("1.5%"), Term("1.5")))),
        ("27/7", Phrase(("27", "7"))),
        ("31/1/2020", Term("d:2020-01-31")),
        ("ngày 31 tháng 1 năm 2020", All((marked("ngày"), Term("d:2020-01-31")))),
        ("ubnd", Term("#ubnd", None, 1.5)),
        ("TP HCM", Term("#tphcm", None, 1.5)),
        (
            "bao tro xa hoi",
            AnyOf((Term("#btxh", None, 1.5), All((Term("~bao"), Term("~tro"), Term("~xa"), Term("~hoi"))))),
        ),
        ("hộ nghèo", AnyOf((Term("#hn", None, 1.5), All((marked("hộ"), marked("nghèo")))))),
        ("OR hộ OR", marked("hộ")),
    ],
)
def test_a_typed_query_means_this(typed: str, node: Node | None) -> None:
    assert parse(typed) == node


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("hộ", Asked("hộ", "word", "exact")),
        ("ho", Asked("ho", "word", "folded")),
        ("-UBND", Asked("UBND", "abbreviation", "abbreviation", "ủy ban nhân dân", excluded=True)),
        ("31/1/2020", Asked("31/1/2020", "date", "date", "2020-01-31")),
        ("4.000", Asked("4.000", "number", "number")),
        ("06/KH-UBND", Asked("06/KH-UBND", "document", "document")),
        ('tiêu-đề:"hộ nghèo"', Asked("hộ nghèo", "phrase", "exact", field="title")),
    ],
)
def test_a_query_is_explained(typed: str, asked: Asked) -> None:
    assert [clause.asked for clause in ask(typed).clauses] == [asked]


def test_the_branches_of_an_explained_query_are_told_apart() -> None:
    assert [(clause.asked.typed, clause.asked.branch) for clause in ask("a OR b c").clauses] == [
        ("a", 0),
        ("b", 1),
        ("c", 1),
    ]


# --- the same documents through both engines' eyes -----------------------------------------------------------------


def found_by(query: str, texts: Sequence[str], engine: Engine) -> list[str]:
    """Return those of the texts that a query finds, the best first."""
    engine.add(IndexDocument(str(n), *document_terms("", text), {}, "", False) for n, text in enumerate(texts))
    engine.commit(1)
    asked = ask(query)
    return [texts[int(i)] for i, _ in engine.search(Query(asked.node, row=asked.row)).ids]


ENGINES: dict[str, Callable[[Path], Engine]] = {"oracle": lambda _: OracleEngine(), "whoosh": WhooshEngine}


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    made = ENGINES[request.param](tmp_path / "index")
    yield made
    made.close()


def test_the_shared_query_semantics_hold(shared: Path, tmp_path: Path) -> None:
    cases = json.loads((shared / "data/lexicons/tone_placement_tests.json").read_text())["query_semantics"]
    for name, make in ENGINES.items():
        for n, case in enumerate(cases):
            wanted = [text.partition(" (only")[0] for text in case["matches"]]
            engine = make(tmp_path / name / str(n))
            found = found_by(case["q"], [*wanted, *case["not_"]], engine)
            engine.close()
            assert sorted(found) == sorted(wanted), case["q"]


@pytest.mark.parametrize(
    ("query", "found", "not_found"),
    [
        ("UBND", ["Uỷ ban nhân dân huyện", "ubnd xa", "U.B.N.D"], ["Ủy ban bầu cử của nhân dân"]),
        ("ủy ban nhân dân", ["UBND huyện", "uy ban nhan dan"], ["Hội đồng nhân dân"]),
        ("Sở LĐTBXH", ["Sở Lao động - Thương binh và Xã hội", "Sở LĐ-TB&XH"], ["Sở Nội vụ"]),
        ("4000", ["hơn 4.000 lao động"], ["4,000 USD", "400"]),
        ("1,5%", ["giảm 1,5 % so với", "giảm 1.5%"], ["giảm 15%"]),
        ("31/1/2020", ["ngày 31 tháng 01 năm 2020", "31-01-2020"], ["31/1/2021"]),
        ("6/kh-ubnd", ["Kế hoạch số 06/KH-UBND", "06 / KH-UBND"], ["16/KH-UBND", "06/BC-UBND"]),
        ("số:62", ["Kế hoạch số 62", "62/KH-UBND"], ["62 hộ"]),
        ("hộ nghèo", ["hộ của người nghèo", "ho ngheo vay von"], ["hồ nghèo", "hồ ngheo, sông"]),
        ('"hộ nghèo"', ["40 hộ nghèo", "40 ho ngheo vay von"], ["hộ của người nghèo"]),
    ],
)
def test_a_query_finds_what_it_means(query: str, found: list[str], not_found: list[str], engine: Engine) -> None:
    assert sorted(found_by(query, [*found, *not_found], engine)) == sorted(found)


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("lao động", "lao động"),
        ("Đống Đa", "quận Đống Đa"),
        ("hộ nghèo", "hộ nghèo"),
    ],
)
def test_what_is_written_as_typed_and_side_by_side_comes_first(query: str, best: str, tmp_path: Path) -> None:
    texts = ["lào động", "động viên lao vào", best, "dong da khong dau", "nghèo, một hộ", "khác", "khác nữa"]
    engine = WhooshEngine(tmp_path / "index")
    assert found_by(query, texts, engine)[0] == best
    engine.close()


@pytest.mark.parametrize("typed", ["?!…", "- OR -", "a " * 33, "x" * 257, '"a b" ' * 5, f'"{"a " * 9}"'])
def test_a_query_out_of_bounds_is_answered_in_words(typed: str) -> None:
    with pytest.raises(QueryError) as refused:
        parse(typed)
    assert str(refused.value) == QUERY_ERRORS[refused.value.code].format(**refused.value.values)


@given(st.text(max_size=300))
def test_any_text_is_a_query_or_a_message(typed: str) -> None:
    try:
        parse(typed)
    except QueryError as error:
        assert str(error)


TEXT = "Quận Long Biên giảm 40 hộ nghèo. Hồ nước. Người nghèo của hộ khác."


@pytest.mark.parametrize(
    ("typed", "marked"),
    [
        ("hộ nghèo", ["hộ nghèo", "nghèo", "hộ"]),
        ('"hộ nghèo"', ["hộ nghèo"]),
        ("ho", ["hộ", "Hồ", "hộ"]),
        ("hộ -nghèo", ["hộ", "hộ"]),
        ("tiêu-đề:hộ", []),
        ("", []),
    ],
)
def test_marks_stand_on_what_answers_the_query(typed: str, marked: list[str]) -> None:
    assert [TEXT[start:end] for start, end in spans(TEXT, parse(typed), "text")] == marked


def test_a_snippet_shows_the_passage_with_most_words_of_the_query() -> None:
    text = "Mở đầu. " * 80 + "Quận giảm 40 hộ nghèo trong năm." + " Kết thúc." * 80
    shown = snippet(Reading(text, "text"), parse("giảm hộ nghèo"))
    assert [shown.text[start:end] for start, end in shown.spans] == ["giảm", "hộ nghèo"]
    assert len(shown.text) <= 300


@given(st.text(alphabet="hộ nghèo.\n x", max_size=400), st.sampled_from(["hộ", "ho ngheo", '"hộ nghèo"', "x"]))
def test_pieces_put_together_are_the_passage(text: str, typed: str) -> None:
    shown = snippet(Reading(text, "text"), parse(typed))
    cut = pieces(shown.text, shown.spans)
    assert "".join(piece for piece, _ in cut) == shown.text
    assert all(0 <= start < end <= len(shown.text) for start, end in shown.spans)


@pytest.fixture
def archive(data: DataDir, portal: Portal, article: Callable[..., Article]) -> Iterator[Archive]:
    articles = [
        (article(), Enrichment(topics=("giam-ngheo",), years=(2022,))),
        (article(key="2", title="Hội diễn văn nghệ", summary="", body=("Câu hò sông quê",)), Enrichment()),
        (article(key="3", title="Tư vấn việc làm", summary="", body=("Cho 6.000 người",)), Enrichment(topics=("viec-lam",), years=(2020,))),
    ]  # fmt: skip
    store, engine = Store(data.database), open_engine(data)
    with store.transaction():
        store.save_portal(portal)
        for made, enrichment in articles:
            store.save_entry(made, enrichment, (), "2022-01-13T00:00:00Z", "unknown")
    engine.add(index_document(store.get_entry(made.id), province_of) for made, _ in articles)
    engine.commit(store.seq(), store.identity())
    store.close()
    opened = Archive(data)
    yield opened
    opened.close()


def titles(archive: Archive, text: str, **options: object) -> list[str]:
    return [hit.entry.article.title for hit in archive.search(SearchRequest(text, **options)).hits]  # type: ignore[arg-type]


def test_a_search_finds_titles_and_texts_in_scope(archive: Archive) -> None:
    assert titles(archive, "hộ nghèo") == ["Huyện Gia Viễn triển khai kế hoạch giảm nghèo năm 2022"]
    assert titles(archive, "ho") == ["Huyện Gia Viễn triển khai kế hoạch giảm nghèo năm 2022"]
    assert len(titles(archive, "ho", all=True)) == 2
    assert titles(archive, "15/KH-UBND") == titles(archive, "số:15/kh-ubnd") != []
    assert titles(archive, "6000") == ["Tư vấn việc làm"]


def test_facets_carry_labels_and_keep_a_chosen_value_that_finds_nothing(archive: Archive) -> None:
    results = archive.search(SearchRequest("việc làm", filters={"year": ("2022",)}))
    assert [(value.value, value.count) for value in results.facets["year"]] == [("2022", 0), ("2020", 1)]
    assert [value.label for value in results.facets["portal"]] == []
    assert archive.search(SearchRequest("")).facets["topic"][0].label in ("Giảm nghèo", "Việc làm")


@pytest.mark.parametrize(
    ("typed", "suggested", "changes"),
    [
        ("tư vấn viêc làm", "tư vấn việc làm", [Change("restored", "viêc", "việc")]),
        ("tư vấn vệc làm", "tư vấn việc làm", [Change("repaired", "vệc", "việc")]),
        ("gian Viễn", "Gia Viễn", [Change("repaired", "gian", "Gia")]),
        ("16/KH-UBND Gia Viễn", None, []),
        ("15/QĐ-UBND", "số:15", [Change("renumbered", "15/QĐ-UBND", "số:15")]),
        ('"Viễn Gia"', "Viễn Gia", [Change("unquoted", '"Viễn Gia"')]),
        ("câu hò", "câu hò", [Change("lifted", "scope")]),
        ("xyztvw", None, []),
    ],
)
def test_a_query_that_finds_nothing_offers_the_nearest_that_does(
    archive: Archive, typed: str, suggested: str | None, changes: list[Change]
) -> None:
    found = archive.search(SearchRequest(typed)).suggestion
    assert (found and found.text) == suggested
    assert list(found.changes if found else ()) == changes


def test_a_filter_that_leaves_nothing_is_named(archive: Archive) -> None:
    found = archive.search(SearchRequest("tư vấn", filters={"year": ("2022",)}, published_from="2030-01-01")).suggestion
    assert found is not None
    assert (found.text, found.lifted) == ("tư vấn", ("year", "published"))


def test_what_holds_most_of_the_words_is_shown_where_nothing_holds_all(archive: Archive) -> None:
    results = archive.search(SearchRequest("kế hoạch giảm nghèo xyztvw"))
    assert results.partial
    assert [hit.missing for hit in results.hits] == [("xyztvw",)]
    assert not archive.search(SearchRequest("kế hoạch giảm nghèo")).partial
    assert not archive.search(SearchRequest("xyztvw -nghèo")).partial


def test_a_hit_says_why_it_was_found(archive: Archive) -> None:
    hit = archive.search(SearchRequest("gia nghèo 15/kh-ubnd")).hits[0]
    assert hit.why == (
        Match("gia", "title", "folded"),
        Match("nghèo", "title", "exact"),
        Match("nghèo", "text", "exact"),
        Match("15/kh-ubnd", "text", "document"),
    )


def test_a_province_includes_its_districts_and_communes(data: DataDir, article: Callable[..., Article]) -> None:
    def about(place: str, name: str) -> Enrichment:
        plan = Document("D", "06/KH-UBND", "Kế hoạch", None, None, "announces")
        cited = Document("E", "1/NĐ-CP", "Nghị định", None, None, "cites")
        return Enrichment((Place(place, place, name, "", "", ""),), topics=("giam-ngheo",), documents=(plan, cited))

    store = Store(data.database)
    with store.transaction():
        for key, (place, name) in enumerate(
            (("004", "Quận Long Biên"), ("00145", "Phường Long Biên"), ("373", "Huyện Gia Viễn"))
        ):
            store.save_entry(
                article(key=str(key), title=name), about(place, name), (), "2022-01-13T00:00:00Z", "unknown"
            )
    rebuild_index(store, open_engine(data))
    store.close()
    archive = Archive(data)
    found = archive.search(SearchRequest(filters={"place": ("01",)}))
    assert {hit.entry.article.title for hit in found.hits} == {"Quận Long Biên", "Phường Long Biên"}
    shown = {value.value: (value.count, value.parent) for value in found.facets["place"]}
    assert shown == {"01": (2, None), "004": (1, "01"), "00145": (1, "01"), "37": (1, None), "373": (1, "37")}
    assert [value.value for value in found.facets["kind"]] == ["Kế hoạch"]
    assert archive.search(SearchRequest(filters={"kind": ("Kế hoạch",)})).total == 3
    archive.close()


def test_an_index_of_another_database_is_refused(archive: Archive, data: DataDir) -> None:
    engine = open_engine(data)
    engine.delete([])
    engine.commit(engine.seq(), "another")
    assert archive.search(SearchRequest("hộ nghèo")).total == 0
    assert "another database" in archive.refusal


@pytest.mark.parametrize(
    "request_",
    [SearchRequest(limit=101), SearchRequest(page=0), SearchRequest(page=5000), SearchRequest(filters={"x": ("1",)})],
)
def test_a_request_out_of_bounds_is_answered_in_words(archive: Archive, request_: SearchRequest) -> None:
    with pytest.raises(QueryError):
        archive.search(request_)


def test_what_is_not_there_is_said(archive: Archive) -> None:
    for get in (archive.get_entry, archive.get_capture, archive.read_capture):
        with pytest.raises(NotFound):
            get("XXXXXXXXXXXX")
    with pytest.raises(NotFound):
        archive.get_version("XXXXXXXXXXXX", 1)


def test_the_lag_of_the_index_is_shown(archive: Archive, data: DataDir, article: Callable[..., Article]) -> None:
    store = Store(data.database)
    with store.transaction():
        store.save_entry(
            article(key="9"), Enrichment(), (Version(1, "", "", "", ""),), "2022-01-13T00:00:00Z", "unknown"
        )
    store.close()
    assert archive.totals().behind == archive.search(SearchRequest("")).behind == 1
