"""Render: the archive as web pages, Vietnamese first, complete without JavaScript and without cookies.

A request passes `query_string` (what is asked), a blueprint (`search`, `article`, `document`, `capture`, `browse`,
`coverage`, `pledge`, `api`), which asks the archive of `reading`, and a template, whose links `language` makes. `headers` guards
every answer.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask
from flask_babel import Babel
from jinja2 import StrictUndefined

from archive.search import open_archive
from webui import (
    api,
    article,
    browse,
    capture,
    coverage,
    document,
    errors,
    filters,
    headers,
    language,
    metrics,
    pledge,
    reading,
    search,
)

LOOPBACK = ("127.0.0.1", "localhost")


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Return the web UI of the archive in a data directory.

    Keys of `config`: DATA (Path; else $ANSINH_DATA, else ./data), BASE_URL (the address readers use, for absolute links;
    else $ANSINH_BASE_URL, else that of the request), TRUSTED_HOSTS (host names answered; loopback by default),
    OPEN_ARCHIVE (DataDir -> archive), and Flask's own.
    """
    app = Flask(__name__)
    app.config.from_mapping(
        DATA=Path(os.environ.get("ANSINH_DATA", "data")),
        BASE_URL=os.environ.get("ANSINH_BASE_URL", ""),
        TRUSTED_HOSTS=list(LOOPBACK),
        OPEN_ARCHIVE=open_archive,
        MAX_CONTENT_LENGTH=64_000,
        MAX_FORM_MEMORY_SIZE=32_000,
        MAX_FORM_PARTS=50,
        SEND_FILE_MAX_AGE_DEFAULT=86_400,
    )
    app.config.from_mapping(config or {})
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    Babel(app, default_locale="vi", locale_selector=language.language)
    for part in (reading, language, filters, headers, errors):
        part.init_app(app)
    for name in language.LANGUAGES:
        app.register_blueprint(_site(name))
    app.register_blueprint(capture.raw)
    app.register_blueprint(api.bp)
    app.register_blueprint(metrics.bp)
    return app


def _site(name: str) -> Blueprint:
    """Return all pages for readers in one language: Vietnamese at the root, any other under its own name."""
    site = Blueprint(name, __name__, url_prefix=language.prefix(name))
    for part in (search, article, document, capture, browse, coverage, pledge):
        site.register_blueprint(part.bp)
    return site
