"""`ansinh correct` and `ansinh takedown`: what people decide, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import asdict
from datetime import datetime

import click

from archive.commands.printing import echo_json, json_option
from archive.commands.writing import writing
from archive.deciding import add_correction, add_takedown, correction_state, read_decisions
from archive.decision_files import is_claim, value_of
from archive.decisions import CLAIM, Correction, Takedown
from archive.health import HANOI
from archive.index import open_engine
from archive.ingest import update_index
from archive.models import ArchiveError, DataDir, Json, NotFound
from archive.store import Store


def _deciding(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of every decision."""
    for option in (
        json_option,
        click.option("--list", "listing", is_flag=True, help="List what was decided, and what became of it."),
        click.option("--by", default="", envvar="USER", help="Who decides (default: $USER)."),
        click.option("--reason", default="", help="Why; readers see it."),
    ):
        command = option(command)
    return command


def _today() -> str:
    return datetime.now(HANOI).date().isoformat()


@click.command()
@click.argument("said", nargs=-1, metavar="[ID FIELD VALUE | ID CLAIM confirm | reject | NAME=VALUE...]")
@_deciding
@click.pass_obj
def correct(data: DataDir, /, said: tuple[str, ...], reason: str, by: str, listing: bool, as_json: bool) -> None:
    """Correct a field or a claim of an article, for as long as its text stays as it is now.

    Values of a list are parted by commas, as in: correct ID places 004,005. An empty VALUE is none.

    A claim is named by its id (`ansinh show ID` lists them): correct ID CLAIM confirm, correct ID CLAIM reject, or
    correct ID CLAIM year=2020 value=40. The last decision on a claim holds.
    """
    if not listing:
        if len(said) < 3 or (len(said) > 3 and not is_claim(said[1])) or not reason:
            raise click.UsageError("give ID, FIELD, VALUE and --reason, or --list")
        with writing(data) as store:
            add_correction(data, store, _correction(store, said, reason, by))
            update_index(store, open_engine(data))
    rows = _correction_rows(data)
    for row in rows if listing else rows[-1:]:
        value = row["value"] if isinstance(row["value"], str) else ", ".join(row["value"])
        echo_json(row) if as_json else click.echo(
            "{n}  {date}  {article}  {field} = {shown}: {state} ({reason}; {by})".format(**row, shown=value or "none")
        )


def _correction(store: Store, said: tuple[str, ...], reason: str, by: str) -> Correction:
    """Return the correction that a person typed; raise NotFound for a claim that the article never had."""
    article, field, *values = said
    entry = store.get_entry(article)
    if is_claim(field):
        field = f"{CLAIM}{field.upper()}"
        held = (f"{CLAIM}{claim.id}" for claim in entry.enrichment.claims)
        corrected = (one.field for one in store.access.corrections(entry.id).values())
        if field not in (*held, *corrected):  # a claim that was rejected is not held
            raise NotFound(f"article {entry.id} has no claim {said[1]}; `ansinh show {entry.id}` lists its claims")
    return Correction(entry.id, entry.versions[-1].sha256, field, value_of(field, *values), reason, _today(), by)


def _correction_rows(data: DataDir) -> list[Json]:
    with closing(Store(data.database, read_only=True)) as store:
        corrections = enumerate(read_decisions(data).corrections, start=1)
        return [{"n": n, **asdict(one), "state": correction_state(store, n, one)} for n, one in corrections]


@click.command()
@click.argument("article", default="", metavar="[ARTICLE]")
@click.option("--span", default="", help="Only blank this text in the article.")
@click.option("--capture", default="", help="A capture's id: its bytes, and the version that only it shows.")
@click.option("--url-prefix", default="", help="Everything captured below a URL.")
@_deciding
@click.pass_obj
def takedown(data: DataDir, /, reason: str, by: str, listing: bool, as_json: bool, **targets: str) -> None:
    """Close an article, a capture, what was captured below a URL, or blank a text, at every door at once.

    The evidence stays. Without arguments: apply corrections.toml and takedowns.toml as they stand, after an edit by hand.
    """
    wanted = {name: value for name, value in targets.items() if value}
    if listing:
        _print_takedowns(_takedown_rows(data), as_json)
        return
    if wanted and not reason:
        raise click.UsageError("give --reason: readers will ask")
    with writing(data) as store:
        if wanted:
            one = Takedown(reason, _today(), by, **wanted)
            _check_target(store, one)
            add_takedown(data, store, one)
        update_index(store, open_engine(data))
    _print_takedowns(_takedown_rows(data)[-1:] if wanted else [], as_json)


def _check_target(store: Store, one: Takedown) -> None:
    """Raise ArchiveError for a takedown that would close nothing; say what stays open beside it."""
    if one.article and not store.holds(one.article.upper()):
        raise NotFound(f"no article {one.article}")
    if one.capture and not store.has_capture(one.capture.upper()):
        raise NotFound(f"no capture {one.capture}")
    if one.article and one.span and not store.access.count_span(one.article.upper(), one.span):
        raise ArchiveError(f"{one.article}: does not say {one.span!r}; give it exactly as the article has it")
    if one.article and not store.access.is_buried(one.article.upper()):
        _say_what_stays(store, one)


def _say_what_stays(store: Store, one: Takedown) -> None:
    entry = store.get_entry(str(one.article))
    if entry.same_as:
        click.echo(f"the same text stays open as {', '.join(entry.same_as)}", err=True)
    files = [file for file in entry.article.attachments if one.span and file.capture and not file.text]
    for file in files:
        click.echo(f"not looked into: {file.name} ({file.url}); --capture {file.capture} closes it", err=True)


def _takedown_rows(data: DataDir) -> list[Json]:
    with closing(Store(data.database, read_only=True)) as store:
        takedowns = enumerate(read_decisions(data).takedowns, start=1)
        return [{"n": n, **asdict(one), **store.access.reach(n)._asdict()} for n, one in takedowns]


def _print_takedowns(rows: Iterable[Json], as_json: bool) -> None:
    for row in rows:
        if as_json:
            echo_json(row)
            continue
        target = " ".join(str(row[name]) for name in ("article", "span", "capture", "url_prefix") if row[name])
        reach = "{articles} articles, {captures} captures, {blanked} blanked".format(**row)
        click.echo(f"{row['n']}  {row['date']}  {target}: closes {reach} ({row['reason']}; {row['by']})")
