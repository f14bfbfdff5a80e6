"""The start page, search, and the pages of one topic or one place, which are searches with a heading."""

from __future__ import annotations

from typing import NamedTuple

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from archive.models import FACETS, TOPICS, Place, QueryError, Results, SearchRequest
from archive.text import clean_line
from webui.query_string import MAX_HITS, MAX_TEXT, Refused, parse
from webui.reading import get_archive, place_name, portal_title, topic_name

bp = Blueprint("search", __name__)


class Chip(NamedTuple):
    """A chosen facet value with its label: shown above the hits, removed by a click."""

    facet: str
    value: str
    label: str


@bp.get("/")
def home() -> str:
    """Show what this is, the search box, the topics and the newest articles."""
    archive = get_archive()
    return render_template("home.html", totals=archive.totals(), topics=TOPICS, newest=archive.newest(8))


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
        return _explain(asked, problem=str(error))


@bp.get("/topics/<slug>")
def topic(slug: str) -> str:
    """Show the newest articles on a topic."""
    if slug not in TOPICS:
        abort(404)
    asked = SearchRequest(filters={"topic": (slug,)}, sort="newest")
    return _show(asked, get_archive().search(asked), heading=topic_name(slug))


@bp.get("/places/<place_id>")
def place(place_id: str) -> str:
    """Show the newest articles about a place, and what it is now."""
    name = place_name(place_id)
    if name == place_id:
        abort(404)
    asked = SearchRequest(filters={"place": (place_id,)}, sort="newest")
    found = get_archive().search(asked)
    return _show(asked, found, heading=name, unit=_unit(found, place_id))


def _show(asked: SearchRequest, found: Results, heading: str = "", unit: Place | None = None) -> str:
    last = min(-(-found.total // asked.limit), MAX_HITS // asked.limit)
    return render_template(
        "search.html", asked=asked, found=found, heading=heading, unit=unit, chips=_chips(asked), last=last
    )


def _explain(asked: SearchRequest, refused: str = "", problem: str = "") -> ResponseReturnValue:
    return render_template("search.html", asked=asked, found=None, heading="", refused=refused, problem=problem), 400


def _unit(found: Results, place_id: str) -> Place | None:
    """Return the place as an article about it describes it."""
    places = (unit for hit in found.hits for unit in hit.entry.enrichment.places)
    return next((unit for unit in places if unit.id == place_id), None)


def _chips(asked: SearchRequest) -> list[Chip]:
    return [Chip(facet, value, _label(facet, value)) for facet in FACETS for value in asked.filters.get(facet, ())]


def _label(facet: str, value: str) -> str:
    names = {"topic": topic_name, "place": place_name, "portal": portal_title}
    return names.get(facet, str)(value)
