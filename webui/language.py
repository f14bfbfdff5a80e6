"""Which language a page is in, and links that stay in it: Vietnamese at the root, English under /en."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask, current_app, request, url_for

from webui.query_string import PARAMETERS

LANGUAGES = ("vi", "en")


def init_app(app: Flask) -> None:
    """Give templates the language of the request and its links."""
    app.jinja_env.globals.update(language=language, url=url, same_page=same_page, absolute=absolute)


def prefix(name: str) -> str | None:
    """Return what paths in a language begin with; None for Vietnamese, which has the root."""
    return None if name == LANGUAGES[0] else f"/{name}"


def language() -> str:
    """Return the language of the request, "vi" or "en": its path alone decides, so that caches and links agree."""
    return "en" if f"{request.path}/".startswith("/en/") else "vi"


def url(view: str, **values: Any) -> str:
    """Return the path of a view ("article.show") in the language of the request."""
    return url_for(f"{language()}.{view}", **values)


def same_page() -> dict[str, str]:
    """Return the path of this page in every language; the start page for an answer that is no page for readers.

    Only known parameters are carried over: `url_for` would obey others (`_external`, `_scheme`).
    """
    site, _, view = (request.endpoint or "").partition(".")
    if site not in LANGUAGES:
        return {name: url_for(f"{name}.search.home") for name in LANGUAGES}
    values = _known(request.args.to_dict(flat=False)) | (request.view_args or {})
    return {name: url_for(f"{name}.{view}", **values) for name in LANGUAGES}


def absolute(path: str) -> str:
    """Return the address of a path for use outside the site: at BASE_URL, else at the (trusted) host asked."""
    return (current_app.config["BASE_URL"] or request.host_url).rstrip("/") + path


def _known(args: Mapping[str, list[str]]) -> dict[str, Any]:
    return {name: values for name, values in args.items() if name in PARAMETERS}
