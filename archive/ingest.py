"""The write side: evidence files in, articles out. Idempotent, atomic by batch, and the same in any order.

A file's responses become captures; those of an article make its versions, together with what listings said about it.
An article is always assembled anew from all its captures and hints, so the order of reading cannot matter.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import re
import resource
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Literal, TypeVar
from urllib.parse import urlsplit

from archive.archived import is_archived, other_parts
from archive.assembly import Assembler
from archive.captures import (
    METADATA_SCHEMA,
    RUN_URI,
    TEXT_MIME,
    TEXT_URI,
    Record,
    WarcDamaged,
    copy_durably,
    finish,
    has_member_per_record,
    is_address,
    is_gzip,
    is_warc,
    make_folder,
    members,
    note_digest,
    now,
    payload_digest,
    read_record,
    read_warc,
    repack,
    salvage,
    salvaged,
    sha256_of,
    write_durably,
    write_resources,
)
from archive.deciding import apply_decisions
from archive.enrich.claims.indicators import load_indicators
from archive.enrich.labels import province_of
from archive.index import Engine, IndexDamaged, index_document
from archive.ledger import make_ledger
from archive.models import (
    ArchiveError,
    Article,
    Capture,
    Check,
    DataDir,
    Entry,
    ExtractError,
    Extractor,
    Hint,
    IndexDocument,
    Json,
    Page,
    Portal,
    Problem,
    Reading,
    Via,
    digest,
)
from archive.pledges import PledgeRow, Statement
from archive.runs import Run
from archive.sightings import verdict_of
from archive.store import Store
from archive.store.codec import load_figures

_log = logging.getLogger(__name__)
T = TypeVar("T")
Watch = Callable[[Iterable[T]], Iterable[T]]  # sees each item as it passes: progress for people
MIN_FILES = 128  # a crawl of two portals needs about 30, each further one a few more
# Files as they came; what was made of them has longer names.
_IMPORTED = re.compile(r"[0-9a-f]{64}\.(?:warc|warc\.gz|html|jsonl)")
PLACES = 200  # whose pledges are committed together
WAITING = 200  # files of an older database that are read before a run
BATCH = 200  # records that are committed together
BATCH_BYTES = 32 * 2**20  # or fewer, when their bodies are large


class Busy(ArchiveError):
    """Another process is writing to this data directory."""


class WriteLock:
    """Held by the one process that writes to a data directory; released by the kernel when it dies."""

    def __init__(self, data: DataDir) -> None:
        """Take the lock at once or raise Busy, naming the file."""
        make_folder(data.path)
        self._handle = os.open(data.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._handle)
            raise Busy(f"{data.path}: another ansinh process is writing there; try again when it has ended") from error

    def fileno(self) -> int:
        """Return the open file that carries the lock: a process that inherits it holds the lock, too."""
        return self._handle

    def __enter__(self) -> WriteLock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._handle)


class CrawlerClaim:
    """Held by a write-only crawler for each of its portals; released by the kernel when it dies.

    One byte of one file stands for each portal, so that whatever shards overlap are noticed, over NFS as well.
    """

    def __init__(self, data: DataDir, portals: Iterable[str]) -> None:
        """Claim the portals at once or raise Busy, naming the first that another crawler has."""
        make_folder(data.captures)
        self._handle = os.open(data.captures / "crawlers.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        for portal in portals:
            place = int.from_bytes(sha256(portal.encode()).digest()[:7])
            try:
                fcntl.lockf(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
            except BlockingIOError as error:
                os.close(self._handle)
                raise Busy(f"{data.captures}: another crawler is at {portal}; try again when it has ended") from error


def require_room(data: DataDir, megabytes: int) -> None:
    """Raise ArchiveError when less is free, or few files may be open: better before a run than in the middle of it."""
    make_folder(data.path)
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files < MIN_FILES:
        raise ArchiveError(f"{data.path}: only {files} files may be open; allow at least {MIN_FILES} (`ulimit -n`)")
    free = shutil.disk_usage(data.path).free // 2**20
    if free < megabytes:
        raise ArchiveError(
            f"{data.path}: {free} MB are free and {megabytes} are needed to begin; "
            f"free some space, or set free_mb in {data.settings}"
        )


@dataclass(frozen=True, slots=True)
class Source:
    """An evidence file and how it came here; `path` is relative to the data directory, `portal` a forced one."""

    path: str
    via: Via
    portal: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What a batch did to one article; yielded after its commit, which is what acknowledged means."""

    kind: Literal["new", "changed", "unchanged"]
    article: Article
    id: str


