"""Captured bytes as evidence: a page shown sandboxed and sanitised, anything else only as a download."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from flask import Blueprint, Response, render_template

from archive.models import Capture, Page
from webui.headers import CAPTURE_POLICY
from webui.reading import get_archive
from webui.sanitise import document

bp = Blueprint("capture", __name__)
raw = Blueprint("raw", __name__)

HTML = ("text/html", "application/xhtml+xml")
_NOT_IN_A_NAME = re.compile(r"[^\w.-]+")


@raw.get("/captures/<capture_id>")
def show(capture_id: str) -> Response:
    """Send the bytes of a capture: HTML sanitised, in a sandbox; anything else, and bombs, unchanged, to be saved."""
    capture = get_archive().get_capture(capture_id)
    page = get_archive().read_capture(capture_id)
    inert = document(page) if page.mime in HTML else None
    response = Response(inert, mimetype="text/html") if inert is not None else _download(capture, page)
    response.headers["Content-Security-Policy"] = CAPTURE_POLICY
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@bp.get("/captures/<capture_id>/about")
def about(capture_id: str) -> str:
    """Show where the bytes of a capture came from and how anybody can check them."""
    return render_template("capture.html", capture=get_archive().get_capture(capture_id))


def file_name(capture: Capture) -> str:
    """Return a harmless name for a downloaded capture: its id and the last segment of its URL.

    No separators, controls or leading dots; at most 100 characters of the original name, its end kept.
    """
    try:
        last = unquote(urlsplit(capture.url).path.rpartition("/")[2])
    except ValueError:
        last = ""
    name = _NOT_IN_A_NAME.sub("_", last)[-100:].strip("._")
    return f"{capture.id}-{name or 'capture'}"


def _download(capture: Capture, page: Page) -> Response:
    response = Response(page.body, mimetype="application/octet-stream")
    response.headers.set("Content-Disposition", "attachment", filename=file_name(capture))
    return response
