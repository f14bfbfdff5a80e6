"""`ansinh`: the one command line. Its subcommands come from the three packages through an entry-point group."""

from __future__ import annotations

import errno
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta, timezone
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Literal, TypeVar

import click

from archive import check as checking
from archive.captures import explain
from archive.deciding import add_correction, add_takedown, apply_decisions, correction_state, read_decisions
from archive.decision_files import is_claim, value_of
from archive.decisions import CLAIM, Correction, Takedown
from archive.enrich import analyze_text
from archive.evaluate import GROUPINGS, Label, evaluate, evaluation_json, evaluation_lines, read_labels
from archive.export import (
    FORMATS,
    coverage_in_words,
    enrichment_json,
    entry_json,
    export,
    pledge_json,
    pledges_csv,
    pledges_json,
    read_enquiries,
    replies_csv,
    results_json,
)
from archive.health import alert_in_words
from archive.index import ENGINES, open_engine
from archive.ingest import Busy, WriteLock, rebuild_index, update_index
from archive.models import (
    FACETS,
    ArchiveError,
    Attachment,
    DataDir,
    Enrichment,
    FileReading,
    Json,
    NotFound,
    Portal,
    Results,
    SearchRequest,
    Suggestion,
)
from archive.pledges import VERDICTS, PledgePage, PledgeRequest
from archive.runs import Health, PortalState
from archive.search import find_indicator, find_place, open_archive, pieces
from archive.store import Store

T = TypeVar("T")
EXIT_BUSY = 75  # EX_TEMPFAIL of sysexits.h: try again later
EXIT_STOPPED = 130  # as shells say it of a command that Ctrl-C has ended


class _Commands(click.Group):
    """Turns our errors into one line on standard error: what is wrong, where, what to do."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, those of the other packages included."""
        self._contribute()
        return super().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name, whichever package it comes from."""
        self._contribute()
        return super().get_command(ctx, cmd_name)

    def _contribute(self) -> None:
        """Add the commands of the other packages: each entry point is a list of them."""
        for point in entry_points(group="ansinh.commands"):
            for command in point.load():
                self.add_command(command)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; exit 75 when another process is writing, 1 on any error of ours."""
        try:
            return super().invoke(ctx)
        except ArchiveError as error:
            click.echo(f"ansinh: {error}", err=True)
            ctx.exit(EXIT_BUSY if isinstance(error, Busy) else 1)
        except OSError as error:
            if error.errno == errno.EPIPE:  # the reader of a pipe has left: click knows
                raise
            click.echo(f"ansinh: {explain(error, ctx.params['data'])}", err=True)
            ctx.exit(1)
        except KeyboardInterrupt:
            click.echo("ansinh: stopped; what was acknowledged is kept, the same command again goes on", err=True)
            ctx.exit(EXIT_STOPPED)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ansinh")
@click.option(
    "--data", envvar="ANSINH_DATA", default="data", type=click.Path(file_okay=False, path_type=Path),
    help="The data directory (default: $ANSINH_DATA, else ./data).",
)  # fmt: skip
@click.pass_context
def main(ctx: click.Context, data: Path) -> None:
    """The permanent archive of what Vietnam's districts announced about labour and social affairs."""
    ctx.obj = DataDir(data)


class Ticker:
    """Shows long work on standard error: one living line on a terminal, a plain line now and then when piped."""

    def __init__(self, label: str, total: int | None = None) -> None:
        """`label` names what is counted; `total`, when known, gives the time that remains."""
        self._label, self._total, self._count = label, total, 0
        self._terminal = sys.stderr.isatty()
        self._began = self._shown = time.monotonic()

    def over(self, items: Iterable[T]) -> Iterator[T]:
        """Yield the items, counting them."""
        for item in items:
            self._count += 1
            if time.monotonic() - self._shown > (0.2 if self._terminal else 5):
                self._show()
            yield item
        if self._terminal and self._count:
            click.echo("\r\033[K", nl=False, err=True)

    def _show(self) -> None:
        self._shown = time.monotonic()
        rate = self._count / (self._shown - self._began)
        total = self._total if self._total and self._count <= self._total else None  # it may have been a guess
        left = f", {(total - self._count) / rate:.0f} s left" if total else ""
        line = f"{self._label}: {self._count:,}{f' of {total:,}' if total else ''} ({rate:.0f}/s{left})"
        click.echo(f"\r\033[K{line}" if self._terminal else line, nl=not self._terminal, err=True)


