"""Evidence in, evidence out: the one package that reads and writes WARC files (ISO 28500, WARC/1.1).

A file in progress is called `<name>.warc.gz.open`. It is verified member by member, fsynced and renamed before anybody
names it; it is never appended to after a crash and never rewritten. Its SHA-256 stands in `MANIFEST.sha256` beside it
before it has its name, so that damage no checksum of gzip covers is noticed, and so is a file that vanished.

reading         all records of a file, the one at an offset, the one in a member that came alone
writing         what a crawl sent, received and learnt, a new file whenever one is full; imported bytes
foreign         files of elsewhere: told from other files, packed again where no record can be read by its offset
torn            what a killed process has left: finished where it is whole, salvaged where it is not
sealed          a file that has its name only when it is whole
manifests       the digests of a folder's sealed files
gzip_members    where the records of a file begin and end, of a whole file and of a torn one
encodings       bodies decoded of their Content-Encoding, a little at a time, and whether they ended
disk            files and folders that outlast a power cut; what an operator does about a disk that refuses
records         `Record`, `WarcDamaged`, and the names of the records that only we write
"""

from __future__ import annotations

from archive.captures.disk import copy_durably, explain, fsync, make_folder, write_durably
from archive.captures.encodings import MAX_DECODED, decoded, missing
from archive.captures.foreign import has_member_per_record, is_gzip, is_warc, repack
from archive.captures.gzip_members import members, whole_members
from archive.captures.manifests import MANIFEST, note_digest, read_digests, sha256_of
from archive.captures.reading import MAX_BODY, read_member, read_record, read_warc
from archive.captures.records import (
    METADATA_SCHEMA,
    RUN_URI,
    TEXT_MIME,
    TEXT_URI,
    TRUNCATED,
    Record,
    WarcDamaged,
    is_address,
    now,
)
from archive.captures.sealed import SealedFile, seal
from archive.captures.torn import finish, is_left_over, salvage, salvaged
from archive.captures.writing import ROLL_BYTES, Exchange, Original, WarcWriter, payload_digest, write_resources

__all__ = [
    "MANIFEST", "MAX_BODY", "MAX_DECODED", "METADATA_SCHEMA", "ROLL_BYTES", "RUN_URI", "TEXT_MIME", "TEXT_URI",
    "TRUNCATED", "Exchange", "Original", "Record", "SealedFile", "WarcDamaged", "WarcWriter", "copy_durably",
    "decoded", "explain", "finish", "fsync", "has_member_per_record", "is_address", "is_gzip",
    "is_left_over", "is_warc",
    "make_folder", "members", "missing", "note_digest", "now", "payload_digest", "read_digests", "read_member",
    "read_record", "read_warc", "repack", "salvage", "salvaged", "seal", "sha256_of", "whole_members",
    "write_durably", "write_resources",
]  # fmt: skip
