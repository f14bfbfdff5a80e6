"""Evidence from web archives: a capture that another archive holds becomes a record of ours, dated when it was made.

A part is written as `captures/imported/<via>-<host>-<stamp>-<n>.warc.gz.open`, its sidecar `<name>.json` before it. Each
record goes to the system in one write, so that a process that is killed leaves only whole ones; the next `crawl`, `import`
or `rebuild` seals them.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Any

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.captures import METADATA_SCHEMA, Original, SealedFile, make_folder, now, payload_digest, write_durably
from archive.models import DataDir, Json, Via

PART_RECORDS = 200  # that are sealed and ingested together
PART_BYTES = 32 * 2**20
_NAME = re.compile(r"(?:wayback|commoncrawl)-[^/]+\.warc\.gz(?:\.open)?")


def is_archived(name: str) -> bool:
    """Say whether a file is called as parts are, sealed or in progress."""
    return _NAME.fullmatch(name) is not None and not name.endswith(".salvaged.warc.gz.open")


def other_parts(path: Path) -> list[Path]:
    """Return the other sealed parts that hold captures of the same host from the same archive; none for any other file."""
    if not is_archived(path.name):
        return []
    stem = path.name.rsplit("-", 2)[0]
    return sorted(part for part in path.parent.glob(f"{stem}-*.warc.gz") if part != path)


@dataclass(frozen=True, slots=True)
class Archived:
    """A capture in another archive: address and time (UTC with Z) of the page, digest there, where it was asked for."""

    url: str
    date: str
    digest: str
    source: str

    @property
    def record_id(self) -> str:
        """The id of our record of it: whoever imports the same capture from wherever has the same record."""
        return f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{self.date} {self.url} {self.digest}')}>"


@dataclass(frozen=True, slots=True)
class Answered:
    """What the page's server once said, as far as the archive tells: `headers` without those of the transfer."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes = b""

    def head(self) -> StatusAndHeaders:
        """Return status line and headers as a record holds them, each on one line."""
        reason = HTTPStatus(self.status).phrase if self.status in set(HTTPStatus) else "Unknown"
        headers = [(name, " ".join(value.split())) for name, value in self.headers]
        return StatusAndHeaders(f"{self.status} {reason}", headers, protocol="HTTP/1.1")


class ArchivedWriter:
    """Writes what is collected of one host, a new part whenever one is full."""

    def __init__(self, data: DataDir, via: Via, host: str, portal: str | None) -> None:
        """`portal` is a forced one; `host` becomes part of file names and must be a host name."""
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
        self._folder, self._stem = data.imported, f"{via}-{host}-{stamp}"
        self._said: Json = {"via": via, "portal": portal, "name": host}
        self._parts = self._records = 0
        self._sealed: SealedFile | None = None

    @property
    def is_full(self) -> bool:
        """Whether the part in progress should be sealed."""
        return self._sealed is not None and (self._records >= PART_RECORDS or self._sealed.file.tell() >= PART_BYTES)

    def write_response(self, archived: Archived, answered: Answered) -> Original:
        """Write a capture whose bytes are given; return what a repeat of it refers to."""
        http = answered.head()
        http.replace_header("Content-Length", str(len(answered.body)))
        buffer = BytesIO()
        writer = WARCWriter(buffer, gzip=True, warc_version="1.1")
        body = BytesIO(answered.body)
        record = writer.create_warc_record(
            archived.url,
            "response",
            payload=body,
            length=len(answered.body),
            http_headers=http,
            warc_headers_dict=_origin(archived),
        )
        self._append(buffer, writer, record)
        return Original(archived.url, archived.date, payload_digest(answered.body).removeprefix("sha1:"))

    def write_repeat(self, archived: Archived, answered: Answered, original: Original) -> None:
        """Write that a capture has the bytes of another one: a revisit record, by the word of the archive's index."""
        buffer = BytesIO()
        writer = WARCWriter(buffer, gzip=True, warc_version="1.1")
        record = writer.create_revisit_record(
            archived.url,
            f"sha1:{original.payload}",
            original.url,
            original.date,
            http_headers=answered.head(),
            warc_headers_dict=_origin(archived),
        )
        self._append(buffer, writer, record)

    def write_member(self, archived: Archived, member: bytes, record_id: str) -> None:
        """Write the record of another archive's WARC file as it is, one gzip member, and after it where it came from."""
        buffer = BytesIO(member)
        buffer.seek(len(member))
        writer = WARCWriter(buffer, gzip=True, warc_version="1.1")
        body = json.dumps({"schema": METADATA_SCHEMA, "source": archived.source}).encode()
        record = writer.create_warc_record(
            archived.url,
            "metadata",
            payload=BytesIO(body),
            length=len(body),
            warc_content_type="application/json",
            warc_headers_dict={"WARC-Refers-To": record_id},
        )
        self._append(buffer, writer, record)

    def seal(self) -> str | None:
        """Close the part in progress and return its file's name; None when nothing was written since the last."""
        if self._sealed is None:
            return None
        path, self._sealed = self._sealed.seal(), None
        return path.name

    def _append(self, buffer: BytesIO, writer: WARCWriter, record: Any) -> None:
        writer.write_record(record)
        sealed = self._sealed or self._open()
        sealed.file.write(buffer.getvalue())
        sealed.file.flush()
        self._records += 1

    def _open(self) -> SealedFile:
        self._parts, self._records = self._parts + 1, 0
        path = self._folder / f"{self._stem}-{self._parts:04}.warc.gz"
        make_folder(self._folder)
        said = json.dumps({**self._said, "imported_at": now()}, ensure_ascii=False, indent=1)
        write_durably(path.with_name(f"{path.name}.json"), said.encode())
        self._sealed = SealedFile(path)
        return self._sealed


def _origin(archived: Archived) -> dict[str, str]:
    """Return the WARC headers that say what is recorded when, and from where (Source-URI, Creation-Date as webrecorder's)."""
    return {
        "WARC-Record-ID": archived.record_id,
        "WARC-Date": archived.date,
        "WARC-Source-URI": archived.source,
        "WARC-Creation-Date": now(),
    }
