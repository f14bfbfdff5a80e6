"""Many small portals on one loopback server, told apart by the Host header, each of which may misbehave as a test says."""

from __future__ import annotations

import hashlib
import socketserver
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self
from urllib.parse import urlsplit

from tests.hostile.faults import HTML, Send, answer, raw
from tests.pages import article_page

PER_PAGE = 10
NOT_FOUND = raw(answer(b"<html><body><p>404</p></body></html>", status=b"404 Not Found"))


class Seen(NamedTuple):
    """One request as it came: when (seconds, monotonic), to which portal, for which path and query."""

    at: float
    name: str
    path: str


class Fleet:
    """NukeViet-shaped portals as a context manager; `misbehave(name, path)` may give another answer, or None.

    `articles` are pages by portal and number, which a test may change, add to and remove while the server runs.
    """

    def __init__(self, names: Sequence[str], count: int) -> None:
        self.names = names
        self.articles = {name: {n: page(name, n) for n in range(1, count + 1)} for name in names}
        self.misbehave: Callable[[str, str], Send | None] = lambda name, path: None
        self.requests: list[Seen] = []
        fleet = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                target = self.rfile.readline(65536).split()
                headers = dict[str, str]()
                while line := self.rfile.readline(65536).decode("latin-1").strip():
                    name, _, value = line.partition(":")
                    headers[name.lower()] = value.strip()
                if len(target) > 1:
                    fleet.answer(target[1].decode("latin-1"), headers.get("if-none-match", ""))(self.connection)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_: object) -> None:
                """The other side went away, as it may."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, target: str, etag: str) -> Send:
        parts = urlsplit(target)
        name = (parts.hostname or "").partition(".")[0]
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        self.requests.append(Seen(time.monotonic(), name, path))
        return self.misbehave(name, path) or self.well(name, parts.path, etag)

    def well(self, name: str, path: str, etag: str = "") -> Send:
        """Return what the portal says when nothing is wrong."""
        held = self.articles.get(name, {})
        if path.endswith(".html") and path[:-5].rpartition("-")[2].isdigit():
            body = held.get(int(path[:-5].rpartition("-")[2]))
            return _conditional(body, etag) if body else NOT_FOUND
        if path.startswith("/vi/news/tin-tuc/"):
            number = int(path.split("page-")[1].strip("/")) if "page-" in path else 1
            return raw(answer(listing(sorted(held, reverse=True), number)))
        return NOT_FOUND

    def paths(self, name: str) -> list[str]:
        """Return what a portal was asked for, robots.txt left out."""
        return [seen.path for seen in self.requests if seen.name == name and seen.path != "/robots.txt"]

    def prepare(self, data: Path, settings: str = "delay = 0.0\nfree_mb = 0") -> Path:
        """Write catalogue and settings that lead a crawl here."""
        (data / "portals").mkdir(parents=True)
        (data / "portals/fleet.toml").write_text("\n".join(map(_entry, self.names)))
        (data / "ansinh.toml").write_text(f'{settings}\nroutes = {{ "*.mophong.test" = "127.0.0.1:{self.port}" }}\n')
        return data


def page(name: str, number: int, edition: int = 1) -> bytes:
    body = [f"Huyện giảm {number} hộ nghèo trong năm 2022, theo báo cáo số {edition} của {name}."] * 5
    return article_page(title=f"Huyện giảm nghèo, bài số {number} của {name}", body=body)


def path_of(number: int) -> str:
    return f"/vi/news/tin-tuc/bai-so-{number}.html"


def listing(numbers: Sequence[int], shown: int) -> bytes:
    links = "".join(
        f'<h3><a href="{path_of(n)}">Bài số {n}</a></h3>' for n in numbers[(shown - 1) * PER_PAGE : shown * PER_PAGE]
    )
    last = -(-len(numbers) // PER_PAGE)
    pager = "".join(f'<li><a href="/vi/news/tin-tuc/page-{n}/">{n}</a></li>' for n in range(2, last + 1))
    return listing_page(links, pager)


def listing_page(links: str, pager: str) -> bytes:
    return f"""<html><head><meta name="generator" content="NukeViet v4.5"></head><body><div class="news_column">
<div class="panel-body">{links}</div></div><ul class="pagination">{pager}</ul></body></html>""".encode()


def refusal(status: str, after: str = "") -> Send:
    """Return an answer that says to come back later."""
    headers = HTML + (f"Retry-After: {after}\r\n".encode() if after else b"")
    return raw(answer(b"<html><body>busy</body></html>", headers, status.encode()))


def _conditional(body: bytes, etag: str) -> Send:
    tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    headers = HTML + f"ETag: {tag}\r\n".encode()
    return raw(b"HTTP/1.1 304 Not Modified\r\n" + headers + b"\r\n" if tag == etag else answer(body, headers))


def _entry(name: str) -> str:
    platform = "generic" if name.startswith("generic-") else "nukeviet"
    return f"""[[portal]]
name = "{name}"
title = "Trang {name}"
platform = "{platform}"
hosts = ["{name}.mophong.test"]
home = "http://{name}.mophong.test/"
units = [{{ place = "373", from = 2012-01-01, until = 2025-06-30 }}]
sections = {{ "Tin tức" = "/vi/news/tin-tuc/" }}
expects = {{ dated = 0.9 }}
"""
