"""What the indexes of web archives say (CDX): Wayback's JSON arrays, pywb's and Common Crawl's JSON lines, CDXJ. Pure.

portals.md sections 6 and 8. Lines are hostile: what is no capture of the host is counted, never believed.
"""

from __future__ import annotations

import json
import re
from base64 import b32encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from archive.captures import is_address
from archive.models import ArchiveError
from scraper.catalogue import bare_host

MAX_LINES = 500_000  # of one import: some 250 MB of memory
MAX_URL = 2083
_MAX_LINE = 16 * 1024  # bytes; a longer one is not even parsed
REVISIT = "warc/revisit"
# Not kept: what no article needs to be read. Images are left out, for an index does not say which are of articles.
UNWANTED = (
    r"(image|audio|video|font)/|text/css|(text|application)/(x-)?(java|ecma)script|application/(font|x-shockwave)"
)
_UNWANTED = re.compile(UNWANTED)
_GONE = (404, 410)
_SHA1 = re.compile(r"[A-Z2-7]{32}")
_HEX = re.compile(r"[0-9A-F]{40}")
_NAMES = {"original": "url", "mimetype": "mime", "statuscode": "status"}  # Wayback's, as the others say it


class Span(NamedTuple):
    """From when until when, as the first digits of a timestamp (2012, 201506); empty is an open end."""

    since: str = ""
    until: str = ""

    def covers(self, timestamp: str) -> bool:
        """Say whether a timestamp of 14 digits lies in the span."""
        return timestamp[: len(self.since)] >= self.since and (
            not self.until or timestamp[: len(self.until)] <= self.until
        )


@dataclass(frozen=True, slots=True)
class Line:
    """One capture as an index lists it: `status` is 0 where the index leaves it open, `digest` base32 SHA-1 or empty.

    `filename`, `offset` and `length` say where its record lies, in indexes of WARC files.
    """

    url: str
    timestamp: str
    mime: str = ""
    status: int = 0
    digest: str = ""
    filename: str = ""
    offset: int = 0
    length: int = 0

    @property
    def date(self) -> str:
        """The time of the capture as WARC-Date writes it."""
        t = self.timestamp
        return f"{t[:4]}-{t[4:6]}-{t[6:8]}T{t[8:10]}:{t[10:12]}:{t[12:14]}Z"

    @property
    def is_html(self) -> bool:
        """Whether the index calls it a page."""
        return "html" in self.mime


@dataclass(slots=True)
class Listing:
    """The lines of an index about one host, how many were none, and the key of the next page."""

    lines: list[Line] = field(default_factory=list)
    malformed: int = 0
    resume_key: str = ""

    def add(self, other: Listing) -> None:
        """Take in another page."""
        self.lines += other.lines
        self.malformed += other.malformed
        self.check()

    def check(self) -> None:
        """Raise ArchiveError beyond the cap."""
        if len(self.lines) + self.malformed > MAX_LINES:
            raise ArchiveError(f"the index lists more than {MAX_LINES:,} captures; ask for fewer with --from and --to")


def parse_arrays(body: bytes, host: str) -> Listing:
    """Read a page of Wayback's index: a header row, rows, and after an empty one the key to resume by.

    Raise ArchiveError for anything but an array.
    """
    if not body.strip():
        return Listing()
    try:
        rows = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ArchiveError(f"the index answered with something else than JSON: {body[:80]!r}") from error
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise ArchiveError(f"the index answered with something else than rows: {body[:80]!r}")
    key = _resume_key(rows)
    rows = rows[:-2] if key else rows
    names = [str(name) for name in rows[0]] if rows else []
    found = _listing(
        (dict(zip(names, row, strict=False)) if len(row) == len(names) else None for row in rows[1:]), host
    )
    found.resume_key = key
    return found


