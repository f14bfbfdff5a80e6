"""Processes that begin with everything imported, as the one fork server's children: hundredths of a second instead of two."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Mapping
from multiprocessing.process import BaseProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from archive.__main__ import main

_SECONDS = 240
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.preloaded"])


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def start(out: Path, err: Path, work: Callable[..., None], *arguments: Any) -> BaseProcess:
    """Start `work(*arguments)` in this process's folder and environment; what it prints goes into two files."""
    here = (out, err, Path.cwd(), dict(os.environ))
    process = _CONTEXT.Process(target=_redirected, args=(*here, work, arguments))
    process.start()
    return process


def _redirected(
    out: Path, err: Path, folder: Path, environment: Mapping[str, str], work: Callable[..., None], arguments: Any
) -> None:
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for number, path in ((1, out), (2, err)):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(handle, number)
        os.close(handle)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever runs the tests under nohup ignores it
    work(*arguments)


def run(*arguments: str) -> Done:
    """Run an ansinh command to its end."""
    with TemporaryDirectory() as folder:
        out, err = Path(folder, "stdout"), Path(folder, "stderr")
        process = start(out, err, _command, arguments)
        process.join(_SECONDS)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise AssertionError(f"{arguments} did not end in {_SECONDS} s: {err.read_text('utf-8', 'replace')}")
        return Done(process.exitcode, out.read_text("utf-8"), err.read_text("utf-8"))


def _command(arguments: tuple[str, ...]) -> None:
    sys.argv = ["ansinh", *arguments]
    main()
