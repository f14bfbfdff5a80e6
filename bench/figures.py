"""What the measurements share: one core, percentiles, peak memory, where the shared data lies."""

from __future__ import annotations

import itertools
import json
import lzma
import os
import resource
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

SHARED = Path(os.environ.get("ANSINH_SHARED", Path(__file__).parent.parent.parent / "shared"))


def on_one_core() -> None:
    """Keep this process on one core."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def corpus(count: int) -> list[dict[str, Any]]:
    """Return news articles {id, title, body}; exit with a sentence where the shared data is absent."""
    path = SHARED / "data/corpus/news.jsonl.xz"
    if not path.exists():
        sys.exit(f"{path} is absent (set ANSINH_SHARED); nothing measured")
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in itertools.islice(lines, count)]


def timed(work: Callable[[], Any]) -> float:
    """Return how many seconds the work took."""
    began = perf_counter()
    work()
    return perf_counter() - began


def percentiles(seconds: Sequence[float]) -> str:
    """Return median, 95th percentile and maximum in milliseconds."""
    ordered = sorted(seconds)
    at = {
        name: ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000
        for name, share in (("p50", 0.5), ("p95", 0.95))
    }
    return f"p50 {at['p50']:6.1f} ms  p95 {at['p95']:6.1f} ms  max {ordered[-1] * 1000:6.1f} ms"


def peak_mb() -> float:
    """Return the peak memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
