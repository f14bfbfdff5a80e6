"""A captured page made inert, in a child process that is killed when the page is a bomb."""

from __future__ import annotations

import json
import re
import subprocess
import sys

from archive.models import Page
from webui import inert

MOST_HTML = 2_000_000  # bytes
PATIENCE = 10  # seconds by the clock; the child itself stops after three of computing

_META_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}["']?([\w-]{1,20})""", re.IGNORECASE)
_HEADER_CHARSET = re.compile(r"""charset\s{0,9}=\s{0,9}["']?([\w-]{1,20})""", re.IGNORECASE)
# What Vietnamese portals were written in. Python knows more names, some of which take quadratic time (punycode).
_CHARSETS = frozenset(("utf-8", "utf-16", "windows-1258", "windows-1252", "iso-8859-1", "us-ascii"))


def document(page: Page) -> str | None:
    """Return the captured page as an inert HTML document; None for one that is too costly to be shown."""
    if len(page.body) > MOST_HTML:
        return None
    asked = json.dumps({"content": decode(page), "url": page.url}).encode()
    try:
        child = subprocess.run(  # noqa: S603  our own interpreter and file; the page is only its input
            [sys.executable, "-I", inert.__file__], input=asked, capture_output=True, check=True, timeout=PATIENCE
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return None
    return child.stdout.decode()


def decode(page: Page) -> str:
    """Return the text of a page: UTF-8 where the bytes are, else by the charset of its header or meta, else Vietnamese."""
    try:
        return page.body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return page.body.decode(_charset(page), "replace")


def _charset(page: Page) -> str:
    header = _HEADER_CHARSET.search(page.headers.get("content-type", ""))
    meta = _META_CHARSET.search(page.body[:4096])
    declared = header[1] if header else meta[1].decode("ascii", "replace") if meta else ""
    return declared.lower() if declared.lower() in _CHARSETS else "windows-1258"
