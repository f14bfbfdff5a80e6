"""How values are written for readers: days, times, numbers, addresses, in the language of the page."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import urlsplit

from babel.dates import format_date
from babel.numbers import format_decimal, format_percent
from flask import Flask

from archive.search import pieces
from webui.chart import bars
from webui.language import language
from webui.passages import anchor, known
from webui.query_string import params, toggled
from webui.reading import place_name, portal_title, topic_name

HANOI = timezone(timedelta(hours=7))


def init_app(app: Flask) -> None:
    """Give templates the filters, and the pure functions that they call."""
    app.jinja_env.filters.update(
        day=day,
        host=host,
        moment=moment,
        number=number,
        percent=percent,
        place_name=place_name,
        portal_title=portal_title,
        topic_name=topic_name,
    )
    app.jinja_env.globals.update(
        anchor=anchor,
        bars=bars,
        is_safe_link=is_safe_link,
        known=known,
        params=params,
        pieces=pieces,
        stylesheet=_fingerprint(app, "style.css"),
        toggled=toggled,
    )


def day(when: str) -> str:
    """Return the day of an ISO date or time as a reader in Hà Nội writes it: 09/01/2020, or 9 January 2020 in English."""
    return _day(_hanoi(when) if "T" in when else date.fromisoformat(when))


def moment(when: str) -> str:
    """Return an ISO time as day and clock time in Hà Nội; a date alone as its day."""
    if "T" not in when:
        return day(when)
    local = _hanoi(when)
    return f"{_day(local)} {local:%H:%M}"


def number(value: float) -> str:
    """Return the number with the separators of the language: 1.234,5 or 1,234.5."""
    return format_decimal(value, locale=language())


def percent(share: float) -> str:
    """Return a share of one as a whole percentage."""
    return format_percent(share, "0%", locale=language())


def host(url: str) -> str:
    """Return the host name of a URL, empty for one without (urn:x-ansinh:...) or that is malformed."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def is_safe_link(url: str, home: str = "") -> bool:
    """Say whether a URL from a captured page may become a link: http(s) to .gov.vn, or to the host of `home`.

    Hacked portals link to spam (reliability.md section 3); other addresses are shown as text.
    """
    if not url.lower().startswith(("http://", "https://")):
        return False
    name = host(url)
    return bool(name) and (name == host(home) or f".{name}".endswith(".gov.vn"))


def _hanoi(when: str) -> datetime:
    return datetime.fromisoformat(when).astimezone(HANOI)


def _day(when: date) -> str:
    return format_date(when, "dd/MM/y" if language() == "vi" else "d MMMM y", locale=language())


def _fingerprint(app: Flask, name: str) -> str:
    """Return a short digest of a static file: in its address, it lets browsers keep the file until it changes."""
    return hashlib.sha256((Path(app.root_path) / "static" / name).read_bytes()).hexdigest()[:8]
