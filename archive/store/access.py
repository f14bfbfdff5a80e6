"""What people decided, in SQL: which captures are closed, which articles lie behind a tombstone, what is blanked, and
which corrections an article carries. `Store` asks here before it gives anything away."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from archive.decisions import Correction, Decisions, Takedown, TakenDown, Tombstone, blank_article, holds
from archive.models import Article
from archive.store import codec
from archive.store.connection import Connection

TELLING_TITLE = 20  # code points from which on a title on another page names one article ("Thông báo" does not)
TELLING_SPAN = 8  # and a blanked span one person

# A closed capture closes the same bytes at its URL, or of its article. CROSS JOIN: the few takedowns first.
_WITHHOLD = """
INSERT OR IGNORE INTO withheld
SELECT c.id, t.n FROM takedowns t CROSS JOIN captures c ON c.article = t.article WHERE t.span IS NULL
UNION
SELECT c.id, u.takedown FROM closed_urls u CROSS JOIN captures c ON c.url >= u.first AND c.url < u.beyond
UNION
SELECT c.id, t.n FROM takedowns t CROSS JOIN captures c ON c.id = t.capture
UNION
SELECT c.id, t.n FROM takedowns t CROSS JOIN captures o ON o.id = t.capture
CROSS JOIN captures c ON c.payload = o.payload AND (c.url = o.url OR c.article = o.article)
"""

# A closed article closes its attachments and images, whoever else links to them.
_WITHHOLD_FILES = """
INSERT OR IGNORE INTO withheld
SELECT c.id, s.takedown FROM tombstones s CROSS JOIN assets a ON a.article = s.article
CROSS JOIN captures c ON c.url = a.url AND c.article IS NULL
"""

_GRAVE = """
SELECT c.portal, w.takedown FROM captures c JOIN withheld w ON w.capture = c.id
WHERE c.article = ? AND c.extraction IS NOT NULL ORDER BY w.takedown, c.fetched_at DESC, c.id LIMIT 1
"""

_OFFERING = """
SELECT a.article FROM captures c JOIN texts x ON x.sha256 = c.sha256 JOIN assets a ON a.url = c.url
JOIN articles s ON s.id = a.article WHERE c.id = ?
"""

_FILES = """
SELECT DISTINCT c.id, x.text FROM assets a JOIN captures c ON c.url = a.url JOIN texts x ON x.sha256 = c.sha256
WHERE a.article = ? AND x.outcome = 'text'
"""

# Titles that only closed captures bear, and blanked spans: what other pages of the portal must not show either.
_TELLING = """
WITH shown AS (SELECT portal, article, url FROM captures WHERE id = :capture),
closed AS (
    SELECT json_extract(e.doc, '$.title') AS title, w.takedown AS n, c.article
    FROM withheld w CROSS JOIN captures c ON c.id = w.capture CROSS JOIN extractions e ON e.digest = c.extraction
    WHERE c.portal = (SELECT portal FROM shown))
SELECT title AS words, n FROM closed WHERE length(title) >= :title
    AND NOT EXISTS (SELECT 1 FROM articles a WHERE a.id = closed.article AND a.title = closed.title)
UNION
SELECT t.span, t.n FROM takedowns t WHERE t.span IS NOT NULL AND (
    t.article = (SELECT article FROM shown)
    OR EXISTS (SELECT 1 FROM assets a WHERE a.article = t.article AND a.url = (SELECT url FROM shown))
    OR length(t.span) >= :span AND EXISTS (
        SELECT 1 FROM captures c WHERE c.article = t.article AND c.portal = (SELECT portal FROM shown)))
