"""What `ansinh analyze` does to a text, in articles a second on one core, and whether memory stays flat over many.

The peer is folding alone: every word of an article found and stripped of its marks, nothing inferred.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import process_time
from typing import Any

from archive.enrich import analyze_text
from archive.text import fold_text
from bench.figures import corpus, on_one_core, peak_mb

COUNT = 10_000
RATED = 2_000  # articles that rate and peer are taken from
MARKS = (1_000, 2_000, 5_000, COUNT)


def rate(articles: list[dict[str, Any]], work: Callable[[dict[str, Any]], object]) -> float:
    """Return articles a second of processor time."""
    began = process_time()
    for article in articles:
        work(article)
    return len(articles) / (process_time() - began)


def read(article: dict[str, Any]) -> object:
    return analyze_text(article["id"], article["title"], article["body"])


def folded(article: dict[str, Any]) -> object:
    return fold_text(article["body"])


def main() -> None:
    on_one_core()
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    articles = corpus(count)
    for article in articles[:100]:  # warms the process
        read(article)
    base = peak_mb()
    ours, peer = rate(articles[:RATED], read), rate(articles[:RATED], folded)
    print(f"analyze {ours:6.0f} articles/s  folding alone {peer:6.0f}/s  ratio {ours / peer:.2f}")
    done, grown = 0, []
    for mark in (*(mark for mark in MARKS if mark < count), count):
        for article in articles[done:mark]:
            read(article)
        done = mark
        grown.append(f"{mark}: +{peak_mb() - base:.0f} MB")
    print(f"peak memory {base:.0f} MB with the articles loaded; after {', '.join(grown)}")


main()
