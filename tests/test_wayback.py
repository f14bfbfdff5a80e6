"""`ansinh import --wayback`: a real pywb, a server like the Wayback Machine, and what both may do wrong."""

from __future__ import annotations

import json
import random
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.captures import read_warc
from archive.models import ArchiveError, DataDir
from archive.store import Store
from scraper.demo.sites import PORTALS_FILE, DemoSites
from scraper.importers.cdx import Line, Span, digest, parse_arrays, parse_lines, worth_having
from scraper.importers.client import pause
from tests import test_crawl
from tests.archives import Kept, PyWb, WaybackServer, prepare, require_pywb, run, write_warc
from tests.faults.conftest import MANY
from tests.faults.launch import ansinh as launch
from tests.loopback import Said, path_of
from tests.pages import article_page
from tests.resuming import Resumed, kill_and_resume, records_on_disk
from tests.site import HOST, PORTAL, Site
from tests.test_crawl import ansinh, rows

DEMO = ("demo-nghi-loc", "demo-soc-son")  # a NukeViet, and a Liferay with session ids in its addresses


def content(data: Path) -> list[dict[str, object]]:
    """Return what the archive tells, but for the files that its captures lie in."""
    exported = rows(run(data, "export", "--format", "jsonl").stdout)
    for article in exported:
        for capture in article["captures"]:  # type: ignore[attr-defined]
            del capture["warc"], capture["offset"]
    return exported


def held(data: Path) -> set[tuple[str, str, str, int]]:
    """Return address, time, via and status of every capture."""
    with closing(Store(DataDir(data).database, read_only=True)) as store:
        return {(one.url, one.fetched_at, one.via, one.status) for one in store.captures()}


def crawled_at(article: dict[str, object]) -> str:
    """Return when a crawl captured an article."""
    return next(one["fetched_at"] for one in article["captures"] if one["via"] == "live")  # type: ignore[attr-defined,no-any-return]


def page(number: int, timestamp: str, text: str = "Huyện hỗ trợ 40 hộ nghèo.", status: int = 200, **more: str) -> Kept:
    body = article_page(title=f"Huyện Gia Viễn giảm nghèo, bài số {number}", body=(text,))
    return Kept(f"http://{HOST}{path_of(number)}", timestamp, body, status, **more)  # type: ignore[arg-type]


# --- a real pywb -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo_captures(tmp_path_factory: pytest.TempPathFactory) -> list[Kept]:
    """What a crawl of simulated portals sees, as if seen in 2019, and its first half again in 2021."""
    data = tmp_path_factory.mktemp("demo") / "data"
    with DemoSites() as sites:
        test_crawl.prepare(data, sites.port)
        ansinh(data, "crawl", *DEMO)
    answers = [
        record
        for path in sorted(data.glob("captures/demo-*/*/*.gz"))
        for record in read_warc(path)
        if record.type == "response"
    ]
    seen = [
        Kept(
            one.url,
            f"{datetime(2019, 7, 1, tzinfo=UTC) + timedelta(minutes=n):%Y%m%d%H%M%S}",
            one.body,
            one.status,
            one.mime,
        )
        for n, one in enumerate(answers)
    ]
    again = [replace(one, timestamp=f"2021{one.timestamp[4:]}") for one in seen[::2]]
    return [*seen, *again]


@pytest.fixture(scope="module")
def pywb(tmp_path_factory: pytest.TempPathFactory, demo_captures: list[Kept]) -> Iterator[PyWb]:
    require_pywb()
    folder = tmp_path_factory.mktemp("pywb")
    with PyWb(folder, [write_warc(folder / "demo.warc.gz", demo_captures)]) as running:
        yield running


