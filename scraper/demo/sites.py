"""The simulated portals of `ansinh demo`: one web server on loopback that answers as six portals, by the Host header.

A site is `NAME.mophong.test` with any port; `NAME.localhost` works too, which browsers resolve by themselves. Requests
in absolute form are understood, so the server can also stand as the HTTP proxy of those hosts.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import NamedTuple, Self, cast
from urllib.parse import parse_qsl, urlsplit

from scraper.demo.answers import SESSION, TEXT, Answer, Request, fresh, page
from scraper.demo.cms import hnp, liferay, nukeviet, vnpt, websphere, wordpress
from scraper.demo.site import PORTALS_FILE, Site, load_sites

__all__ = ["PORTALS_FILE", "DemoSites", "Seen"]

DOMAIN = "mophong.test"
_MOST_FORM = 64 * 1024  # bytes of a POST that are read

_CMS: Mapping[str, Callable[[Site, Request], Answer]] = {
    "hnp": hnp.answer,
    "liferay": liferay.answer,
    "nukeviet": nukeviet.answer,
    "vnpt": vnpt.answer,
    "websphere": websphere.answer,
    "wordpress": wordpress.answer,
}
_JAVA = ("hnp", "liferay")


class Seen(NamedTuple):
    """One request that a site has answered; `path` is path and query as sent."""

    host: str
    method: str
    path: str
    status: int


class DemoSites:
    """The simulated portals on a port of 127.0.0.1, a free one for 0; as a context manager they run in a thread.

    Portals named in `broken` show their articles in a redesign that no platform can read.
    """

    def __init__(self, port: int = 0, broken: frozenset[str] = frozenset()) -> None:
        self.sites = {site.name: site for site in load_sites(broken)}
        self.requests: list[Seen] = []
        self._server = _Server(self, port)
        self._thread = threading.Thread(target=self.serve_forever, name="demo sites", daemon=True)

    @property
    def port(self) -> int:
        """The port that the sites listen on."""
        return self._server.server_port

    @property
    def addresses(self) -> dict[str, str]:
        """The address of each portal's home page, by the portal's name."""
        return {name: f"http://{name}.{DOMAIN}:{self.port}/" for name in self.sites}

    def answer(self, request: Request) -> Answer:
        """Return what the site of the request's host says, 404 for a host that is none; deterministic."""
        site = self.sites.get(request.host.partition(":")[0].partition(".")[0].lower())
        if site is None:
            return page(f"Không có trang mô phỏng nào tên là {request.host}.\n", 404, TEXT)
        return fresh(_with_cookie(_CMS[site.platform](site, request), site, request), request.headers)

    def serve_forever(self) -> None:
        """Answer requests until the process is interrupted; then stop listening."""
        try:
            self._server.serve_forever(poll_interval=0.1)
        finally:
            self._server.server_close()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()


def _with_cookie(answer: Answer, site: Site, request: Request) -> Answer:
    if site.platform not in _JAVA or not request.session:
        return answer
    cookie = ("Set-Cookie", f"JSESSIONID={SESSION}; Path=/; HttpOnly")
    return replace(answer, headers=(*answer.headers, cookie))


def _length(headers: Mapping[str, str]) -> int:
    said = headers.get("content-length", "")
    return min(int(said[:9]), _MOST_FORM) if said.isdecimal() else 0


class _Server(ThreadingHTTPServer):
    def __init__(self, sites: DemoSites, port: int) -> None:
        self.sites = sites
        super().__init__(("127.0.0.1", port), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing about a client that hung up; print any other error, as the base class does."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # only passed on


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:
        self._reply(self._request("GET"))

    def do_HEAD(self) -> None:
        self._reply(self._request("GET"))

    def do_POST(self) -> None:
        self._reply(self._request("POST"))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that the base class gave it
        """Say nothing: the caller's terminal belongs to the crawl."""

    def _request(self, method: str) -> Request:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        form = self.rfile.read(_length(headers)) if method == "POST" else b""
        path, _, _ = parts.path.partition(";")
        return Request(
            method=method,
            host=parts.netloc or headers.get("host", ""),
            target=f"{parts.path}?{parts.query}" if parts.query else parts.path,
            path=path or "/",
            query=dict(parse_qsl(parts.query)),
            form=dict(parse_qsl(form.decode("utf-8", "replace"))),
            headers=headers,
            body=form,
        )

    def _reply(self, request: Request) -> None:
        sites = cast(_Server, self.server).sites
        answer = sites.answer(request)
        sites.requests.append(Seen(request.host, self.command, request.target, answer.status))
        self.send_response_only(answer.status)  # no Date and no Server header: the same bytes at every run
        content = (("Content-Type", answer.mime), ("Content-Length", str(len(answer.body))))
        for name, value in (*answer.headers, *(content if answer.status != 304 else ())):
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)
