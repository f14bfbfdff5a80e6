"""Import of a real capture through everything (evidence, extraction, rules, store, index), in responses a second.

The peer is parsing alone: every HTML response decoded and parsed by lxml, nothing else.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from parsel import Selector

from archive.captures import read_warc
from archive.index import open_engine
from archive.ingest import Ingester, Tally, keep_file, update_index
from archive.models import DataDir
from archive.store import Store
from bench.figures import SHARED, on_one_core, peak_mb, timed
from scraper.catalogue import load_all
from scraper.extract import Extraction

ROUNDS = 3


def whole_line(file: Path) -> int:
    folder = Path(tempfile.mkdtemp(prefix="ansinh-bench-"))
    data, tally = DataDir(folder), Tally()
    store = Store(data.database)
    ingester = Ingester(data, store, Extraction(load_all(data)))
    for _ in ingester.ingest(keep_file(data, file, "warc", None), tally):
        pass
    update_index(store, open_engine(data))
    store.close()
    shutil.rmtree(folder)
    return tally.requests


def parsing(file: Path) -> None:
    for record in read_warc(file):
        if record.type == "response" and record.mime == "text/html":
            Selector(record.body.decode("utf-8", "replace")).xpath("//h1").get()


def main() -> None:
    on_one_core()
    for name in ("nukeviet", "wordpress"):
        file = SHARED / f"data/captures/{name}.warc.gz"
        if not file.exists():
            sys.exit(f"{file} is absent (set ANSINH_SHARED); nothing measured")
        count = whole_line(file)  # warms the process
        ours = min(timed(lambda file=file: whole_line(file)) for _ in range(ROUNDS))
        peer = min(timed(lambda file=file: parsing(file)) for _ in range(ROUNDS))
        print(
            f"{name:10} {count} responses  whole line {count / ours:6.1f}/s  parsing alone {count / peer:6.1f}/s"
            f"  ratio {peer / ours:.2f}  peak memory {peak_mb():.0f} MB"
        )


main()