@dataclass(slots=True)
class Tally:
    """Counts of one ingest; `unknown` are hosts that no platform recognises, with their number of pages."""

    COUNTS: ClassVar = ("requests", "new", "changed", "unchanged", "problems")

    requests: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    problems: int = 0
    unknown: Counter[str] = field(default_factory=Counter)

    def add(self, batch: _Batch, counts: Counter[str]) -> None:
        """Add a committed batch."""
        self.requests += batch.requests
        self.problems += batch.problems
        self.new += counts["new"]
        self.changed += counts["changed"]
        self.unchanged += counts["unchanged"]

    def as_json(self) -> Json:
        """Return the closing line of `crawl --json` and `import --json`."""
        return {name: getattr(self, name) for name in self.COUNTS}

    def since(self, before: Tally) -> Tally:
        """Return what was counted after an earlier state of this tally."""
        return Tally(**{name: getattr(self, name) - getattr(before, name) for name in self.COUNTS})


# --- keeping files -------------------------------------------------------------------------------------------


def keep_file(data: DataDir, path: Path, via: Via, portal: str | None) -> Source:
    """Copy a WARC file unchanged into the evidence and return it; the same file again is the same source.

    Raise ArchiveError for a file that does not begin as a WARC does: it would be in the way of every rebuild.
    """
    if not is_warc(path):
        raise ArchiveError(f"{path}: is not a WARC file; nothing was kept of it")
    suffix = ".warc.gz" if is_gzip(path) else ".warc"
    return _keep(data, path, sha256_of(path), suffix, {"via": via, "portal": portal, "name": path.name})


def keep_html(data: DataDir, path: Path, url: str, portal: str | None) -> Source:
    """Keep a saved page unchanged, and beside it as a resource record at its URL; raise ArchiveError for no address."""
    if not is_address(url):
        raise ArchiveError(f"{path}: {url!r} is not an address that a page can have; give one with --url")
    said = {"via": "file", "portal": portal, "name": path.name, "url": url}
    own = digest(sha256_of(path) + url)  # the same bytes may have been saved from two addresses
    return _keep(data, path, own, ".html", said)


def keep_texts(data: DataDir, path: Path, portal: str | None) -> Source:
    """Keep a .jsonl file of texts from elsewhere unchanged, and beside it each line as a resource record."""
    return _keep(data, path, sha256_of(path), ".jsonl", {"via": "file", "portal": portal, "name": path.name})


def _keep(data: DataDir, path: Path, name: str, suffix: str, said: Json) -> Source:
    make_folder(data.imported)
    kept = data.imported / f"{name}{suffix}"
    sidecar = _sidecar(kept)
    if not sidecar.exists():
        write_durably(sidecar, json.dumps({**said, "imported_at": now()}, ensure_ascii=False, indent=1).encode())
    elif said["portal"] is not None:  # imported again to say whose it is
        held = json.loads(sidecar.read_text("utf-8"))
        write_durably(sidecar, json.dumps({**held, "portal": said["portal"]}, ensure_ascii=False, indent=1).encode())
    if not kept.exists():
        note_digest(kept, sha256_of(path))
        copy_durably(path, kept)
    return _readable(data, sidecar)


def _sidecar(kept: Path) -> Path:
    """Return the file that says where an imported file came from."""
    return kept.with_name(f"{kept.name}.json")


def without_sidecar(data: DataDir) -> Iterator[Path]:
    """Yield each imported file of which nobody knows any more where it came from: no rebuild reads it."""
    for kept in sorted(data.imported.glob("*")):
        is_whole = bool(_IMPORTED.fullmatch(kept.name)) or is_archived(kept.name)
        if is_whole and not _sidecar(kept).exists():
            yield kept


def _readable(data: DataDir, sidecar: Path) -> Source:
    """Return the file with one member per record that a sidecar stands for, making it when it is not there yet."""
    try:
        said = json.loads(sidecar.read_text("utf-8"))
        via, portal = said["via"], said["portal"]
    except (ValueError, KeyError, TypeError) as error:
        raise ArchiveError(f"{sidecar}: damaged ({error!r}); restore it from a backup of captures/") from error
    kept = sidecar.with_suffix("")
    reads = kept
    if kept.suffix in (".html", ".jsonl") or not has_member_per_record(kept):
        reads = kept.with_name(f"{kept.name.split('.')[0]}.packed.warc.gz")
        if not reads.exists():
            _pack(kept, reads, said)
    return Source(str(reads.relative_to(data.path)), via, portal)


