"""Evidence in, evidence out: the one module that reads and writes WARC files (ISO 28500, WARC/1.1).

A file in progress is called `<name>.warc.gz.open`. It is verified member by member, fsynced and renamed before anybody
names it; it is never appended to after a crash and never rewritten.
"""

from __future__ import annotations

import json
import os
import uuid
import zlib
from base64 import b32encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from gzip import GzipFile
from hashlib import sha1, sha256
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.models import ArchiveError, Json, Page, short_id

MAX_BODY = 64 * 1024 * 1024  # a record's decoded body beyond this is cut (reliability.md section 3)
ROLL_BYTES = 64 * 1024 * 1024
RUN_URI = "urn:x-ansinh:run:"
TEXT_URI = "urn:x-ansinh:"
TEXT_MIME = "application/x-ansinh-text+json"  # one line of an imported .jsonl file: text that came without its page


class WarcDamaged(ArchiveError):
    """A WARC file that ends or breaks inside a record; `offset` is where the last whole record ends."""

    def __init__(self, path: Path, offset: int, why: str) -> None:
        """Say which file is damaged, from which byte on, and what that means."""
        super().__init__(f"{path}: damaged from byte {offset} on ({why}); the records before it can be read")
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
    refers_to: str = ""
    mime: str = ""

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
        return Page(self.url, self.body, self.status, {"content-type": self.mime, **self.headers}, self.date)


