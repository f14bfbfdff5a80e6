"""Whoosh behind our engine at 10,000 articles, beside plain Whoosh and SQLite FTS5 with SQL facets on the same articles.

Every query is asked of a freshly opened index (cold caches in the process), typed with and without diacritics.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

from whoosh import fields, index, qparser, sorting

from archive.index.whoosh_index import WhooshEngine
from archive.models import TOPICS, IndexDocument, Query
from archive.search import ask
from archive.terms import document_terms
from archive.text import fold, fold_text
from bench.figures import corpus, on_one_core, peak_mb, percentiles, timed

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
QUERIES = 100
FACETS = ("place", "year", "topic")
ROOT = Path(tempfile.mkdtemp(prefix="ansinh-bench-"))


def facets_of(chance: random.Random) -> dict[str, tuple[str, ...]]:
    return {
        "place": (f"{chance.randrange(700):03}",),
        "year": tuple({str(2010 + chance.randrange(15)) for _ in range(2)}),
        "topic": tuple(chance.sample(TOPICS, 2)),
        "portal": (f"portal-{chance.randrange(700)}",),
    }


def documents(articles: list[dict[str, Any]]) -> Any:
    chance = random.Random(1)
    for article in articles:
        title, text = document_terms(article["title"], article["body"])
        yield IndexDocument(
            str(article["id"]), title, text, facets_of(chance), f"20{chance.randrange(10, 25)}-01-01", False
        )


def queries(articles: list[dict[str, Any]]) -> list[str]:
    chance = random.Random(2)
    words = [article["title"].split() for article in chance.sample(articles, QUERIES)]
    return [
        " ".join(w[(start := chance.randrange(max(1, len(w) - 3))) : start + chance.randrange(2, 4)]) for w in words
    ]


def ours(typed: list[str], names: tuple[str, ...]) -> list[float]:
    seconds = []
    for text in typed:
        engine = WhooshEngine(ROOT / "ours")
        engine.search(Query(limit=1, facets=()))  # opening verifies every byte; that is not a query
        began = perf_counter()
        question = ask(text)
        engine.search(Query(question.node, facets=names, row=question.row))
        seconds.append(perf_counter() - began)
        engine.close()
    return seconds


def build_plain(articles: list[dict[str, Any]]) -> Any:
    folder = ROOT / "plain"
    folder.mkdir()
    keyword = fields.KEYWORD(sortable=True, commas=True)
    schema = fields.Schema(
        id=fields.ID(stored=True), title=fields.TEXT, body=fields.TEXT, place=keyword, year=keyword, topic=keyword
    )
    opened = index.create_in(folder, schema)
    writer, chance = opened.writer(limitmb=128), random.Random(1)
    for article in articles:
        facets = {name: ",".join(values) for name, values in facets_of(chance).items() if name in FACETS}
        writer.add_document(id=str(article["id"]), title=article["title"], body=article["body"], **facets)
    writer.commit()


def plain(typed: list[str], names: tuple[str, ...]) -> list[float]:
    seconds = []
    for text in typed:
        opened = index.open_dir(ROOT / "plain")
        with opened.searcher() as searcher:
            query = qparser.MultifieldParser(
                ["title", "body"], opened.schema, plugins=[qparser.WhitespacePlugin()]
            ).parse(text)
            began = perf_counter()
            groups = [sorting.FieldFacet(name, allow_overlap=True) for name in names]
            searcher.search(query, limit=10, groupedby=groups or None, maptype=sorting.Count)
            seconds.append(perf_counter() - began)
    return seconds


def build_fts(articles: list[dict[str, Any]]) -> None:
    db = sqlite3.connect(ROOT / "fts.db")
    db.execute('CREATE VIRTUAL TABLE a USING fts5(title, body, tokenize="unicode61 remove_diacritics 2")')
    db.execute("CREATE TABLE facet (id INTEGER, name TEXT, value TEXT)")
    chance = random.Random(1)
    for number, article in enumerate(articles, 1):
        db.execute("INSERT INTO a(rowid, title, body) VALUES (?, ?, ?)", (number, article["title"], article["body"]))
        rows = [(number, name, value) for name, values in facets_of(chance).items() for value in values]
        db.executemany("INSERT INTO facet VALUES (?, ?, ?)", rows)
    db.execute("CREATE INDEX facet_id ON facet(id, name, value)")
    db.commit()
    db.close()


def fts(typed: list[str], names: tuple[str, ...]) -> list[float]:
    seconds = []
    for text in typed:
        db = sqlite3.connect(ROOT / "fts.db")
        match = " ".join(f'"{word}"' for word in fold_text(text).split())
        began = perf_counter()
        db.execute("SELECT rowid FROM a WHERE a MATCH ? ORDER BY bm25(a, 3, 1) LIMIT 10", (match,)).fetchall()
        db.execute("SELECT count(*) FROM a WHERE a MATCH ?", (match,)).fetchall()
        for name in names:
            db.execute(
                "SELECT value, count(*) FROM facet WHERE name = ?"
                " AND id IN (SELECT rowid FROM a WHERE a MATCH ?) GROUP BY value",
                (name, match),
            ).fetchall()
        seconds.append(perf_counter() - began)
        db.close()
    return seconds


def main() -> None:
    on_one_core()
    articles = corpus(COUNT)
    engine = WhooshEngine(ROOT / "ours")

    def build() -> None:
        engine.add(documents(articles))
        engine.commit(1)

    rates = {"ours": COUNT / timed(build)}
    print(f"peak memory after our build {peak_mb():.0f} MB")
    rates["plain Whoosh"] = COUNT / timed(lambda: build_plain(articles))
    rates["SQLite FTS5"] = COUNT / timed(lambda: build_fts(articles))
    for name, rate in rates.items():
        print(f"build {name:13} {rate:7.0f} articles/s   ours / this {rates['ours'] / rate:.2f}")
    typed = queries(articles)
    for style, texts in (
        ("with diacritics", typed),
        ("without", [" ".join(map(fold, text.split())) for text in typed]),
    ):
        for name, measure in (("ours", ours), ("plain Whoosh", plain), ("SQLite FTS5", fts)):
            bare, faceted = [], []
            for text in texts:  # in turn, so that the ratio holds when the machine's speed drifts
                bare += measure([text], ())
                faceted += measure([text], FACETS)
            print(f"{style:16} {name:13} no facets {percentiles(bare)} | 3 facets {percentiles(faceted)}", end="")
            print(f" | cost of facets {sum(faceted) / sum(bare):.2f}x")
    print(f"peak memory {peak_mb():.0f} MB")
    shutil.rmtree(ROOT)


main()
