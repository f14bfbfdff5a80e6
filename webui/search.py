"""The start page, search, and the pages of one topic or one place, which are searches with a heading."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from archive.enrich.documents import load_kinds
from archive.models import FACETS, TOPICS, QueryError, Results, SearchRequest
from archive.pledges import PledgeRequest
from archive.text import clean_line
from webui.filters import number
from webui.headers import PICTURE_POLICY
from webui.places import Profile, profile
from webui.query_string import MAX_HITS, MAX_TEXT, Refused, parse
from webui.reading import get_archive, place_name, portal_title, topic_name
from webui.series import draw, plotted

bp = Blueprint("search", __name__)


class Chip(NamedTuple):
    """A chosen facet value with its label: shown above the hits, removed by a click."""

    facet: str
    value: str
    label: str


@bp.get("/")
def home() -> str:
    """Show what this is, what became of the pledges, the search box, the topics and the newest articles."""
    archive = get_archive()
    pledges = archive.pledges(PledgeRequest(limit=1))
    return render_template(
        "home.html", totals=archive.totals(), topics=TOPICS, newest=archive.newest(8), pledges=pledges
    )


@bp.get("/search")
def results() -> ResponseReturnValue:
    """Show the hits of a search with their facets; what cannot be searched is explained, with status 400."""
    try:
        asked = parse(request.args)
    except Refused as refusal:
        typed = SearchRequest(clean_line(request.args.get("q", ""))[:MAX_TEXT])
        return _explain(typed, refused=refusal.reason)
    try:
        return _show(asked, get_archive().search(asked))
    except QueryError as error:
        return _explain(asked, problem=error)


@bp.get("/topics/<slug>")
def topic(slug: str) -> str:
    """Show the newest articles on a topic."""
    if slug not in TOPICS:
        abort(404)
    asked = SearchRequest(filters={"topic": (slug,)}, sort="newest")
    return _show(asked, get_archive().search(asked), heading=topic_name(slug))


@bp.get("/places/<place_id>")
def place(place_id: str) -> str:
    """Show what a place was and became, and the newest articles about it."""
    unit = profile(place_id)
    if unit is None:
        abort(404)
    asked = SearchRequest(filters={"place": (place_id,)}, sort="newest")
    return _show(asked, get_archive().search(asked), heading=place_name(place_id), unit=unit)


@bp.get("/places/<place_id>/series/<int:n>.svg")
def picture(place_id: str, n: int) -> Response:
    """Draw the n-th series of figures of a place, counted from 1: promises against results over time."""
    series = get_archive().place_series(place_id)
    if not 1 <= n <= len(series):
        abort(404)
    words = (gettext("Chỉ tiêu"), gettext("Kết quả"))
    response = Response(draw(plotted(series[n - 1]), words, number), mimetype="image/svg+xml")
    response.headers["Content-Security-Policy"] = PICTURE_POLICY
    return response


def _show(asked: SearchRequest, found: Results, heading: str = "", unit: Profile | None = None) -> str:
    chips = _chips(asked)
    return render_template(
        "search.html",
        asked=asked,
        found=found,
        heading=heading,
        unit=unit,
        series=get_archive().place_series(unit.id) if unit else (),
        chips=chips,
        unknown=[chip for chip in chips if not _KNOWN[chip.facet](chip.value)],
        broken=bool(get_archive().refusal),
        last=min(-(-found.total // asked.limit), MAX_HITS // asked.limit),
    )


def _explain(asked: SearchRequest, refused: str = "", problem: QueryError | None = None) -> ResponseReturnValue:
    return render_template("search.html", asked=asked, found=None, heading="", refused=refused, problem=problem), 400


def _chips(asked: SearchRequest) -> list[Chip]:
    return [Chip(facet, value, _label(facet, value)) for facet in FACETS for value in asked.filters.get(facet, ())]


def _label(facet: str, value: str) -> str:
    names = {"topic": topic_name, "place": place_name, "portal": portal_title}
    return names.get(facet, str)(value)


def _is_portal(name: str) -> bool:
    return any(state.portal.name == name for state in get_archive().portal_states())


# Whether a value of a facet can stand for anything: one that cannot is a slip in a link, and readers are told so.
_KNOWN: Mapping[str, Callable[[str], bool]] = {
    "place": lambda value: profile(value) is not None,
    "year": lambda value: re.fullmatch(r"(?:19|20)[0-9]{2}", value) is not None,
    "topic": TOPICS.__contains__,
    "kind": lambda value: value in load_kinds().names.values(),
    "portal": _is_portal,
    "status": ("live", "gone", "unknown").__contains__,
}
