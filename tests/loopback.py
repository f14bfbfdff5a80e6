"""Servers on loopback that a test starts and stops, and the NukeViet shape that most of their portals have."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from email.message import Message
from http.server import BaseHTTPRequestHandler
from socket import SO_REUSEADDR, SOL_SOCKET, socket
from socketserver import BaseRequestHandler, StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from types import TracebackType
from typing import NamedTuple, Self

from tests.hostile.faults import Send


class Loopback:
    """A server on a free port of 127.0.0.1; leaving it as a context manager, or `close`, stops it."""

    def __init__(self, handler: type[BaseRequestHandler]) -> None:
        self._server = _Server(("127.0.0.1", 0), handler)
        self.port: int = self._server.server_address[1]
        self._closed = False
        self._silent = socket()  # bound and not listening: who connects is refused
        self._silent.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        self._silent.close()

    def close(self) -> None:
        """Answer nobody any more; what is under way is finished. Until the end nobody else gets the port."""
        if not self._closed:
            self._closed = True
            self._server.shutdown()
            self._server.server_close()
            self._silent.bind(("127.0.0.1", self.port))


class _Server(ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """Say what is wrong with the test; the other side may go away."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class Said(NamedTuple):
    """A whole answer."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = {}


def http_server(answer: Callable[[str, Message], Said]) -> type[BaseRequestHandler]:
    """Return what answers each GET with what is said to its path and headers."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            said = answer(self.path, self.headers)
            self.send_response(said.status)
            for name, value in {"Content-Length": str(len(said.body)), **said.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said.body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def raw_server(answer: Callable[[str, Mapping[str, str]], Send]) -> type[BaseRequestHandler]:
    """Return what leaves each answer to a function that writes to the socket, for answers that are no HTTP.

    The names of headers are in lower case.
    """

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            target = self.rfile.readline(65536).split()
            headers = dict[str, str]()
            while line := self.rfile.readline(65536).decode("latin-1").strip():
                name, _, value = line.partition(":")
                headers[name.lower()] = value.strip()
            if len(target) > 1:
                answer(target[1].decode("latin-1"), headers)(self.connection)

    return Handler


# --- a portal like NukeViet's ------------------------------------------------------------------------------------


def portal_entry(name: str, host: str, platform: str = "nukeviet", more: str = "") -> str:
    """Return the catalogue entry of a portal with one section, and more lines or none."""
    return f"""[[portal]]
name = "{name}"
title = "Trang {name}"
platform = "{platform}"
hosts = ["{host}"]
home = "http://{host}/"
units = [{{ place = "373", from = 2012-01-01, until = 2025-06-30 }}]
sections = {{ "Tin tức" = "/vi/news/tin-tuc/" }}
{more}
"""


def path_of(number: int) -> str:
    return f"/vi/news/tin-tuc/bai-so-{number}.html"


def number_of(path: str) -> int | None:
    """Return the number of an article's path, None for another path."""
    number = path.removesuffix(".html").rpartition("-")[2]
    return int(number) if path.endswith(".html") and number.isdigit() else None


def listing(numbers: Sequence[int], path: str, per_page: int) -> bytes:
    """Return the page of a listing that a path asks for."""
    shown = int(path.split("page-")[1].strip("/")) if "page-" in path else 1
    links = "".join(
        f'<h3><a href="{path_of(n)}">Bài số {n}</a></h3>' for n in numbers[(shown - 1) * per_page : shown * per_page]
    )
    last = -(-len(numbers) // per_page)
    pager = "".join(f'<li><a href="/vi/news/tin-tuc/page-{n}/">{n}</a></li>' for n in range(2, last + 1))
    return listing_page(links, pager)


def listing_page(links: str, pager: str) -> bytes:
    return f"""<html><head><meta name="generator" content="NukeViet v4.5"></head><body><div class="news_column">
<div class="panel-body">{links}</div></div><ul class="pagination">{pager}</ul></body></html>""".encode()
