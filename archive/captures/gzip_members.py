"""Where the gzip members of a WARC file lie: all of a whole file, those that are whole in a torn one."""

from __future__ import annotations

import mmap
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from archive.captures.records import WarcDamaged

_MEMBER = b"\x1f\x8b\x08"


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
