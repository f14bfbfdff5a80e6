"""Runs ansinh commands (and small loops of writing) in processes that can be killed, each with an optional planted bug."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from tests import forked
from tests.faults import bugs


@dataclass(slots=True)
class Child:
    """A process with its standard output and error in files."""

    process: BaseProcess
    out: Path
    err: Path

    def kill_after(self, seconds: float) -> None:
        """SIGKILL the process then, or let it be when it has ended before."""
        self.process.join(seconds)
        self.process.kill()
        self.process.join()

    def kill_after_first_line(self, seconds: float) -> None:
        """SIGKILL the process so long after it has said something: however busy the machine is, there is a life to end."""
        wait_for(lambda: self.process.exitcode is not None or self.lines())
        self.kill_after(seconds)

    def end(self, seconds: float = 280) -> int:
        """Wait for the end and return the exit code."""
        self.process.join(seconds)
        if self.process.exitcode is None:
            self.process.kill()
            self.process.join()
            raise AssertionError(f"still running after {seconds} s: {self.errors()}")
        return self.process.exitcode

    def lines(self) -> list[str]:
        """Return the lines that were printed to their end."""
        return self.out.read_text().splitlines(keepends=True) if self.out.exists() else []

    def acknowledged(self) -> list[str]:
        """Return the ids of the articles that were acknowledged (design section 10)."""
        said = [json.loads(line) for line in self.lines() if line.endswith("\n")]
        return [line["id"] for line in said if "id" in line]

    def errors(self) -> str:
        """Return what was said on standard error."""
        return self.err.read_text() if self.err.exists() else ""


def wait_for(condition: Callable[[], object], seconds: float = 120) -> None:
    """Return when the condition holds; fail when it does not come to that, however slow the machine is."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def start(
    folder: Path, work: Callable[..., None], *arguments: Any, bug: str = "", settings: Mapping[str, Any] | None = None
) -> Child:
    """Start `work(*arguments)` in a process of its own, with module attributes (`"a.b.C"`) set and a bug planted."""
    if work is command:
        forked.await_another_second(("--data", *arguments))
    name = f"{time.monotonic_ns()}"
    out, err = folder / f"{name}.out", folder / f"{name}.err"
    return Child(forked.start(out, err, _run, bug, dict(settings or {}), work, arguments), out, err)


def ansinh(data: Path, *arguments: str, bug: str = "", settings: Mapping[str, Any] | None = None) -> Child:
    """Start an ansinh command on a data directory; its output goes beside that directory."""
    return start(data.parent, command, str(data), *arguments, bug=bug, settings=settings)


def command(data: str, *arguments: str) -> None:
    """Be `ansinh --data DATA ARGUMENTS`."""
    import_module("archive.cli").main(["--data", data, *arguments], prog_name="ansinh")


def _run(bug: str, settings: Mapping[str, Any], work: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    for name, value in settings.items():
        module, _, attribute = name.rpartition(".")
        setattr(import_module(module), attribute, value)
    if bug:
        getattr(bugs, bug)()
    work(*arguments)
