"""What every answer tells the browser: run nothing, load nothing from elsewhere, believe the type, keep quiet."""

from __future__ import annotations

from flask import Flask, Response

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
CAPTURE_POLICY = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'"
PICTURE_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
_ALWAYS = {
    "Content-Security-Policy": PAGE_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


def init_app(app: Flask) -> None:
    """Guard every answer of the app, errors and static files included."""
    app.after_request(guard)


def guard(response: Response) -> Response:
    """Add the headers that a view has not set itself; good pages may be cached for a minute, as they have no cookies."""
    for name, value in _ALWAYS.items():
        response.headers.setdefault(name, value)
    fresh = response.status_code == 200
    response.headers.setdefault("Cache-Control", "public, max-age=60" if fresh else "no-store")
    return response
