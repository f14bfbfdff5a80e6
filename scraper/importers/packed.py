"""WARC records packed in other forms: .wacz, a zip of WARC files, and .cdxj, an index of records in WARC files beside it.

Both are read under caps, and no name in them becomes a path: what they stand for is written into a folder of ours.
"""

from __future__ import annotations

import json
import re
import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from archive.captures import read_member
from archive.models import ArchiveError, DataDir
from scraper.importers.cdx import parse_lines
from scraper.importers.client import MAX_LISTING

MAX_FILES = 1000  # in a .wacz
MAX_RATIO = 20  # how many times its size a .wacz may unfold to: the WARC files in it are packed already
MAX_RECORD = 64 * 2**20  # packed
_WARC = re.compile(r"archive/[^/\\]{1,200}\.warc(?:\.gz)?")
_PACKAGE = "datapackage.json"
_MAX_PACKAGE = 4 * 2**20


@dataclass(slots=True)
class Unpacked:
    """The WARC files that a file stands for, and what of it could not be read, in words."""

    files: list[Path] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@contextmanager
def unpacked(data: DataDir, file: Path) -> Iterator[Unpacked]:
    """Give the WARC files that a .wacz or .cdxj file stands for, in a folder that goes afterwards; any other file as itself.

    Belongs under the write lock. Raise ArchiveError for a file that cannot be read.
    """
    if file.suffix not in (".wacz", ".cdxj"):
        yield Unpacked([file])
        return
    folder = data.path / "unpacking"
    shutil.rmtree(folder, ignore_errors=True)  # a process that was killed has left it
    folder.mkdir()
    try:
        yield (_from_zip if file.suffix == ".wacz" else _from_index)(file, folder)
    finally:
        shutil.rmtree(folder)


def _from_zip(file: Path, folder: Path) -> Unpacked:
    found = Unpacked()
    try:
        with ZipFile(file) as package:
            infos = [info for info in package.infolist() if _WARC.fullmatch(info.filename)]
            _check(file, infos)
            promised = _promised(package)
            for number, info in enumerate(infos, start=1):
                ending = "warc.gz" if info.filename.endswith(".gz") else "warc"
                target = folder / f"{file.stem[:100]}-{number:04}.{ending}"
                digest = _extract(package, info, target)
                found.files.append(target)
                if promised.get(info.filename, digest) != digest:
                    found.complaints.append(
                        f"{file}: {info.filename} is not what {_PACKAGE} says it is; it was altered"
                    )
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError) as error:
        raise ArchiveError(f"{file}: cannot be read as a WACZ file: {error}") from error
    return found


def _check(file: Path, infos: list[ZipInfo]) -> None:
    """Raise ArchiveError for a package without captures, and for one that is a bomb or locked."""
    if not infos:
        raise ArchiveError(f"{file}: has no archive/*.warc.gz, so it is no WACZ file")
    if len(infos) > MAX_FILES:
        raise ArchiveError(f"{file}: holds {len(infos)} WARC files; more than {MAX_FILES} are not read")
    if any(info.flag_bits & 1 or info.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for info in infos):
        raise ArchiveError(f"{file}: is encrypted, or packed in a way that WACZ files are not")
    if sum(info.file_size for info in infos) > MAX_RATIO * file.stat().st_size:
        raise ArchiveError(f"{file}: unfolds to more than {MAX_RATIO} times its size; it is not read")


def _extract(package: ZipFile, info: ZipInfo, target: Path) -> str:
    """Write one file of a package and return its SHA-256; zipfile itself reads no more than the size that is declared."""
    digest = sha256()
    with package.open(info) as content, target.open("wb") as file:
        while part := content.read(1 << 20):
            digest.update(part)
            file.write(part)
    return digest.hexdigest()


def _promised(package: ZipFile) -> dict[str, str]:
    """Return the SHA-256 that the package says each of its files has; none where it says nothing that can be read."""
    try:
        info = package.getinfo(_PACKAGE)
        said = json.loads(package.read(info)) if info.file_size <= _MAX_PACKAGE else {}
        hashes = {str(one["path"]): str(one.get("hash", "")) for one in said["resources"]}
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError):
        return {}
    return {path: said.removeprefix("sha256:") for path, said in hashes.items() if said.startswith("sha256:")}


def _from_index(file: Path, folder: Path) -> Unpacked:
    if file.stat().st_size > MAX_LISTING:
        raise ArchiveError(f"{file}: an index of more than {MAX_LISTING} bytes is not read; import the WARC files")
    listing, found = parse_lines(file.read_bytes(), host=""), Unpacked()
    target = folder / f"{file.stem[:100]}.warc.gz"
    places = dict.fromkeys((line.filename, line.offset, line.length) for line in listing.lines)
    missed = listing.malformed
    with target.open("wb") as records:
        for name, offset, length in places:
            try:
                records.write(_cut(file, name, offset, length))
            except (ArchiveError, OSError):
                missed += 1
    if missed:
        found.complaints.append(f"{file}: {missed} lines point to no record in a .warc.gz file beside it; skipped")
    found.files += [target] if target.stat().st_size else []
    return found


def _cut(index: Path, name: str, offset: int, length: int) -> bytes:
    """Return the record that a line points to: in a file beside the index, or in archive/ beside its folder (as pywb has it).

    Raise ArchiveError or OSError when there is none.
    """
    bare = name.replace("\\", "/").rpartition("/")[2]
    if not bare.endswith(".warc.gz") or not 0 < length <= MAX_RECORD:
        raise ArchiveError(f"{index}: {name[:200]!r} is no WARC file of packed records")
    beside = index.parent / bare
    with (beside if beside.is_file() else index.parent.parent / "archive" / bare).open("rb") as file:
        file.seek(offset)
        member, _ = read_member(file.read(length), name[:200])
    return member
