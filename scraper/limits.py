"""Calls into a child process that is killed when a page costs too much time or memory (reliability.md section 3).

The child is started with its first call, serves one call after the other, and is replaced after a kill: there is no
cost per page beyond sending it. It ends by itself when its parent does.
"""

from __future__ import annotations

import atexit
import os
import pickle
import resource
import select
import signal
import struct
import subprocess
import sys
import time
from importlib import import_module
from typing import Any, BinaryIO

CPU_SECONDS = 3  # of computing for one call: decides, so that the answer does not depend on what else the machine does
PATIENCE = 20.0  # seconds by the clock, for a child that hardly gets a processor
START = 60.0  # seconds by the clock until a new child is ready; no page pays for that
MEMORY = 1 << 29  # bytes of address space
_SIZE = struct.Struct("!Q")


class LimitExceeded(Exception):
    """A call that was ended; says which limit it ran into: `deadline` or `memory`."""


class Limited:
    """The functions of one module, called in a child process."""

    def __init__(self, module: str) -> None:
        """Nothing is started before the first call."""
        self._module = module
        self._child: subprocess.Popen[bytes] | None = None
        atexit.register(self.close)

    def call(self, function: str, *arguments: object) -> Any:
        """Return what the function returns or raise what it raises; raise LimitExceeded when it was ended.

        What is out of memory in a child that has worked before is tried once more in a new one: what a page costs must
        not depend on the pages before it.
        """
        attempts = 1 if self._child is None else 2
        for _ in range(attempts):
            try:
                return self._call(function, arguments)
            except MemoryError:
                self.close()
        raise LimitExceeded("memory")

    def close(self) -> None:
        """End the child, if there is one."""
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None

    def _call(self, function: str, arguments: tuple[object, ...]) -> Any:
        child = self._child = self._child or _start(self._module)
        until = time.monotonic() + PATIENCE
        try:
            _send(child.stdin, (function, arguments))  # type: ignore[arg-type]  # both are pipes
            answer = _receive(child.stdout, until)  # type: ignore[arg-type]
        except TimeoutError:
            self.close()
            raise LimitExceeded("deadline") from None
        except (EOFError, BrokenPipeError):
            raise self._ended(child) from None
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def _ended(self, child: subprocess.Popen[bytes]) -> Exception:
        """Forget a child that has died, and return what it died of."""
        code = child.wait()
        self.close()
        return LimitExceeded("deadline") if code == -signal.SIGXCPU else MemoryError()


def _start(module: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", __name__, module]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603  our own interpreter
    _receive(child.stdout, time.monotonic() + START)  # type: ignore[arg-type]  # a pipe
    return child


def _send(pipe: BinaryIO, message: object) -> None:
    content = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    pipe.write(_SIZE.pack(len(content)) + content)
    pipe.flush()


def _receive(pipe: BinaryIO, until: float) -> Any:
    """Return the child's answer; pickled by our own code, of nothing but our own classes."""
    (size,) = _SIZE.unpack(_read(pipe, _SIZE.size, until))
    return pickle.loads(_read(pipe, size, until))  # noqa: S301


def _read(pipe: BinaryIO, size: int, until: float) -> bytes:
    content = bytearray()
    while len(content) < size:
        ready, _, _ = select.select([pipe], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            raise TimeoutError
        chunk = os.read(pipe.fileno(), size - len(content))
        if not chunk:
            raise EOFError
        content += chunk
    return bytes(content)


# --- the child -----------------------------------------------------------------------------------------------


def serve(module: str) -> None:
    """Answer calls from standard input on standard output until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which seals what it has
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    functions, calls, answers = import_module(module), sys.stdin.buffer, sys.stdout.buffer
    _send(answers, "ready")
    while head := calls.read(_SIZE.size):
        function, arguments = pickle.loads(calls.read(*_SIZE.unpack(head)))  # noqa: S301  our parent's
        _allow(CPU_SECONDS)
        _send(answers, _answer(functions, function, arguments))


def _allow(seconds: int) -> None:
    """Let the kernel end this process after that many more seconds of computing."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 1 + seconds, hard))


def _answer(functions: object, function: str, arguments: tuple[object, ...]) -> object:
    try:
        return getattr(functions, function)(*arguments)
    except Exception as error:  # noqa: BLE001  handed to the parent, which raises it
        return error


if __name__ == "__main__":
    serve(sys.argv[1])