def _pack(kept: Path, target: Path, said: Json) -> None:
    if kept.suffix == ".html":
        resources = [(said["url"], "text/html", kept.read_bytes())]
    elif kept.suffix == ".jsonl":
        read = (_text_resource(line) for line in kept.read_bytes().splitlines())
        resources = [resource for resource in read if resource is not None]
    else:
        repack(kept, target)
        return
    write_resources(target, kept.name, resources, said["imported_at"])


def _text_resource(line: bytes) -> tuple[str, str, bytes] | None:
    """Return the resource that one line of a .jsonl file becomes; None for a line that is no text."""
    try:
        said = json.loads(line)
        url = str(said.get("url") or f"{TEXT_URI}{said['id']}")
        is_text = isinstance(said["title"], str) and isinstance(said["text"], str) and is_address(url)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return (url, TEXT_MIME, line) if is_text else None


def bad_lines(path: Path) -> list[int]:
    """Return the numbers of the lines of a .jsonl file that are neither empty nor a text with id and title."""
    lines = enumerate(path.read_bytes().splitlines(), start=1)
    return [number for number, line in lines if line.strip() and _text_resource(line) is None]


def finish_drafts(data: DataDir, portals: Iterable[str] = ("*",)) -> list[Path]:
    """Seal what crawls (of these portals) that died have left in progress, and return what it became.

    Drafts of a process that lives stay as they are, whoever asks.
    """
    drafts = sorted(draft for portal in portals for draft in data.captures.glob(f"{portal}/*/*.warc.gz.open"))
    return [path for path in map(finish, drafts) if path is not None]


def finish_archived(data: DataDir) -> None:
    """Seal what imports from web archives that died have left in progress; what is salvaged of one has its sidecar, too."""
    for draft in sorted(draft for draft in data.imported.glob("*.open") if is_archived(draft.name)):
        finish(draft)
        whole = salvaged(draft)
        if whole.exists() and not _sidecar(whole).exists():
            copy_durably(_sidecar(draft.with_suffix("")), _sidecar(whole))


def sources(data: DataDir) -> Iterator[Source]:
    """Yield every evidence file of the data directory, in the order of their names."""
    for path in sorted(data.captures.glob("*/*/*.warc.gz")):
        if data.imported not in path.parents:
            yield Source(str(path.relative_to(data.path)), "live", path.parent.parent.name)
    for sidecar in sorted(data.imported.glob("*.json")):
        if sidecar.with_suffix("").exists():
            yield _readable(data, sidecar)


@dataclass(slots=True)
class _Batch:
    """What the records of one transaction did: articles to assemble again, and those among them that were captured."""

    touched: dict[str, Portal] = field(default_factory=dict)
    captured: set[str] = field(default_factory=set)
    ends: list[Json] = field(default_factory=list)
    requests: int = 0
    known: int = 0  # requests whose capture an earlier reading of the file has committed
    problems: int = 0


# --- reading files -------------------------------------------------------------------------------------------


