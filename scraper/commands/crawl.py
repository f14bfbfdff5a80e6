"""`ansinh crawl`: portals, politely."""

from __future__ import annotations

import sys

import click

from archive.cli import echo_json, json_option
from archive.ingest import Change
from archive.models import DataDir
from scraper import catalogue
from scraper.commands.acknowledging import change_json, in_words
from scraper.crawling import crawl_portals


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
    echo_json(tally.as_json()) if as_json else click.echo(in_words(tally))
    for name, complaint in failed.items():
        click.echo(f"{name}: {complaint}", err=True)
    if failed:
        sys.exit(1)


def _say_change(change: Change) -> None:
    if change.kind != "unchanged":
        click.echo(
            f"{change.kind:8} {change.id}  {(change.article.published or 'undated')[:10]}  {change.article.title}"
        )
