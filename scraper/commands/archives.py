"""What `ansinh import --wayback` and `--commoncrawl` do: collect a host's captures, ingest each part, say how it goes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import click

from archive.archived import ArchivedWriter
from archive.commands.printing import Ticker
from archive.ingest import Source
from archive.models import DataDir
from archive.store import Store
from scraper.configuration import OperatorSettings
from scraper.extract import Extraction
from scraper.importers.cdx import Line, Span, worth_having
from scraper.importers.client import Client
from scraper.importers.collecting import Collection, WebArchive
from scraper.importers.commoncrawl import CommonCrawl
from scraper.importers.wayback import Wayback
from scraper.reading.page import canonical

_HOST = re.compile(r"(?=.{1,200}\Z)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+")
_DAY = re.compile(r"(\d{4})(?:-?(\d\d)(?:-?(\d\d))?)?", re.ASCII)


class Wanted(NamedTuple):
    """What an operator asks a web archive for: its name, a host and a span of time."""

    archive: str
    host: str
    span: Span


def read_request(wayback: str | None, commoncrawl: str | None, since: str | None, until: str | None) -> Wanted | None:
    """Return what the options ask for, None when they ask for nothing; raise UsageError for what cannot be understood."""
    if wayback and commoncrawl:
        raise click.UsageError(
            "give --wayback or --commoncrawl; one after the other, what one has held is not fetched again"
        )
    host = wayback or commoncrawl
    if not host:
        if since or until:
            raise click.UsageError("--from and --to belong to --wayback or --commoncrawl")
        return None
    return Wanted("wayback" if wayback else "commoncrawl", _host(host), Span(_digits(since), _digits(until)))


def _host(said: str) -> str:
    host = said.lower().removeprefix("www.")
    if not _HOST.fullmatch(host):
        raise click.UsageError(f"{said!r} is no host name; write it as in longbien.hanoi.gov.vn")
    return host


def _digits(said: str | None) -> str:
    found = _DAY.fullmatch(said or "")
    if said and found is None:
        raise click.UsageError(f"{said!r} is no time; write 2015, 2015-06 or 2015-06-30")
    return "".join(filter(None, found.groups())) if found else ""


def open_archive(name: str, settings: OperatorSettings) -> WebArchive:
    """Return the web archive of that name ("wayback", "commoncrawl") where the settings say it is."""
    client = Client(settings)
    if name == "wayback":
        return Wayback(client, settings.wayback)
    return CommonCrawl(client, settings.commoncrawl, settings.commoncrawl_data)


class HostImport:
    """One import of a host from a web archive: `find`, then `parts`, then `report`."""

    def __init__(self, data: DataDir, extraction: Extraction, archive: WebArchive, portal: str | None) -> None:
        """`portal` is the one that everything belongs to, whatever its host."""
        self._data, self._extraction, self._archive, self._portal = data, extraction, archive, portal

    def find(self, host: str, span: Span, held: Store) -> None:
        """Ask the archive what it has of the host, and say how much of that is not held."""
        self._host = host
        self._listed = self._archive.find(host, span)
        wanted = worth_having(self._listed.lines, span)
        self._wanted = len(wanted)
        writer = ArchivedWriter(self._data, self._archive.via, host, self._portal)
        self._collection = Collection(self._archive, writer, self._article_of)
        self._missing = self._collection.missing(wanted, held)
        click.echo(
            f"{self._archive.via} {host}: {len(self._missing)} of {self._wanted} captures are not held", err=True
        )

    def parts(self) -> Iterator[Sequence[Source]]:
        """Fetch what is not held, yielding after each capture the parts that were sealed with it, mostly none."""
        ticker = Ticker(f"{self._archive.via} {self._host}", len(self._missing))
        for names in self._collection.collect(ticker.over(self._missing)):
            yield [self._source(name) for name in names]

    def _source(self, name: str) -> Source:
        path = self._data.imported / name
        return Source(str(path.relative_to(self._data.path)), self._archive.via, self._portal)

    def report(self) -> bool:
        """Say what became of the captures; return whether all that the archive gives was had."""
        done, held = self._collection, self._wanted - len(self._missing)
        click.echo(
            f"{self._archive.via} {self._host}: {len(self._listed.lines)} captures listed, {self._wanted} worth having, "
            f"{held} held before, {done.fetched} fetched, {done.repeats} repeats of these not fetched, "
            f"{done.withheld.count} withheld by the archive, {done.unanswered.count} unanswered, "
            f"{self._listed.malformed} lines malformed",
            err=True,
        )
        for why in (*done.withheld.reasons, *done.unanswered.reasons):
            click.echo(f"ansinh: {why}", err=True)
        return not done.unanswered.count

    def _article_of(self, line: Line) -> str | None:
        if self._portal:
            portal = self._extraction.get_portal(self._portal)
        else:
            found = self._extraction.find_portal(line.url, line.date)
            if found is None:
                return None
            portal = found
        return self._extraction.article_id(canonical(line.url), portal)
