"""A loopback server of hostile portals: the host's name says what its robots.txt is, the article's number its fault."""

from __future__ import annotations

import os
import socketserver
from collections.abc import Mapping
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from tests.hostile.faults import Send, answer, faults, many, page, raw, redirect, reset

FULL = os.environ.get("ANSINH_FAULTS") == "full"
GOOD = 12  # articles of the harmless portal
ROBOTS: dict[str, Send] = {
    "robots-503": raw(answer(b"", status=b"503 Service Unavailable")),
    "robots-reset": reset,
    "robots-huge": raw(answer(b"User-agent: *\nAllow: /\n" * 60_000, b"Content-Type: text/plain\r\n")),
    "robots-html": raw(answer(b"<html><body>Disallow: nothing</body></html>")),
    "robots-closed": raw(answer(b"User-agent: *\nDisallow: /\n", b"Content-Type: text/plain\r\n")),
    "robots-429": raw(answer(b"", status=b"429 Too Many Requests")),
    "robots-404": raw(answer(b"", status=b"404 Not Found")),
    "robots-gzip-cut": raw(answer(b"\x1f\x8b\x08", b"Content-Encoding: gzip\r\n")),
}


def listings(port: int) -> dict[str, str]:
    """Portals whose listing, which no filter of Scrapy's holds back, redirects elsewhere."""
    return {
        "listing-off-site": "http://noi-khac.mophong.test/secret",
        "listing-127": f"http://127.0.0.1:{port}/secret",
        "listing-decimal": f"http://2130706433:{port}/secret",
        "listing-name": f"http://localhost:{port}/secret",
    }


class Hostile:
    """The server as a context manager; `requests` are (host, path) as they came."""

    def __init__(self) -> None:
        hostile = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                target = self.rfile.readline(65536).split()
                while self.rfile.readline(65536).strip():
                    pass
                if len(target) > 1:
                    hostile.answer(target[1].decode("latin-1"))(self.connection)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = daemon_threads = True

            def handle_error(self, *_: object) -> None:
                """The other side went away, as it should."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]
        self.faults: Mapping[str, Send] = {**faults(self.port), **(many(self.port) if FULL else {})}
        self.requests: list[tuple[str, str]] = []

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, target: str) -> Send:
        parts = urlsplit(target)
        name = (parts.hostname or "").partition(".")[0]
        self.requests.append((name, parts.path))
        if parts.path == "/robots.txt":
            return ROBOTS.get(name, raw(answer(b"", status=b"404 Not Found")))
        if parts.path.endswith(".html"):
            return self._article(name, int(parts.path[:-5].rsplit("-", 1)[1]))
        if name.startswith("listing-"):
            return redirect(listings(self.port)[name])
        if parts.path.startswith("/vi/news/tin-tuc/"):
            return raw(answer(_listing(len(self.faults) if name == "hostile" else GOOD)))
        return raw(answer(b"<html><body><p>404</p></body></html>", status=b"404 Not Found"))

    def _article(self, name: str, number: int) -> Send:
        return list(self.faults.values())[number - 1] if name == "hostile" else raw(answer(page(number)))

    def prepare(self, data: Path, *names: str) -> None:
        """Write catalogue and settings that lead a crawl here; nothing but our own rules keeps it from elsewhere."""
        (data / "portals").mkdir(parents=True, exist_ok=True)
        (data / "portals/hostile.toml").write_text("\n".join(map(_portal, names)))
        routes = f'{{ "refusing.mophong.test" = "127.0.0.1:9", "*.mophong.test" = "127.0.0.1:{self.port}" }}'
        (data / "ansinh.toml").write_text(f'contact = "ai-do@example.vn"\ndelay = 0.0\nroutes = {routes}\n')


def _portal(name: str) -> str:
    return f"""[[portal]]
name = "{name}"
title = "Trang {name}"
platform = "nukeviet"
hosts = ["{name}.mophong.test"]
home = "http://{name}.mophong.test/"
units = [{{ place = "373", from = 2012-01-01, until = 2025-06-30 }}]
sections = {{ "Tin tức" = "/vi/news/tin-tuc/" }}
"""


def _listing(count: int) -> bytes:
    links = "".join(f'<h3><a href="/vi/news/tin-tuc/bai-so-{n}.html">Bài số {n}</a></h3>' for n in range(1, count + 1))
    return f"""<html><head><meta name="generator" content="NukeViet v4.5"></head><body><div class="news_column">
<div class="panel-body">{links}</div></div></body></html>""".encode()
