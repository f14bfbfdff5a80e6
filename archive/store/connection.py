"""Connections to SQLite that say, when something fails, which file it is and what mends it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from archive.models import ArchiveError

IN_MEMORY = Path(":memory:")  # a database that ends with its connection: for a writer that holds nothing
READ_DEADLINE = 2.0  # seconds that one read of the web UI may take
REBUILD = "`ansinh rebuild` makes it again from captures/"

_READING = ("query_only=ON", "trusted_schema=OFF", "busy_timeout=5000", "cell_size_check=ON")
_WRITING = (
    "journal_mode=WAL",
    "synchronous=FULL",  # NORMAL lost every acknowledged row in a power cut (reliability.md section 1)
    "foreign_keys=ON",
    "recursive_triggers=ON",  # without it a row that REPLACE removes would stay in its table's sum
    "busy_timeout=5000",
    "cell_size_check=ON",
)
_RIGHTS = "let the user who runs ansinh read and write there"
_REMEDIES = {
    "disk is full": "free some space there and run the command again; what was acknowledged is safe",
    "disk I/O error": "the disk is full or fails; mend that and run the command again; what was acknowledged is safe",
    "readonly": _RIGHTS,
    "unable to open": _RIGHTS,
    "locked": "another process is using it; try again",
    "interrupted": f"the read took longer than {READ_DEADLINE:g} seconds",
}


class Connection(sqlite3.Connection):
    """A connection whose failures are ArchiveErrors; constraints that are violated stay SQLite's own errors."""

    path: Path

    def cursor(self, factory: Any = None) -> Any:
        """Return a cursor whose failures are ArchiveErrors."""
        return super().cursor(factory or _Cursor)

    def execute(self, *arguments: Any) -> Any:
        """Execute a statement on such a cursor."""
        return self.cursor().execute(*arguments)

    def executemany(self, *arguments: Any) -> Any:
        """Execute a statement for many rows on such a cursor."""
        return self.cursor().executemany(*arguments)


class _Cursor(sqlite3.Cursor):
    def execute(self, *arguments: Any) -> Self:
        try:
            return super().execute(*arguments)
        except sqlite3.DatabaseError as error:
            raise failure(self.connection.path, error) from error  # type: ignore[attr-defined]  # ours alone

    def executemany(self, *arguments: Any) -> Self:
        try:
            return super().executemany(*arguments)
        except sqlite3.DatabaseError as error:
            raise failure(self.connection.path, error) from error  # type: ignore[attr-defined]

    def fetchone(self) -> Any:
        try:
            return super().fetchone()
        except sqlite3.DatabaseError as error:
            raise failure(self.connection.path, error) from error  # type: ignore[attr-defined]

    def __next__(self) -> Any:
        try:
            return super().__next__()
        except sqlite3.DatabaseError as error:
            raise failure(self.connection.path, error) from error  # type: ignore[attr-defined]


def failure(path: Path, error: sqlite3.DatabaseError) -> ArchiveError | sqlite3.DatabaseError:
    """Return what to raise for an error of SQLite: an ArchiveError with a remedy, but a violated constraint as it is."""
    if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
        return error
    remedy = next((remedy for said, remedy in _REMEDIES.items() if said in str(error)), REBUILD)
    return ArchiveError(f"{path}: {error}; {remedy}")


def connect(path: Path, read_only: bool) -> Connection:
    """Open the database; raise sqlite3.DatabaseError or ArchiveError when it cannot be."""
    if not read_only:
        path.parent.mkdir(parents=True, exist_ok=True)
    mode = "memory" if path == IN_MEMORY else "ro" if read_only else "rwc"
    address = f"{path.resolve().as_uri()}?mode={mode}"
    db = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False, factory=Connection)
    db.path = path
    db.row_factory = _as_dict
    for pragma in _READING if read_only else _WRITING:
        db.execute(f"PRAGMA {pragma}")
    return db


def _as_dict(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> dict[str, Any]:
    return {column[0]: value for column, value in zip(cursor.description, row, strict=True)}


@contextmanager
def transaction(db: Connection) -> Iterator[None]:
    """Commit what happens inside, durably, or nothing of it."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    finally:
        if db.in_transaction:  # not after a commit, nor when the disk is full: SQLite has rolled back by itself then
            db.execute("ROLLBACK")
