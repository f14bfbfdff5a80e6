"""Enrich, store, index, search: the archive behind the scraper and the web UI; knows no framework.

The line: `captures/` reads and writes evidence; `ingest/` takes it into `store/`, making each article anew from all its
captures (`assembly`, `sightings`) and inferring its facts (`enrich/`); `ledger` pairs what was promised with what was
reported; `index/` answers for engines, `search/` for readers, `export/` in the published shapes, `commands/` on the
command line.

Beside it: `models/` and the nouns of `runs` and `pledges`; `text`, `terms`, `abbreviations` and `legacy` say when two texts
are the same words; `health`, `rechecks` and `coverage` judge nights, pages and gaps; `decisions` is what people decided,
`decision_files` its TOML, `deciding` how the database comes to show it, `masking` what is told in bulk; `archived` and
`crawled` are evidence from elsewhere; `check` and `evaluate` measure all of it.
"""
