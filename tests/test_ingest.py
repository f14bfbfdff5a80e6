"""The write side: idempotent, atomic by batch, the same in any order; and a rebuild that gives the same export."""

from __future__ import annotations

import gzip
import json
import random
import re
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest

from archive.captures import Original, WarcDamaged, WarcWriter, disk, payload_digest, read_warc
from archive.export import export
from archive.index import open_engine
from archive.ingest import (
    Busy,
    Change,
    Ingester,
    Source,
    Tally,
    WriteLock,
    bad_lines,
    keep_file,
    keep_html,
    keep_texts,
    sources,
    update_index,
)
from archive.models import DataDir, Hint, Portal, Query
from archive.store import Store, codec
from scraper.catalogue import Catalogue
from scraper.extract import Extraction
from tests.pages import BODY, article_page, exchange, url, warc


class Bench:
    """A data directory with its store and ingester, as one import has them."""

    def __init__(self, data: DataDir, portal: Portal) -> None:
        self.data, self.store, self.tally = data, Store(data.database), Tally()
        self.ingester = Ingester(data, self.store, Extraction(Catalogue((portal,))))

    def take(self, path: Path) -> list[Change]:
        return self.read(keep_file(self.data, path, "warc", None))

    def read(self, source: Source) -> list[Change]:
        return list(self.ingester.ingest(source, self.tally))

    def lines(self) -> list[str]:
        return list(export((self.store.get_entry(i) for i in self.store.article_ids()), "jsonl"))

    def only(self) -> dict[str, object]:
        (line,) = self.lines()
        shown: dict[str, object] = json.loads(line)
        return shown


@pytest.fixture
def bench(data: DataDir, portal: Portal) -> Iterator[Bench]:
    made = Bench(data, portal)
    yield made
    made.store.close()


def captured(folder: Path, day: str, pages: Sequence[tuple[str, bytes]], status: int = 200) -> Path:
    """A WARC whose records all carry the given day."""
    return dated(warc(folder / day, [exchange(address, page, status) for address, page in pages]), day)


def dated(path: Path, day: str) -> Path:
    """Write a WARC again whose records all carry the given day: two written in one second would be in any order."""
    moved = path.with_name("dated.warc.gz")
    parts = [gzip.decompress(path.read_bytes()[r.offset :]) for r in read_warc(path)]
    cut = [part[: part.index(b"WARC/1.1", 8)] if b"WARC/1.1" in part[8:] else part for part in parts]
    said = [re.sub(rb"WARC-Date: [^\r]+", f"WARC-Date: {day}T00:00:00Z".encode(), part, count=1) for part in cut]
    moved.write_bytes(b"".join(map(gzip.compress, said)))
    return moved


def test_an_article_page_becomes_an_article_with_its_capture(bench: Bench, tmp_path: Path) -> None:
    (change,) = bench.take(warc(tmp_path, [exchange(url(1), article_page())]))
    shown = bench.only()
    assert (change.kind, change.id) == ("new", shown["id"])
    assert shown["title"] == "Huyện Gia Viễn giảm nghèo năm 2022"
    assert shown["published"] == "2022-01-12T08:00:00+07:00"
    assert shown["body"] == list(BODY)
    assert bench.tally.as_json() == {"requests": 1, "new": 1, "changed": 0, "unchanged": 0, "problems": 0}


def test_the_same_file_again_adds_nothing(bench: Bench, tmp_path: Path) -> None:
    path = warc(tmp_path, [exchange(url(1), article_page())])
    bench.take(path)
    before, captures = bench.lines(), len(list(bench.store.captures()))
    assert bench.take(path) == []
    assert (bench.lines(), len(list(bench.store.captures()))) == (before, captures)
    assert len(list(bench.data.imported.glob("*.warc.gz"))) == 1


def test_two_addresses_of_one_article_are_one_article(bench: Bench, tmp_path: Path) -> None:
    pages = [exchange(url(1, slug), article_page()) for slug in ("cu", "moi")]
    bench.take(warc(tmp_path, pages))
    assert len(bench.lines()) == 1


