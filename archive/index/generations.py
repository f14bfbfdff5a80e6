"""Atomic publication: every commit is a new folder, complete and fsynced, before a pointer names it.

Whoosh neither fsyncs nor checks what it reads, and opens its table of contents with pickle (reliability.md section 2);
so a generation carries the SHA-256 of each of its files, and none is opened before they agree.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from archive.index.protocol import IndexDamaged
from archive.terms import ANALYSIS

_NAME = re.compile(r"g\d{6,}")
_MANIFEST = "manifest.json"
_MEND = "`ansinh index` makes it again from the database"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation says of itself: database and change number, analysis it was made with, digests of its files."""

    seq: int
    documents: int
    analysis: str
    files: dict[str, str]
    database: str = ""


class Generations:
    """The published states of one engine's index: `<folder>/g000001/`, with `<folder>/CURRENT` naming the latest."""

    def __init__(self, folder: Path) -> None:
        """Use (and make, when something is published) that folder."""
        self.folder = folder

    def current(self) -> str | None:
        """Return the name of the published generation; None when there is none."""
        try:
            name = (self.folder / "CURRENT").read_text("ascii").strip()
        except (FileNotFoundError, UnicodeDecodeError):
            return None
        return name if _NAME.fullmatch(name) else None  # never a path to somewhere else

    def manifest(self, name: str) -> Manifest:
        """Return a generation's manifest; raise IndexDamaged when it cannot be read."""
        try:
            said = json.loads((self.folder / name / _MANIFEST).read_text("utf-8"))
            manifest = Manifest(**said["generation"])
            is_whole = said["sha256"] == _digest(manifest)
        except (FileNotFoundError, NotADirectoryError, ValueError, TypeError, KeyError) as error:
            raise IndexDamaged(f"{self.folder / name}: no readable manifest; {_MEND}") from error
        if not is_whole:
            raise IndexDamaged(f"{self.folder / name / _MANIFEST}: not what was published; {_MEND}")
        return manifest

    def verify(self, name: str) -> Manifest:
        """Return the manifest of a generation whose every file is what was published; raise IndexDamaged."""
        manifest = self.manifest(name)
        if manifest.analysis != ANALYSIS:
            raise IndexDamaged(f"{self.folder / name}: made by another version of the analysis; {_MEND}")
        found = {path.name for path in (self.folder / name).iterdir()} - {_MANIFEST}
        if found != set(manifest.files):
            raise IndexDamaged(f"{self.folder / name}: files are missing or were added; {_MEND}")
        for file, expected in manifest.files.items():
            if _sha256(self.folder / name / file) != expected:
                raise IndexDamaged(f"{self.folder / name / file}: not what was published; {_MEND}")
        return manifest

    def draft(self, empty: bool) -> Path:
        """Return a new folder: empty, or with the current generation's files as hard links."""
        self.folder.mkdir(parents=True, exist_ok=True)
        current = self.current()
        draft = self.folder / f"g{self._last_number() + 1:06}"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir()
        if current is not None and not empty:
            for name in self.manifest(current).files:
                os.link(self.folder / current / name, draft / name)
        return draft

    def publish(self, draft: Path, seq: int, documents: int, database: str) -> None:
        """Make a draft the current generation: digests, fsync of files and folder, then the pointer."""
        files = {}
        for path in sorted(draft.iterdir()):
            if path.name.endswith("WRITELOCK"):
                path.unlink()
                continue
            files[path.name] = _sha256(path)
            _fsync(path)
        manifest = Manifest(seq, documents, ANALYSIS, files, database)
        said = {"generation": asdict(manifest), "sha256": _digest(manifest)}
        _write(draft / _MANIFEST, json.dumps(said, sort_keys=True, indent=1))
        _fsync(self.folder)  # the generation's own name, before the pointer speaks of it
        previous = self.current()
        _write(self.folder / "CURRENT", draft.name)
        self._sweep({draft.name, previous})

    def _sweep(self, keep: set[str | None]) -> None:
        """Remove older generations; the previous one stays for readers that opened it a moment ago."""
        for path in self.folder.glob("g*"):
            if path.name not in keep:
                shutil.rmtree(path, ignore_errors=True)

    def _last_number(self) -> int:
        """Return the highest number in use: a name that a reader may still know must not come back with other files."""
        return max((int(path.name[1:]) for path in self.folder.iterdir() if _NAME.fullmatch(path.name)), default=0)


def _digest(manifest: Manifest) -> str:
    return hashlib.sha256(json.dumps(asdict(manifest), sort_keys=True).encode()).hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fsync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(path: Path, text: str) -> None:
    part = path.with_name(path.name + ".part")
    part.write_text(text, "utf-8")
    _fsync(part)
    part.replace(path)
    _fsync(path.parent)
