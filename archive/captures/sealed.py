"""Files that have their name only when they are whole, verified, on the disk and in their folder's manifest."""

from __future__ import annotations

import fcntl
from pathlib import Path

from archive.captures.disk import fsync, make_folder
from archive.captures.gzip_members import members
from archive.captures.manifests import note_digest, sha256_of


class SealedFile:
    """A file that has its name only when it is whole: written as `<name>.open`, verified, fsynced, renamed."""

    def __init__(self, path: Path) -> None:
        """Open the draft of `path`; its folder is made when it is missing."""
        self.path = path
        self.draft = path.with_name(path.name + ".open")
        make_folder(path.parent)
        unnamed = path.with_name(path.name + ".part")
        self.file = unnamed.open("wb")
        fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # released by the kernel: then the draft is left over
        unnamed.rename(self.draft)  # locked before it can be found, or it would be taken for one that is left over

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