def test_a_changed_counter_is_no_version_and_a_changed_word_is_one(bench: Bench, tmp_path: Path) -> None:
    days = ["2022-01-13", "2022-01-14", "2022-01-15"]
    pages = [article_page(), article_page(views=99), article_page(body=["Giảm 90 hộ nghèo."])]
    kinds = [
        bench.take(captured(tmp_path, day, [(url(1), page)]))[0].kind for day, page in zip(days, pages, strict=True)
    ]
    versions = bench.only()["versions"]
    assert kinds == ["new", "unchanged", "changed"]
    assert [(v["n"], v["first_seen"][:10], v["last_seen"][:10]) for v in versions] == [  # type: ignore[attr-defined]
        (1, "2022-01-13", "2022-01-14"),
        (2, "2022-01-15", "2022-01-15"),
    ]
    assert bench.only()["body"] == ["Giảm 90 hộ nghèo."]
    assert bench.store.get_version(str(bench.only()["id"]), 1).body == BODY


def test_any_order_of_files_gives_the_same_archive(data: DataDir, portal: Portal, tmp_path: Path) -> None:
    files = [
        captured(
            tmp_path, "2022-01-13", [(url(1, "cu"), article_page()), (url(2), article_page(title="Việc làm năm 2022"))]
        ),
        captured(tmp_path, "2022-01-14", [(url(1), article_page(body=["Giảm 90 hộ nghèo."]))]),
        captured(tmp_path, "2022-01-15", [(url(1), article_page()), (url(3), b"<html><body>x</body></html>")]),
    ]
    exports = []
    for n, order in enumerate(permutations(files)):
        bench = Bench(DataDir(data.path / str(n)), portal)
        for file in order:
            bench.take(file)
        exports.append(bench.lines())
        bench.store.close()
    assert all(lines == exports[0] for lines in exports)
    assert len(json.loads(exports[0][0])["versions"]) + len(json.loads(exports[0][1])["versions"]) == 4


def test_a_database_made_again_from_the_captures_is_the_same(bench: Bench, portal: Portal, tmp_path: Path) -> None:
    bench.take(warc(tmp_path / "a", [exchange(url(n), article_page(title=f"Giảm nghèo {n}")) for n in range(3)]))
    live = warc(bench.data.captures, [exchange(url(9), article_page(title="Việc làm"))])
    bench.read(Source(str(live.relative_to(bench.data.path)), "live", portal.name))
    before = bench.lines()
    bench.store.close()
    bench.data.database.unlink()
    again = Bench(bench.data, portal)
    for source in sources(bench.data):
        again.read(source)
    assert again.lines() == before
    again.store.close()
    bench.store = Store(bench.data.database)


def test_a_revisit_prolongs_the_version_of_its_original(bench: Bench, tmp_path: Path, portal: Portal) -> None:
    bench.take(captured(tmp_path, "2022-01-13", [(url(1), article_page())]))
    writer = WarcWriter(bench.data.captures, portal.name, "20230101T000000Z")
    writer.write(exchange(url(1), article_page()), Original(url(1), "2022-01-13T00:00:00Z"))
    path = writer.seal()
    assert path is not None
    (change,) = bench.read(Source(str(path.relative_to(bench.data.path)), "live", portal.name))
    (version,) = bench.only()["versions"]  # type: ignore[misc]
    assert change.kind == "unchanged"
    assert version["first_seen"] < version["last_seen"]
    assert bench.store.find_original(url(1), payload_digest(article_page()).removeprefix("sha1:")) is not None


def test_a_hint_dates_an_article_whose_page_does_not_say(bench: Bench, portal: Portal, tmp_path: Path) -> None:
    writer = WarcWriter(bench.data.captures, portal.name, "20220113T000000Z")
    undated = article_page(when="")
    record = writer.write(exchange(url(1), undated))
    hint = {"url": url(1), "source": "listing", "published": "2022-01-11", "section": "Tin tức", "title": None}
    writer.write_metadata(url(1), {"hint": hint}, about=record)
    path = writer.seal()
    assert path is not None
    bench.read(Source(str(path.relative_to(bench.data.path)), "live", portal.name))
    shown = bench.only()
    assert (shown["published"], shown["published_source"]) == ("2022-01-11", "listing")


