"""`ansinh pledges`: what was promised, what was reported, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from archive.commands.printing import echo_facets, echo_json, json_option
from archive.export import coverage_in_words, pledge_json, pledges_csv, pledges_json, read_enquiries, replies_csv
from archive.models import DataDir
from archive.pledges import VERDICTS, Pledge, PledgePage, PledgeRequest
from archive.search import find_indicator, find_place, open_archive

_LINE = "{id}  {verdict:11}  {place}, {year}: {indicator}: {aim}"
_SHOWN = 20  # pledges that are listed where no --limit is given


@click.command()
@click.option("--place", multiple=True, help="A district's code or name, or a province's code; repeat for several.")
@click.option("--year", multiple=True, help="The year that a promise was to be kept in; repeat for several.")
@click.option("--indicator", multiple=True, help='An indicator\'s id or name, as in poor_hh_count or "Số hộ nghèo".')
@click.option("--topic", multiple=True, help="A topic, as in giam-ngheo; repeat for several.")
@click.option("--verdict", multiple=True, type=click.Choice(VERDICTS), help="What became of it; repeat for several.")
@click.option("--limit", type=click.IntRange(1, 100), help=f"How many (default: {_SHOWN}; with --csv all).")
@click.option("--page", type=click.IntRange(1), default=1)
@click.option("--csv", "as_csv", is_flag=True, help="Print a table: a line for each statement behind a pledge.")
@click.option(
    "--batch", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Answer a CSV file with the columns district, indicator, year; prints CSV.",
)  # fmt: skip
@json_option
@click.pass_obj
def pledges(
    data: DataDir, /, limit: int | None, page: int, as_csv: bool, batch: Path | None, as_json: bool, **wanted: Any
) -> None:
    """List what was promised, what was reported, and what became of it by the published rule."""
    archive = open_archive(data)
    if batch is not None:
        asked = read_enquiries(batch)
        _echo_lines(replies_csv(answer for enquiry in asked for answer in archive.reply(enquiry)))
        return
    filters = {
        **wanted,
        "place": tuple(find_place(place) for place in wanted["place"]),
        "indicator": tuple(find_indicator(indicator) for indicator in wanted["indicator"]),
    }
    if as_csv and limit is None:
        _echo_lines(pledges_csv(archive.every_pledge(filters)))
        return
    found = archive.pledges(PledgeRequest(filters, page, limit or _SHOWN))
    if as_csv:
        _echo_lines(pledges_csv(found.pledges))
    elif as_json:
        echo_json(pledges_json(found))
    else:
        _print_pledges(found)


def _echo_lines(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line, nl=False)


def _print_pledges(found: PledgePage) -> None:
    click.echo(f"{found.total} pledges")
    for pledge in found.pledges:
        _print_pledge(pledge)
    echo_facets(found.facets)
    if found.pending:
        click.echo(f"{found.pending} places are not up to date; `ansinh index` mends that.", err=True)


def _print_pledge(pledge: Pledge) -> None:
    """Print what was promised, the sentences behind it, and what became of it."""
    said = pledge_json(pledge)
    place = ", ".join(filter(None, (pledge.commune, said["place_name"])))
    aim = f"{pledge.target.direction} {pledge.target.comparator} {pledge.target.value:,.15g} {pledge.target.unit}"
    line = _LINE.format(
        id=pledge.id,
        verdict=said["verdict"]["kind"],
        place=place,
        year=said["period"] or said["year"],
        indicator=said["indicator_name"],
        aim=aim,
    )
    click.echo(f"\n{line}")
    for statement in (*pledge.sources, *(answer.statement for answer in pledge.answers), *pledge.parts):
        day = (statement.published or "undated")[:10]
        click.echo(f"  {statement.claim.kind} {day} {statement.article}  “{statement.claim.quote}”")
    if said["verdict"]["arithmetic"]:
        click.echo(f"  {said['verdict']['arithmetic']}")
    if pledge.coverage is not None:
        click.echo(f"  {coverage_in_words(pledge.coverage)}")