class Ingester:
    """Reads evidence files into the store. One at a time writes; every batch is committed before it is reported."""

    def __init__(self, data: DataDir, store: Store, extractor: Extractor) -> None:
        """Use the extractor to recognise portals and read pages; raise BadDecision for decisions that cannot be applied."""
        self._data, self._store, self._extractor = data, store, extractor
        self._assembler = Assembler(store, apply_decisions(data, store))
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
            self._take_text(capture, record)
            self._store.texts.settle(capture.id)
            for article_id in self._store.articles_awaiting(capture.url):
                self._assembler.again(article_id, self._portals())

    def _portals(self) -> dict[str, Portal]:
        return {portal.name: portal for portal in self._store.portals()}

    def _read_file(self, source: Source, path: Path, tally: Tally) -> Iterator[Change]:
        if source.path.endswith(".gz"):
            for _ in members(path):
                pass
        assign = _Assigner(self._extractor, source, path)
        records = read_warc(path)
        while batch := _next_batch(records):
            yield from self._commit(source, batch, assign, tally)
        with self._store.transaction():
            self._store.save_warc(source.path, path.stat().st_size)
        tally.unknown.update(assign.unknown)  # a Counter adds

    def _commit(self, source: Source, records: Sequence[Record], assign: _Assigner, tally: Tally) -> Iterator[Change]:
        batch = _Batch()
        with self._store.transaction():
            for record in records:
                self._take(source, record, assign, batch)
            if source.via == "live":
                self._end_run(source, batch)
            self._store.access.close()
            assembled = [self._assemble(article, portal) for article, portal in batch.touched.items()]
            for article_id in self._store.access.close():  # again, for the files of articles that are gone
                self._assembler.again(article_id, self._portals())
            changes = [change for change in assembled if change is not None and change.id in batch.captured]
            counts: Counter[str] = Counter(change.kind for change in changes)
            if source.via == "live":
                self._count_run(source, batch, counts)
        tally.add(batch, counts)
        yield from changes

    def _end_run(self, source: Source, batch: _Batch) -> None:
        """Close the run of a file where a record of the batch says how it ended.

        What a failed night says of articles' absence is doubted, so they are assembled again.
        """
        run = _run_of(source)
        for said in batch.ends:
            ended = _ended(run, said)
            self._store.count_run(run)
            self._store.close_run(ended)
            if ended.outcome == "failed":
                portal = self._extractor.get_portal(run.portal)
                batch.touched.update(dict.fromkeys(self._store.missed_in(ended), portal))

    def _count_run(self, source: Source, batch: _Batch, counts: Counter[str]) -> None:
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

    def _take(self, source: Source, record: Record, assign: _Assigner, batch: _Batch) -> None:
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

    def _take_response(self, source: Source, record: Record, portal: Portal, batch: _Batch) -> None:
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
            self._take_text(capture, record)
        for awaiting in self._store.articles_awaiting(record.url):
            batch.touched.setdefault(awaiting, self._portal_of(awaiting, portal))
        if article_id is not None:
            batch.touched[article_id] = portal
            batch.captured.add(article_id)
            verdict = verdict_of(record.url, record.status, record.headers.get("location", ""), portal)
            if verdict is not None:
                self._store.save_check(article_id, Check(record.date, verdict, f"HTTP {record.status}"))
        self._take_hints(record.capture_id, reading.hints, portal, batch)

    def _take_text(self, capture: Capture, record: Record) -> None:
        """Keep what a captured file says; the same bytes are read once."""
        if capture.status == 200 and capture.sha256 and not self._store.texts.knows(capture.sha256):
            reading = self._extractor.read_file(record.page())
            if reading is not None:
                self._store.texts.save(capture.sha256, reading)

    def _take_hints(self, capture_id: str, hints: Iterable[Hint], portal: Portal, batch: _Batch) -> None:
        for hint in hints:
            article_id = self._extractor.article_id(hint.url, portal)
            if article_id is not None:
                self._store.save_hint(article_id, capture_id, hint)
                batch.touched[article_id] = portal

    def _portal_of(self, article_id: str, otherwise: Portal) -> Portal:
        """Return the portal of a held article, whichever portal the record at hand belongs to."""
        name = self._store.portal_of(article_id)
        return next((portal for portal in self._store.portals() if portal.name == name), otherwise)

    def _take_metadata(self, record: Record, assign: _Assigner, batch: _Batch) -> None:
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

    def _take_check(self, record: Record, said: Json, portal: Portal, batch: _Batch) -> None:
        article_id = self._extractor.article_id(record.url, portal)
        if article_id is not None:
            self._store.save_check(article_id, Check(record.date, said["verdict"], said["detail"]))
            batch.touched[article_id] = portal

    def _read(self, record: Record, portal: Portal, batch: _Batch) -> Reading:
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

    def _assemble(self, article_id: str, portal: Portal) -> Change | None:
        made = self._assembler.assemble(article_id, portal)
        return made and Change(made.kind, made.article, article_id)

    def enrich_again(self, watch: Watch[str] = iter) -> Iterator[str]:
        """Apply today's rules to every article held; yield the ids of those that changed."""
        portals = self._portals()
        ids = iter(watch(self._store.article_ids()))
        while batch := list(islice(ids, BATCH)):
            with self._store.transaction():
                changed = [article_id for article_id in batch if self._assembler.again(article_id, portals)]
            yield from changed


def _run_of(source: Source) -> Run:
    """Return the run that wrote a file, not ended yet; the file is named after it: <portal>-<run>-<n>.warc.gz."""
    run = source.path.rsplit("/", 1)[-1].rsplit("-", 2)[1]
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


