"""Bytes that change on the disk are noticed, named and mended (reliability.md F10 to F14)."""

from __future__ import annotations

import os
import pickle
import random
import shutil
import signal
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from whoosh import index as whoosh_index

from archive.captures import MANIFEST, WarcDamaged, members, read_record, read_warc, whole_members
from archive.check import check
from archive.models import ArchiveError, DataDir, SearchRequest
from archive.search import Archive, _shared_engine
from archive.store import Store, sums
from tests.faults.conftest import PORTALS, RESTLESS, Crawled, complaints, lost, prepare
from tests.faults.launch import ansinh, command, start, wait_for
from tests.gate import Gated
from tests.pages import article_page, exchange, url, warc
from webui import create_app

Times = Callable[[int, int], int]

# --- SQLite (F10, F11) ---------------------------------------------------------------------------------------


def flip_or_zero(content: bytearray, chance: random.Random) -> None:
    """Flip one bit, or zero 512 bytes."""
    if chance.random() < 0.7:
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    else:
        start = chance.randrange(len(content) // 512) * 512
        content[start : start + 512] = bytes(512)


def rows(database: Path) -> list[tuple[object, ...]] | None:
    """Return everything that the tables hold; None when they cannot be read."""
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
            names = [
                name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
            ]
            return [row for name in names for row in sorted(db.execute(f"SELECT * FROM {name}"), key=repr)]
    except sqlite3.DatabaseError:
        return None


def is_noticed(database: Path) -> bool:
    try:
        with closing(Store(database, read_only=True)) as store:
            return any(store.damaged())
    except ArchiveError:
        return True


def missed_mutations(folder: Path, whole: Path, count: int) -> int:
    """Mutate copies of a database; return how many changes of content nobody noticed."""
    before, missed, changed = rows(whole), 0, 0
    for number in range(count):
        mutated = bytearray(whole.read_bytes())
        flip_or_zero(mutated, random.Random(number))
        copy = folder / f"{number}.db"
        copy.write_bytes(mutated)
        if rows(copy) != before:
            changed += 1
            missed += not is_noticed(copy)
        copy.unlink()
    assert changed > count / 10  # else the test tests nothing
    return missed


@pytest.fixture(scope="module")
def database(crawled: Crawled, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole database in one file."""
    whole = tmp_path_factory.mktemp("database") / "whole.db"
    with closing(sqlite3.connect(DataDir(crawled.data).database)) as db:
        db.execute("VACUUM INTO ?", (str(whole),))
    return whole


def test_every_change_of_content_in_the_database_is_noticed(tmp_path: Path, database: Path, times: Times) -> None:
    assert not is_noticed(database)
    assert missed_mutations(tmp_path, database, times(40, 300)) == 0


def test_control_sqlite_alone_misses_changes_of_content(
    tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sums, "wrong", lambda _: ())
    monkeypatch.setattr("archive.store._row_digest", lambda *_: "")
    monkeypatch.setattr(Store, "_damaged", _only_sqlite)
    assert missed_mutations(tmp_path, database, 40) > 0


def _only_sqlite(store: Store) -> Iterator[str]:
    said = [row["integrity_check"] for row in store._db.execute("PRAGMA integrity_check")]
    return iter(line for line in said if line != "ok")


def settle(path: Path) -> None:
    """Bring the log into the file: damage to pages that the log holds, too, is none."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def lose_log(path: Path) -> None:
    path.with_name(path.name + "-wal").unlink()


def cut(size: int) -> Callable[[Path], None]:
    def truncate(path: Path) -> None:
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        os.truncate(path, size)

    return truncate


def overwrite(head: bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        settle(path)
        path.write_bytes(head + path.read_bytes()[len(head) :])

    return write


DAMAGES: dict[str, Callable[[Path], object]] = {
    "log deleted": lose_log,
    "empty": cut(0),
    "half a header": cut(50),
    "one page": cut(4096),
    "ten pages": cut(40960),
    "not on a page": cut(50_001),
    "header": overwrite(b"not a database at all"),
    "page size": overwrite(b"SQLite format 3\0\x07\x00"),
    "zeroes": overwrite(bytes(8192)),
    "text": lambda path: (settle(path), path.write_text("xin chào\n" * 1000)),
    "gone": lambda path: path.unlink(),
}


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    """A data directory whose crawl was killed after it acknowledged something: its log is full."""
    with Gated(lambda _, number: number > 16) as sites, sites.shut():
        data = prepare(tmp_path_factory.mktemp("killed") / "data", sites.port)
        crawl = ansinh(data, "crawl", *PORTALS, "--json", settings=RESTLESS)
        wait_for(lambda: len(crawl.lines()) >= 8)
        crawl.kill_after(0)
    assert crawl.process.exitcode == -signal.SIGKILL
    return data, crawl.acknowledged()


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_database_is_named_and_a_rebuild_mends_it(tmp_path: Path, killed, damage: str) -> None:  # type: ignore[no-untyped-def]
    whole, acknowledged = killed
    data = tmp_path / "data"
    shutil.copytree(whole, data)
    DAMAGES[damage](DataDir(data).database)
    said = "\n".join(complaints(data))
    assert str(data) in said
    assert "rebuild" in said or "no archive here yet" in said
    mended = ansinh(data, "rebuild")
    assert mended.end() == 0, mended.errors()
    assert complaints(data) == []
    assert lost(data, acknowledged) == []


def test_control_a_whole_database_is_not_complained_of(crawled: Crawled) -> None:
    assert complaints(crawled.data) == []


# --- WARC (F12, F13) -----------------------------------------------------------------------------------------


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    """A sealed file whose last but one member has more than 4,000 bytes, in a data directory."""
    noise = random.Random(0).randbytes(4000).hex()
    pages = [exchange(url(n), article_page(views=n)) for n in range(3)] + [exchange(url(9), noise.encode())]
    return warc(tmp_path / "data/captures", pages)


def findings(file: Path) -> list[str]:
    """Return what `ansinh check` says of a data directory with that one file."""
    return [line for line in check(DataDir(file.parents[3])) if str(file) in line and "read to its end" not in line]


def test_a_file_cut_at_any_byte_is_noticed_and_its_earlier_records_are_kept(sealed: Path, times: Times) -> None:
    whole = sealed.read_bytes()
    spans = list(members(sealed))
    *earlier, (start, length) = spans[:-1]  # the response; its request comes last
    assert length > 4000
    step = times(40, 1)
    for end in range(start, start + length, step):
        sealed.write_bytes(whole[:end])
        assert findings(sealed), end
        assert list(whole_members(sealed)) == earlier, end


def test_control_the_warc_library_does_not_notice_every_cut(sealed: Path) -> None:
    whole = sealed.read_bytes()
    start, length = list(members(sealed))[-2]
    missed = 0
    for end in range(start, start + length, 40):
        sealed.write_bytes(whole[:end])
        missed += is_fine_to_warcio(sealed)
    assert missed


def is_fine_to_warcio(file: Path) -> bool:
    try:
        with file.open("rb") as opened:
            for record in ArchiveIterator(opened, check_digests="raise"):
                record.content_stream().read()
    except (ArchiveLoadFailed, EOFError, AttributeError):  # the last for a record whose head is cut
        return False
    return True


def spoil(content: bytes, spans: list[tuple[int, int]], chance: random.Random) -> bytes:
    """Flip a bit, zero the tail, or put garbage between two members."""
    kind = chance.choice(("flip", "flip", "tail", "garbage"))
    if kind == "flip":
        at = chance.randrange(len(content))
        return content[:at] + bytes([content[at] ^ (1 << chance.randrange(8))]) + content[at + 1 :]
    if kind == "tail":
        keep = chance.randrange(len(content) - 1)
        return content[:keep] + bytes(len(content) - keep)
    at, _ = chance.choice(spans)
    return content[:at] + chance.randbytes(chance.randint(1, 600)) + content[at:]


def unnoticed(file: Path, count: int) -> int:
    """Spoil a file in many ways; return how often `ansinh check` was silent."""
    whole, spans = file.read_bytes(), list(members(file))
    missed = 0
    for number in range(count):
        spoilt = spoil(whole, spans, random.Random(number))
        file.write_bytes(spoilt)
        missed += spoilt != whole and not findings(file)
    file.write_bytes(whole)
    return missed


def test_every_change_of_a_sealed_file_is_noticed(sealed: Path, times: Times) -> None:
    assert unnoticed(sealed, times(60, 300)) == 0


def test_control_gzip_alone_does_not_notice_every_change(sealed: Path) -> None:
    content = bytearray(sealed.read_bytes())
    content[4] ^= 1  # the time in the head of a member, which no sum of gzip covers
    sealed.write_bytes(content)
    assert findings(sealed)
    sealed.with_name(MANIFEST).unlink()
    assert not findings(sealed)


def test_the_records_around_a_change_can_still_be_read_and_are_salvaged(sealed: Path, times: Times) -> None:
    whole, records = sealed.read_bytes(), {record.offset: record for record in read_warc(sealed)}
    spans = list(members(sealed))
    for number in range(times(20, 300)):
        chance = random.Random(number)
        hurt, length = chance.choice(spans)
        sealed.write_bytes(changed(whole, hurt, length, chance))
        others = [span for span in spans if span[0] != hurt]
        assert list(whole_members(sealed)) == others
        assert all(read_record(sealed, offset) == records[offset] for offset, _ in others)
        with pytest.raises(WarcDamaged):
            list(members(sealed))


def changed(content: bytes, start: int, length: int, chance: random.Random) -> bytes:
    """Flip a bit of a member that changes what the member says: some, as the last of the stream, stand for nothing."""
    said = zlib.decompress(content[start : start + length], 31)
    while True:
        at = start + 12 + chance.randrange(length - 20)
        hurt = content[:at] + bytes([content[at] ^ 16]) + content[at + 1 :]
        try:
            if zlib.decompress(hurt[start : start + length], 31) != said:
                return hurt
        except zlib.error:
            return hurt


# --- the index (F14) -----------------------------------------------------------------------------------------


class Payload:
    """Runs code when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def __reduce__(self) -> object:
        return (Path.touch, (self._mark,))


def plant_pickle(toc: Path, mark: Path) -> None:
    """Put code where Whoosh keeps its pickled schema."""
    whole, payload = toc.read_bytes(), pickle.dumps(Payload(mark), 2)
    at = whole.index(b"\x80\x02")
    toc.write_bytes(whole[:at] + payload + whole[at + len(payload) :])


def spoil_index(folder: Path, number: int, mark: Path) -> None:
    """Damage an index in the way of that number."""
    current = folder / (folder / "CURRENT").read_text().strip()
    special: dict[int, Callable[[], object]] = {
        0: lambda: shutil.rmtree(current),
        1: (folder / "CURRENT").unlink,
        2: lambda: plant_pickle(next(current.glob("*.toc")), mark),
        3: lambda: (current / "manifest.json").write_text('{"generation": {"seq": 1}, "sha256": ""}'),
    }
    if number in special:
        special[number]()
        return
    chance = random.Random(number)
    victim = chance.choice(sorted(path for path in (*current.iterdir(), folder / "CURRENT")))
    content = bytearray(victim.read_bytes())
    kind = chance.choice(("flip", "cut", "zero", "gone"))
    if kind == "flip":
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    elif kind == "zero":
        content[len(content) // 2 :] = bytes(len(content) - len(content) // 2)
    victim.write_bytes(content[: len(content) // 2] if kind == "cut" else content)
    if kind == "gone":
        victim.unlink()


def search_everywhere(data: Path) -> int:
    """Search as a library and in the web; return the highest status that was answered."""
    _shared_engine.cache_clear()
    archive = Archive(DataDir(data))
    found = archive.search(SearchRequest("nghèo"))
    assert found.total == 0
    assert found.behind == archive.behind() > 0
    archive.close()
    web = create_app({"DATA": data, "TESTING": True}).test_client()
    assert web.get("/healthz").status_code == 503  # who watches over the server is told
    return max(web.get(path).status_code for path in ("/", "/search?q=ngheo", "/api/v1/search?q=ngheo"))


def opened_spoilt(folder: Path, crawled: Crawled, count: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Spoil copies of an index; return each time that one was opened all the same, or the web said 5xx."""
    opened: list[object] = []
    honest = whoosh_index.open_dir
    monkeypatch.setattr(whoosh_index, "open_dir", lambda *a, **k: (opened.append(a), honest(*a, **k))[1])
    wrong, data, mark = [], folder / "data", folder / "executed"
    shutil.copytree(crawled.data, data)
    for number in range(count):
        shutil.rmtree(data / "index")
        shutil.copytree(crawled.data / "index", data / "index")
        before = {path: path.read_bytes() for path in (data / "index/whoosh").rglob("*") if path.is_file()}
        spoil_index(data / "index/whoosh", number, mark)
        if before == {path: path.read_bytes() for path in (data / "index/whoosh").rglob("*") if path.is_file()}:
            continue
        if (status := search_everywhere(data)) >= 500:
            wrong.append(f"{number}: the web answered {status}")
        if opened or mark.exists():
            wrong.append(f"{number}: was opened")
        opened.clear()
    return wrong


def test_a_spoilt_index_is_refused_before_it_is_interpreted(
    tmp_path: Path, crawled: Crawled, times: Times, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.index.generations.Generations._sweep", lambda *_: None)
    assert opened_spoilt(tmp_path, crawled, times(30, 154), monkeypatch) == []
    mended = ansinh(tmp_path / "data", "index")
    assert mended.end() == 0, mended.errors()
    assert complaints(tmp_path / "data") == []


def test_control_without_the_digests_a_planted_pickle_is_executed(tmp_path: Path, crawled: Crawled) -> None:
    data, mark = tmp_path / "data", tmp_path / "executed"
    shutil.copytree(crawled.data, data)
    spoil_index(data / "index/whoosh", 2, mark)
    start(tmp_path, command, str(data), "search", "nghèo").end()
    assert not mark.exists()
    start(tmp_path, command, str(data), "search", "nghèo", bug="trusts_the_index").end()
    assert mark.exists()
