"""Captured bytes as evidence: a page shown sandboxed and sanitised, anything else only as a download."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from flask import Blueprint, Response, render_template
from werkzeug.http import parse_options_header

from archive.models import Capture, Page
from webui.headers import CAPTURE_POLICY
from webui.reading import get_archive
from webui.sanitise import document

bp = Blueprint("capture", __name__)
raw = Blueprint("raw", __name__)

HTML = ("text/html", "application/xhtml+xml")
_NOT_IN_A_NAME = re.compile(r"[^\w.-]+")
# How the names of files of a type end: portals serve them from addresses like /DownloadHandler.ashx?id=7.
_ENDINGS = {
    "application/pdf": (".pdf",),
    "application/msword": (".doc", ".docx"),
    "application/vnd.ms-excel": (".xls", ".xlsx"),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (".docx",),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (".xlsx",),
    "application/zip": (".zip", ".docx", ".xlsx"),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
}


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


def file_name(capture: Capture, disposition: str = "") -> str:
    """Return a harmless name for a downloaded capture: its id, and what the file was called.

    That is the name in the server's Content-Disposition, else the last segment of the URL; with the ending of its media
    type where it has none. No separators, controls or leading dots; at most 100 characters, the end kept.
    """
    said = _said(disposition) or _last_segment(capture.url)
    name = _NOT_IN_A_NAME.sub("_", said)[-100:].strip("._") or "capture"
    endings = _ENDINGS.get(capture.mime, ())
    if endings and not name.lower().endswith(endings):
        name += endings[0]
    return f"{capture.id}-{name}"


def _said(disposition: str) -> str:
    """Return the file name of a Content-Disposition; browsers read its bytes as UTF-8, and so do portals write them."""
    name = parse_options_header(disposition)[1].get("filename", "")
    try:
        return name.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return name


def _last_segment(url: str) -> str:
    try:
        return unquote(urlsplit(url).path.rpartition("/")[2])
    except ValueError:
        return ""


def _download(capture: Capture, page: Page) -> Response:
    response = Response(page.body, mimetype="application/octet-stream")
    name = file_name(capture, page.headers.get("content-disposition", ""))
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
