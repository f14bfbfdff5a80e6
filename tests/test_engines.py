"""The contract of every engine: the same matches, totals and facet counts as the naive one, whatever the query."""

from __future__ import annotations

import pickle
import shutil
from array import array
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.index import IndexDamaged
from archive.index.postings import Cache, Found
from archive.index.protocol import Engine
from archive.index.whoosh_index import WhooshEngine
from archive.models import All, AnyOf, AtLeast, IndexDocument, Node, Not, Phrase, Query, Term
from archive.terms import END_OF_FILE, document_terms, file_terms
from archive.text import tone_key
from tests.oracle import OracleEngine

ENGINES: dict[str, Callable[[Path], Engine]] = {"oracle": lambda _: OracleEngine(), "whoosh": WhooshEngine}


HO, NGHEO = tone_key("hộ"), tone_key("nghèo")


def document(
    number: int,
    title: str,
    text: str,
    hidden: bool = False,
    published: str = "",
    files: Sequence[str] = (),
    **facets: str,
) -> IndexDocument:
    title_terms, text_terms = document_terms(title, text)
    return IndexDocument(
        id=f"D{number}",
        title=title_terms,
        text=text_terms,
        facets={name: tuple(value.split()) for name, value in facets.items()},
        published=published,
        hidden=hidden,
        files=file_terms(files),
    )


DOCUMENTS = [
    document(1, "Giảm nghèo năm 2020", "Quận giảm 40 hộ nghèo", place="004", year="2020", topic="giam-ngheo", published="2020-01-09"),
    document(2, "Việc làm", "Tư vấn việc làm cho hộ nghèo và 4.000 lao động", place="004 890", year="2019", topic="viec-lam giam-ngheo"),
    document(3, "Hò khoan", "Câu hò bên sông, hoà nhạc", place="373", year="2020", hidden=True, published="2021-05-01"),
    document(4, "Kế hoạch số 06/KH-UBND", "Người có công; nghèo hộ", place="373", year="2021", topic="nguoi-co-cong", published="2019-03-02T08:00:00+07:00"),
]  # fmt: skip


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    made = ENGINES[request.param](tmp_path / "index")
    made.add(DOCUMENTS)
    made.commit(4)
    yield made
    made.close()


def ids(engine: Engine, query: Query) -> set[str]:
    return {document_id for document_id, _ in engine.search(query).ids}


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (None, {"D1", "D2", "D4"}),
        (Term(HO), {"D1", "D2", "D4"}),
        (Term("~ho"), {"D1", "D2", "D4"}),
        (Term("~ho", "title"), set()),
        (Phrase((HO, NGHEO)), {"D1", "D2"}),
        (Phrase(("~ho", NGHEO)), {"D1", "D2"}),
        (Phrase((NGHEO, HO)), {"D4"}),
        (All((Term(HO), Not(Term("4000")))), {"D1", "D4"}),
        (AnyOf((Term("6/kh-ubnd"), Term("4000"))), {"D2", "D4"}),
        (Not(Term(HO)), set()),
        (AtLeast(2, (Term(HO), Term("4000"), Term("6/kh-ubnd"))), {"D2", "D4"}),
        (AtLeast(1, (Term("4000"), Term("6/kh-ubnd"))), {"D2", "D4"}),
        (AtLeast(3, (Term(HO), Term("4000"))), set()),
        (Term("không-có"), set()),
    ],
)
def test_an_engine_finds_exactly_what_matches(engine: Engine, node: Node | None, expected: set[str]) -> None:
    assert ids(engine, Query(node)) == expected


FILED = document(5, "Thông báo", "Xem tệp", files=("kế hoạch hộ nghèo", "", "ke hoach hộ", "40 hộ gia đình"))


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (Term(HO), {"D1", "D2", "D4", "D5"}),
        (Term(tone_key("gia")), {"D5"}),
        (Term(tone_key("gia"), "title"), set()),
        (Phrase((HO, NGHEO)), {"D1", "D2", "D5"}),
        (Phrase((HO, "40")), set()),
        (Phrase((tone_key("tệp"), tone_key("kế"))), set()),
        (All((Term(tone_key("xem")), Term("40"))), {"D5"}),
        (All((Term(tone_key("xem")), Not(Term("40")))), {"D5"}),
        (Not(AnyOf((Term(HO), Term(tone_key("xem"))))), set()),
        (Term(END_OF_FILE), {"D5"}),
    ],
)
def test_files_are_found_with_their_document_each_by_itself(engine: Engine, node: Node, expected: set[str]) -> None:
    engine.add([FILED])
    engine.commit(5)
    assert ids(engine, Query(node)) == expected
    assert engine.frequency(tone_key("gia")) == 1


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (Term(HO), (0, 2, 3)),
        (Term("?ke"), ()),
        (Term("~ke"), (0, 2)),
        (Phrase((HO, NGHEO)), (0,)),
        (Phrase((HO, "40")), ()),
        (All((Term("~ke"), Term(NGHEO))), (0,)),
        (AnyOf((Term("40"), Phrase((HO, NGHEO)))), (0, 3)),
        (Term(HO, "title"), ()),
        (Not(Term(HO)), ()),
        (Term(tone_key("xem")), ()),
        (Term("unknown"), ()),
    ],
)
def test_an_engine_tells_which_files_hold_what_was_asked_for(
    engine: Engine, node: Node, expected: tuple[int, ...]
) -> None:
    engine.add([FILED])
    engine.commit(5)
    assert engine.files("D5", node) == expected
    assert engine.files("D1", node) == ()
    assert engine.files("unknown", node) == ()
    engine.delete(["D5"])
    engine.commit(6)
    assert engine.files("D5", node) == ()


