"""`ansinh export`: every article, for other programs."""

from __future__ import annotations

import click

from archive.commands.printing import Ticker
from archive.export import FORMATS, export
from archive.models import DataDir
from archive.store import Store


@click.command(name="export")
@click.option("--format", "form", type=click.Choice(FORMATS), required=True)
@click.pass_obj
def export_command(data: DataDir, form: str) -> None:
    """Write every article to standard output, ordered by id."""
    store = Store(data.database, read_only=True)
    ids = list(store.article_ids())
    entries = (store.get_entry(article_id) for article_id in Ticker("exported", len(ids)).over(ids))
    for line in export(entries, form):
        click.echo(line, nl=False)