def update_index(store: Store, engine: Engine) -> int:
    """Publish what changed in the store since the engine's last commit; return how many articles that were.

    The ledger is brought up to date first. An index that is missing, damaged or of another database is made anew.
    """
    update_ledger(store)
    try:
        since = engine.seq()
    except ArchiveError:
        since = -1
    latest = store.seq()
    if not 0 <= since <= latest or engine.database() != store.identity():
        return rebuild_index(store, engine)
    if since == latest:
        return 0
    try:
        engine.add(_counted(store, store.rows(since), count := [0]))
        engine.delete(store.access.buried(since))
        engine.commit(latest, store.identity())
    except IndexDamaged:
        return rebuild_index(store, engine)
    return count[0]


def update_ledger(store: Store) -> int:
    """Make the pledges of every place anew whose claims changed; return how many places that were.

    A few hundred places a transaction: killed between two, the rest is made the next time.
    """
    count = 0
    while places := store.ledger.unsettled(PLACES):
        with store.transaction():
            for place in places:
                store.ledger.settle(place, _pledge_rows(place, store.ledger.statements(place)))
        count += len(places)
    return count


def _pledge_rows(place: str, statements: Iterable[Statement]) -> Iterator[PledgeRow]:
    """Yield the pledges among the statements of a place as the store lists them."""
    indicators, province = load_indicators(), province_of(place)
    for pledge in make_ledger(statements, indicators):
        target = pledge.target
        yield PledgeRow(
            id=pledge.id,
            place=place,
            province=province,
            indicator=target.indicator,
            topic=indicators[target.indicator].topic,
            year=target.year,
            verdict=pledge.verdict.kind,
            published=pledge.sources[0].published,
        )


def rebuild_index(store: Store, engine: Engine, watch: Watch[Entry] = iter) -> int:
    """Make the whole index and the ledger anew from the store; return how many articles the index holds."""
    with store.transaction():
        store.ledger.unsettle()
    update_ledger(store)
    latest = store.seq()
    engine.reset()
    engine.add(_counted(store, watch(store.rows()), count := [0]))
    engine.commit(latest, store.identity())
    return count[0]


def _counted(store: Store, entries: Iterable[Entry], count: list[int]) -> Iterator[IndexDocument]:
    for entry in entries:
        count[0] += 1
        yield index_document(entry, province_of, store.texts.words(entry.article))


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


def _host(url: str) -> str:
    """Return the host of a URL as portals are known by it: lower case, no www., no port; empty for no URL."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _is_page(url: str) -> bool:
    """Say whether a record is of the web or a text of ours; wget and Heritrix keep metadata: and dns: records as well."""
    return url.startswith(TEXT_URI) or (url.startswith(("http://", "https://")) and bool(_host(url)))


class _Assigner:
    """Finds the portal of each record of one file: forced, catalogued, or recognised from the file's own pages."""

    def __init__(self, extractor: Extractor, source: Source, path: Path) -> None:
        self._extractor, self._source, self._path = extractor, source, path
        self._forced = extractor.get_portal(source.portal) if source.portal else None
        self._recognised: dict[str, Portal | None] = {}
        self._seen: set[str] = set()
        self.unknown: Counter[str] = Counter()

    def portal_of(self, record: Record) -> Portal | None:
        """Return the portal of a record, or None (counted) for a host that nobody recognises."""
        if self._forced is not None:
            return self._forced
        portal = self._extractor.find_portal(record.url, record.date) or self._recognise(record)
        if portal is None and record.type != "metadata":
            host = _host(record.url) or record.url
            self.unknown[host] += 1
        return portal

    def is_first(self, portal: Portal) -> bool:
        """Say, once for each portal, that it is met for the first time."""
        first = portal.name not in self._seen
        self._seen.add(portal.name)
        return first

    def _recognise(self, record: Record) -> Portal | None:
        host = _host(record.url)
        if host not in self._recognised:
            found = (self._extractor.recognise(host, pages) for pages in self._pages_of(host))
            self._recognised[host] = next(filter(None, found), None)
        return self._recognised[host]

    def _pages_of(self, host: str) -> Iterator[Iterator[Page]]:
        """Yield the host's pages in this file, then those in each other part of the same import from a web archive."""
        for path in (self._path, *other_parts(self._path)):
            yield _pages(path, host)


def _pages(path: Path, host: str) -> Iterator[Page]:
    """Yield a host's pages in a file, as far as it can be read."""
    with suppress(WarcDamaged):
        yield from (r.page() for r in read_warc(path) if _host(r.url) == host and r.status == 200 and r.body)
