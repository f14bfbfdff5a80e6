"""`python -m archive` is `ansinh`: for subprocesses, whatever the PATH."""

from archive.cli import main

main()
