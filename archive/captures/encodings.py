"""Content encodings undone in small steps, whatever a body unfolds to, and whether anything of it is missing."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain

import brotli  # type: ignore[import-untyped]

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MAX_DECODED = 16 * 1024 * 1024  # of a body with a Content-Encoding no more is read: a few kB may unfold to anything
STEP = 1 << 16  # bytes that are decoded at a time: 481 bytes of Brotli unfold to 300 MB
_DECODE_ERRORS = (zlib.error, brotli.error, zstd.ZstdError)


class _Zlib:
    """A gzip, zlib or raw deflate stream, by its window bits."""

    def __init__(self, bits: int) -> None:
        self._stream = zlib.decompressobj(bits)

    @property
    def has_ended(self) -> bool:
        return self._stream.eof

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        part = self._stream.decompress(chunk, STEP)
        yield part
        while not self.has_ended and (self._stream.unconsumed_tail or len(part) == STEP):
            part = self._stream.decompress(self._stream.unconsumed_tail, STEP)
            yield part


class _Brotli:
    def __init__(self) -> None:
        self._stream = brotli.Decompressor()

    @property
    def has_ended(self) -> bool:
        return bool(self._stream.is_finished())

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        yield self._stream.process(chunk, output_buffer_limit=STEP)
        while not self._stream.can_accept_more_data():
            yield self._stream.process(b"", output_buffer_limit=STEP)


class _Zstd:
    def __init__(self) -> None:
        self._stream = zstd.ZstdDecompressor()

    @property
    def has_ended(self) -> bool:
        return self._stream.eof

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        yield self._stream.decompress(chunk, STEP)
        while not self.has_ended and not self._stream.needs_input:
            yield self._stream.decompress(b"", STEP)


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
