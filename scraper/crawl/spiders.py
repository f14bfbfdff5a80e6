"""One Scrapy spider for every portal of the catalogue: listings lead to articles, articles to their files."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Self
from urllib.parse import urljoin, urlsplit

from scrapy import FormRequest, Request, Spider
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.settings import BaseSettings

from archive.models import Article, DataDir, ExtractError, Fetch, Hint, Known, Page, Portal, Verdict
from archive.rechecks import count_due, in_order
from archive.runs import Cause
from archive.text import fold_text
from scraper import catalogue
from scraper.crawl.evidence import article_missed
from scraper.crawl.gates import Gated
from scraper.crawl.patience import leave
from scraper.crawl.run import crawl_run
from scraper.crawl.signs import Signs, cause_of_error, cause_of_status
from scraper.extract import Hacked, article_id, listing
from scraper.platforms import get_platform

_NOWHERE = "khong-co-trang-nay-7f3k9q2m"
_ANY_STATUS: dict[str, Any] = {"handle_httpstatus_all": True, "dont_redirect": True}
CLOSER = 4  # more held articles to ask for when one cannot be read any more
ATTEMPTS = 8  # captures of an article's address without an article, after which it stays a problem
# Failures after which the address was captured, so that it is asked for again by itself. After others the next walk does
# not end at what is held: what they kept away may lie behind it.
_FOR_GOOD = frozenset(
    ("HttpError", "IgnoreRequest", "Refused", "PageRefused", "Truncated", "Gated", "RobotsUnreachable")
)
MAX_LISTINGS = 500  # pages of listings in one run: an endless calendar ends here


@dataclass(slots=True)
class _Chain:
    """The pages of one listing, walked one after the other: what they named, and which are still to come."""

    section: str | None
    named: set[str | None] = field(default_factory=set)
    asked: set[tuple[str, object, object]] = field(default_factory=set)
    waiting: list[Fetch] = field(default_factory=list)

    def advance(self, keys: set[str | None], following: Iterable[Fetch]) -> Fetch | None:
        """Return the next page to ask for; None after a page that named nothing new (past the end, repeated).

        A page that names no article at all is an index of other listings (a sitemap's), which is walked on.
        """
        fresh = keys - self.named
        self.named |= fresh
        for fetch in following:
            asked = (fetch.url, fetch.form, fetch.json)
            if asked not in self.asked:
                self.asked.add(asked)
                self.waiting.append(fetch)
        return self.waiting.pop(0) if self.waiting and (fresh or not keys) else None


class PortalSpider(Spider):
    """Walks one portal. Subclasses made by PortalLoader differ in `portal` alone."""

    portal: ClassVar[Portal]
    allowed_domains: ClassVar[list[str]]

    def __init__(self, **arguments: Any) -> None:
        """Start with nothing seen; `-a recheck=all` asks again for every page that is held."""
        super().__init__(**arguments)
        self.signs = Signs()
        self._platform = get_platform(self.portal.platform)
        self._articles: set[str] = set()
        self._listings = 0
        self._is_probed = self._is_doubtful = False

    async def start(self) -> AsyncIterator[Request]:
        """Ask for the first page of each listing, for what is due or was never read, and for files not answered yet."""
        run = crawl_run(Path(self.settings["ANSINH_DATA"]))
        self._store, self._look = run.store, run.extraction.look
        last = self._store.last_run(self.portal.name)
        self._complete = last is not None and last.outcome == "ok" and last.figures.failures.keys() <= _FOR_GOOD
        for fetch in self._platform.start(self.portal):
            yield self._listing_request(fetch, _Chain(fetch.section))
        at = datetime.now(UTC)
        self._looks = in_order(self._store.looks(self.portal.name), at)
        self._due = len(self._looks) if getattr(self, "recheck", "") == "all" else count_due(self._looks, at)
        for look in self._looks[: self._due]:
            yield self._recheck_request(look.known)
        for url in self._store.unread(self.portal.name, ATTEMPTS):
            yield Request(url, self.parse_article, errback=self.note_failure)
        for request in self._file_requests(self._store.missing_files(self.portal.name)):
            yield request  # an earlier run ended between an article and its files

    def parse_listing(self, response: Response) -> Iterator[Request]:
        """Follow a listing to the articles it names; to its next page only while it names something new."""
        found = listing(page_of(response), self.portal)
        chain: _Chain = response.meta["chain"]
        for hint in found.hints:
            if self._is_new(hint.url):
                said = replace(hint, section=hint.section or chain.section)
                yield Request(hint.url, self.parse_article, errback=self.note_failure, meta={"hint": said})
        if not chain.named and not found.hints and not found.next:
            yield from self._note_empty(response, chain)
        keys = {self._platform.article_key(hint.url) for hint in found.hints}
        following = chain.advance(keys, found.next)
        if following is None or self._listings >= MAX_LISTINGS:
            return
        if keys and self._complete and all(self._is_held(hint.url) for hint in found.hints):
            self.signs.is_walk_cut = True  # the rest was walked on the last complete night
        else:
            yield self._listing_request(following, chain)

    def _note_empty(self, response: Response, chain: _Chain) -> Iterator[Request]:
        """Remember the first page of a listing that names nothing; one that led to the start page is lost."""
        if self._is_led_home(response):
            self.signs.led_home += 1
            if chain.section:
                self._lose_section(
                    chain.section, response.meta["redirect_urls"][0], "redirect", "leads to the start page"
                )
        self.signs.note_nothing(page_of(response))
        yield from self._probe(response)

    def _is_led_home(self, response: Response) -> bool:
        """Say whether a page was asked for and the start page came."""
        asked = response.meta.get("redirect_urls", [response.url])[0]
        return is_start(response.url, self.portal) and not is_start(asked, self.portal)

    def parse_article(self, response: Response) -> Iterator[Request]:
        """Read an article for the addresses of its attachments and images."""
        self.signs.fetched += 1
        article = self._article_on(response)
        if article is None:
            self.signs.led_home += self._is_led_home(response)
            self.signs.note_nothing(page_of(response))
            if "known" not in response.meta:
                yield from self._probe(response)
            return
        hint: Hint | None = response.meta.get("hint")
        self.signs.note_article(article, bool(article.published or (hint and hint.published)))
        yield from self._file_requests((*(attachment.url for attachment in article.attachments), *article.images))

    def parse_recheck(self, response: Response) -> Iterator[Request]:
        """Look at a held article again: unchanged (304), changed, or gone in one of the ways that pages go."""
        self.signs.unchanged += response.status == 304
        location = response.headers.get("Location")
        if location and 300 < response.status < 400:
            self._note_location(urljoin(response.url, location.decode("latin-1")))
        if response.status != 200:
            return
        yield from self.parse_article(response)
        if self._article_on(response) is None:
            yield self._probe_request(response)
            yield from self._look_closer()

    def _article_on(self, response: Response) -> Article | None:
        """Return the article on a page; None where there is none, or none that can be read (the ingest lists that)."""
        try:
            return self._look(page_of(response), self.portal).article
        except Hacked:
            self._note_hacked()
        except ExtractError:
            pass
        return None

    def _note_hacked(self) -> None:
        """Count a page that sells gambling; end the run when there are too many (reliability.md section 3)."""
        signs = self.signs
        signs.quarantined += 1
        if signs.is_hacked and signs.refusal is None:
            said = f"{signs.quarantined} of {signs.fetched} pages at addresses of articles sell gambling"
            leave(self.crawler, "hacked", f"{said}; the run was ended, the pages are kept")

    def _look_closer(self) -> Iterator[Request]:
        """Ask once in a run for a few more held articles: is it the page that cannot be read any more, or the portal?"""
        if self._is_doubtful:
            return
        self._is_doubtful = True
        for look in self._looks[self._due : self._due + CLOSER]:
            yield self._recheck_request(look.known)

    def _probe(self, response: Response) -> Iterator[Request]:
        """Ask once in a run for an address that never was, to compare with a page on which nothing was found."""
        if not self._is_probed:
            self._is_probed = True
            yield self._probe_request(response)

    def _probe_request(self, response: Response) -> Request:
        meta = {**_ANY_STATUS, "known": response.meta.get("known"), "shown": response.text}
        return Request(
            urljoin(self.portal.home, _NOWHERE),
            self.parse_nowhere,
            errback=self.note_failure,
            dont_filter=True,
            meta=meta,
        )

    def parse_nowhere(self, response: Response) -> None:
        """Compare what stands where something was with the answer for an address that never was: a soft 404."""
        if response.status != 200 or not alike(fold_text(response.meta["shown"]), fold_text(response.text)):
            return
        self.signs.soft_404 += 1
        known: Known | None = response.meta["known"]
        if known is not None:
            self._miss(known.url, "soft-404", "answered like an address that never was")

    def _miss(self, url: str, verdict: Verdict, detail: str) -> None:
        self.crawler.signals.send_catch_log(article_missed, url=url, verdict=verdict, detail=detail)

    def keep(self, response: Response) -> None:
        """Do nothing more: the response is evidence already."""

    def note_failure(self, failure: Any) -> None:
        """Count a request that came to nothing, and what that says."""
        self.signs.failures[_name_of(failure)] += 1
        if not failure.request.meta.get("allow_offsite"):
            self.signs.refused[self._cause_of(failure)] += 1

    def _cause_of(self, failure: Any) -> Cause:
        """Return what a failure says of the portal."""
        response = getattr(failure.value, "response", None)
        meta = failure.request.meta
        if response is not None:
            return cause_of_status(response.status)
        if failure.type is IgnoreRequest and meta.get("redirect_times", 0) < self.settings.getint("REDIRECT_MAX_TIMES"):
            self.signs.forbidden += 1
            return "robots"
        if "redirect_urls" in meta and failure.check(IgnoreRequest):
            self._note_location(failure.request.url)
            return "redirect"
        return cause_of_error(failure.value)

    def _note_location(self, url: str) -> None:
        """Remember where the portal led to, if away from it."""
        host = urlsplit(url).hostname or ""
        if host not in self.allowed_domains and not any(host.endswith(f".{own}") for own in self.allowed_domains):
            self.signs.away[host] += 1

    def note_lost_listing(self, failure: Any) -> None:
        """Count a page of a listing that did not come, and name the section when it was the first."""
        self.note_failure(failure)
        chain: _Chain = failure.request.meta["chain"]
        cause = self._cause_of(failure)
        if chain.section and not chain.named and cause != "robots":
            response = getattr(failure.value, "response", None)
            what = f"HTTP {response.status}" if response is not None else _in_words(failure)
            self._lose_section(chain.section, failure.request.url, cause, what)

    def _lose_section(self, section: str, url: str, cause: Cause, what: str) -> None:
        self.signs.sections[section] = cause, f"{url} {what}"

    def note_missed(self, failure: Any) -> None:
        """Write down that a held article could not be asked for: that says something of the night, not of the page."""
        self.note_failure(failure)
        url = failure.request.meta["known"].url
        if failure.check(Gated):
            self._miss(url, "blocked", "a page that only sets a cookie")
        elif not failure.check(IgnoreRequest):
            self._miss(url, "unreachable", failure.type.__name__)
        elif self.signs.robots:  # the whole host is silent
            self._miss(url, "unreachable", "robots.txt was unreachable")

    def _is_new(self, url: str) -> bool:
        """Say, once for each article, that it is met for the first time in this run and not held yet."""
        key = self._platform.article_key(url)
        if key is None or key in self._articles:
            return False
        self._articles.add(key)
        self.signs.seen += 1
        return not self._is_held(url)

    def _is_held(self, url: str) -> bool:
        known = article_id(url, self.portal)
        return known is None or self._store.holds(known)

    def _recheck_request(self, known: Known) -> Request:
        validators = {"If-None-Match": known.etag, "If-Modified-Since": known.modified}
        headers = {name: value for name, value in validators.items() if value and known.payload}
        meta = {**_ANY_STATUS, "known": known}
        return Request(known.url, self.parse_recheck, headers=headers, errback=self.note_missed, meta=meta)

    def _listing_request(self, fetch: Fetch, chain: _Chain) -> Request:
        self._listings += 1
        return request_for(fetch, callback=self.parse_listing, errback=self.note_lost_listing, meta={"chain": chain})

    def _file_requests(self, urls: Iterable[str]) -> Iterator[Request]:
        for url in urls:
            if self._may_fetch(url):
                yield Request(url, self.keep, errback=self.note_failure, meta={"allow_offsite": True})

    def _may_fetch(self, url: str) -> bool:
        """Allow the portal's own hosts and other named hosts in Vietnam (storage-vnportal.vnpt.vn), never an address."""
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
        own = {name.name.removeprefix("www.") for name in self.portal.hosts}
        return parts.scheme in ("http", "https") and (host in own or host.endswith(".vn"))


def _in_words(failure: Any) -> str:
    """Return the name of what happened, with what a refusal says of itself."""
    name: str = failure.type.__name__
    return f"{name}: {failure.value}" if failure.check(IgnoreRequest) else name


def is_start(url: str, portal: Portal) -> bool:
    """Say whether an address is the portal's start page."""
    path = urlsplit(url).path.rstrip("/")
    return path in ("", urlsplit(portal.home).path.rstrip("/"))


def alike(text: str, other: str) -> bool:
    """Say whether two folded texts are one page but for a few words (the address asked for, a clock, a counter)."""
    words, others = set(text.split()), set(other.split())
    return len(words & others) >= 0.9 * max(len(words | others), 1)


def request_for(fetch: Fetch, **arguments: Any) -> Request:
    """Return Scrapy's request for what a platform asks for; never filtered, for two sections may share a page."""
    headers = dict(fetch.headers)
    if fetch.json is not None:
        headers["Content-Type"] = "application/json; charset=utf-8"
        return Request(fetch.url, method="POST", body=fetch.json, headers=headers, dont_filter=True, **arguments)
    if fetch.form is None:
        return Request(fetch.url, headers=headers, dont_filter=True, **arguments)
    return FormRequest(fetch.url, formdata=list(fetch.form), headers=headers, dont_filter=True, **arguments)


def page_of(response: Response) -> Page:
    """Return a Scrapy response as extraction sees a page."""
    headers = {
        name.decode("latin-1").lower(): values[-1].decode("latin-1") for name, values in response.headers.items()
    }
    return Page(response.url, response.body, response.status, headers)


def _settings_of(portal: Portal) -> dict[str, bool]:
    """Return the settings of one portal's spider: Scrapy checks certificates unless its entry says otherwise."""
    return {"DOWNLOAD_VERIFY_CERTIFICATES": portal.tls == "verified"}


def _name_of(failure: Any) -> str:
    """Return the name that a failure is counted by: an answer of the moment (429, 5xx) by its status."""
    status: int = getattr(getattr(failure.value, "response", None), "status", 0)
    return f"HTTP {status}" if status == 429 or status >= 500 else str(failure.type.__name__)


class PortalLoader:
    """Scrapy's spider loader over the catalogue: `scrapy list`, `scrapy crawl NAME` (SPIDER_LOADER_CLASS)."""

    def __init__(self, portals: catalogue.Catalogue) -> None:
        """Offer the portals of the catalogue that can be crawled."""
        self._portals = {portal.name: portal for portal in portals.portals}

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        """Read the built-in catalogue and the operator's own."""
        return cls(catalogue.load_all(DataDir(Path(settings["ANSINH_DATA"]))))

    def load(self, name: str) -> type[PortalSpider]:
        """Return the spider of a portal; raise KeyError for an unknown name."""
        portal = self._portals[name]
        hosts = [host.name for host in portal.hosts]
        said = {"name": name, "portal": portal, "allowed_domains": hosts, "custom_settings": _settings_of(portal)}
        return type(f"{name.title()}Spider", (PortalSpider,), said)

    def list(self) -> list[str]:
        """Return the names of all portals."""
        return sorted(self._portals)

    def find_by_request(self, request: Request) -> Iterable[str]:
        """Return the names of the portals on the request's host."""
        host = urlsplit(request.url).hostname
        return [name for name, portal in self._portals.items() if host in {item.name for item in portal.hosts}]
