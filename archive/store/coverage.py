"""What coverage is counted from, in SQL: articles by month, known pages that are not held, how far portals were read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from archive.coverage import Held
from archive.models import Portal
from archive.store import codec
from archive.store.connection import Connection

_MISSING = """
SELECT portal, substr(day, 1, 7) AS month, count(*) AS missing, sum(EXISTS (
    SELECT 1 FROM captures c JOIN open_problems p ON p.capture = c.id WHERE c.article = missing.article
)) AS problems
FROM missing WHERE portal IN ({}) GROUP BY portal, month
"""

# Months as bits, so that those of several portals of a place can be joined.
_COLUMNS = """
SELECT portal, substr(month, 1, :length) AS "column", sum(articles) AS articles,
    sum(CASE WHEN month = '' THEN 0 ELSE 1 << (CAST(substr(month, 6, 2) AS INTEGER) - 1) END) AS months
FROM monthly WHERE month BETWEEN :first AND :last GROUP BY portal, "column"
"""

_EXTENT = "SELECT portal, sum(articles) AS articles, sum(in_scope) AS in_scope FROM monthly GROUP BY portal"


_LATEST = """
SELECT n.portal, n.runs, r.id, r.started_at, r.finished_at, r.outcome, r.requests, r.note
FROM (SELECT portal, count(*) AS runs, max(started_at) AS latest FROM runs GROUP BY portal) n
JOIN runs r ON r.portal = n.portal AND r.started_at = n.latest
"""


class Covering:
    """What is held of portals in months; writing methods belong inside a transaction of the store."""

    def __init__(self, db: Connection) -> None:
        """Use the connection of the store."""
        self._db = db

    def save_catalogue(self, portals: Iterable[Portal]) -> None:
        """Remember every portal of the catalogue, read or not, in place of those remembered."""
        now = {portal.name: codec.dump(portal) for portal in portals}
        held = {row["name"]: row["doc"] for row in self._db.execute("SELECT * FROM catalogue")}
        self._db.executemany("DELETE FROM catalogue WHERE name = ?", ((name,) for name in held if name not in now))
        changed = ((name, doc) for name, doc in now.items() if held.get(name) != doc)
        self._db.executemany("INSERT OR REPLACE INTO catalogue VALUES (?, ?)", changed)

    def catalogue(self) -> tuple[Portal, ...]:
        """Return every portal of the catalogue, and those held that are not in it, by name."""
        rows = self._db.execute(
            "SELECT doc FROM (SELECT name, doc FROM catalogue"
            " UNION ALL SELECT name, doc FROM portals WHERE name NOT IN (SELECT name FROM catalogue)) ORDER BY name"
        )
        return tuple(codec.load_portal(row["doc"]) for row in rows)

    def uncrawled(self) -> tuple[Portal, ...]:
        """Return the portals of the catalogue of which nothing was ever fetched, by name."""
        rows = self._db.execute("SELECT doc FROM catalogue WHERE name NOT IN (SELECT name FROM portals) ORDER BY name")
        return tuple(codec.load_portal(row["doc"]) for row in rows)

    def held(self, portals: Collection[str]) -> dict[str, dict[str, Held]]:
        """Return what is held of portals, by portal and month (2020-01; empty where it is unknown)."""
        marks, found = ",".join("?" * len(portals)), dict[str, dict[str, Held]]()
        rows = self._db.execute(f"SELECT * FROM monthly WHERE portal IN ({marks})", (*portals,))  # noqa: S608
        for row in rows:
            found.setdefault(row["portal"], {})[row["month"]] = Held(row["articles"])
        for row in self._db.execute(_MISSING.format(marks), (*portals,)):
            months = found.setdefault(row["portal"], {})
            articles = months.get(row["month"], Held()).articles
            months[row["month"]] = Held(articles, row["missing"], row["problems"])
        return found

    def columns(self, year: int | None) -> list[tuple[str, str, int, int]]:
        """Return the articles of each portal by year, or by the months of one, with the months that have any as bits."""
        first, last = ("", "~") if year is None else (f"{year:04}-01", f"{year:04}-12")
        rows = self._db.execute(_COLUMNS, {"length": 4 if year is None else 7, "first": first, "last": last})
        return [(row["portal"], row["column"], row["articles"], row["months"]) for row in rows]

    def fetched(self) -> Mapping[str, str]:
        """Return when a page of each portal came last that the server did not refuse (UTC)."""
        rows = self._db.execute(
            "SELECT p.name, (SELECT fetched_at FROM captures WHERE portal = p.name AND status IN (200, 304)"
            " ORDER BY fetched_at DESC LIMIT 1) AS last FROM portals p"
        )
        return {row["name"]: row["last"] for row in rows if row["last"]}

    def latest_runs(self) -> dict[str, tuple[object, ...]]:
        """Return for each portal what changes with its runs: how many there are, and the latest as it stands."""
        rows = self._db.execute(_LATEST)
        return {row.pop("portal"): tuple(row.values()) for row in rows}

    def counts(self) -> dict[str, tuple[int, int]]:
        """Return how many articles are held of each portal, and how many of them are in scope."""
        return {row["portal"]: (row["articles"], row["in_scope"]) for row in self._db.execute(_EXTENT)}

    def months(self) -> tuple[str, str] | None:
        """Return the first and the last month with an article; None where none has one."""
        row = self._db.execute(
            "SELECT min(month) AS first, max(month) AS last FROM monthly WHERE month <> ''"
        ).fetchone()
        return (row["first"], row["last"]) if row["first"] else None