"""

_REACH = """
SELECT count(DISTINCT w.capture) AS captures, count(DISTINCT s.article) AS articles
FROM withheld w JOIN captures c ON c.id = w.capture LEFT JOIN tombstones s ON s.article = c.article WHERE w.takedown = ?
"""


class Reach(NamedTuple):
    """How much a takedown closes: captures, the articles that are gone by it, and captures whose text holds its span."""

    captures: int
    articles: int
    blanked: int


class Access:
    """The decisions as one database shows them."""

    def __init__(self, db: Connection) -> None:
        """Use the connection of the store."""
        self._db = db

    # writing ---------------------------------------------------------------------------------------------

    def replace(self, decisions: Decisions) -> None:
        """Put the decisions in place of those shown, and close what they close of the captures held."""
        for table in ("decided", "takedowns", "closed_urls", "withheld"):
            self._db.execute(f"DELETE FROM {table}")  # noqa: S608  names of ours
        self._db.execute("INSERT INTO decided VALUES (?)", (decisions.digest,))
        for n, one in enumerate(decisions.takedowns, start=1):
            self._save_takedown(n, one)
        self._db.execute(_WITHHOLD)

    def _save_takedown(self, n: int, one: Takedown) -> None:
        row = (n, one.article, one.span, one.capture, one.url_prefix, one.reason, one.date)
        self._db.execute("INSERT INTO takedowns VALUES (?,?,?,?,?,?,?)", row)
        for prefix in one.prefixes:
            self._db.execute("INSERT INTO closed_urls VALUES (?,?,?)", (n, prefix, f"{prefix}\U0010ffff"))

    def close(self) -> set[str]:
        """Close every capture held that a takedown closes, and the files of the articles that are gone.

        Return the ids of the articles held that offer a file with words that was closed by it.
        """
        closed = [row for sql in (_WITHHOLD, _WITHHOLD_FILES) for row in self._db.execute(f"{sql} RETURNING capture")]
        offering = (self._db.execute(_OFFERING, (row["capture"],)) for row in closed)
        return {row["article"] for rows in offering for row in rows}

    def bury(self, article_id: str, next_seq: Callable[[], int]) -> None:
        """Leave only a tombstone of an article without open captures; nothing of one that never had any."""
        grave = self._db.execute(_GRAVE, (article_id,)).fetchone()
        if grave is None:
            return
        self._db.execute("DELETE FROM articles WHERE id = ?", (article_id,))
        held = self._db.execute("SELECT seq FROM tombstones WHERE article = ?", (article_id,)).fetchone()
        row = (article_id, grave["portal"], grave["takedown"], held["seq"] if held else next_seq())
        self._db.execute("INSERT OR REPLACE INTO tombstones VALUES (?,?,?,?)", row)

    def exhume(self, article_id: str) -> None:
        """Take the tombstone of an article away."""
        self._db.execute("DELETE FROM tombstones WHERE article = ?", (article_id,))

    def save_corrections(self, article_id: str, corrections: Iterable[tuple[int, Correction]]) -> None:
        """Remember which corrections, by their numbers in the file, an article carries."""
        self._db.execute("DELETE FROM corrected WHERE article = ?", (article_id,))
        for n, one in corrections:
            value = json.dumps(one.value, ensure_ascii=False)
            row = (article_id, n, one.version, one.field, value, one.reason, one.date, one.by)
            self._db.execute("INSERT INTO corrected VALUES (?,?,?,?,?,?,?,?)", row)

    # reading ---------------------------------------------------------------------------------------------

    def digest(self) -> str:
        """Return the digest of the decisions that the database shows; empty for none."""
        row = self._db.execute("SELECT digest FROM decided").fetchone()
        return row["digest"] if row else ""

    def touched(self) -> set[str]:
        """Return the ids of the articles that takedowns or corrections change, by the files that they offer, too."""
        rows = self._db.execute(
            "SELECT article FROM captures WHERE id IN (SELECT capture FROM withheld) AND article IS NOT NULL"
            " UNION SELECT article FROM takedowns WHERE article IS NOT NULL UNION SELECT article FROM corrected"
            " UNION SELECT a.article FROM withheld w JOIN captures c ON c.id = w.capture"
            " JOIN texts x ON x.sha256 = c.sha256 JOIN assets a ON a.url = c.url"
        )
        return {row["article"] for row in rows}

    def buried(self, after: int = 0) -> tuple[str, ...]:
        """Return the ids of the articles that were closed after that `seq`, in the order of change."""
        rows = self._db.execute("SELECT article FROM tombstones WHERE seq > ? ORDER BY seq", (after,))
        return tuple(row["article"] for row in rows)

    def is_buried(self, article_id: str) -> bool:
        """Say whether an article lies behind a tombstone."""
        return self._db.execute("SELECT 1 FROM tombstones WHERE article = ?", (article_id,)).fetchone() is not None

    def refuse_article(self, article_id: str) -> None:
        """Raise TakenDown for an article behind a tombstone."""
        row = self._db.execute(
            "SELECT reason, date FROM tombstones s JOIN takedowns t ON t.n = s.takedown WHERE s.article = ?",
            (article_id.upper(),),
        ).fetchone()
        if row is not None:
            raise TakenDown("article", article_id.upper(), Tombstone(**row))

    def refuse_capture(self, capture_id: str) -> None:
        """Raise TakenDown for a capture that is closed."""
        row = self._db.execute(
            "SELECT t.reason, t.date FROM withheld w JOIN takedowns t ON t.n = w.takedown WHERE w.capture = ?"
            " ORDER BY t.n LIMIT 1",
            (capture_id,),
        ).fetchone()
        if row is not None:
            raise TakenDown("capture", capture_id, Tombstone(**row))

    def blanked(self, article: Article) -> Article:
        """Return what a page said without the spans that are blanked in its article."""
        rows = self._db.execute(
            "SELECT span FROM takedowns WHERE article = ? AND span IS NOT NULL ORDER BY n", (article.id,)
        )
        return blank_article(article, [row["span"] for row in rows])

    def blanks(self, article_id: str) -> tuple[Tombstone, ...]:
        """Return why spans of an article are blanked."""
        rows = self._db.execute(
            "SELECT reason, date FROM takedowns WHERE article = ? AND span IS NOT NULL ORDER BY n", (article_id,)
        )
        return tuple(dict.fromkeys(Tombstone(**row) for row in rows))

    def corrections(self, article_id: str) -> dict[int, Correction]:
        """Return the corrections that an article carries, by their numbers in the file."""
        rows = self._db.execute("SELECT * FROM corrected WHERE article = ? ORDER BY n", (article_id,))
        return {row["n"]: _correction(row) for row in rows}

    def telling(self, capture_id: str) -> dict[str, Tombstone]:
        """Return the words that the bytes of a capture must not show to be open, each with why it is closed then.

        A page of the very article must not show a blanked span of any length; other pages of its portal, none that is
        telling.
        """
        limits = {"capture": capture_id, "title": TELLING_TITLE, "span": TELLING_SPAN}
        return {row["words"]: self._tombstone(row["n"]) for row in self._db.execute(_TELLING, limits).fetchall()}

    def _tombstone(self, n: int) -> Tombstone:
        return Tombstone(**self._db.execute("SELECT reason, date FROM takedowns WHERE n = ?", (n,)).fetchone())

    def reach(self, n: int) -> Reach:
        """Return how much the n-th takedown closes."""
        row = self._db.execute("SELECT article, span FROM takedowns WHERE n = ?", (n,)).fetchone()
        blanked = self.count_span(row["article"], row["span"]) if row and row["span"] else 0
        return Reach(**self._db.execute(_REACH, (n,)).fetchone(), blanked=blanked)

    def count_span(self, article_id: str, span: str) -> int:
        """Return how many captures of an article and of its files say a span, blanked or not."""
        rows = self._db.execute(
            "SELECT doc FROM captures JOIN extractions e ON e.digest = extraction WHERE article = ?", (article_id,)
        )
        files = self._db.execute(_FILES, (article_id,))
        return sum(_says(codec.load_article(row["doc"]), span) for row in rows) + sum(
            holds(row["text"], span) for row in files
        )

    def said_sha256(self, capture_id: str) -> str:
        """Return the digest of the text that a capture of an article showed, before anything was blanked in it."""
        row = self._db.execute(
            "SELECT e.doc FROM captures c JOIN captures o ON o.article = c.article AND o.payload = c.payload"
            " JOIN extractions e ON e.digest = o.extraction WHERE c.id = ? ORDER BY o.id = c.id DESC, o.id LIMIT 1",
            (capture_id,),
        ).fetchone()
        return codec.load_article(row["doc"]).sha256


def _says(article: Article, span: str) -> bool:
    names = (file.name for file in article.attachments)
    return any(holds(text, span) for text in (article.text, article.section, article.author, article.source, *names))


def _correction(row: dict[str, Any]) -> Correction:
    value = json.loads(row["value"])
    return Correction(
        article=row["article"],
        version=row["version"],
        field=row["field"],
        value=value if isinstance(value, str) else tuple(value),
        reason=row["reason"],
        date=row["date"],
        by=row["decided_by"],
    )
