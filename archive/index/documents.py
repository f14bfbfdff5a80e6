"""What of an article goes into an index: its terms by position, its facet values, its date."""

from __future__ import annotations

from archive.models import Entry, IndexDocument, article_text
from archive.text import tokens


def index_document(entry: Entry) -> IndexDocument:
    """Return the article as engines store it; hidden when it is out of scope (no topic)."""
    article, enrichment = entry.article, entry.enrichment
    return IndexDocument(
        id=entry.id,
        title=tuple(token.terms for token in tokens(article.title)),
        text=tuple(token.terms for token in tokens(article_text("", article.summary, article.body))),
        facets={
            "place": tuple(dict.fromkeys(place.id for place in enrichment.places if place.role == "subject")),
            "year": tuple(map(str, enrichment.years)),
            "topic": enrichment.topics,
            "portal": (article.portal,),
            "status": (entry.status,),
        },
        published=article.published or "",
        hidden=not enrichment.topics,
    )
