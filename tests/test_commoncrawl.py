"""`ansinh import --commoncrawl` against a server shaped like Common Crawl's."""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from email.message import Message
from functools import partial
from pathlib import Path

import pytest

from archive.captures import read_warc
from tests.archives import CommonCrawlServer, Kept, prepare, run, write_warc
from tests.faults.conftest import MANY
from tests.faults.launch import ansinh as launch
from tests.loopback import Said, path_of
from tests.pages import article_page
from tests.resuming import Resumed, kill_and_resume, records_on_disk
from tests.site import HOST, PORTAL
from tests.test_crawl import rows
from tests.test_wayback import content, forget, held


def page(number: int, timestamp: str, text: str = "Huyện hỗ trợ 40 hộ nghèo.", status: int = 200) -> Kept:
    body = article_page(title=f"Huyện Gia Viễn giảm nghèo, bài số {number}", body=(text,))
    return Kept(f"http://{HOST}{path_of(number)}", timestamp, body, status)


CRAWLS = {
    "CC-MAIN-2015-06": [page(number, f"201502010000{number:02}", f"Có {number} hộ nghèo.") for number in range(1, 13)],
    "CC-MAIN-2018-13": [
        page(1, "20180301000000", "Có 1 hộ nghèo."),  # as it was
        page(2, "20180301000000", "Nay còn 2 hộ nghèo."),
        page(3, "20180301000000", "Không tìm thấy.", 404),
    ],
}


def collected(data: Path, server: CommonCrawlServer, *more: str, check: bool = True) -> tuple[str, dict[str, int]]:
    if not data.exists():
        prepare(data, PORTAL, commoncrawl=server.base, commoncrawl_data=server.base)
    done = run(data, "import", "--commoncrawl", HOST, "--json", *more, check=check)
    last: dict[str, int] = rows(done.stdout)[-1]  # type: ignore[assignment]
    return done.stderr, last


