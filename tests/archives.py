"""Web archives on loopback: one shaped like the Wayback Machine, one like Common Crawl, and a real pywb."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.utils import format_datetime
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.error import URLError
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import pytest
from click.testing import CliRunner, Result
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.captures import payload_digest
from archive.cli import main
from tests.loopback import Loopback, Said, http_server

ROOT = Path(__file__).parent.parent
PYWB = Path(os.environ.get("ANSINH_PYWB", ROOT / ".venv-pywb/bin/wayback"))


@dataclass(frozen=True, slots=True)
class Kept:
    """A capture that an archive has."""

    url: str
    timestamp: str
    body: bytes
    status: int = 200
    mime: str = "text/html"
    headers: tuple[tuple[str, str], ...] = (("Server", "Apache"), ("Last-Modified", "Fri, 20 Nov 2015 21:30:03 GMT"))

    @property
    def digest(self) -> str:
        return payload_digest(self.body).removeprefix("sha1:")

    @property
    def moment(self) -> datetime:
        return datetime.strptime(self.timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)

    def member(self) -> bytes:
        """Return the capture as a gzip member with a WARC/1.0 record, as archives hold it."""
        buffer = BytesIO()
        writer = WARCWriter(buffer, gzip=True)
        headers = [*self.headers, ("Content-Type", self.mime), ("Content-Length", str(len(self.body)))]
        record = writer.create_warc_record(
            self.url,
            "response",
            payload=BytesIO(self.body),
            length=len(self.body),
            http_headers=StatusAndHeaders(f"{self.status} Said", headers, protocol="HTTP/1.1"),
            warc_headers_dict={"WARC-Date": self.moment.strftime("%Y-%m-%dT%H:%M:%SZ")},
        )
        writer.write_record(record)
        return buffer.getvalue()


def write_warc(path: Path, captures: Iterable[Kept]) -> Path:
    path.write_bytes(b"".join(capture.member() for capture in captures))
    return path


class Server(Loopback):
    """An archive on a free port; `refuse` maps the number of a request (1 is the first) to what is said instead."""

    def __init__(self) -> None:
        super().__init__(http_server(self._said))
        self.base = f"http://127.0.0.1:{self.port}/"
        self.paths: list[str] = []
        self.agents: set[str] = set()
        self.refuse: dict[int, Said] = {}
        self.always: Said | None = None

    def _said(self, path: str, headers: Message) -> Said:
        self.paths.append(path)
        self.agents.add(headers["User-Agent"])
        return self.always or self.refuse.get(len(self.paths)) or self.answer(path, headers)

    def answer(self, path: str, headers: Message) -> Said:
        raise NotImplementedError


class WaybackServer(Server):
    """Arrays with a header row, resume keys after `page` lines, Java's filters, redirects to the nearest capture."""

    FIELDS = ("timestamp", "original", "mimetype", "statuscode", "digest")

    def __init__(self, captures: Sequence[Kept], page: int = 7) -> None:
        super().__init__()
        self.captures = sorted(captures, key=lambda one: (one.url, one.timestamp))
        self.page = page
        self.extra: list[list[object]] = []  # rows that the index has besides

    @property
    def replays(self) -> list[str]:
        return [path for path in self.paths if path.startswith("/web/")]

    def answer(self, path: str, headers: Message) -> Said:
        if path.startswith("/cdx/search/cdx?"):
            return self._index(parse_qs(urlsplit(path).query))
        found = re.fullmatch(r"/web/(\d{14})id_/(.+)", path)
        return self._replay(found[1], found[2]) if found else Said(404, b"not here")

    def _index(self, query: Mapping[str, list[str]]) -> Said:
        assert query["fl"] == [",".join(self.FIELDS)]
        rows: list[list[object]] = [
            [one.timestamp, one.url, one.mime, str(one.status) if one.status else "-", one.digest]
            for one in self.captures
            if self._passes(one, query)
        ]
        start = int(query.get("resumeKey", ["0"])[0])
        end = start + min(self.page, int(query["limit"][0]))
        more: list[list[object]] = [[], [str(end)]] if end < len(rows) else []
        page = [list(self.FIELDS), *rows[start:end], *(self.extra if not start else []), *more]
        return Said(200, json.dumps(page if rows else []).encode(), {"Content-Type": "application/json"})

    @staticmethod
    def _passes(one: Kept, query: Mapping[str, list[str]]) -> bool:
        since, until = query.get("from", [""])[0], query.get("to", ["9"])[0]
        unwanted = [said.removeprefix("!mimetype:") for said in query.get("filter", [])]
        is_timely = since <= one.timestamp and one.timestamp[: len(until)] <= until
        return is_timely and not any(re.fullmatch(pattern, one.mime) for pattern in unwanted)

    def _replay(self, timestamp: str, url: str) -> Said:
        same = [one for one in self.captures if one.url == url and one.status]
        if not same:
            return Said(404, b"The Wayback Machine has not archived that URL.")
        nearest = min(same, key=lambda one: abs(int(one.timestamp) - int(timestamp)))
        if nearest.timestamp != timestamp:
            return Said(302, b"", {"Location": f"/web/{nearest.timestamp}id_/{url}"})
        original = {f"x-archive-orig-{name.lower()}": value for name, value in nearest.headers}
        moment = format_datetime(nearest.moment, usegmt=True)
        return Said(
            nearest.status, nearest.body, {**original, "Content-Type": nearest.mime, "memento-datetime": moment}
        )


