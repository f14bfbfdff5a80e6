-- Claims by place and indicator, the ledger made of them, and what tells why an answer may be missing: all derived.

-- What may be told in lists: no claim of an article whose words stand on its own page alone (`archive.masking`).
CREATE TABLE claims (
    article   TEXT NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
    n         INTEGER NOT NULL,
    place     TEXT NOT NULL,        -- of the district, or of the commune of since July 2025
    indicator TEXT NOT NULL,
    decided   TEXT,                 -- confirmed | corrected
    doc       TEXT NOT NULL,
    PRIMARY KEY (article, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX claims_place ON claims(place, indicator);

-- Places whose pledges are to be made again.
CREATE TABLE unsettled (
    place TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
CREATE TRIGGER claims_told AFTER INSERT ON claims BEGIN
    INSERT OR IGNORE INTO unsettled VALUES (new.place);
END;
CREATE TRIGGER claims_taken_back AFTER DELETE ON claims BEGIN
    INSERT OR IGNORE INTO unsettled VALUES (old.place);
END;

-- By what pledges are filtered; the pledges themselves are made from the claims when they are shown.
CREATE TABLE pledges (
    id        TEXT PRIMARY KEY,
    place     TEXT NOT NULL,
    province  TEXT,
    indicator TEXT NOT NULL,
    topic     TEXT NOT NULL,
    year      INTEGER,
    verdict   TEXT NOT NULL,
    published TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX pledges_place ON pledges(place);
-- A page and its facets are read from these two alone, in their order.
CREATE INDEX pledges_listed ON pledges(published DESC, id, place, province, indicator, topic, year, verdict);
CREATE INDEX pledges_counted ON pledges(verdict, year, indicator, topic, place, province);

-- Which places an article is about, by the day of its publication, else of its first capture.
CREATE TABLE subjects (
    place   TEXT NOT NULL,
    day     TEXT NOT NULL,
    article TEXT NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
    portal  TEXT NOT NULL,
    PRIMARY KEY (place, day, article)
) STRICT, WITHOUT ROWID;
CREATE INDEX subjects_article ON subjects(article);

-- Articles that are known, of which nothing is held or open: never captured, gone before, or closed.
CREATE TABLE missing (
    article TEXT PRIMARY KEY,
    portal  TEXT NOT NULL,
    day     TEXT NOT NULL           -- as a listing, feed or sitemap gave it; empty where none did
) STRICT, WITHOUT ROWID;
CREATE INDEX missing_portal ON missing(portal, day);

-- Which portals are a place's, by the catalogue.
CREATE TABLE units (
    place  TEXT NOT NULL,
    portal TEXT NOT NULL,
    PRIMARY KEY (place, portal)
) STRICT, WITHOUT ROWID;
CREATE INDEX units_portal ON units(portal);

CREATE INDEX problems_portal ON problems(portal);

INSERT INTO claims
SELECT a.id, c.key, substr(c.value ->> 'place', 1, instr((c.value ->> 'place') || '/', '/') - 1), c.value ->> 'indicator',
    NULL, c.value
FROM articles a, json_each(a.enrichment, '$.claims') c
WHERE c.value ->> 'place' IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM json_each(a.enrichment, '$.sensitive')
    WHERE value IN ('minor', 'victim', 'rehab', 'list-of-persons'));

INSERT OR IGNORE INTO subjects
SELECT p.value ->> 'id', substr(coalesce(a.published, a.not_after), 1, 10), a.id, a.portal
FROM articles a, json_each(a.enrichment, '$.places') p WHERE p.value ->> 'role' = 'subject';

INSERT INTO missing
SELECT h.article, min(c.portal), coalesce(max(substr(h.published, 1, 10)), '')
FROM hints h JOIN captures c ON c.id = h.capture
WHERE NOT EXISTS (SELECT 1 FROM articles WHERE id = h.article) GROUP BY h.article;

INSERT OR IGNORE INTO units
SELECT u.value ->> 'place', p.name FROM portals p, json_each(p.doc, '$.units') u;
