"""Twenty kinds of hostile markup, captured, opened in a real browser: none runs, none loads (reliability.md section 3)."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from archive.models import Page
from tests.test_browser import browser, pytestmark, served
from tests.test_webui import FakeArchive

__all__ = ["browser", "pytestmark"]

# `RUN` marks the page when it runs; `URL` is noticed when it is loaded.
KINDS = {
    "script": "<script>RUN</script>",
    "script elsewhere": '<script src="URL"></script>',
    "error handler": '<img src="x:" onerror="RUN">',
    "load handler of the body": '<body onload="RUN">',
    "svg": '<svg onload="RUN"><script>RUN</script><image href="URL"/></svg>',
    "svg animation": '<svg><animate onbegin="RUN" attributeName="x" dur="1s"/></svg>',
    "mutation": '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x: onerror=RUN&gt;">',
    "noscript": '<noscript><p title="</noscript><img src=x: onerror=RUN>">',
    "frame": '<iframe src="URL"></iframe><iframe srcdoc="<script>RUN</script>"></iframe>',
    "frame of code": "<iframe src=\"javascript:parent.document.title='CHAY'\"></iframe>",
    "object": '<object data="URL"></object><embed src="URL">',
    "refresh": '<meta http-equiv="refresh" content="0;url=URL">',
    "base": '<base href="URL/"><img src="a.png"><a href="b">b</a>',
    "style sheet": '<link rel="stylesheet" href="URL"><style>@import "URL"; body { background: url(URL) }</style>',
    "style": '<p style="background:url(URL)">a</p><p style="behavior:url(URL);-moz-binding:url(URL)">b</p>',
    "image": '<img src="URL"><img srcset="URL 1x"><picture><source srcset="URL"><img></picture><input type="image" src="URL">',
    "media": '<video src="URL" poster="URL" autoplay></video><audio src="URL" autoplay></audio><track src="URL">',
    "form that sends itself": '<form action="URL"><input autofocus onfocus="RUN"></form><script>document.forms[0].submit()</script>',
    "opened details": '<details open ontoggle="RUN"><summary>a</summary></details><marquee onstart="RUN">a</marquee>',
    "preload": '<link rel="preload" as="image" href="URL"><link rel="prefetch" href="URL"><link rel="icon" href="URL">',
    "unclosed": '<textarea><img title="</textarea><img src=x: onerror=RUN>"><xmp><p title="</xmp><script>RUN</script>">',
    "requests": "<script>fetch('URL', {mode: 'no-cors'}); navigator.sendBeacon('URL'); open('URL')</script>",
    "animation of style": '<style>@keyframes a{}</style><p style="animation-name:a" onanimationstart="RUN">a</p>',
}
# Code in a frame runs in an origin of its own when the page is a file; mutations run only in what a sanitiser has left.
NEVER_BY_THEMSELVES = {"frame of code", "mutation"}


# Seconds; the controls below run or load within a tenth of one.
PATIENCE = 1.5 if os.environ.get("ANSINH_FAULTS") == "full" else 0.4


class Listener(BaseHTTPRequestHandler):
    seen: list[str] = []

    def do_GET(self) -> None:
        self.seen.append(self.path)
        self.send_response(404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    """The address of a server that remembers whoever asks it."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Listener) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Captured(FakeArchive):
    body = b""

    def read_capture(self, id: str) -> Page:
        return Page(self.get_capture(id).url, self.body, 200, {"content-type": "text/html; charset=utf-8"})


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(Captured, tmp_path_factory.mktemp("data")) as address:
        yield f"{address}/captures/CAP0001"


def markup(kind: str, elsewhere: str, mark: str) -> str:
    """Return a page with hostile markup; what it loads bears a mark of its own, for an earlier page may still be loading."""
    hostile = KINDS[kind].replace("RUN", "document.title='CHAY'").replace("URL", f"{elsewhere}/tai-{mark}")
    return f"<!DOCTYPE html><html><head><title>Trang</title></head><body><p>Huyện giảm 120 hộ nghèo.</p>{hostile}</body></html>"


def is_alive(browser: Chrome, address: str, mark: str, patience: float) -> bool:
    """Say whether the page at the address ran or loaded anything."""
    browser.get(address)
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if browser.title == "CHAY" or any(f"/tai-{mark}" in path for path in Listener.seen):
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("kind", KINDS)
def test_a_hostile_capture_runs_and_loads_nothing(browser: Chrome, shown: str, elsewhere: str, kind: str) -> None:
    mark = f"guarded-{list(KINDS).index(kind)}-"
    Captured.body = markup(kind, elsewhere, mark).encode()
    assert not is_alive(browser, shown, mark, PATIENCE)
    assert "giảm 120 hộ nghèo" in browser.page_source


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - NEVER_BY_THEMSELVES))
def test_control_the_same_markup_unguarded_runs_or_loads(
    browser: Chrome, elsewhere: str, tmp_path: Path, kind: str
) -> None:
    page = tmp_path / "unguarded.html"
    mark = f"unguarded-{list(KINDS).index(kind)}-"
    page.write_text(markup(kind, elsewhere, mark), "utf-8")
    assert is_alive(browser, page.as_uri(), mark, 60.0)
