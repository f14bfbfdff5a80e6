"""`ansinh search`: what the archive holds on some words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from archive.commands.printing import echo_facets, echo_json, json_option
from archive.export import results_json
from archive.models import FACETS, ArchiveError, DataDir, Results, SearchRequest, Suggestion
from archive.search import open_archive, pieces


@click.command()
@click.argument("query", default="")
@click.option(
    "--place", multiple=True, help="A district's code, as in 004, or a province's, as in 01; repeat for several."
)
@click.option("--year", multiple=True, help="A year the article is about; repeat for several.")
@click.option("--topic", multiple=True, help="A topic, as in giam-ngheo; repeat for several.")
@click.option(
    "--kind", multiple=True, help='A kind of document that is announced, as in "Kế hoạch"; repeat for several.'
)
@click.option("--portal", multiple=True, help="A portal's name; repeat for several.")
@click.option(
    "--status", multiple=True, type=click.Choice(["live", "gone", "unknown"]), help="Is its page still there?"
)
@click.option("--published", metavar="FROM..TO", help="Days, as in 2019-01-01..2020-12-31; either may be left out.")
@click.option("--sort", type=click.Choice(["relevance", "newest", "oldest"]), default="relevance")
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True)
@click.option("--page", type=click.IntRange(1), default=1)
@click.option("--all", "everything", is_flag=True, help="Also what is outside labour and social affairs.")
@json_option
@click.pass_obj
def search(
    data: DataDir, /, query: str, published: str | None, everything: bool, as_json: bool, **options: Any
) -> None:
    """Search the archive: words, "a phrase", OR, -word, tiêu-đề:word, số:06/KH-UBND."""
    first, _, last = (published or "..").partition("..")
    request = SearchRequest(
        text=query,
        filters={name: options[name] for name in FACETS},
        published_from=first or None,
        published_to=last or None,
        sort=options["sort"],
        page=options["page"],
        limit=options["limit"],
        all=everything,
    )
    archive = open_archive(data)
    results = archive.search(request)
    echo_json(results_json(results)) if as_json else _print_results(results)
    if archive.refusal:
        raise ArchiveError(f"nothing can be found: {archive.refusal}")


def _print_results(results: Results) -> None:
    click.echo(f"{results.total} articles ({results.took_ms} ms)")
    for hit in results.hits:
        places = ", ".join(place.name for place in hit.entry.enrichment.places)
        click.echo(f"\n{hit.entry.id}  {(hit.entry.article.published or 'undated')[:10]}  {places}")
        click.echo("  " + _emphasised(hit.entry.article.title, hit.title_spans))
        click.echo("  " + _emphasised(hit.snippet.text, hit.snippet.spans))
        if hit.files:
            click.echo(f"  in the attached file: {', '.join(file.name or file.url for file in hit.files)}")
    echo_facets(results.facets)
    if results.partial:
        click.echo("\nNo article holds all of the words; these hold most of them.")
    if results.suggestion:
        click.echo(f"\nThis finds something: {results.suggestion.text}{_changes(results.suggestion)}")
    if results.behind:
        click.echo(f"The index is {results.behind} changes behind; `ansinh index` brings it up to date.", err=True)


def _changes(suggestion: Suggestion) -> str:
    """Return in brackets what a suggestion changed."""
    said = (f"{change.what} {change.old}" for change in suggestion.changes)
    return f" ({', '.join(said)})"


def _emphasised(text: str, spans: Iterable[tuple[int, int]]) -> str:
    return "".join(click.style(piece, bold=True) if marked else piece for piece, marked in pieces(text, spans))
