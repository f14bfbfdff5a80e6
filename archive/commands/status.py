"""`ansinh status`: how much is held, how each portal does, and what needs a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

import click

from archive.commands.printing import echo_json, echo_unread, json_option
from archive.health import alert_in_words
from archive.models import DataDir, Json
from archive.runs import Health, PortalState
from archive.search import open_archive

_ALERTS, _REMARKS, _PORTALS = 10, 4, 8  # lines of `status`: one screen, however many portals there are


@click.command()
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
    echo_unread(totals.unread)
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
