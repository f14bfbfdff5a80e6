"""A captured page made inert, in a child process that is killed when the page is a bomb."""

from __future__ import annotations

import json
import subprocess
import sys

from archive.models import Page
from archive.text import decode
from webui import inert

MOST_HTML = 2_000_000  # bytes
PATIENCE = 10  # seconds by the clock; the child itself stops after three of computing


def document(page: Page) -> str | None:
    """Return the captured page as an inert HTML document; None for one that is too costly to be shown."""
    if len(page.body) > MOST_HTML:
        return None
    asked = json.dumps({"content": decode(page.body, page.headers.get("content-type", "")), "url": page.url}).encode()
    try:
        child = subprocess.run(  # noqa: S603  our own interpreter and file; the page is only its input
            [sys.executable, "-I", inert.__file__], input=asked, capture_output=True, check=True, timeout=PATIENCE
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return None
    return child.stdout.decode()
