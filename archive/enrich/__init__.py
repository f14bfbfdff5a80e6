"""What an article is about: places, years, topics and documents, each with the words that show it. Pure functions.

Rules are Python, what they know is data beside them (gazetteer.json, topics.toml, scope.toml, sensitive.toml,
document_kinds.toml) and archive/abbreviations.toml. Nothing here reads a clock, a network or a database: equal articles
give equal enrichments.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from archive import abbreviations
from archive.enrich.claims import Sites, find_claims
from archive.enrich.dates import find_date_line
from archive.enrich.documents import find_documents
from archive.enrich.gazetteer import load_gazetteer
from archive.enrich.mentions import Named, name_places
from archive.enrich.places import find_places
from archive.enrich.prose import Prose, read_prose
from archive.enrich.scope import find_scope
from archive.enrich.sensitive import find_sensitive
from archive.enrich.topics import Topics, find_topics
from archive.enrich.years import Years, find_years
from archive.models import Article, Enrichment, Evidence, Place, Portal, digest
from archive.text import language

__all__ = ["ENRICHED_BY", "analyze_text", "enrich"]


def _digest_rules() -> str:
    """Return 16 hexadecimal digits that change with any rule or any data file of this package, abbreviations included."""
    here = (path for path in Path(__file__).parent.rglob("*") if path.suffix in {".py", ".toml", ".json"})
    files = (*sorted(here), abbreviations.FILE)
    return digest("\n".join(f"{path.name} {digest(path.read_bytes())}" for path in files))[:16]


ENRICHED_BY = _digest_rules()
_COMMUNES = ("xã", "phường", "thị trấn", "đặc khu")
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

    Where the text does not hold its title, the title is read all the same, and what was read there has no offsets: a
    claim of such a title could not be quoted, and is none.
    """
    apart = bool(title) and title not in text
    whole = f"{title}\n\n{text}" if apart else text
    found = _enrich(_Given(text_id, title, whole, published, language(whole[:LANGUAGE_SAMPLE]), url), portal)
    if not apart:
        return found
    shift = len(title) + 2
    return replace(
        found,
        evidence=tuple(_shifted(evidence, shift) for evidence in found.evidence),
        claims=tuple(
            replace(claim, start=claim.start - shift, end=claim.end - shift)
            for claim in found.claims
            if claim.start >= shift
        ),
    )


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
    places = find_places(_dated(prose, years), named, portal, gazetteer, given.url)
    topics = _find_topics(prose, named, portal, given.language)
    subjects = [place for place in places.places if place.role == "subject"]
    documents = find_documents(prose, named, subjects, given.id)
    sensitive = find_sensitive(prose)
    sites = Sites(prose, named, [_reported(place, named, prose.text.lower()) for place in subjects])
    return Enrichment(
        places=places.places,
        place_candidates=places.candidates,
        years=years.years,
        topics=topics.slugs,
        documents=documents.documents,
        claims=find_claims(prose, given.id, years.years, sites) if topics.slugs else (),
        evidence=(*places.evidence, *years.evidence, *topics.evidence, *documents.evidence, *sensitive.evidence),
        sensitive=sensitive.flags,
        enriched_by=ENRICHED_BY,
    )


def _reported(place: Place, named: Named, text: str) -> Place:
    """Return a subject as figures are told of it: of a commune alone where the title names it, or the text speaks for it.

    A district's meeting takes place in a commune, too, and its figures are the district's all the same.
    """
    if place.commune is None or place.commune == place.name:
        return place
    titled = any(one.commune == place.commune and one.zone == "title" for one in named.communes)
    kind = next((kind for kind in _COMMUNES if place.commune.lower().startswith(kind)), "")
    own = _speaks_for(kind, text) and not _speaks_for(place.type, text)
    return place if titled or own else replace(place, commune=None)


def _speaks_for(kind: str, text: str) -> bool:
    """Say whether a text tells what there is in the whole of a unit of that kind ("toàn phường có 5 hộ nghèo")."""
    return f"toàn {kind} " in text or f"trên địa bàn {kind} " in text


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
