"""Connections are closed at the end of a crawl, however busy the process is meanwhile."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.utils.defer import deferred_from_coro
from scrapy.utils.reactor import install_reactor
from twisted.internet.defer import Deferred

from scraper.crawl.connections import Connections
from tests import forked


class Pool:
    """Connections that are said to be closed when a test wants it."""

    def __init__(self) -> None:
        self.closed: Deferred[None] = Deferred()

    def closeCachedConnections(self) -> Deferred[None]:
        return self.closed


def close(handler: type[HTTP11DownloadHandler], is_busy: bool) -> None:
    """Close a handler in a process that computes for more than a second just before its connections are closed, or never are."""
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet import reactor

    closing, pool = handler.__new__(handler), Pool()
    closing.__dict__.update(_pool=pool, _disconnect_timeout=1)

    def compute() -> None:
        time.sleep(1.2)
        asyncio.get_event_loop().call_soon(pool.closed.callback, None)

    def ended(result: object) -> None:
        print(f"ended: {result}", flush=True)  # noqa: T201  read by the test
        reactor.callLater(0.1, reactor.stop)

    def begin() -> None:
        deferred_from_coro(closing.close()).addBoth(ended)
        if is_busy:
            reactor.callLater(0.05, compute)

    reactor.callWhenRunning(begin)
    reactor.run()


@pytest.mark.parametrize("is_busy", [True, False], ids=["busy", "never closed"])
@pytest.mark.parametrize("handler", [Connections, HTTP11DownloadHandler])
def test_a_process_that_computes_while_connections_close_does_not_complain(
    tmp_path: Path, handler: type[HTTP11DownloadHandler], is_busy: bool
) -> None:
    out, err = tmp_path / "out", tmp_path / "err"
    child = forked.start(out, err, close, handler, is_busy)
    child.join(240)
    assert child.exitcode == 0, err.read_text()
    assert out.read_text() in ("ended: None\n", "ended: ()\n")
    is_scrapys = handler is HTTP11DownloadHandler  # the control
    assert ("AlreadyCalledError" in err.read_text()) == (is_scrapys and is_busy)
