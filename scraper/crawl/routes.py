"""Where requests may go: a portal's own hosts and named hosts in Vietnam; hosts that a setting routes elsewhere (the demo);
none but loopback without a contact."""

from __future__ import annotations

from typing import Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest

from scraper.configuration import OperatorSettings
from scraper.crawl.addresses import is_public, literal
from scraper.crawl.signs import signs_of

_PAGE_BYTES = 10 * 1024 * 1024  # of a page, decoded; files of articles may have DOWNLOAD_MAXSIZE


class Refused(IgnoreRequest):
    """A request that would go where nothing of a portal is: to another site, or into the local network."""


class Routes:
    """Downloader middleware: sends a request for a routed host through the address given for it.

    Scrapy lets redirects of listings (`dont_filter`) and of attachments go anywhere; every request passes here.
    """

    def __init__(self, operator: OperatorSettings, crawler: Crawler) -> None:
        """Of the operator's settings `contact` and `routes` count here."""
        self._operator, self._crawler = operator, crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read ANSINH_ROUTES and ANSINH_CONTACT."""
        said = crawler.settings
        return cls(OperatorSettings(said.get("ANSINH_CONTACT", ""), routes=said.getdict("ANSINH_ROUTES")), crawler)

    def process_request(self, request: Request) -> None:
        """Route the request; raise Refused for a host out of scope, and for one beyond loopback without a contact."""
        if signs_of(self._crawler.spider).refusal:
            raise IgnoreRequest("the server asked for patience; left for tonight")
        host = urlsplit(request.url).hostname or ""
        is_file = bool(request.meta.get("allow_offsite"))
        self._check_scope(host, is_file)
        if not is_file:
            request.meta.setdefault("download_maxsize", _PAGE_BYTES)
        if not self._operator.may_ask(host):
            signs_of(self._crawler.spider).has_no_contact = True
            raise Refused(f"set `contact` in ansinh.toml before crawling {host}: portals must know whom to write to")
        route = self._operator.route(host)
        if route:
            request.meta["proxy"] = f"http://{route}"

    def _check_scope(self, host: str, is_file: bool) -> None:
        """Raise Refused for what is neither the portal's nor, if it is a file of an article, on a named host in Vietnam."""
        own: list[str] = getattr(self._crawler.spider, "allowed_domains", [])
        if host in own:  # the operator's word, even for an address
            return
        address = literal(host)
        if address is not None:
            what = "an address, not a name" if is_public(address) else "no public address"
            raise Refused(f"{host} is {what}; it is not asked")
        if not any(host.endswith(f".{name}") for name in own) and not (is_file and host.endswith(".vn")):
            raise Refused(f"{host} is no host of the portal; it is not asked")
