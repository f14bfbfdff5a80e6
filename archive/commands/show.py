"""`ansinh show`: one article with all that is known of it."""

from __future__ import annotations

import click

from archive.commands.printing import echo_json, json_option
from archive.export import entry_json
from archive.models import Attachment, DataDir, Entry, FileReading
from archive.search import Archive, open_archive


@click.command()
@click.argument("article_id", metavar="ID")
@json_option
@click.pass_obj
def show(data: DataDir, article_id: str, as_json: bool) -> None:
    """Show one article: its text, what is known of it and how, and its captures."""
    archive = open_archive(data)
    entry = archive.get_entry(article_id)
    if as_json:
        echo_json(entry_json(entry))
        return
    _print_facts(entry)
    click.echo()
    click.echo("\n\n".join(filter(None, (entry.article.summary, *entry.article.body))))
    click.echo()
    _print_history(archive, entry)


def _print_facts(entry: Entry) -> None:
    """Print what an article is about, and how it is known."""
    article, facts = entry.article, entry.enrichment
    click.echo(click.style(article.title, bold=True))
    click.echo(f"{article.published or f'undated, not after {entry.not_after}'}  {article.author}")
    click.echo(f"{article.url}\nplaces: {', '.join(place.name for place in facts.places) or 'undecided'}")
    click.echo(f"years: {', '.join(map(str, facts.years))}\ntopics: {', '.join(facts.topics) or 'out of scope'}")
    for document in facts.documents:
        click.echo(f"document {document.id}: {document.kind} {document.number} ({document.role})")
    for claim in facts.claims:
        click.echo(f"claim {claim.id}: {claim.kind} {claim.indicator} {claim.comparator} {claim.value:.15g} {claim.unit} "
                   f"{claim.direction} {claim.period or claim.year or ''} “{claim.quote}”")  # fmt: skip


def _print_history(archive: Archive, entry: Entry) -> None:
    """Print what people decided on an article, its files and its captures."""
    for one in archive.corrections(entry.id):
        click.echo(f"corrected {one.date}: {one.field} ({one.reason})")
    for why in archive.blanks(entry.id):
        click.echo(f"blanked {why.date}: {why.reason}")
    readings = archive.file_readings(entry.article)
    for file in entry.article.attachments:
        click.echo(f"file {file.name} {file.url}: {_state_of(file, readings.get(file.sha256 or ''))}")
    for capture in entry.captures:
        doubt = "  connection not verified" if capture.tls else ""
        click.echo(f"capture {capture.id}  {capture.fetched_at}  {capture.via}  {capture.warc}@{capture.offset}{doubt}")


def _state_of(file: Attachment, reading: FileReading | None) -> str:
    """Return what became of an attachment, in words."""
    if file.capture is None:
        return "not held"
    return ": ".join(filter(None, (reading.outcome, reading.note))) if reading else "of no kind that is read"
