"""What captured files say, in SQL: kept by the digest of their bytes, searched with the articles that offer them, and
never shown. What people took down of it is left out here, so no index can hold it."""

from __future__ import annotations

from archive.decisions import blank
from archive.models import Article, Attachment, Capture, FileReading
from archive.store.connection import Connection

_WAITING = """
SELECT c.id, c.portal, c.url, c.fetched_at, c.via, c.status, c.mime, c.sha256, c.warc, c.offset
FROM unread u JOIN captures c ON c.id = u.capture ORDER BY u.capture LIMIT ?
"""

# Of several captures of a file the earliest that is open; else the earliest, whose page says why it is closed.
_HELD = """
SELECT c.id, c.sha256, EXISTS (SELECT 1 FROM withheld WHERE capture = c.id) AS closed,
    EXISTS (SELECT 1 FROM texts WHERE sha256 = c.sha256 AND outcome = 'text') AS text
FROM captures c WHERE c.url = ? AND c.status = 200 AND c.sha256 <> '' AND c.mime <> 'text/html'
ORDER BY closed, c.fetched_at, c.id LIMIT 1
"""

# A span is blanked in a file whichever of the articles that offer the file it is blanked in.
_SPANS = """
SELECT t.span FROM takedowns t JOIN assets a ON a.article = t.article
WHERE t.span IS NOT NULL AND a.url = ? ORDER BY t.n
"""

_BLANKED = """
SELECT DISTINCT b.article FROM takedowns t JOIN assets a ON a.article = t.article JOIN assets b ON b.url = a.url
WHERE t.span IS NOT NULL
AND EXISTS (SELECT 1 FROM captures c JOIN texts x ON x.sha256 = c.sha256 WHERE c.url = a.url AND x.outcome = 'text')
"""


class Texts:
    """The texts of captured files in one database."""

    def __init__(self, db: Connection) -> None:
        """Use the connection of the store."""
        self._db = db

    # writing ---------------------------------------------------------------------------------------------

    def save(self, sha256: str, reading: FileReading) -> None:
        """Remember what the bytes of that digest say, or why they say nothing."""
        row = (sha256, reading.outcome, reading.partial, reading.size, reading.note, reading.extracted_by, reading.text)
        self._db.execute("INSERT OR IGNORE INTO texts VALUES (?,?,?,?,?,?,?)", row)

    def settle(self, capture_id: str) -> None:
        """Forget that a file of an older database was to be read."""
        self._db.execute("DELETE FROM unread WHERE capture = ?", (capture_id,))

    # reading ---------------------------------------------------------------------------------------------

    def knows(self, sha256: str) -> bool:
        """Say whether the bytes of that digest were read."""
        return self._db.execute("SELECT 1 FROM texts WHERE sha256 = ?", (sha256,)).fetchone() is not None

    def waiting(self, limit: int) -> tuple[Capture, ...]:
        """Return captures of an older database whose files were not read yet."""
        return tuple(Capture(**row) for row in self._db.execute(_WAITING, (limit,)).fetchall())

    def count_waiting(self) -> int:
        """Return how many those are."""
        return int(self._db.execute("SELECT count(*) AS n FROM unread").fetchone()["n"])

    def held(self, url: str) -> tuple[str, str, bool] | None:
        """Return capture, digest, and whether there is text to search, of what is held of a file; None for nothing."""
        row = self._db.execute(_HELD, (url,)).fetchone()
        return row and (row["id"], row["sha256"], bool(row["text"] and not row["closed"]))

    def readings(self, article: Article) -> dict[str, FileReading]:
        """Return by digest how the files of an article were read; without their text, which is shown to nobody."""
        known = (file.sha256 for file in article.attachments if file.sha256)
        rows = (self._db.execute("SELECT * FROM texts WHERE sha256 = ?", (sha256,)).fetchone() for sha256 in known)
        return {row["sha256"]: _reading(row) for row in rows if row is not None}

    def words(self, article: Article) -> tuple[str, ...]:
        """Return what each file of an article says, empty for one without text; nothing where none has any.

        What is blanked in an article that offers the file is blank.
        """
        if not any(file.text for file in article.attachments):
            return ()
        return tuple(map(self._words, article.attachments))

    def _words(self, file: Attachment) -> str:
        row = file.text and self._db.execute("SELECT text FROM texts WHERE sha256 = ?", (file.sha256,)).fetchone()
        if not row:
            return ""
        return blank(row["text"], [row["span"] for row in self._db.execute(_SPANS, (file.url,))])

    def blanked(self) -> set[str]:
        """Return the ids of the articles that offer a file in whose words spans are blanked."""
        return {row["article"] for row in self._db.execute(_BLANKED)}

    def look_into(self, sha256: str) -> str:
        """Return all that the bytes of that digest say, to decide whether they may be shown; empty for nothing."""
        row = self._db.execute("SELECT text FROM texts WHERE sha256 = ?", (sha256,)).fetchone()
        return row["text"] if row else ""


def _reading(row: dict[str, object]) -> FileReading:
    names = ("outcome", "size", "note", "extracted_by")
    return FileReading(**{name: row[name] for name in names}, partial=bool(row["partial"]))  # type: ignore[arg-type]