def test_an_attachment_finds_its_article_whichever_came_first(bench: Bench, tmp_path: Path) -> None:
    address = f"{url(1)}?download=1&id=0"
    bench.take(warc(tmp_path / "a", [exchange(address, b"%PDF-1.4", mime="application/pdf")]))
    bench.take(warc(tmp_path / "b", [exchange(url(1), article_page(attachment=address))]))
    (attachment,) = bench.only()["attachments"]  # type: ignore[misc]
    assert attachment["sha256"]
    assert bench.store.get_capture(attachment["capture"]).url == address


def test_a_page_that_cannot_be_read_is_kept_and_listed(bench: Bench, tmp_path: Path) -> None:
    broken = article_page().replace(b'<h1 class="title', b'<h2 class="titel')
    bench.take(warc(tmp_path, [exchange(url(1), broken), exchange(url(2), article_page())]))
    assert [problem.url for problem in bench.store.problems()] in ([url(1)], [])
    assert len(list(bench.store.captures())) == 2


def test_a_torn_file_is_named_and_its_whole_records_are_read(bench: Bench, tmp_path: Path) -> None:
    bench.take(warc(tmp_path / "a", [exchange(url(1), article_page())]))
    torn = warc(tmp_path / "b", [exchange(url(2), article_page())])
    torn.write_bytes(torn.read_bytes()[:-5])
    with pytest.raises(WarcDamaged, match="damaged from byte"):
        bench.take(torn)
    assert len(bench.lines()) == 2
    assert len(list(bench.data.imported.glob("*.salvaged.warc.gz"))) == 1


def test_a_host_that_nobody_recognises_is_counted_and_skipped(bench: Bench, tmp_path: Path) -> None:
    bench.take(warc(tmp_path, [exchange("http://la.test/a", b"<html><body><p>xin</p></body></html>")]))
    assert bench.tally.unknown == {"la.test": 1}
    assert bench.lines() == []


def test_an_unknown_host_is_recognised_by_fingerprint_and_named_after_itself(data: DataDir, tmp_path: Path) -> None:
    bench = Bench(data, replace_portal())
    bench.take(warc(tmp_path, [exchange(url(1), article_page())]))
    assert bench.only()["portal"] == "thunghiem.test"
    bench.store.close()


def replace_portal() -> Portal:
    from tests.conftest import PORTAL

    return replace(PORTAL, hosts=())


def test_a_saved_page_is_kept_unchanged_beside_its_record(bench: Bench, tmp_path: Path) -> None:
    saved = tmp_path / "trang.html"
    saved.write_bytes(article_page())
    source = keep_html(bench.data, saved, url(1), None)
    assert bench.read(source)[0].kind == "new"
    assert [path.read_bytes() for path in bench.data.imported.glob("*.html")] == [article_page()]
    assert bench.only()["captures"][0]["via"] == "file"  # type: ignore[index]
    assert bench.read(keep_html(bench.data, saved, url(1), None)) == []


def test_texts_from_elsewhere_become_articles_of_a_portal_of_their_own(bench: Bench, tmp_path: Path) -> None:
    lines = tmp_path / "van-ban.jsonl"
    said = {
        "id": "t1",
        "title": "Giảm nghèo",
        "text": "Huyện giảm 10 hộ nghèo.\nTạo việc làm.",
        "published": "2019-05-01",
    }
    lines.write_text(json.dumps(said) + "\n")
    bench.read(keep_texts(bench.data, lines, None))
    shown = bench.only()
    assert (shown["url"], shown["published"], shown["body"]) == (
        "urn:x-ansinh:t1",
        "2019-05-01",
        ["Huyện giảm 10 hộ nghèo.", "Tạo việc làm."],
    )


def test_a_bad_line_of_texts_is_named_and_the_others_are_read(bench: Bench, tmp_path: Path) -> None:
    lines = tmp_path / "van-ban.jsonl"
    lines.write_text('{"id": "a", "title": "b", "text": "c"}\n\n{"id": 1}\nx\n{"id": 2, "title": 3, "text": ""}\n')
    assert bad_lines(lines) == [3, 4, 5]
    bench.read(keep_texts(bench.data, lines, None))
    assert len(bench.lines()) == 1


