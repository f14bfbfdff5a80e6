"""An article and all that is held about it, and what a search found: their JSON."""

from __future__ import annotations

from dataclasses import asdict

from archive.models import SCHEMA, Attachment, Capture, Enrichment, Entry, FacetValue, Hit, Json, Place, Results


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
        **_remark(entry.tls),
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
        "facets": {name: [facet_value_json(value) for value in values] for name, values in results.facets.items()},
        "suggestion": results.suggestion.text if results.suggestion else None,
        "explanation": _explanation(results),
        "took_ms": results.took_ms,
    }


def _explanation(results: Results) -> Json:
    """Return how the query was understood, why each hit matched, and what the suggestion changed."""
    return {
        "asked": [asdict(asked) for asked in results.asked],
        "partial": results.partial,
        "why": {hit.entry.id: [asdict(match) for match in hit.why] for hit in results.hits},
        "missing": {hit.entry.id: list(hit.missing) for hit in results.hits if hit.missing},
        "files": {hit.entry.id: [_attachment(file) for file in hit.files] for hit in results.hits if hit.files},
        "changes": [asdict(change) for change in results.suggestion.changes] if results.suggestion else [],
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
    return {name: getattr(capture, name) for name in names} | _remark(capture.tls)


def _remark(tls: str | None) -> Json:
    """Return that a connection was not verified, where that is so (an addition to the published shape)."""
    return {"tls": tls} if tls else {}


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


def facet_value_json(value: FacetValue) -> Json:
    """Return a value that results can be narrowed to, and how many have it."""
    return {"value": value.value, "label": value.label, "count": value.count}
