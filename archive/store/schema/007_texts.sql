-- What captured files say (PDF, DOCX, DOC), read once for the same bytes. It is searched and never shown: such files are
-- full of the names of poor people and of victims.
CREATE TABLE texts (
    sha256       TEXT PRIMARY KEY,  -- of the decoded payload
    outcome      TEXT NOT NULL,     -- text | scan | locked | unreadable | too-large | other (archive.models.FileReading)
    partial      INTEGER NOT NULL,  -- 1 where only the beginning was read
    size         INTEGER NOT NULL,  -- bytes of the file
    note         TEXT NOT NULL,     -- why not, or how far, in words
    extracted_by TEXT NOT NULL,
    text         TEXT NOT NULL
) STRICT;
CREATE INDEX texts_failed ON texts(sha256) WHERE outcome IN ('unreadable', 'too-large');

-- Files captured before files were read: the next crawl, import or rebuild reads them.
CREATE TABLE unread (
    capture TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
INSERT INTO unread
SELECT id FROM captures WHERE status = 200 AND sha256 <> '' AND extraction IS NULL AND substr(mime, 1, 6) <> 'image/'
AND mime NOT IN ('text/html', 'application/xhtml+xml', 'text/xml', 'application/xml', 'application/rss+xml',
    'application/atom+xml', 'application/json');

CREATE INDEX captures_files ON captures(sha256) WHERE extraction IS NULL AND substr(mime, 1, 6) <> 'image/';

-- A file that cannot be read is a problem where an article offers it, whichever of the two came first.
DROP VIEW open_problems;
CREATE VIEW open_problems AS
SELECT portal, capture, url, reason, detail, fetched_at FROM problems
WHERE NOT EXISTS (SELECT 1 FROM withheld WHERE withheld.capture = problems.capture)
UNION ALL
SELECT c.portal, c.id, c.url, 'attachment', t.note, c.fetched_at
FROM texts t JOIN captures c ON c.sha256 = t.sha256
WHERE t.outcome IN ('unreadable', 'too-large') AND c.extraction IS NULL AND substr(c.mime, 1, 6) <> 'image/'
AND EXISTS (SELECT 1 FROM assets WHERE assets.url = c.url)
AND NOT EXISTS (SELECT 1 FROM withheld WHERE withheld.capture = c.id);
