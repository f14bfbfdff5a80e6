"""`ansinh analyze` and `ansinh evaluate`: what the rules read in texts that need not be in the archive."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import click

from archive.commands.printing import echo_json, json_option
from archive.enrich import analyze_text
from archive.evaluate import GROUPINGS, Label, evaluate, evaluation_json, evaluation_lines, read_labels
from archive.export import enrichment_json
from archive.models import ArchiveError, DataDir, Enrichment, Json, Portal
from archive.store import Store


@click.command()
@click.pass_obj
def analyze(data: DataDir) -> None:
    """Read texts as JSON lines {id, url?, title?, text, published?, portal?} and write what they are about.

    Stores nothing. `portal` is the name of a portal that the archive holds; it tells who published.
    """
    known = Store(data.database, read_only=True).portals() if data.database.exists() else ()
    portals = {portal.name: portal for portal in known}
    unknown = Counter[str]()
    for number, line in enumerate(sys.stdin, start=1):
        if line.strip():
            echo_json(_analyzed(number, line, portals, unknown))
    for name, count in sorted(unknown.items()):
        click.echo(
            f"ansinh: no portal of this archive is called {name!r}; {count} texts were read without it", err=True
        )


def _analyzed(number: int, line: str, portals: Mapping[str, Portal], unknown: Counter[str]) -> Json:
    try:
        said = json.loads(line)
        if said.get("portal") and said["portal"] not in portals:
            unknown[str(said["portal"])] += 1
        enrichment = analyze_text(
            str(said["id"]),
            said.get("title") or "",
            said["text"],
            said.get("published"),
            portals.get(said.get("portal")),
            said.get("url") or "",
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArchiveError(f"standard input, line {number}: not an object with id and text ({error!r})") from error
    return {"id": said["id"], **enrichment_json(enrichment)}


@click.command(name="evaluate")
@click.argument("gold", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--errors", is_flag=True, help="List every miss (-) and every false alarm (+) with its quote.")
@click.option("--by", type=click.Choice(GROUPINGS), default="text_kind", show_default=True, help="Also by group.")
@json_option
def evaluate_command(gold: Path, errors: bool, by: Literal["text_kind", "level"], as_json: bool) -> None:
    """Compare what the rules read in labelled articles (JSON lines) with their labels: precision, recall, F1."""
    groups = evaluate(read_labels(gold), _read_label, by)
    if as_json:
        echo_json(evaluation_json(groups, errors))
        return
    for line in evaluation_lines(groups, errors):
        click.echo(line)


def _read_label(label: Label) -> Enrichment:
    return analyze_text(label.id, label.title, label.text, label.published, url=label.url)
