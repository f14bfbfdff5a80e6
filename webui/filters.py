"""How values are written for readers: days, times, numbers, addresses, in the language of the page."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from math import floor
from pathlib import Path
from urllib.parse import urlsplit

from babel.dates import format_date
from babel.numbers import format_decimal, format_percent
from flask import Flask

from archive.coverage import REASONS
from archive.enrich.labels import place_label
from archive.pledges import VERDICTS
from archive.search import pieces
from webui.chart import bars, shares, tallied
from webui.coverage import shade
from webui.explained import explained, is_written_out, left_out, reasons, suggested
from webui.language import language
from webui.passages import anchor, known
from webui.places import counted, holds, profile, provinces, tree
from webui.query_string import params, pledge_params, pledge_toggled, toggled
from webui.reading import extent, indicator_name, open_alert, place_name, portal_title, topic_name
from webui.remarks import in_vietnamese
from webui.series import plotted, rows

HANOI = timezone(timedelta(hours=7))


def init_app(app: Flask) -> None:
    """Give templates the filters, and the pure functions that they call."""
    app.jinja_env.filters.update(
        day=day,
        host=host,
        indicator_name=indicator_name,
        moment=moment,
        month=month,
        number=number,
        percent=percent,
        place_name=place_name,
        share=share,
        size=size,
        portal_title=portal_title,
        topic_name=topic_name,
    )
    app.jinja_env.globals.update(
        anchor=anchor,
        bars=bars,
        counted=counted,
        explained=explained,
        extent=extent,
        holds=holds,
        in_vietnamese=in_vietnamese,
        is_safe_link=is_safe_link,
        is_written_out=is_written_out,
        known=known,
        left_out=left_out,
        open_alert=open_alert,
        params=params,
        pieces=pieces,
        pledge_params=pledge_params,
        pledge_toggled=pledge_toggled,
        VERDICTS=VERDICTS,
        place_label=place_label,
        plotted=plotted,
        profile=profile,
        provinces=provinces,
        reasons=reasons,
        REASONS=REASONS,
        rows=rows,
        shade=shade,
        shares=shares,
        stylesheet=_fingerprint(app, "style.css"),
        suggested=suggested,
        tallied=tallied,
        toggled=toggled,
        tree=tree,
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


def month(when: str) -> str:
    """Return the month of an ISO date, whatever its day: 12/2020, or December 2020 in English."""
    first = date.fromisoformat(f"{when[:7]}-01")
    return str(format_date(first, "MM/y" if language() == "vi" else "MMMM y", locale=language()))


def number(value: float) -> str:
    """Return the number with the separators of the language: 1.234,5 or 1,234.5."""
    return _number(value, language())


def percent(share: float) -> str:
    """Return a share of one as a whole percentage."""
    return _percent(share, language())


def share(part: float) -> str:
    """Return a share of one as a percentage that never rounds up to the whole: 83,75 %, 99,99 %."""
    return format_percent(floor(part * 10_000 + 1e-6) / 10_000, "0.##%", locale=language())


def size(count: int) -> str:
    """Return a number of bytes as people say it: 340 kB, 2,5 MB."""
    if count < 1_000_000:
        return f"{number(max(1, round(count / 1000)))} kB"
    return f"{number(round(count / 1_000_000, 1))} MB"


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
    return _written(when.toordinal(), language())


# A table of coverage writes a thousand small numbers, and each costs Babel as much as the rest of its cell.
@lru_cache(maxsize=8192)
def _number(value: float, language: str) -> str:
    return format_decimal(value, locale=language)


@lru_cache(maxsize=1024)
def _percent(share: float, language: str) -> str:
    return format_percent(share, "0%", locale=language)


@lru_cache(maxsize=8192)
def _written(ordinal: int, language: str) -> str:
    day = date.fromordinal(ordinal)
    return format_date(day, "dd/MM/y" if language == "vi" else "d MMMM y", locale=language)


def _fingerprint(app: Flask, name: str) -> str:
    """Return a short digest of a static file: in its address, it lets browsers keep the file until it changes."""
    return hashlib.sha256((Path(app.root_path) / "static" / name).read_bytes()).hexdigest()[:8]
