"""SQLite: all SQL of the project. One connection writes; readers open their own, read-only, with a deadline."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from archive.models import (
    ArchiveError,
    Article,
    Attachment,
    Capture,
    Check,
    Document,
    DocumentEntry,
    Enrichment,
    Entry,
    Hint,
    Known,
    Naming,
    NotFound,
    Portal,
    Problem,
    Sighting,
    Totals,
    Version,
    digest,
)
from archive.rechecks import Look
from archive.runs import PortalState, Run, run_of
from archive.store import codec, sums
from archive.store.access import Access
from archive.store.connection import READ_DEADLINE, REBUILD, connect, failure, transaction
from archive.store.coverage import Covering
from archive.store.migrating import migrate
from archive.store.pledging import Pledging
from archive.store.repeats import Repeats
from archive.store.texts import Texts

_SAVE_ARTICLE = """
INSERT INTO articles VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)
ON CONFLICT (portal, key) DO UPDATE SET
    url = excluded.url, title = excluded.title, published = excluded.published, in_scope = excluded.in_scope,
    status = excluded.status, text = excluded.text, not_after = excluded.not_after, article = excluded.article,
    enrichment = excluded.enrichment, digest = excluded.digest, seq = excluded.seq
"""  # an id that another (portal, key) already has violates the primary key and raises: a collision is never merged

_COUNT_RUN = f"""
INSERT INTO runs ({", ".join(codec.RUN_COLUMNS)}) VALUES ({", ".join("?" * len(codec.RUN_COLUMNS))})
ON CONFLICT (id, portal) DO UPDATE SET
    requests = requests + excluded.requests, new = new + excluded.new, changed = changed + excluded.changed,
    unchanged = unchanged + excluded.unchanged, problems = problems + excluded.problems
"""  # noqa: S608  names of ours

_CLOSE_RUN = """
UPDATE runs SET finished_at = :finished_at, outcome = :outcome, note = :note, cause = :cause, figures = :figures,
    warnings = :warnings, certificate = :certificate
WHERE id = :id AND portal = :portal
"""

_UNVERIFIED = "SELECT id FROM runs WHERE portal = ? AND certificate <> '' AND id IN (SELECT value FROM json_each(?))"

# With each check, the run that made it where that run failed.
_CHECKS = """
SELECT c.at, c.verdict, c.detail, (
    SELECT r.id FROM runs r WHERE r.portal = (SELECT portal FROM captures WHERE article = :article LIMIT 1)
        AND r.outcome = 'failed' AND c.at BETWEEN r.started_at AND r.finished_at ORDER BY r.started_at LIMIT 1
) AS failed_run
FROM checks c WHERE c.article = :article ORDER BY c.at, c.verdict
"""

# A server in trouble, or a host that does not answer, was no look.
_LOOKS = """
SELECT c.article, c.url, c.etag, c.modified, c.fetched_at, c.payload, coalesce(a.published, a.not_after) AS day, max(
    (SELECT max(fetched_at) FROM captures WHERE article = a.id AND status < 500 AND status <> 429),
    (SELECT coalesce(max(at), '') FROM checks WHERE article = a.id AND verdict NOT IN ('unreachable', 'blocked'))) AS at
FROM articles a JOIN captures c ON c.id = (
    SELECT id FROM captures WHERE article = a.id AND extraction IS NOT NULL ORDER BY fetched_at DESC, id DESC LIMIT 1)
WHERE a.portal = ?
"""

# Addresses of articles that answered and could not become one: asked for again on some nights, unless they are gone.
_UNREAD = """
SELECT url, status, max(fetched_at) FROM captures c
WHERE portal = ? AND article IS NOT NULL AND NOT EXISTS (SELECT 1 FROM articles WHERE id = c.article)
GROUP BY article HAVING count(*) < ? AND status NOT IN (404, 410) ORDER BY url
"""  # SQLite takes the bare columns from the row of the maximum

_SAVE_VERSION = """
INSERT INTO versions SELECT ?,?,?,?,?,?, coalesce(extraction, (
    SELECT extraction FROM captures WHERE article = c.article AND payload = c.payload AND extraction IS NOT NULL))