def _resume_key(rows: list[list[Any]]) -> str:
    is_there = len(rows) > 1 and not rows[-2] and len(rows[-1]) == 1
    key = rows[-1][0] if is_there else ""
    return key if isinstance(key, str) and len(key) <= MAX_URL * 2 else ""


def parse_lines(body: bytes, host: str) -> Listing:
    """Read JSON lines, or those of a CDXJ file (`surt timestamp {json}`)."""
    return _listing((_parse(line) for line in BytesIO(body) if line.strip()), host)


def _parse(line: bytes) -> Any:
    if len(line) > _MAX_LINE:
        return None
    surt, brace, rest = line.partition(b"{")
    words = surt.decode("utf-8", "replace").split()
    try:
        said = json.loads(brace + rest)
    except (ValueError, RecursionError):
        return None
    return {"timestamp": words[1], **said} if len(words) == 2 else said


def _listing(rows: Iterable[Any], host: str) -> Listing:
    found = Listing()
    for row in rows:
        line = _line(row, host) if isinstance(row, Mapping) else None
        if line is None:
            found.malformed += 1
        else:
            found.lines.append(line)
        found.check()
    return found


def _line(row: Mapping[Any, Any], host: str) -> Line | None:
    """Return the capture that a row tells of; None when it is none, or of another host (any host for an empty one)."""
    said = {_NAMES.get(str(name), str(name)): str(value) for name, value in row.items()}
    url, timestamp = said.get("url", ""), said.get("timestamp", "")
    is_ours = _is_web(url) and (not host or bare_host(url) == host) and _is_moment(timestamp)
    if not is_ours:
        return None
    return Line(
        url,
        timestamp,
        (said.get("mime-detected") or said.get("mime", "")).lower()[:100],
        _number(said.get("status", "")),
        digest(said.get("digest", "")),
        said.get("filename", ""),
        _number(said.get("offset", "")),
        _number(said.get("length", "")),
    )


def digest(said: str) -> str:
    """Return a SHA-1 as base32, however an index writes it (with `sha1:`, hexadecimal); empty for anything else."""
    bare = said.upper().removeprefix("SHA1:")
    if _HEX.fullmatch(bare):
        return b32encode(bytes.fromhex(bare)).decode()
    return bare if _SHA1.fullmatch(bare) else ""


def _is_web(url: str) -> bool:
    try:
        scheme = urlsplit(url).scheme
    except ValueError:
        return False
    return scheme in ("http", "https") and is_address(url) and len(url) <= MAX_URL and "#" not in url


def _is_moment(timestamp: str) -> bool:
    if len(timestamp) != 14 or not (timestamp.isascii() and timestamp.isdigit()):
        return False
    try:
        return datetime.strptime(timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC).year > 1990
    except ValueError:
        return False


def _number(said: str) -> int:
    return int(said) if said.isascii() and said.isdigit() and len(said) <= 15 else 0


def worth_having(lines: Iterable[Line], span: Span) -> list[Line]:
    """Return the captures that tell something, pages first, each kind in the order of time.

    Those are all that answered 200 but images, styles, scripts and the like; revisits; and the first 404 or 410 after an
    answer, which tells when a page went. Redirects are left out: replays rewrite where they lead (portals.md section 8).
    """
    ordered = sorted(
        {line for line in lines if span.covers(line.timestamp)},
        key=lambda line: (line.timestamp, line.url, line.status),
    )
    wanted = [line for line in _telling(ordered) if not _UNWANTED.match(line.mime)]
    return sorted(wanted, key=lambda line: (not line.is_html, line.timestamp, line.url, line.digest, line.mime))


def _telling(ordered: Iterable[Line]) -> Iterator[Line]:
    answers: set[str] = set()  # addresses whose latest capture so far was an answer
    for line in ordered:
        if line.status == 200 or line.mime == REVISIT:
            answers.add(line.url)
            yield line
        elif line.status in _GONE and line.url in answers:
            answers.remove(line.url)
            yield line
