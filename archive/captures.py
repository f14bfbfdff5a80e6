"""Evidence in, evidence out: the one module that reads and writes WARC files (ISO 28500, WARC/1.1).

A file in progress is called `<name>.warc.gz.open`. It is verified member by member, fsynced and renamed before anybody
names it; it is never appended to after a crash and never rewritten. Its SHA-256 stands in `MANIFEST.sha256` beside it
before it has its name, so that damage no checksum of gzip covers is noticed, and so is a file that vanished.
"""

from __future__ import annotations

import errno
import fcntl
import json
import mmap
import os
import re
import shutil
import sys
import uuid
import zlib
from base64 import b32encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from gzip import GzipFile
from hashlib import file_digest, sha1, sha256
from http import HTTPStatus
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import brotli  # type: ignore[import-untyped]
from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.models import ArchiveError, Json, Page, short_id

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MAX_BODY = 64 * 1024 * 1024  # of a decoded body beyond this only the beginning is read (reliability.md section 3)
MAX_DECODED = 16 * 1024 * 1024  # the same for one with a Content-Encoding: a few kB may unfold to anything
ROLL_BYTES = 64 * 1024 * 1024
MANIFEST = "MANIFEST.sha256"  # one a folder, as `sha256sum --check` reads it
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
            while chunk and not inflate.eof:  # 1 MiB at a time, so that a bomb costs no memory
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
        for part in decoded(iter(lambda: stream.read(_STEP), b""), encodings):
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
    while raw.raw_stream.read(_STEP):
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


def is_address(url: str) -> bool:
    """Say whether a string can stand as an address in a WARC header: one line of printable characters, no blanks."""
    return bool(url) and url.isprintable() and " " not in url


# --- content encodings ---------------------------------------------------------------------------------------

_STEP = 1 << 16  # bytes that are decoded at a time: 481 bytes of Brotli unfold to 300 MB
_DECODE_ERRORS = (zlib.error, brotli.error, zstd.ZstdError)


class _Zlib:
    """A gzip, zlib or raw deflate stream, by its window bits."""

    def __init__(self, bits: int) -> None:
        self._stream = zlib.decompressobj(bits)

    @property
    def has_ended(self) -> bool:
        return self._stream.eof

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        part = self._stream.decompress(chunk, _STEP)
        yield part
        while not self.has_ended and (self._stream.unconsumed_tail or len(part) == _STEP):
            part = self._stream.decompress(self._stream.unconsumed_tail, _STEP)
            yield part


class _Brotli:
    def __init__(self) -> None:
        self._stream = brotli.Decompressor()

    @property
    def has_ended(self) -> bool:
        return bool(self._stream.is_finished())

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        yield self._stream.process(chunk, output_buffer_limit=_STEP)
        while not self._stream.can_accept_more_data():
            yield self._stream.process(b"", output_buffer_limit=_STEP)


class _Zstd:
    def __init__(self) -> None:
        self._stream = zstd.ZstdDecompressor()

    @property
    def has_ended(self) -> bool:
        return self._stream.eof

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        yield self._stream.decompress(chunk, _STEP)
        while not self.has_ended and not self._stream.needs_input:
            yield self._stream.decompress(b"", _STEP)


_Stream = _Zlib | _Brotli | _Zstd
_GZIP = (lambda: _Zlib(zlib.MAX_WBITS | 16),)
_STREAMS: Mapping[str, Sequence[Callable[[], _Stream]]] = {
    "gzip": _GZIP,
    "x-gzip": _GZIP,
    "deflate": (lambda: _Zlib(zlib.MAX_WBITS), lambda: _Zlib(-zlib.MAX_WBITS)),  # Microsoft's servers send it raw
    "br": (_Brotli,),
    "zstd": (_Zstd,),
}


def decoded(chunks: Iterable[bytes], encodings: str) -> Iterator[bytes]:
    """Yield the bytes of a body in small parts, its Content-Encoding ("gzip", "br, gzip") undone.

    A body that is not encoded as it says is taken as it is, as browsers do. Raise EOFError, after all that could be read,
    when an encoded stream breaks off.
    """
    parts = iter(chunks)
    for encoding in reversed(encodings.lower().split(",")):
        parts = _undone(parts, encoding.strip())
    return parts


def missing(body: bytes, encodings: str) -> str:
    """Return why a body cannot be decoded to its end, in the words of WARC-Truncated; empty when it can.

    "disconnect": an encoded stream has no end; HTTP clients deliver half of one without a word. "length": it unfolds to
    more than MAX_DECODED.
    """
    size = 0
    try:
        for part in decoded((body,), encodings):
            size += len(part)
            if encodings and size > MAX_DECODED:
                return "length"
    except EOFError:
        return "disconnect"
    return ""


