"""How well known articles are found again: MRR@10 and recall@10 by style of typing, beside SQLite FTS5 and plain Whoosh.

The peers get a fair query: FTS5 all words, or any where no article has all (bm25, the title weighted 3); Whoosh its own
default analyzer and any word, in title and text. The command line takes other files of queries and articles;
`--among N` adds so many news articles of the corpus, in which nothing asked for stands, as a larger archive would;
`--misses` prints the queries whose first answer is not a right one.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from whoosh import fields, index, qparser

from archive.index import open_engine
from archive.ingest import rebuild_index
from archive.models import Article, DataDir, Enrichment, QueryError, SearchRequest
from archive.search import Archive
from archive.store import Store
from bench.figures import SHARED, corpus

GOLD = SHARED / "data/gold"
DEPTH = 10

Search = Callable[[str], list[str]]


def read(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        sys.exit(f"{path} is absent (set ANSINH_SHARED); nothing measured")
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def ours(articles: list[dict[str, Any]], folder: Path) -> Search:
    data = DataDir(folder)
    store, ids = Store(data.database), {}
    with store.transaction():
        for given in articles:
            body = tuple(line for line in given["text"].removeprefix(given["title"]).splitlines() if line)
            made = Article(
                "quality", given["id"], f"https://quality.test/{given['id']}", given["title"], body, ("p",) * len(body)
            )
            ids[made.id] = given["id"]
            store.save_entry(made, Enrichment(), (), "2026-01-01T00:00:00Z", "unknown")
    rebuild_index(store, open_engine(data))
    store.close()
    archive = Archive(data)

    def search(query: str) -> list[str]:
        try:
            found = archive.search(SearchRequest(query, all=True, limit=DEPTH))
        except QueryError:
            return []
        return [ids[hit.entry.id] for hit in found.hits]

    return search


def fts(articles: list[dict[str, Any]]) -> Search:
    db = sqlite3.connect(":memory:")
    db.execute('CREATE VIRTUAL TABLE a USING fts5(id UNINDEXED, title, body, tokenize="unicode61 remove_diacritics 2")')
    db.executemany("INSERT INTO a VALUES (?, ?, ?)", ((a["id"], a["title"], a["text"]) for a in articles))

    def search(query: str) -> list[str]:
        words = [f'"{word}"' for word in re.findall(r"\w+", query)]
        ask = f"SELECT id FROM a WHERE a MATCH ? ORDER BY bm25(a, 0, 3, 1) LIMIT {DEPTH}"
        rows = db.execute(ask, (" ".join(words),)).fetchall() or db.execute(ask, (" OR ".join(words),)).fetchall()
        return [row[0] for row in rows]

    return search


def plain(articles: list[dict[str, Any]], folder: Path) -> Search:
    folder.mkdir()
    opened = index.create_in(folder, fields.Schema(id=fields.ID(stored=True), title=fields.TEXT, body=fields.TEXT))
    writer = opened.writer()
    for article in articles:
        writer.add_document(id=article["id"], title=article["title"], body=article["text"])
    writer.commit()
    parser = qparser.MultifieldParser(
        ["title", "body"], opened.schema, group=qparser.OrGroup, fieldboosts={"title": 3.0}
    )

    def search(query: str) -> list[str]:
        with opened.searcher() as searcher:
            return [hit["id"] for hit in searcher.search(parser.parse(query), limit=DEPTH)]

    return search


def figures(queries: Iterable[dict[str, Any]], search: Search) -> tuple[float, float, list[dict[str, Any]]]:
    """Return MRR@10, recall@10 and the queries whose first right answer is not the first."""
    reciprocal, recalled, missed = [], [], []
    for asked in queries:
        found, wanted = search(asked["query"]), set(asked["relevant"])
        rank = next((n for n, answer in enumerate(found, 1) if answer in wanted), 0)
        reciprocal.append(1 / rank if rank else 0.0)
        recalled.append(len(wanted.intersection(found)) / len(wanted))
        if rank != 1:
            missed.append({**asked, "rank": rank})
    return sum(reciprocal) / len(reciprocal), sum(recalled) / len(recalled), missed


def strangers(count: int) -> list[dict[str, Any]]:
    return [{"id": f"news-{a['id']}", "title": a["title"], "text": a["body"]} for a in corpus(count)] if count else []


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("queries", type=Path, nargs="?", default=GOLD / "queries_dev.jsonl")
    parser.add_argument("articles", type=Path, nargs="?", default=GOLD / "articles_dev.jsonl")
    parser.add_argument("--among", type=int, default=0)
    parser.add_argument("--misses", action="store_true")
    return parser.parse_args()


def main() -> None:
    given = arguments()
    queries, articles = read(given.queries), read(given.articles) + strangers(given.among)
    folder = Path(tempfile.mkdtemp(prefix="ansinh-quality-"))
    engines = {
        "ours": ours(articles, folder / "data"),
        "FTS5": fts(articles),
        "Whoosh": plain(articles, folder / "plain"),
    }
    styles = ["all", *sorted({asked["style"] for asked in queries}, key=lambda style: (style != "full", style))]
    print(f"{len(queries)} queries over {len(articles)} articles; MRR@{DEPTH} and recall@{DEPTH}")
    print(f"{'style':18} {'n':>4}  " + "  ".join(f"{name:>13}" for name in engines))
    for style in styles:
        asked = [one for one in queries if style in ("all", one["style"])]
        scores = {name: figures(asked, search) for name, search in engines.items()}
        shown = "  ".join(f"{score[0]:6.3f} {score[1]:6.3f}" for score in scores.values())
        print(f"{style:18} {len(asked):4}  {shown}")
        if style == "all" and given.misses:
            print("\n".join(str(miss) for miss in scores["ours"][2]))
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
