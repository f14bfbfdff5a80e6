"""`ansinh nightly`: the one line for cron."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from types import FrameType

import click

from archive.commands.printing import echo_json, json_option
from archive.health import alert_in_words
from archive.models import DataDir, Json
from scraper import catalogue
from scraper.configuration import read_settings
from scraper.night.night import Report, run_night
from scraper.night.notifying import notify

_SHOWN = 15  # alerts that fit on a screen


@click.command()
@json_option
@click.pass_obj
def nightly(data: DataDir, as_json: bool) -> None:
    """Crawl what is due, look again at what is held, index, and report; 0: all is well, 1: see what needs a person."""
    for number in (signal.SIGTERM, signal.SIGHUP):  # as Ctrl-C: the crawling process seals what it has
        signal.signal(number, _stop)
    settings = read_settings(data)
    screen = Screen()
    say: Callable[[Json], None] = _acknowledge if as_json else screen.show
    try:
        report = run_night(data, catalogue.load_all(data).portals, settings, say)
    finally:
        screen.clear()
    for line in notify(data, settings.notify, report.alerts):
        click.echo(f"ansinh: {line}", err=True)
    echo_json(report.as_json()) if as_json else click.echo(in_words(report))
    sys.exit(1 if report.needs_person else 0)


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _acknowledge(said: Json) -> None:
    """Print a line for each article that is committed, as `ansinh crawl --json` does."""
    if "change" in said:
        echo_json(said["change"])


class Screen:
    """Shows how far a night is: one living line on a terminal, a line for each portal when piped."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._due = self._ended = self._new = 0

    def show(self, said: Json) -> None:
        """Take in what a crawling process said."""
        match said:
            case {"due": due}:
                self._due = due
            case {"change": {"change": "new"}}:
                self._new += 1
            case {"end": portal, "complaint": complaint}:
                self._ended += 1
                self._print(portal, complaint)
            case _:
                return
        if self._terminal:
            self.clear()
            click.echo(f"{self._ended} of {self._due} portals, {self._new:,} new articles", nl=False, err=True)

    def clear(self) -> None:
        """Take the living line away."""
        if self._terminal:
            click.echo("\r\033[K", nl=False, err=True)

    def _print(self, portal: str, complaint: str) -> None:
        """Print a portal's end; on a terminal only where something was wrong."""
        if complaint or not self._terminal:
            self.clear()
            click.echo(f"{self._ended}/{self._due} {portal}: {complaint or 'ok'}", err=True)


def in_words(report: Report) -> str:
    """Return the report for one screen: what needs a person first, then the counts."""
    alerts = [alert_in_words(alert) for alert in report.alerts]
    more = [f"… and {len(alerts) - _SHOWN} more: `ansinh status`"] if len(alerts) > _SHOWN else []
    head = [f"NEEDS A PERSON ({len(alerts)}):", *(f"  {line}" for line in (*alerts[:_SHOWN], *more))] if alerts else []
    return "\n".join((*head, *_counts(report)))


def _counts(report: Report) -> list[str]:
    waiting = f"{len(report.no_contact)} wait for `contact` in ansinh.toml" if report.no_contact else ""
    retired = f"{report.retired} retired" if report.retired else ""
    unheard = f"{len(report.unheard)} never began ({', '.join(report.unheard[:5])})" if report.unheard else ""
    portals = [f"{report.ok} ok", f"{report.failed} failed", unheard, f"{report.not_due} not due", retired, waiting]
    return [
        f"portals:  {', '.join(filter(None, portals))}",
        f"articles: {report.new} new, {report.changed} changed; {report.problems} problems in {report.requests} answers",
        f"index:    {_index(report.behind)}",
        f"took:     {report.seconds:.0f} s",
    ]


def _index(behind: int | None) -> str:
    if behind is None:
        return "cannot be opened; `ansinh index` makes it again"
    return f"{behind} changes behind; `ansinh index` brings it up to date" if behind else "up to date"
