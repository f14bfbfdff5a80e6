"""How long a busy server asks to be left in peace."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def retry_after(said: str, present: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for, a number or a date (RFC 9110 section 10.2.3); None for neither."""
    said = said.strip()
    if said.isascii() and said.isdigit():
        return float(said[:9])
    try:
        until = parsedate_to_datetime(said)
    except ValueError:
        return None
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - present).total_seconds())
