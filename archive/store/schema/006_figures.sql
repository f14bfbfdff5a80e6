-- What a run met, counted, and why it failed: from the metadata record that ends it.
ALTER TABLE runs ADD COLUMN cause TEXT;                          -- archive.runs.Cause
ALTER TABLE runs ADD COLUMN figures TEXT NOT NULL DEFAULT '{}';  -- archive.runs.Figures, JSON
ALTER TABLE runs ADD COLUMN warnings TEXT NOT NULL DEFAULT '[]'; -- sentences, JSON
ALTER TABLE runs ADD COLUMN certificate TEXT NOT NULL DEFAULT ''; -- SHA-256 of the one that was taken unverified
CREATE INDEX runs_portal ON runs(portal, started_at);
