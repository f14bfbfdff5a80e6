"""What of an article goes into an index: its terms by position, its facet values, its date."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from archive.models import Article, Enrichment, Entry, IndexDocument, article_text
from archive.terms import document_terms

ProvinceOf = Callable[[str], str | None]  # the id of the province that a place lies in


def index_document(entry: Entry, province_of: ProvinceOf) -> IndexDocument:
    """Return the article as engines store it; hidden when it is out of scope (no topic)."""
    article, enrichment = entry.article, entry.enrichment
    title, text = document_terms(article.title, article_text("", article.summary, article.body))
    return IndexDocument(
        id=entry.id,
        title=title,
        text=text,
        facets=_facets(article, enrichment, entry.status, province_of),
        published=article.published or "",
        hidden=not enrichment.topics,
    )


def _facets(
    article: Article, enrichment: Enrichment, status: str, province_of: ProvinceOf
) -> dict[str, tuple[str, ...]]:
    kinds = (document.kind for document in enrichment.documents if document.role == "announces")
    return {
        "place": _with_provinces((place.id for place in enrichment.places if place.role == "subject"), province_of),
        "year": tuple(map(str, enrichment.years)),
        "topic": enrichment.topics,
        "kind": tuple(dict.fromkeys(filter(None, kinds))),
        "portal": (article.portal,),
        "status": (status,),
    }


def _with_provinces(places: Iterable[str], province_of: ProvinceOf) -> tuple[str, ...]:
    """Return the ids of places and of the provinces that they lie in: who chooses a province means all of it."""
    ids = tuple(places)
    provinces = (province_of(place) for place in ids)
    return tuple(dict.fromkeys((*ids, *(province for province in provinces if province is not None))))
