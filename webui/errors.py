"""What a reader sees when there is nothing to show: the reason in plain words, never a traceback."""

from __future__ import annotations

from flask import Flask, Response, current_app, jsonify, make_response, render_template, request
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.exceptions import NotFound as NoSuchPage

from archive.decisions import TakenDown
from archive.models import ArchiveError, NotFound, QueryError
from webui.query_string import Refused


def init_app(app: Flask) -> None:
    """Answer every error with a page, or with JSON below /api."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(NotFound, _missing)
    app.register_error_handler(TakenDown, _taken_down)
    app.register_error_handler(ArchiveError, _unavailable)
    app.register_error_handler(QueryError, _refused)
    app.register_error_handler(Refused, _refused)


def _http(error: HTTPException) -> Response:
    if isinstance(error, SecurityError):  # no page can be made for a host that is not ours: every link would name it
        return Response("400 Bad Request: unknown host\n", 400, mimetype="text/plain")
    answer = _answer(error.code or 500, error.name)
    for name, value in error.get_headers(request.environ):
        if name not in ("Content-Type", "Content-Length"):
            answer.headers.setdefault(name, value)
    return answer


def _missing(error: NotFound) -> Response:
    return _answer(NoSuchPage.code, str(error))


def _taken_down(error: TakenDown) -> Response:
    """Answer 410 with a tombstone: that something was here, why access has ended, and since when."""
    reason, date = error.tombstone
    if request.path.startswith("/api/"):
        answer = make_response(jsonify(error=str(error), reason=reason, date=date), 410)
    else:
        answer = make_response(render_template("tombstone.html", what=error.what, reason=reason, date=date), 410)
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def _unavailable(error: ArchiveError) -> Response:
    """Answer 503: the operator reads in the log what to do, the reader only that the archive cannot be read now."""
    current_app.logger.error("%s: %s", request.path, error)
    return _answer(503, "the archive cannot be read now")


def _refused(error: QueryError | Refused) -> Response:
    return _answer(400, str(error))


def _answer(status: int, reason: str) -> Response:
    if request.path == "/healthz":
        return make_response(jsonify(status="unavailable", reason=reason), status)
    if request.path.startswith("/api/"):
        return make_response(jsonify(error=reason), status)
    return make_response(render_template("error.html", status=status), status)
