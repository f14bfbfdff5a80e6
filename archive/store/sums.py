"""A checksum of every table, kept by the writer with each change: finds what was altered, lost or added behind it.

The sum of a table is the sum of its rows' hashes, so one change costs one addition, whatever the table's size.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

from archive.store.connection import Connection

_MASK = (1 << 61) - 1  # two such numbers add up below SQLite's 64 bits

_WATCH = """
CREATE TEMP TRIGGER sum_{event}_{table} AFTER {event} ON main.{table} BEGIN
    UPDATE sums SET rows = rows + {rows}, sum = (sum + {hashes}) & {mask} WHERE name = '{table}';
END
"""


def _row_hash(*values: Any) -> int:
    return int.from_bytes(blake2b(repr(values).encode("utf-8", "surrogatepass"), digest_size=8).digest()) & _MASK


def watch(db: Connection) -> None:
    """Keep the sums right while this connection writes; the triggers are its own and leave with it."""
    db.create_function("row_hash", -1, _row_hash, deterministic=True)
    for table, columns in _tables(db):
        new, old = (f"row_hash({', '.join(f'{row}.{column}' for column in columns)})" for row in ("new", "old"))
        gone = f"{_MASK} + 1 - {old}"
        for event, rows, hashes in (("INSERT", 1, new), ("DELETE", -1, gone), ("UPDATE", 0, f"{new} + {gone}")):
            db.execute(_WATCH.format(event=event, table=table, rows=rows, hashes=hashes, mask=_MASK))


def renew(db: Connection) -> None:
    """Compute every sum anew: after a change of the schema, in its transaction."""
    db.execute("CREATE TABLE IF NOT EXISTS sums (name TEXT PRIMARY KEY, rows INTEGER NOT NULL, sum INTEGER NOT NULL)")
    db.execute("DELETE FROM sums")
    for table, _ in _tables(db):
        db.execute("INSERT INTO sums VALUES (?, ?, ?)", (table, *_sum(db, table)))


def wrong(db: Connection) -> Iterator[str]:
    """Yield the name of every table whose rows do not add up to its sum."""
    held = {row["name"]: (row["rows"], row["sum"]) for row in db.execute("SELECT name, rows, sum FROM sums")}
    for table, _ in _tables(db):
        if held.get(table) != _sum(db, table):
            yield table


def _sum(db: Connection, table: str) -> tuple[int, int]:
    rows = total = 0
    for row in db.execute(f"SELECT * FROM {table}"):  # noqa: S608  a name of ours
        rows += 1
        total = (total + _row_hash(*row.values())) & _MASK
    return rows, total


def _tables(db: Connection) -> list[tuple[str, list[str]]]:
    names = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'sums' ORDER BY name")
    return [(row["name"], _columns(db, row["name"])) for row in names]


def _columns(db: Connection, table: str) -> list[str]:
    return [row["name"] for row in db.execute(f"PRAGMA table_info({table})")]
