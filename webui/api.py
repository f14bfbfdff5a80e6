"""The same answers for programs: JSON, whether the service works, and what robots may read."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, Response, jsonify, request

from archive.export import entry_json, pledge_json, pledges_csv, pledges_json, results_json, table_json
from archive.masking import mask
from webui.query_string import Refused, parse, parse_coverage, parse_limit, parse_pledges
from webui.reading import get_archive, open_another

bp = Blueprint("api", __name__)

MOST_BEHIND = 20_000  # changes: what a few minutes of reading bring; the index is published every five minutes
NOT_READY = {
    "index-missing": "there is no search index; `ansinh index` makes it",
    "index-damaged": "the search index is damaged; `ansinh index` mends it",
    "index-behind": f"the search index is more than {MOST_BEHIND} changes behind the database; `ansinh index` brings it up",
}

# Searches are endless, captures are evidence and no pages to be found.
ROBOTS = "User-agent: *\n" + "".join(
    f"Disallow: {path}\n" for path in ("/search", "/en/search", "/captures/", "/en/captures/", "/api/")
)


@bp.get("/api/v1/search")
def search() -> Response:
    """Answer a search: the parameters of the page, and `limit` (1 to 100)."""
    asked = parse(request.args, parse_limit(request.args))
    return jsonify(results_json(get_archive().search(asked)))


@bp.get("/api/v1/articles/<article_id>")
def article(article_id: str) -> Response:
    """Answer one article with everything known about it, masked like exports: programs read many."""
    return jsonify(entry_json(mask(get_archive().get_entry(article_id))))


@bp.get("/api/v1/pledges")
def pledges() -> Response:
    """Answer a page of pledges: the parameters of the page, and `limit` (1 to 100); `format=csv` sends all of them."""
    form = request.args.get("format", "json")
    if form not in ("json", "csv"):
        raise Refused("format")
    asked = parse_pledges(request.args, parse_limit(request.args))
    if form == "json":
        return jsonify(pledges_json(get_archive().pledges(asked)))
    archive = open_another()
    response = Response(pledges_csv(archive.every_pledge(asked.filters)), mimetype="text/csv")
    response.call_on_close(archive.close)
    response.headers.set("Content-Disposition", "attachment", filename="pledges.csv")
    return response


@bp.get("/api/v1/pledges/<pledge_id>")
def pledge(pledge_id: str) -> Response:
    """Answer one pledge with every statement behind it."""
    return jsonify(pledge_json(get_archive().get_pledge(pledge_id)))


@bp.get("/api/v1/coverage")
def coverage() -> Response:
    """Answer the table of coverage: the parameters of the page."""
    return jsonify(table_json(get_archive().coverage(parse_coverage(request.args))))


@bp.get("/healthz")
def healthz() -> Response:
    """Answer 200 and the totals while database and index can be read and agree; 503 with a reason in words otherwise."""
    archive = get_archive()
    totals = archive.totals()
    why = archive.unready() or ("index-behind" if totals.behind > MOST_BEHIND else None)
    said = {"status": "ok"} if why is None else {"status": "unavailable", "reason": NOT_READY[why]}
    response = jsonify(**said, **asdict(totals))
    response.status_code = 200 if why is None else 503
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/robots.txt")
def robots() -> Response:
    """Tell robots to leave searches and captures alone."""
    return Response(ROBOTS, mimetype="text/plain")
