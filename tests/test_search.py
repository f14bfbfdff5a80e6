"""What a reader types, what is found, and what is shown of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.index import index_document, open_engine
from archive.models import (
    All,
    AnyOf,
    Article,
    DataDir,
    Enrichment,
    Node,
    Not,
    NotFound,
    Phrase,
    Portal,
    QueryError,
    SearchRequest,
    Term,
    Version,
)
from archive.search import Archive, parse, pieces, snippet, spans
from archive.store import Store
from archive.text import tone_key

HO, NGHEO = tone_key("hộ"), tone_key("nghèo")


@pytest.mark.parametrize(
    ("typed", "node"),
    [
        ("", None),
        ("hộ", Term(HO)),
        ("hộ nghèo", All((Term(HO), Term(NGHEO)))),
        ("ho nghèo", All((Term("~ho"), Term(NGHEO)))),
        ('"hộ nghèo"', Phrase((HO, NGHEO))),
        ('"hộ nghèo', Phrase((HO, NGHEO))),
        ("hộ OR nghèo", AnyOf((Term(HO), Term(NGHEO)))),
        ("hộ -nghèo", All((Term(HO), Not(Term(NGHEO))))),
        ("tiêu-đề:hộ", Term(HO, "title")),
        ('title:"hộ nghèo"', Phrase((HO, NGHEO), "title")),
        ("số:06/KH-UBND", Term("6/kh-ubnd")),
        ("so:62", Term("62")),
        ("6/kh-ubnd", Term("6/kh-ubnd")),
        ("4000", Term("4000")),
        ("4.000", Term("4000")),
        ("27/7", Phrase(("27", "7"))),
        ("ai:hộ", Phrase(("~ai", HO))),
        ("OR hộ OR", Term(HO)),
    ],
)
def test_a_typed_query_means_this(typed: str, node: Node | None) -> None:
    assert parse(typed) == node


@pytest.mark.parametrize("typed", ["?!…", "- OR -", "a " * 17, "x" * 257, '"a b" ' * 5, f'"{"a " * 9}"'])
def test_a_query_out_of_bounds_is_answered_in_words(typed: str) -> None:
    with pytest.raises(QueryError, match=r"Câu tìm|cụm từ"):
        parse(typed)


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
    shown = snippet(text, parse("giảm hộ nghèo"))
    assert [shown.text[start:end] for start, end in shown.spans] == ["giảm", "hộ nghèo"]
    assert len(shown.text) <= 300


@given(st.text(alphabet="hộ nghèo.\n x", max_size=400), st.sampled_from(["hộ", "ho ngheo", '"hộ nghèo"', "x"]))
def test_pieces_put_together_are_the_passage(text: str, typed: str) -> None:
    shown = snippet(text, parse(typed))
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
    engine.add(index_document(store.get_entry(made.id)) for made, _ in articles)
    engine.commit(store.seq())
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


@pytest.mark.parametrize(("typed", "suggested"), [("hỗ nghèo", "ho ngheo"), ("nghèo xyzt", "nghèo"), ("xyzt", None)])
def test_a_query_that_finds_nothing_offers_the_nearest_that_does(
    archive: Archive, typed: str, suggested: str | None
) -> None:
    assert archive.search(SearchRequest(typed)).suggestion == suggested


@pytest.mark.parametrize(
    "request_",
    [SearchRequest(limit=101), SearchRequest(page=0), SearchRequest(page=5000), SearchRequest(filters={"x": ("1",)})],
)
def test_a_request_out_of_bounds_is_answered_in_words(archive: Archive, request_: SearchRequest) -> None:
    with pytest.raises(QueryError):
        archive.search(request_)


def test_what_is_not_there_is_said(archive: Archive) -> None:
    for ask in (archive.get_entry, archive.get_capture, archive.read_capture):
        with pytest.raises(NotFound):
            ask("XXXXXXXXXXXX")
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