class CommonCrawlServer(Server):
    """Crawls, the index of each in pages of JSON lines with strings only, and ranges of WARC files."""

    def __init__(self, crawls: Mapping[str, Sequence[Kept]], page: int = 5) -> None:
        super().__init__()
        self.page = page
        self.files: dict[str, bytes] = {}
        self.lines: dict[str, list[dict[str, str]]] = {}
        self.spans: dict[str, tuple[str, str]] = {}
        self.asked = Counter[str]()  # parts of files, as `WARC-Source-URI` and our metadata name them
        for crawl, captures in crawls.items():
            self._add(crawl, sorted(captures, key=lambda one: (one.url, one.timestamp)))

    def _add(self, crawl: str, captures: Sequence[Kept]) -> None:
        name, content = f"crawl-data/{crawl}/segments/1/warc/CC-1-00000.warc.gz", BytesIO()
        times = [f"{one.moment:%Y-%m-%dT%H:%M:%S}" for one in captures]
        self.spans[crawl] = (min(times), max(times))
        self.lines[crawl] = []
        for one in captures:
            member = one.member()
            said = {
                "urlkey": "", "timestamp": one.timestamp, "url": one.url, "mime": one.mime, "mime-detected": one.mime,
                "status": str(one.status), "digest": one.digest, "length": str(len(member)),
                "offset": str(content.tell()), "filename": name, "languages": "vie", "encoding": "UTF-8",
            }  # fmt: skip
            self.lines[crawl].append(said)
            content.write(member)
        self.files[name] = content.getvalue()

    @property
    def ranges(self) -> list[str]:
        return [path for path in self.paths if path.startswith("/crawl-data/")]

    def answer(self, path: str, headers: Message) -> Said:
        if path == "/collinfo.json":
            return Said(200, json.dumps(self._crawls()).encode())
        if path.lstrip("/") in self.files:
            self.asked[f"{self.base}{path[1:]}#{headers.get('Range', '')}"] += 1
            return self._range(self.files[path.lstrip("/")], headers.get("Range", ""))
        crawl, _, query = path.lstrip("/").partition("-index?")
        return self._index(self.lines[crawl], parse_qs(query)) if crawl in self.lines else Said(404)

    def _crawls(self) -> list[dict[str, str]]:
        return [
            {
                "id": crawl,
                "name": crawl,
                "cdx-api": f"https://index.commoncrawl.org/{crawl}-index",
                "from": since,
                "to": until,
            }
            for crawl, (since, until) in self.spans.items()
        ]

    def _index(self, lines: list[dict[str, str]], query: Mapping[str, list[str]]) -> Said:
        assert (query["matchType"], query["output"]) == (["host"], ["json"])
        if not lines:
            return Said(404, b'{"message": "No Captures found"}')
        if "showNumPages" in query:
            return Said(200, json.dumps({"pages": -(-len(lines) // self.page), "pageSize": 5, "blocks": 1}).encode())
        start = int(query["page"][0]) * self.page
        return Said(200, b"\n".join(json.dumps(line).encode() for line in lines[start : start + self.page]))

    @staticmethod
    def _range(content: bytes, asked: str) -> Said:
        found = re.fullmatch(r"bytes=(\d+)-(\d+)", asked)
        if found is None:
            return Said(200, content)
        return Said(206, content[int(found[1]) : int(found[2]) + 1])


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@dataclass
class PyWb:
    """A pywb that holds the captures of some WARC files; its log is the measure of what was asked."""

    folder: Path
    files: Sequence[Path]
    port: int = 0

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}/thu/"

    def replays(self) -> Counter[str]:
        """Return how often each capture was asked for."""
        return Counter(re.findall(r'"GET /thu/(\d+id_/\S+) HTTP', (self.folder / "log").read_text()))

    def __enter__(self) -> Self:
        manager = PYWB.with_name("wb-manager")
        for arguments in (("init", "thu"), ("add", "thu", *map(str, self.files))):
            subprocess.run([manager, *arguments], cwd=self.folder, check=True, capture_output=True)
        if not any(self._begin() for _ in range(10)):
            raise AssertionError((self.folder / "log").read_text())
        return self

    def _begin(self) -> bool:
        """Start on a port that was free a moment ago; say whether it still was."""
        self.port = free_port()
        with (self.folder / "log").open("w") as log:
            command = [PYWB, "-b", "127.0.0.1", "-p", str(self.port)]
            self._process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log)
        until = time.monotonic() + 240
        while time.monotonic() < until and self._process.poll() is None:
            with suppress(URLError):
                self.settle()
                return self._process.poll() is None
            time.sleep(0.1)
        self._process.kill()
        self._process.wait()
        return False

    def settle(self) -> None:
        """Wait until the log tells what was asked before: a request of our own is in it."""
        marker = f"http://nobody.test/{time.monotonic_ns()}"
        with urlopen(f"{self.base}cdx?url={marker}") as answer:
            answer.read()
        until = time.monotonic() + 60
        while marker.rpartition("/")[2] not in (self.folder / "log").read_text() and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(0.3)  # of those that were on their way, a greenlet may write its line after ours

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()


def require_pywb() -> None:
    if not PYWB.is_file():
        pytest.skip(f"{PYWB} is absent: `make .venv-pywb/.ready` sets it up, or ANSINH_PYWB names another")


def run(data: Path, *arguments: str, check: bool = True) -> Result:
    """Be `ansinh --data DATA ARGUMENTS` in this process, which has imported everything already."""
    done = CliRunner().invoke(main, ["--data", str(data), *arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
    assert not check or done.exit_code == 0, done.stderr
    return done


def prepare(data: Path, catalogue: str = "", **settings: str) -> Path:
    """Make a data directory with settings that lead to archives on loopback."""
    (data / "portals").mkdir(parents=True)
    if catalogue:
        (data / "portals/thu.toml").write_text(catalogue)
    said = "".join(f'{name} = "{value}"\n' for name, value in settings.items())
    (data / "ansinh.toml").write_text(f"delay = 0.0\nfree_mb = 0\n{said}")
    return data