@pytest.fixture(scope="module")
def imported(pywb: PyWb, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All that pywb holds of the simulated portals, imported without an interruption."""
    data = prepare(tmp_path_factory.mktemp("imported") / "data", PORTALS_FILE.read_text(), wayback=pywb.base)
    for name in DEMO:
        run(data, "import", "--wayback", f"{name}.mophong.test")
    pywb.settle()
    return data


def test_all_captures_of_a_host_are_imported_from_a_pywb(
    imported: Path, demo_captures: list[Kept], tmp_path: Path
) -> None:
    wanted = {
        (one.url, one.moment.strftime("%Y-%m-%dT%H:%M:%SZ"), "wayback", 200)
        for one in demo_captures
        if one.status == 200 and not one.mime.startswith("image/")
    }
    assert held(imported) == wanted
    assert len(wanted) > 60
    files = prepare(tmp_path / "data", PORTALS_FILE.read_text())
    run(files, "import", str(write_warc(tmp_path / "same.warc.gz", demo_captures)))
    told = [
        [
            (one["id"], one["title"], one["text"], one["versions"][0]["first_seen"])
            for one in map(textual, content(data))
        ]
        for data in (imported, files)
    ]  # type: ignore[index]
    assert told[0] == told[1]
    assert "everything agrees" in run(imported, "check").stdout


def textual(article: dict[str, object]) -> dict[str, object]:
    return {**article, "text": json.dumps(article["body"])}


def test_a_page_without_change_is_fetched_once_and_its_later_captures_are_known(
    imported: Path, pywb: PyWb, demo_captures: list[Kept]
) -> None:
    first = {one.body for one in demo_captures if one.status == 200 and not one.mime.startswith("image/")}
    assert len(pywb.replays()) == len(first)
    lasting = [one for one in content(imported) if one["versions"][0]["last_seen"] > "2021"]  # type: ignore[index]
    assert len(lasting) > 5
    assert all(len(one["versions"]) == 1 for one in lasting)  # type: ignore[arg-type]


def test_what_is_imported_is_evidence_of_where_and_when(imported: Path, demo_captures: list[Kept]) -> None:
    wayback = sorted(imported.glob("captures/imported/wayback-demo-nghi-loc.*.warc.gz"))
    assert {json.loads(path.with_name(f"{path.name}.json").read_text())["via"] for path in wayback} == {"wayback"}
    records = [record for path in wayback for record in read_warc(path) if record.type == "response"]
    assert {record.body for record in records} <= {one.body for one in demo_captures}
    assert {record.headers["server"] for record in records} == {"Apache"}
    assert not any(name.startswith("x-archive") for record in records for name in record.headers)
    before = content(imported)
    for path in imported.glob("ansinh.db*"):
        path.unlink()
    run(imported, "rebuild")
    assert content(imported) == before


def test_the_same_import_again_asks_for_nothing(imported: Path, pywb: PyWb) -> None:
    before = pywb.replays()
    again = rows(run(imported, "import", "--wayback", "demo-nghi-loc.mophong.test", "--json").stdout)
    assert again == [{"requests": 0, "new": 0, "changed": 0, "unchanged": 0, "problems": 0}]
    pywb.settle()
    assert pywb.replays() == before


def forget(_: DataDir) -> None:
    """A planted bug: what a killed import has left is not looked at."""


def kill_and_resume_import(pywb: PyWb, data: Path, seed: int, **settings: object) -> Resumed:
    file, deaths = data / "ansinh.toml", count(1)
    fast = file.read_text().replace("delay = 0.0", "delay = 0.1")
    file.write_text(fast.replace("delay = 0.1", "delay = 0.4"))  # a busy machine must not let it end before two kills

    def hasten() -> None:
        if next(deaths) == 2:
            file.write_text(fast)

    restless = {"archive.archived.PART_RECORDS": 9, **settings}
    start = partial(launch, data, "import", "--wayback", "demo-soc-son.mophong.test", settings=restless)
    return kill_and_resume(start, pywb.replays, partial(on_disk, data), random.Random(seed), hasten, pywb.settle)


def on_disk(data: Path) -> set[str]:
    """Return what was fetched and written as pywb's log names it."""
    responses = (record for record in records_on_disk(data) if record.type == "response")
    return {f"{re.sub(r'[^0-9]', '', one.date)}id_/{one.url}" for one in responses}


@pytest.mark.parametrize("seed", [1, 2])
def test_an_import_killed_at_any_moment_goes_on_and_fetches_nothing_twice(
    imported: Path, pywb: PyWb, tmp_path: Path, seed: int
) -> None:
    data = prepare(tmp_path / "data", PORTALS_FILE.read_text(), wayback=pywb.base)
    resumed = kill_and_resume_import(pywb, data, seed)
    assert resumed.kills >= 2
    assert resumed.had == set()
    assert len(resumed.twice) <= resumed.kills  # the one that was on its way when the process died
    assert content(data) == [one for one in content(imported) if one["portal"] == "demo-soc-son"]
    assert "everything agrees" in run(data, "check").stdout


def test_control_the_kill_test_sees_what_is_fetched_twice(pywb: PyWb, imported: Path, tmp_path: Path) -> None:
    bug = {"archive.ingest.ingester.finish_archived": forget}
    places = (prepare(tmp_path / str(n) / "data", PORTALS_FILE.read_text(), wayback=pywb.base) for n in range(MANY))
    assert any(kill_and_resume_import(pywb, data, n, **bug).had for n, data in enumerate(places))


def test_captures_of_real_software_are_imported_from_a_pywb(shared: Path, tmp_path: Path) -> None:
    require_pywb()
    source = shared / "data/captures/wordpress.warc.gz"
    with PyWb(tmp_path, [source]) as running:
        data = prepare(tmp_path / "data", wayback=running.base)
        run(data, "import", "--wayback", "tinhbien.mophong.test")
    files = prepare(tmp_path / "files")
    run(files, "import", str(source))
    answered = {capture[:2] for capture in held(files) if capture[3] == 200}
    assert {capture[:2] for capture in held(data)} == answered
    assert [(one["id"], one["body"]) for one in content(data)] == [(one["id"], one["body"]) for one in content(files)]


# --- a server like the Wayback Machine ---------------------------------------------------------------------------


def collected(data: Path, server: WaybackServer, *more: str, check: bool = True) -> tuple[str, list[dict[str, object]]]:
    if not data.exists():
        prepare(data, PORTAL, wayback=server.base)
    done = run(data, "import", "--wayback", HOST, "--json", *more, check=check)
    return done.stderr, rows(done.stdout)


def test_an_index_in_pages_is_followed_by_its_resume_keys_and_a_busy_archive_is_asked_again(tmp_path: Path) -> None:
    captures = [
        page(number, f"2015010{number % 9 + 1}000000", f"Năm nay có {number} hộ nghèo.") for number in range(1, 24)
    ]
    with WaybackServer(captures) as server:
        server.refuse = {
            2: Said(429, b"", {"Retry-After": "0"}),
            9: Said(503, b"", {"Retry-After": "0"}),
            10: Said(502),
        }
        _, lines = collected(tmp_path / "data", server)
        assert len([path for path in server.paths if "resumeKey=" in path]) >= 3
        assert len(server.replays) == 23 + 2
    assert lines[-1] == {"requests": 23, "new": 23, "changed": 0, "unchanged": 0, "problems": 0}


def test_a_long_import_is_searchable_before_it_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archive.archived.PART_RECORDS", 3)
    monkeypatch.setattr("scraper.commands.ingesting.INDEX_SECONDS", 0)
    published = []
    monkeypatch.setattr(
        "scraper.commands.ingesting.update_index", lambda store, _: published.append(store.totals().articles)
    )
    with WaybackServer([page(number, "20150101000000", f"Có {number} hộ nghèo.") for number in range(1, 9)]) as server:
        collected(tmp_path / "data", server)
    assert published == [0, 3, 6, 8]


def test_the_archive_knows_whom_to_write_to(tmp_path: Path) -> None:
    with WaybackServer([page(1, "20150101000000")]) as server:
        data = prepare(tmp_path / "data", PORTAL, wayback=server.base, contact="luu-tru@example.vn")
        collected(data, server)
        assert server.agents == {"ansinh/0.1 (archive of district announcements; luu-tru@example.vn)"}
    data = prepare(tmp_path / "without", PORTAL, wayback="https://archive.example/")
    done = run(data, "import", "--wayback", HOST, check=False)
    assert done.exit_code == 1
    assert "set `contact`" in done.stderr


def test_only_the_span_is_imported(tmp_path: Path) -> None:
    captures = [page(number, f"20{10 + number}0601000000") for number in range(1, 8)]
    with WaybackServer(captures) as server:
        collected(tmp_path / "data", server, "--from", "2013-06", "--to", "2015")
        assert sorted(path[5:9] for path in server.replays) == ["2013", "2014", "2015"]


def test_an_archive_that_falls_silent_ends_the_import_and_the_next_goes_on(tmp_path: Path) -> None:
    captures = [page(number, "20150101000000", f"Năm nay có {number} hộ nghèo.") for number in range(1, 9)]
    with WaybackServer(captures) as server:
        server.refuse = dict.fromkeys(range(6, 100), Said(503, b"", {"Retry-After": "0"}))
        said, lines = collected(tmp_path / "data", server, check=False)
        assert "no answer after" in said
        assert lines[-1]["new"] == 3
        server.refuse, before = {}, len(server.replays)
        _, lines = collected(tmp_path / "data", server)
        assert lines[-1]["new"] == len(server.replays) - before == 5


def test_what_the_archive_does_not_give_is_said_and_the_rest_is_had(tmp_path: Path) -> None:
    captures = [page(number, "20150101000000", f"Năm nay có {number} hộ nghèo.") for number in range(1, 4)]
    with WaybackServer(captures) as server:
        gone, elsewhere = page(7, "20150101000000").url, page(1, "20160101000000")
        server.extra = [
            ["20150101000000", gone, "text/html", "200", "A" * 32],
            [elsewhere.timestamp, elsewhere.url, "text/html", "200", "B" * 32],  # the archive leads to that of 2015
            ["2015", gone, "text/html", "200", "C" * 32],
            ["20150101000000", "http://other.test/", "text/html", "200", "D" * 32],
            ["20150101000000", "javascript:alert(1)", "text/html", "200"],
        ]
        said, lines = collected(tmp_path / "data", server)
    assert "2 withheld by the archive, 0 unanswered, 3 lines malformed" in said
    assert "the archive answered 404 Not Found" in said
    assert "gave the capture of 20150101000000" in said
    assert lines[-1]["new"] == 3


@pytest.mark.parametrize(
    "answer", [Said(302, b"", {"Location": "http://169.254.169.254/"}), Said(200, b"<html>"), Said(403)]
)
def test_an_index_that_is_none_is_said_to_be_none(tmp_path: Path, answer: Said) -> None:
    with WaybackServer([page(1, "20150101000000")]) as server:
        server.always = answer
        said, lines = collected(tmp_path / "data", server, check=False)
    assert "ansinh: " in said
    assert lines == [{"requests": 0, "new": 0, "changed": 0, "unchanged": 0, "problems": 0}]


def test_a_resume_key_that_leads_in_a_circle_ends_the_import(tmp_path: Path) -> None:
    with WaybackServer([page(1, "20150101000000")]) as server:
        server.always = Said(200, json.dumps([["timestamp"], [], ["key"]]).encode())
        assert "same resume key" in collected(tmp_path / "data", server, check=False)[0]


def test_the_first_404_after_an_answer_tells_when_a_page_went(tmp_path: Path) -> None:
    missing = [page(1, f"20{year}0101000000", "Không tìm thấy.", status=404) for year in (14, 17, 18)]
    with WaybackServer([page(1, "20150101000000"), page(1, "20160101000000", status=301), *missing]) as server:
        collected(tmp_path / "data", server)
        assert sorted(path[5:9] for path in server.replays) == ["2015", "2017"]
    (article,) = content(tmp_path / "data")
    assert article["status"] == "gone"


def test_captures_that_differ_in_their_host_or_port_alone_are_fetched_once(tmp_path: Path) -> None:
    first = page(1, "20150101000000")
    addresses = (first.url.replace(HOST, f"{HOST}:80"), first.url.replace("://", "://www."))
    again = [replace(first, url=url, timestamp=f"2016010{day}000000") for day, url in enumerate(addresses, start=1)]
    revisit = Kept(first.url, "20170101000000", first.body, status=0, mime="warc/revisit")
    with WaybackServer([first, *again, revisit]) as server:
        collected(tmp_path / "data", server)
        assert len(server.replays) == 1
    (article,) = content(tmp_path / "data")
    (version,) = article["versions"]  # type: ignore[misc]
    assert (version["first_seen"], version["last_seen"]) == ("2015-01-01T00:00:00Z", "2017-01-01T00:00:00Z")
    assert len(article["captures"]) == 4  # type: ignore[arg-type]
    assert article["url"] == first.url


def test_captures_of_one_page_under_many_session_ids_are_one(tmp_path: Path, demo_captures: list[Kept]) -> None:
    first = next(one for one in demo_captures if "soc-son" in one.url and "/-/hn/" in one.url)
    bare = first.url.partition(";")[0]
    many = [replace(first, url=f"{bare};jsessionid={n:032X}.app2", timestamp=f"2016010{n}000000") for n in range(1, 6)]
    with WaybackServer(many) as server:
        data = prepare(tmp_path / "data", PORTALS_FILE.read_text(), wayback=server.base)
        run(data, "import", "--wayback", "demo-soc-son.mophong.test")
        assert len(server.replays) == 1
    (article,) = content(data)
    assert len(article["captures"]) == 5  # type: ignore[arg-type]
    assert len(article["versions"]) == 1  # type: ignore[arg-type]


# --- an archive and a live portal --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def portal_seen(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """A portal that was crawled, and the second of its three pages."""
    data = tmp_path_factory.mktemp("seen") / "data"
    with Site(3) as site:
        site.prepare(data)
        ansinh(data, "crawl", "doi-thay")
        return data, site.articles[2]


@pytest.fixture
def crawled(portal_seen: tuple[Path, bytes], tmp_path: Path) -> Iterator[tuple[Path, WaybackServer]]:
    """A portal that was crawled, and an archive with earlier captures of it: other text, the same bytes, a lost page."""
    seen, second = portal_seen
    data = shutil.copytree(seen, tmp_path / "data")
    same = Kept(f"http://{HOST}{path_of(2)}", "20150101000000", second)
    with WaybackServer([page(1, "20150101000000"), page(9, "20150101000000"), same]) as server:
        with (data / "ansinh.toml").open("a") as settings:
            settings.write(f'wayback = "{server.base}"\n')
        yield data, server


def test_an_older_capture_becomes_an_earlier_version(crawled: tuple[Path, WaybackServer]) -> None:
    data, server = crawled
    run(data, "import", "--wayback", HOST)
    assert len(server.replays) == 2  # the third capture has the bytes that the crawl has captured
    told = {str(one["title"])[-1]: one for one in content(data)}
    assert sorted(told) == ["1", "2", "3", "9"]
    first, second = told["1"], told["2"]
    seen = [(1, "2015-01-01T00:00:00Z"), (2, crawled_at(first))]
    assert [(one["n"], one["first_seen"]) for one in first["versions"]] == seen  # type: ignore[attr-defined]
    assert first["not_after"] == second["not_after"] == "2015-01-01T00:00:00Z"
    assert [one["via"] for one in first["captures"]] == ["wayback", "live"]  # type: ignore[attr-defined]
    assert [one["via"] for one in second["captures"]] == ["wayback", "live"]  # type: ignore[attr-defined]
    assert len(second["versions"]) == 1  # type: ignore[arg-type]
    assert [told[n]["status"] for n in "1239"] == ["live", "live", "live", "unknown"]


def test_whichever_is_read_first_the_archive_tells_the_same(
    crawled: tuple[Path, WaybackServer], tmp_path: Path
) -> None:
    data, _ = crawled
    run(data, "import", "--wayback", HOST)
    other, nothing = tmp_path / "other", tmp_path / "nothing"
    shutil.copytree(data / "portals", other / "portals")
    nothing.mkdir()
    for folder in ("imported", "doi-thay"):  # the archive's captures before the portal's own
        shutil.copytree(data / "captures" / folder, other / "captures" / folder)
        run(other, "import", str(nothing))
    assert content(other) == content(data)


def test_a_crawl_after_the_import_adds_the_later_version(crawled: tuple[Path, WaybackServer], tmp_path: Path) -> None:
    _, server = crawled
    with Site(3) as site:
        data = tmp_path / "late"
        site.prepare(data)
        with (data / "ansinh.toml").open("a") as settings:
            settings.write(f'wayback = "{server.base}"\n')
        run(data, "import", "--wayback", HOST)
        ansinh(data, "crawl", "doi-thay")
    told = {str(one["title"])[-1]: one for one in content(data)}
    assert [one["via"] for one in told["1"]["captures"]] == ["wayback", "live"]  # type: ignore[attr-defined]
    seen = [(1, "2015-01-01T00:00:00Z"), (2, crawled_at(told["1"]))]
    assert [(one["n"], one["first_seen"]) for one in told["1"]["versions"]] == seen  # type: ignore[attr-defined]
    assert told["9"]["status"] == "gone"  # the crawl has looked


# --- lines -------------------------------------------------------------------------------------------------------

SHA1 = "JPUGVMUC3ON3CTPZZDFUTABXX4BN5QCG"


@pytest.mark.parametrize(
    ("said", "means"),
    [
        (SHA1, SHA1),
        (f"sha1:{SHA1}", SHA1),
        ("4BE86AB282DB9BB14DF9C8CB498037BF02DEC046", SHA1),
        ("-", ""),
        ("sha256:00", ""),
    ],
)
def test_digests_are_one_however_an_index_writes_them(said: str, means: str) -> None:
    assert digest(said) == means


@pytest.mark.parametrize(
    ("parse", "body"),
    [
        (parse_arrays, b'[["timestamp","original","mimetype","statuscode","digest"],["20150101000000","http://a.test/","text/html","200","%s"]]'),
        (parse_lines, b'{"timestamp":"20150101000000","url":"http://a.test/","mime":"text/html","status":"200","digest":"%s"}'),
        (parse_lines, b'test,a)/ 20150101000000 {"url":"http://a.test/","mime":"text/html","status":"200","digest":"sha1:%s"}'),
    ],
)  # fmt: skip
def test_every_dialect_says_the_same(parse: Callable[[bytes, str], object], body: bytes) -> None:
    found = parse(body % SHA1.encode(), "a.test")
    assert found.lines == [Line("http://a.test/", "20150101000000", "text/html", 200, SHA1)]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "url",
    [
        "http://b.test/",
        "ftp://a.test/",
        "http://a.test/ x",
        "http://a.test/\n",
        "http://[a.test/",
        "http://a.test/#x",
        "",
    ],
)
def test_a_line_of_another_host_or_no_address_is_malformed(url: str) -> None:
    said = json.dumps({"timestamp": "20150101000000", "url": url, "status": "200"}).encode()
    found = parse_lines(said, "a.test")
    assert (found.lines, found.malformed) == ([], 1)


