"""The command `ansinh`, which is `python -m archive` as well: for subprocesses, whatever the PATH."""

from __future__ import annotations

import sys

from archive.models import ArchiveError


def main() -> None:
    """Run the command line; a damaged data file of the rules, which are read at the start, is named on one line."""
    try:
        from archive.cli import main as command  # noqa: PLC0415  its import reads the data files
    except ArchiveError as error:
        sys.exit(f"Error: {error}")
    command()


if __name__ == "__main__":
    main()
