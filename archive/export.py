"""Out of the archive: the JSON of design section 6 and 10, and the export formats built on it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict

from archive.masking import mask
from archive.models import (
    SCHEMA,
    ArchiveError,
    Attachment,
    Capture,
    Enrichment,
    Entry,
    FacetValue,
    Hit,
    Json,
    Place,
    Results,
)

FORMATS = ("jsonl", "csv")


def entry_json(entry: Entry) -> Json:
    """Return all that is held about an article in the published shape (`"schema": 1`)."""
    article = entry.article
    return {
        "schema": SCHEMA,
        "id": entry.id,
        "url": article.url,
        "portal": article.portal,
        "section": article.section,
        "title": article.title,
        "summary": article.summary,
        "author": article.author,
        "source": article.source,
        "language": article.language,
        "body": list(article.body),
        "kinds": list(article.kinds),
        "attachments": [_attachment(attachment) for attachment in article.attachments],
        "published": article.published,
        "published_source": article.published_source,
        "not_after": entry.not_after,
        "updated": article.updated,
        **enrichment_json(entry.enrichment),
        "same_as": list(entry.same_as),
        "versions": [asdict(version) for version in entry.versions],
        "status": entry.status,
        "captures": [_capture(capture) for capture in entry.captures],
        "extracted_by": article.extracted_by,
        "enriched_by": entry.enrichment.enriched_by,
    }


def enrichment_json(enrichment: Enrichment) -> Json:
    """Return what rules inferred: places, years, topics, documents, claims, how each is known, what is sensitive."""
    return {
        "places": [_place(place) for place in enrichment.places],
        "place_candidates": [_place(place) for place in enrichment.place_candidates],
        "years": list(enrichment.years),
        "topics": list(enrichment.topics),
        "documents": [asdict(document) for document in enrichment.documents],
        "claims": [asdict(claim) for claim in enrichment.claims],
        "evidence": [asdict(evidence) for evidence in enrichment.evidence],
        "sensitive": list(enrichment.sensitive),
    }


def results_json(results: Results) -> Json:
    """Return search results in the published shape."""
    return {
        "total": results.total,
        "hits": [_hit(hit) for hit in results.hits],
        "facets": {name: [_facet_value(value) for value in values] for name, values in results.facets.items()},
        "suggestion": results.suggestion,
        "took_ms": results.took_ms,
    }


def _attachment(attachment: Attachment) -> Json:
    return {
        "name": attachment.name,
        "type": attachment.type,
        "url": attachment.url,
        "sha256": attachment.sha256,
        "capture": attachment.capture,
        "text": attachment.text,
    }


def _capture(capture: Capture) -> Json:
    names = ("id", "fetched_at", "via", "sha256", "warc", "offset")
    return {name: getattr(capture, name) for name in names}


def _place(place: Place) -> Json:
    return {**asdict(place), "successors": list(place.successors)}


def _hit(hit: Hit) -> Json:
    article, enrichment = hit.entry.article, hit.entry.enrichment
    return {
        "id": hit.entry.id,
        "url": article.url,
        "title": article.title,
        "published": article.published,
        "places": [_place(place) for place in enrichment.places],
        "years": list(enrichment.years),
        "topics": list(enrichment.topics),
        "snippet": hit.snippet.text,
        "score": hit.score,
    }


def _facet_value(value: FacetValue) -> Json:
    return {"value": value.value, "label": value.label, "count": value.count}


# --- formats -------------------------------------------------------------------------------------------------

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
        return _csv(entries)
    raise ArchiveError(f"no export format is called {form!r}; known: {', '.join(FORMATS)}")


def _csv(entries: Iterable[Entry]) -> Iterator[str]:
    line = io.StringIO()
    writer = csv.writer(line, quoting=csv.QUOTE_ALL, lineterminator="\r\n")  # RFC 4180
    writer.writerow(_CSV_COLUMNS)
    for entry in entries:
        yield line.getvalue()
        line.seek(0)
        line.truncate()
        writer.writerow([_cell(value) for value in _row(entry)])
    yield line.getvalue()


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


def _cell(value: str) -> str:
    """Keep a spreadsheet from reading text as a formula, full-width signs included (OWASP ASVS 1.2.10)."""
    return f"'{value}" if value[:1] in "=+-@\t\r\0＝＋－＠" and value else value
