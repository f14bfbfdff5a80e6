"""Enrich, store, index, search: the archive behind the scraper and the web UI; knows no framework."""
