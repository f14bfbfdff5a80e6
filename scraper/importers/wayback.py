"""The Internet Archive's Wayback Machine, and pywb, which answers nearly like it (portals.md sections 6 and 8)."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import Final, Literal
from urllib.parse import urlsplit

from archive.archived import Answered, Archived, ArchivedWriter
from archive.captures import Original
from archive.models import ArchiveError
from scraper.importers.cdx import UNWANTED, Line, Listing, Span, parse_arrays, parse_lines
from scraper.importers.client import MAX_CAPTURE, MAX_LISTING, Answer, Client, Withheld, in_words

_PAGE = 5000  # lines
_MAX_PAGE = 12 * 2**20  # bytes of these: an array is parsed as a whole
_ORIGINAL = "x-archive-orig-"
_TRANSFER = frozenset(("transfer-encoding", "content-length", "connection", "keep-alive", "content-encoding"))
_DEFAULT_PORT = re.compile(r"\A(?:(http://[^/?#]+):80|(https://[^/?#]+):443)(?=[/?#]|\Z)")


class Wayback:
    """An archive at a base address: with a path (https://host/collection/) it is asked as a pywb, without as Wayback."""

    via: Final[Literal["wayback"]] = "wayback"

    def __init__(self, client: Client, base: str) -> None:
        """`base` ends with a slash."""
        self._client = client
        self._is_pywb = urlsplit(base).path != "/"
        self._replay = base if self._is_pywb else f"{base}web/"
        self._index = f"{base}cdx" if self._is_pywb else f"{base}cdx/search/cdx"

    def find(self, host: str, span: Span) -> Listing:
        """Return what the archive holds of a host; raise ArchiveError when its index cannot be read."""
        if self._is_pywb:  # which sends everything at once
            return parse_lines(self._ask(_pywb_query(host, span), MAX_LISTING), host)
        found, keys, key = Listing(), set[str](), ""
        while key not in keys:
            keys.add(key)
            page = parse_arrays(self._ask(_wayback_query(host, span, key), _MAX_PAGE), host)
            found.add(page)
            if not page.resume_key:
                return found
            key = page.resume_key
        raise ArchiveError(f"{self._index}: the index gives the same resume key again and again")

    def keep(self, line: Line, writer: ArchivedWriter) -> Original:
        """Fetch a capture and write it; raise Withheld when the archive gives none, or another one."""
        archived = self.archived(line)
        answer = self._client.get(archived.source, most=MAX_CAPTURE)
        _check_replay(line, answer)
        return writer.write_response(archived, Answered(answer.status, _original_headers(answer), answer.body))

    def archived(self, line: Line) -> Archived:
        """Return a capture as it is recorded: at its address without a default port, which Wayback adds."""
        url = _DEFAULT_PORT.sub(lambda found: found[1] or found[2], line.url)
        return Archived(url, line.date, line.digest, f"{self._replay}{line.timestamp}id_/{line.url}")

    def _ask(self, query: list[tuple[str, str]], most: int) -> bytes:
        answer = self._client.get(self._index, query)
        if answer.status != 200:
            raise ArchiveError(f"{self._index}: the index answered {in_words(answer.status)}; is `wayback` right?")
        return answer.text(most)


def _wayback_query(host: str, span: Span, key: str) -> list[tuple[str, str]]:
    return [
        *_common(host, span),
        ("fl", "timestamp,original,mimetype,statuscode,digest"),
        ("filter", f"!mimetype:({UNWANTED}).*"),  # Java's regular expressions match the whole
        ("limit", str(_PAGE)),
        ("showResumeKey", "true"),
        *([("resumeKey", key)] if key else []),
    ]


def _pywb_query(host: str, span: Span) -> list[tuple[str, str]]:
    return [*_common(host, span), ("fl", "timestamp,url,mime,status,digest"), ("filter", f"!~mime:({UNWANTED}).*")]


def _common(host: str, span: Span) -> list[tuple[str, str]]:
    ends = [(name, value) for name, value in (("from", span.since), ("to", span.until)) if value]
    return [("url", host), ("matchType", "host"), ("output", "json"), *ends]


def _check_replay(line: Line, answer: Answer) -> None:
    """Raise Withheld for what is not this very capture: an answer of the archive itself, or the nearest other capture."""
    if not answer.is_capture:
        raise Withheld(f"{answer.url}: the archive answered {in_words(answer.status)}")
    try:
        replayed = parsedate_to_datetime(answer.header("memento-datetime")).strftime("%Y%m%d%H%M%S")
    except ValueError as error:
        raise Withheld(f"{answer.url}: does not say when it was captured") from error
    if replayed != line.timestamp:
        raise Withheld(f"{answer.url}: the archive gave the capture of {replayed}")
    if line.status not in (0, answer.status):
        raise Withheld(f"{answer.url}: answered {in_words(answer.status)}, the index says {line.status}")


def _original_headers(answer: Answer) -> list[tuple[str, str]]:
    """Return the headers of the page's own server as far as they are marked, its media type, and how the body is encoded now."""
    said = [(name[len(_ORIGINAL) :], value) for name, value in answer.headers if name.lower().startswith(_ORIGINAL)]
    headers = [(name, value) for name, value in said if name and name.lower() not in _TRANSFER]
    named = {name.lower() for name, _ in headers}
    now = [(name, answer.header(name.lower())) for name in ("Content-Type", "Content-Encoding")]
    return [*headers, *((name, value) for name, value in now if value and name.lower() not in named)]
