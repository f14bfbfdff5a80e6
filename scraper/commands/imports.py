"""`ansinh import`: captures, saved pages and texts that somebody else has made."""

from __future__ import annotations

import sys
import time
from contextlib import closing
from pathlib import Path

import click

from archive.cli import Ticker, echo_json, json_option
from archive.crawled import unfinished
from archive.index import open_engine
from archive.ingest import Ingester, Source, Tally, WriteLock, bad_lines, require_room, update_index
from archive.models import ArchiveError, DataDir
from archive.store import Store
from scraper import catalogue
from scraper.commands.acknowledging import change_json, in_words
from scraper.commands.archives import HostImport, Wanted, open_archive, read_request
from scraper.configuration import read_settings
from scraper.crawl.run import INDEX_SECONDS
from scraper.extract import Extraction
from scraper.importers.files import find_files, keep
from scraper.importers.packed import unpacked


@click.command(name="import")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--url", help="The address of a single saved page.")
@click.option("--portal", help="The portal that everything belongs to, whatever its host.")
@click.option("--wayback", metavar="HOST", help="What the Wayback Machine (or a pywb) holds of a host.")
@click.option("--commoncrawl", metavar="HOST", help="What Common Crawl holds of a host.")
@click.option("--from", "since", metavar="DAY", help="Only captures from then on: 2015, 2015-06 or 2015-06-30.")
@click.option("--to", "until", metavar="DAY", help="Only captures until the end of then.")
@json_option
@click.pass_obj
def import_command(
    data: DataDir, /, paths: tuple[Path, ...], url: str | None, portal: str | None, as_json: bool, **asked: str | None
) -> None:
    """Import captures from files, folders and web archives; exit 1 when something could not be had or read.

    Files are .warc, .warc.gz, .wacz, .cdxj beside its WARC files, saved pages (.html) and texts (.jsonl). The same command
    again goes on where it was interrupted.
    """
    wanted = read_request(**asked)
    if not paths and wanted is None:
        raise click.UsageError("name files or folders, or a host with --wayback or --commoncrawl")
    files = sorted(find_files(paths), key=lambda file: file.name)  # of one portal, in the order of its runs
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
        if wanted is not None:
            importing.collect(wanted, portal)
        update_index(store, open_engine(data))
    for draft in (draft for path in paths if path.is_dir() for draft in unfinished(path)):
        click.echo(
            f"ansinh: {draft}: left alone; the crawler that writes it seals it, or the next one of its shard", err=True
        )
    importing.finish()


class _Import:
    """One import: goes on after a file that cannot be read, and says so at the end."""

    def __init__(self, data: DataDir, store: Store, as_json: bool) -> None:
        self._data, self._store, self._as_json = data, store, as_json
        self._catalogue = catalogue.load_all(data)
        self._ingester = Ingester(data, store, Extraction(self._catalogue))
        self._tally, self._failed, self._published = Tally(), False, time.monotonic()

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
            with unpacked(self._data, file) as found:
                for complaint in found.complaints:
                    self._complain(complaint)
                for part in found.files:
                    source = keep(self._data, part, url, portal, self._catalogue)
                    self._ingest(source, file.name, again=portal is not None)
        except ArchiveError as error:
            self._complain(str(error))
        if not self._as_json:
            click.echo(f"{file.name}: {in_words(self._tally.since(before))}")

    def collect(self, wanted: Wanted, portal: str | None) -> None:
        """Bring in what a web archive holds of a host, part by part."""
        archive = open_archive(wanted.archive, read_settings(self._data))
        job = HostImport(self._data, self._store, Extraction(self._catalogue), archive, portal)
        try:
            for source in job.sources(wanted.host, wanted.span):
                self._ingest(source, wanted.host)
                self._publish_now_and_then()
            self._failed |= not job.report()
        except ArchiveError as error:
            self._complain(str(error))
        if not self._as_json:
            click.echo(f"{wanted.host}: {in_words(self._tally)}")

    def _ingest(self, source: Source, label: str, again: bool = False) -> None:
        for change in Ticker(label).over(self._ingester.ingest(source, self._tally, again=again)):
            if self._as_json:
                echo_json(change_json(change))

    def _publish_now_and_then(self) -> None:
        """Bring the index up to date every few minutes: a polite import of a large host takes hours."""
        if time.monotonic() - self._published > INDEX_SECONDS:
            update_index(self._store, open_engine(self._data))
            self._published = time.monotonic()

    def _complain(self, what: str) -> None:
        self._failed = True
        click.echo(f"ansinh: {what}", err=True)

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
