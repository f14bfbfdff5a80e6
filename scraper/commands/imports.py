"""`ansinh import`: captures, saved pages and texts that somebody else has made."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path

import click

from archive.commands.printing import echo_json, json_option
from archive.crawled import unfinished
from archive.ingest import Change, CrawlerClaim, Tally, WriteLock, bad_lines, require_room
from archive.models import ArchiveError, DataDir
from archive.store import Store
from scraper import catalogue
from scraper.commands.acknowledging import change_json, in_words
from scraper.commands.archives import HostImport, Wanted, open_archive, read_request
from scraper.commands.ingesting import SealedParts, Stretch, Stretches
from scraper.configuration import read_settings
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
    importing = _Import(data, portal, as_json)
    with _claim(data, wanted), closing(importing.take_files(files, url)) as held:
        if wanted is not None:
            importing.collect(wanted, held)
    for draft in (draft for path in paths if path.is_dir() for draft in unfinished(path)):
        click.echo(
            f"ansinh: {draft}: left alone; the crawler that writes it seals it, or the next one of its shard", err=True
        )
    importing.finish()


def _claim(data: DataDir, wanted: Wanted | None) -> AbstractContextManager[object]:
    """Return what keeps a second import of the same host from the same archive out; raise Busy for the second."""
    return CrawlerClaim(data, [f"{wanted.archive}:{wanted.host}"]) if wanted else nullcontext()


class _Import:
    """One import: goes on after a file that cannot be read, and says so at the end."""

    def __init__(self, data: DataDir, portal: str | None, as_json: bool) -> None:
        self._data, self._portal, self._as_json = data, portal, as_json
        self._catalogue = catalogue.load_all(data)
        self._stretches = Stretches(data, self._acknowledge)
        self._tally, self._failed = self._stretches.tally, False

    def take_files(self, files: Iterable[Path], url: str | None) -> Store:
        """Ingest what an earlier process has left unread, then the files; return a reader of what is held by that.

        Raise Busy when another process is writing.
        """
        with self._stretches.begin(WriteLock(self._data)) as stretch:
            stretch.catch_up()
            for file in files:
                self._take(stretch, file, url)
            stretch.publish()
            return Store(self._data.database, read_only=True)  # under the lock, so that no rebuild is replacing it

    def _take(self, stretch: Stretch, file: Path, url: str | None) -> None:
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
                    source = keep(self._data, part, url, self._portal, self._catalogue)
                    stretch.ingest(source, file.name, again=self._portal is not None)
        except ArchiveError as error:
            self._complain(str(error))
        if not self._as_json:
            click.echo(f"{file.name}: {in_words(self._tally.since(before))}")

    def collect(self, wanted: Wanted, held: Store) -> None:
        """Bring in what a web archive has of a host and we do not hold, part by part."""
        archive = open_archive(wanted.archive, read_settings(self._data))
        job = HostImport(self._data, Extraction(self._catalogue), archive, self._portal)
        parts = SealedParts(self._stretches, wanted.host)
        try:
            job.find(wanted.host, wanted.span, held)
            held.close()  # a rebuild may replace the database while captures are fetched
            for sealed in job.parts():
                parts.add(sealed)
                parts.ingest_if_free()
            self._failed |= not job.report()
        except ArchiveError as error:
            self._complain(str(error))
        parts.settle()
        if not self._as_json:
            click.echo(f"{wanted.host}: {in_words(self._tally)}")

    def _acknowledge(self, change: Change) -> None:
        if self._as_json:
            echo_json(change_json(change))

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