def test_whoosh_ranks_what_matches_by_its_own_words_first(tmp_path: Path) -> None:
    engine = WhooshEngine(tmp_path / "index")
    filed = [document(n, "Thông báo", "Xem tệp", files=("hộ nghèo " * 500,)) for n in range(20, 30)]
    engine.add([*filed, document(1, "Họp", "Bàn việc " * 3000 + "hộ"), document(2, "Họp", "hộ nghèo", files=("hộ",))])
    engine.commit(1)
    assert [i for i, _ in engine.search(Query(Term(HO))).ids][:2] == ["D2", "D1"]
    assert engine.search(Query(AnyOf((Term(HO), Term(NGHEO))), row=(HO, NGHEO), limit=2)).ids[1][0] == "D1"
    engine.close()


def test_what_is_out_of_scope_is_found_only_when_asked_for(engine: Engine) -> None:
    assert ids(engine, Query(Term("~ho"), hidden=True)) == {"D1", "D2", "D3", "D4"}


def test_facet_counts_follow_the_other_filters_but_not_their_own(engine: Engine) -> None:
    found = engine.search(Query(filters={"place": frozenset({"004"}), "topic": frozenset({"giam-ngheo", "viec-lam"})}))
    assert found.total == 2
    assert found.facets["place"] == {"004": 2, "890": 1}
    assert found.facets["topic"] == {"giam-ngheo": 2, "viec-lam": 1}
    assert found.facets["year"] == {"2020": 1, "2019": 1}


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [("2020-01-09", "2020-01-09", {"D1"}), ("2019-03-02", "2019-03-02", {"D4"}), (None, "2019-12-31", {"D4"}), ("2020-01-01", None, {"D1"})],
)  # fmt: skip
def test_published_days_are_inclusive_at_both_ends(engine: Engine, first: str, last: str, expected: set[str]) -> None:
    assert ids(engine, Query(published_from=first, published_to=last)) == expected


def test_sorting_by_date_puts_the_undated_last_either_way(engine: Engine) -> None:
    newest = engine.search(Query(sort="newest")).ids
    oldest = engine.search(Query(sort="oldest")).ids
    assert [document_id for document_id, _ in newest] == ["D1", "D4", "D2"]
    assert [document_id for document_id, _ in oldest] == ["D4", "D1", "D2"]


def test_a_window_is_cut_from_all_matches(engine: Engine) -> None:
    pages = [engine.search(Query(sort="newest", offset=n, limit=1)).ids[0][0] for n in range(3)]
    assert pages == ["D1", "D4", "D2"]
    assert engine.search(Query(offset=3)).ids == ()


def test_an_added_document_replaces_the_one_of_its_id(engine: Engine) -> None:
    engine.add([document(1, "Khác", "nội dung mới")])
    engine.delete(["D2", "unknown"])
    engine.commit(5)
    assert ids(engine, Query(Term(HO))) == {"D4"}
    assert ids(engine, Query(Term(tone_key("mới")))) == {"D1"}
    assert engine.seq() == 5


def test_readers_see_nothing_of_what_is_not_committed(engine: Engine) -> None:
    engine.add([document(9, "Khác", "nội dung mới")])
    assert ids(engine, Query(Term(tone_key("mới")))) == set()


def test_an_index_knows_its_database_and_how_often_a_term_stands_in_it(engine: Engine) -> None:
    assert (engine.database(), engine.frequency(HO), engine.frequency("~nghe")) == ("", 3, 0)
    engine.delete(["D1"])
    assert engine.frequency(HO) == 3
    engine.commit(5, "abc")
    assert (engine.database(), engine.frequency(HO)) == ("abc", 2)


def test_resetting_begins_an_empty_index(engine: Engine) -> None:
    engine.reset()
    engine.commit(6)
    assert engine.search(Query()).total == 0


