"""Asks web archives, politely: one request at a time, a pause between two, patience with an archive that is busy.

Whatever an archive sends is capped in size and time, and its redirects are followed on its own host only.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from archive.captures import decoded
from archive.models import ArchiveError
from scraper.configuration import LOOPBACK, OperatorSettings
from scraper.waiting import retry_after

MAX_LISTING = 64 * 2**20  # bytes of one page of an index, decoded
MAX_CAPTURE = 50 * 2**20  # of one capture, as crawls have it for attachments
ATTEMPTS = 8
_LONGEST_WAIT = 900.0  # seconds, whatever Retry-After says
_DEADLINE = 300.0  # seconds for one answer, however slowly it comes
_TIMEOUTS = (10.0, 60.0)  # to connect, and between two pieces
_REDIRECTS = (301, 302, 303, 307, 308)
_MAX_REDIRECTS = 5
_BUSY = (429, 500, 502, 503, 504)


class Unanswered(ArchiveError):
    """An archive that did not answer a request however often it was asked; what it gave before is kept."""


class Withheld(ArchiveError):
    """Something that an archive lists and does not give: blocked, lost, larger than the cap, or leading elsewhere."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of an archive; `body` is as it was sent, its Content-Encoding not undone."""

    url: str
    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        """Return the first header of a (lower-case) name; empty when there is none."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    @property
    def is_capture(self) -> bool:
        """Whether this is a replayed capture, whatever its status, and no word of the archive itself (RFC 7089)."""
        return bool(self.header("memento-datetime"))

    def text(self, most: int = MAX_LISTING) -> bytes:
        """Return the body decoded; raise Withheld when it unfolds to more than the cap or breaks off."""
        parts, size = list[bytes](), 0
        try:
            for part in decoded((self.body,), self.header("content-encoding")):
                parts.append(part)
                size += len(part)
                if size > most:
                    raise Withheld(f"{self.url}: says more than {most} bytes")
        except EOFError as error:
            raise Withheld(f"{self.url}: breaks off ({error})") from error
        return b"".join(parts)


class Client:
    """One session with archives for one operator."""

    def __init__(self, settings: OperatorSettings) -> None:
        """Without a `contact` in the settings only loopback is asked; `delay` is seconds between two requests."""
        self._settings, self._next = settings, 0.0
        self._session = requests.Session()
        self._session.headers.update({"User-Agent": settings.user_agent, "Accept-Encoding": "identity"})

    def get(
        self,
        url: str,
        params: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        most: int = MAX_LISTING,
    ) -> Answer:
        """Return the answer at a URL, `most` bytes at the most, asking again after pauses while the archive is busy.

        Raise Unanswered when it stays so; Withheld for a redirect to another host and for an answer that is too large;
        ArchiveError for a host that may not be asked.
        """
        self._check_contact(url)
        why = ""
        for attempt in range(ATTEMPTS):
            try:
                answer = self._follow(url, params, headers or {}, most)
            except (requests.exceptions.InvalidURL, urllib3.exceptions.LocationParseError) as error:
                raise Withheld(f"{url}: {error}") from error
            except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
                why, said = type(error).__name__, ""
            else:
                if answer.status not in _BUSY or answer.is_capture:
                    return answer
                why, said = f"HTTP {answer.status}", answer.header("retry-after")
            self._next = time.monotonic() + pause(said, attempt, self._settings.delay)
        raise Unanswered(f"{url}: no answer after {ATTEMPTS} attempts ({why}); run the same command again later")

    def _check_contact(self, url: str) -> None:
        host = urlsplit(url).hostname or ""
        if not self._settings.contact and host not in LOOPBACK:
            raise ArchiveError(
                f"set `contact` in ansinh.toml before asking {host}: archives must know whom to write to"
            )

    def _follow(self, url: str, params: Sequence[tuple[str, str]], headers: Mapping[str, str], most: int) -> Answer:
        """Ask, and follow redirects on the same host."""
        answer = self._ask(url, params, headers, most)
        for _ in range(_MAX_REDIRECTS):
            target = urljoin(answer.url, answer.header("location"))
            if answer.status not in _REDIRECTS or answer.is_capture or target == answer.url:
                return answer
            if _server(target) != _server(answer.url):
                raise Withheld(f"{url}: leads to another host, {target[:200]}")
            answer = self._ask(target, (), headers, most)
        raise Withheld(f"{url}: redirects again and again")

    def _ask(self, url: str, params: Sequence[tuple[str, str]], headers: Mapping[str, str], most: int) -> Answer:
        time.sleep(max(0.0, self._next - time.monotonic()))
        try:
            with self._session.get(
                url, params=list(params), headers=headers, timeout=_TIMEOUTS, allow_redirects=False, stream=True
            ) as response:
                body = _read(url, response.raw, most)
                return Answer(response.url, response.status_code, tuple(response.raw.headers.items()), body)
        finally:
            self._next = time.monotonic() + self._settings.delay


def _read(url: str, raw: urllib3.HTTPResponse, most: int) -> bytes:
    """Read a body as it is sent; raise Withheld when it is too large, ReadTimeoutError when it takes too long."""
    parts, size, until = list[bytes](), 0, time.monotonic() + _DEADLINE
    for part in raw.stream(1 << 16, decode_content=False):
        parts.append(part)
        size += len(part)
        if size > most:
            raise Withheld(f"{url}: more than {most} bytes")
        if time.monotonic() > until:
            raise requests.exceptions.ReadTimeout(f"{url}: not whole after {_DEADLINE:.0f} s")
    return b"".join(parts)


def _server(url: str) -> str:
    """Return the host and port of a URL, the default ports alike: archives redirect from http to https."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    return f"{parts.hostname}:{'' if port in (None, 80, 443) else port}" if parts.scheme in ("http", "https") else ""


def pause(header: str, attempt: int, delay: float) -> float:
    """Return how many seconds to wait: what a Retry-After header says, else 1, 2, 4 … times the delay."""
    said = retry_after(header, datetime.now(UTC))
    return min(_LONGEST_WAIT, max(delay, max(1.0, delay) * 2**attempt if said is None else said))


def in_words(status: int) -> str:
    """Return a status as people read it: "404 Not Found"."""
    return f"{status} {HTTPStatus(status).phrase}" if status in set(HTTPStatus) else str(status)
