"""Claims, the ledger made of them, and what is held of a place, in SQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from archive.decisions import decided_claims
from archive.masking import is_guarded
from archive.models import Article, Enrichment, Portal
from archive.pledges import PLEDGE_FACETS, Coverage, PledgeRow, Statement, place_of
from archive.store import codec
from archive.store.connection import Connection

Filters = Mapping[str, Collection[str]]
_TALLIED = ("year", "indicator", "topic", "verdict")  # facets of few values

# The bytes that show an article: those of its last version, or of what that found unchanged.
_STATEMENTS = """
SELECT c.doc, c.decided, a.id AS article, a.title, a.url, a.portal, a.published, coalesce(k.id, '') AS capture,
    coalesce(nullif(k.sha256, ''), (
        SELECT sha256 FROM captures WHERE payload = k.payload AND sha256 <> '' ORDER BY fetched_at, id LIMIT 1
    ), '') AS sha256
FROM claims c CROSS JOIN articles a ON a.id = c.article
LEFT JOIN versions v ON v.article = a.id AND v.n = (SELECT max(n) FROM versions WHERE article = a.id)
LEFT JOIN captures k ON k.id = v.capture
WHERE c.place = :place AND c.indicator = coalesce(:indicator, c.indicator) ORDER BY c.article, c.n
"""

_COUNTS = """
SELECT verdict, year, indicator, topic, count(*) AS n FROM pledges INDEXED BY pledges_counted WHERE {}
GROUP BY verdict, year, indicator, topic
"""

_ABOUT = """
SELECT portal, count(*) AS n FROM subjects WHERE place = ? AND day BETWEEN ? AND ? GROUP BY portal ORDER BY portal
"""


class Pledging:
    """The ledger of one database; writing methods belong inside a transaction of the store."""

    def __init__(self, db: Connection) -> None:
        """Use the connection of the store."""
        self._db = db

    # writing ---------------------------------------------------------------------------------------------

    def save(self, article: Article, enrichment: Enrichment, not_after: str) -> None:
        """Remember what an article claims, as far as lists may tell it, and which places it is about."""
        for table in ("claims", "subjects", "missing"):
            self._db.execute(f"DELETE FROM {table} WHERE article = ?", (article.id,))  # noqa: S608  names of ours
        decided = decided_claims(enrichment)
        claims = () if is_guarded(enrichment) else enrichment.claims
        self._db.executemany(
            "INSERT INTO claims VALUES (?,?,?,?,?,?)",
            (
                (article.id, n, place_of(claim), claim.indicator, decided.get(claim.id), codec.dump(claim))
                for n, claim in enumerate(claims)
                if claim.place
            ),
        )
        day = (article.published or not_after)[:10]
        self._db.executemany(
            "INSERT OR IGNORE INTO subjects VALUES (?,?,?,?)",
            ((p.id, day, article.id, article.portal) for p in enrichment.places if p.role == "subject"),
        )

    def save_units(self, portal: Portal) -> None:
        """Remember of which places a portal is."""
        self._db.execute("DELETE FROM units WHERE portal = ?", (portal.name,))
        rows = ((unit.place, portal.name) for unit in portal.units)
        self._db.executemany("INSERT OR IGNORE INTO units VALUES (?, ?)", rows)

    def miss(self, article_id: str, portal: str) -> None:
        """Remember that an article is known, and that nothing of it is held or open."""
        self._db.execute(
            "INSERT OR REPLACE INTO missing"
            " SELECT ?, ?, coalesce(max(substr(published, 1, 10)), '') FROM hints WHERE article = ?",
            (article_id, portal, article_id),
        )

    def unsettle(self) -> None:
        """Have the pledges of every place made again."""
        self._db.execute("INSERT OR IGNORE INTO unsettled SELECT place FROM claims UNION SELECT place FROM pledges")

    def settle(self, place: str, rows: Iterable[PledgeRow]) -> None:
        """Put the pledges of a place in place of those listed."""
        self._db.execute("DELETE FROM pledges WHERE place = ?", (place,))
        self._db.executemany(
            "INSERT INTO pledges VALUES (?,?,?,?,?,?,?,?)",
            ((r.id, r.place, r.province, r.indicator, r.topic, r.year, r.verdict, r.published) for r in rows),
        )
        self._db.execute("DELETE FROM unsettled WHERE place = ?", (place,))

    # reading ---------------------------------------------------------------------------------------------

    def unsettled(self, limit: int) -> tuple[str, ...]:
        """Return at most so many places whose pledges are to be made again."""
        rows = self._db.execute("SELECT place FROM unsettled ORDER BY place LIMIT ?", (limit,))
        return tuple(row["place"] for row in rows)

    def pending(self) -> int:
        """Return how many places have pledges to be made again."""
        return int(self._db.execute("SELECT count(*) AS n FROM unsettled").fetchone()["n"])

    def statements(self, place: str, indicator: str | None = None) -> tuple[Statement, ...]:
        """Return what is claimed of a place (by one indicator), parts of it included, by article and offset."""
        rows = self._db.execute(_STATEMENTS, {"place": place, "indicator": indicator})
        return tuple(Statement(codec.load_claim(row.pop("doc")), **row) for row in rows)

    def told_in(self, article_id: str) -> tuple[tuple[str, str], ...]:
        """Return the places and indicators that an article's claims are about."""
        rows = self._db.execute(
            "SELECT DISTINCT place, indicator FROM claims WHERE article = ? ORDER BY place, indicator",
            (article_id.upper(),),
        )
        return tuple((row["place"], row["indicator"]) for row in rows)

    def find(self, filters: Filters, offset: int, limit: int) -> list[PledgeRow]:
        """Return the pledges of one page, those published last first."""
        where, values = _where(filters)
        rows = self._db.execute(
            f"SELECT * FROM pledges INDEXED BY pledges_listed WHERE {where}"  # noqa: S608
            " ORDER BY published DESC, id LIMIT ? OFFSET ?",
            (*values, limit, offset),
        )
        return [PledgeRow(**row) for row in rows]

    def count(self, filters: Filters) -> int:
        """Return how many pledges there are under the filters."""
        where, values = _where(filters)
        return int(self._db.execute(f"SELECT count(*) AS n FROM pledges WHERE {where}", values).fetchone()["n"])  # noqa: S608

    def counts(self, filters: Filters) -> dict[str, dict[str, int]]:
        """Return for each facet how many pledges its values have under the filters of the others."""
        counts = self._counted(filters)
        for name in ("place", *filters):
            counts[name] = self._count_by(name, {other: filters[other] for other in filters if other != name})
        return counts

    def _count_by(self, facet: str, filters: Filters) -> dict[str, int]:
        where, values = _where(filters)
        column = _column(facet)
        walked = "INDEXED BY pledges_counted" if filters else ""  # without filters a column's own index is shorter
        rows = self._db.execute(
            f"SELECT {column} AS value, count(*) AS n FROM pledges {walked}"  # noqa: S608
            f" WHERE {where} GROUP BY {column}",
            values,
        )
        return {str(row["value"]): row["n"] for row in rows if row["value"] is not None}

    def _counted(self, filters: Filters) -> dict[str, dict[str, int]]:
        """Return how many pledges the values of each facet but places have under the filters, by one walk over all."""
        where, values = _where(filters)
        counts: dict[str, Counter[str]] = {name: Counter() for name in _TALLIED}
        for row in self._db.execute(_COUNTS.format(where), values):
            for name in _TALLIED:
                if row[name] is not None:
                    counts[name][str(row[name])] += row["n"]
        return {name: dict(counted) for name, counted in counts.items()}

    def places(self, filters: Filters) -> Iterator[tuple[str, frozenset[str]]]:
        """Yield every place with the ids of its pledges under the filters, sorted."""
        where, values = _where(filters)
        found: dict[str, set[str]] = {}
        for row in self._db.execute(f"SELECT place, id FROM pledges WHERE {where}", values):  # noqa: S608
            found.setdefault(row["place"], set()).add(row["id"])
        for place in sorted(found):
            yield place, frozenset(found[place])

    def get(self, pledge_id: str) -> PledgeRow | None:
        """Return a pledge as it is listed; None for an unknown id."""
        row = self._db.execute("SELECT * FROM pledges WHERE id = ?", (pledge_id.upper(),)).fetchone()
        return PledgeRow(**row) if row else None

    def coverage(self, place: str, first: str, last: str) -> Coverage:
        """Return what is held of a place between two days (YYYY-MM-DD, inclusive)."""
        owned = self._db.execute("SELECT portal FROM units WHERE place = ? ORDER BY portal", (place,))
        portals = tuple(row["portal"] for row in owned)
        about = {row["portal"]: row["n"] for row in self._db.execute(_ABOUT, (place, first, f"{last}~"))}
        missing = "SELECT count(*) AS n FROM missing WHERE portal = ? AND (day = '' OR day BETWEEN ? AND ?)"
        problems = "SELECT count(*) AS n FROM open_problems WHERE portal = ?"
        return Coverage(
            first=first,
            last=last,
            portals=portals,
            articles=about,
            missing=sum(self._count(missing, name, first, last) for name in portals),
            problems=sum(self._count(problems, name) for name in portals),
        )

    def _count(self, query: str, *values: Any) -> int:
        return int(self._db.execute(query, values).fetchone()["n"])


def _column(facet: str) -> str:
    """Return the column of a facet: no other word gets into a statement."""
    return PLEDGE_FACETS[PLEDGE_FACETS.index(facet)]


def _where(filters: Filters) -> tuple[str, tuple[str, ...]]:
    """Return the condition for filters by facet, and its values; a place is a district or a province."""
    clauses, values = ["1"], []
    for name, wanted in filters.items():
        marks = ",".join("?" * len(wanted))
        columns = ("place", "province") if name == "place" else (_column(name),)
        clauses.append(f"({' OR '.join(f'{column} IN ({marks})' for column in columns)})")
        values += [*wanted] * len(columns)
    return " AND ".join(clauses), tuple(values)