def test_the_second_writer_is_told_that_the_first_is_there(data: DataDir) -> None:
    with WriteLock(data), pytest.raises(Busy, match="another ansinh process"):
        WriteLock(data)
    WriteLock(data).__exit__(None, None, None)


def test_the_index_follows_the_store_and_heals(bench: Bench, tmp_path: Path) -> None:
    engine = open_engine(bench.data)
    bench.take(warc(tmp_path / "a", [exchange(url(1), article_page())]))
    assert update_index(bench.store, engine) == 1
    assert update_index(bench.store, engine) == 0
    bench.take(warc(tmp_path / "b", [exchange(url(2), article_page(title="Việc làm"))]))
    assert update_index(bench.store, engine) == 1
    current = bench.data.index / "whoosh" / (bench.data.index / "whoosh" / "CURRENT").read_text()
    next(current.glob("*.toc")).write_bytes(b"torn")
    bench.take(warc(tmp_path / "c", [exchange(url(3), article_page(title="Trẻ em"))]))
    assert update_index(bench.store, engine) == 3
    assert engine.search(Query(hidden=True)).total == 3
    engine.close()


def test_hints_do_not_depend_on_their_order() -> None:
    from archive.models import with_hints
    from tests.conftest import ARTICLE

    hints = [
        Hint(url(1), "feed", "2022-01-02"),
        Hint(url(1), "listing", "2022-01-01"),
        Hint(url(1), "sitemap", None, "Mục"),
    ]
    undated = replace(ARTICLE, published=None, published_source=None)
    dated = {with_hints(undated, tuple(order)) for order in permutations(hints)}
    assert [(article.published, article.published_source, article.section) for article in dated] == [
        ("2022-01-01", "listing", "Mục")
    ]


@pytest.mark.parametrize("cut", [30, 200])
@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_a_file_without_members_that_was_cut_is_named_and_makes_no_article_of_a_torn_page(
    bench: Bench, tmp_path: Path, compress: Callable[[bytes], bytes], cut: int
) -> None:
    writer = WarcWriter(tmp_path / "w", "thu-nghiem", "20220113T000000Z")
    writer.write_metadata(url(1), {"x": 1})
    sealed = writer.seal()
    assert sealed is not None
    response = warc(tmp_path / "v", [exchange(url(1), article_page())])
    only = next(record for record in read_warc(response) if record.type == "response")
    raw = gzip.decompress(response.read_bytes()[only.offset :])
    whole = gzip.decompress(sealed.read_bytes()) + raw[: raw.index(b"WARC/1.1", 8)]
    torn = tmp_path / "torn.warc"
    torn.write_bytes(compress(whole[:-cut]) if compress is bytes else compress(whole)[:-cut])
    with pytest.raises(WarcDamaged):
        bench.take(torn)
    assert bench.lines() == []


@pytest.mark.parametrize(
    "said",
    [
        {"id": "a", "title": "b", "text": "c", "url": "http://x/a\r\nX-Injected: yes"},
        {"id": "\ud800", "title": "b", "text": "c"},
        {"id": 1, "title": ["b"], "text": "c"},
    ],
)
def test_a_text_that_could_spoil_the_evidence_is_refused_at_the_door(
    bench: Bench, tmp_path: Path, said: object
) -> None:
    lines = tmp_path / "van-ban.jsonl"
    lines.write_text(json.dumps(said) + "\n")
    assert bad_lines(lines) == [1]


@pytest.mark.parametrize(
    ("published", "kept"), [("2019-05-01", "2019-05-01"), ("hôm qua", None), (2019, None), (None, None)]
)
def test_a_date_that_is_none_is_no_date(bench: Bench, tmp_path: Path, published: object, kept: str | None) -> None:
    lines = tmp_path / "van-ban.jsonl"
    lines.write_text(
        json.dumps({"id": "a", "title": "Giảm nghèo", "text": "Giảm 10 hộ nghèo.", "published": published}) + "\n"
    )
    bench.read(keep_texts(bench.data, lines, None))
    assert bench.only()["published"] == kept


