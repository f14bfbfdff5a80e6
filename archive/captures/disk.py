"""Files and folders that a power cut cannot take away, and what to do where the disk refuses."""

from __future__ import annotations

import errno
import os
import shutil
from io import BytesIO
from pathlib import Path
from typing import BinaryIO


def fsync(path: Path) -> None:
    """Make a file's bytes, or the names in a directory, durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(path: Path) -> None:
    """Make a folder, and those above it, so that a power cut takes none of them away with what they hold."""
    if not path.is_dir():
        make_folder(path.parent)
        path.mkdir(exist_ok=True)
        fsync(path.parent)


def write_durably(path: Path, data: bytes) -> None:
    """Write a small file so that after a power cut it is there whole or not at all."""
    _write(path, BytesIO(data))


def copy_durably(source: Path, path: Path) -> None:
    """Copy a file of any size so that after a power cut it is there whole or not at all."""
    with source.open("rb") as content:
        _write(path, content)


def _write(path: Path, content: BinaryIO) -> None:
    draft = path.with_name(path.name + ".part")
    with draft.open("wb") as file:
        shutil.copyfileobj(content, file, 1 << 20)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    fsync(path.parent)


def explain(error: OSError, path: Path) -> str:
    """Return what an operator can do about a file that cannot be read or written, in one line."""
    where = error.filename or path
    return f"{where}: {error.strerror or error}; {_REMEDIES.get(error.errno or 0, 'nothing was acknowledged after it')}"


_SPACE = "free some space there and run the command again; what was acknowledged is safe"
_RIGHTS = "let the user who runs ansinh read and write there"
_FILES = "allow more open files (`ulimit -n`)"
_REMEDIES = {
    errno.ENOSPC: _SPACE,
    errno.EDQUOT: _SPACE,
    errno.EACCES: _RIGHTS,
    errno.EPERM: _RIGHTS,
    errno.EROFS: _RIGHTS,
    errno.EMFILE: _FILES,
    errno.ENFILE: _FILES,
    errno.EIO: "the disk fails; look into the system's log, then run `ansinh check`",
}
