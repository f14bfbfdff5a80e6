"""A NukeViet-shaped site on loopback whose pages a test may change, remove or replace while it runs."""

from __future__ import annotations

import hashlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Self

from tests.pages import article_page

HOST = "demo-doi-thay.mophong.test"
PORTAL = f"""[[portal]]
name = "doi-thay"
title = "Trang đổi thay"
platform = "nukeviet"
hosts = ["{HOST}"]
home = "http://{HOST}/"
units = [{{ place = "373", from = 2012-01-01, until = 2025-06-30 }}]
sections = {{ "Tin tức" = "/vi/news/tin-tuc/" }}
"""
PER_PAGE = 20


class Site:
    """Articles by number (1 is the oldest); `answers` override any path with (status, headers, body)."""

    def __init__(self, count: int) -> None:
        self.articles = {n: article_page(title=f"Huyện Gia Viễn giảm nghèo, bài số {n}") for n in range(1, count + 1)}
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.everything: tuple[int, dict[str, str], bytes] | None = None
        self.requests: list[tuple[str, int]] = []
        self.cookie = ""  # of the request at hand
        self._closed = False
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = "/" + self.path.split("://", 1)[-1].partition("/")[2] if "://" in self.path else self.path
                site.cookie = self.headers.get("Cookie", "")
                status, headers, body = site.answer(path, self.headers.get("If-None-Match", ""))
                site.requests.append((path, status))
                self.send_response(status)
                for name, value in {"Content-Type": "text/html; charset=utf-8", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._server.shutdown()
            self._server.server_close()

    def answer(self, path: str, etag: str) -> tuple[int, dict[str, str], bytes]:
        if self.everything is not None and path != "/robots.txt":
            return self.everything
        if path in self.answers:
            return self.answers[path]
        if path.endswith(".html"):
            return self._article(int(path[:-5].rsplit("-", 1)[1]), etag)
        if path.startswith("/vi/news/tin-tuc/"):
            return 200, {}, self._listing(path)
        return 404, {}, b"<html><body><p>404</p></body></html>"

    def _article(self, number: int, etag: str) -> tuple[int, dict[str, str], bytes]:
        if number not in self.articles:
            return 404, {}, b"<html><body><p>404</p></body></html>"
        body = self.articles[number]
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        return (304, {"ETag": tag}, b"") if etag == tag else (200, {"ETag": tag}, body)

    def _listing(self, path: str) -> bytes:
        page = int(path.split("page-")[1].strip("/")) if "page-" in path else 1
        numbers = sorted(self.articles, reverse=True)
        shown = numbers[(page - 1) * PER_PAGE : page * PER_PAGE]
        last = -(-len(numbers) // PER_PAGE)
        links = "".join(f'<h3><a href="{path_of(n)}">Bài số {n}</a></h3>' for n in shown)
        pager = "".join(f'<li><a href="/vi/news/tin-tuc/page-{n}/">{n}</a></li>' for n in range(2, last + 1))
        return f"""<html><head><meta name="generator" content="NukeViet v4.5"></head><body><div class="news_column">
<div class="panel-body">{links}</div></div><ul class="pagination">{pager}</ul></body></html>""".encode()

    def prepare(self, data: Path) -> None:
        """Write catalogue and settings that lead a crawl here."""
        (data / "portals").mkdir(parents=True, exist_ok=True)
        (data / "portals/doi-thay.toml").write_text(PORTAL)
        (data / "ansinh.toml").write_text(f'delay = 0.0\nroutes = {{ "*.mophong.test" = "127.0.0.1:{self.port}" }}\n')


def path_of(number: int) -> str:
    return f"/vi/news/tin-tuc/bai-so-{number}.html"
