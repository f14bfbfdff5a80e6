"""What of an article goes into an index: its terms by position, those of its files, its facet values, its date."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from archive.masking import is_guarded, mask_numbers
from archive.models import Article, Enrichment, Entry, IndexDocument, article_text
from archive.terms import document_terms, file_terms

MAX_FILES = 600_000  # characters of all files of one article; what lies beyond is not searched
ProvinceOf = Callable[[str], str | None]  # the id of the province that a place lies in


def index_document(entry: Entry, province_of: ProvinceOf, files: Iterable[str] = ()) -> IndexDocument:
    """Return the article as engines store it; hidden when it is out of scope (no topic).

    `files` are the words of its attachments, in their order. Numbers of persons in them are not searched, nor anything
    of the files of an article about people who did not choose to be found.
    """
    article, enrichment = entry.article, entry.enrichment
    title, text = document_terms(article.title, article_text("", article.summary, article.body))
    return IndexDocument(
        id=entry.id,
        title=title,
        text=text,
        facets=_facets(article, enrichment, entry.status, province_of),
        published=article.published or "",
        hidden=not enrichment.topics,
        files=() if is_guarded(enrichment) else file_terms(map(mask_numbers, _first(files, MAX_FILES))),
    )


def _first(texts: Iterable[str], size: int) -> Iterator[str]:
    """Yield the texts, cut where they have so many characters together."""
    for text in texts:
        yield text[: max(0, size)]
        size -= len(text)


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
