"""What the captures of one article add up to: its present text, its versions, and whether its page is still there. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any, Literal
from urllib.parse import urljoin, urlsplit

from archive.models import Article, Check, Evidence, Hint, Portal, Sighting, Verdict, Version, with_hints

ABSENT: tuple[Verdict, ...] = ("removed", "home", "soft-404")  # what speaks of the article; the others, of the night
Status = Literal["live", "gone", "unknown"]


def assemble(sightings: Sequence[Sighting], hints: Sequence[Hint]) -> Article:
    """Return the article as its latest capture shows it, at the address of the earliest, dated by hints if need be.

    What the latest leaves out and another capture of the same text shows is kept: a mobile theme has no attachments, a
    redesign no date.
    """
    shown = [s.article for s in reversed(sightings) if s.article.sha256 == sightings[-1].article.sha256]
    filled: dict[str, Any] = {
        name: next((value for article in shown if (value := getattr(article, name))), getattr(shown[0], name))
        for name in ("section", "author", "source", "attachments", "images", "updated")
    }
    dated = next((article for article in shown if article.published), shown[0])
    filled |= {"published": dated.published, "published_source": dated.published_source}
    return with_hints(replace(shown[0], url=sightings[0].article.url, **filled), tuple(hints))


def versions_of(sightings: Sequence[Sighting]) -> tuple[Version, ...]:
    """Return one version for each run of captures with the same text, in the order of time."""
    runs = [list(run) for _, run in groupby(sightings, key=lambda sighting: sighting.article.sha256)]
    return tuple(
        Version(n, run[0].capture.fetched_at, run[-1].capture.fetched_at, run[0].article.sha256, run[0].capture.id)
        for n, run in enumerate(runs, start=1)
    )


def status_of(sightings: Sequence[Sighting], checks: Sequence[Check]) -> tuple[Status, Evidence]:
    """Return whether the article's page is still there, and how that is known.

    gone: the latest conclusive look found it absent; what a night says that failed as a whole (a redesign, everything
    leads to the start page) is conclusive when another night agrees. unknown: it was never looked for by us, or the
    latest look failed for reasons of the night (a transient failure is no removal). The evidence quotes the first look
    that missed it ("2022-01-12T00:00:00Z HTTP 404"); "last seen" is the end of the last version. When it vanished
    between the two no capture says, so neither do we.
    """
    seen = sightings[-1].capture
    later = [check for check in checks if check.at > seen.fetched_at]
    absent = [check for check in later if check.verdict in ABSENT]
    doubted = {check.failed_run for check in absent}
    if absent and (None in doubted or len(doubted) > 1):
        since, kind = absent[0], absent[-1].verdict
        return "gone", Evidence("status", "gone", f"status.{kind}", f"{since.at} {since.detail}", None, None, 1.0)
    if later:
        first, kind = later[0], later[-1].verdict
        return "unknown", Evidence("status", "unknown", f"status.{kind}", f"{first.at} {first.detail}", None, None, 1.0)
    status: Status = "live" if seen.via == "live" else "unknown"
    return status, Evidence("status", status, "status.seen", "", None, None, 1.0)


def verdict_of(url: str, status: int, location: str, portal: Portal) -> Verdict | None:
    """Return what a response at an article's address says of its absence; None when it says nothing of the kind."""
    if status in (404, 410):
        return "removed"
    if status in (401, 403, 429):
        return "blocked"
    if status >= 500:
        return "error"
    return "home" if status in (301, 302, 303, 307, 308) and _is_home(urljoin(url, location), portal) else None


def _is_home(target: str, portal: Portal) -> bool:
    """Say whether an address is the start page of the portal or of its host."""
    path = urlsplit(target).path.rstrip("/")
    return path in {"", urlsplit(portal.home).path.rstrip("/"), "/index.php", "/index.html", "/default.aspx"}
