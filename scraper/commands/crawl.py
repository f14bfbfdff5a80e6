"""`ansinh crawl`: portals, politely."""

from __future__ import annotations

import sys
from functools import partial

import click

from archive.captures import now
from archive.commands.printing import echo_json, json_option
from archive.ingest import Change
from archive.models import DataDir, Portal
from scraper import catalogue
from scraper.commands.acknowledging import change_json, in_words
from scraper.commands.sharding import SHARD, Shard
from scraper.crawl.process import capture_portals, crawl_portals
from scraper.crawl.run import Sealed


@click.command()
@click.argument("names", nargs=-1, metavar="NAME...")
@click.option("--all", "everything", is_flag=True, help="Every portal that has a host today.")
@click.option(
    "--recheck",
    type=click.Choice(["due", "all"]),
    default="due",
    show_default=True,
    help="Which held pages to ask for again: those due by their age and their last look, or all.",
)
@click.option("--shard", type=SHARD, metavar="I/N", help="Only the I-th of N parts, the same on every machine.")
@click.option("--write-only", is_flag=True, help="Only write captures/; `ansinh import` reads them elsewhere.")
@json_option
@click.pass_obj
def crawl(
    data: DataDir,
    names: tuple[str, ...],
    everything: bool,
    recheck: str,
    shard: Shard | None,
    write_only: bool,
    as_json: bool,
) -> None:
    """Crawl portals politely and keep what they answer; exit 1 if an expectation failed."""
    known = catalogue.load_all(data)
    portals = list(known.live(now())) if everything else [known.get_live(name, now()) for name in names]
    if not portals:
        raise click.UsageError("name at least one portal, or give --all; `ansinh portals` lists them")
    if shard is not None:
        portals = [portal for portal in portals if portal.name in shard]
    failed = (_capture if write_only else _ingest)(data, portals, recheck, as_json)
    for name, complaint in failed.items():
        click.echo(f"{name}: {complaint}", err=True)
    if failed:
        sys.exit(1)


def _ingest(data: DataDir, portals: list[Portal], recheck: str, as_json: bool) -> dict[str, str]:
    """Crawl and ingest; print a line per article and the sum; return the complaints by portal."""
    tally, failed = crawl_portals(
        data, portals, (lambda change: echo_json(change_json(change))) if as_json else _say_change, recheck
    )
    echo_json(tally.as_json()) if as_json else click.echo(in_words(tally))
    return failed


def _capture(data: DataDir, portals: list[Portal], recheck: str, as_json: bool) -> dict[str, str]:
    """Crawl into evidence files alone; print a line per sealed file and the sum; return the complaints by portal."""
    sealed, failed = capture_portals(data, portals, partial(_say_sealed, as_json), recheck)
    size = sum(file.size for file in sealed)
    if as_json:
        echo_json({"files": len(sealed), "bytes": size})
    else:
        click.echo(f"{len(sealed)} files, {size / 1e6:.1f} MB; `ansinh import` reads them")
    return failed


def _say_sealed(as_json: bool, file: Sealed) -> None:
    if as_json:
        echo_json({"file": file.path.as_posix(), "portal": file.portal, "bytes": file.size})
    else:
        click.echo(f"sealed   {file.path}  {file.size / 1e6:.1f} MB")


def _say_change(change: Change) -> None:
    if change.kind != "unchanged":
        click.echo(
            f"{change.kind:8} {change.id}  {(change.article.published or 'undated')[:10]}  {change.article.title}"
        )
