"""The nouns of health: what a night met, how it ended, and what of it needs a person (`archive.health` judges)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from archive.models import Portal, Via

Cause = Literal[
    "selector",  # pages come, and nothing is found on them: the portal was redesigned
    "another-cms",  # pages come, and bear the fingerprint of another platform than the entry says
    "soft-404",  # every address answers with the same page
    "cookie-gate",  # a page that only sets a cookie stands before every other
    "blocked",  # captcha, 401, 403, 429
    "tls",  # the certificate is not accepted
    "timeout",  # answers do not come in time
    "unreachable",  # no such name, refused, reset
    "server-error",  # 5xx
    "robots",  # robots.txt cannot be had, or forbids
    "redirect",  # every page leads away: to another host (another unit, a seller of the name), or to the start page
    "hacked",  # sells gambling
    "moved",  # sections of the entry answer 404
    "silent",  # no new article for longer than ever
    "stopped",  # somebody or something ended the run: a signal, a limit
    "hung",  # the process gave no sign of life and was killed
    "disk",  # evidence could not be written
    "code",  # ours raised
    "no-contact",  # the setting is missing
    "unknown",
]


@dataclass(frozen=True, slots=True)
class Figures:
    """What one crawl of a portal met.

    `pages` are answers with a body of text; `listed` articles that its listings show, held or new; `walked` those on the
    pages of listings that were walked, which is fewer when the walk ended at what is held (`is_cut`); `fetched` pages at
    the addresses of articles that answered 200, of which `titled`, `bodied`, `dated` have what they should; `unchanged`
    answers 304 there; `blocked` pages of gates and refusals; `quarantined` pages that sell gambling; `duplicates` fetched
    articles whose text another one fetched that night has. `failures` counts requests without an answer by the name of
    what happened.
    """

    pages: int = 0
    listed: int = 0
    fetched: int = 0
    titled: int = 0
    bodied: int = 0
    dated: int = 0
    unchanged: int = 0
    blocked: int = 0
    quarantined: int = 0
    duplicates: int = 0
    walked: int = 0
    is_cut: bool = False
    failures: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """One crawl or import of one portal: when, how much, and how it ended."""

    id: str
    portal: str
    via: Via
    started_at: str
    finished_at: str | None
    outcome: Literal["ok", "failed", "interrupted"]
    requests: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    problems: int = 0
    note: str = ""
    cause: Cause | None = None
    figures: Figures = field(default_factory=Figures)
    warnings: tuple[str, ...] = ()
    certificate: str = ""  # SHA-256 of the one that was taken unverified


def run_of(warc: str) -> str:
    """Return the id of the run that wrote a live evidence file, which is named after it: <portal>-<run>-<n>.warc.gz."""
    return warc.rsplit("/", 1)[-1].rsplit("-", 2)[1]


@dataclass(frozen=True, slots=True)
class Alert:
    """What is wrong with a portal, in one place: since which run, how many nights in a row, and the likely cause."""

    portal: str
    run: str
    since: str
    nights: int
    cause: Cause
    detail: str


@dataclass(frozen=True, slots=True)
class Health:
    """How a portal does: its open alert, if there is one, remarks that are no failure, and its last good run."""

    portal: str
    state: Literal["ok", "warning", "failing", "never", "retired"]
    last_good: str | None
    alert: Alert | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PortalState:
    """A portal as the store knows it: what it holds, its latest run and its open problems."""

    portal: Portal
    articles: int
    dated: int
    captures: int
    problems: int
    first_published: str | None
    last_published: str | None
    last_fetched: str | None
    last_run: Run | None
