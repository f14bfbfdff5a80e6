"""The ledger: what was promised and what became of it, as a filtered list and pledge by pledge with all its evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from archive.masking import is_guarded, mask
from archive.models import NotFound
from archive.pledges import PLEDGE_FACETS, Pledge, PledgePage, PledgeRequest, Statement
from archive.text import clean_line
from webui.language import url
from webui.passages import Piece, around
from webui.places import place_named
from webui.query_string import MAX_HITS, MAX_VALUE, Refused, parse_pledges, pledge_params
from webui.reading import get_archive, indicator_name, place_name, topic_name
from webui.reckoning import reckoned

bp = Blueprint("pledge", __name__)
PER_PAGE = 20
MOST_IN_CONTEXT = 12  # statements that are shown within their paragraph; the others are only quoted


class Chosen(NamedTuple):
    """A filter in use with its label: shown above the pledges, removed by a click."""

    facet: str
    value: str
    label: str


@bp.get("/pledges")
def index() -> ResponseReturnValue:
    """Show the pledges under some filters, with the rule of their verdicts; `name` asks for a place by its name."""
    asked, typed = PledgeRequest(), clean_line(request.args.get("name", ""))[:MAX_VALUE]
    try:
        asked = parse_pledges(request.args, PER_PAGE)
        named = place_named(typed)
    except Refused as refusal:
        return render_template("pledges.html", asked=asked, typed=typed, found=None, refused=refusal.reason), 400
    if named:
        return redirect(url("pledge.index", **pledge_params(asked, place=(named,))))
    return _list(asked, get_archive().pledges(asked))


@bp.get("/pledges/<pledge_id>")
def show(pledge_id: str) -> str:
    """Show a pledge: what was said in its context, what answers it, the arithmetic, the coverage, how to cite it."""
    pledge = get_archive().get_pledge(pledge_id)
    return render_template(
        "pledge.html",
        pledge=pledge,
        target=pledge.target,
        verdict=pledge.verdict,
        reckoning=reckoned(pledge),
        contexts=_contexts(_told(pledge)),
    )


def _list(asked: PledgeRequest, found: PledgePage) -> str:
    return render_template(
        "pledges.html",
        asked=asked,
        typed="",
        found=found,
        chosen=[
            Chosen(name, value, _label(name, value)) for name in PLEDGE_FACETS for value in asked.filters.get(name, ())
        ],
        last=min(-(-found.total // asked.limit), MAX_HITS // asked.limit),
    )


def _label(facet: str, value: str) -> str:
    names = {"topic": topic_name, "place": place_name, "indicator": indicator_name}
    return names.get(facet, str)(value)


def _told(pledge: Pledge) -> Iterator[Statement]:
    """Yield what a verdict rests on, the most important first."""
    yield pledge.sources[0]
    yield from (answer.statement for answer in pledge.answers)
    yield from pledge.sources[1:]
    if pledge.verdict.baseline is not None:
        yield pledge.verdict.baseline


def _contexts(told: Iterable[Statement]) -> Mapping[str, tuple[Piece, ...]]:
    """Return the words around the first statements by claim id, without those of articles that only their page tells."""
    contexts = dict[str, tuple[Piece, ...]]()
    for statement in list(told)[:MOST_IN_CONTEXT]:
        try:
            entry = get_archive().get_entry(statement.article)
        except NotFound:
            continue
        if not is_guarded(entry.enrichment):
            claim = statement.claim
            contexts[claim.id] = around(mask(entry).article.text, (claim.start, claim.end))
    return contexts
