"""A server that answers 429 or 503 is left in peace for as long as it asks, or longer each time."""

from __future__ import annotations

from datetime import UTC, datetime
from time import monotonic
from typing import Self

from scrapy import Request, signals
from scrapy.core.downloader import Slot
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from archive.runs import Cause
from scraper.crawl.signs import cause_of_status, signs_of
from scraper.waiting import retry_after

_BUSY = (429, 503)
_LONGEST = 120.0  # seconds that a portal is waited for in one night; who asks for more is left until the next
_BACK_OFF = 60.0  # the most where the server does not say how long
_IN_A_ROW = 20  # refusals without another answer between them, after which the portal is left for tonight


class Patience:
    """Extension beside Scrapy's retries, which ask again at once and do not read Retry-After.

    The whole host rests (RFC 9110 section 10.2.3), through its slot: what is queued for it waits as well, and no other
    portal does.
    """

    def __init__(self, crawler: Crawler) -> None:
        """Look at each answer before the next request goes out."""
        self._crawler, self._refusals = crawler, 0
        crawler.signals.connect(self._answered, signals.response_downloaded)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Watch the crawler's spider."""
        return cls(crawler)

    def _answered(self, request: Request, response: Response) -> None:
        """Let the host rest, or leave the portal for tonight, when it says that it is busy."""
        if response.status not in _BUSY:
            self._refusals = 0
            return
        signs = signs_of(self._crawler.spider)
        if signs.refusal:
            return
        self._refusals += 1
        said = (response.headers.get("Retry-After") or b"").decode("latin-1")
        asked = retry_after(said, datetime.now(UTC))
        assert self._crawler.engine is not None
        slot = self._crawler.engine.downloader.slots[request.meta["download_slot"]]
        if (asked or 0) > _LONGEST or self._refusals >= _IN_A_ROW:
            request.meta["dont_retry"] = True
            how = f"{self._refusals} times in a row" if asked is None else f"Retry-After {asked:.0f} s"
            why = f"the server asks for patience (HTTP {response.status}, {how}); left for tonight"
            leave(self._crawler, cause_of_status(response.status), why)
        else:
            delay = self._crawler.settings.getfloat("DOWNLOAD_DELAY")
            _rest(slot, min(delay * 2.0**self._refusals, _BACK_OFF) if asked is None else asked)


def leave(crawler: Crawler, cause: Cause, said: str) -> None:
    """Ask a portal for nothing more tonight (`Routes` refuses what comes), not even for what is queued, and say why."""
    signs_of(crawler.spider).refusal = cause, said
    assert crawler.engine is not None
    for slot in crawler.engine.downloader.slots.values():
        while slot.queue:
            _, waiting = slot.queue.popleft()
            waiting.errback(IgnoreRequest(said))


def _rest(slot: Slot, seconds: float) -> None:
    """Ask a host for nothing for so long: its slot counts as used until then."""
    if seconds:
        slot.delay = max(slot.delay, 0.001)  # of a slot without a delay nobody asks when it was used
        slot.lastseen = max(slot.lastseen, monotonic() + seconds - slot.delay)