def echo_json(value: Any) -> None:
    """Print a value as one line of JSON."""
    click.echo(json.dumps(value, ensure_ascii=False))


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


@main.command()
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
    for name, values in results.facets.items():
        if values:
            click.echo(f"\n{name}: " + ", ".join(f"{value.label} ({value.count})" for value in values[:8]))
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


@main.command()
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
    click.echo()
    click.echo("\n\n".join(filter(None, (article.summary, *article.body))))
    click.echo()
    for one in archive.corrections(entry.id):
        click.echo(f"corrected {one.date}: {one.field} ({one.reason})")
    for why in archive.blanks(entry.id):
        click.echo(f"blanked {why.date}: {why.reason}")
    readings = archive.file_readings(article)
    for file in article.attachments:
        click.echo(f"file {file.name} {file.url}: {_state_of(file, readings.get(file.sha256 or ''))}")
    for capture in entry.captures:
        click.echo(f"capture {capture.id}  {capture.fetched_at}  {capture.via}  {capture.warc}@{capture.offset}")


def _state_of(file: Attachment, reading: FileReading | None) -> str:
    """Return what became of an attachment, in words."""
    if file.capture is None:
        return "not held"
    return ": ".join(filter(None, (reading.outcome, reading.note))) if reading else "of no kind that is read"


_LINE = "{id}  {verdict:11}  {place}, {year}: {indicator}: {aim}"
_SHOWN = 20  # pledges that are listed where no --limit is given


@main.command()
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
    for name, values in found.facets.items():
        if values:
            click.echo(f"\n{name}: " + ", ".join(f"{value.label} ({value.count})" for value in values[:8]))
    if found.pending:
        click.echo(f"{found.pending} places are not up to date; `ansinh index` mends that.", err=True)


@main.command(name="export")
@click.option("--format", "form", type=click.Choice(FORMATS), required=True)
@click.pass_obj
def export_command(data: DataDir, form: str) -> None:
    """Write every article to standard output, ordered by id."""
    store = Store(data.database, read_only=True)
    ids = list(store.article_ids())
    entries = (store.get_entry(article_id) for article_id in Ticker("exported", len(ids)).over(ids))
    for line in export(entries, form):
        click.echo(line, nl=False)


_ALERTS, _REMARKS, _PORTALS = 10, 4, 8  # lines of `status`: one screen, however many portals there are


@main.command()
@json_option
@click.pass_obj
def status(data: DataDir, as_json: bool) -> None:
    """Say what needs a person, how much the archive holds, and how each portal does."""
    archive = open_archive(data)
    totals, states, health = archive.totals(), archive.portal_states(), archive.health()
    if as_json:
        names = ("articles", "in_scope", "captures", "portals", "problems", "first_published", "last_published",
                 "last_fetched", "behind", "unread")  # fmt: skip
        by_portal = [_state_json(state, one) for state, one in zip(states, health, strict=True)]
        echo_json({**{name: getattr(totals, name) for name in names}, "by_portal": by_portal})
        return
    _print_health(health)
    click.echo(f"{totals.articles} articles ({totals.in_scope} in scope) of {totals.portals} portals, "
               f"{totals.captures} captures, {totals.problems} open problems; index {totals.behind} changes behind")  # fmt: skip
    _say_unread(totals.unread)
    _print_portals(states, health)


def _state_json(state: PortalState, health: Health) -> Json:
    run = state.last_run
    return {
        "portal": state.portal.name,
        "articles": state.articles,
        "problems": state.problems,
        "last_run": run and run.started_at,
        "outcome": run and run.outcome,
        "state": health.state,
        "last_good": health.last_good,
        "alert": health.alert and asdict(health.alert),
        "remarks": health.remarks,
        "figures": run and asdict(run.figures),
    }


