"""What a killed process has left: its draft is sealed if it is whole, otherwise its whole records are salvaged."""

from __future__ import annotations

import fcntl
from pathlib import Path

from archive.captures.gzip_members import whole_members
from archive.captures.sealed import SealedFile, seal


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


def is_left_over(draft: Path) -> bool:
    """Say whether a draft is there that no living process writes."""
    try:
        with draft.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return draft.exists()
    except (BlockingIOError, FileNotFoundError):
        return False


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
