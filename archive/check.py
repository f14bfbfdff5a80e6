"""Do evidence, database and index agree? Names each thing that is wrong, where, and what mends it; changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from archive.captures import members
from archive.index import open_engine
from archive.ingest import sources
from archive.models import ArchiveError, DataDir
from archive.store import Store


def check(data: DataDir) -> Iterator[str]:
    """Yield a sentence for every problem of the data directory; nothing when all is well."""
    yield from _check_captures(data)
    try:
        store = Store(data.database, read_only=True)
    except ArchiveError as error:
        yield str(error)
        return
    try:
        yield from store.damaged()
        yield from _check_read(data, store)
        yield from _check_index(data, store)
    finally:
        store.close()


def _check_captures(data: DataDir) -> Iterator[str]:
    for draft in sorted(data.captures.glob("**/*.open")):
        yield f"{draft}: was being written when its process ended; what it holds is not in the archive"
    for source in sources(data):
        try:
            for _ in members(data.path / source.path):
                pass
        except ArchiveError as error:
            yield str(error)


def _check_read(data: DataDir, store: Store) -> Iterator[str]:
    for source in sources(data):
        if not store.has_warc(source.path):
            yield f"{data.path / source.path}: was not read to its end; `ansinh rebuild` reads it"
    held = {capture.warc for capture in store.captures()}
    for path in sorted(path for path in held if not (data.path / path).exists()):
        yield f"{data.path / path}: the database names it, but it is missing; restore it from a backup of captures/"


def _check_index(data: DataDir, store: Store) -> Iterator[str]:
    engine = open_engine(data)
    try:
        seq = engine.seq()
    except ArchiveError as error:
        yield str(error)
        return
    if seq < 0:
        yield f"{data.index}: there is no index; `ansinh index` makes it"
    elif seq != store.seq():
        yield f"{data.index}: the index is {store.seq() - seq} changes behind the database; `ansinh index` mends that"
