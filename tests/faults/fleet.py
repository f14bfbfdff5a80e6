"""Many small portals on one loopback server, told apart by the Host header, each of which may misbehave as a test says."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from tests.hostile.faults import HTML, Send, answer, raw
from tests.loopback import Loopback, listing, number_of, portal_entry, raw_server
from tests.pages import article_page

PER_PAGE = 10
NOT_FOUND = raw(answer(b"<html><body><p>404</p></body></html>", status=b"404 Not Found"))


class Seen(NamedTuple):
    """One request as it came: when (seconds, monotonic), to which portal, for which path and query."""

    at: float
    name: str
    path: str


class Fleet(Loopback):
    """NukeViet-shaped portals as a context manager; `misbehave(name, path)` may give another answer, or None.

    `articles` are pages by portal and number, which a test may change, add to and remove while the server runs.
    """

    def __init__(self, names: Sequence[str], count: int) -> None:
        super().__init__(raw_server(self.answer))
        self.names = names
        self.articles = {name: {n: page(name, n) for n in range(1, count + 1)} for name in names}
        self.misbehave: Callable[[str, str], Send | None] = lambda name, path: None
        self.requests: list[Seen] = []

    def answer(self, target: str, headers: Mapping[str, str]) -> Send:
        parts = urlsplit(target)
        name = (parts.hostname or "").partition(".")[0]
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        self.requests.append(Seen(time.monotonic(), name, path))
        return self.misbehave(name, path) or self.well(name, parts.path, headers.get("if-none-match", ""))

    def well(self, name: str, path: str, etag: str = "") -> Send:
        """Return what the portal says when nothing is wrong."""
        held = self.articles.get(name, {})
        if number := number_of(path):
            return _conditional(held[number], etag) if number in held else NOT_FOUND
        if path.startswith("/vi/news/tin-tuc/"):
            return raw(answer(listing(sorted(held, reverse=True), path, PER_PAGE)))
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
    return portal_entry(name, f"{name}.mophong.test", platform, "expects = { dated = 0.9 }")
