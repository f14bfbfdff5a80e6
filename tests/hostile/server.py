"""A loopback server of hostile portals: the host's name says what its robots.txt is, the article's number its fault."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from tests.hostile.faults import Send, answer, faults, many, page, raw, redirect, reset
from tests.loopback import Loopback, listing, number_of, portal_entry, raw_server

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


class Hostile(Loopback):
    """The server as a context manager; `requests` are (host, path) as they came."""

    def __init__(self) -> None:
        super().__init__(raw_server(self.answer))
        self.faults: Mapping[str, Send] = {**faults(self.port), **(many(self.port) if FULL else {})}
        self.requests: list[tuple[str, str]] = []

    def answer(self, target: str, headers: Mapping[str, str]) -> Send:
        parts = urlsplit(target)
        name = (parts.hostname or "").partition(".")[0]
        self.requests.append((name, parts.path))
        if parts.path == "/robots.txt":
            return ROBOTS.get(name, raw(answer(b"", status=b"404 Not Found")))
        if number := number_of(parts.path):
            return self._article(name, number)
        if name.startswith("listing-"):
            return redirect(listings(self.port)[name])
        if parts.path.startswith("/vi/news/tin-tuc/"):
            count = len(self.faults) if name == "hostile" else GOOD
            return raw(answer(listing(range(1, count + 1), parts.path, count)))
        return raw(answer(b"<html><body><p>404</p></body></html>", status=b"404 Not Found"))

    def _article(self, name: str, number: int) -> Send:
        return list(self.faults.values())[number - 1] if name == "hostile" else raw(answer(page(number)))

    def prepare(self, data: Path, *names: str) -> None:
        """Write catalogue and settings that lead a crawl here; nothing but our own rules keeps it from elsewhere."""
        (data / "portals").mkdir(parents=True, exist_ok=True)
        (data / "portals/hostile.toml").write_text(
            "\n".join(portal_entry(name, f"{name}.mophong.test") for name in names)
        )
        routes = f'{{ "refusing.mophong.test" = "127.0.0.1:9", "*.mophong.test" = "127.0.0.1:{self.port}" }}'
        (data / "ansinh.toml").write_text(f'contact = "ai-do@example.vn"\ndelay = 0.0\nroutes = {routes}\n')
