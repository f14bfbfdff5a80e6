-- What people decided, as the database shows it now. The source is takedowns.toml and corrections.toml; the rows here
-- are made again from them. Raw tables (captures, extractions, hints) keep everything: `Store` gives nothing of it away.

CREATE TABLE decided (
    digest TEXT NOT NULL                -- of the decisions that these tables show
) STRICT;

CREATE TABLE takedowns (
    n          INTEGER PRIMARY KEY,     -- the entry's number in takedowns.toml
    article    TEXT,
    span       TEXT,
    capture    TEXT,
    url_prefix TEXT,
    reason     TEXT NOT NULL,
    date       TEXT NOT NULL
) STRICT;
CREATE INDEX takedowns_article ON takedowns(article);

CREATE TABLE closed_urls (
    takedown INTEGER NOT NULL,
    first    TEXT NOT NULL,             -- URLs from this one on …
    beyond   TEXT NOT NULL,             -- … up to, not including, this one
    PRIMARY KEY (takedown, first)
) STRICT, WITHOUT ROWID;

-- Captures that are closed, by each takedown that closes them.
CREATE TABLE withheld (
    capture  TEXT NOT NULL,
    takedown INTEGER NOT NULL,
    PRIMARY KEY (capture, takedown)
) STRICT, WITHOUT ROWID;
CREATE INDEX withheld_takedown ON withheld(takedown);

-- Articles whose every capture is closed: they are in no other table of articles.
CREATE TABLE tombstones (
    article  TEXT PRIMARY KEY,
    portal   TEXT NOT NULL,
    takedown INTEGER NOT NULL,
    seq      INTEGER NOT NULL UNIQUE    -- counts with the changes of articles
) STRICT;

-- Corrections that an article carries.
CREATE TABLE corrected (
    article    TEXT NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
    n          INTEGER NOT NULL,        -- the entry's number in corrections.toml
    version    TEXT NOT NULL,
    field      TEXT NOT NULL,
    value      TEXT NOT NULL,           -- JSON
    reason     TEXT NOT NULL,
    date       TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    PRIMARY KEY (article, n)
) STRICT, WITHOUT ROWID;

CREATE INDEX assets_article ON assets(article);  -- a closed article closes its files

-- What may be shown: everything that is read for others reads these.
CREATE VIEW open_captures AS
SELECT * FROM captures WHERE NOT EXISTS (SELECT 1 FROM withheld WHERE withheld.capture = captures.id);

CREATE VIEW open_problems AS
SELECT * FROM problems WHERE NOT EXISTS (SELECT 1 FROM withheld WHERE withheld.capture = problems.capture);
