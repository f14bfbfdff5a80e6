"""The read side: what readers, the command line and the web UI ask of the archive. Opens everything read-only."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache

from archive.captures import read_record
from archive.decisions import Correction, TakenDown, Tombstone, first_shown
from archive.enrich.labels import place_label, topic_label
from archive.index import Engine, IndexDamaged, open_engine
from archive.masking import is_guarded, mask
from archive.models import (
    FACETS,
    Article,
    Capture,
    DataDir,
    EngineHits,
    Entry,
    FacetValue,
    Hit,
    Node,
    NotFound,
    Page,
    Portal,
    PortalState,
    Problem,
    Query,
    QueryError,
    Results,
    SearchRequest,
    Totals,
    article_text,
)
from archive.search.parse import parse
from archive.search.snippet import pieces, snippet, spans
from archive.store import Store
from archive.text import fold_text

__all__ = ["Archive", "open_archive", "parse", "pieces", "snippet", "spans", "to_query"]

_log = logging.getLogger(__name__)
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
        self._is_refused = False  # the index, for what is in it

    def close(self) -> None:
        """Close the database."""
        self._store.close()

    def search(self, request: SearchRequest) -> Results:
        """Return the hits of one page with facets, and a suggestion when nothing is found.

        A damaged index finds nothing, is behind by everything, and is complained of in the log. Raise QueryError for a
        query that cannot be understood or is out of bounds.
        """
        began = time.perf_counter()
        query = to_query(request)
        found = self._find(query)
        hits = tuple(hit for article_id, score in found.ids if (hit := self._hit(article_id, score, query.node)))
        return Results(
            query=request.text,
            total=found.total,
            hits=hits,
            facets={
                name: self._facet(name, {**dict.fromkeys(request.filters.get(name, ()), 0), **counts})
                for name, counts in found.facets.items()
            },
            suggestion=None if found.total else self._suggest(request),
            took_ms=round((time.perf_counter() - began) * 1000, 1),
            behind=self.behind(),
        )

    def behind(self) -> int:
        """Return how many changes of the database the published index does not show yet."""
        try:
            shown = 0 if self._is_refused else max(self._engine.seq(), 0)
        except IndexDamaged:
            shown = 0
        return self._store.seq() - shown

    def _find(self, query: Query) -> EngineHits:
        try:
            return self._engine.search(query)
        except IndexDamaged as error:
            self._is_refused = True
            _log.error("%s", error)
            return EngineHits(0, (), {name: {} for name in query.facets})

    def get_entry(self, article_id: str) -> Entry:
        """Return all that is held about an article; raise NotFound."""
        return self._store.get_entry(article_id)

    def get_version(self, article_id: str, n: int) -> Article:
        """Return the article as its n-th version said; raise NotFound."""
        return self._store.get_version(article_id, n)

    def get_capture(self, capture_id: str) -> Capture:
        """Return where a capture's bytes lie; raise NotFound."""
        return self._store.get_capture(capture_id)

    def read_capture(self, capture_id: str) -> Page:
        """Return the bytes of a capture (of the original, for one that found nothing changed); raise NotFound.

        Bytes that show what was taken down, be it in the margin of another page, are closed: TakenDown.
        """
        capture = self._store.get_bytes_of(capture_id)
        page = read_record(self.data.path / capture.warc, capture.offset).page()
        telling = self._store.access.telling(capture.id)
        shown = first_shown(page, telling)
        if shown is not None:
            raise TakenDown("capture", capture.id, telling[shown])
        return page

    def corrections(self, article_id: str) -> tuple[Correction, ...]:
        """Return what people corrected in an article, oldest entry first."""
        return tuple(self._store.access.corrections(article_id).values())

    def blanks(self, article_id: str) -> tuple[Tombstone, ...]:
        """Return why spans of an article's text are blanked."""
        return self._store.access.blanks(article_id)

    def newest(self, limit: int) -> tuple[Entry, ...]:
        """Return the articles in scope that were published last, masked."""
        return tuple(map(mask, self._store.newest(limit)))

    def portal_states(self) -> tuple[PortalState, ...]:
        """Return each portal with what is held of it and its latest run."""
        return self._store.portal_states()

    def problems(self, portal: str | None = None) -> tuple[Problem, ...]:
        """Return the open problems, latest first."""
        return self._store.problems(portal)

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

    def _hit(self, article_id: str, score: float, node: Node | None) -> Hit | None:
        """Return one article found, None for one that the index still has and the store no more."""
        try:
            entry = mask(self._store.get_entry(article_id))
        except NotFound:
            return None
        article = entry.article
        told = "" if is_guarded(entry.enrichment) else article_text("", article.summary, article.body)
        return Hit(entry, spans(article.title, node, "title"), snippet(told, node), score)

    def _facet(self, name: str, counts: Mapping[str, int]) -> tuple[FacetValue, ...]:
        values = [FacetValue(value, self._label(name, value), count) for value, count in counts.items()]
        if name == "year":
            return tuple(sorted(values, key=lambda value: value.value, reverse=True))
        return tuple(sorted(values, key=lambda value: (-value.count, value.value))[:FACET_VALUES])

    def _label(self, facet: str, value: str) -> str:
        labels: dict[str, Callable[[str], str]] = {
            "place": place_label,
            "topic": topic_label,
            "portal": self.portal_title,
        }
        return labels[facet](value) if facet in labels else value

    def _suggest(self, request: SearchRequest) -> str | None:
        """Return the nearest query that finds something: typed without marks, or without its last word."""
        words = request.text.split()
        candidates = [fold_text(request.text), *(" ".join(words[:n]) for n in range(len(words) - 1, 0, -1))]
        for candidate in dict.fromkeys(candidates):
            if candidate and candidate != request.text and self._finds(replace(request, text=candidate, page=1)):
                return candidate
        return None

    def _finds(self, request: SearchRequest) -> bool:
        try:
            return self._find(replace(to_query(request), facets=(), limit=1)).total > 0
        except QueryError:
            return False


