"""What one crawl of a portal met, counted while it runs, and what that says of a failure: its likely cause. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from archive.health import is_hacked
from archive.models import Article, Page, Portal
from archive.runs import Cause, Figures
from scraper.platforms import get_platform, platform_names
from scraper.quarantine import sells_gambling
from scraper.reading.page import decode

SAMPLES = 5  # pages on which nothing was found that are kept for a look
_REFUSALS = (401, 403, 429)
_TAG = re.compile(r"<[^<>]{0,2000}>")


@dataclass(slots=True)
class Signs:
    """Counts of one run, as its spider and the middlewares before it see them.

    `gates` are pages of cookie gates, `soft_404` pages that were answered like an address that never was, `led_home`
    pages of sections or articles that led to the start page, `forbidden` requests that robots.txt forbids. `away` names
    the hosts that it led to, `refused` why requests for pages came to nothing, `sections` what became of the first pages
    of sections that did not come, `robots` why there was no robots.txt. `samples` show nothing where something should be.
    """

    pages: int = 0
    seen: int = 0
    fetched: int = 0
    titled: int = 0
    bodied: int = 0
    dated: int = 0
    unchanged: int = 0
    blocked: int = 0
    quarantined: int = 0
    gates: int = 0
    soft_404: int = 0
    led_home: int = 0
    forbidden: int = 0
    is_walk_cut: bool = False  # it ended at what is held: the rest was walked on the last complete night
    has_no_contact: bool = False
    robots: Cause | None = None
    refusal: tuple[Cause, str] | None = None  # why the server was left in peace for tonight
    away: Counter[str] = field(default_factory=Counter)
    refused: Counter[Cause] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    sections: dict[str, tuple[Cause, str]] = field(default_factory=dict)
    texts: Counter[str] = field(default_factory=Counter)
    samples: list[Page] = field(default_factory=list)

    def note_answer(self, status: int, is_text: bool) -> None:
        """Count an answer to a request for a page."""
        self.pages += is_text
        self.blocked += status in _REFUSALS

    def note_gate(self) -> None:
        """Count a page of a cookie gate that stays shut."""
        self.gates += 1
        self.blocked += 1

    def note_article(self, article: Article, is_dated: bool) -> None:
        """Count an article that was read on a page fetched."""
        self.titled += bool(article.title)
        self.bodied += bool(article.body)
        self.dated += is_dated
        self.texts[article.sha256] += 1

    def note_nothing(self, page: Page) -> None:
        """Keep a page on which something should be."""
        if len(self.samples) < SAMPLES:
            self.samples.append(page)

    @property
    def is_hacked(self) -> bool:
        """Say whether so much of the portal sells gambling that its run should end."""
        return is_hacked(self.quarantined, self.fetched)

    def figures(self, listed: int) -> Figures:
        """Return the counts as the archive keeps them; `listed` counts the articles shown, held ones included."""
        return Figures(
            pages=self.pages,
            listed=listed,
            fetched=self.fetched,
            titled=self.titled,
            bodied=self.bodied,
            dated=self.dated,
            unchanged=self.unchanged,
            blocked=self.blocked,
            quarantined=self.quarantined,
            walked=self.seen,
            is_cut=self.is_walk_cut,
            duplicates=sum(count - 1 for count in self.texts.values()),
            failures=dict(sorted(self.failures.items())),
        )


def signs_of(spider: object) -> Signs:
    """Return the signs that a spider counts; ones that nobody reads for one that counts none."""
    signs: Signs | None = getattr(spider, "signs", None)
    return Signs() if signs is None else signs


# --- what a single answer or failure says ----------------------------------------------------------------------


def cause_of_status(status: int) -> Cause:
    """Return what an answer other than 200 says of a page that should be there."""
    if status in _REFUSALS:
        return "blocked"
    if status in (404, 410):
        return "moved"
    if 300 <= status < 400:
        return "redirect"
    return "server-error" if status >= 500 else "unknown"


_CAUSES: dict[str, Cause] = {  # by the names of exceptions, of Scrapy's and of what they wrap
    "SSL.Error": "tls",
    "VerificationError": "tls",
    "SSLError": "tls",
    "DownloadTimeoutError": "timeout",
    "TimeoutError": "timeout",
    "CannotResolveHostError": "unreachable",
    "DownloadConnectionRefusedError": "unreachable",
    "DownloadFailedError": "unreachable",
    "ResponseDataLossError": "unreachable",
    "Truncated": "unreachable",
    "Gated": "cookie-gate",
}


def cause_of_error(error: BaseException) -> Cause:
    """Return what the exception of a request that came to nothing says, looking through what it wraps."""
    causes = [_CAUSES.get(_name(one), "unknown") for one in _wrapped(error)]
    if "tls" in causes:
        return "tls"
    return next((cause for cause in causes if cause != "unknown"), "unknown")


def _wrapped(error: BaseException | None, depth: int = 0) -> Iterator[BaseException]:
    """Yield an exception, its cause, and the reasons that Twisted lists in it."""
    if error is None or depth > 5:
        return
    yield error
    for reason in getattr(error, "reasons", None) or ():
        yield from _wrapped(reason.value, depth + 1)
    yield from _wrapped(error.__cause__, depth + 1)


def _name(error: BaseException) -> str:
    kind = type(error)
    return "SSL.Error" if kind.__module__ == "OpenSSL.SSL" else kind.__name__


# --- what all of it says ---------------------------------------------------------------------------------------


def likely_cause(signs: Signs, portal: Portal) -> Cause:
    """Return why a run failed, as far as what it met tells: first what explains everything else."""
    if signs.is_hacked or any(map(_sells, signs.samples)):
        return "hacked"
    if signs.gates and signs.gates >= 0.5 * signs.pages:
        return "cookie-gate"
    if signs.robots or (signs.forbidden and not signs.pages):
        return signs.robots or "robots"
    lost = Counter(cause for cause, _ in signs.sections.values())
    if lost:
        return _most_common(lost)
    if signs.away and not signs.titled:
        return "redirect"
    return _cause_of_pages(signs, portal) if signs.pages else _most_common(signs.refused)


def _cause_of_pages(signs: Signs, portal: Portal) -> Cause:
    """Return why pages come and nothing is found on them."""
    if signs.blocked > 0.5 * signs.pages:
        return "blocked"
    if signs.led_home and signs.led_home >= 0.5 * (signs.fetched - signs.titled):
        return "redirect"
    if _is_one_page(signs):
        return "soft-404"
    if stranger(signs.samples, portal):
        return "another-cms"
    if signs.samples or signs.titled < signs.fetched or signs.dated < signs.titled:
        return "selector"
    return _most_common(signs.refused) if signs.refused else "selector"


def _is_one_page(signs: Signs) -> bool:
    """Say whether most of what was asked for was answered alike."""
    is_blank = not signs.seen or signs.titled <= 0.5 * signs.fetched
    commonest = max(signs.texts.values(), default=0)
    return bool(is_blank and signs.soft_404) or commonest > 0.5 * max(signs.fetched, 4)


def _most_common(causes: Counter[Cause]) -> Cause:
    return max(sorted(causes), key=lambda cause: causes[cause], default="unknown")


def stranger(pages: Sequence[Page], portal: Portal) -> str:
    """Return the platform whose fingerprint pages bear instead of the one that the entry names; empty for none."""
    if any(map(get_platform(portal.platform).fingerprint, pages)):
        return ""
    others = (name for name in platform_names() if name not in (portal.platform, "generic", "text"))
    return next((name for name in others if any(map(get_platform(name).fingerprint, pages))), "")


def _sells(page: Page) -> bool:
    return bool(sells_gambling(_TAG.sub(" ", decode(page))))


def refusals_in_words(failures: Iterable[tuple[str, int]]) -> str:
    """Return which requests came to nothing, in words; empty when all were answered."""
    counts = [f"{name} {count}" for name, count in sorted(failures) if name not in ("IgnoreRequest", "HttpError")]
    return f"requests that failed: {', '.join(counts)}" if counts else ""