def _undone(chunks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    head = next(chunks, b"")
    stream = _stream(encoding, head)
    if stream is None:
        yield head
        yield from chunks
        return
    try:
        for chunk in chain((head,), chunks):
            if not stream.has_ended:
                yield from stream.feed(chunk)
    except _DECODE_ERRORS as error:
        raise EOFError(f"{encoding}: {error}") from error
    if not stream.has_ended:
        raise EOFError(f"{encoding}: no end")


def _stream(encoding: str, head: bytes) -> _Stream | None:
    """Return a fresh stream that can read what begins so; None when there is none, or nothing to read."""
    for make in _STREAMS.get(encoding, ()) if head else ():
        try:
            next(make().feed(head))
        except _DECODE_ERRORS:
            continue
        return make()
    return None


def is_warc(path: Path) -> bool:
    """Say whether a file begins as a WARC file does, gzipped or not."""
    with path.open("rb") as file:
        try:
            return _inflated(file).read(5) == b"WARC/"
        except (OSError, EOFError, zlib.error):
            return False


def has_member_per_record(path: Path) -> bool:
    """Say whether records can be read by offset: gzipped, one member a record."""
    with path.open("rb") as file:
        if file.read(2) != b"\x1f\x8b":
            return False
        file.seek(0)
        try:
            reader = ArchiveIterator(file, no_record_parse=True)
            next(reader)
            if next(reader, None) is None:
                return True
        except ArchiveLoadFailed:
            return False
        except StopIteration:
            return True
        second: int = reader.get_record_offset()
        return second > 0


def repack(source: Path, target: Path) -> None:
    """Write the records of a WARC again as one gzip member each, ids and bytes unchanged.

    Raise WarcDamaged where the source breaks, after the records before that place were written and sealed.
    """
    damage = None
    with SealedFile(target) as sealed, source.open("rb") as file:
        writer = WARCWriter(sealed.file, gzip=True)
        try:
            for record in ArchiveIterator(_inflated(file)):
                block = b"".join(iter(partial(record.raw_stream.read, _STEP), b""))
                if record.raw_stream.limit > 0:
                    raise EOFError("the last record is cut short")
                record.raw_stream = BytesIO(block)
                writer.write_record(record)
            if is_gzip(source):  # warcio takes a cut stream for the end of the file
                for _ in members(source):
                    pass
        except (ArchiveLoadFailed, WarcDamaged, zlib.error, EOFError) as error:
            damage = WarcDamaged(source, 0, str(error).strip().splitlines()[0])
    if damage is not None:
        raise damage


def is_gzip(path: Path) -> bool:
    """Say whether a file begins as gzip does."""
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _inflated(file: BinaryIO) -> BinaryIO:
    head = file.read(2)
    file.seek(0)
    return GzipFile(fileobj=file) if head == b"\x1f\x8b" else file  # type: ignore[return-value]


# --- writing -------------------------------------------------------------------------------------------------


def fsync(path: Path) -> None:
    """Make a file's bytes, or the names in a directory, durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(path: Path) -> None:
    """Make a folder, and those above it, so that a power cut takes none of them away with what they hold."""
    if not path.is_dir():
        make_folder(path.parent)
        path.mkdir(exist_ok=True)
        fsync(path.parent)


def write_durably(path: Path, data: bytes) -> None:
    """Write a small file so that after a power cut it is there whole or not at all."""
    _write(path, BytesIO(data))


def copy_durably(source: Path, path: Path) -> None:
    """Copy a file of any size so that after a power cut it is there whole or not at all."""
    with source.open("rb") as content:
        _write(path, content)


def _write(path: Path, content: BinaryIO) -> None:
    draft = path.with_name(path.name + ".part")
    with draft.open("wb") as file:
        shutil.copyfileobj(content, file, 1 << 20)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    fsync(path.parent)


class SealedFile:
    """A file that has its name only when it is whole: written as `<name>.open`, verified, fsynced, renamed."""

    def __init__(self, path: Path) -> None:
        """Open the draft of `path`; its folder is made when it is missing."""
        self.path = path
        self.draft = path.with_name(path.name + ".open")
        make_folder(path.parent)
        self.file = self.draft.open("wb")
        fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # released by the kernel: then the draft is left over

    def __enter__(self) -> SealedFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.file.close() if kind else self.seal()

    def seal(self) -> Path:
        """Verify, fsync and rename; return the final path. Raise WarcDamaged if what was written cannot be read."""
        with self.file:  # open, and so locked, until the draft has its name
            self.file.flush()
            return seal(self.draft, self.path)


def seal(draft: Path, path: Path) -> Path:
    """Give a draft its name when it is on the disk, its digest first; raise WarcDamaged when it cannot be read."""
    fsync(draft)
    for _ in members(draft):
        pass
    note_digest(path, sha256_of(draft))
    draft.rename(path)
    fsync(path.parent)
    return path


# --- digests -------------------------------------------------------------------------------------------------

_LINE = re.compile(r"([0-9a-f]{64})  (\S+)")


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def read_digests(folder: Path) -> dict[str, str]:
    """Return the digest of each file that was sealed in a folder; raise ArchiveError for a line that is no such thing.

    A last line without an end was being written when its process died: its file has no name yet.
    """
    manifest = folder / MANIFEST
    if not manifest.exists():
        return {}
    digests = {}
    for number, line in enumerate(manifest.read_bytes().split(b"\n")[:-1], start=1):
        found = _LINE.fullmatch(line.decode("utf-8", "replace"))
        if found is None:
            raise ArchiveError(f"{manifest}: line {number} is damaged; restore it from a backup of captures/")
        digests[found[2]] = found[1]
    return digests


def note_digest(path: Path, digest: str) -> None:
    """Add a file's digest to its folder's manifest, durably."""
    manifest = path.with_name(MANIFEST)
    with manifest.open("a+b") as file:
        file.seek(max(0, file.tell() - 1))
        if file.read() not in (b"", b"\n"):  # what an interrupted write has left
            file.truncate(manifest.read_bytes().rfind(b"\n") + 1)
        file.write(f"{digest}  {path.name}\n".encode())
        file.flush()
        os.fsync(file.fileno())


# --- salvage -------------------------------------------------------------------------------------------------

_MEMBER = b"\x1f\x8b\x08"


def whole_members(path: Path) -> Iterator[tuple[int, int]]:
    """Yield (offset, length) of every gzip member that is whole and holds a WARC record, whatever lies between them."""
    if not path.stat().st_size:
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        start = content.find(_MEMBER)
        while start >= 0:
            end = _member_end(content, start)
            if end is not None:
                yield start, end - start
            start = content.find(_MEMBER, end or start + 1)


def _member_end(content: mmap.mmap, start: int) -> int | None:
    """Return where the member ends that starts here; None when it is torn or no WARC record."""
    inflate, position = zlib.decompressobj(zlib.MAX_WBITS | 16), start
    head = b""
    try:
        while not inflate.eof:
            chunk = inflate.unconsumed_tail or content[position : position + (1 << 16)]
            position += 0 if inflate.unconsumed_tail else len(chunk)
            head = (head + inflate.decompress(chunk, 1 << 20))[:5]
            if not chunk or not b"WARC/".startswith(head):
                return None
    except zlib.error:
        return None
    return position - len(inflate.unused_data) if head else None


def salvaged(torn: Path) -> Path:
    """Return the name under which the whole records of a torn file are kept."""
    return torn.with_name(torn.name.removesuffix(".open").removesuffix(".warc.gz") + ".salvaged.warc.gz")


def salvage(torn: Path) -> Path | None:
    """Seal the whole records of a torn file beside it and return where; None without any. The torn file stays."""
    target, whole = salvaged(torn), list(whole_members(torn))
    if whole and not target.exists():
        with SealedFile(target) as sealed, torn.open("rb") as file:
            for offset, length in whole:
                file.seek(offset)
                sealed.file.write(file.read(length))
    return target if whole else None


def finish(draft: Path) -> Path | None:
    """Seal a draft whose process has died and return what it became: itself, or what can be salvaged of it.

    Return None for one without a whole record, which goes, and for one that a process still writes or that was salvaged
    before, which stays.
    """
    try:
        with draft.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return _finish(draft)
    except (BlockingIOError, FileNotFoundError):  # its writer lives, or has just sealed it
        return None


def _finish(draft: Path) -> Path | None:
    if draft.name.endswith(".salvaged.warc.gz.open"):
        draft.unlink()  # a salvage that was killed: it begins anew
    if not draft.exists() or salvaged(draft).exists():
        return None
    size = sum(length for _, length in whole_members(draft))
    if not size:
        draft.unlink()  # not one whole record: the head of a file that nothing was written into
        return None
    return seal(draft, draft.with_suffix("")) if size == draft.stat().st_size else salvage(draft)


def explain(error: OSError, path: Path) -> str:
    """Return what an operator can do about a file that cannot be read or written, in one line."""
    where = error.filename or path
    return f"{where}: {error.strerror or error}; {_REMEDIES.get(error.errno or 0, 'nothing was acknowledged after it')}"


_SPACE = "free some space there and run the command again; what was acknowledged is safe"
_RIGHTS = "let the user who runs ansinh read and write there"
_FILES = "allow more open files (`ulimit -n`)"
_REMEDIES = {
    errno.ENOSPC: _SPACE,
    errno.EDQUOT: _SPACE,
    errno.EACCES: _RIGHTS,
    errno.EPERM: _RIGHTS,
    errno.EROFS: _RIGHTS,
    errno.EMFILE: _FILES,
    errno.ENFILE: _FILES,
    errno.EIO: "the disk fails; look into the system's log, then run `ansinh check`",
}


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
