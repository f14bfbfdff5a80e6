"""End to end on loopback: a real crawl of the simulated portals, in processes of their own, as an operator runs it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from archive.captures import read_warc
from archive.health import judge
from archive.models import Expects
from archive.runs import Figures
from scraper.demo.sites import DemoSites
from tests.conftest import PORTAL
from tests.forked import Done, run
from tests.pages import article_page
from tests.site import Site

ROOT = Path(__file__).parent.parent


def ansinh(data: Path, *arguments: str, check: bool = True) -> Done:
    done = run("--data", str(data), *arguments)
    assert not check or done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return done


def last_run(data: Path, portal: str) -> list[Path]:
    """Return the files of a portal's latest run: one, or more when the run took over a minute."""
    paths = sorted(data.glob(f"captures/{portal}/*/*.warc.gz"), key=lambda path: path.name)
    return [path for path in paths if path.name.rpartition("-")[0] == paths[-1].name.rpartition("-")[0]]


def rows(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("crawled")
    ansinh(data, "demo", "--once")
    return data


def test_the_demo_fills_an_archive_that_answers(crawled: Path) -> None:
    (status,) = rows(ansinh(crawled, "status", "--json").stdout)
    assert status["articles"] >= 40  # type: ignore[operator]
    assert (status["problems"], status["behind"]) == (0, 0)
    assert {run["outcome"] for run in status["by_portal"]} == {"ok"}  # type: ignore[attr-defined]
    (found,) = rows(ansinh(crawled, "search", "ho ngheo", "--json").stdout)
    assert found["total"] > 10  # type: ignore[operator]
    assert {len(found["facets"][name]) > 1 for name in ("place", "year", "topic", "portal")} == {True}  # type: ignore[index]


def test_everything_captured_is_sealed_evidence_and_a_rebuild_gives_the_same(crawled: Path) -> None:
    before = ansinh(crawled, "export", "--format", "jsonl").stdout
    assert "everything agrees" in ansinh(crawled, "check").stdout
    ansinh(crawled, "rebuild")
    assert ansinh(crawled, "export", "--format", "jsonl").stdout == before
    assert not list(crawled.rglob("*.open"))


def test_attachments_and_images_are_captured_and_linked(crawled: Path) -> None:
    exported = rows(ansinh(crawled, "export", "--format", "jsonl").stdout)
    attachments = [attachment for article in exported for attachment in article["attachments"]]  # type: ignore[attr-defined]
    assert len(attachments) >= 6
    assert all(attachment["sha256"] and attachment["capture"] for attachment in attachments)
    mimes = {
        record.mime
        for path in crawled.glob("captures/*/*/*.gz")
        for record in read_warc(path)
        if record.type == "response"
    }
    assert {"text/html", "application/pdf", "image/png"} <= mimes


def test_every_article_is_dated_and_placed(crawled: Path) -> None:
    exported = rows(ansinh(crawled, "export", "--format", "jsonl").stdout)
    assert all(article["published"] for article in exported)
    assert {article["published_source"] for article in exported} == {"page", "listing"}


@pytest.fixture
def sites(tmp_path: Path) -> Iterator[tuple[DemoSites, Path]]:
    data = tmp_path / "data"
    with DemoSites() as running:
        prepare(data, running.port)
        yield running, data


def prepare(data: Path, port: int, extra: str = "") -> None:
    from scraper.demo.sites import PORTALS_FILE

    (data / "portals").mkdir(parents=True)
    (data / "portals/demo.toml").write_bytes(PORTALS_FILE.read_bytes())
    (data / "ansinh.toml").write_text(f'delay = 0.0\nroutes = {{ "*.mophong.test" = "127.0.0.1:{port}" }}\n{extra}')


def test_a_second_crawl_finds_nothing_new_and_keeps_no_body_twice(sites: tuple[DemoSites, Path]) -> None:
    _, data = sites
    first = rows(ansinh(data, "crawl", "demo-nghi-loc", "--json").stdout)
    second = rows(ansinh(data, "crawl", "demo-nghi-loc", "--json").stdout)
    assert first[-1]["new"] == len(first) - 1 > 5
    assert (second[-1]["new"], second[-1]["changed"]) == (0, 0)
    kinds = {record.type for path in last_run(data, "demo-nghi-loc") for record in read_warc(path)}
    assert "revisit" in kinds
    assert "response" not in kinds


def test_scrapy_itself_lists_and_crawls_the_portals(sites: tuple[DemoSites, Path]) -> None:
    _, data = sites
    environment = {**os.environ, "ANSINH_DATA": str(data)}
    scrapy = [str(Path(sys.executable).parent / "scrapy")]
    listed = subprocess.run([*scrapy, "list"], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert "demo-soc-son" in listed.stdout.split()
    subprocess.run([*scrapy, "crawl", "demo-soc-son"], cwd=ROOT, env=environment, check=True, timeout=240)
    (found,) = rows(ansinh(data, "search", "Sóc Sơn", "--json").stdout)
    assert found["total"] > 3  # type: ignore[operator]


def test_what_robots_txt_forbids_is_not_fetched(sites: tuple[DemoSites, Path]) -> None:
    running, data = sites
    ansinh(data, "crawl", "demo-nho-quan", "--json")
    assert any(seen.path == "/robots.txt" for seen in running.requests)
    assert not any(seen.path.startswith("/hoi-dap") for seen in running.requests)


def test_without_a_contact_nothing_beyond_loopback_is_asked(tmp_path: Path) -> None:
    data = tmp_path / "data"
    prepare(data, 9)
    (data / "ansinh.toml").write_text("delay = 0.0\n")
    done = ansinh(data, "crawl", "demo-soc-son", check=False)
    assert done.returncode == 1
    assert "demo-soc-son" in done.stderr


class Broken(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(503)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def test_a_portal_whose_robots_txt_answers_503_is_not_crawled_tonight(tmp_path: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Broken) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        prepare(tmp_path / "data", server.server_port)
        done = ansinh(tmp_path / "data", "crawl", "demo-soc-son", check=False)
        server.shutdown()
    assert done.returncode == 1
    assert "robots.txt was unreachable" in done.stderr
    urls = {
        record.url
        for path in (tmp_path / "data").rglob("*.warc.gz")
        for record in read_warc(path)
        if record.type == "response"
    }
    assert urls == {"http://demo-soc-son.mophong.test/robots.txt"}


@pytest.mark.parametrize(
    ("seen", "dated", "complaint"),
    [(10, 10, ""), (2, 2, "2 articles seen"), (10, 8, "8 of 10 articles dated"), (50, 50, "")],
)
def test_a_run_is_held_against_what_the_portal_is_expected_to_show(seen: int, dated: int, complaint: str) -> None:
    portal = replace(PORTAL, expects=Expects((5, 40), 0.9))
    figures = Figures(pages=seen, listed=seen, fetched=seen, titled=seen, bodied=seen, dated=dated)
    said = [breach.said for breach in judge(portal, figures, (), date(2026, 11, 22)) if breach.kind == "failure"]
    assert complaint in "".join(said)
    assert bool(complaint) == bool(said)


def test_more_articles_than_expected_are_a_warning_and_fewer_a_failure(tmp_path: Path) -> None:
    with Site(6) as site:
        for expects, code in (("[1, 5]", 0), ("[7, 9]", 1)):
            data = tmp_path / str(code)
            site.prepare(data)
            with (data / "portals/doi-thay.toml").open("a") as catalogue:
                catalogue.write(f"expects = {{ articles = {expects} }}\n")
            done = ansinh(data, "crawl", "doi-thay", check=False)
            assert done.returncode == code
            assert ("6 articles seen, at most 5" if not code else "6 articles seen, at least 7") in done.stderr
            (status,) = rows(ansinh(data, "status", "--json").stdout)
            assert status["by_portal"][0]["outcome"] == ("failed" if code else "ok")  # type: ignore[index]


@pytest.mark.parametrize("answer", [(404, {}, b""), (500, {}, b"")])
def test_a_section_that_does_not_answer_is_named(tmp_path: Path, answer: tuple[int, dict[str, str], bytes]) -> None:
    data = tmp_path / "data"
    with Site(3) as site:
        site.prepare(data)
        catalogue = data / "portals/doi-thay.toml"
        added = '", "Thông báo" = "/vi/news/thong-bao/" }'
        catalogue.write_text(catalogue.read_text().replace('/vi/news/tin-tuc/" }', f"/vi/news/tin-tuc/{added}"))
        site.answers["/vi/news/thong-bao/"] = answer
        done = ansinh(data, "crawl", "doi-thay", check=False)
        assert done.returncode == 1
        assert "Thông báo" in done.stderr
        assert f"/vi/news/thong-bao/ HTTP {answer[0]}" in done.stderr
        assert "Tin tức" not in done.stderr
        site.answers["/vi/news/thong-bao/"] = (200, {}, b"<html><body></body></html>")
        ansinh(data, "crawl", "doi-thay")


class FileHost(BaseHTTPRequestHandler):
    """A portal whose article has a file on another host, asked through one proxy; remembers who was asked for what."""

    asked: ClassVar[list[str]] = []
    robots: ClassVar[tuple[int, bytes]] = (404, b"")

    def do_GET(self) -> None:
        self.asked.append(self.path)
        status, body, mime = self._answer()
        self.send_response(status)
        self.send_header("Content-Type", mime)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _answer(self) -> tuple[int, bytes, str]:
        if self.path == "http://tep.mophong.vn/robots.txt":
            return *self.robots, "text/plain"
        if self.path.startswith("http://tep.mophong.vn/"):
            return 200, b"\xff\xd8\xff", "image/jpeg"
        if self.path.endswith(".html"):
            picture = b'<p><img src="http://tep.mophong.vn/anh.jpg"></p>'
            return 200, article_page().replace(b"<p>", picture + b"<p>", 1), "text/html; charset=utf-8"
        if self.path.endswith("/vi/news/tin-tuc/"):
            return 200, NUKEVIET_LISTING, "text/html; charset=utf-8"
        return 404, b"", "text/html"

    def log_message(self, *_: object) -> None:
        pass


NUKEVIET_LISTING = b"""<html><head><meta name="generator" content="NukeViet v4.5"></head><body><div class="news_column">
<div class="panel-body"><h3><a href="/vi/news/tin-tuc/bai-1.html">Bai 1</a></h3></div></div></body></html>"""


@pytest.mark.parametrize(
    ("robots", "fetched"),
    [((404, b""), True), ((200, b"User-agent: *\nDisallow: /\n"), False), ((503, b""), False)],
)
def test_the_host_of_a_file_is_asked_for_its_robots_txt(
    tmp_path: Path, robots: tuple[int, bytes], fetched: bool
) -> None:
    data = tmp_path / "data"
    FileHost.asked.clear()
    FileHost.robots = robots
    with Site(0) as site, ThreadingHTTPServer(("127.0.0.1", 0), FileHost) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        site.prepare(data)
        route = f'"127.0.0.1:{server.server_port}"'
        (data / "ansinh.toml").write_text(
            f'delay = 0.0\nroutes = {{ "*.mophong.test" = {route}, "*.mophong.vn" = {route} }}\n'
        )
        ansinh(data, "crawl", "doi-thay")
        server.shutdown()
    assert "http://tep.mophong.vn/robots.txt" in FileHost.asked
    assert ("http://tep.mophong.vn/anh.jpg" in FileHost.asked) == fetched


def test_a_demo_that_is_told_to_end_leaves_no_server_behind(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "archive", "--data", str(tmp_path / "data"), "demo", "--port", "0"]
    demo = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert demo.stdout is not None
    address = next(line for line in demo.stdout if line.startswith("http://127.0.0.1:")).strip()
    assert urlopen(f"{address}healthz", timeout=60).status == 200
    demo.terminate()
    assert demo.wait(120) == 128 + signal.SIGTERM
    demo.stdout.close()
    with pytest.raises(URLError):
        urlopen(f"{address}healthz", timeout=10)