def _print_health(health: Sequence[Health]) -> None:
    """Print the open alerts, those of the most nights first, then what is only remarkable."""
    alerts = sorted((one.alert for one in health if one.alert), key=lambda alert: (-alert.nights, alert.portal))
    remarks = [f"{one.portal}: {remark}" for one in health for remark in one.remarks]
    for lines, mark, most in ((list(map(alert_in_words, alerts)), "!", _ALERTS), (remarks, "?", _REMARKS)):
        for line in lines[:most]:
            click.echo(f"{mark} {line}")
        if len(lines) > most:
            click.echo(f"{mark} and {len(lines) - most} more; `ansinh status --json` has them all")
    counts = Counter(one.state for one in health)
    said = ", ".join(f"{count} {state}" for state, count in counts.most_common())
    click.echo(f"portals: {said or 'none yet'}" + ("" if alerts else "; nothing needs a person"))


def _print_portals(states: Sequence[PortalState], health: Sequence[Health]) -> None:
    """Print a line a portal, those that need a person first."""
    order = ("failing", "warning", "ok", "never", "retired")
    ranked = sorted(zip(states, health, strict=True), key=lambda pair: order.index(pair[1].state))
    for state, one in ranked[:_PORTALS]:
        last = f"{state.last_run.outcome} {state.last_run.started_at}" if state.last_run else "never crawled"
        click.echo(f"{one.portal:24} {one.state:8} {state.articles:6} articles {state.problems:4} problems  {last}")
    if len(ranked) > _PORTALS:
        click.echo(f"and {len(ranked) - _PORTALS} portals more; `ansinh status --json` has them all")


@main.command()
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


@main.command(name="index")
@click.option("--engine", type=click.Choice(list(ENGINES)), default="whoosh", show_default=True)
@click.pass_obj
def index_command(data: DataDir, engine: str) -> None:
    """Make the search index anew from the database."""
    with _writing(data) as store:
        ticker = Ticker("indexed", store.totals().articles)
        count = rebuild_index(store, open_engine(data, engine), ticker.over)
        unread = store.texts.count_waiting()
    click.echo(f"{count} articles indexed")
    _say_unread(unread)


def _say_unread(files: int) -> None:
    if files:
        click.echo(f"{files} files were not read yet and are not searched; each crawl and import reads some, "
                   "`ansinh rebuild` all", err=True)  # fmt: skip


@contextmanager
def _writing(data: DataDir) -> Iterator[Store]:
    """Give the store of an archive that is there, under the write lock, showing what people decided."""
    with WriteLock(data):
        Store(data.database, read_only=True).close()  # raises where there is none
        with closing(Store(data.database)) as store:
            apply_decisions(data, store)
            yield store


# --- what people decide --------------------------------------------------------------------------------------

_HANOI = timezone(timedelta(hours=7))


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
    return datetime.now(_HANOI).date().isoformat()


@main.command()
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
        with _writing(data) as store:
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
        known = [f"{CLAIM}{claim.id}" for claim in entry.enrichment.claims]
        known += [
            one.field for one in store.access.corrections(entry.id).values()
        ]  # one that was rejected is not there
        if field not in known:
            raise NotFound(f"article {entry.id} has no claim {said[1]}; `ansinh show {entry.id}` lists its claims")
    return Correction(entry.id, entry.versions[-1].sha256, field, value_of(field, *values), reason, _today(), by)


def _correction_rows(data: DataDir) -> list[Json]:
    with closing(Store(data.database, read_only=True)) as store:
        corrections = enumerate(read_decisions(data).corrections, start=1)
        return [{"n": n, **asdict(one), "state": correction_state(store, n, one)} for n, one in corrections]


@main.command()
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
    with _writing(data) as store:
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


@main.command()
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


@main.command(name="evaluate")
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
