"""A NukeViet-shaped site on loopback whose pages a test may change, remove or replace while it runs."""

from __future__ import annotations

import hashlib
from email.message import Message
from pathlib import Path

from tests.loopback import Loopback, Said, http_server, listing, number_of, portal_entry
from tests.pages import article_page

HOST = "demo-doi-thay.mophong.test"
PORTAL = portal_entry("doi-thay", HOST)
PER_PAGE = 20


class Site(Loopback):
    """Articles by number (1 is the oldest); `answers` override any path with (status, headers, body)."""

    def __init__(self, count: int) -> None:
        super().__init__(http_server(self._said))
        self.articles = {n: article_page(title=f"Huyện Gia Viễn giảm nghèo, bài số {n}") for n in range(1, count + 1)}
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.everything: tuple[int, dict[str, str], bytes] | None = None
        self.requests: list[tuple[str, int]] = []
        self.cookie = ""  # of the request at hand

    def _said(self, target: str, headers: Message) -> Said:
        path = "/" + target.split("://", 1)[-1].partition("/")[2] if "://" in target else target
        self.cookie = headers.get("Cookie", "")
        status, more, body = self.answer(path, headers.get("If-None-Match", ""))
        self.requests.append((path, status))
        return Said(status, body, {"Content-Type": "text/html; charset=utf-8", **more})

    def answer(self, path: str, etag: str) -> tuple[int, dict[str, str], bytes]:
        if self.everything is not None and path != "/robots.txt":
            return self.everything
        if path in self.answers:
            return self.answers[path]
        if number := number_of(path):
            return self._article(number, etag)
        if path.startswith("/vi/news/tin-tuc/"):
            return 200, {}, listing(sorted(self.articles, reverse=True), path, PER_PAGE)
        return 404, {}, b"<html><body><p>404</p></body></html>"

    def _article(self, number: int, etag: str) -> tuple[int, dict[str, str], bytes]:
        if number not in self.articles:
            return 404, {}, b"<html><body><p>404</p></body></html>"
        body = self.articles[number]
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        return (304, {"ETag": tag}, b"") if etag == tag else (200, {"ETag": tag}, body)

    def prepare(self, data: Path) -> None:
        """Write catalogue and settings that lead a crawl here."""
        (data / "portals").mkdir(parents=True, exist_ok=True)
        (data / "portals/doi-thay.toml").write_text(PORTAL)
        (data / "ansinh.toml").write_text(f'delay = 0.0\nroutes = {{ "*.mophong.test" = "127.0.0.1:{self.port}" }}\n')
