-- What a run met, counted, and why it failed: from the metadata record that ends it.
ALTER TABLE runs ADD COLUMN cause TEXT;                          -- archive.runs.Cause
ALTER TABLE runs ADD COLUMN figures TEXT NOT NULL DEFAULT '{}';  -- archive.runs.Figures, JSON
