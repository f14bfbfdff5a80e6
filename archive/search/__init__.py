"""The read side: what readers, the command line and the web UI ask of the archive. Opens everything read-only."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from archive.captures import read_record
from archive.coverage import CoverageRequest, CoverageTable, Extent
from archive.decisions import Correction, TakenDown, Tombstone, first_shown
from archive.enrich.labels import place_label, topic_label
from archive.health import HANOI
from archive.index import Engine, open_engine
from archive.masking import mask, mask_numbers
from archive.models import (
    Article,
    Capture,
    DataDir,
    DocumentEntry,
    Entry,
    FileReading,
    Page,
    Portal,
    Problem,
    Results,
    SearchRequest,
    Totals,
)
from archive.pledges import Pledge, PledgePage, PledgeRequest, Series
from archive.runs import Health, PortalState, Run
from archive.search.coverage import find_coverage, find_extent
from archive.search.enquiries import Enquiry, Reply, find_indicator, find_place, reply
from archive.search.facets import Titles
from archive.search.finding import Finder, Unready
from archive.search.healths import find_health
from archive.search.parse import ask, parse
from archive.search.pledges import (
    article_pledges,
    every_pledge,
    find_pledges,
    get_pledge,
    indicator_label,
    place_series,
)
from archive.search.queries import to_query
from archive.search.snippet import Reading, pieces, snippet, spans
from archive.store import Store

__all__ = [
    "Archive", "Enquiry", "Reading", "Reply", "ask", "find_indicator", "find_place", "indicator_label", "open_archive",
    "parse", "pieces", "snippet", "spans", "to_query",
]  # fmt: skip


class Archive:
    """One data directory, opened for reading; safe to keep open while another process writes.

    Nothing that was taken down comes out of it: articles and captures are the store's open ones, bytes are looked
    through first. What comes in numbers (hits, the newest) is masked, so that lists and feeds made of it are.
    """

    def __init__(self, data: DataDir, engine: str = "whoosh") -> None:
        """Open the database and the published index; raise ArchiveError when there is no archive yet."""
        self.data = data
        self._store = Store(data.database, read_only=True)
        self._titles = Titles(self._store)
        self._finder = Finder(self._store, _shared_engine(data, engine), data.index, self._titles.get)

    def close(self) -> None:
        """Close the database."""
        self._store.close()

    @property
    def refusal(self) -> str:
        """Why the index cannot answer at all, and what mends it; known after a search."""
        return self._finder.refusal

    def search(self, request: SearchRequest) -> Results:
        """Return the hits of one page with facets, and a suggestion when nothing is found.

        A damaged index finds nothing, is behind by everything, and is complained of in the log. Raise QueryError for a
        query that cannot be understood or is out of bounds.
        """
        return self._finder.search(request)

    def behind(self) -> int:
        """Return how many changes of the database the published index does not show yet."""
        return self._finder.behind()

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
        return self._finder.unready()

    def uncrawled(self) -> tuple[Portal, ...]:
        """Return the portals of the catalogue of which nothing was ever fetched."""
        return self._store.coverage.uncrawled()

    def totals(self) -> Totals:
        """Return how much the archive holds and how far the index lags behind."""
        return replace(self._store.totals(), behind=self.behind())

    def portal_title(self, name: str) -> str:
        """Return a portal's title; its name when it is unknown."""
        return self._titles.get(name)

    @staticmethod
    def topic_label(slug: str, language: str = "vi") -> str:
        """Return a topic's name for readers."""
        return topic_label(slug, language)

    @staticmethod
    def place_label(place_id: str) -> str:
        """Return a place's name for readers, with its province."""
        return place_label(place_id)


@lru_cache(maxsize=8)
def _shared_engine(data: DataDir, name: str) -> Engine:
    """Return one engine for all readers of this process: opening an index verifies every byte of it."""
    return open_engine(data, name)


def open_archive(data: DataDir) -> Archive:
    """Return the archive of a data directory, for reading."""
    return Archive(data)
