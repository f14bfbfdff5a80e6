"""Do evidence, database and index agree? Names each thing that is wrong, where, and what mends it; changes nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from archive.archived import is_archived
from archive.captures import MANIFEST, explain, is_left_over, members, read_digests, salvaged, sha256_of
from archive.deciding import correction_state, read_decisions
from archive.index import open_engine
from archive.ingest import sources, without_sidecar
from archive.models import ArchiveError, DataDir, Query
from archive.store import Store

_RESTORE = "restore it from a backup of captures/"


def check(data: DataDir) -> Iterator[str]:
    """Yield a sentence for every problem of the data directory; nothing when all is well."""
    yield from _said(data, _check_captures(data))
    yield from _said(data, _check_database(data))


def _said(data: DataDir, findings: Iterable[str]) -> Iterator[str]:
    """Yield the findings, the last of which may be what made looking on impossible."""
    try:
        yield from findings
    except ArchiveError as error:
        yield str(error)
    except OSError as error:
        yield explain(error, data.path)


def _check_captures(data: DataDir) -> Iterator[str]:
    archived = (draft for draft in data.imported.glob("*.open") if is_archived(draft.name))
    for draft in sorted((*data.captures.glob("*/*/*.open"), *archived)):
        if not salvaged(draft).exists() and is_left_over(draft):
            yield f"{draft}: its process has ended; the next crawl, import or rebuild keeps what it holds"
    for kept in without_sidecar(data):
        yield f"{kept}: {kept.name}.json beside it is missing, so no rebuild reads it; {_RESTORE}, or import the file again"
    sealed = (path for pattern in ("*.warc.gz", MANIFEST) for path in data.captures.rglob(pattern))
    for folder in sorted({path.parent for path in sealed}):
        yield from _said(data, _check_folder(folder))


def _check_folder(folder: Path) -> Iterator[str]:
    """Yield what is wrong with the evidence files of a folder: by their digests, else by the checksums inside them."""
    digests = read_digests(folder)
    for path in sorted(folder / name for name in digests):
        if path.exists():
            if sha256_of(path) != digests[path.name]:
                yield f"{path}: is not what was written; {_RESTORE} (`ansinh rebuild` reads what is whole of it)"
        elif not path.with_name(f"{path.name}.open").exists():
            yield f"{path}: the evidence file is missing; {_RESTORE}, or import it again"
    for path in sorted(path for path in folder.glob("*.warc.gz") if path.name not in digests):
        try:
            deque(members(path), maxlen=0)
        except ArchiveError as error:
            yield str(error)


def _check_database(data: DataDir) -> Iterator[str]:
    with closing(Store(data.database, read_only=True)) as store:
        yield from store.damaged()
        yield from _said(data, _check_read(data, store))
        yield from _said(data, _check_index(data, store))
        yield from _said(data, _check_decisions(data, store))


def _check_decisions(data: DataDir, store: Store) -> Iterator[str]:
    decisions = read_decisions(data)
    if decisions.digest != store.access.digest():
        yield f"{data.takedowns} or {data.corrections}: is not what the database shows; `ansinh takedown` applies it"
        return
    for n, one in enumerate(decisions.corrections, start=1):
        if (state := correction_state(store, n, one)) in ("stale", "no article"):
            yield (
                f"{data.corrections}, correction {n} ({one.field} of {one.article}): not applied, {state}; "
                "read the article again, then correct it anew or delete the entry"
            )
    for n, takedown in enumerate(decisions.takedowns, start=1):
        if takedown.url_prefix is None and not any(store.access.reach(n)):
            yield f"{data.takedowns}, takedown {n}: closes nothing; has the text changed, or is an id mistyped?"


def _check_read(data: DataDir, store: Store) -> Iterator[str]:
    for source in sources(data):
        if not store.has_warc(source.path):
            yield f"{data.path / source.path}: was not read to its end; the next crawl, import or rebuild reads it"
    if unread := store.texts.count_waiting():
        yield f"{data.database}: {unread} files were not read yet; each crawl and import reads some, `ansinh rebuild` all"
    held = {capture.warc for capture in store.captures()}
    for path in sorted(path for path in held if not (data.path / path).exists()):
        yield f"{data.path / path}: the database names it, but it is missing; {_RESTORE}"


def _check_index(data: DataDir, store: Store) -> Iterator[str]:
    with closing(open_engine(data)) as engine:
        engine.search(Query(hidden=True, limit=1))  # an engine verifies what it opens
        seq = engine.seq()
    if seq < 0:
        yield f"{data.index}: there is no index; `ansinh index` makes it"
    elif seq != store.seq():
        yield f"{data.index}: shows change {seq}, the database is at {store.seq()}; `ansinh index` mends that"
    if pending := store.ledger.pending():
        yield f"{data.database}: the pledges of {pending} places are not up to date; `ansinh index` mends that"
