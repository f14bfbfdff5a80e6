"""The read side: what readers, the command line and the web UI ask of the archive. Opens everything read-only."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from typing import Literal

from archive.captures import read_record
from archive.coverage import CoverageRequest, CoverageTable, Extent
from archive.decisions import Correction, TakenDown, Tombstone, first_shown
from archive.enrich.labels import place_label, province_of, topic_label
from archive.health import HANOI
from archive.index import Engine, IndexDamaged, open_engine
from archive.masking import is_guarded, mask, mask_numbers
from archive.models import (
    FACETS,
    Article,
    Asked,
    Capture,
    DataDir,
    DocumentEntry,
    EngineHits,
    Entry,
    FacetValue,
    FileReading,
    Hit,
    Match,
    Node,
    Page,
    Portal,
    Problem,
    Query,
    QueryError,
    Results,
    SearchRequest,
    Totals,
    article_text,
)
from archive.pledges import Pledge, PledgePage, PledgeRequest, Series
from archive.runs import Health, PortalState, Run
from archive.search.coverage import find_coverage, find_extent
from archive.search.enquiries import Enquiry, Reply, find_indicator, find_place, reply
from archive.search.healths import find_health
from archive.search.parse import Question, ask, parse
from archive.search.pledges import (
    article_pledges,
    every_pledge,
    find_pledges,
    get_pledge,
    indicator_label,
    place_series,
)
from archive.search.snippet import Reading, pieces, snippet, spans, why
from archive.search.suggest import suggest
from archive.store import Store

__all__ = [
    "Archive", "Enquiry", "Reading", "Reply", "ask", "find_indicator", "find_place", "indicator_label", "open_archive",
    "parse", "pieces", "snippet", "spans", "to_query",
]  # fmt: skip

_log = logging.getLogger(__name__)
Unready = Literal["index-missing", "index-damaged"]
MAX_LIMIT = 100
MAX_OFFSET = 10_000
FACET_VALUES = 50  # shown of one facet, the most frequent first


class Archive:
    """One data directory, opened for reading; safe to keep open while another process writes.

    Nothing that was taken down comes out of it: articles and captures are the store's open ones, bytes are looked
    through first. What comes in numbers (hits, the newest) is masked, so that lists and feeds made of it are.
    """

    def __init__(self, data: DataDir, engine: str = "whoosh") -> None:
        """Open the database and the published index; raise ArchiveError when there is no archive yet."""
        self.data = data
        self._store = Store(data.database, read_only=True)
        self._engine = _shared_engine(data, engine)
        self._portals: dict[str, Portal] = {}
        self.refusal = ""  # why the index cannot answer at all, and what mends it; known after a search

    def close(self) -> None:
        """Close the database."""
        self._store.close()

    def search(self, request: SearchRequest) -> Results:
        """Return the hits of one page with facets, and a suggestion when nothing is found.

        A damaged index finds nothing, is behind by everything, and is complained of in the log. Raise QueryError for a
        query that cannot be understood or is out of bounds.
        """
        began = time.perf_counter()
        query, question = to_query(request), ask(request.text)
        found = self._find(query)
        suggestion, relaxed = None, None
        if not found.total:
            suggestion = suggest(request, question, self._frequency, self._best)
            relaxed = question.relaxed()
        if relaxed is not None:
            query = replace(query, node=relaxed)
            found = self._find(query)
        partial = relaxed is not None and found.total > 0
        return Results(
            query=request.text,
            total=found.total,
            hits=self._hits(found, query.node, question, partial),
            facets={
                name: self._facet(name, counts, request.filters.get(name, ())) for name, counts in found.facets.items()
            },
            suggestion=suggestion,
            took_ms=round((time.perf_counter() - began) * 1000, 1),
            behind=self.behind(),
            partial=partial,
            asked=tuple(clause.asked for clause in question.clauses),
        )

    def behind(self) -> int:
        """Return how many changes of the database the published index does not show yet."""
        try:
            shown = 0 if self.refusal else max(self._engine.seq(), 0)
        except IndexDamaged:
            shown = 0
        return self._store.seq() - shown

    def _find(self, query: Query) -> EngineHits:
        try:
            self._check_database()
            found = self._engine.search(query)
            self.refusal = (
                "" if self._engine.seq() >= 0 else f"{self.data.index}: there is no index; `ansinh index` makes it"
            )
            return found
        except IndexDamaged as error:
            self.refusal = str(error)
            _log.error("%s", error)
            return EngineHits(0, (), {name: {} for name in query.facets})

    def _check_database(self) -> None:
        """Raise IndexDamaged for an index that was made from another database."""
        if self._engine.seq() >= 0 and self._engine.database() != self._store.identity():
            raise IndexDamaged(f"{self.data.index}: was made from another database; `ansinh index` makes it again")

    def get_entry(self, article_id: str) -> Entry:
        """Return all that is held about an article; raise NotFound."""
        return self._store.get_entry(article_id)

    def get_document(self, document_id: str) -> DocumentEntry:
        """Return a numbered document with the articles that announce or cite it, masked; raise NotFound."""
        found = self._store.get_document(document_id)
        articles = tuple(replace(naming, title=mask_numbers(naming.title)) for naming in found.articles)
        return replace(found, articles=articles)

    def get_version(self, article_id: str, n: int) -> Article:
        """Return the article as its n-th version said; raise NotFound."""
        return self._store.get_version(article_id, n)

    def get_capture(self, capture_id: str) -> Capture:
        """Return where a capture's bytes lie; raise NotFound."""
        return self._store.get_capture(capture_id)

    def read_capture(self, capture_id: str) -> Page:
        """Return the bytes of a capture (of the original, for one that found nothing changed); raise NotFound.

        Bytes that show what was taken down, be it in the margin of another page or in a file, are closed: TakenDown.
        """
        capture = self._store.get_bytes_of(capture_id)
        page = read_record(self.data.path / capture.warc, capture.offset).page()
        telling = self._store.access.telling(capture.id)
        shown = first_shown(page, telling, self._store.texts.look_into(capture.sha256) if telling else "")
        if shown is not None:
            raise TakenDown("capture", capture.id, telling[shown])
        return page

    def file_readings(self, article: Article) -> dict[str, FileReading]:
        """Return by SHA-256 how the attachments of an article were read, without their text."""
        return self._store.texts.readings(article)

    def corrections(self, article_id: str) -> tuple[Correction, ...]:
        """Return what people corrected in an article, oldest entry first."""
        return tuple(self._store.access.corrections(article_id).values())

    def blanks(self, article_id: str) -> tuple[Tombstone, ...]:
        """Return why spans of an article's text are blanked."""
        return self._store.access.blanks(article_id)

    def pledges(self, request: PledgeRequest) -> PledgePage:
        """Return one page of pledges with facets, masked; raise QueryError for a request out of bounds."""
        return find_pledges(self._store, request)

    def every_pledge(self, filters: Mapping[str, Collection[str]]) -> Iterator[Pledge]:
        """Yield all pledges under the filters, place by place, masked; raise QueryError for an unknown filter."""
        return every_pledge(self._store, filters)

    def get_pledge(self, pledge_id: str) -> Pledge:
        """Return a pledge with the coverage behind it, masked; raise NotFound."""
        return get_pledge(self._store, pledge_id)

    def article_pledges(self, article_id: str) -> tuple[Pledge, ...]:
        """Return the pledges that an article's claims make, answer or are a part of, masked."""
        return article_pledges(self._store, article_id)

    def place_series(self, place: str) -> tuple[Series, ...]:
        """Return what was promised and reported of a place by indicator over time, masked."""
        return place_series(self._store, place)

    def reply(self, enquiry: Enquiry) -> Iterator[Reply]:
        """Yield a reply for each pledge that an enquiry is about; one that says why where there is none."""
        return reply(self._store, enquiry)

    def newest(self, limit: int) -> tuple[Entry, ...]:
        """Return the articles in scope that were published last, masked."""
        return tuple(map(mask, self._store.newest(limit)))

    def portal_states(self) -> tuple[PortalState, ...]:
        """Return each portal with what is held of it and its latest run."""
        return self._store.portal_states()

    def health(self, names: Collection[str] | None = None) -> tuple[Health, ...]:
        """Return how each portal (of some names) does today, by name."""
        portals = [one for one in self._store.portals() if names is None or one.name in names]
        return find_health(self._store, portals, datetime.now(HANOI).date())

    def problems(self, portal: str | None = None) -> tuple[Problem, ...]:
        """Return the open problems, latest first."""
        return self._store.problems(portal)

    def coverage(self, request: CoverageRequest) -> CoverageTable:
        """Return how many articles are held by place and time, and why none; raise NotFound for an unknown place."""
        return find_coverage(self._store, self.health, request)

    def extent(self) -> Extent:
        """Return what any count is of: articles, portals and districts, held and known."""
        return find_extent(self._store)

    def runs(self, portal: str, limit: int) -> tuple[Run, ...]:
        """Return the runs of a portal, latest first."""
        return self._store.runs(portal, limit)

    def unready(self) -> Unready | None:
        """Return why the index cannot answer; None while it can."""
        try:
            self._check_database()
            self._engine.frequency("")  # opens it, which checks every file
            return None if self._engine.seq() >= 0 else "index-missing"
        except IndexDamaged:
            return "index-damaged"

    def uncrawled(self) -> tuple[Portal, ...]:
        """Return the portals of the catalogue of which nothing was ever fetched."""
        return self._store.coverage.uncrawled()

    def totals(self) -> Totals:
        """Return how much the archive holds and how far the index lags behind."""
        return replace(self._store.totals(), behind=self.behind())

    def portal_title(self, name: str) -> str:
        """Return a portal's title; its name when it is unknown."""
        if name not in self._portals:
            self._portals = {portal.name: portal for portal in self._store.portals()}
        return self._portals[name].title if name in self._portals else name

    @staticmethod
    def topic_label(slug: str, language: str = "vi") -> str:
        """Return a topic's name for readers."""
        return topic_label(slug, language)

    @staticmethod
    def place_label(place_id: str) -> str:
        """Return a place's name for readers, with its province."""
        return place_label(place_id)

    def _hits(self, found: EngineHits, node: Node | None, question: Question, partial: bool) -> tuple[Hit, ...]:
        """Return the articles found, without those that the index still has and the store no more."""
        rows = self._store.find_rows([article_id for article_id, _ in found.ids])
        return tuple(
            self._hit(mask(rows[article_id]), score, node, question, partial)
            for article_id, score in found.ids
            if article_id in rows
        )

    def _hit(self, entry: Entry, score: float, node: Node | None, question: Question, partial: bool) -> Hit:
        article = entry.article
        told = "" if is_guarded(entry.enrichment) else article_text("", article.summary, article.body)
        title, text = Reading(article.title, "title"), Reading(told, "text")
        own = why(question, (title, text))
        in_files = self._in_files(entry, question, {match.typed for match in own})
        matches = (*own, *(Match(asked.typed, "file", asked.how) for asked in in_files))
        held = {match.typed for match in matches}
        asked_for = dict.fromkeys(clause.asked.typed for clause in question.clauses)
        return Hit(
            entry=entry,
            title_spans=title.spans(node),
            snippet=snippet(text, node),
            score=score,
            why=matches,
            missing=tuple(typed for typed in asked_for if partial and typed not in held),
            files=tuple(article.attachments[n] for n in sorted({n for found in in_files.values() for n in found})),
        )

    def _in_files(self, entry: Entry, question: Question, held: Collection[str]) -> dict[Asked, set[int]]:
        """Return what of a question the article's own words do not hold, with the numbers of the files that do.

        The index may be of before the article's files have changed: of those that have words now.
        """
        files = entry.article.attachments
        if not any(file.text for file in files):
            return {}
        readable = {n for n, file in enumerate(files) if file.text}
        sought = [one for one in question.clauses if not one.asked.excluded and one.asked.typed not in held]
        found = {one.asked: readable.intersection(self._engine_files(entry.id, one.node)) for one in sought}
        return {asked: numbers for asked, numbers in found.items() if numbers}

    def _engine_files(self, article_id: str, node: Node) -> tuple[int, ...]:
        try:
            return self._engine.files(article_id, node)
        except IndexDamaged:
            return ()

    def _facet(self, name: str, counts: Mapping[str, int], chosen: Collection[str]) -> tuple[FacetValue, ...]:
        """Return the values that are shown: all years, of others the most frequent and what is chosen.

        Of places, those in a chosen province too; and with each the province that it lies in.
        """
        ranked = sorted({*counts, *chosen}, key=lambda value: (-counts.get(value, 0), value))
        shown = [value for n, value in enumerate(ranked) if n < FACET_VALUES or value in chosen]
        if name == "year":
            shown = sorted(ranked, reverse=True)
        elif name == "place":
            inside = [value for value in ranked if province_of(value) in chosen]
            shown = [*dict.fromkeys(unit for value in (*shown, *inside) for unit in _with_parent(value))]
        parent = _parent if name == "place" else _no_parent
        return tuple(
            FacetValue(value, self._label(name, value), counts.get(value, 0), parent(value)) for value in shown
        )

    def _label(self, facet: str, value: str) -> str:
        labels: dict[str, Callable[[str], str]] = {
            "place": place_label,
            "topic": topic_label,
            "portal": self.portal_title,
        }
        return labels[facet](value) if facet in labels else value

    def _frequency(self, term: str) -> int:
        try:
            return self._engine.frequency(term)
        except IndexDamaged:
            return 0

    def _best(self, request: SearchRequest) -> Hit | None:
        """Return the first hit of a search; None where there is none."""
        query = replace(to_query(request), facets=(), limit=1)
        return next(iter(self._hits(self._find(query), query.node, ask(request.text), False)), None)


