"""`ansinh import`: captures, saved pages and texts that somebody else has made."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

import click

from archive.cli import Ticker, echo_json, json_option
from archive.index import open_engine
from archive.ingest import Ingester, Tally, WriteLock, bad_lines, require_room, update_index
from archive.models import ArchiveError, DataDir
from archive.store import Store
from scraper import catalogue
from scraper.commands.acknowledging import change_json, in_words
from scraper.configuration import read_settings
from scraper.extract import Extraction
from scraper.importers.files import find_files, keep


@click.command(name="import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--url", help="The address of a single saved page.")
@click.option("--portal", help="The portal that everything belongs to, whatever its host.")
@json_option
@click.pass_obj
def import_command(data: DataDir, paths: tuple[Path, ...], url: str | None, portal: str | None, as_json: bool) -> None:
    """Import WARC files, saved pages, .jsonl texts, or folders of them; exit 1 when something could not be read."""
    files = list(find_files(paths))
    if url and len(files) != 1:
        raise click.UsageError("--url is the address of one page; give one file with it")
    if portal:
        catalogue.load_all(data).get(portal)  # before anything is kept under a name that nobody has
    require_room(data, read_settings(data).free_mb)
    with WriteLock(data), closing(Store(data.database)) as store:
        importing = _Import(data, store, as_json)
        importing.catch_up()
        for file in files:
            importing.take(file, url, portal)
        update_index(store, open_engine(data))
    importing.finish()


class _Import:
    """One import: goes on after a file that cannot be read, and says so at the end."""

    def __init__(self, data: DataDir, store: Store, as_json: bool) -> None:
        self._data, self._as_json = data, as_json
        self._ingester = Ingester(data, store, Extraction(catalogue.load_all(data)))
        self._tally, self._failed = Tally(), False

    def catch_up(self) -> None:
        """Ingest what an earlier process has left unread."""
        for change in self._ingester.catch_up(self._tally):
            if self._as_json:
                echo_json(change_json(change))

    def take(self, file: Path, url: str | None, portal: str | None) -> None:
        """Keep one file and ingest it."""
        for number in bad_lines(file) if file.suffix == ".jsonl" else ():
            self._failed = True
            click.echo(f"ansinh: {file}, line {number}: not an object with id, title and text; skipped", err=True)
        before = Tally(**{name: getattr(self._tally, name) for name in Tally.COUNTS})
        try:
            source = keep(self._data, file, url, portal)
            for change in Ticker(file.name).over(self._ingester.ingest(source, self._tally, again=portal is not None)):
                if self._as_json:
                    echo_json(change_json(change))
        except ArchiveError as error:
            self._failed = True
            click.echo(f"ansinh: {error}", err=True)
        if not self._as_json:
            click.echo(f"{file.name}: {in_words(self._tally.since(before))}")

    def finish(self) -> None:
        """Print the sum and the hosts that nobody recognises; exit 1 if anything was not read."""
        if self._as_json:
            echo_json(self._tally.as_json())
        for host, pages in sorted(self._tally.unknown.items()):
            click.echo(
                f"ansinh: {host}: no platform recognises it; {pages} pages skipped (name one with --portal)", err=True
            )
        if self._failed or self._tally.unknown:
            sys.exit(1)
