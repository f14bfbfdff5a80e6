"""Small disks for fault tests: a tmpfs that fills up, and a real ext4 whose power can be cut. Only for root on Linux."""

from __future__ import annotations

import fcntl
import gc
import os
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which

import pytest

_SHUTDOWN = 0x8004587D  # FS_IOC_SHUTDOWN of linux/fs.h: what xfstests cuts the power with
_WITHOUT_FLUSHING = 2


def need_root(folder: Path, *programs: str) -> None:
    """Skip the test where disks cannot be mounted."""
    missing = [program for program in ("mount", *programs) if which(program) is None]
    if missing or os.geteuid():
        pytest.skip(f"needs root and {', '.join(missing) or 'mount'} for a small disk")
    folder.mkdir(exist_ok=True)
    if subprocess.run(["mount", "-t", "tmpfs", "none", folder], check=False, capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount a disk")
    _do("umount", folder)


def _do(*command: object) -> None:
    done = subprocess.run([str(part) for part in command], check=False, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}: {done.stderr}"


def _unmount(folder: Path) -> None:
    """Unmount, as soon as the killed processes have let go of their files."""
    gc.collect()  # Whoosh closes the file of a segment when its reader is collected
    for _ in range(100):
        if subprocess.run(["umount", folder], check=False, capture_output=True).returncode == 0:
            return
        time.sleep(0.05)
    raise AssertionError(f"{folder} stays busy")


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """Mount a tmpfs of that size ("2m")."""
    folder.mkdir(parents=True)
    _do("mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder)
    try:
        yield folder
    finally:
        _unmount(folder)


def remount(folder: Path, options: str) -> None:
    """Change the size of a disk, or whether it can be written to."""
    _do("mount", "-o", f"remount,{options}", folder)


class PowerCutDisk:
    """An ext4 in a file in memory. Its journal is not committed by time, so what nobody has synced stays in memory."""

    def __init__(self, folder: Path) -> None:
        self._image, self.folder = folder / "image", folder / "disk"
        self.folder.mkdir(parents=True)
        with self._image.open("wb") as file:
            file.truncate(64 << 20)
        _do("mkfs.ext4", "-q", "-F", self._image)
        self.mount()

    def mount(self) -> None:
        _do("mount", "-o", "loop,commit=3000", self._image, self.folder)

    def cut_power(self) -> None:
        """Stop the file system at once: dirty pages and the open journal transaction never reach the disk."""
        handle = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.ioctl(handle, _SHUTDOWN, struct.pack("I", _WITHOUT_FLUSHING))
        finally:
            os.close(handle)

    def unmount(self) -> None:
        _unmount(self.folder)
