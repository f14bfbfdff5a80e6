"""Texts that stand at many addresses of a portal, in SQL: a server that answers anything with one readable page."""

from __future__ import annotations

from archive.models import Article
from archive.store.connection import Connection

MOST = 3  # addresses at which one text may stand: "same-body >3 URLs" (reliability.md section 3)


class Repeats:
    """Which texts the addresses of a portal's articles showed, in one database."""

    def __init__(self, db: Connection) -> None:
        """Use the connection of the store."""
        self._db = db

    def note(self, article: Article) -> tuple[str, ...]:
        """Remember what an article's address showed; return the ids of all that showed it when it is one too many by that."""
        shown = article.portal, article.sha256
        is_new = self._db.execute("INSERT OR IGNORE INTO shown VALUES (?,?,?)", (*shown, article.id)).rowcount
        found = self._showing(*shown)
        return found if is_new and len(found) == MOST + 1 else ()

    def is_repeat(self, portal: str, text: str) -> bool:
        """Say whether a text, by its digest, stands at more addresses of a portal's articles than a text may."""
        return len(self._showing(portal, text)) > MOST

    def _showing(self, portal: str, text: str) -> tuple[str, ...]:
        """Return the articles that showed a text, as many as tell how far beyond MOST they are: one, or more."""
        rows = self._db.execute(
            "SELECT article FROM shown WHERE portal = ? AND text = ? LIMIT ?", (portal, text, MOST + 2)
        )
        return tuple(row["article"] for row in rows)
