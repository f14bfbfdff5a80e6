"""Small loops of writing that print a line for each thing done: what kill tests run and kill."""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

from archive.enrich import enrich
from archive.index import open_engine
from archive.ingest import Ingester, Tally, WriteLock, keep_file, update_index
from archive.models import DataDir
from archive.store import Store
from scraper.catalogue import Catalogue
from scraper.extract import Extraction
from tests.conftest import ARTICLE, PORTAL


def say(line: object) -> None:
    """Print at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def save_articles(data: str, first: int, dying: int) -> None:
    """Save one article a transaction, and die by SIGKILL while that commit (counted from 1) is under way."""
    store = Store(DataDir(Path(data)).database)
    commits = 0

    def watch(statement: str) -> None:
        nonlocal commits
        commits += statement == "COMMIT"
        if statement == "COMMIT" and commits == dying:
            threading.Thread(target=_die_soon).start()

    store._db.set_trace_callback(watch)
    for number in range(first, first + 200):
        article = replace(ARTICLE, key=str(number), title=f"Bài {number}", body=("Giảm nghèo. " * 200,))
        with store.transaction():
            store.save_entry(article, enrich(article, PORTAL), (), "2022-01-01T00:00:00Z", "live")
        say(article.id)


def _die_soon() -> None:
    time.sleep(random.uniform(0, 0.002))
    os.kill(os.getpid(), signal.SIGKILL)


def index_articles(data: str, first: int) -> None:
    """Save an article and publish the index, again and again; print the change number that was published."""
    store, engine = Store(DataDir(Path(data)).database), open_engine(DataDir(Path(data)))
    for number in range(first, first + 10_000):
        article = replace(ARTICLE, key=str(number), title=f"Bài {number}")
        with store.transaction():
            store.save_entry(article, enrich(article, PORTAL), (), "2022-01-01T00:00:00Z", "live")
        update_index(store, engine)
        say(store.seq())


def migrate_and_die(database: str, statement: int) -> None:
    """Open a database, and die by SIGKILL at that statement (counted from 1)."""
    import archive.store

    honest, seen = archive.store.connect, [0]

    def watch(_: str) -> None:
        seen[0] += 1
        if seen[0] == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    def connect(path: Path, read_only: bool) -> archive.store.Connection:
        db = honest(path, read_only)
        db.set_trace_callback(watch)
        return db

    archive.store.connect = connect  # type: ignore[assignment]
    Store(Path(database))
    say("migrated")


def import_files(data: str, *files: str) -> None:
    """Import WARC files one after the other; print the id of each article after its commit."""
    here = DataDir(Path(data))
    with WriteLock(here):
        store = Store(here.database)
        ingester = Ingester(here, store, Extraction(Catalogue((PORTAL,))))
        for file in files:
            for change in ingester.ingest(keep_file(here, Path(file), "warc", None), Tally()):
                say(change.id)


def hold_lock_and_wait(data: str) -> None:
    """Take the lock, start a process that outlives this one, say so, and wait."""
    import subprocess

    with WriteLock(DataDir(Path(data))):
        say(subprocess.Popen(["/bin/sleep", "240"], stdin=subprocess.DEVNULL, close_fds=False).pid)
        time.sleep(240)
