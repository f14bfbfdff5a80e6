-- The derived database: everything here can be made again from captures/ and the portal catalogue (`ansinh rebuild`).
-- Times are UTC with Z; `published` is Hà Nội time or a date. `doc` columns hold JSON with sorted keys.

CREATE TABLE portals (
    name TEXT PRIMARY KEY,
    doc  TEXT NOT NULL
) STRICT;

-- Evidence files that were read to their end; a file missing here is read (again) by the next ingest.
CREATE TABLE warcs (
    path TEXT PRIMARY KEY,          -- relative to the data directory
    size INTEGER NOT NULL
) STRICT;

-- What pages said, by the digest of the extraction: one row however often it was captured.
CREATE TABLE extractions (
    digest TEXT PRIMARY KEY,
    doc    TEXT NOT NULL
) STRICT;

-- Every response held, with where its bytes lie and what it turned out to be.
CREATE TABLE captures (
    id         TEXT PRIMARY KEY,
    portal     TEXT NOT NULL,
    url        TEXT NOT NULL,
    fetched_at TEXT NOT NULL,
    via        TEXT NOT NULL,
    status     INTEGER NOT NULL,
    mime       TEXT NOT NULL,
    sha256     TEXT NOT NULL,       -- of the decoded payload; empty for a revisit whose original is not held yet
    payload    TEXT NOT NULL,       -- payload digest as WARC headers write it: what a revisit is matched by
    warc       TEXT NOT NULL,
    offset     INTEGER NOT NULL,
    etag       TEXT NOT NULL,       -- validators of the response, for asking only whether it has changed
    modified   TEXT NOT NULL,
    article    TEXT,                -- article id, when the URL is an article's
    extraction TEXT REFERENCES extractions(digest)
) STRICT;
CREATE INDEX captures_article ON captures(article) WHERE article IS NOT NULL;
CREATE INDEX captures_url ON captures(url);
CREATE INDEX captures_portal ON captures(portal, fetched_at);
CREATE INDEX captures_payload ON captures(payload);

-- What listings, feeds and sitemaps said about an article.
CREATE TABLE hints (
    article   TEXT NOT NULL,
    capture   TEXT NOT NULL,
    url       TEXT NOT NULL,
    source    TEXT NOT NULL,
    published TEXT,
    section   TEXT,
    title     TEXT,
    PRIMARY KEY (article, capture, source)
) STRICT, WITHOUT ROWID;

-- When an article was looked for and not seen: each with its kind, never a deletion (`archive.ingest.status_of`).
CREATE TABLE checks (
    article TEXT NOT NULL,
    at      TEXT NOT NULL,
    verdict TEXT NOT NULL,          -- removed | home | soft-404 | blocked | error | unreachable
    detail  TEXT NOT NULL,
    PRIMARY KEY (article, at, verdict)
) STRICT, WITHOUT ROWID;

CREATE TABLE articles (
    id         TEXT PRIMARY KEY,
    portal     TEXT NOT NULL,
    key        TEXT NOT NULL,
    url        TEXT NOT NULL,
    title      TEXT NOT NULL,
    published  TEXT,
    in_scope   INTEGER NOT NULL,
    status     TEXT NOT NULL,
    text       TEXT NOT NULL,       -- sha256 of the text: equal text elsewhere is a link
    not_after  TEXT NOT NULL,
    article    TEXT NOT NULL,       -- what the page says, JSON
    enrichment TEXT NOT NULL,       -- what rules inferred, JSON
    digest     TEXT NOT NULL,       -- sha256 of this row's content: finds silent corruption (`ansinh check`)
    seq        INTEGER NOT NULL UNIQUE,
    UNIQUE (portal, key)
) STRICT;
CREATE INDEX articles_text ON articles(text);
CREATE INDEX articles_published ON articles(published);

CREATE TABLE versions (
    article    TEXT NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
    n          INTEGER NOT NULL,
    first_seen TEXT NOT NULL,
    last_seen  TEXT NOT NULL,
    sha256     TEXT NOT NULL,
    capture    TEXT NOT NULL,
    extraction TEXT NOT NULL,
    PRIMARY KEY (article, n)
) STRICT, WITHOUT ROWID;

-- Addresses of attachments and body images, so that their bytes find their article whichever came first.
CREATE TABLE assets (
    url     TEXT NOT NULL,
    article TEXT NOT NULL,
    PRIMARY KEY (url, article)
) STRICT, WITHOUT ROWID;

CREATE TABLE problems (
    capture    TEXT PRIMARY KEY,
    portal     TEXT NOT NULL,
    url        TEXT NOT NULL,
    reason     TEXT NOT NULL,
    detail     TEXT NOT NULL,
    fetched_at TEXT NOT NULL
) STRICT;

CREATE TABLE runs (
    id          TEXT NOT NULL,
    portal      TEXT NOT NULL,
    via         TEXT NOT NULL,
    started_at  TEXT NOT NULL,
    finished_at TEXT,
    outcome     TEXT NOT NULL,
    requests    INTEGER NOT NULL,
    new         INTEGER NOT NULL,
    changed     INTEGER NOT NULL,
    unchanged   INTEGER NOT NULL,
    problems    INTEGER NOT NULL,
    note        TEXT NOT NULL,
    PRIMARY KEY (id, portal)
) STRICT;

-- Counts every change of an article; the index remembers how far it has read.
CREATE TABLE counter (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT;
INSERT INTO counter VALUES ('seq', 0);
