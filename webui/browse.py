"""Where the archive's articles come from: the portals, how each does, what needs a person, and what was never read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeVar

from flask import Blueprint, Response, abort, render_template, request
from flask_babel import gettext

from archive.enrich.labels import province_of
from archive.models import Portal
from archive.runs import Health, PortalState
from webui.filters import number
from webui.headers import PICTURE_POLICY
from webui.nights import draw
from webui.query_string import parse_page
from webui.reading import get_archive

bp = Blueprint("browse", __name__)
T = TypeVar("T")
RUNS = 60  # that are told of a portal
PROBLEMS = 50  # on a page
FEW = 40  # portals that are listed without being folded
ORDER = ("failing", "warning", "ok", "never", "retired")


class Source(NamedTuple):
    """A portal with what is held of it and how it does."""

    state: PortalState
    health: Health


@bp.get("/sources")
def sources() -> str:
    """List the portals: those that need a person, those read, those never read."""
    archive = get_archive()
    found = _sources()
    return render_template(
        "sources.html",
        failing=[one for one in found if one.health.state == "failing"],
        others=_by_province((one.state.portal, one) for one in found if one.health.state != "failing"),
        uncrawled=_by_province((portal, portal) for portal in archive.uncrawled()),
        count=len(found),
        few=len(found) <= FEW,
        totals=archive.totals(),
    )


@bp.get("/sources/<name>")
def source(name: str) -> str:
    """Show one portal: how it does, its runs, its open problems."""
    one = _source(name)
    page, problems = parse_page(request.args), get_archive().problems(name)
    return render_template(
        "source.html",
        source=one,
        portal=one.state.portal,
        runs=get_archive().runs(name, RUNS),
        problems=problems[(page - 1) * PROBLEMS : page * PROBLEMS],
        total=len(problems),
        page=page,
        last=-(-len(problems) // PROBLEMS),
    )


@bp.get("/sources/<name>/runs.svg")
def picture(name: str) -> Response:
    """Draw the runs of a portal: articles seen, and the new ones."""
    words = (gettext("Bài thấy"), gettext("Bài mới"))
    runs = get_archive().runs(_source(name).state.portal.name, RUNS)
    response = Response(draw(runs, words, number), mimetype="image/svg+xml")
    response.headers["Content-Security-Policy"] = PICTURE_POLICY
    return response


def _sources() -> list[Source]:
    """Return the portals, those that need a person first, longest first."""
    healths = {one.portal: one for one in get_archive().health()}
    found = [
        Source(state, healths.get(state.portal.name) or Health(state.portal.name, "never", None))
        for state in get_archive().portal_states()
    ]
    return sorted(found, key=lambda one: (ORDER.index(one.health.state), _since(one.health), one.state.portal.title))


def _since(health: Health) -> str:
    return health.alert.since if health.alert else ""


def _source(name: str) -> Source:
    found = next((one for one in _sources() if one.state.portal.name == name), None)
    if found is None:
        abort(404)
    return found


def _by_province(portals: Iterable[tuple[Portal, T]]) -> Mapping[str, list[T]]:
    """Return what belongs to portals by the province they are of, in the order of the provinces; others last."""
    found = defaultdict[str, list[T]](list)
    for portal, one in portals:
        found[_province(portal)].append(one)
    return dict(sorted(found.items(), key=lambda item: item[0] or "~"))


def _province(portal: Portal) -> str:
    """Return the code of the province of a portal's place, else of its own; empty for none."""
    code = next((code for unit in portal.units if (code := province_of(unit.place))), None)
    return code or (province_of(portal.province) if portal.province else None) or ""
