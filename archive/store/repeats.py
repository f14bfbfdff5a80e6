"""Texts that stand at many addresses of a portal, in SQL: a server that answers anything with one readable page."""

from __future__ import annotations

from archive.models import Article
from archive.store.connection import Connection

MOST = 3  # addresses at which one text may stand: "same-body >3 URLs" (reliability.md section 3)

_COUNT = """
SELECT count(*) AS n FROM (SELECT 1 FROM shown WHERE portal = :portal AND text = :text LIMIT :most + 1)
"""


class Repeats:
    """Which texts the addresses of a portal's articles showed, in one database."""

    def __init__(self, db: Connection) -> None:
        """Use the connection of the store."""
        self._db = db

    def note(self, article: Article) -> tuple[str, ...]:
        """Remember what an article's address showed; return the ids of all that showed it when it is one too many by that."""
        was_repeat = self.is_repeat(article)
        text = article.sha256
        self._db.execute("INSERT OR IGNORE INTO shown VALUES (?,?,?)", (article.portal, text, article.id))
        if was_repeat or not self.is_repeat(article):
            return ()
        rows = self._db.execute("SELECT article FROM shown WHERE portal = ? AND text = ?", (article.portal, text))
        return tuple(row["article"] for row in rows)

    def is_repeat(self, article: Article) -> bool:
        """Say whether its text stands at more addresses of articles than a text may."""
        asked = {"portal": article.portal, "text": article.sha256, "most": MOST}
        return int(self._db.execute(_COUNT, asked).fetchone()["n"]) > MOST