TERMS = st.sampled_from(
    [HO, "~ho", "?ho", NGHEO, "~ngheo", "4000", "~kh", "6/kh-ubnd", "so:6", "~song", "#hn", "#ubnd"]
)
FIELDS = st.sampled_from([None, "title"])
LEAVES = st.builds(Term, TERMS, FIELDS) | st.builds(Phrase, st.lists(TERMS, min_size=1, max_size=3).map(tuple), FIELDS)
NODES = st.recursive(
    LEAVES,
    lambda children: (
        st.builds(All, st.lists(children, min_size=1, max_size=3).map(tuple))
        | st.builds(AnyOf, st.lists(children, min_size=1, max_size=3).map(tuple))
        | st.builds(AtLeast, st.integers(1, 3), st.lists(children, min_size=1, max_size=3).map(tuple))
        | st.builds(Not, children)
    ),
    max_leaves=6,
)
WORDS = st.sampled_from(["hộ", "ho", "hồ", "nghèo", "ngheo", "4.000", "06/KH-UBND", "sông", "KH", "UBND"])
TEXTS = st.lists(WORDS, max_size=8).map(" ".join)
FILES = st.lists(TEXTS, max_size=3)
VALUES = st.lists(st.sampled_from(["a", "b", "c"]), max_size=2).map(" ".join)
FILTERS = st.dictionaries(
    st.sampled_from(["place", "topic"]), st.frozensets(st.sampled_from("abc"), min_size=1), max_size=2
)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Iterator[Path]]:
    root = tmp_path_factory.mktemp("engines")
    yield (root / str(n) for n in range(10_000))
    shutil.rmtree(root)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(st.tuples(TEXTS, TEXTS, st.booleans(), VALUES, VALUES, FILES), min_size=1, max_size=6),
    nodes=st.lists(st.none() | NODES, min_size=1, max_size=4),
    filters=FILTERS,
)
def test_whoosh_agrees_with_the_naive_engine(
    folders: Iterator[Path], texts: list[tuple[str, str, bool, str, str, list[str]]], nodes: list[Node | None], filters: dict[str, frozenset[str]]
) -> None:  # fmt: skip
    documents = [document(n, t, x, h, files=f, place=p, topic=q) for n, (t, x, h, p, q, f) in enumerate(texts)]
    whoosh, oracle = WhooshEngine(next(folders)), OracleEngine()
    half = len(documents) // 2
    for engine in (whoosh, oracle):
        engine.add(documents[:half])
        engine.commit(1)
        engine.add(documents[half:])
        engine.commit(2)
    for node in nodes:
        query = Query(node, filters=filters, limit=100)
        found, expected = whoosh.search(query), oracle.search(query)
        assert {i for i, _ in found.ids} == {i for i, _ in expected.ids}
        assert (found.total, found.facets) == (expected.total, expected.facets)
        for one in documents if node is not None else ():
            assert whoosh.files(one.id, node) == oracle.files(one.id, node)


def test_postings_are_kept_within_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archive.index.postings._CACHE_BYTES", 1000)
    cache = Cache()
    asked: list[str] = []

    def find(field: str, term: str) -> Found:
        asked.append(term)
        return Found(0, array("I", range(20)), array("f", range(20)))

    for term in ("a", "b", "a", "c", "a", "b"):
        cache.get(("text", term), find)
    assert asked == ["a", "b", "c", "b"]


def test_the_frequency_of_a_deleted_document_counts_no_more(tmp_path: Path) -> None:
    engine = WhooshEngine(tmp_path / "index")
    engine.add(DOCUMENTS)
    engine.commit(1)
    engine.delete(["D3"])
    engine.commit(2)
    assert engine.frequency("~hoa") == 0
    engine.close()


class TestAPublishedWhooshIndexIsRefused:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        engine = WhooshEngine(tmp_path / "index")
        engine.add(DOCUMENTS)
        engine.commit(4)
        return tmp_path / "index" / (tmp_path / "index" / "CURRENT").read_text().strip()

    def test_when_any_byte_of_it_changed(self, folder: Path) -> None:
        for path in folder.iterdir():
            whole = path.read_bytes()
            path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
            with pytest.raises(IndexDamaged):
                WhooshEngine(folder.parent).search(Query())
            path.write_bytes(whole)
        assert WhooshEngine(folder.parent).search(Query()).total == 3

    def test_before_a_planted_pickle_runs(self, folder: Path, tmp_path: Path) -> None:
        class Planted:
            def __reduce__(self) -> tuple[object, tuple[str]]:
                return (Path.touch, (tmp_path / "it-ran",))  # type: ignore[return-value]

        toc = next(folder.glob("*.toc"))
        toc.write_bytes(pickle.dumps(Planted()))
        with pytest.raises(IndexDamaged, match="ansinh index"):
            WhooshEngine(folder.parent).search(Query())
        assert not (tmp_path / "it-ran").exists()

    def test_when_it_was_made_with_another_table_of_abbreviations(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("archive.index.generations.ANALYSIS", "3-other")
        monkeypatch.setattr("archive.index.whoosh_index.ANALYSIS", "3-other")
        engine = WhooshEngine(folder.parent)
        assert engine.seq() == -1
        with pytest.raises(IndexDamaged, match="another version of the analysis"):
            engine.search(Query())

    def test_when_a_file_is_missing_or_was_added(self, folder: Path) -> None:
        (folder / "extra").write_bytes(b"")
        with pytest.raises(IndexDamaged, match="missing or were added"):
            WhooshEngine(folder.parent).search(Query())
