"""WARC files read: all records of one, the record at an offset, the record in a member that was fetched alone."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeaders

from archive.captures.encodings import MAX_DECODED, STEP, decoded
from archive.captures.records import Record, WarcDamaged
from archive.models import ArchiveError

MAX_BODY = 64 * 1024 * 1024  # of a decoded body beyond this only the beginning is read (reliability.md section 3)


def read_warc(path: Path) -> Iterator[Record]:
    """Yield the records of a .warc or .warc.gz file in order; raise WarcDamaged at the first that cannot be read."""
    with path.open("rb") as file:
        reader = ArchiveIterator(file)
        offset = 0
        try:
            for raw in reader:
                content = _body(raw)  # first, for asking the offset skips what has not been read
                offset = reader.get_record_offset()
                yield _record(raw, offset, *content)
        except (ArchiveLoadFailed, zlib.error, EOFError, UnicodeDecodeError) as error:
            raise WarcDamaged(path, offset, str(error).strip().splitlines()[0]) from error


def read_record(path: Path, offset: int) -> Record:
    """Return the record that starts at the offset; raise ArchiveError when there is none."""
    try:
        with path.open("rb") as file:
            file.seek(offset)
            raw = next(iter(ArchiveIterator(file)))
            return _record(raw, offset, *_body(raw))
    except FileNotFoundError as error:
        raise ArchiveError(f"{path}: the evidence file is missing; restore it from a backup of captures/") from error
    except (StopIteration, ArchiveLoadFailed, zlib.error, EOFError) as error:
        raise WarcDamaged(path, offset, "no record starts here") from error


def read_member(data: bytes, source: str) -> tuple[bytes, Record]:
    """Return the gzip member that bytes begin with, and the record in it; raise ArchiveError when there is none to be had."""
    inflate, rest, size = zlib.decompressobj(zlib.MAX_WBITS | 16), data, 0
    try:
        while rest and not inflate.eof and size <= MAX_BODY:
            size += len(inflate.decompress(rest, 1 << 20))
            rest = inflate.unconsumed_tail
        if not inflate.eof:
            raise ArchiveError(f"{source}: a record is cut short, or unfolds to more than {MAX_BODY} bytes")
        member = data[: len(data) - len(inflate.unused_data)]
        raw = next(iter(ArchiveIterator(BytesIO(member))))
        return member, _record(raw, 0, *_body(raw))
    except (StopIteration, ArchiveLoadFailed, zlib.error, EOFError, UnicodeDecodeError) as error:
        raise ArchiveError(f"{source}: holds no WARC record") from error


def _body(raw: Any) -> tuple[bytes, str]:
    """Return a record's decoded body and, when it is not whole, why."""
    cut = raw.rec_headers.get_header("WARC-Truncated") or ""
    if raw.rec_type not in ("response", "resource", "metadata", "warcinfo"):
        return b"", cut
    http = raw.http_headers.get_header if raw.http_headers else {}.get
    chunked = http("transfer-encoding") == "chunked"
    encodings = http("content-encoding") or ""
    most = MAX_DECODED if encodings else MAX_BODY
    stream = ChunkedDataReader(raw.raw_stream, decomp_type=None) if chunked else raw.raw_stream
    parts, size = list[bytes](), 0
    try:
        for part in decoded(iter(lambda: stream.read(STEP), b""), encodings):
            parts.append(part)
            size += len(part)
            if size > most:
                return b"".join(parts[:2]), "length"
    except EOFError:
        cut = cut or "disconnect"
    if _lacks(raw):
        cut = cut or "disconnect"
    return b"".join(parts), cut


def _lacks(raw: Any) -> bool:
    """Say whether the file ended before the record's Content-Length was reached; reads the record to its end."""
    while raw.raw_stream.read(STEP):
        pass
    return bool(raw.raw_stream.limit > 0)


def _record(raw: Any, offset: int, body: bytes, truncated: str) -> Record:
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
        mime=(headers.get("content-type") or head("Content-Type") or "").partition(";")[0].strip().lower(),
        truncated=truncated,
    )


def _status(http: StatusAndHeaders | None) -> int:
    code = http.get_statuscode() if http else "200"
    return int(code) if code.isdigit() else 0


_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d:\d\d)(?::(\d\d))?(?:\.\d+)?Z?)?)?)?")


def _utc(date: str) -> str:
    """Return a WARC-Date in seconds: fractions are cut, what WARC/1.1 allows to be left out is its first moment.

    Empty for anything else.
    """
    match = _DATE.fullmatch(date.strip())
    if match is None:
        return ""
    year, month, day, minute, second = match.groups()
    return f"{year}-{month or '01'}-{day or '01'}T{minute or '00:00'}:{second or '00'}Z"
