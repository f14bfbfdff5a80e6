"""Many articles at once, masked, in the formats of `ansinh export`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from archive.export.articles import entry_json
from archive.export.tables import csv_lines
from archive.masking import mask
from archive.models import ArchiveError, Entry

FORMATS = ("jsonl", "csv")
_CSV_COLUMNS = (
    "id", "url", "portal", "section", "title", "summary", "author", "source", "published", "published_source",
    "not_after", "places", "years", "topics", "documents", "status", "text_sha256", "capture_sha256", "text",
)  # fmt: skip


def export(entries: Iterable[Entry], form: str) -> Iterator[str]:
    """Yield the lines (each with its newline) of the entries in a format, masked; raise ArchiveError naming the known."""
    entries = map(mask, entries)
    if form == "jsonl":
        return (json.dumps(entry_json(entry), ensure_ascii=False, separators=(",", ":")) + "\n" for entry in entries)
    if form == "csv":
        return csv_lines(_CSV_COLUMNS, map(_row, entries))
    raise ArchiveError(f"no export format is called {form!r}; known: {', '.join(FORMATS)}")


def _row(entry: Entry) -> tuple[str, ...]:
    article, enrichment = entry.article, entry.enrichment
    return (
        entry.id, article.url, article.portal, article.section, article.title, article.summary, article.author,
        article.source, article.published or "", article.published_source or "", entry.not_after,
        "; ".join(f"{place.id} {place.name}" for place in enrichment.places if place.role == "subject"),
        "; ".join(map(str, enrichment.years)), "; ".join(enrichment.topics),
        "; ".join(document.number for document in enrichment.documents), entry.status, article.sha256,
        entry.captures[-1].sha256 if entry.captures else "", "\n".join(article.body),
    )  # fmt: skip
