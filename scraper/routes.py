"""Where requests may go: hosts that a setting routes elsewhere (the demo), and none but loopback without a contact."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatch
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Routes:
    """Downloader middleware: sends a request for a routed host through the address given for it."""

    def __init__(self, routes: Mapping[str, str], contact: str) -> None:
        """`routes` maps host patterns to "address:port"."""
        self._routes, self._contact = routes, contact

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read ANSINH_ROUTES and ANSINH_CONTACT."""
        return cls(crawler.settings.getdict("ANSINH_ROUTES"), crawler.settings.get("ANSINH_CONTACT", ""))

    def process_request(self, request: Request) -> None:
        """Route the request; raise IgnoreRequest for a host beyond loopback while no contact is set."""
        host = urlsplit(request.url).hostname or ""
        route = next((address for pattern, address in self._routes.items() if fnmatch(host, pattern)), None)
        target = route.rpartition(":")[0] if route else host
        if not self._contact and target not in _LOOPBACK:
            raise IgnoreRequest(
                f"set `contact` in ansinh.toml before crawling {host}: portals must know whom to write to"
            )
        if route:
            request.meta["proxy"] = f"http://{route}"
