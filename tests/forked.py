"""Processes that begin with everything imported, as the one fork server's children: hundredths of a second instead of two."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
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
    await_another_second(arguments)
    with TemporaryDirectory() as folder:
        out, err = Path(folder, "stdout"), Path(folder, "stderr")
        process = start(out, err, _command, arguments)
        process.join(_SECONDS)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise AssertionError(f"{arguments} did not end in {_SECONDS} s: {err.read_text('utf-8', 'replace')}")
        return Done(process.exitcode, out.read_text("utf-8"), err.read_text("utf-8"))


def await_another_second(arguments: Sequence[str]) -> None:
    """Before a crawl of `--data DATA`, wait for another second than that of what is held there; else return at once.

    WARC-Date and the times of checks have seconds: what is captured now is to be later.
    """
    if not {"crawl", "nightly"} & set(arguments):
        return
    data, held = Path(arguments[arguments.index("--data") + 1]), 0.0
    for path in (*data.glob("ansinh.db*"), *data.glob("captures/*/*/*")):
        with suppress(FileNotFoundError):  # another process is at work, and has renamed it
            held = max(held, path.stat().st_mtime)
    while int(time.time()) <= int(held):
        time.sleep(0.02)


def _command(arguments: tuple[str, ...]) -> None:
    sys.argv = ["ansinh", *arguments]
    main()