def _with_parent(place: str) -> tuple[str, ...]:
    parent = _parent(place)
    return (place,) if parent is None else (parent, place)


def _parent(place: str) -> str | None:
    """Return the province of a district or commune; None for a province."""
    province = province_of(place)
    return None if province == place else province


def _no_parent(_: str) -> None:
    return None


def _check_days(first: str | None, last: str | None) -> None:
    """Raise QueryError for what is no day (YYYY-MM-DD), or for a span that ends before it begins."""
    try:
        days = [date.fromisoformat(day) for day in (first, last) if day]
    except ValueError as error:
        raise QueryError("day") from error
    if days != sorted(days):
        raise QueryError("span")


def to_query(request: SearchRequest) -> Query:
    """Return the request as engines take it; raise QueryError for one out of bounds."""
    if not 1 <= request.limit <= MAX_LIMIT:
        raise QueryError("limit", limit=MAX_LIMIT)
    offset = (request.page - 1) * request.limit
    if request.page < 1 or offset > MAX_OFFSET:
        raise QueryError("page", limit=MAX_OFFSET)
    _check_days(request.published_from, request.published_to)
    unknown = set(request.filters) - set(FACETS)
    if unknown:
        raise QueryError("filter", name=", ".join(sorted(unknown)))
    question = ask(request.text)
    return Query(
        node=question.node,
        filters={name: frozenset(values) for name, values in request.filters.items() if values},
        published_from=request.published_from,
        published_to=request.published_to,
        hidden=request.all,
        sort=request.sort,
        offset=offset,
        limit=request.limit,
        row=question.row,
    )


@lru_cache(maxsize=8)
def _shared_engine(data: DataDir, name: str) -> Engine:
    """Return one engine for all readers of this process: opening an index verifies every byte of it."""
    return open_engine(data, name)


def open_archive(data: DataDir) -> Archive:
    """Return the archive of a data directory, for reading."""
    return Archive(data)
