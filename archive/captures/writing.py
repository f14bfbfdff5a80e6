"""WARC files written: the exchanges of a crawl and what was learnt on it, and imported bytes."""

from __future__ import annotations

import json
import uuid
from base64 import b32encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha1
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Any

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.captures.records import METADATA_SCHEMA
from archive.captures.sealed import SealedFile
from archive.models import Json

ROLL_BYTES = 64 * 1024 * 1024


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
    truncated: str = ""  # why the body is not whole, in the words of WARC-Truncated


@dataclass(frozen=True, slots=True)
class Original:
    """An earlier record with the same payload, in a sealed file: what a revisit record refers to.

    `payload` is given where the server only said that nothing changed (304), so that there is no body to take it from.
    """

    url: str
    date: str
    payload: str = ""


_NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
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
        body = json.dumps({"schema": METADATA_SCHEMA, **content}, ensure_ascii=False, sort_keys=True).encode()
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
            digest = f"sha1:{original.payload}" if original.payload else payload_digest(exchange.body)
            record = writer.create_revisit_record(exchange.url, digest, original.url, original.date, http_headers=http)
            if original.payload:
                record.rec_headers.replace_header("WARC-Profile", _NOT_MODIFIED)
        else:
            record = writer.create_warc_record(
                exchange.url, "response", payload=BytesIO(exchange.body), length=len(exchange.body), http_headers=http
            )
        if exchange.truncated:
            record.rec_headers.add_header("WARC-Truncated", exchange.truncated)
        return record


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