def _check_days(first: str | None, last: str | None) -> None:
    """Raise QueryError for what is no day (YYYY-MM-DD), or for a span that ends before it begins."""
    try:
        days = [date.fromisoformat(day) for day in (first, last) if day]
    except ValueError as error:
        raise QueryError("Ngày phải viết theo dạng năm-tháng-ngày, ví dụ 2020-01-31.") from error
    if days != sorted(days):
        raise QueryError("Ngày bắt đầu phải trước ngày kết thúc.")


def to_query(request: SearchRequest) -> Query:
    """Return the request as engines take it; raise QueryError for one out of bounds."""
    if not 1 <= request.limit <= MAX_LIMIT:
        raise QueryError(f"Mỗi trang có từ 1 đến {MAX_LIMIT} kết quả.")
    offset = (request.page - 1) * request.limit
    if request.page < 1 or offset > MAX_OFFSET:
        raise QueryError(f"Chỉ xem được {MAX_OFFSET} kết quả đầu; hãy thu hẹp câu tìm.")
    _check_days(request.published_from, request.published_to)
    unknown = set(request.filters) - set(FACETS)
    if unknown:
        raise QueryError(f"Không có bộ lọc {', '.join(sorted(unknown))}.")
    return Query(
        node=parse(request.text),
        filters={name: frozenset(values) for name, values in request.filters.items() if values},
        published_from=request.published_from,
        published_to=request.published_to,
        hidden=request.all,
        sort=request.sort,
        offset=offset,
        limit=request.limit,
    )


@lru_cache(maxsize=8)
def _shared_engine(data: DataDir, name: str) -> Engine:
    """Return one engine for all readers of this process: opening an index verifies every byte of it."""
    return open_engine(data, name)


def open_archive(data: DataDir) -> Archive:
    """Return the archive of a data directory, for reading."""
    return Archive(data)