@given(
    st.binary(max_size=200)
    | st.text().map(str.encode)
    | st.recursive(
        st.none() | st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    ).map(lambda value: json.dumps(value).encode())
)
def test_whatever_an_index_sends_is_lines_or_an_error_of_ours(body: bytes) -> None:
    assert parse_lines(body, "a.test").lines == []
    try:
        assert parse_arrays(body, "a.test").lines == []
    except ArchiveError as error:
        assert "index answered" in str(error)


def test_deep_nesting_is_malformed() -> None:
    assert parse_lines(b"[" * 100_000, "a.test").malformed == 1
    with pytest.raises(ArchiveError):
        parse_arrays(b"[" * 100_000, "a.test")


def test_a_listing_ends_at_its_caps(monkeypatch: pytest.MonkeyPatch) -> None:
    line = b'{"timestamp":"20150101000000","url":"http://a.test/"}\n'
    assert parse_lines(line[:-2] + b" " * 20_000 + b"}\n" + line, "a.test").malformed == 1
    monkeypatch.setattr("scraper.importers.cdx.MAX_LINES", 10)
    assert len(parse_lines(line * 10, "a.test").lines) == 10
    with pytest.raises(ArchiveError, match="--from and --to"):
        parse_lines(line * 11, "a.test")


@pytest.mark.parametrize("mime", ["image/png", "text/css", "application/javascript", "video/mp4", "font/woff2"])
def test_what_no_article_needs_is_left_out(mime: str) -> None:
    lines = [
        Line("http://a.test/1", "20150101000000", kind, 200) for kind in (mime, "text/html", "application/pdf", "unk")
    ]
    assert [line.mime for line in worth_having(lines, Span())] == ["text/html", "application/pdf", "unk"]


@pytest.mark.parametrize(
    ("said", "attempt", "delay", "seconds"),
    [
        ("", 0, 0.0, 1), ("", 3, 2.0, 16), ("", 30, 1.0, 900), ("7", 5, 1.0, 7), ("0", 5, 0.0, 0), ("0", 0, 2.0, 2),
        ("99999999999999", 0, 1.0, 900), ("Fri, 31 Dec 1999 23:59:59 GMT", 0, 1.0, 1), ("morgen", 1, 1.0, 2),
    ],
)  # fmt: skip
def test_a_pause_is_what_the_archive_asks_for_within_reason(
    said: str, attempt: int, delay: float, seconds: float
) -> None:
    assert pause(said, attempt, delay) == seconds