FROM captures c WHERE id = ?
"""  # a version may begin with a revisit: then its text is that of the revisit's original

# What is told of a document: by those that announce it first, then by the newest.
_DOCUMENT = """
SELECT d.number, d.kind, d.issuer, d.date, d.role, a.id AS article, a.title, a.published
FROM documents d JOIN articles a ON a.id = d.article WHERE d.id = ?
ORDER BY d.role, a.published DESC, a.id
"""

_HELD = """
SELECT coalesce(sum(articles), 0) AS articles, coalesce(sum(articles) FILTER (WHERE month <> ''), 0) AS dated,
    (SELECT min(published) FROM articles WHERE portal = :portal) AS first_published,
    (SELECT max(published) FROM articles WHERE portal = :portal) AS last_published
FROM monthly WHERE portal = :portal
"""

_KEPT = """
SELECT count(*) - (
    SELECT count(DISTINCT capture) FROM withheld JOIN captures ON id = capture WHERE portal = :portal) AS captures,
    max(fetched_at) AS last_fetched
FROM captures WHERE portal = :portal
"""


class Store:
    """The database of one data directory; writing methods belong inside `transaction()`.

    What people have taken down is not given away: reading methods use the views open_*, and ask `access`.
    """

    def __init__(self, path: Path, read_only: bool = False) -> None:
        """Open the database (for writing, create it or bring it up to date); raise ArchiveError when it cannot be."""
        self.path = path
        if read_only and not path.exists():
            raise ArchiveError(f"{path}: {_absence(path)}")
        try:
            self._db = connect(path, read_only)
        except sqlite3.DatabaseError as error:
            raise failure(path, error) from error
        self.access, self.ledger, self.coverage = Access(self._db), Pledging(self._db), Covering(self._db)
        self.texts, self.repeats = Texts(self._db), Repeats(self._db)
        if not read_only:
            migrate(self._db)
            sums.watch(self._db)

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def settle(self) -> None:
        """Bring everything into the database file itself, so that it can be moved without its write-ahead log."""
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what happens inside, durably, or nothing of it."""
        with transaction(self._db):
            yield

    # writing ---------------------------------------------------------------------------------------------

    def save_portal(self, portal: Portal) -> None:
        """Remember the portal as the catalogue (or recognition) describes it now."""
        self._db.execute("INSERT OR REPLACE INTO portals VALUES (?, ?)", (portal.name, codec.dump(portal)))
        self.ledger.save_units(portal)

    def save_warc(self, path: str, size: int) -> None:
        """Remember that an evidence file was read to its end."""
        self._db.execute("INSERT OR REPLACE INTO warcs VALUES (?, ?)", (path, size))

    def save_capture(
        self,
        capture: Capture,
        payload: str,
        validators: tuple[str, str],
        article: Article | None,
        article_id: str | None,
    ) -> None:
        """Remember a response, and what it said when it was an article; a known id is left as it is.

        `payload` is the digest that revisits are matched by, `validators` are ETag and Last-Modified.
        """
        extraction = None
        if article is not None:
            doc = codec.dump(article)
            extraction = digest(doc)
            self._db.execute("INSERT OR IGNORE INTO extractions VALUES (?, ?)", (extraction, doc))
        self._db.execute(
            "INSERT OR IGNORE INTO captures VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                capture.id,
                capture.portal,
                capture.url,
                capture.fetched_at,
                capture.via,
                capture.status,
                capture.mime,
                capture.sha256,
                payload,
                capture.warc,
                capture.offset,
                *validators,
                article_id,
                extraction,
            ),
        )

    def save_hint(self, article_id: str, capture_id: str, hint: Hint) -> None:
        """Remember what a listing, feed or sitemap said about an article."""
        self._db.execute(
            "INSERT OR IGNORE INTO hints VALUES (?,?,?,?,?,?,?)",
            (article_id, capture_id, hint.url, hint.source, hint.published, hint.section, hint.title),
        )

    def save_check(self, article_id: str, check: Check) -> None:
        """Remember that an article was looked for and not seen."""
        row = (article_id, check.at, check.verdict, check.detail)
        self._db.execute("INSERT OR IGNORE INTO checks VALUES (?,?,?,?)", row)

    def save_assets(self, article_id: str, urls: Iterable[str]) -> None:
        """Remember the addresses of an article's attachments and images."""
        self._db.executemany("INSERT OR IGNORE INTO assets VALUES (?, ?)", ((url, article_id) for url in urls))

    def save_problem(self, problem: Problem) -> None:
        """List a capture that could not become what it should."""
        self._db.execute(
            "INSERT OR REPLACE INTO problems VALUES (?,?,?,?,?,?)",
            (problem.capture, problem.portal, problem.url, problem.reason, problem.detail, problem.fetched_at),
        )

    def count_run(self, run: Run) -> None:
        """Add the counts of one batch to its run, which counts as interrupted until it is closed."""
        self._db.execute(_COUNT_RUN, codec.run_row(run))

    def close_run(self, run: Run) -> None:
        """Remember how a run ended that has been counted before."""
        said = dict(zip(codec.RUN_COLUMNS, codec.run_row(run), strict=True))
        self._db.execute(_CLOSE_RUN, said)

    def certify_run(self, run: Run, certificate: str) -> None:
        """Remember which certificate a run that has been counted before takes unverified, however it ends."""
        self._db.execute(
            "UPDATE runs SET certificate = ? WHERE id = ? AND portal = ?", (certificate, run.id, run.portal)
        )

    def save_entry(
        self,
        article: Article,
        enrichment: Enrichment,
        versions: Sequence[Version],
        not_after: str,
        status: Literal["live", "gone", "unknown"],
    ) -> bool:
        """Write an article as it now stands; return whether anything changed (only then does `seq` grow)."""
        article_doc, enrichment_doc = codec.dump(article), codec.dump(enrichment)
        mark = _row_digest(article_doc, enrichment_doc, not_after, status)
        held = self._db.execute("SELECT digest FROM articles WHERE id = ?", (article.id,)).fetchone()
        changed = held is None or held["digest"] != mark
        if held is None:
            self.access.exhume(article.id)
        if changed:
            seq = self._next_seq()
            self._db.execute(
                _SAVE_ARTICLE,
                (
                    article.id,
                    article.portal,
                    article.key,
                    article.url,
                    article.title,
                    article.published,
                    int(bool(enrichment.topics)),
                    status,
                    article.sha256,
                    not_after,
                    article_doc,
                    enrichment_doc,
                    mark,
                    seq,
                ),
            )
            self._save_documents(article.id, enrichment.documents)
            self.ledger.save(article, enrichment, not_after)
        self._save_versions(article.id, versions)
        return changed

    def _save_documents(self, article_id: str, documents: Iterable[Document]) -> None:
        self._db.execute("DELETE FROM documents WHERE article = ?", (article_id,))
        self._db.executemany(
            "INSERT OR IGNORE INTO documents VALUES (?,?,?,?,?,?,?)",
            ((d.id, article_id, d.number, d.kind, d.issuer, d.date, d.role) for d in documents),
        )

    def _save_versions(self, article_id: str, versions: Sequence[Version]) -> None:
        self._db.execute("DELETE FROM versions WHERE article = ?", (article_id,))
        self._db.executemany(
            _SAVE_VERSION,
            ((article_id, v.n, v.first_seen, v.last_seen, v.sha256, v.capture, v.capture) for v in versions),
        )

    def reindex(self, article_id: str) -> None:
        """Count an article as changed, for the words of its files are no more what an index holds."""
        self._db.execute("UPDATE articles SET seq = ? WHERE id = ?", (self._next_seq(), article_id))

    def bury(self, article_id: str, portal: str) -> None:
        """Leave only a tombstone of a portal's article whose every capture is closed; note one that is held nowhere."""
        self.access.bury(article_id, self._next_seq)
        self.ledger.miss(article_id, portal)

    def _next_seq(self) -> int:
        row = self._db.execute("UPDATE counter SET value = value + 1 WHERE name = 'seq' RETURNING value").fetchone()
        return int(row["value"])

    # reading, for ingest ---------------------------------------------------------------------------------

    def has_warc(self, path: str) -> bool:
        """Say whether an evidence file was read to its end."""
        return self._db.execute("SELECT 1 FROM warcs WHERE path = ?", (path,)).fetchone() is not None

    def has_capture(self, capture_id: str) -> bool:
        """Say whether a capture is known."""
        return self._db.execute("SELECT 1 FROM captures WHERE id = ?", (capture_id,)).fetchone() is not None

    def find_original(self, url: str, payload: str, article_id: str | None = None) -> Capture | None:
        """Return the earliest capture of the URL (or article) with the payload that holds bytes: what a revisit refers to."""
        row = self._db.execute(
            "SELECT * FROM captures WHERE payload = ? AND (url = ? OR article = ?) AND sha256 <> ''"
            " ORDER BY fetched_at, id LIMIT 1",
            (payload, url, article_id),
        ).fetchone()
        return row and _capture(row)

    def find_capture(self, url: str, fetched_at: str) -> Capture | None:
        """Return the capture of a URL at a time, whoever made it; rather one that holds bytes than a revisit."""
        row = self._db.execute(
            "SELECT * FROM captures WHERE url = ? AND fetched_at = ? ORDER BY sha256 = '', id LIMIT 1",
            (url, fetched_at),
        ).fetchone()
        return row and _capture(row)

    def payload_of(self, capture_id: str) -> str:
        """Return the payload digest that a capture's revisits are matched by; raise NotFound."""
        row = self._db.execute("SELECT payload FROM captures WHERE id = ?", (capture_id,)).fetchone()
        if row is None:
            raise NotFound(f"no capture {capture_id}")
        return str(row["payload"])

    def checks(self, article_id: str) -> tuple[Check, ...]:
        """Return each time that the article was looked for and not seen, earliest first."""
        return tuple(Check(**row) for row in self._db.execute(_CHECKS, {"article": article_id}))

    def missed_in(self, run: Run) -> tuple[str, ...]:
        """Return the ids of articles held that seemed absent in a run that has ended."""
        rows = self._db.execute(
            "SELECT DISTINCT a.id FROM articles a JOIN checks c ON c.article = a.id"
            " WHERE a.portal = ? AND c.verdict IN ('removed', 'home', 'soft-404') AND c.at BETWEEN ? AND ?",
            (run.portal, run.started_at, run.finished_at),
        )
        return tuple(row["id"] for row in rows.fetchall())

    def looks(self, portal: str) -> tuple[Look, ...]:
        """Return the latest look at each article held of a portal."""
        return tuple(
            Look(day=row.pop("day"), at=row.pop("at"), known=Known(**row))
            for row in self._db.execute(_LOOKS, (portal,))
        )

    def last_answer(self, url: str) -> Capture | None:
        """Return the latest capture of a URL."""
        row = self._db.execute(
            "SELECT * FROM captures WHERE url = ? ORDER BY fetched_at DESC, id DESC LIMIT 1", (url,)
        ).fetchone()
        return row and _capture(row)

    def unread(self, portal: str, attempts: int) -> tuple[str, ...]:
        """Return the addresses of a portal's articles that answered fewer than so many times, never with an article."""
        return tuple(row["url"] for row in self._db.execute(_UNREAD, (portal, attempts)))

    def missing_files(self, portal: str) -> tuple[str, ...]:
        """Return the addresses of attachments and images of a portal's articles that were never answered."""
        rows = self._db.execute(
            "SELECT DISTINCT s.url FROM articles a JOIN assets s ON s.article = a.id"
            " WHERE a.portal = ? AND NOT EXISTS (SELECT 1 FROM captures WHERE url = s.url) ORDER BY s.url",
            (portal,),
        )
        return tuple(row["url"] for row in rows)

    def holds(self, article_id: str) -> bool:
        """Say whether an article is held, be it behind a tombstone."""
        row = self._db.execute(
            "SELECT id FROM articles WHERE id = :id UNION SELECT article FROM tombstones WHERE article = :id",
            {"id": article_id},
        ).fetchone()
        return row is not None

    def portal_of(self, article_id: str) -> str | None:
        """Return the name of the portal whose captures showed an article; None where none did."""
        row = self._db.execute(
            "SELECT e.doc FROM captures c JOIN extractions e ON e.digest = c.extraction WHERE c.article = ? LIMIT 1",
            (article_id,),
        ).fetchone()
        return codec.load_article(row["doc"]).portal if row else None

    def last_run(self, portal: str) -> Run | None:
        """Return the latest run of a portal."""
        return next(iter(self.runs(portal, 1)), None)

    def runs(self, portal: str, limit: int) -> tuple[Run, ...]:
        """Return the runs of a portal, latest first."""
        rows = self._db.execute(
            "SELECT * FROM runs WHERE portal = ? ORDER BY started_at DESC, id DESC LIMIT ?", (portal, limit)
        )
        return tuple(map(codec.load_run, rows))

    def count_articles(self, portal: str) -> int:
        """Return how many articles of a portal are held."""
        row = self._db.execute("SELECT count(*) AS n FROM articles WHERE portal = ?", (portal,)).fetchone()
        return int(row["n"])

    def articles_awaiting(self, url: str) -> tuple[str, ...]:
        """Return the ids of articles that name the URL as an attachment or image."""
        return tuple(row["article"] for row in self._db.execute("SELECT article FROM assets WHERE url = ?", (url,)))

    def sightings(self, article_id: str) -> tuple[Sighting, ...]:
        """Return every open capture that showed the article, earliest first; revisits show what their original showed."""
        rows = self._db.execute(
            "SELECT c.*, o.sha256 AS original_sha256, e.doc FROM open_captures c JOIN captures o ON o.id = coalesce("
            " (SELECT id FROM captures WHERE c.extraction IS NULL AND article = c.article AND payload = c.payload"
            "  AND extraction IS NOT NULL ORDER BY fetched_at, id LIMIT 1), c.id)"
            " JOIN extractions e ON e.digest = o.extraction WHERE c.article = ? ORDER BY c.fetched_at, c.id",
            (article_id,),
        )
        said: dict[str, Article] = {}  # by document: a night's revisit costs no decoding of a text that is known
        return tuple(
            Sighting(
                replace(_capture(row), sha256=row["original_sha256"]),
                said.get(row["doc"]) or said.setdefault(row["doc"], self._said(row["doc"])),
            )
            for row in rows
        )

    def _said(self, doc: str) -> Article:
        """Return what a page said, as far as it may be shown."""
        return self.access.blanked(codec.load_article(doc))

    def version_count(self, article_id: str) -> int:
        """Return how many versions of the article are held; 0 for an unknown one."""
        row = self._db.execute("SELECT count(*) AS n FROM versions WHERE article = ?", (article_id,)).fetchone()
        return int(row["n"])

    def hints(self, article_id: str) -> tuple[Hint, ...]:
        """Return what listings, feeds and sitemaps said about the article."""
        rows = self._db.execute(
            "SELECT url, source, published, section, title FROM hints WHERE article = ? ORDER BY capture", (article_id,)
        )
        return tuple(Hint(**row) for row in rows)

    def with_captures(self, attachments: Sequence[Attachment]) -> tuple[Attachment, ...]:
        """Return the attachments with digest and capture of their earliest successful fetch, where one is held.

        `text` says whether its words are held and open.
        """
        return tuple(self._with_capture(attachment) for attachment in attachments)

    def _with_capture(self, attachment: Attachment) -> Attachment:
        held = self.texts.held(attachment.url)
        if held is None:
            return attachment
        capture, sha256, text = held
        return replace(attachment, capture=capture, sha256=sha256, text=text)

    # reading, for everybody ------------------------------------------------------------------------------

    def seq(self) -> int:
        """Return the number of the latest change."""
        return int(self._db.execute("SELECT value FROM counter WHERE name = 'seq'").fetchone()["value"])

    def identity(self) -> str:
        """Return what tells this database from any other, one made again from the same captures included."""
        row = self._db.execute("SELECT value FROM counter WHERE name = 'identity'").fetchone()
        return f"{row['value']:016x}"

    def get_entry(self, article_id: str) -> Entry:
        """Return all that is held about an article; raise NotFound."""
        with self._deadline():
            row = self._db.execute("SELECT * FROM articles WHERE id = ?", (article_id.upper(),)).fetchone()
            if row is None:
                self.access.refuse_article(article_id)
                raise NotFound(f"no article {article_id}")
            return self._entry(row)

    def get_document(self, document_id: str, limit: int = 200) -> DocumentEntry:
        """Return a document with at most `limit` of the articles that announce or cite it; raise NotFound."""
        with self._deadline():
            rows = self._db.execute(_DOCUMENT, (document_id.upper(),)).fetchall()
        if not rows:
            raise NotFound(f"no document {document_id}")
        names = ("article", "title", "published", "role")
        return DocumentEntry(
            id=document_id.upper(),
            number=rows[0]["number"],
            kind=rows[0]["kind"],
            issuer=next((row["issuer"] for row in rows if row["issuer"]), None),
            date=next((row["date"] for row in rows if row["date"]), None),
            articles=tuple(Naming(**{name: row[name] for name in names}) for row in rows[:limit]),
            total=len(rows),
        )

    def entries(self, after: int = 0) -> Iterator[Entry]:
        """Yield every article changed after that `seq`, in the order of change."""
        for row in self._db.execute("SELECT * FROM articles WHERE seq > ? ORDER BY seq", (after,)):
            yield self._entry(row)

    def rows(self, after: int = 0) -> Iterator[Entry]:
        """Yield every article changed after that `seq` as an index needs it: without versions, captures, equal texts."""
        for row in self._db.execute("SELECT * FROM articles WHERE seq > ? ORDER BY seq", (after,)):
            yield _row(row)

    def find_rows(self, article_ids: Sequence[str]) -> dict[str, Entry]:
        """Return by id those of the articles that are held, as lists show them: without versions, captures, equal texts."""
        marks = ",".join("?" * len(article_ids))
        with self._deadline():
            found = self._db.execute(f"SELECT * FROM articles WHERE id IN ({marks})", tuple(article_ids))  # noqa: S608
            return {row["id"]: _row(row) for row in found}

    def article_ids(self) -> Iterator[str]:
        """Yield the id of every article, sorted."""
        for row in self._db.execute("SELECT id FROM articles ORDER BY id"):
            yield row["id"]

    def newest(self, limit: int) -> tuple[Entry, ...]:
        """Return the articles in scope that were published last."""
        rows = self._db.execute(
            "SELECT * FROM articles WHERE in_scope AND published IS NOT NULL ORDER BY published DESC, id LIMIT ?",
            (limit,),
        )
        return tuple(self._entry(row) for row in rows)

    def get_version(self, article_id: str, n: int) -> Article:
        """Return the article as its n-th version said; raise NotFound."""
        row = self._db.execute(
            "SELECT doc FROM versions JOIN extractions ON digest = extraction WHERE article = ? AND n = ?",
            (article_id.upper(), n),
        ).fetchone()
        if row is None:
            self.access.refuse_article(article_id)
            raise NotFound(f"no version {n} of article {article_id}")
        return self._said(row["doc"])

    def get_capture(self, capture_id: str) -> Capture:
        """Return where a capture's bytes lie (for a revisit: with the digest of its original); raise NotFound."""
        row = self._db.execute("SELECT * FROM captures WHERE id = ?", (capture_id.upper(),)).fetchone()
        if row is None:
            raise NotFound(f"no capture {capture_id}")
        self.access.refuse_capture(row["id"])
        return self._with_tls([_capture(row)])[0]

    def get_bytes_of(self, capture_id: str) -> Capture:
        """Return the capture that holds the bytes of this one: itself, or the original of a revisit; raise NotFound."""
        capture = self.get_capture(capture_id)
        if capture.sha256:
            return capture
        row = self._db.execute("SELECT payload, article FROM captures WHERE id = ?", (capture.id,)).fetchone()
        original = self.find_original(capture.url, row["payload"], row["article"])
        if original is None:
            raise NotFound(
                f"capture {capture_id} says that the page had not changed, but the earlier capture is not held"
            )
        return self.get_capture(original.id)

    def captures(self, portal: str | None = None) -> Iterator[Capture]:
        """Yield every open capture (of one portal), in the order of time."""
        rows = self._db.execute(
            "SELECT * FROM open_captures WHERE portal = coalesce(?, portal) ORDER BY fetched_at, id", (portal,)
        )
        for row in rows:
            yield _capture(row)

    def portals(self) -> tuple[Portal, ...]:
        """Return every portal that anything is held of, by name."""
        return tuple(codec.load_portal(row["doc"]) for row in self._db.execute("SELECT doc FROM portals ORDER BY name"))

    def problems(self, portal: str | None = None) -> tuple[Problem, ...]:
        """Return the open problems, latest first."""
        rows = self._db.execute(
            "SELECT portal, capture, url, reason, detail, fetched_at FROM open_problems"
            " WHERE portal = coalesce(?, portal) ORDER BY fetched_at DESC, capture",
            (portal,),
        )
        return tuple(Problem(**row) for row in rows)

    def portal_states(self) -> tuple[PortalState, ...]:
        """Return each portal with what is held of it and its latest run."""
        return tuple(self._state(portal) for portal in self.portals())

    def totals(self) -> Totals:
        """Return how much the archive holds."""
        row = self._db.execute(
            "SELECT coalesce(sum(articles), 0) AS articles, coalesce(sum(in_scope), 0) AS in_scope,"
            " (SELECT min(published) FROM articles) AS first_published,"
            " (SELECT max(published) FROM articles) AS last_published,"
            " (SELECT count(*) FROM captures) - (SELECT count(DISTINCT capture) FROM withheld) AS captures,"
            " (SELECT count(*) FROM portals) AS portals, (SELECT count(*) FROM open_problems) AS problems,"
            " (SELECT max((SELECT max(fetched_at) FROM captures WHERE portal = name)) FROM portals) AS last_fetched,"
            " (SELECT count(*) FROM unread) AS unread FROM monthly"
        ).fetchone()
        return Totals(**row)

    def damaged(self) -> Iterator[str]:
        """Yield a sentence for each thing that SQLite, the digests of articles or the sums of tables find wrong.

        SQLite's own check passes many changes of content (reliability.md section 0, finding 9).
        """
        try:
            yield from self._damaged()
        except ArchiveError as error:  # too damaged to be read on
            yield str(error)

    def _damaged(self) -> Iterator[str]:
        self._db.execute("BEGIN")  # one state for rows and sums, whoever writes meanwhile
        for row in self._db.execute("PRAGMA integrity_check"):
            if row["integrity_check"] != "ok":
                yield f"{self.path}: {row['integrity_check']}; {REBUILD}"
        for row in self._db.execute("SELECT * FROM articles"):
            if _row_digest(row["article"], row["enrichment"], row["not_after"], row["status"]) != row["digest"]:
                yield f"{self.path}: article {row['id']} is not what was written; `ansinh rebuild` heals it"
        for table in sums.wrong(self._db):
            yield f"{self.path}: the table {table} is not what was written; {REBUILD}"
        self._db.execute("COMMIT")

    # ------------------------------------------------------------------------------------------------------

    def _entry(self, row: dict[str, Any]) -> Entry:
        captures = self._captures_of(row["id"])
        versions = self._db.execute(
            "SELECT n, first_seen, last_seen, sha256, capture FROM versions WHERE article = ? ORDER BY n", (row["id"],)
        )
        same = self._db.execute(
            "SELECT id FROM articles WHERE text = ? AND id <> ? ORDER BY id LIMIT 100", (row["text"], row["id"])
        )
        return Entry(
            article=codec.load_article(row["article"]),
            enrichment=codec.load_enrichment(row["enrichment"]),
            not_after=row["not_after"],
            versions=tuple(Version(**version) for version in versions),
            captures=captures,
            same_as=tuple(other["id"] for other in same),
            status=row["status"],
            seq=row["seq"],
        )

    def _captures_of(self, article_id: str) -> tuple[Capture, ...]:
        """Return the captures of an article, each revisit with the digest of the payload that it found again."""
        query = "SELECT * FROM open_captures WHERE article = ? ORDER BY fetched_at, id"
        rows = list(self._db.execute(query, (article_id,)))
        digests = {row["payload"]: row["sha256"] for row in reversed(rows) if row["sha256"]}
        return self._with_tls([replace(_capture(row), sha256=digests.get(row["payload"], "")) for row in rows])

    def _with_tls(self, captures: Sequence[Capture]) -> tuple[Capture, ...]:
        """Return captures (of one portal), those marked that a run fetched while it took certificates unverified."""
        runs = {capture.id: run_of(capture.warc) for capture in captures if _is_live_tls(capture)}
        if not runs:
            return tuple(captures)
        found = self._db.execute(_UNVERIFIED, (captures[0].portal, json.dumps([*set(runs.values())])))
        unverified = {row["id"] for row in found}
        return tuple(
            replace(capture, tls="unverified") if runs.get(capture.id) in unverified else capture
            for capture in captures
        )

    def _state(self, portal: Portal) -> PortalState:
        name = (portal.name,)
        held = self._db.execute(_HELD, {"portal": portal.name}).fetchone()
        kept = self._db.execute(_KEPT, {"portal": portal.name}).fetchone()
        problems = self._db.execute("SELECT count(*) AS problems FROM open_problems WHERE portal = ?", name).fetchone()
        return PortalState(portal=portal, last_run=self.last_run(portal.name), **held, **kept, **problems)

    @contextmanager
    def _deadline(self) -> Iterator[None]:
        """Interrupt a read that takes longer than READ_DEADLINE."""
        end = time.monotonic() + READ_DEADLINE
        self._db.set_progress_handler(lambda: int(time.monotonic() > end), 10_000)
        try:
            yield
        finally:
            self._db.set_progress_handler(None, 0)


def _row_digest(*parts: str) -> str:
    return digest("\n".join(parts))


def _absence(path: Path) -> str:
    """Return what to do about a database that is not there: it was lost where there is evidence."""
    if any(path.parent.glob("captures/*")):
        return f"the database is missing; {REBUILD}"
    return "no archive here yet; run `ansinh demo`, `ansinh crawl` or `ansinh import` first"


def _row(row: dict[str, Any]) -> Entry:
    return Entry(
        article=codec.load_article(row["article"]),
        enrichment=codec.load_enrichment(row["enrichment"]),
        not_after=row["not_after"],
        versions=(),
        captures=(),
        status=row["status"],
        seq=row["seq"],
    )


def _capture(row: dict[str, Any]) -> Capture:
    names = ("id", "portal", "url", "fetched_at", "via", "status", "mime", "sha256", "warc", "offset")
    return Capture(**{name: row[name] for name in names})


def _is_live_tls(capture: Capture) -> bool:
    """Say whether a crawl of ours fetched it over TLS."""
    return capture.via == "live" and capture.url.startswith("https:")