def test_all_captures_of_a_host_are_cut_out_of_the_crawls(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with CommonCrawlServer(CRAWLS) as server:
        said, last = collected(data, server)
        assert len(server.ranges) == 14  # one of the 15 repeats another
        assert collected(data, server)[1]["requests"] == 0
        assert len(server.ranges) == 14
    assert "1 repeats of these not fetched, 0 withheld" in said
    assert (last["new"], last["problems"]) == (12, 0)
    assert len(held(data)) == 15
    told = {str(one["title"]).rsplit(" ", 1)[1]: one for one in content(data)}
    assert [one["first_seen"][:4] for one in told["2"]["versions"]] == ["2015", "2018"]  # type: ignore[attr-defined]
    assert [one["last_seen"][:4] for one in told["1"]["versions"]] == ["2018"]  # type: ignore[attr-defined]
    assert told["3"]["status"] == "gone"
    assert "everything agrees" in run(data, "check").stdout


def test_records_stay_as_they_are_and_say_where_they_came_from(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with CommonCrawlServer({"CC-MAIN-2015-06": CRAWLS["CC-MAIN-2015-06"]}) as server:
        collected(data, server)
        (part,) = data.glob("captures/imported/commoncrawl-*.warc.gz")
        (kept,) = server.files.values()
        lines = server.lines["CC-MAIN-2015-06"]
    content_ = part.read_bytes()
    for line in lines:
        start = int(line["offset"])
        assert kept[start : start + int(line["length"])] in content_
    sources = [json.loads(record.body)["source"] for record in read_warc(part) if record.type == "metadata"]
    assert len(sources) == 12
    assert sources[0].endswith(f"CC-1-00000.warc.gz#bytes=0-{int(lines[0]['length']) - 1}")
    assert json.loads(part.with_name(f"{part.name}.json").read_text())["via"] == "commoncrawl"


def test_only_crawls_of_the_time_are_asked(tmp_path: Path) -> None:
    with CommonCrawlServer(CRAWLS) as server:
        _, last = collected(tmp_path / "data", server, "--from", "2016", "--to", "2018-12-31")
        assert last["new"] == 2
        assert not any("2015" in path for path in server.paths)


def test_what_is_held_from_elsewhere_is_not_cut_out_again(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with CommonCrawlServer(CRAWLS) as server:
        prepare(data, PORTAL, commoncrawl=server.base, commoncrawl_data=server.base)
        run(data, "import", str(write_warc(tmp_path / "held.warc.gz", CRAWLS["CC-MAIN-2015-06"])))
        said, _ = collected(data, server)
        assert "12 held before, 2 fetched, 1 repeats" in said
        assert len(server.ranges) == 2


def test_an_index_that_lies_is_not_believed(tmp_path: Path) -> None:
    with CommonCrawlServer(CRAWLS) as server:
        lines = server.lines["CC-MAIN-2015-06"]
        lines[0]["offset"] = lines[1]["offset"]  # another record
        lines[2]["filename"] = "../../etc/passwd.warc.gz"
        lines[3]["length"] = "99999999999"
        lines[4]["offset"] = "7"  # no record
        lines[5]["digest"] = "A" * 32
        lines[6]["url"] = "http://other.test/"
        lines[7]["length"] = "20"  # a record cut short
        said, last = collected(tmp_path / "data", server)
    assert "6 withheld by the archive, 0 unanswered, 1 lines malformed" in said
    assert last["new"] == 12 - 7 + 2  # pages 1 and 2 were captured later, too


def test_a_server_that_ignores_ranges_is_not_read_to_the_end(tmp_path: Path) -> None:
    with CommonCrawlServer({"CC-MAIN-2018-13": [page(1, "20180301000000")]}) as server:
        server.files = {name: content * 50 for name, content in server.files.items()}
        server.refuse = {4: Said(200, b"x" * 100_000)}
        said, last = collected(tmp_path / "data", server)
    assert "1 withheld" in said
    assert last["new"] == 0


@pytest.mark.parametrize(
    ("number", "answer", "complaint"),
    [
        (1, Said(200, b"<html>"), "not a list of crawls"),
        (2, Said(200, b'"many"'), "how many pages"),
        (2, Said(200, b'{"pages": 99999999}'), "pages of one host"),
        (2, Said(200, b'{"pages": 1e999}'), "how many pages"),
        (1, Said(200, b"[" * 2**20), "not a list of crawls"),
        (1, Said(200, b" " * 2**21), "says more than"),
        (3, Said(400), "the index answered 400"),
    ],
)
def test_an_index_that_cannot_be_read_is_said(tmp_path: Path, number: int, answer: Said, complaint: str) -> None:
    with CommonCrawlServer(CRAWLS) as server:
        server.refuse = {number: answer}
        said, last = collected(tmp_path / "data", server, check=False)
    assert complaint in said
    assert last["requests"] == 0


def test_a_busy_server_is_asked_again(tmp_path: Path) -> None:
    with CommonCrawlServer(CRAWLS) as server:
        server.refuse = dict.fromkeys((1, 3, 9), Said(503, b"", {"Retry-After": "0"}))
        assert collected(tmp_path / "data", server)[1]["new"] == 12


def test_a_host_that_no_crawl_knows_is_no_error(tmp_path: Path) -> None:
    with CommonCrawlServer(CRAWLS) as server:
        server.lines = {crawl: [] for crawl in server.lines}
        said, last = collected(tmp_path / "data", server)
    assert "0 captures listed" in said
    assert last["requests"] == 0


def test_an_unknown_host_is_recognised_by_any_part_of_the_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.archived.PART_RECORDS", 3)
    plan = Kept(f"http://{HOST}/uploads/ke-hoach.pdf", "20180302000000", b"%PDF-1.4", mime="application/pdf")
    captures = [*CRAWLS["CC-MAIN-2015-06"][:4], plan, replace(plan, url=f"{plan.url}?2", body=b"%PDF-1.5")]
    with CommonCrawlServer({"CC-MAIN-2018-13": captures}) as server:
        data = prepare(tmp_path / "data", commoncrawl=server.base, commoncrawl_data=server.base)
        collected(data, server)
    assert {url for url, *_ in held(data)} == {one.url for one in captures}


# --- killed ------------------------------------------------------------------------------------------------------

LONG = {
    "CC-MAIN-2015-06": [page(n, f"201502010000{n:02}", f"Có {n} hộ nghèo.") for n in range(1, 19)],
    "CC-MAIN-2018-13": [page(n, f"201803010000{n:02}", f"Nay còn {n % 7} hộ nghèo.") for n in range(1, 7)],
}


def kill_and_resume_import(
    server: Slow, data: Path, seed: int, between: str = "", settings: Mapping[str, object] | None = None
) -> Resumed:
    prepare(data, PORTAL, commoncrawl=server.base, commoncrawl_data=server.base)
    restless = {"archive.archived.PART_RECORDS": 7, **(settings or {})}
    start = partial(launch, data, "import", "--commoncrawl", HOST, settings=restless)
    other = partial(run, data, between) if between else partial(bool)
    allow = partial(setattr, server, "most")
    return kill_and_resume(start, server.asked.copy, partial(on_disk, data), random.Random(seed), other, allow=allow)


def on_disk(data: Path) -> set[str]:
    """Return the parts of files that were fetched and written."""
    return {json.loads(one.body)["source"] for one in records_on_disk(data) if one.type == "metadata"}


class Slow(CommonCrawlServer):
    """Takes longer than it takes to ingest a part, so that kills meet both; who asks for more than `most` waits."""

    most = sys.maxsize

    def answer(self, path: str, headers: Message) -> Said:
        time.sleep(0.02)
        said, number = super().answer(path, headers), self.asked.total()
        while number > self.most:
            time.sleep(0.01)
        return said


@pytest.fixture(scope="module")
def long() -> Iterator[Slow]:
    with Slow(LONG) as server:
        yield server


@pytest.fixture(scope="module")
def undisturbed(long: Slow, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, object]]:
    """What an import tells that nobody has killed."""
    data = tmp_path_factory.mktemp("undisturbed") / "data"
    collected(data, long)
    return content(data)


@pytest.mark.parametrize(("seed", "between"), [(1, ""), (2, "rebuild")])
def test_an_import_killed_at_any_moment_goes_on_and_cuts_out_nothing_twice(
    long: Slow, undisturbed: list[dict[str, object]], tmp_path: Path, seed: int, between: str
) -> None:
    data = tmp_path / "data"
    resumed = kill_and_resume_import(long, data, seed, between)
    assert resumed.kills >= 2
    assert resumed.had == set()
    assert len(resumed.twice) <= resumed.kills  # the one that was on its way when the process died
    assert content(data) == undisturbed
    assert "everything agrees" in run(data, "check").stdout


def test_control_the_kill_test_sees_what_is_cut_out_twice(long: Slow, tmp_path: Path) -> None:
    settings = {"archive.ingest.ingester.finish_archived": forget}
    places = (tmp_path / str(n) / "data" for n in range(MANY))
    assert any(kill_and_resume_import(long, data, n, settings=settings).had for n, data in enumerate(places))
