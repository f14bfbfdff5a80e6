"""`ansinh crawl` in a process of its own, with a shorter deadline for answers, a measured peak, and a planted bug or none."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
_PLANTED = {
    "": "",
    "half a stream is a page": "import scraper.crawl.evidence as m, scraper.extract as e; m._missing = lambda _: ''; e.TRUNCATED = 'x'",
    "no scope": "import scraper.crawl.routes as m; m.Routes._check_scope = lambda *_: None; s.TWISTED_DNS_RESOLVER = "
    "'scrapy.resolver.CachingThreadedResolver'",
    "no caps": "import archive.captures.encodings as c, archive.captures.reading as m; m.MAX_BODY = m.MAX_DECODED = c.MAX_DECODED = 1 << 40; import scraper.crawl.routes as r; r._PAGE_BYTES = 0; s.DOWNLOAD_MAXSIZE = 0",
    "robots do not matter": "s.DOWNLOADER_MIDDLEWARES.pop('scraper.crawl.robots.PoliteRobots'); s.ROBOTSTXT_OBEY = False",
}


@dataclass(frozen=True)
class Crawled:
    """How a crawl ended: exit code, standard error, seconds, peak memory of it and of its largest child in MB."""

    code: int
    said: str
    seconds: float
    peak: int
    child: int


def crawl(data: Path, names: Sequence[str], timeout: float, deadline: float, bug: str = "") -> Crawled:
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", "from tests.hostile.crawl import main; main()", str(data), str(deadline), bug, *names],
        cwd=ROOT, env={**os.environ, "ANSINH_DATA": str(data)}, capture_output=True, text=True, timeout=timeout, check=False,
    )  # fmt: skip
    peaks = re.search(r"^peak (\d+) (\d+)$", done.stderr, re.MULTILINE)
    assert peaks is not None, done.stderr
    return Crawled(done.returncode, done.stderr, time.monotonic() - start, int(peaks[1]), int(peaks[2]))


def main() -> None:
    data, deadline, bug, *names = sys.argv[1:]
    import scraper.settings as s

    s.DOWNLOAD_TIMEOUT = float(deadline)  # type: ignore[assignment]
    if os.environ.get("ANSINH_FAULTS") != "full":
        s.CONCURRENT_REQUESTS_PER_DOMAIN = 4  # answers that never end are waited for side by side
    exec(_PLANTED[bug], {"s": s})
    from archive.cli import main as ansinh

    sys.argv = ["ansinh", "--data", data, "crawl", *names]
    try:
        ansinh()
    finally:
        sys.stderr.write(f"peak {_peak()} {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024}\n")


def _peak() -> int:
    """Return the most MB that this program held; what getrusage says begins with the peak of whoever started it."""
    held = re.search(r"^VmHWM:\s+(\d+) kB$", Path("/proc/self/status").read_text("ascii"), re.MULTILINE)
    assert held is not None
    return int(held[1]) // 1024
