"""Scrapy's handler of HTTP, closed in a way that a busy process cannot upset."""

from __future__ import annotations

from contextlib import suppress

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet import defer

_PATIENCE = 1.0  # seconds for connections to close, as Scrapy has it


class Connections(HTTP11DownloadHandler):
    """Closes its idle connections when the spider does.

    Scrapy 2.19 fires what it waits for itself after a second, also when that has just come true while this process was
    busy for longer (a portal beside it was being indexed): a traceback in the log that says nothing of the crawl.
    """

    async def close(self) -> None:
        """Return when the connections are closed, or not closed in time."""
        from twisted.internet import reactor  # noqa: PLC0415  an import before Scrapy has chosen one would choose another

        closed: defer.Deferred[None] = self._pool.closeCachedConnections()  # type: ignore[no-untyped-call]
        closed.addTimeout(_PATIENCE, reactor)
        with suppress(defer.TimeoutError):
            await maybe_deferred_to_future(closed)
