"""Evidence files, batch by batch, into articles."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from archive.assembly import Assembler
from archive.captures import Record, WarcDamaged, members, read_record, read_warc, salvage
from archive.deciding import apply_decisions
from archive.ingest.assigner import Assigner
from archive.ingest.changes import Batch, Change, Tally, Watch
from archive.ingest.intake import Intake, portals_held
from archive.ingest.keeping import Source, finish_archived, finish_drafts, sources
from archive.models import ArchiveError, Capture, DataDir, Extractor, Json, Portal
from archive.runs import Run, run_of
from archive.store import Store
from archive.store.codec import load_figures

_log = logging.getLogger(__name__)
WAITING = 200  # files of an older database that are read before a run
BATCH = 200  # records that are committed together
BATCH_BYTES = 32 * 2**20  # or fewer, when their bodies are large


class Ingester:
    """Reads evidence files into the store. One at a time writes; every batch is committed before it is reported."""

    def __init__(self, data: DataDir, store: Store, extractor: Extractor) -> None:
        """Use the extractor to recognise portals and read pages; raise BadDecision for decisions that cannot be applied."""
        self._data, self._store, self._extractor = data, store, extractor
        self._assembler = Assembler(store, apply_decisions(data, store))
        self._intake = Intake(store, extractor)
        with store.transaction():
            store.coverage.save_catalogue(extractor.portals())

    def ingest(self, source: Source, tally: Tally, again: bool = False) -> Iterator[Change]:
        """Read one evidence file, yielding a change per touched article after its commit and counting into the tally.

        A file that was read to its end is read only `again` when somebody now says whose it is; known captures stay.
        Of a torn file the whole records are salvaged and read; then raise WarcDamaged. It is not read again.
        """
        path = self._data.path / source.path
        if self._store.has_warc(source.path) and not again:
            return
        try:
            yield from self._read_file(source, path, tally)
        except WarcDamaged:
            whole = salvage(path)
            if whole is not None:
                yield from self.ingest(replace(source, path=str(whole.relative_to(self._data.path))), tally)
            with self._store.transaction():
                self._store.save_warc(source.path, path.stat().st_size)
            raise

    def catch_up(self, tally: Tally) -> Iterator[Change]:
        """Read every evidence file that was not read to its end: what a killed process or a lost database has left."""
        finish_drafts(self._data)
        finish_archived(self._data)
        for source in sources(self._data):
            try:
                yield from self.ingest(source, tally)
            except WarcDamaged as damage:
                _log.warning("%s", damage)
        for capture in self._store.texts.waiting(WAITING):
            self._read_late(capture)

    def _read_late(self, capture: Capture) -> None:
        """Read a file that was captured before files were read; one that is lost keeps waiting, `check` names it."""
        try:
            record = read_record(self._data.path / capture.warc, capture.offset)
        except (ArchiveError, OSError) as error:
            _log.warning("%s", error)
            return
        with self._store.transaction():
            self._intake.take_text(capture, record)
            self._store.texts.settle(capture.id)
            self._assemble_again(self._store.articles_awaiting(capture.url))

    def _read_file(self, source: Source, path: Path, tally: Tally) -> Iterator[Change]:
        if source.path.endswith(".gz"):
            for _ in members(path):
                pass
        assign = Assigner(self._extractor, source, path)
        records = read_warc(path)
        while batch := _next_batch(records):
            yield from self._commit(source, batch, assign, tally)
        with self._store.transaction():
            self._store.save_warc(source.path, path.stat().st_size)
        tally.unknown.update(assign.unknown)  # a Counter adds

    def _commit(self, source: Source, records: Sequence[Record], assign: Assigner, tally: Tally) -> Iterator[Change]:
        batch = Batch()
        with self._store.transaction():
            for record in records:
                self._intake.take(source, record, assign, batch)
            if source.via == "live":
                self._end_run(source, batch)
            self._store.access.close()
            assembled = [self._assemble(article, portal) for article, portal in batch.touched.items()]
            self._assemble_again(self._store.access.close())  # now for the files of articles that are gone
            changes = [change for change in assembled if change is not None and change.id in batch.captured]
            counts: Counter[str] = Counter(change.kind for change in changes)
            if source.via == "live":
                self._count_run(source, batch, counts)
        tally.add(batch, counts)
        yield from changes

    def _end_run(self, source: Source, batch: Batch) -> None:
        """Close the run of a file where a record of the batch says how it ended.

        What a failed night says of articles' absence is doubted, so they are assembled again.
        """
        run = _run_of(source)
        for said in batch.ends:
            self._store.count_run(run)
            if "finished_at" not in said:  # what the run takes unverified stands there before its first page
                self._store.certify_run(run, said["certificate"])
                continue
            ended = _ended(run, said)
            self._store.close_run(ended)
            if ended.outcome == "failed":
                portal = self._extractor.get_portal(run.portal)
                batch.touched.update(dict.fromkeys(self._store.missed_in(ended), portal))

    def _count_run(self, source: Source, batch: Batch, counts: Counter[str]) -> None:
        """Add a batch to its run."""
        counted = replace(
            _run_of(source),
            requests=batch.requests - batch.known,
            new=counts["new"],
            changed=counts["changed"],
            unchanged=counts["unchanged"],
            problems=batch.problems,
        )
        self._store.count_run(counted)

    def _assemble(self, article_id: str, portal: Portal) -> Change | None:
        made = self._assembler.assemble(article_id, portal)
        return made and Change(made.kind, made.article, article_id)

    def _assemble_again(self, article_ids: Collection[str]) -> None:
        portals = portals_held(self._store) if article_ids else {}  # almost always there are none
        for article_id in article_ids:
            self._assembler.again(article_id, portals)

    def enrich_again(self, watch: Watch[str] = iter) -> Iterator[str]:
        """Apply today's rules to every article held; yield the ids of those that changed."""
        portals = portals_held(self._store)
        ids = iter(watch(self._store.article_ids()))
        while batch := list(islice(ids, BATCH)):
            with self._store.transaction():
                changed = [article_id for article_id in batch if self._assembler.again(article_id, portals)]
            yield from changed


def _next_batch(records: Iterator[Record]) -> list[Record]:
    """Return the next records to commit together: BATCH of them, or fewer when their bodies are large."""
    batch: list[Record] = []
    size = 0
    for record in records:
        batch.append(record)
        size += len(record.body)
        if len(batch) >= BATCH or size >= BATCH_BYTES:
            break
    return batch


def _run_of(source: Source) -> Run:
    """Return the run that wrote a file, not ended yet; the file is named after it: <portal>-<run>-<n>.warc.gz."""
    run = run_of(source.path)
    started = f"{run[:4]}-{run[4:6]}-{run[6:11]}:{run[11:13]}:{run[13:15]}Z"
    return Run(run, source.portal or "", "live", started, None, "interrupted")


def _ended(run: Run, said: Json) -> Run:
    """Return the run as the record that ends it says; those of older crawls name neither cause nor figures."""
    return replace(
        run,
        finished_at=said["finished_at"],
        outcome=said["outcome"],
        note=said["note"],
        cause=said.get("cause"),
        figures=load_figures(said.get("figures", {})),
        warnings=tuple(said.get("warnings", ())),
        certificate=said.get("certificate", ""),
    )
