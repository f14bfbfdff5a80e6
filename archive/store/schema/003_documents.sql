-- Which articles name a document, so that one document lists them all: made again from the enrichment of each article.
CREATE TABLE documents (
    id      TEXT NOT NULL,
    article TEXT NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
    number  TEXT NOT NULL,
    kind    TEXT NOT NULL,
    issuer  TEXT,
    date    TEXT,
    role    TEXT NOT NULL,          -- announces | cites
    PRIMARY KEY (id, article)
) STRICT, WITHOUT ROWID;
CREATE INDEX documents_article ON documents(article);

INSERT OR IGNORE INTO documents
SELECT d.value ->> 'id', a.id, d.value ->> 'number', d.value ->> 'kind', d.value ->> 'issuer', d.value ->> 'date',
    d.value ->> 'role'
FROM articles a, json_each(a.enrichment, '$.documents') d;
