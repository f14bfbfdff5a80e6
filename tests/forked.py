"""`ansinh` commands in processes of their own that begin with everything imported: a tenth of a second instead of two."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from archive.__main__ import main

_SECONDS = 240
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.preloaded"])


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def run(*arguments: str) -> Done:
    """Run a command to its end, in this process's environment; its output passes through files."""
    with TemporaryDirectory() as folder:
        out, err = Path(folder, "stdout"), Path(folder, "stderr")
        process = _context.Process(target=_command, args=(arguments, out, err, Path.cwd(), dict(os.environ)))
        process.start()
        process.join(_SECONDS)
        if process.exitcode is None:
            process.kill()
            raise AssertionError(f"{arguments} did not end in {_SECONDS} s: {err.read_text('utf-8', 'replace')}")
        return Done(process.exitcode, out.read_text("utf-8"), err.read_text("utf-8"))


def _command(arguments: tuple[str, ...], out: Path, err: Path, folder: Path, environment: Mapping[str, str]) -> None:
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for number, path in ((1, out), (2, err)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    sys.argv = ["ansinh", *arguments]
    main()
