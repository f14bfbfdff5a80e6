"""A WARC record as the archive reads it, a file that breaks inside one, and the names of our own records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from archive.models import ArchiveError, Page, short_id

RUN_URI = "urn:x-ansinh:run:"
METADATA_SCHEMA = 1  # of our metadata records; those written before there was a number are of schema 1
TEXT_URI = "urn:x-ansinh:"
TRUNCATED = "warc-truncated"  # the header of a page that did not arrive whole, see `Record.truncated`
TEXT_MIME = "application/x-ansinh-text+json"  # one line of an imported .jsonl file: text that came without its page


class WarcDamaged(ArchiveError):
    """A WARC file that ends or breaks inside a record; `offset` is where the last whole record ends."""

    def __init__(self, path: Path, offset: int, why: str) -> None:
        """Say which file is damaged, from which byte on, and what that means."""
        super().__init__(f"{path}: damaged from byte {offset} on ({why}); its whole records are salvaged")
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Record:
    """One WARC record as the archive reads it; `headers` has lower-case names, `body` is decoded and capped."""

    type: str
    id: str
    url: str
    date: str
    offset: int
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    payload_digest: str = ""
    mime: str = ""
    truncated: str = ""  # why the body is not whole, in the words of WARC-Truncated

    @property
    def capture_id(self) -> str:
        """The capture's permanent id, from the record's own: the same record in another file is the same capture."""
        return short_id("capture", self.id, self.url, self.date)

    @property
    def sha256(self) -> str:
        """The SHA-256 of the decoded payload."""
        return sha256(self.body).hexdigest()

    def page(self) -> Page:
        """Return the response as extraction sees it."""
        marks = {TRUNCATED: self.truncated} if self.truncated else {}
        return Page(self.url, self.body, self.status, {"content-type": self.mime, **self.headers, **marks}, self.date)


def now() -> str:
    """Return the present time in UTC with seconds and Z."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def is_address(url: str) -> bool:
    """Say whether a string can stand as an address in a WARC header: one line of printable characters, no blanks."""
    return bool(url) and url.isprintable() and " " not in url
