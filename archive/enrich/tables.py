"""The data files beside the rules: read with errors that name the file and what is wrong in it, and where."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from archive.models import ArchiveError

FOLDER = Path(__file__).parent


@contextmanager
def open_table(name: str) -> Iterator[dict[str, Any]]:
    """Give a TOML file of this package; raise ArchiveError for one that is no TOML (with its line) or lacks what is read."""
    path = FOLDER / name
    try:
        yield tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ArchiveError(f"{path}: {error}") from error
    except KeyError as error:
        raise ArchiveError(f"{path}: {error} is missing") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise ArchiveError(f"{path}: {error}") from error
    except OSError as error:
        raise ArchiveError(f"{path}: {error.strerror}") from error


def read_table(name: str) -> dict[str, Any]:
    """Return a TOML file of this package; raise ArchiveError as `open_table` does."""
    with open_table(name) as table:
        return table
