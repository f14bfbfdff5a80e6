"""When a held article is asked for again: a young one often, an old one seldom. Pure.

An article is looked at again within a quarter of its age, yet no sooner than needed to see a change within ten days, and
once a year at least. Where between half of that time and its whole the look falls depends on the article's id, so that
the pages of one great crawl do not all fall due in one night. The longest overdue comes first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from archive.models import Known, digest

_LEAST = timedelta(days=10)
_MOST = timedelta(days=365)
_OF_AGE = 4


@dataclass(frozen=True, slots=True)
class Look:
    """The latest look at a held article: what is needed to ask again, its day of publication (else of its first capture),
    and when it was seen or found missing; a night on which nothing answered is no look."""

    known: Known
    day: str
    at: str


def in_order(looks: Iterable[Look], at: datetime) -> list[Look]:
    """Return the looks in the order in which their articles should be asked for again."""
    return sorted(looks, key=lambda look: (-overdue(look, at), look.known.article))


def count_due(looks: Iterable[Look], at: datetime) -> int:
    """Return how many articles are due; one at least, which tells a portal that was redesigned."""
    return max(1, sum(overdue(look, at) >= 1 for look in looks))


def overdue(look: Look, at: datetime) -> float:
    """Return which share of the time until the next look has passed: 1 and more when it is due."""
    return (at - _time(look.at)) / (_interval(at - _time(look.day)) * _spread(look.known.article))


def _interval(age: timedelta) -> timedelta:
    """Return how long an article of that age may go without a look."""
    return min(max(age / _OF_AGE, _LEAST), _MOST)


def _spread(article: str) -> float:
    """Return a share between a half and one that is the article's own."""
    return 0.5 + int(digest(article)[:4], 16) / 0x20000


def _time(said: str) -> datetime:
    """Return a time, or the beginning of a day in Hà Nội."""
    return datetime.fromisoformat(said if "T" in said else f"{said}T00:00:00+07:00")
