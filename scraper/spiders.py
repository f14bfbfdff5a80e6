"""One Scrapy spider for every portal of the catalogue: listings lead to articles, articles to their files."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Self
from urllib.parse import urljoin, urlsplit

from scrapy import FormRequest, Request, Spider
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.settings import BaseSettings

from archive.models import Article, DataDir, ExtractError, Fetch, Hint, Known, Page, Portal, Verdict
from archive.text import fold_text
from scraper import catalogue
from scraper.evidence import article_missed
from scraper.extract import article_id, listing
from scraper.platforms import get_platform
from scraper.run import crawl_run

_NOWHERE = "khong-co-trang-nay-7f3k9q2m"
_ANY_STATUS: dict[str, Any] = {"handle_httpstatus_all": True, "dont_redirect": True}
MAX_LISTINGS = 500  # pages of listings in one run: an endless calendar ends here


@dataclass(slots=True)
class _Chain:
    """The pages of one listing, walked one after the other: what they named, and which are still to come."""

    section: str | None
    named: set[str | None] = field(default_factory=set)
    asked: set[tuple[str, object]] = field(default_factory=set)
    waiting: list[Fetch] = field(default_factory=list)

    def advance(self, keys: set[str | None], following: Iterable[Fetch]) -> Fetch | None:
        """Return the next page to ask for; None after a page that named nothing new (past the end, repeated).

        A page that names no article at all is an index of other listings (a sitemap's), which is walked on.
        """
        fresh = keys - self.named
        self.named |= fresh
        for fetch in following:
            if (fetch.url, fetch.form) not in self.asked:
                self.asked.add((fetch.url, fetch.form))
                self.waiting.append(fetch)
        return self.waiting.pop(0) if self.waiting and (fresh or not keys) else None


class PortalSpider(Spider):
    """Walks one portal. Subclasses made by PortalLoader differ in `portal` alone."""

    portal: ClassVar[Portal]

    def __init__(self, **arguments: Any) -> None:
        """Start with nothing seen; `-a recheck=all` asks again for every page that is held."""
        super().__init__(**arguments)
        self._platform = get_platform(self.portal.platform)
        self._articles: set[str] = set()
        self._listings = 0

    async def start(self) -> AsyncIterator[Request]:
        """Ask for the first page of each listing, for the pages that are due, and for files not answered yet."""
        run = crawl_run(Path(self.settings["ANSINH_DATA"]))
        self._store, self._look = run.store, run.extraction.look
        last = self._store.last_run(self.portal.name)
        self._complete = last is not None and last.outcome == "ok"
        for fetch in self._platform.start(self.portal):
            yield self._listing_request(fetch, _Chain(fetch.section))
        for known in self._store.due_for_check(self.portal.name, self._budget()):
            yield self._recheck_request(known)
        for request in self._file_requests(self._store.missing_files(self.portal.name)):
            yield request  # an earlier run ended between an article and its files

    def _budget(self) -> int:
        """Return how many held articles to ask for again: a tenth each night, so that a change is seen within ten."""
        held = self._store.count_articles(self.portal.name)
        return held if getattr(self, "recheck", "") == "all" else -(-held // 10)

    def parse_listing(self, response: Response) -> Iterator[Request]:
        """Follow a listing to the articles it names; to its next page only while it names something new."""
        found = listing(page_of(response), self.portal)
        chain: _Chain = response.meta["chain"]
        for hint in found.hints:
            if self._is_new(hint.url):
                said = replace(hint, section=hint.section or chain.section)
                yield Request(hint.url, self.parse_article, errback=self.note_failure, meta={"hint": said})
        keys = {self._platform.article_key(hint.url) for hint in found.hints}
        following = chain.advance(keys, found.next)
        if following is None or self._listings >= MAX_LISTINGS:
            return
        if keys and self._complete and all(self._is_held(hint.url) for hint in found.hints):
            self.crawler.stats.inc_value("listings/known")  # the rest was walked on the last complete night
        else:
            yield self._listing_request(following, chain)

    def parse_article(self, response: Response) -> Iterator[Request]:
        """Read an article for the addresses of its attachments and images."""
        article = self._article_on(response)
        if article is None:
            return
        hint: Hint | None = response.meta.get("hint")
        self.crawler.stats.inc_value("articles/fetched")
        if article.published or (hint and hint.published):
            self.crawler.stats.inc_value("articles/dated")
        yield from self._file_requests((*(attachment.url for attachment in article.attachments), *article.images))

    def parse_recheck(self, response: Response) -> Iterator[Request]:
        """Look at a held article again: unchanged (304), changed, or gone in one of the ways that pages go."""
        if response.status != 200:
            return
        yield from self.parse_article(response)
        if self._article_on(response) is None:
            meta = {**_ANY_STATUS, "known": response.meta["known"], "shown": response.text}
            yield Request(urljoin(self.portal.home, _NOWHERE), self.parse_nowhere, dont_filter=True, meta=meta)

    def _article_on(self, response: Response) -> Article | None:
        """Return the article on a page; None where there is none, or none that can be read (the ingest lists that)."""
        try:
            return self._look(page_of(response), self.portal).article
        except ExtractError:
            return None

    def parse_nowhere(self, response: Response) -> None:
        """Compare what stands where an article was with the answer for an address that never was: a soft 404."""
        if response.status == 200 and alike(fold_text(response.meta["shown"]), fold_text(response.text)):
            self._miss(response.meta["known"].url, "soft-404", "answered like an address that never was")

    def _miss(self, url: str, verdict: Verdict, detail: str) -> None:
        self.crawler.signals.send_catch_log(article_missed, url=url, verdict=verdict, detail=detail)

    def keep(self, response: Response) -> None:
        """Do nothing more: the response is evidence already."""

    def note_failure(self, failure: Any) -> None:
        """Count a request that came to nothing."""
        self.crawler.stats.inc_value(f"failures/{failure.type.__name__}")

    def note_lost_listing(self, failure: Any) -> None:
        """Count a page of a listing that did not come, and name the section when it was the first."""
        self.note_failure(failure)
        chain: _Chain = failure.request.meta["chain"]
        if chain.section and not chain.named and failure.type is not IgnoreRequest:  # which is robots.txt's no
            response = getattr(failure.value, "response", None)
            what = f"HTTP {response.status}" if response is not None else failure.type.__name__
            self.crawler.stats.set_value(f"sections/{chain.section}", f"{failure.request.url} {what}")

    def note_missed(self, failure: Any) -> None:
        """Write down that a held article could not be asked for: that says something of the night, not of the page."""
        self.note_failure(failure)
        if not failure.check(IgnoreRequest):
            self._miss(failure.request.meta["known"].url, "unreachable", failure.type.__name__)
        elif self.crawler.stats.get_value("robotstxt/unreachable"):  # the whole host is silent
            self._miss(failure.request.meta["known"].url, "unreachable", "robots.txt was unreachable")

    def _is_new(self, url: str) -> bool:
        """Say, once for each article, that it is met for the first time in this run and not held yet."""
        key = self._platform.article_key(url)
        if key is None or key in self._articles:
            return False
        self._articles.add(key)
        self.crawler.stats.inc_value("articles/seen")
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
        common: dict[str, Any] = {
            "headers": dict(fetch.headers),
            "dont_filter": True,  # two sections may share a page; allowed_domains still holds
            "errback": self.note_lost_listing,
            "meta": {"chain": chain},
        }
        if fetch.form is None:
            return Request(fetch.url, self.parse_listing, **common)
        return FormRequest(fetch.url, self.parse_listing, formdata=list(fetch.form), **common)

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


def alike(text: str, other: str) -> bool:
    """Say whether two folded texts are one page but for a few words (the address asked for, a clock, a counter)."""
    words, others = set(text.split()), set(other.split())
    return len(words & others) >= 0.9 * max(len(words | others), 1)


def page_of(response: Response) -> Page:
    """Return a Scrapy response as extraction sees a page."""
    headers = {
        name.decode("latin-1").lower(): values[-1].decode("latin-1") for name, values in response.headers.items()
    }
    return Page(response.url, response.body, response.status, headers)


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
        return type(
            f"{name.title()}Spider", (PortalSpider,), {"name": name, "portal": portal, "allowed_domains": hosts}
        )

    def list(self) -> list[str]:
        """Return the names of all portals."""
        return sorted(self._portals)

    def find_by_request(self, request: Request) -> Iterable[str]:
        """Return the names of the portals on the request's host."""
        host = urlsplit(request.url).hostname
        return [name for name, portal in self._portals.items() if host in {item.name for item in portal.hosts}]
