"""`make bench`: runs every measurement, or those named on the command line."""

from __future__ import annotations

import subprocess
import sys

NAMES = ("importing", "crawling", "searching", "search_quality", "enriching", "ledger", "nightly")


def main() -> None:
    """Run each measurement in a process of its own, so that peak memory is its own."""
    for name in sys.argv[1:] or NAMES:
        print(f"\n== {name}", flush=True)
        subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False)


main()
