"""A document lists every article that announces or cites it: derived, rebuilt, closed with its articles."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest

from archive.enrich import analyze_text, enrich
from archive.enrich.documents import document_key
from archive.models import Article, DataDir, Document, Enrichment, NotFound, Portal
from archive.search import open_archive
from archive.store import Store

PLAN = "UBND huyện Gia Viễn ban hành Kế hoạch số 15/KH-UBND ngày 10/01/2022 về giảm nghèo."
REPORT = "Thực hiện Kế hoạch số 15/KH-UBND ngày 10/01/2022 của UBND huyện Gia Viễn, huyện giảm 130 hộ nghèo."
Saver = Callable[[str, str, str, str], Article]


@pytest.fixture
def store(data: DataDir) -> Iterator[Store]:
    with closing(Store(data.database)) as made:
        yield made


@pytest.fixture
def save(store: Store, article: Callable[..., Article], portal: Portal) -> Saver:
    def one(key: str, title: str, text: str, published: str) -> Article:
        made = article(key=key, title=title, summary="", body=(text,), published=published, url=f"http://x.test/{key}")
        with store.transaction():
            store.save_entry(made, enrich(made, portal), (), "2022-12-31T00:00:00Z", "live")
        return made

    return one


def document_of(text: str, article: str = "x") -> Document:
    (found,) = analyze_text(article, "", text).documents
    return found


def test_a_document_lists_who_announces_it_before_who_cites_it(store: Store, save: Saver, data: DataDir) -> None:
    report = save("2", "Kết quả giảm nghèo", REPORT, "2022-12-20")
    plan = save("1", "Kế hoạch giảm nghèo", PLAN, "2022-01-12")
    found = open_archive(data).get_document(document_of(PLAN).id.lower())
    assert (found.number, found.kind, found.issuer, found.date) == (
        "15/KH-UBND", "Kế hoạch", "UBND huyện Gia Viễn", "2022-01-10",
    )  # fmt: skip
    assert [(naming.article, naming.role) for naming in found.articles] == [
        (plan.id, "announces"),
        (report.id, "cites"),
    ]
    assert found.articles[0].published == "2022-01-12"
    assert found.total == 2


def test_only_so_many_articles_are_listed_but_all_are_counted(store: Store, save: Saver) -> None:
    for n in range(4):
        save(str(n), f"Kết quả giảm nghèo {n}", REPORT, f"2022-12-2{n}")
    found = store.get_document(document_of(PLAN).id, limit=3)
    assert [naming.published for naming in found.articles] == ["2022-12-23", "2022-12-22", "2022-12-21"]
    assert found.total == 4


def test_an_article_that_names_a_document_no_more_is_not_listed(store: Store, save: Saver) -> None:
    save("1", "Kế hoạch giảm nghèo", PLAN, "2022-01-12")
    save("1", "Kế hoạch giảm nghèo", "Huyện Gia Viễn giảm 130 hộ nghèo.", "2022-01-12")
    with pytest.raises(NotFound, match="no document"):
        store.get_document(document_of(PLAN).id)


def test_a_number_of_a_person_in_a_title_is_masked(store: Store, save: Saver, data: DataDir) -> None:
    save("1", "Kế hoạch giảm nghèo, liên hệ 0912345678", PLAN, "2022-01-12")
    (naming,) = open_archive(data).get_document(document_of(PLAN).id).articles
    assert "0912345678" not in naming.title


def test_a_database_of_before_lists_its_documents_after_the_migration(
    data: DataDir, article: Callable[..., Article], portal: Portal
) -> None:
    made = article(title="Kế hoạch", summary="", body=(PLAN,))
    with closing(Store(data.database)) as store, store.transaction():
        store.save_entry(made, enrich(made, portal), (), "2022-12-31T00:00:00Z", "live")
    migrate_again(data.database)
    with closing(Store(data.database)) as store:
        assert store.get_document(document_of(PLAN).id).articles[0].article == made.id
        assert list(store.damaged()) == []  # the rows are those that saving wrote


def migrate_again(database: Path) -> None:
    """Make the table of documents anew by its schema file, as a database written by an earlier version gets it."""
    script = resources.files("archive.store.schema").joinpath("003_documents.sql").read_text("utf-8")
    with closing(sqlite3.connect(database)) as db:
        db.executescript(f"DROP TABLE documents; {script}")


def test_a_corrected_list_of_documents_is_the_one_that_counts(
    store: Store, article: Callable[..., Article], portal: Portal
) -> None:
    made = article(title="Kế hoạch", summary="", body=(PLAN,))
    facts = enrich(made, portal)
    other = replace(facts.documents[0], id="AAAAAAAAAAAA", number="16/KH-UBND")
    with store.transaction():
        store.save_entry(made, Enrichment(documents=(other,)), (), "2022-12-31T00:00:00Z", "live")
    assert store.get_document("AAAAAAAAAAAA").number == "16/KH-UBND"
    with pytest.raises(NotFound):
        store.get_document(facts.documents[0].id)


@pytest.mark.parametrize("printed", ["06/KH-UBND", "6/KH-UBND", "06 /KH- UBND", "06/KH–UBND", "06 / kh-ubnd"])
def test_one_number_has_one_key_however_it_is_printed(printed: str) -> None:
    assert document_key(printed) == document_key("06/KH-UBND")


def test_the_place_of_the_issuer_tells_two_documents_of_one_number_apart() -> None:
    here = document_of(PLAN)
    there = document_of(PLAN.replace("Gia Viễn", "Hoa Lư"))
    later = document_of(PLAN.replace("2022", "2023"))
    again = document_of(REPORT)
    assert len({here.id, there.id, later.id}) == 3
    assert again.id == here.id


def test_a_document_of_an_unknown_issuer_is_a_node_of_its_own_article() -> None:
    unknown = "Phòng giải quyết 12 hồ sơ theo Quyết định 62."
    assert document_of(unknown, "a").id != document_of(unknown, "b").id