def test_records_of_other_worlds_are_left_alone_and_broken_addresses_stop_nothing(bench: Bench, tmp_path: Path) -> None:
    pages = [exchange(address, article_page()) for address in ("http://[x/", url(1))]
    bench.take(warc(tmp_path, pages))
    assert len(bench.lines()) == 1
    assert not {host for host in bench.tally.unknown if host.startswith("dns:")}


def test_a_file_imported_again_with_its_portal_is_read_again(bench: Bench, tmp_path: Path) -> None:
    path = warc(tmp_path, [exchange("http://la.test/vi/news/tin/bai-1.html", b"<p>x</p>")])
    bench.take(path)
    assert bench.tally.unknown == {"la.test": 1}
    source = keep_file(bench.data, path, "warc", "thu-nghiem")
    list(bench.ingester.ingest(source, bench.tally, again=True))
    assert [capture.portal for capture in bench.store.captures()] == ["thu-nghiem"]


def test_hosts_that_differ_by_www_port_or_case_are_one_portal(data: DataDir, tmp_path: Path) -> None:
    bench = Bench(data, replace_portal())
    hosts = ("http://www.thunghiem.test", "http://THUNGHIEM.test", "http://thunghiem.test:80")
    bench.take(
        warc(tmp_path, [exchange(url(1).replace("http://thunghiem.test", host), article_page()) for host in hosts])
    )
    assert len(bench.lines()) == 1
    bench.store.close()


def test_a_listing_speaks_for_its_own_host_only(bench: Bench, tmp_path: Path) -> None:
    foreign = url(1).replace("thunghiem.test", "khac.test")
    listed = f'<div class="news_column"><div class="panel-body"><h3><a href="{foreign}">x</a></h3> 01/02/2013 08:00</div></div>'
    pages = [exchange(f"{url(1).rsplit('/', 1)[0]}/", listed.encode()), exchange(url(1), article_page(when=""))]
    bench.take(warc(tmp_path, pages))
    assert bench.only()["published"] is None


def test_a_revisit_carries_the_digest_of_what_it_found_again(bench: Bench, tmp_path: Path, portal: Portal) -> None:
    bench.take(captured(tmp_path, "2022-01-13", [(url(1), article_page())]))
    writer = WarcWriter(bench.data.captures, portal.name, "20230101T000000Z")
    writer.write(exchange(url(1), article_page()), Original(url(1), "2022-01-13T00:00:00Z"))
    path = writer.seal()
    assert path is not None
    bench.read(Source(str(path.relative_to(bench.data.path)), "live", portal.name))
    first, second = bench.only()["captures"]  # type: ignore[misc]
    assert first["sha256"] == second["sha256"] != ""


def test_history_costs_no_decoding(
    bench: Bench, tmp_path: Path, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = article_page()
    bench.take(warc(tmp_path / "first", [exchange(url(1), page)]))
    (article,) = bench.store.article_ids()
    first = bench.store.sightings(article)[0].capture
    for night in range(30):
        writer = WarcWriter(tmp_path / f"n{night}", portal.name, f"20220114T00{night:02}00Z")
        writer.write(exchange(url(1), page), Original(url(1), first.fetched_at))
        path = writer.seal()
        assert path is not None
        bench.take(path)
    decoded = []
    honest = codec.load_article
    monkeypatch.setattr(codec, "load_article", lambda doc: (decoded.append(doc), honest(doc))[1])
    assert len(bench.store.sightings(article)) == 31
    assert len(decoded) == 1


def test_a_file_of_any_size_is_kept_without_being_read_whole(data: DataDir, tmp_path: Path) -> None:
    noise = random.Random(1).randbytes(1 << 20).hex().encode()
    large = warc(tmp_path / "large", [exchange(url(n), noise) for n in range(40)])
    assert large.stat().st_size > 40 << 20
    tracemalloc.start()
    kept = keep_file(data, large, "warc", None)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 << 20
    assert (data.path / kept.path).read_bytes() == large.read_bytes()


def test_every_new_folder_is_made_durable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced = []
    monkeypatch.setattr(disk, "fsync", synced.append)
    disk.make_folder(tmp_path / "a/b/c")
    assert synced == [tmp_path, tmp_path / "a", tmp_path / "a/b"]
    disk.make_folder(tmp_path / "a/b/c")
    assert len(synced) == 3
