-- Which texts the addresses of a portal's articles showed: one that stands at many of them is an answer to anything (a
-- soft 404), and takes no place in the history of an article that has a text of its own.
CREATE TABLE shown (
    portal  TEXT NOT NULL,
    text    TEXT NOT NULL,          -- sha256 of the text
    article TEXT NOT NULL,
    PRIMARY KEY (portal, text, article)
) STRICT, WITHOUT ROWID;

INSERT OR IGNORE INTO shown
SELECT a.portal, v.sha256, v.article FROM versions v JOIN articles a ON a.id = v.article;
