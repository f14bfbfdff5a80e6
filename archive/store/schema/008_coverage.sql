-- What coverage is counted from, kept with each change of an article: no page counts the articles of 700 places.

-- Every portal of the catalogue, read or not: made again by each command that writes.
CREATE TABLE catalogue (
    name TEXT PRIMARY KEY,
    doc  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Articles by portal and month of publication.
CREATE TABLE monthly (
    portal   TEXT NOT NULL,
    month    TEXT NOT NULL,         -- 2020-01, in Hà Nội; empty where the day is unknown
    articles INTEGER NOT NULL,
    in_scope INTEGER NOT NULL,
    PRIMARY KEY (portal, month)
) STRICT, WITHOUT ROWID;

CREATE INDEX articles_portal ON articles(portal, published);

CREATE TRIGGER monthly_more AFTER INSERT ON articles BEGIN
    INSERT INTO monthly VALUES (new.portal, substr(coalesce(new.published, ''), 1, 7), 1, new.in_scope)
    ON CONFLICT (portal, month) DO UPDATE SET articles = articles + 1, in_scope = in_scope + excluded.in_scope;
END;
CREATE TRIGGER monthly_fewer AFTER DELETE ON articles BEGIN
    UPDATE monthly SET articles = articles - 1, in_scope = in_scope - old.in_scope
    WHERE portal = old.portal AND month = substr(coalesce(old.published, ''), 1, 7);
    DELETE FROM monthly
    WHERE portal = old.portal AND month = substr(coalesce(old.published, ''), 1, 7) AND articles = 0;
END;
CREATE TRIGGER monthly_moved AFTER UPDATE OF published, in_scope ON articles
WHEN old.published IS NOT new.published OR old.in_scope <> new.in_scope BEGIN
    UPDATE monthly SET articles = articles - 1, in_scope = in_scope - old.in_scope
    WHERE portal = old.portal AND month = substr(coalesce(old.published, ''), 1, 7);
    INSERT INTO monthly VALUES (new.portal, substr(coalesce(new.published, ''), 1, 7), 1, new.in_scope)
    ON CONFLICT (portal, month) DO UPDATE SET articles = articles + 1, in_scope = in_scope + excluded.in_scope;
    DELETE FROM monthly
    WHERE portal = old.portal AND month = substr(coalesce(old.published, ''), 1, 7) AND articles = 0;
END;

INSERT INTO monthly
SELECT portal, substr(coalesce(published, ''), 1, 7), count(*), sum(in_scope) FROM articles GROUP BY 1, 2;
