"""Two nights of `ansinh nightly` over 300 simulated portals: memory, requests, and what each portal got.

    python -m bench.nightly [PORTALS [ARTICLES]]

The portals are the demo's six, fifty times, with 45 articles each, on one loopback server that counts every request. The
second night follows at once with nothing changed, so that robots.txt is still known: a night 24 hours later may ask for
one more page a portal, and the ratio with these is printed beside the measured one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from archive.models import DataDir
from archive.store import Store
from bench.many_sites import Crowd, Served, serving
from scraper.night.supervision import memory_of


@dataclass(frozen=True)
class Night:
    """One night as measured: `peak` is the most memory that all its processes held together, in MB."""

    code: int
    said: dict[str, object]
    requests: dict[str, int]
    peak: int
    worker: int
    seconds: float


def main() -> None:
    given = [int(argument) for argument in sys.argv[1:]]
    portals, articles = (*given, *(300, 45)[len(given) :])
    crowd = Crowd(portals, articles)
    with tempfile.TemporaryDirectory(prefix="ansinh-nightly-") as folder, serving(crowd) as served:
        data = Path(folder) / "data"
        crowd.prepare(data, served.port, "due_hours = 0")
        first, second = night(data, served), night(data, served)
        for number, one in enumerate((first, second), start=1):
            show(number, one, crowd)
        asked, again = sum(first.requests.values()), sum(second.requests.values())
        print(f"ratio {again / asked:.1%}; with a robots.txt a portal {(again + portals) / asked:.1%}")
        print(f"articles held: {held(data)} of {portals * articles}")


def night(data: Path, served: Served) -> Night:
    """Run one night and watch its memory."""
    began = time.monotonic()
    command = [sys.executable, "-m", "archive", "--data", str(data), "nightly", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    peaks = [0, 0]
    watch = threading.Thread(target=_watch, args=(process, peaks))
    watch.start()
    out, err = process.communicate()
    watch.join()
    if process.returncode not in (0, 1):
        sys.exit(f"nightly ended with {process.returncode}: {err[-2000:]}")
    said = json.loads(out.splitlines()[-1])
    return Night(process.returncode, said, dict(served.requests()), peaks[0], peaks[1], time.monotonic() - began)


def _watch(process: subprocess.Popen[str], peaks: list[int]) -> None:
    """Keep the most memory of the whole family of a process, and of its largest member beside the first."""
    while process.poll() is None:
        family = [process.pid, *_descendants(process.pid)]
        held = [memory_of(pid) for pid in family]
        peaks[0] = max(peaks[0], sum(held))
        peaks[1] = max(peaks[1], *held[1:], 0)
        time.sleep(0.2)


def _descendants(pid: int) -> list[int]:
    try:
        children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
    return [one for child in children for one in (child, *_descendants(child))]


def show(number: int, one: Night, crowd: Crowd) -> None:
    """Print what a night took and what it gave."""
    counts = sorted(one.requests.get(name, 0) for name in crowd.names)
    print(
        f"night {number}: exit {one.code}, {sum(counts)} requests ({counts[0]} to {counts[-1]} a portal), "
        f"{one.seconds:.0f} s, peak {one.peak} MB in all processes, {one.worker} MB in the largest worker; "
        f"load {os.getloadavg()[0]:.1f}"
    )
    print(f"  {json.dumps(one.said['portals'])} new {one.said['new']} problems {one.said['problems']}", flush=True)


def held(data: Path) -> int:
    """Return how many articles are held."""
    with closing(Store(DataDir(data).database, read_only=True)) as store:
        return store.totals().articles


if __name__ == "__main__":
    main()
