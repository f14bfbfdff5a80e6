"""The scraper's commands: crawl, import, extract, rebuild, portals, demo."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import click

from archive.captures import WarcDamaged, fsync, now
from archive.cli import Ticker, echo_json, json_option
from archive.enrich import enrich
from archive.export import entry_json
from archive.index import open_engine
from archive.ingest import (
    Change,
    Ingester,
    Tally,
    WriteLock,
    bad_lines,
    finish_drafts,
    rebuild_index,
    require_room,
    sources,
    update_index,
    without_sidecar,
)
from archive.models import ArchiveError, DataDir, Entry, ExtractError, Json, Page, Portal
from archive.store import Store
from scraper import catalogue
from scraper.configuration import read_settings
from scraper.crawling import crawl_portals
from scraper.demo.command import demo
from scraper.extract import Extraction, extract, recognise
from scraper.importers.files import find_files, keep


def change_json(change: Change) -> Json:
    """Return the line that acknowledges one article."""
    article = change.article
    return {
        "id": change.id,
        "change": change.kind,
        "url": article.url,
        "title": article.title,
        "published": article.published,
    }


@click.command()
@click.argument("names", nargs=-1, metavar="NAME...")
@click.option("--all", "everything", is_flag=True, help="Every portal of the catalogue.")
@click.option(
    "--recheck",
    type=click.Choice(["due", "all"]),
    default="due",
    show_default=True,
    help="Which held pages to ask for again: a tenth, those looked at longest ago, or all.",
)
@json_option
@click.pass_obj
def crawl(data: DataDir, names: tuple[str, ...], everything: bool, recheck: str, as_json: bool) -> None:
    """Crawl portals politely and keep what they answer; exit 1 if an expectation failed."""
    known = catalogue.load_all(data)
    portals = list(known.portals) if everything else [known.get(name) for name in names]
    if not portals:
        raise click.UsageError("name at least one portal, or give --all; `ansinh portals` lists them")
    tally, failed = crawl_portals(
        data, portals, (lambda change: echo_json(change_json(change))) if as_json else _say_change, recheck
    )
    echo_json(tally.as_json()) if as_json else click.echo(_sum(tally))
    for name, complaint in failed.items():
        click.echo(f"{name}: {complaint}", err=True)
    if failed:
        sys.exit(1)


def _say_change(change: Change) -> None:
    if change.kind != "unchanged":
        click.echo(
            f"{change.kind:8} {change.id}  {(change.article.published or 'undated')[:10]}  {change.article.title}"
        )


def _sum(tally: Tally) -> str:
    return (
        f"{tally.requests} responses: {tally.new} new, {tally.changed} changed, {tally.unchanged} unchanged articles, "
        f"{tally.problems} problems"
    )


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
            click.echo(f"{file.name}: {_sum(self._tally.since(before))}")

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


@click.command(name="extract")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--url", required=True, help="The address that the page was saved from.")
@click.option("--portal", "name", help="The portal it belongs to, when its host does not say.")
@click.option("--freeze", is_flag=True, help="Also write page and JSON to tests/portals/ as a frozen pair.")
@click.pass_obj
def extract_command(data: DataDir, file: Path, url: str, name: str | None, freeze: bool) -> None:
    """Print a saved page as article JSON; stores nothing."""
    page = Page(url, file.read_bytes(), fetched_at=now(), headers={"content-type": "text/html"})
    portal = _portal_of(data, page, name)
    try:
        article = extract(page, portal)
    except ExtractError as error:
        raise ArchiveError(f"{file}: {error}") from error
    shown = entry_json(Entry(article, enrich(article, portal), page.fetched_at, (), ()))
    echo_json(shown)
    if freeze:
        click.echo(f"frozen: {_freeze(file, page, portal, shown)}", err=True)


def _portal_of(data: DataDir, page: Page, name: str | None) -> Portal:
    known = catalogue.load_all(data)
    portal = known.get(name) if name else known.find(page.url, page.fetched_at)
    portal = portal or recognise(catalogue.bare_host(page.url), [page])
    if portal is None:
        raise ArchiveError(
            f"{page.url}: no portal has this host and no platform recognises the page; name one with --portal"
        )
    return portal


_FROZEN = ("title", "published", "section", "summary", "author", "source", "body", "kinds")


def _freeze(file: Path, page: Page, portal: Portal, shown: Json) -> Path:
    """Write the page and what was read of it beside the tests; the JSON is to be reviewed before it is committed."""
    folder = Path("tests/portals") / portal.platform
    folder.mkdir(parents=True, exist_ok=True)
    frozen = folder / f"{portal.name}-{file.stem}.html"
    frozen.write_bytes(page.body)
    expect = {key: shown[key] for key in _FROZEN if shown[key]}
    wanted = {"url": page.url, "portal": portal.platform, "expect": expect}
    frozen.with_suffix(".json").write_text(json.dumps(wanted, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return frozen


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


@click.command()
@json_option
@click.pass_obj
def portals(data: DataDir, as_json: bool) -> None:
    """List the portals of the catalogue with platform, hosts and how they were verified."""
    for portal in catalogue.load_all(data).portals:
        echo_json(_portal_json(portal)) if as_json else click.echo(_portal_line(portal))


def _portal_json(portal: Portal) -> Json:
    return {
        "name": portal.name,
        "title": portal.title,
        "platform": portal.platform,
        "hosts": [host.name for host in portal.hosts],
        "home": portal.home,
        "places": [unit.place for unit in portal.units],
        "verified": portal.verified,
    }


def _portal_line(portal: Portal) -> str:
    hosts = ", ".join(host.name for host in portal.hosts)
    return f"{portal.name:20} {portal.platform:10} {hosts:36} verified: {portal.verified:8} {portal.title}"


commands = [crawl, import_command, extract_command, rebuild, portals, demo]
