"""Hostile queries through every door: page, API, library. None is an error of ours, none takes long (F30)."""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient

from archive.models import DataDir, QueryError, SearchRequest
from archive.search import Archive, open_archive
from webui import create_app

FULL = os.environ.get("ANSINH_FAULTS") == "full"
QUERIES, TEXTS = (10_000, 5_000) if FULL else (100, 150)
SLOWEST = 3.0  # seconds of processor time
MEGABYTES = 100

WORDS = (
    "hộ",
    "nghèo",
    "ho ngheo",
    "giảm",
    "năm",
    "2020",
    "06/KH-UBND",
    "4.000",
    "uỷ ban",
    "đ",
    "😀",
    "\u202e",
    "\x00",
    "́",
    "ＡＢ",
)
PIECES = (*WORDS, '"', '""', "(", ")", "*", "?", "~9", "^3", "[a TO z]", "{", "}", "\\", "/", "'", "%", "_", ":", "tiêu-đề:", "số:",
          "title:", "nơi:", "-", "--", "+", "|", "OR", "AND", "NOT", "ANDNOT", "<b>", "&amp;", "; DROP TABLE articles", "' OR 1=1 --",
          "\n", "\t", "\u3000", "NEAR/2", "*:*", "published:[2000 TO 2030]", "$where", "{{7*7}}", "../", "%00")  # fmt: skip
# The list of W7 in reliability.md: what brought Whoosh's own parser down.
KNOWN = (
    "*", "a*", "*a*", "?*" * 20 + "a", "[a TO z]", '"hộ nghèo"~1000', "hộ " * 2_000, "hộ " * 20_000, "x ANDNOT " * 500 + "x",
    "hộ~9", "(" * 2_000, "NOT " * 2_000 + "x", "published:[banana TO 2030]", " ".join(["*x*"] * 100), "-" * 2_000, '"' * 2_001,
    " ".join(f'"hộ nghèo {n}"' for n in range(100)), "OR " * 1_000, "số:" * 500, "a" * 100_000, "", " ", "\x00", "\ud800",
)  # fmt: skip


def queries() -> Iterator[str]:
    yield from KNOWN
    chance = random.Random(7)
    while True:
        pieces = chance.choices(PIECES, k=chance.randrange(1, 1 + chance.choice((3, 12, 40, 200))))
        yield chance.choice(("", " ")).join(pieces)
        yield "".join(chr(chance.randrange(1, 0xD800)) for _ in range(chance.randrange(1, 80)))


SOME = [query for query, _ in zip(queries(), range(QUERIES), strict=False)]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> DataDir:
    folder, chance = tmp_path_factory.mktemp("queried"), random.Random(3)
    syllables = [
        "hộ",
        "nghèo",
        "giảm",
        "năm",
        "huyện",
        "xã",
        "tỷ",
        "lệ",
        "lao",
        "động",
        "việc",
        "làm",
        "trẻ",
        "em",
        "người",
        "có",
        "công",
        "kế",
        "hoạch",
        "uỷ",
        "ban",
        "nhân",
        "dân",
    ]
    texts = [
        {"id": str(n), "title": f"Huyện Gia Viễn giảm nghèo {n}", "text": " ".join(chance.choices(syllables, k=200))}
        for n in range(TEXTS)
    ]
    file = folder / "texts.jsonl"
    file.write_text("\n".join(json.dumps(text, ensure_ascii=False) for text in texts), "utf-8")
    command = [sys.executable, "-m", "archive", "--data", str(folder / "data"), "import", str(file)]
    subprocess.run(command, check=True, capture_output=True, timeout=600)
    return DataDir(folder / "data")


@pytest.fixture(scope="module")
def client(data: DataDir) -> FlaskClient:
    return create_app({"DATA": data.path}).test_client()


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _offences(ask: Callable[[str], bool]) -> list[tuple[str, float, bool]]:
    """Return the queries that were not answered well, or not soon enough."""
    found = []
    for query in SOME:
        start = time.process_time()
        is_well = ask(query)
        seconds = time.process_time() - start
        if seconds > SLOWEST or not is_well:
            found.append((query[:200], seconds, is_well))
    return found


def test_the_library_answers_or_says_what_is_wrong(data: DataDir) -> None:
    archive, before = open_archive(data), _peak()

    def ask(query: str) -> bool:
        try:
            archive.search(SearchRequest(query, all=True))
        except QueryError as error:
            return bool(str(error))
        return True

    assert _offences(ask) == []
    assert _peak() - before <= MEGABYTES
    archive.close()


@pytest.mark.parametrize("path", ["/search", "/api/v1/search", "/en/search"])
def test_no_query_is_an_error_of_the_server(client: FlaskClient, path: str) -> None:
    before = _peak()

    def ask(query: str) -> bool:
        readable = query.encode("utf-8", "replace").decode()  # a lone surrogate cannot be sent
        response = client.get(path, query_string={"q": readable, "all": "1"})
        return response.status_code in (200, 400, 404, 414)

    assert _offences(ask) == []
    assert _peak() - before <= MEGABYTES


def test_the_corpus_can_be_searched_at_all(client: FlaskClient) -> None:
    found = client.get("/api/v1/search", query_string={"q": "hộ nghèo", "all": "1"}).get_json()
    assert found["total"] > TEXTS / 2


def _broken(self: Archive, request: SearchRequest) -> object:
    raise ValueError("planted")


def _slow(self: Archive, request: SearchRequest) -> object:
    end = time.process_time() + SLOWEST
    while time.process_time() <= end:
        pass
    raise QueryError("empty")


def test_control_an_error_and_a_slow_answer_would_be_noticed(data: DataDir, monkeypatch: pytest.MonkeyPatch) -> None:
    client = create_app({"DATA": data.path, "PROPAGATE_EXCEPTIONS": False}).test_client()
    monkeypatch.setattr(f"{__name__}.SOME", SOME[:1])
    for planted in (_broken, _slow):
        monkeypatch.setattr(Archive, "search", planted)
        offences = _offences(lambda query: client.get("/search", query_string={"q": query}).status_code < 500)
        assert len(offences) == 1
