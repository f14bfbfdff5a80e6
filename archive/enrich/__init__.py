"""What an article is about: places, years, topics and documents, each with the words that show it. Pure functions.

Rules are Python, what they know is data beside them (gazetteer.json, topics.toml, scope.toml, abbreviations.toml,
document_kinds.toml). Nothing here reads a clock, a network or a database: equal articles give equal enrichments.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from archive.enrich.dates import find_date_line
from archive.enrich.documents import find_documents
from archive.enrich.gazetteer import load_gazetteer
from archive.enrich.mentions import Named, name_places
from archive.enrich.places import find_places
from archive.enrich.prose import Prose, read_prose
from archive.enrich.scope import find_scope
from archive.enrich.topics import Topics, find_topics
from archive.enrich.years import Years, find_years
from archive.models import Article, Enrichment, Evidence, Portal, digest
from archive.text import language

__all__ = ["ENRICHED_BY", "analyze_text", "enrich"]


def _digest_rules() -> str:
    """Return 16 hexadecimal digits that change with any rule or any data file of this package."""
    files = sorted(path for path in Path(__file__).parent.iterdir() if path.suffix in {".py", ".toml", ".json"})
    return digest("\n".join(f"{path.name} {digest(path.read_bytes())}" for path in files))[:16]


ENRICHED_BY = _digest_rules()
LANGUAGE_SAMPLE = 600  # code points that tell the language of a text


def enrich(article: Article, portal: Portal | None) -> Enrichment:
    """Return what the rules infer from an article; offsets are code points into `article.text`.

    `portal` tells who published there on the day of publication; None leaves it to the text alone.
    """
    given = _Given(article.id, article.title, article.text, article.published, article.language, article.url)
    return _enrich(given, portal)


def analyze_text(
    text_id: str, title: str, text: str, published: str | None = None, portal: Portal | None = None, url: str = ""
) -> Enrichment:
    """Return what the rules infer from a text of elsewhere; offsets count in `text` as given.

    Where the text does not hold its title, the title is read all the same, and what was read there has no offsets.
    """
    apart = bool(title) and title not in text
    whole = f"{title}\n\n{text}" if apart else text
    found = _enrich(_Given(text_id, title, whole, published, language(whole[:LANGUAGE_SAMPLE]), url), portal)
    if not apart:
        return found
    shift = len(title) + 2
    return replace(found, evidence=tuple(_shifted(evidence, shift) for evidence in found.evidence))


def _shifted(evidence: Evidence, shift: int) -> Evidence:
    if evidence.start is None or evidence.end is None:
        return evidence
    if evidence.start < shift:
        return replace(evidence, start=None, end=None)
    return replace(evidence, start=evidence.start - shift, end=evidence.end - shift)


class _Given(NamedTuple):
    id: str
    title: str
    text: str
    published: str | None
    language: str
    url: str


def _enrich(given: _Given, portal: Portal | None) -> Enrichment:
    prose = read_prose(given.title, given.text, given.published or find_date_line(given.text))
    gazetteer = load_gazetteer()
    named = name_places(prose, gazetteer)
    years = find_years(prose, given.url)
    places = find_places(_dated(prose, years), named, portal, gazetteer)
    topics = _find_topics(prose, named, portal, given.language)
    subjects = [place for place in places.places if place.role == "subject"]
    documents = find_documents(prose, named, subjects, given.id)
    return Enrichment(
        places=places.places,
        place_candidates=places.candidates,
        years=years.years,
        topics=topics.slugs,
        documents=documents.documents,
        evidence=(*places.evidence, *years.evidence, *topics.evidence, *documents.evidence),
        enriched_by=ENRICHED_BY,
    )


def _dated(prose: Prose, years: Years) -> Prose:
    """Return the text with the first year it is about in place of an unknown day: units are named as they were then."""
    return prose if prose.published or not years.years else replace(prose, published=str(years.years[0]))


def _find_topics(prose: Prose, named: Named, portal: Portal | None, written_in: str) -> Topics:
    """Return the topics, or none and the reason: another language, or a piece outside the archive's scope."""
    if written_in != "vi":
        return Topics(evidence=(Evidence("topics", "", "language", "", None, None, 0.9),))
    outside = find_scope(prose, named, portal is not None)
    if outside is None:
        return find_topics(prose)
    quote = prose.text[outside.start : outside.end] if outside.start is not None else ""
    reason = Evidence("topics", "", f"scope.{outside.reason}", quote, outside.start, outside.end, 0.8)
    return Topics(evidence=(reason,))
