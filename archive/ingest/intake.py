"""One record at a time into the store: a capture and what it shows, or what a crawl has noted."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable

from archive.captures import METADATA_SCHEMA, RUN_URI, TEXT_URI, Record, payload_digest
from archive.ingest.assigner import Assigner, host_of
from archive.ingest.changes import Batch
from archive.ingest.keeping import Source
from archive.models import Capture, Check, ExtractError, Extractor, Hint, Json, Portal, Problem, Reading
from archive.sightings import verdict_of
from archive.store import Store

_log = logging.getLogger(__name__)


class Intake:
    """Takes records into the store and notes what they touched; belongs inside the transaction of their batch."""

    def __init__(self, store: Store, extractor: Extractor) -> None:
        """Use the extractor to read what a record holds."""
        self._store, self._extractor = store, extractor

    def take(self, source: Source, record: Record, assign: Assigner, batch: Batch) -> None:
        """Store one record and note which articles it may have changed."""
        if record.type == "metadata" and source.via == "live":
            self._take_metadata(record, assign, batch)
        if record.type not in ("response", "resource", "revisit") or not _is_page(record.url):
            return
        batch.requests += 1
        if not record.date:
            batch.problems += 1
            _log.warning("%s: record at byte %d has no readable WARC-Date; skipped", source.path, record.offset)
            return
        portal = assign.portal_of(record)
        if portal is None or self._store.has_capture(record.capture_id):
            batch.known += portal is not None
            return
        if assign.is_first(portal):
            self._store.save_portal(portal)
        self._take_response(source, record, portal, batch)

    def _take_response(self, source: Source, record: Record, portal: Portal, batch: Batch) -> None:
        reading = self._read(record, portal, batch)
        capture = Capture(
            id=record.capture_id,
            portal=portal.name,
            url=record.url,
            fetched_at=record.date,
            via=source.via,
            status=record.status,
            mime=record.mime,
            sha256="" if record.type == "revisit" else record.sha256,
            warc=source.path,
            offset=record.offset,
        )
        article_id = reading.article.id if reading.article else self._extractor.article_id(record.url, portal)
        if reading.article is not None:
            files = (*(file.url for file in reading.article.attachments), *reading.article.images)
            self._store.save_assets(reading.article.id, files)
        payload = record.payload_digest or payload_digest(record.body).removeprefix("sha1:")
        validators = record.headers.get("etag", ""), record.headers.get("last-modified", "")
        self._store.save_capture(capture, payload, validators, reading.article, article_id)
        if reading.article is None:
            self.take_text(capture, record)
        else:
            repeats = self._store.repeats.note(reading.article)
            batch.touched.update(dict.fromkeys(repeats, portal))
        for awaiting in self._store.articles_awaiting(record.url):
            batch.touched.setdefault(awaiting, self._portal_of(awaiting, portal))
        if article_id is not None:
            batch.touched[article_id] = portal
            batch.captured.add(article_id)
            verdict = verdict_of(record.url, record.status, record.headers.get("location", ""), portal)
            if verdict is not None:
                self._store.save_check(article_id, Check(record.date, verdict, f"HTTP {record.status}"))
        self._take_hints(record.capture_id, reading.hints, portal, batch)

    def take_text(self, capture: Capture, record: Record) -> None:
        """Keep what a captured file says; the same bytes are read once."""
        if capture.status == 200 and capture.sha256 and not self._store.texts.knows(capture.sha256):
            reading = self._extractor.read_file(record.page())
            if reading is not None:
                self._store.texts.save(capture.sha256, reading)

    def _take_hints(self, capture_id: str, hints: Iterable[Hint], portal: Portal, batch: Batch) -> None:
        for hint in hints:
            article_id = self._extractor.article_id(hint.url, portal)
            if article_id is not None:
                self._store.save_hint(article_id, capture_id, hint)
                batch.touched[article_id] = portal

    def _portal_of(self, article_id: str, otherwise: Portal) -> Portal:
        """Return the portal of a held article, whichever portal the record at hand belongs to."""
        name = self._store.portal_of(article_id)
        return otherwise if name in (None, otherwise.name) else portals_held(self._store).get(name, otherwise)

    def _take_metadata(self, record: Record, assign: Assigner, batch: Batch) -> None:
        said = json.loads(record.body)
        if said.get("schema", METADATA_SCHEMA) > METADATA_SCHEMA:
            batch.problems += 1
            _log.warning("%s: was written by a newer An Sinh; upgrade this one, then `ansinh rebuild`", record.url)
            return
        if record.url.startswith(RUN_URI):
            batch.ends.append(said)
            return
        portal = assign.portal_of(record)
        if portal is not None and "hint" in said:
            self._take_hints(record.capture_id, [Hint(**said["hint"])], portal, batch)
        if portal is not None and "check" in said:
            self._take_check(record, said["check"], portal, batch)

    def _take_check(self, record: Record, said: Json, portal: Portal, batch: Batch) -> None:
        article_id = self._extractor.article_id(record.url, portal)
        if article_id is not None:
            self._store.save_check(article_id, Check(record.date, said["verdict"], said["detail"]))
            batch.touched[article_id] = portal

    def _read(self, record: Record, portal: Portal, batch: Batch) -> Reading:
        if record.type == "revisit" or record.status != 200:
            return Reading()
        try:
            return self._extractor.read(record.page(), portal)
        except (ExtractError, ValueError, LookupError, TypeError) as error:  # hostile bytes must not stop the file
            batch.problems += 1
            self._store.save_problem(
                Problem(portal.name, record.capture_id, record.url, "extract", str(error), record.date)
            )
            return Reading()


def portals_held(store: Store) -> dict[str, Portal]:
    """Return every portal that anything is held of, by name."""
    return {portal.name: portal for portal in store.portals()}


def _is_page(url: str) -> bool:
    """Say whether a record is of the web or a text of ours; wget and Heritrix keep metadata: and dns: records as well."""
    return url.startswith(TEXT_URI) or (url.startswith(("http://", "https://")) and bool(host_of(url)))
