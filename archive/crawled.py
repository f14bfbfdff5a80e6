"""Evidence files that our own crawlers wrote on other machines: recognised by what they say, kept under their own name."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from archive.captures import (
    WarcDamaged,
    copy_durably,
    make_folder,
    members,
    note_digest,
    read_digests,
    read_warc,
    salvaged,
    sha256_of,
)
from archive.ingest import Source
from archive.models import ArchiveError, DataDir

_NAME = re.compile(
    r"([a-z0-9](?:[a-z0-9.-]{0,60}[a-z0-9])?)-(\d{8}T\d{12}Z)-\d{4,9}(?:\.salvaged)?\.warc\.gz", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Crawled:
    """An evidence file of a crawler of ours: the portal, and the month (YYYYMM) whose folder it belongs into."""

    path: Path
    portal: str
    month: str


def recognise(path: Path) -> Crawled | None:
    """Return a file as one of our crawlers' when its name and its first record name the same portal and run; else None."""
    name = _NAME.fullmatch(path.name)
    if name is None:
        return None
    try:
        first = next(read_warc(path), None)
    except WarcDamaged:
        return None
    if first is None or first.type != "warcinfo":
        return None
    said = dict(line.split(": ", 1) for line in first.body.decode("utf-8", "replace").splitlines() if ": " in line)
    if (said.get("software"), said.get("isPartOf"), said.get("run")) != ("ansinh", name[1], name[2]):
        return None
    return Crawled(path, name[1], first.date[:4] + first.date[5:7])


def keep_crawled(data: DataDir, file: Crawled) -> Source:
    """Copy a file of another crawler byte for byte to its place in the evidence; the same file again changes nothing.

    Raise ArchiveError for one that is not what its crawler wrote, and where other bytes have its name already.
    """
    target = data.captures / file.portal / file.month / file.path.name
    source = Source(str(target.relative_to(data.path)), "live", file.portal)
    if _is_kept(file.path, target):
        return source
    digest = _verified(file.path)
    make_folder(target.parent)
    if read_digests(target.parent).get(target.name) != digest:
        note_digest(target, digest)
    copy_durably(file.path, target)
    return source


def _is_kept(path: Path, target: Path) -> bool:
    """Say whether the file is there already; by the manifests of both folders, else by the bytes."""
    if not target.exists():
        return False
    if path.samefile(target):
        return True
    said, held = (read_digests(one.parent).get(one.name) for one in (path, target))
    if (said or _verified(path)) != (held or sha256_of(target)):
        raise ArchiveError(
            f"{path}: {target} has the same name and other bytes; nothing was changed. "
            "Compare both with the crawler's MANIFEST.sha256 and remove the one that is wrong"
        )
    return True


def _verified(path: Path) -> str:
    """Return a file's digest; raise ArchiveError when it is not what was written, or was not copied to its end."""
    digest = sha256_of(path)
    said = read_digests(path.parent).get(path.name)
    if said not in (None, digest):
        raise ArchiveError(f"{path}: is not what its crawler wrote (MANIFEST.sha256 beside it); copy it again")
    if said is None:
        try:
            deque(members(path), maxlen=0)
        except WarcDamaged as error:
            raise ArchiveError(
                f"{path}: damaged from byte {error.offset} on; copy it again, "
                "or give --portal to keep what is whole of it as a foreign file"
            ) from error
    return digest


def unfinished(folder: Path) -> list[Path]:
    """Return the files in a folder that a crawler still writes, or died over: they have no name yet."""
    return sorted(draft for draft in folder.rglob("*.warc.gz.open") if not salvaged(draft).exists())
