"""What the simulated portals hear and say: one request, one answer, and the table of paths that joins them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import NamedTuple

from archive.models import digest
from scraper.demo.article import DemoArticle
from scraper.demo.files import file_bytes, media_type
from scraper.demo.site import Site

HTML = "text/html; charset=utf-8"
XML = "text/xml; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
JSON = "application/json; charset=UTF-8"

SESSION = "5C0A7E41D90B4F6E8A2B13D7.app2"


@dataclass(frozen=True, slots=True)
class Request:
    """One request: `target` is path and query as sent, `path` without session id; `headers` has lower-case names.

    `body` is what a POST sent; `form` is the same, read as a form.
    """

    method: str
    host: str
    target: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def base(self) -> str:
        """The site's address as the client wrote it: every CMS builds its absolute links from the Host header."""
        return f"http://{self.host}"

    @property
    def session(self) -> str:
        """What a Java server appends to its links until the client has shown a cookie."""
        return "" if "JSESSIONID" in self.headers.get("cookie", "") else f";jsessionid={SESSION}"

    @property
    def cursor(self) -> int:
        """The number that a paging parameter of Liferay (`…_cur`) asks for; 1 without one."""
        return number(next((value for name, value in self.query.items() if name.endswith("_cur")), "1"))


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; with an entity tag and a time it can be asked for conditionally (RFC 9110 section 13)."""

    body: bytes = b""
    status: int = 200
    mime: str = HTML
    headers: tuple[tuple[str, str], ...] = ()
    etag: str = ""
    modified: datetime | None = None


def number(text: str) -> int:
    """Return a positive whole number as typed in a URL; 1 for anything else."""
    return max(1, int(text)) if re.fullmatch(r"[0-9]{1,6}", text) else 1


def page(text: str, status: int = 200, mime: str = HTML) -> Answer:
    """Return a text as an answer, in UTF-8."""
    return Answer(text.encode(), status, mime)


def article_page(text: str, article: DemoArticle) -> Answer:
    """Return an article's page, to be asked for conditionally."""
    return Answer(text.encode(), etag=digest(text)[:16], modified=article.when)


def redirect(location: str) -> Answer:
    """Return a permanent redirection."""
    return Answer(status=301, headers=(("Location", location),))


FileUrl = Callable[[DemoArticle, str], str]


def find_file(site: Site, request: Request, file_url: FileUrl) -> Answer | None:
    """Return the image or attachment whose address was asked for."""
    for article in site.articles:
        for name in (*article.images, *article.attachments):
            if file_url(article, name) == request.target:
                return _download(name, file_bytes(name, (article.title, site.title, "Văn bản mô phỏng")))
    return None


def _download(name: str, data: bytes) -> Answer:
    disposition = () if name.endswith(".png") else (("Content-Disposition", f'attachment; filename="{name}"'),)
    return Answer(data, mime=media_type(name), headers=disposition, etag=digest(data)[:16])


def fresh(answer: Answer, headers: Mapping[str, str]) -> Answer:
    """Return the answer with its validators, or 304 without a body when the client holds it already."""
    validators: tuple[tuple[str, str], ...] = ()
    if answer.etag:
        validators += (("ETag", f'"{answer.etag}"'),)
    if answer.modified:
        validators += (("Last-Modified", http_date(answer.modified)),)
    answer = replace(answer, headers=answer.headers + validators)
    return replace(answer, status=304, body=b"") if _held(answer, headers) else answer


def _held(answer: Answer, headers: Mapping[str, str]) -> bool:
    if answer.status != 200:
        return False
    if answer.etag and "if-none-match" in headers:
        return f'"{answer.etag}"' in headers["if-none-match"]
    since = _parse_date(headers.get("if-modified-since", ""))
    return bool(answer.modified and since and since >= answer.modified)


def http_date(when: datetime) -> str:
    """Return the time as HTTP writes it, in GMT."""
    return format_datetime(when.astimezone(UTC), usegmt=True)


def _parse_date(text: str) -> datetime | None:
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def robots(rules: str, site: Site, request: Request, match: re.Match[str]) -> Answer:
    """Return a robots.txt; `{}` in it is the site's address."""
    return page(rules.format(request.base), mime=TEXT)


Handler = Callable[[Site, Request, re.Match[str]], Answer | None]


class Route(NamedTuple):
    """A path and who answers it; None from the handler means that there is no such page after all."""

    path: re.Pattern[str]
    handler: Handler
    method: str = "GET"


def dispatch(routes: tuple[Route, ...], site: Site, request: Request) -> Answer | None:
    """Return the first answer that a route with that method and path gives."""
    for route in routes:
        match = route.path.fullmatch(request.path)
        if match and route.method == request.method and (answer := route.handler(site, request, match)):
            return answer
    return None


def reply(
    site: Site,
    request: Request,
    routes: tuple[Route, ...],
    file_url: FileUrl,
    render: Callable[[Site, Request, str], str],
) -> Answer:
    """Return a file of an article, what a route answers, or the page for what is missing."""
    return (
        find_file(site, request, file_url)
        or dispatch(routes, site, request)
        or page(render(site, request, "missing.html"), 404)
    )
