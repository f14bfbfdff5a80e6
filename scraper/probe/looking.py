"""Looks at one portal as a crawl would, with the same manners and within the same limits, and stores nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urljoin

from scrapy import Request, Spider
from scrapy.crawler import CrawlerProcess
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.settings import Settings

from archive.health import ADVICE
from archive.models import ArchiveError, DataDir, ExtractError, Fetch, Page, Portal
from archive.runs import Cause
from archive.store import Store
from archive.store.connection import IN_MEMORY
from scraper.crawl.process import settings_of
from scraper.crawl.run import CrawlWrites, Pulse, begin
from scraper.crawl.signs import Signs, cause_of_error
from scraper.crawl.spiders import page_of, request_for
from scraper.extract import read
from scraper.platforms import get_platform
from scraper.probe.findings import Visit

LISTINGS = 8  # pages of listings that are looked at
ARTICLES = 3  # articles that are tried until one can be read
REDIRECTS = 5
_SECONDS = 600  # for one look, whatever the server does
_EVIDENCE = "scraper.crawl.evidence.Evidence"


@dataclass(slots=True)
class Look:
    """One look at a portal: the portal as it turned out to be, what was visited in order, and whether it came to its end."""

    portal: Portal
    visits: list[Visit] = field(default_factory=list)
    is_complete: bool = False


Settle = Callable[[Page], Portal]  # the portal to look at, once its home page is seen


def look_at(data: DataDir, portal: Portal, settle: Settle) -> Look:
    """Ask for a portal's home page, its listings' first pages and an article; one look in a process's life.

    1 + LISTINGS + ARTICLES addresses at most, besides robots.txt and redirects. Raise ArchiveError when it was ended
    before anything was seen.
    """
    look = Look(portal)
    begin(_NothingKept(data))
    process = CrawlerProcess(_settings_of(data, portal))
    process.crawl(_Probe, look=look, settle=settle)
    process.start()
    if not look.visits:
        raise ArchiveError(f"{portal.home}: the look was ended before anything was seen")
    return look


class _NothingKept(CrawlWrites):
    """What the middlewares of a crawl share, over a store that holds nothing and is gone with the process."""

    def __init__(self, data: DataDir) -> None:
        super().__init__(data, Store(IN_MEMORY), Pulse())

    def ingest(self, path: Path, portal: Portal) -> None:
        """Do nothing: there is no evidence."""

    def publish(self) -> None:
        """Do nothing: nothing has changed."""


def _settings_of(data: DataDir, portal: Portal) -> Settings:
    """Return the settings of a crawl of the portal, but without evidence and the log: the findings say it all."""
    settings = settings_of(data)
    middlewares = {**settings.getdict("DOWNLOADER_MIDDLEWARES"), _EVIDENCE: None}
    settings.set("DOWNLOADER_MIDDLEWARES", middlewares, priority="cmdline")
    settings.set("CLOSESPIDER_TIMEOUT", _SECONDS, priority="cmdline")
    settings.set("RETRY_TIMES", 1, priority="cmdline")
    settings.set("LOG_ENABLED", False, priority="cmdline")
    settings.set("DOWNLOAD_VERIFY_CERTIFICATES", portal.tls == "verified", priority="cmdline")
    return settings


class _Probe(Spider):
    """Asks one request after the other; what comes of each is a visit."""

    name = "probe"

    def __init__(self, look: Look, settle: Settle, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.portal = look.portal  # the middlewares ask for it
        self.allowed_domains = [host.name for host in look.portal.hosts]
        self.signs = Signs()  # the middlewares count there
        self._look, self._settle = look, settle
        self._pages: dict[object, Page] = {}  # nothing is asked for twice

    async def start(self) -> AsyncIterator[Request]:
        """Look at everything, one after the other."""
        home = await self._visit("home", Fetch(self.portal.home))
        if home.page is not None:
            self.portal = self._look.portal = self._settle(home.page)
            self._look.visits[0] = _with_reading(home, self.portal)
            await self._see_listings()
            await self._see_article()
        self._look.is_complete = True
        for_scheduler: tuple[Request, ...] = ()  # nothing is left, but Scrapy iterates over what starts
        for request in for_scheduler:
            yield request

    async def _see_listings(self) -> None:
        for fetch in get_platform(self.portal.platform).start(self.portal)[:LISTINGS]:
            await self._visit("listing", fetch)

    async def _see_article(self) -> None:
        """Read the first article listed, the home page's last; the next one when it turns out to be none."""
        home, *listings = self._look.visits
        listed = dict.fromkeys(hint.url for visit in (*listings, home) for hint in visit.reading.hints)
        for url in list(listed)[:ARTICLES]:
            visit = await self._visit("article", Fetch(url))
            if visit.reading.article is not None:
                return

    async def _visit(self, what: Literal["home", "listing", "article"], fetch: Fetch) -> Visit:
        asked = (fetch.url, fetch.form, fetch.json)
        page, failure = self._pages.get(asked), ""
        try:
            page = self._pages[asked] = page or await self._ask(fetch)
        except IgnoreRequest as refused:
            failure = _no_robots(self.signs.robots) if self.signs.robots else _in_words(refused)
        except Exception as error:  # noqa: BLE001  whatever it is that keeps an answer away
            failure = _in_words(error)
        visit = Visit(what, fetch.url, fetch.section or "", page, failure=failure)
        self._look.visits.append(visit if what == "home" else _with_reading(visit, self.portal))
        return self._look.visits[-1]

    async def _ask(self, fetch: Fetch) -> Page:
        """Return the answer at the end of redirects; raise IgnoreRequest when they leave the portal, or have no end."""
        request = request_for(fetch, meta={"dont_redirect": True})
        for _ in range(REDIRECTS + 1):
            try:
                response = await self._download(request)
            except IgnoreRequest as refused:
                raise _led_away(fetch, request, refused) from refused
            target = response.headers.get("Location") if 300 <= response.status < 400 else None
            if target is None:
                return page_of(response)
            request = Request(urljoin(response.url, target.decode("latin-1")), meta=request.meta, dont_filter=True)
        raise IgnoreRequest(f"redirected more than {REDIRECTS} times, at last to {request.url}")

    async def _download(self, request: Request) -> Response:
        assert self.crawler.engine is not None
        return await self.crawler.engine.download_async(request)


def _led_away(fetch: Fetch, request: Request, refused: IgnoreRequest) -> IgnoreRequest:
    return refused if request.url == fetch.url else IgnoreRequest(f"leads to {request.url}: {_in_words(refused)}")


def _with_reading(visit: Visit, portal: Portal) -> Visit:
    """Return the visit with what its page says, or why that cannot be read."""
    if visit.page is None or visit.page.status != 200:
        return visit
    try:
        return replace(visit, reading=read(visit.page, portal))
    except ExtractError as error:
        return replace(visit, failure=f"cannot be read: {error}")


def _no_robots(cause: Cause) -> str:
    return f"its robots.txt could not be had ({cause}), so nothing else is asked today; {ADVICE[cause]}"


def _in_words(error: BaseException) -> str:
    """Return what kept an answer away, and what may be done about it."""
    cause = cause_of_error(error)
    said = str(error) or type(error).__name__
    return said if cause == "unknown" else f"{said} ({cause}); {ADVICE[cause]}"
