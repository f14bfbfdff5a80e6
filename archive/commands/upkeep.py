"""`ansinh check` and `ansinh index`: does everything agree, and the index made anew."""

from __future__ import annotations

import sys

import click

from archive import check as checking
from archive.commands.printing import Ticker, echo_unread
from archive.commands.writing import writing
from archive.index import ENGINES, open_engine
from archive.ingest import rebuild_index
from archive.models import DataDir


@click.command()
@click.pass_obj
def check(data: DataDir) -> None:
    """Check captures, database and index against each other; exit 1 when anything is wrong."""
    wrong = 0
    for sentence in checking.check(data):
        wrong += 1
        click.echo(sentence)
    click.echo("everything agrees" if not wrong else f"{wrong} things are wrong", err=bool(wrong))
    if wrong:
        sys.exit(1)


@click.command(name="index")
@click.option("--engine", type=click.Choice(list(ENGINES)), default="whoosh", show_default=True)
@click.pass_obj
def index_command(data: DataDir, engine: str) -> None:
    """Make the search index anew from the database."""
    with writing(data) as store:
        ticker = Ticker("indexed", store.totals().articles)
        count = rebuild_index(store, open_engine(data, engine), ticker.over)
        unread = store.texts.count_waiting()
    click.echo(f"{count} articles indexed")
    echo_unread(unread)
