"""Files of elsewhere: whether they are WARC files, whether they can be read by offset, and made so where they cannot."""

from __future__ import annotations

import zlib
from functools import partial
from gzip import GzipFile
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.warcwriter import WARCWriter

from archive.captures.encodings import STEP
from archive.captures.gzip_members import members
from archive.captures.records import WarcDamaged
from archive.captures.sealed import SealedFile


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
                block = b"".join(iter(partial(record.raw_stream.read, STEP), b""))
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
