"""The digest of every sealed file, in the manifest of its folder."""

from __future__ import annotations

import fcntl
import os
import re
from hashlib import file_digest
from pathlib import Path

from archive.models import ArchiveError

MANIFEST = "MANIFEST.sha256"  # one a folder, as `sha256sum --check` reads it
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
        fcntl.flock(file, fcntl.LOCK_EX)  # two imports may seal at the same time
        file.seek(max(0, file.seek(0, os.SEEK_END) - 1))
        if file.read() not in (b"", b"\n"):  # what an interrupted write has left
            file.truncate(manifest.read_bytes().rfind(b"\n") + 1)
        file.write(f"{digest}  {path.name}\n".encode())
        file.flush()
        os.fsync(file.fileno())
