"""A database brought up to date by numbered schema files, each applied once, in its own transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from importlib import resources

from archive.models import ArchiveError
from archive.store import sums
from archive.store.connection import Connection, transaction


def migrate(db: Connection) -> None:
    """Apply the numbered schema files that the database has not seen, each in its own transaction."""
    steps = sorted(resources.files("archive.store.schema").iterdir(), key=lambda step: step.name)
    scripts = [step.read_text("utf-8") for step in steps if step.name.endswith(".sql")]
    version = _version(db)
    if version > len(scripts):
        raise ArchiveError(
            f"{db.path}: the database was written by a newer An Sinh (schema {version}); upgrade this one"
        )
    for number, script in enumerate(scripts[version:], start=version + 1):
        with transaction(db):
            for statement in _statements(script):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {number}")
            sums.renew(db)


def _version(db: Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()["user_version"])


def _statements(script: str) -> Iterator[str]:
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