def now() -> str:
    """Return the present time in UTC with seconds and Z."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# --- reading -------------------------------------------------------------------------------------------------


def members(path: Path) -> Iterator[tuple[int, int]]:
    """Yield (offset, length) of every gzip member; raise WarcDamaged where one is cut, broken or followed by garbage.

    warcio reads a cut last member without complaint (webrecorder/warcio#138), so every file passes here first.
    """
    with path.open("rb") as file:
        start, pending = 0, b""
        while True:
            pending = pending or file.read(1 << 16)
            if not pending:
                return
            length, pending = _member_length(path, file, start, pending)
            yield start, length
            start += length


def _member_length(path: Path, file: BinaryIO, start: int, pending: bytes) -> tuple[int, bytes]:
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
    length = 0
    while not inflate.eof:
        if not pending:
            raise WarcDamaged(path, start, "a record is cut short")
        try:
            chunk = pending
            while chunk:  # 1 MiB at a time, so that a bomb costs no memory
                inflate.decompress(chunk, 1 << 20)
                chunk = inflate.unconsumed_tail
        except zlib.error as error:
            raise WarcDamaged(path, start, f"not a gzip member: {error}") from error
        length += len(pending) - len(inflate.unused_data)
        pending = inflate.unused_data if inflate.eof else file.read(1 << 16)
    return length, pending


def read_warc(path: Path) -> Iterator[Record]:
    """Yield the records of a .warc or .warc.gz file in order; raise WarcDamaged at the first that cannot be read."""
    with path.open("rb") as file:
        reader = ArchiveIterator(file)
        offset = 0
        try:
            for raw in reader:
                body = _body(raw)  # first, for asking the offset skips what has not been read
                offset = reader.get_record_offset()
                yield _record(raw, offset, body)
        except (ArchiveLoadFailed, zlib.error, EOFError, UnicodeDecodeError) as error:
            raise WarcDamaged(path, offset, str(error).strip().splitlines()[0]) from error


def read_record(path: Path, offset: int) -> Record:
    """Return the record that starts at the offset; raise ArchiveError when there is none."""
    try:
        with path.open("rb") as file:
            file.seek(offset)
            raw = next(iter(ArchiveIterator(file)))
            return _record(raw, offset, _body(raw))
    except FileNotFoundError as error:
        raise ArchiveError(f"{path}: the evidence file is missing; restore it from a backup of captures/") from error
    except (StopIteration, ArchiveLoadFailed, zlib.error, EOFError) as error:
        raise WarcDamaged(path, offset, "no record starts here") from error


def _body(raw: Any) -> bytes:
    if raw.rec_type not in ("response", "resource", "metadata", "warcinfo"):
        return b""
    stream, chunks, size = raw.content_stream(), [], 0
    while size < MAX_BODY and (chunk := stream.read(1 << 16)):
        chunks.append(chunk)
        size += len(chunk)
    return b"".join(chunks)


def _record(raw: Any, offset: int, body: bytes) -> Record:
    head = raw.rec_headers.get_header
    http = raw.http_headers
    headers = {name.lower(): value for name, value in http.headers} if http else {}
    return Record(
        type=raw.rec_type,
        id=head("WARC-Record-ID") or "",
        url=(head("WARC-Target-URI") or "").strip("<>"),
        date=_utc(head("WARC-Date") or ""),
        offset=offset,
        status=_status(http),
        headers=headers,
        body=body,
        payload_digest=(head("WARC-Payload-Digest") or "").removeprefix("sha1:").upper(),
        refers_to=head("WARC-Concurrent-To") or head("WARC-Refers-To") or "",
        mime=(headers.get("content-type") or head("Content-Type") or "").partition(";")[0].strip().lower(),
    )


def _status(http: StatusAndHeaders | None) -> int:
    code = http.get_statuscode() if http else "200"
    return int(code) if code.isdigit() else 0


def _utc(date: str) -> str:
    """Cut fractions of a second: 2026-11-21T21:34:57.123456Z and ...57Z are one time to us."""
    return f"{date[:19]}Z" if len(date) >= 19 else date


def has_member_per_record(path: Path) -> bool:
    """Say whether records can be read by offset: gzipped, one member a record."""
    with path.open("rb") as file:
        if file.read(2) != b"\x1f\x8b":
            return False
        file.seek(0)
        try:
            reader = ArchiveIterator(file, no_record_parse=True)
            next(reader)
            next(reader, None)
        except ArchiveLoadFailed:
            return False
        except StopIteration:
            return True
        second: int = reader.get_record_offset()
        return second > 0


def repack(source: Path, target: Path) -> None:
    """Write the records of a WARC again as one gzip member each, ids and bytes unchanged; raise WarcDamaged."""
    with SealedFile(target) as sealed, source.open("rb") as file:
        writer = WARCWriter(sealed.file, gzip=True)
        try:
            for record in ArchiveIterator(_inflated(file)):
                writer.write_record(record)
        except (ArchiveLoadFailed, zlib.error, EOFError) as error:
            raise WarcDamaged(source, 0, str(error).strip().splitlines()[0]) from error


def _inflated(file: BinaryIO) -> BinaryIO:
    head = file.read(2)
    file.seek(0)
    return GzipFile(fileobj=file) if head == b"\x1f\x8b" else file  # type: ignore[return-value]


# --- writing -------------------------------------------------------------------------------------------------


def fsync_directory(path: Path) -> None:
    """Make the names in a directory durable."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_durably(path: Path, data: bytes) -> None:
    """Write a small file so that after a power cut it is there whole or not at all."""
    draft = path.with_name(path.name + ".part")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    fsync_directory(path.parent)


class SealedFile:
    """A file that has its name only when it is whole: written as `<name>.open`, verified, fsynced, renamed."""

    def __init__(self, path: Path) -> None:
        """Open the draft of `path`; its folder is made when it is missing."""
        self.path = path
        self.draft = path.with_name(path.name + ".open")
        path.parent.mkdir(parents=True, exist_ok=True)
        self.file = self.draft.open("wb")

    def __enter__(self) -> SealedFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.file.close() if kind else self.seal()

    def seal(self) -> Path:
        """Verify, fsync and rename; return the final path. Raise WarcDamaged if what was written cannot be read."""
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.close()
        for _ in members(self.draft):
            pass
        self.draft.rename(self.path)
        fsync_directory(self.path.parent)
        return self.path


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its response as they went over the wire; `body` keeps its Content-Encoding."""

    url: str
    status: int
    request_headers: Sequence[tuple[str, str]]
    response_headers: Sequence[tuple[str, str]]
    body: bytes
    method: str = "GET"
    request_body: bytes = b""
    protocol: str = "HTTP/1.1"


@dataclass(frozen=True, slots=True)
class Original:
    """An earlier record with the same payload, in a sealed file: what a revisit record refers to."""

    url: str
    date: str
    id: str = ""


# Undone by the HTTP client before we see the body, so they would be false in the record.
_TRANSFER_HEADERS = frozenset(("transfer-encoding", "content-length", "connection", "keep-alive"))


class WarcWriter:
    """Writes one portal's captures of one run, a new file whenever `roll` bytes are reached."""

    def __init__(self, captures: Path, portal: str, run: str, roll: int = ROLL_BYTES) -> None:
        """Files go to `<captures>/<portal>/<YYYYMM>/<portal>-<run>-<n>.warc.gz`."""
        self._folder = captures / portal
        self._portal, self._run, self._roll = portal, run, roll
        self._count = 0
        self._sealed: SealedFile | None = None

    def write(self, exchange: Exchange, original: Original | None = None) -> str:
        """Write response (or revisit of `original`) and request; return the response record's id."""
        writer = self._writer()
        response = self._response(writer, exchange, original)
        record_id: str = response.rec_headers.get_header("WARC-Record-ID")
        target = exchange.url.split("://", 1)[-1].partition("/")[2]
        request = writer.create_warc_record(
            exchange.url,
            "request",
            payload=BytesIO(exchange.request_body),
            length=len(exchange.request_body),
            http_headers=StatusAndHeaders(
                f"{exchange.method} /{target} HTTP/1.1", list(exchange.request_headers), is_http_request=True
            ),
        )
        writer.write_request_response_pair(request, response)
        return record_id

    def write_metadata(self, uri: str, content: Json, about: str = "") -> None:
        """Write what was learnt about a page (a hint, a failed check, a run's end) as a JSON metadata record."""
        writer = self._writer()
        body = json.dumps(content, ensure_ascii=False, sort_keys=True).encode()
        headers = {"WARC-Concurrent-To": about} if about else {}
        writer.write_record(
            writer.create_warc_record(
                uri,
                "metadata",
                payload=BytesIO(body),
                length=len(body),
                warc_content_type="application/json",
                warc_headers_dict=headers,
            )
        )

    @property
    def is_full(self) -> bool:
        """Whether the file in progress has reached the rolling size."""
        return self._sealed is not None and self._sealed.file.tell() >= self._roll

    def seal(self) -> Path | None:
        """Close the file in progress and return its path; None when nothing was written since the last."""
        if self._sealed is None:
            return None
        path, self._sealed = self._sealed.seal(), None
        return path

    def _writer(self) -> WARCWriter:
        if self._sealed is None:
            self._count += 1
            month = datetime.now(UTC).strftime("%Y%m")
            self._sealed = SealedFile(self._folder / month / f"{self._portal}-{self._run}-{self._count:04}.warc.gz")
            self._warc = WARCWriter(self._sealed.file, gzip=True, warc_version="1.1")
            info = {"software": "ansinh", "format": "WARC File Format 1.1", "run": self._run, "isPartOf": self._portal}
            self._warc.write_record(self._warc.create_warcinfo_record(self._sealed.path.name, info))
        return self._warc

    @staticmethod
    def _response(writer: WARCWriter, exchange: Exchange, original: Original | None) -> Any:
        reason = HTTPStatus(exchange.status).phrase if exchange.status in set(HTTPStatus) else "Unknown"
        headers = [pair for pair in exchange.response_headers if pair[0].lower() not in _TRANSFER_HEADERS]
        headers.append(("Content-Length", str(len(exchange.body))))
        http = StatusAndHeaders(f"{exchange.status} {reason}", headers, protocol=exchange.protocol)
        if original is not None:
            return writer.create_revisit_record(
                exchange.url, payload_digest(exchange.body), original.url, original.date, http_headers=http
            )
        return writer.create_warc_record(
            exchange.url, "response", payload=BytesIO(exchange.body), length=len(exchange.body), http_headers=http
        )


def payload_digest(body: bytes) -> str:
    """Return the payload digest as WARC headers write it: sha1 in base32."""
    return "sha1:" + b32encode(sha1(body, usedforsecurity=False).digest()).decode()


def write_resources(target: Path, source: str, resources: Sequence[tuple[str, str, bytes]], date: str) -> None:
    """Write imported bytes (url, media type, body) as resource records; their ids follow from `source` and order."""
    with SealedFile(target) as sealed:
        writer = WARCWriter(sealed.file, gzip=True, warc_version="1.1")
        for number, (url, mime, body) in enumerate(resources):
            name = uuid.uuid5(uuid.NAMESPACE_URL, f"{source}#{number}")
            writer.write_record(
                writer.create_warc_record(
                    url,
                    "resource",
                    payload=BytesIO(body),
                    length=len(body),
                    warc_content_type=mime,
                    warc_headers_dict={"WARC-Record-ID": f"<urn:uuid:{name}>", "WARC-Date": date},
                )
            )
