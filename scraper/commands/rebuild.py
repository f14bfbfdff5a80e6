"""`ansinh rebuild`: everything derived, made again from the evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import click

from archive.captures import WarcDamaged, fsync
from archive.commands.printing import Ticker
from archive.index import open_engine
from archive.ingest import (
    Change,
    Ingester,
    Tally,
    WriteLock,
    finish_archived,
    finish_drafts,
    rebuild_index,
    sources,
    without_sidecar,
)
from archive.models import ArchiveError, DataDir
from archive.store import Store
from scraper import catalogue
from scraper.extract import Extraction

_ASIDE = "ansinh.db.before-rebuild"  # the database that had what a rebuild could not find


@click.command()
@click.option("--enrich", "only_enrich", is_flag=True, help="Only apply today's rules to the articles held.")
@click.option("--force", is_flag=True, help="Also when articles are lost by it; the old database is kept beside.")
@click.pass_obj
def rebuild(data: DataDir, only_enrich: bool, force: bool) -> None:
    """Make database and index again from the captures and the portal catalogue."""
    with WriteLock(data):
        count = _enrich_again(data) if only_enrich else _rebuild(data, force)
        with closing(Store(data.database)) as store:
            rebuild_index(store, open_engine(data), Ticker("indexed", store.totals().articles).over)
    click.echo(f"{count} articles {'changed' if only_enrich else 'rebuilt'}")


def _enrich_again(data: DataDir) -> int:
    with closing(Store(data.database)) as store:
        ingester = Ingester(data, store, Extraction(catalogue.load_all(data)))
        ticker = Ticker("enriched", store.totals().articles)
        return sum(1 for _ in ingester.enrich_again(ticker.over))


def _rebuild(data: DataDir, force: bool) -> int:
    """Build beside the old database and put the new one in its place only when it is whole.

    Raise ArchiveError, leaving the old one, when a file cannot be read for want of its portal or its sidecar, or when
    the new one would lack articles that the old one shows, and nobody forces it.
    """
    orphan = next(without_sidecar(data), None)
    if orphan is not None:
        raise ArchiveError(f"{orphan}: {orphan.name}.json beside it is missing; restore it, or import the file again")
    draft = data.database.with_suffix(".rebuilding")
    draft.unlink(missing_ok=True)
    held = _held(data)
    with closing(Store(draft)) as store:
        ingester = Ingester(data, store, Extraction(catalogue.load_all(data)))
        finish_drafts(data)
        finish_archived(data)
        for _ in Ticker("rebuilt", len(held)).over(_changes(data, ingester)):
            pass
        count = store.totals().articles
        lost = [article for article in held if not store.holds(article)]
        store.settle()
    if lost:
        _refuse_loss(data, lost, force)
    _replace_database(data, draft, keep_old=bool(lost))
    return count


def _replace_database(data: DataDir, draft: Path, keep_old: bool) -> None:
    for suffix in ("", "-wal", "-shm"):
        old = data.database.with_name(data.database.name + suffix)
        if keep_old and old.exists():
            old.rename(data.database.with_name(f"{_ASIDE}{suffix}"))
        elif suffix:
            old.unlink(missing_ok=True)
    draft.replace(data.database)
    fsync(data.path)


def _changes(data: DataDir, ingester: Ingester) -> Iterator[Change]:
    """Read all evidence, saying which files are damaged."""
    tally = Tally()
    for source in sources(data):
        try:
            yield from ingester.ingest(source, tally)
        except WarcDamaged as error:  # its whole records were salvaged and read
            click.echo(f"ansinh: {error}", err=True)


def _held(data: DataDir) -> list[str]:
    """Return the ids of the articles in the present database; none when it cannot be read."""
    try:
        with closing(Store(data.database, read_only=True)) as old:
            return list(old.article_ids())
    except ArchiveError:
        return []


def _refuse_loss(data: DataDir, lost: Sequence[str], force: bool) -> None:
    """Raise ArchiveError, unless forced, when a sound database has articles that no evidence shows any more."""
    some = ", ".join(lost[:5]) + (" …" if len(lost) > 5 else "")
    what = f"{data.database}: has {len(lost)} articles that no evidence file shows any more ({some})"
    with closing(Store(data.database, read_only=True)) as old:
        is_sound = not any(old.damaged())
    if is_sound and not force:
        raise ArchiveError(
            f"{what}; it stays as it is. `ansinh check` names damaged files, restore those; "
            "`ansinh rebuild --force` does without these articles"
        )
    click.echo(f"ansinh: {what}; it is kept as {_ASIDE}", err=True)
