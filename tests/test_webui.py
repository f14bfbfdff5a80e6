"""The web UI over a small archive in memory: every page, in both languages, with hostile text in every field."""

from __future__ import annotations

import io
import json
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path
from time import perf_counter
from typing import TypeVar
from urllib.parse import urljoin, urlsplit

import click
import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

import webui
from archive.decisions import FACT_FIELDS, PAGE_FIELDS, Correction, Tombstone
from archive.models import (
    FACETS,
    TOPICS,
    ArchiveError,
    Article,
    Attachment,
    Capture,
    Claim,
    DataDir,
    Document,
    Enrichment,
    Entry,
    Evidence,
    FacetValue,
    Hit,
    Host,
    NotFound,
    Page,
    Place,
    Portal,
    PortalState,
    QueryError,
    Results,
    Run,
    SearchRequest,
    Snippet,
    Totals,
    Unit,
    Version,
    digest,
)
from archive.text import decode, fold_text
from webui import capture, chart, cli, create_app, filters, inert, passages, query_string, sanitise

Key = TypeVar("Key")
Value = TypeVar("Value")

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}"

GIA_VIEN = Place(
    "373", "373", "Huyện Gia Viễn", "Huyện", "Tỉnh Ninh Bình", "Tỉnh Ninh Bình",
    successors=("Xã Gia Viễn", "Xã Gia Hưng", "Xã Gia Vân"),
)  # fmt: skip
LONG_BIEN = Place("004", "004", "Quận Long Biên", "Quận", "Thành phố Hà Nội", "Thành phố Hà Nội")
PLACES = {place.id: place for place in (GIA_VIEN, LONG_BIEN)}

TOPIC_LABELS = {
    "vi": dict(zip(TOPICS, (
        "Giảm nghèo", "Việc làm", "Đào tạo nghề", "Người có công", "Bảo trợ xã hội", "Trẻ em", "Bình đẳng giới",
        "Phòng, chống tệ nạn xã hội", "Bảo hiểm", "An toàn lao động", "Nhà ở", "Người cao tuổi", "Người khuyết tật",
    ), strict=True)),
    "en": dict(zip(TOPICS, (
        "Poverty reduction", "Employment", "Vocational training", "People with merit", "Social protection", "Children",
        "Gender equality", "Social evils", "Insurance", "Occupational safety", "Housing", "Older people",
        "People with disabilities",
    ), strict=True)),
}  # fmt: skip

CAPTURED = """<!DOCTYPE html><html><head><base href="https://evil.example/"><meta http-equiv="refresh" content="0;url=//evil.example">
<title>Trang</title><link rel="stylesheet" href="https://evil.example/x.css"><style>@import "https://evil.example/y.css";</style>
<script>document.title = "CHAY"; parent.CHAY = 1</script></head>
<body onload="document.title='CHAY'" style="background:url(https://evil.example/z.png)">
<h1 style="text-align:center;background:url(https://evil.example/s.png)">Huyện Gia Viễn</h1>
<p onclick="alert(1)">Đầu năm, huyện đặt chỉ tiêu <b>giảm 120 hộ nghèo</b>. <a href="javascript:alert(1)">x</a>
<a href="/tin-tuc/1">tin khác</a> <a href="data:text/html,<script>alert(1)</script>">y</a> <a href=" da&#9;ta:text/html,x">z</a></p>
<form action="https://evil.example/steal"><input name="a"><button>Gửi</button><textarea>t</textarea></form>
<iframe src="https://evil.example/f"></iframe><object data="https://evil.example/o"></object>
<img src="https://evil.example/p.png" alt="ảnh" onerror="document.title='CHAY'"><img src="data:image/png;base64,iVBORw0KGgo=">
<svg><script>document.title = "CHAY"</script><image href="https://evil.example/i"/></svg>
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=document.title='CHAY'&gt;">
<noscript><p title="</noscript><img src=x onerror=document.title='CHAY'>">
<template><script>document.title='CHAY'</script></template>
</body></html>"""  # fmt: skip


def make_capture(number: int, **changes: object) -> Capture:
    base = Capture(
        f"CAP{number:04}", "giavien", f"https://giavien.ninhbinh.gov.vn/bai-{number}", f"2024-03-{number % 28 + 1:02}T22:15:00Z",
        "live", 200, "text/html", digest(str(number)), "captures/giavien/202403/a.warc.gz", 1200 * number,
    )  # fmt: skip
    return replace(base, **changes)  # type: ignore[arg-type]


def make_entry(number: int, article: Article, enrichment: Enrichment, **changes: object) -> Entry:
    held = make_capture(number, url=article.url, portal=article.portal)
    version = Version(1, held.fetched_at, held.fetched_at, article.sha256, held.id)
    return replace(Entry(article, enrichment, held.fetched_at, (version,), (held,), status="live"), **changes)  # type: ignore[arg-type]


def plan() -> Entry:
    """The article that has everything: summary, list, table rows, facts with quotes, versions, attachments, reprints."""
    article = Article(
        portal="giavien",
        key="1",
        url="https://giavien.ninhbinh.gov.vn/ke-hoach-giam-ngheo",
        title="Huyện Gia Viễn đặt chỉ tiêu giảm 120 hộ nghèo trong năm 2021",
        summary="UBND huyện vừa ban hành Kế hoạch số 15/KH-UBND về công tác giảm nghèo năm 2021.",
        body=(
            "Theo kế hoạch, năm 2021 huyện phấn đấu giảm ít nhất 120 hộ nghèo, đưa tỷ lệ hộ nghèo xuống còn 2,1%.",
            "Nhiệm vụ trọng tâm",
            "Rà soát, phân loại hộ nghèo, hộ cận nghèo ở 21 xã, thị trấn.",
            "Giới thiệu việc làm cho 1.500 lao động.",
            "Biểu giao chỉ tiêu cho các xã",
            "Xã Gia Hưng 12 hộ",
            "Xã Gia Vân 9 hộ",
            "Năm 2020, toàn huyện đã giảm 135 hộ nghèo, vượt chỉ tiêu tỉnh giao.",
        ),
        kinds=("p", "h", "li", "li", "caption", "tr", "tr", "p"),
        section="Lao động - Xã hội",
        author="Phòng LĐ-TB&XH huyện",
        source="Cổng thông tin huyện",
        attachments=(
            Attachment(
                "Kế hoạch 15.pdf", "https://giavien.ninhbinh.gov.vn/kh15.pdf", "application/pdf", capture="PDF1"
            ),
            Attachment("Phụ lục.doc", "https://kho-tai-lieu.example/phu-luc.doc"),
        ),
        published="2021-01-18T08:30:00+07:00",
        published_source="page",
        extracted_by="vnpt/2/1",
    )
    text = article.text
    quotes = {"place": "Huyện Gia Viễn", "year": "năm 2021", "number": "15/KH-UBND", "topic": "giảm nghèo"}
    spans = {name: (text.index(quote), text.index(quote) + len(quote)) for name, quote in quotes.items()}
    target = "phấn đấu giảm ít nhất 120 hộ nghèo"
    result = "Năm 2020, toàn huyện đã giảm 135 hộ nghèo"
    enrichment = Enrichment(
        places=(GIA_VIEN, replace(LONG_BIEN, role="mentioned")),
        years=(2021, 2020),
        topics=("giam-ngheo", "viec-lam"),
        documents=(Document("D1", "15/KH-UBND", "Kế hoạch", "UBND huyện Gia Viễn", "2021-01-15", "announces"),),
        claims=(
            Claim("C1", "target", "poor_hh_count", 120, None, None, "hộ", ">=", "down", 2021, None, "373", None, None,
                  None, None, 0.9, target, text.index(target), text.index(target) + len(target)),
            Claim("C2", "result", "poor_hh_count", 135, None, None, "hộ", "=", "down", 2020, "cả năm", "373", None, None,
                  None, None, 0.85, result, text.index(result), text.index(result) + len(result)),
        ),
        evidence=(
            Evidence("places", "373", "places.title", quotes["place"], *spans["place"], 0.97),
            Evidence("places", "373", "places.portal", "", None, None, 0.99),
            Evidence("years", "2021", "years.plan", quotes["year"], *spans["year"], 0.9),
            Evidence("topics", "giam-ngheo", "topics.phrase", quotes["topic"], *spans["topic"], 0.95),
            Evidence("documents", "D1", "documents.number", quotes["number"], *spans["number"], 1.0),
        ),
    )  # fmt: skip
    entry = make_entry(1, article, enrichment)
    old = make_capture(91, url=article.url, fetched_at="2021-01-18T22:10:00Z")
    versions = (Version(1, old.fetched_at, old.fetched_at, digest("old"), old.id), replace(entry.versions[0], n=2))
    return replace(
        entry,
        versions=versions,
        captures=(old, *entry.captures),
        same_as=(reprint().id, "GONE"),
        not_after=old.fetched_at,
    )


def reprint() -> Entry:
    article = Article(
        "longbien", "r", "https://longbien.hanoi.gov.vn/r", "Bản đăng lại kế hoạch giảm nghèo của huyện bạn",
        ("Nội dung đăng lại nguyên văn.",), ("p",), published="2021-01-20", published_source="listing",
    )  # fmt: skip
    return make_entry(2, article, Enrichment(places=(LONG_BIEN,), years=(2021,), topics=("giam-ngheo",)))


def undated() -> Entry:
    article = Article("giavien", "u", "urn:x-ansinh:u", "Thông báo không đề ngày", ("Nội dung ngắn.",), ("p",))
    candidates = Enrichment(place_candidates=(GIA_VIEN, LONG_BIEN))
    return make_entry(3, article, candidates, status="gone")


def hostile() -> Entry:
    """An article with hostile text in every field that a captured page can fill."""
    x = HOSTILE
    article = Article(
        "longbien", "h", f"javascript:alert(1)//{x}", f"Tiêu đề {x}", (x, x, x, x, x), ("p", "h", "li", "tr", "caption"),
        section=x, summary=x, author=x, source=x, language="vi",
        attachments=(Attachment(x, f"javascript:{x}", x, None, None), Attachment(x, f"https://a.gov.vn/{x}", x, None, "PDF1")),
        published="2022-05-05T10:00:00+07:00", published_source="page",
    )  # fmt: skip
    place = replace(GIA_VIEN, name=x, province=x, province_now="y" + x, commune=x, successors=(x,))
    enrichment = Enrichment(
        places=(place,), years=(2022,), topics=("tre-em",),
        documents=(Document(x, x, x, x, None, "cites"),),
        claims=(Claim("C", "result", x, 1, 2, 3, x, "~", "total", None, x, x, x, x, None, None, 0.5, x, 0, len(x)),),
        evidence=(Evidence("places", "373", x, x, 3, 9, 0.5),),
    )  # fmt: skip
    return make_entry(4, article, enrichment)


def routine(number: int) -> Entry:
    day = date(2015, 3, 1) + timedelta(days=97 * number)
    topic = TOPICS[number % len(TOPICS)]
    place = (GIA_VIEN, LONG_BIEN)[number % 2]
    article = Article(
        ("giavien", "longbien")[number % 2], f"k{number}", f"https://example.gov.vn/{number}",
        f"{place.name} tổng kết công tác {TOPIC_LABELS['vi'][topic].lower()} năm {day.year} (tin {number})",
        (f"Hội nghị tổng kết đánh giá kết quả công tác lao động, người có công và xã hội năm {day.year}.",
         "Trong năm, các chế độ trợ cấp hằng tháng được chi trả đầy đủ, đúng đối tượng."),
        ("p", "p"), published=day.isoformat(), published_source="listing",
    )  # fmt: skip
    return make_entry(100 + number, article, Enrichment(places=(place,), years=(day.year,), topics=(topic,)))


PORTALS = (
    Portal("giavien", "Trang thông tin điện tử huyện Gia Viễn", "vnpt", (Host("giavien.ninhbinh.gov.vn"),),
           "https://giavien.ninhbinh.gov.vn/", (Unit("373"),), verified="fixture"),
    Portal("longbien", "Cổng thông tin quận Long Biên", "hnp", (Host("longbien.hanoi.gov.vn"),),
           "https://longbien.hanoi.gov.vn/", (Unit("004"), Unit("999")), verified="2024-03-02"),
    Portal("tinhnao", HOSTILE, "nukeviet", (), "javascript:alert(1)", province=HOSTILE),
)  # fmt: skip


class FakeArchive:
    """The read side of the archive, in memory, with a search that finds the articles holding every word asked for."""

    opened: Counter[str] = Counter()

    def __init__(self, data: DataDir) -> None:
        self.opened["open"] += 1
        self.data = data

    def close(self) -> None:
        self.opened["close"] += 1

    def search(self, request: SearchRequest) -> Results:
        if request.text.count('"') % 2:
            raise QueryError("Thiếu dấu ngoặc kép đóng.")
        words = fold_text(request.text).split()
        found = [
            e for e in ENTRIES if (request.all or e.enrichment.topics) and self._has(e, words) and self._in(e, request)
        ]
        ordered = sorted(found, key=lambda e: e.article.published or "", reverse=request.sort != "oldest")
        first = (request.page - 1) * request.limit
        hits = tuple(self._hit(entry, request.text) for entry in ordered[first : first + request.limit])
        facets = {name: tuple(self._counts(name, words, request)) for name in FACETS}
        return Results(request.text, len(found), hits, facets, None if found else "giảm nghèo", 1.5, behind=3)

    def get_entry(self, id: str) -> Entry:
        return self._one({entry.id: entry for entry in ENTRIES}, id)

    def get_version(self, id: str, n: int) -> Article:
        self._one({version.n: version for version in self.get_entry(id).versions}, n)
        return replace(self.get_entry(id).article, title=f"Bản {n} của bài")

    def get_capture(self, id: str) -> Capture:
        return self._one(CAPTURES, id)

    def read_capture(self, id: str) -> Page:
        held = self.get_capture(id)
        body = b"%PDF-1.4 <script>alert(1)</script>" if held.mime == "application/pdf" else CAPTURED.encode()
        return Page(held.url, body, held.status, {"content-type": f"{held.mime}; charset=utf-8"}, held.fetched_at)

    def corrections(self, id: str) -> tuple[Correction, ...]:
        return CORRECTIONS if id == HOSTILE_ID else ()

    def blanks(self, id: str) -> tuple[Tombstone, ...]:
        return (Tombstone(HOSTILE, "2026-02-03"),) if id == HOSTILE_ID else ()

    def portal_states(self) -> tuple[PortalState, ...]:
        run = Run(
            "R1",
            "giavien",
            "live",
            "2024-03-02T18:00:00Z",
            "2024-03-02T18:09:00Z",
            "failed",
            210,
            3,
            1,
            200,
            2,
            HOSTILE,
        )
        return (
            PortalState(PORTALS[0], 120, 108, 340, 2, "2015-03-01", "2024-02-28", "2024-03-02T18:08:00Z", run),
            PortalState(PORTALS[1], 80, 80, 95, 0, "2016-01-01", "2024-02-27", "2024-03-02T19:00:00Z", replace(run, outcome="ok", note="")),
            PortalState(PORTALS[2], 0, 0, 0, 0, None, None, None, None),
        )  # fmt: skip

    def totals(self) -> Totals:
        return Totals(12345, 4321, 23456, 3, 2, "2015-03-01", "2024-02-28", "2024-03-02T19:00:00Z", 3)

    def portal_title(self, name: str) -> str:
        return next((portal.title for portal in PORTALS if portal.name == name), name)

    def topic_label(self, slug: str, language: str) -> str:
        return TOPIC_LABELS[language].get(slug, slug)

    def place_label(self, id: str) -> str:
        return f"{PLACES[id].name}, {PLACES[id].province}" if id in PLACES else id

    def newest(self, limit: int) -> tuple[Entry, ...]:
        return tuple(sorted(ENTRIES, key=lambda e: e.article.published or "", reverse=True)[:limit])

    @staticmethod
    def _one(held: Mapping[Key, Value], id: Key) -> Value:
        if id not in held:
            raise NotFound(f"nothing is called {id}")
        return held[id]

    @staticmethod
    def _has(entry: Entry, words: list[str]) -> bool:
        return set(words) <= set(fold_text(entry.article.text).split())

    def _in(self, entry: Entry, request: SearchRequest, without: str = "") -> bool:
        if request.published_from and (entry.article.published or "") < request.published_from:
            return False
        if request.published_to and (entry.article.published or "9")[:10] > request.published_to:
            return False
        chosen = {name: values for name, values in request.filters.items() if name != without}
        return all(set(values) & set(self._values(entry)[name]) for name, values in chosen.items())

    @staticmethod
    def _values(entry: Entry) -> dict[str, list[str]]:
        facts = entry.enrichment
        subjects = [place.id for place in facts.places if place.role == "subject"]
        return {
            "place": subjects,
            "year": list(map(str, facts.years)),
            "topic": list(facts.topics),
            "portal": [entry.article.portal],
            "status": [entry.status],
        }

    def _counts(self, name: str, words: list[str], request: SearchRequest) -> Iterator[FacetValue]:
        found = [
            e
            for e in ENTRIES
            if (request.all or e.enrichment.topics) and self._has(e, words) and self._in(e, request, name)
        ]
        for value, count in Counter(value for e in found for value in self._values(e)[name]).most_common():
            labels = {"place": self.place_label, "topic": lambda v: TOPIC_LABELS["vi"][v]}
            yield FacetValue(value, labels.get(name, str)(value), count)

    @staticmethod
    def _hit(entry: Entry, typed: str) -> Hit:
        first = (typed.split() or [""])[0].lower()
        at = entry.article.title.lower().find(first)
        spans = ((at, at + len(first)),) if first and at >= 0 else ()
        text = entry.article.body[0]
        return Hit(entry, spans, Snippet(text, ((0, min(8, len(text))),)), 1.0)


ENTRIES = (plan(), reprint(), undated(), hostile(), *map(routine, range(30)))
CAPTURES = {held.id: held for entry in ENTRIES for held in entry.captures} | {
    "PDF1": make_capture(5, id="PDF1", mime="application/pdf", url='https://a.gov.vn/x/..%2f..%2fkế%20"hoạch".pdf'),
    "HUGE": make_capture(6, id="HUGE"),
}
PLAN, HOSTILE_ID = ENTRIES[0].id, ENTRIES[3].id
CORRECTIONS = tuple(
    Correction(HOSTILE_ID, "0" * 64, field, HOSTILE, HOSTILE, "2026-02-01", HOSTILE)
    for field in PAGE_FIELDS + FACT_FIELDS
)


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return create_app({"OPEN_ARCHIVE": FakeArchive, "DATA": tmp_path, "TESTING": True})


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


PAGES = {
    "/": "Huyện đã hứa gì",
    "/search": "34 bài|33 bài",
    "/search?q=giảm+nghèo&place=373&year=2021&sort=oldest": "120 hộ nghèo",
    "/search?q=khongcogi&place=373&from=2020-01-01&to=2020-12-31&all=1": "Không có bài nào khớp",
    "/search?page=2": "Trang 2 / 4",
    f"/articles/{PLAN}": "Thông tin rút ra từ bài",
    f"/articles/{ENTRIES[2].id}": "Không rõ; đã có trên mạng trước",
    f"/articles/{HOSTILE_ID}": "Tiêu đề",
    f"/articles/{PLAN}/versions": "Phiên bản 2",
    f"/articles/{PLAN}/versions/1": "Bản 1 của bài",
    "/captures/CAP0001/about": "Thông tin bản chụp",
    "/sources": "mới thử trên trang mẫu",
    "/topics/giam-ngheo": "Giảm nghèo",
    "/places/373": "Xã Gia Hưng",
}
ENGLISH = {
    "/": "What did the district promise",
    "/search": "results",
    "/search?q=giảm+nghèo&place=373&year=2021&sort=oldest": "Oldest first",
    "/search?q=khongcogi&place=373&from=2020-01-01&to=2020-12-31&all=1": "Nothing matches",
    "/search?page=2": "Page 2 of 4",
    f"/articles/{PLAN}": "Read from the article",
    f"/articles/{ENTRIES[2].id}": "Unknown; online before",
    f"/articles/{HOSTILE_ID}": "Tiêu đề",
    f"/articles/{PLAN}/versions": "Version 2",
    f"/articles/{PLAN}/versions/1": "This is version 1",
    "/captures/CAP0001/about": "Provenance",
    "/sources": "tried on sample pages only",
    "/topics/giam-ngheo": "Poverty reduction",
    "/places/373": "now part of",
}


@pytest.mark.parametrize(("path", "words"), PAGES.items())
def test_every_page_is_shown_in_vietnamese(client: FlaskClient, path: str, words: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert re.search(words, response.text)
    assert '<html lang="vi">' in response.text


@pytest.mark.parametrize(("path", "words"), ENGLISH.items())
def test_every_page_is_shown_in_english(client: FlaskClient, path: str, words: str) -> None:
    response = client.get("/en" + path)
    assert response.status_code == 200
    assert words in response.text
    assert '<html lang="en">' in response.text


MISSING = ("/nowhere", "/articles/NOPE", "/articles/NOPE/versions", "/captures/NOPE/about", "/topics/nope", "/places/nope",
           f"/articles/{PLAN}/versions/9", f"/articles/{PLAN}/versions/x", f"/articles/{PLAN}/versions/{10**30}")  # fmt: skip


@pytest.mark.parametrize("path", MISSING)
@pytest.mark.parametrize("prefix", ["", "/en"])
def test_what_is_not_there_is_a_404_page_in_the_language_of_the_path(
    client: FlaskClient, prefix: str, path: str
) -> None:
    response = client.get(prefix + path)
    assert response.status_code == 404
    assert ("There is no such page" if prefix else "Không có trang này") in response.text


REFUSED = {
    "q=" + "x" * 257: "256",
    "q=%22giảm": "Thiếu dấu ngoặc kép đóng.",
    "from=31/02/2020": "09/01/2020",
    "from=2021-01-01&to=2020-01-01": "",
    "sort=best": "",
    "page=0": "",
    "page=1001": "",
    "page=1e3": "",
    "place=" + "9" * 65: "",
    "&".join(f"year={n}" for n in range(51)): "",
}


@pytest.mark.parametrize(("query", "words"), REFUSED.items())
@pytest.mark.parametrize("prefix", ["", "/en"])
def test_a_search_that_cannot_be_understood_is_explained_with_status_400(
    client: FlaskClient, prefix: str, query: str, words: str
) -> None:
    response = client.get(f"{prefix}/search?{query}")
    assert response.status_code == 400
    assert 'role="alert"' in response.text
    assert words in response.text
    assert 'name="q"' in response.text


def test_the_typed_words_stay_in_the_box_when_they_are_refused(client: FlaskClient) -> None:
    assert 'value="&#34;giảm"' in client.get("/search?q=%22giảm").text
    assert 'value="nghèo"' in client.get("/search?q=nghèo&sort=best").text


def test_numbers_and_days_are_written_in_the_language_of_the_page(client: FlaskClient) -> None:
    assert "12.345" in client.get("/").text
    assert "12,345" in client.get("/en/").text
    assert "18/01/2021 08:30" in client.get(f"/articles/{PLAN}").text
    assert "18 January 2021 08:30" in client.get(f"/en/articles/{PLAN}").text


def test_utc_times_are_shown_as_hanoi_times(client: FlaskClient) -> None:
    assert '<time datetime="2024-03-02T22:15:00Z">03/03/2024 05:15</time>' in client.get("/captures/CAP0001/about").text


# --- links -----------------------------------------------------------------------------------------------------


class Tags(HTMLParser):
    """The start tags of a page with their attributes, and the ids it has."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def values(self, name: str, *tags: str) -> list[str]:
        return [attrs[name] for tag, attrs in self.tags if name in attrs and (not tags or tag in tags)]


def test_every_link_of_the_site_leads_somewhere(client: FlaskClient) -> None:
    """Crawl all pages, one search for each set of parameter names; anchors must exist on the page they point to."""
    waiting, seen, ids, anchors = ["/"], {"/"}, dict[str, set[str]](), set[tuple[str, str]]()
    while waiting:
        here = waiting.pop()
        response = client.get(here, buffered=True)
        assert response.status_code == 200, here
        if response.mimetype != "text/html" or (here.startswith("/captures/") and not here.endswith("about")):
            continue
        page = Tags(response.text)
        ids[here] = set(page.values("id"))
        for link in page.values("href"):
            target = urlsplit(urljoin(f"http://localhost{here}", link))
            if target.hostname != "localhost":
                continue
            path = target.path + ("?" + target.query if target.query else "")
            if target.fragment:
                anchors.add((path, target.fragment))
            kind = target.path + "?" + "&".join(sorted(set(re.findall(r"(\w+)=", target.query))))
            if kind not in seen:
                seen.add(kind)
                waiting.append(path)
    assert len(seen) > 150
    assert {(path, name) for path, name in anchors if path in ids and name not in ids[path]} == set()


@pytest.mark.parametrize("path", PAGES)
def test_the_language_switch_keeps_the_page(client: FlaskClient, path: str) -> None:
    switch = Tags(client.get(path).text)
    english = next(a["href"] for tag, a in switch.tags if tag == "a" and a.get("hreflang") == "en")
    assert english.startswith("/en/")
    back = Tags(client.get(english).text)
    vietnamese = next(a["href"] for tag, a in back.tags if tag == "a" and a.get("hreflang") == "vi")
    assert sorted(client.get(vietnamese).text.splitlines()) == sorted(client.get(path).text.splitlines())
    assert {a["hreflang"] for tag, a in switch.tags if tag == "link" and "hreflang" in a} == {"vi", "en", "x-default"}


def test_the_language_switch_carries_no_unknown_parameter(client: FlaskClient) -> None:
    page = client.get("/search?q=a&_external=1&_scheme=javascript&_anchor=x&endpoint=y&id=z").text
    assert 'href="/en/search?q=a"' in page
    assert "javascript" not in page


def test_absolute_links_use_the_base_url(tmp_path: Path) -> None:
    app = create_app({"OPEN_ARCHIVE": FakeArchive, "DATA": tmp_path, "BASE_URL": "https://ansinh.example.vn/"})
    assert f"https://ansinh.example.vn/articles/{PLAN}" in app.test_client().get(f"/articles/{PLAN}").text


def test_a_facet_link_adds_a_value_and_the_next_one_removes_it(client: FlaskClient) -> None:
    page = client.get("/search?q=công+tác").text
    assert 'href="/search?q=c%C3%B4ng+t%C3%A1c&amp;place=373"' in page
    chosen = client.get("/search?q=công+tác&place=373").text
    assert "Bỏ lọc Địa bàn: " in chosen
    assert 'href="/search?q=c%C3%B4ng+t%C3%A1c"' in chosen
    assert 'place=373&amp;place=004"' in chosen


def test_a_filter_without_hits_can_still_be_removed(client: FlaskClient) -> None:
    page = client.get("/search?topic=nope&place=999&year=1990").text
    assert page.count('<span class="hidden">Bỏ lọc ') == 3


def test_an_empty_answer_offers_the_suggestion_and_the_search_without_filters(client: FlaskClient) -> None:
    page = client.get("/search?q=khongcogi&place=373").text
    assert "<strong>giảm nghèo</strong>" in page
    assert 'href="/search?q=khongcogi"' in page


def test_a_new_query_keeps_the_filters(client: FlaskClient) -> None:
    page = client.get("/search?q=a&place=373&from=2020-01-01&page=2").text
    assert '<input type="hidden" name="place" value="373">' in page
    assert '<input type="hidden" name="page"' not in page


def test_the_lag_of_the_index_is_shown(client: FlaskClient) -> None:
    assert "Chỉ mục chậm hơn kho 3 thay đổi" in client.get("/search").text


def test_an_article_that_names_vulnerable_people_is_kept_out_of_search_engines(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 'content="noindex"' not in client.get(f"/articles/{PLAN}").text
    guarded = replace(plan(), enrichment=replace(plan().enrichment, sensitive=("minor",)))
    monkeypatch.setattr(FakeArchive, "get_entry", lambda *_: guarded)
    assert '<meta name="robots" content="noindex">' in client.get(f"/articles/{PLAN}").text


def test_an_unverified_portal_is_not_called_verified(client: FlaskClient) -> None:
    rows = client.get("/sources").text.split("<tr>")
    assert "mới thử trên trang mẫu" in next(row for row in rows if "huyện Gia Viễn" in row)
    assert "đã thu thập trực tiếp ngày" in next(row for row in rows if "quận Long Biên" in row)


# --- safety ----------------------------------------------------------------------------------------------------

EVERYTHING = [*PAGES, *("/en" + path for path in PAGES), *MISSING, "/search?page=0", "/healthz", "/robots.txt", "/static/style.css",
              "/captures/CAP0001", "/captures/PDF1", "/captures/NOPE", "/api/v1/search", f"/api/v1/articles/{PLAN}", "/api/v1/nope"]  # fmt: skip


@pytest.mark.parametrize("path", EVERYTHING)
def test_every_answer_is_guarded_and_sets_no_cookie(client: FlaskClient, path: str) -> None:
    headers = client.get(path, buffered=True).headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "script-src" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize("prefix", ["", "/en"])
@pytest.mark.parametrize(
    "path", [f"/articles/{HOSTILE_ID}", f"/articles/{HOSTILE_ID}/versions", f"/articles/{HOSTILE_ID}/versions/1", "/sources", "/",
             "/search?year=2022", "/search", f"/search?q={HOSTILE}", f"/search?q={HOSTILE}&sort=x", f"/search?place={HOSTILE}"]
)  # fmt: skip
def test_hostile_text_is_escaped_wherever_it_stands(client: FlaskClient, prefix: str, path: str) -> None:
    page = client.get(prefix + path).text
    assert "&lt;script&gt;" in page or "<mark>" in page
    tags = Tags(page)
    names = {tag for tag, _ in tags.tags}
    assert not names & {"script", "img", "iframe", "object", "style", "base"}
    assert not [attr for _, attrs in tags.tags for attr in attrs if attr.startswith("on") or attr == "style"]
    assert not [url for url in tags.values("href") + tags.values("action") if "javascript" in urlsplit(url).scheme]
    assert "49" not in re.findall(r"Tiêu đề.*?(\d+)", page)


def test_no_code_of_ours_trusts_markup() -> None:
    """Templates escape everything: nothing in the package makes Markup or switches escaping off."""
    folder = Path(webui.__file__).parent
    for path in [*folder.rglob("*.py"), *folder.rglob("*.html")]:
        assert not re.search(r"Markup\(|\|\s*safe\b|autoescape false|render_template_string", path.read_text()), path


def test_links_out_of_captured_text_are_few_and_marked(client: FlaskClient) -> None:
    page = client.get(f"/articles/{PLAN}").text
    out = [attrs for tag, attrs in Tags(page).tags if tag == "a" and attrs["href"].startswith("http")]
    assert {attrs["rel"] for attrs in out} == {"nofollow noopener ugc"}
    assert "kho-tai-lieu.example" not in page  # an attachment elsewhere is named, not linked


def test_the_stylesheet_is_small_and_loads_nothing() -> None:
    css = (Path(webui.__file__).parent / "static" / "style.css").read_text()
    assert len(css.encode()) < 20_000
    assert "url(" not in css
    assert "@import" not in css


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "a b", "", "localhost:99999"])
def test_an_unknown_host_is_refused_and_never_repeated(client: FlaskClient, host: str) -> None:
    response = client.get("/", headers={"Host": host})
    assert response.status_code == 400
    assert "evil" not in response.text


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8040"])
def test_loopback_is_answered(client: FlaskClient, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 200


def test_other_methods_are_refused(client: FlaskClient) -> None:
    response = client.post("/search", data="x" * 100_000)
    assert response.status_code in (405, 413)
    assert client.delete("/").status_code == 405
    assert "GET" in client.delete("/").headers["Allow"]


def test_a_fault_of_ours_shows_no_traceback(tmp_path: Path) -> None:
    app = create_app({"OPEN_ARCHIVE": lambda _: 1 / 0, "DATA": tmp_path})
    response = app.test_client().get("/en/")
    assert response.status_code == 500
    assert "ZeroDivisionError" not in response.text
    assert "Something went wrong on our side" in response.text


def no_archive(data: DataDir) -> FakeArchive:
    raise ArchiveError(f"no archive in {data.path}: run ansinh import")


def test_an_archive_that_cannot_be_read_is_a_503_that_tells_readers_no_paths(tmp_path: Path) -> None:
    client = create_app({"OPEN_ARCHIVE": no_archive, "DATA": tmp_path}).test_client()
    for path in ("/", "/en/search", "/healthz", "/api/v1/search"):
        response = client.get(path)
        assert response.status_code == 503
        assert str(tmp_path) not in response.text


def test_each_request_closes_the_archive_it_opened(client: FlaskClient) -> None:
    FakeArchive.opened.clear()
    client.get("/search")
    client.get("/robots.txt")
    assert FakeArchive.opened == {"open": 1, "close": 1}


# --- captures --------------------------------------------------------------------------------------------------


def test_a_captured_page_is_sanitised_and_sandboxed(client: FlaskClient) -> None:
    response = client.get("/captures/CAP0001")
    assert response.headers["Content-Security-Policy"] == (
        "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    )
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<b>giảm 120 hộ nghèo</b>" in response.text
    tags = Tags(response.text)
    names = {tag for tag, _ in tags.tags}
    assert not names & {"script", "style", "link", "meta", "base", "form", "input", "button", "textarea", "iframe", "object",
                        "svg", "math", "noscript", "template"}  # fmt: skip
    assert not [name for _, attrs in tags.tags for name in attrs if name.startswith("on")]
    assert tags.values("src") == ["data:image/png;base64,iVBORw0KGgo="]
    assert tags.values("href") == ["https://giavien.ninhbinh.gov.vn/tin-tuc/1"]
    assert tags.values("style") == ["text-align:center"]
    assert set(tags.values("rel")) == {"nofollow noopener noreferrer ugc"}


def test_what_is_not_html_is_only_a_download(client: FlaskClient) -> None:
    response = client.get("/captures/PDF1")
    assert response.mimetype == "application/octet-stream"
    assert response.headers["Content-Disposition"].startswith("attachment; ")
    assert response.data.startswith(b"%PDF")
    assert response.headers["Content-Security-Policy"].startswith("sandbox;")


NAMES = {
    "https://a.vn/b/ke-hoach.pdf": "C-ke-hoach.pdf",
    "https://a.vn/%2e%2e%2f%2e%2e%2fetc%2fpasswd": "C-etc_passwd",
    "https://a.vn/kế%20hoạch%0d%0aX-Evil: 1": "C-kế_hoạch_X-Evil_1",
    'https://a.vn/"; filename=x.exe': "C-filename_x.exe",
    "https://a.vn/.htaccess": "C-htaccess",
    "https://a.vn/": "C-capture",
    "https://a.vn/con": "C-con",
    "https://a.vn/a\x00b\\c:d": "C-a_b_c_d",
    "https://a.vn/" + "x" * 300 + ".pdf": "C-" + "x" * 96 + ".pdf",
    "http://[": "C-capture",
    "urn:x-ansinh:1": "C-x-ansinh_1",
}


@pytest.mark.parametrize(("url", "name"), NAMES.items())
def test_a_download_has_a_harmless_name(url: str, name: str) -> None:
    assert capture.file_name(make_capture(1, id="C", url=url)) == name


def test_a_huge_page_is_a_download(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sanitise, "MOST_HTML", 100)
    assert client.get("/captures/CAP0001").headers["Content-Disposition"].startswith("attachment")


BOMBS = {
    "deep": "<div>" * 100_000,
    "formatting": "<p>" + "".join(f"<font size={n}>" for n in range(500)) + "<p>x" * 20_000,
    "attributes": "<p " + "a=1 " * 300_000 + ">",
    "tables": "<table>" * 20_000,
    "links": "<a href=/x>" * 60_000,
    "entities": "&amp;" * 300_000,
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_costs_little_time_and_memory(bomb: str) -> None:
    start = perf_counter()
    shown = sanitise.document(Page("https://a.vn/", BOMBS[bomb].encode()))
    assert perf_counter() - start < 2 * sanitise.PATIENCE
    assert bomb not in ("deep", "formatting") or shown is None


def test_the_memory_limit_stops_a_page_of_90_kb_that_would_fill_gigabytes() -> None:
    asked = json.dumps({"content": BOMBS["formatting"], "url": "https://a.vn/"}).encode()
    child = subprocess.run([sys.executable, "-I", inert.__file__], input=asked, capture_output=True, check=False)
    assert child.returncode == -signal.SIGABRT
    assert b"memory allocation" in child.stderr


def test_a_long_table_is_still_shown() -> None:
    rows = "<tr><td>1<td>Nguyễn Văn A<td>500.000 đồng</tr>" * 3_000
    shown = sanitise.document(Page("https://a.vn/", f"<table>{rows}</table>".encode()))
    assert shown is not None
    assert shown.count("<tr>") == 3_000


ENCODED = (
    ("Hộ nghèo", "utf-8", {}, ""),
    ("Hộ nghèo", "utf-8-sig", {}, ""),
    ("Ho ngheo \xe0\xe9", "latin-1", {"content-type": "text/html; charset=ISO-8859-1"}, ""),
    ("Ho ngheo \xe0\xe9", "latin-1", {}, '<meta charset="iso-8859-1">'),
)


@pytest.mark.parametrize(("text", "codec", "headers", "meta"), ENCODED)
def test_the_charset_is_that_of_bytes_header_or_meta(text: str, codec: str, headers: dict[str, str], meta: str) -> None:
    assert decode((meta + text).encode(codec), headers.get("content-type", "")) == meta + text


def test_a_charset_that_costs_quadratic_time_is_not_obeyed() -> None:
    body = b"\xff" + b"ba" * 900_000
    start = perf_counter()
    decode(body, "text/html; charset=punycode")
    assert perf_counter() - start < 1


@given(st.binary(max_size=400))
def test_any_bytes_become_an_inert_document(body: bytes) -> None:
    shown = inert.document(decode(b"<p onclick=x>" + body), "https://a.vn/")
    assert not re.search(r"<(?:script|iframe|form|style)\b", shown, re.IGNORECASE)


# --- programs --------------------------------------------------------------------------------------------------


def test_the_api_answers_json(client: FlaskClient) -> None:
    found = client.get("/api/v1/search?q=giảm+nghèo&limit=2").get_json()
    assert found["total"] > 2
    assert len(found["hits"]) == 2
    assert client.get(f"/api/v1/articles/{PLAN}").get_json()["id"] == PLAN


API_ERRORS = {
    "/api/v1/articles/NOPE": 404,
    "/api/v1/nope": 404,
    "/api/v1/search?q=%22": 400,
    "/api/v1/search?limit=101": 400,
    "/api/v1/search?limit=100&page=101": 400,
}


@pytest.mark.parametrize(("path", "status"), API_ERRORS.items())
def test_the_api_explains_errors_as_json(client: FlaskClient, path: str, status: int) -> None:
    response = client.get(path)
    assert response.status_code == status
    assert response.get_json()["error"]


def test_healthz_shows_the_totals(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json() == {
        "status": "ok", "articles": 12345, "in_scope": 4321, "captures": 23456, "portals": 3, "problems": 2, "behind": 3,
        "first_published": "2015-03-01", "last_published": "2024-02-28", "last_fetched": "2024-03-02T19:00:00Z",
    }  # fmt: skip


# --- pure parts ------------------------------------------------------------------------------------------------


def brackets(pieces: tuple[passages.Piece, ...]) -> str:
    marks = {"open": "[", "close": "]"}
    return "".join(marks.get(piece.step, piece.value) for piece in pieces)


WOVEN = (
    ([], "hộ nghèo"),
    ([(0, 2)], "[hộ] nghèo"),
    ([(0, 2), (3, 8)], "[hộ] [nghèo]"),
    ([(0, 8), (3, 8)], "[hộ [nghèo]]"),
    ([(0, 5), (3, 8)], "[hộ [ng]]hèo"),
    ([(3, 3), (8, 9), (-4, 0), (5, 2)], "hộ nghèo"),
    ([(-5, 2), (6, 50)], "[hộ] ngh[èo]"),
)


@pytest.mark.parametrize(("marked", "expected"), WOVEN)
def test_spans_are_cut_to_the_text_and_nested(marked: list[tuple[int, int]], expected: str) -> None:
    assert brackets(passages.weave("hộ nghèo", marked)) == expected


@given(
    st.text(max_size=40), st.lists(st.tuples(st.integers(-9, 60), st.integers(-9, 60)), max_size=12), st.integers(0, 9)
)
def test_weaving_keeps_the_text_and_balances_marks(text: str, marked: list[tuple[int, int]], offset: int) -> None:
    pieces = passages.weave(text, marked, offset)
    assert "".join(piece.value for piece in pieces if piece.step == "text") == text
    depth = 0
    for piece in pieces:
        depth += {"open": 1, "close": -1, "text": 0}[piece.step]
        assert depth >= 0
    assert depth == 0


def test_every_quote_is_anchored_once_at_its_own_words(client: FlaskClient) -> None:
    entry = plan()
    page = client.get(f"/articles/{PLAN}").text
    for start, end in passages.spans(entry.enrichment):
        assert page.count(f'id="{passages.anchor(start, end)}"') == 1
    for claim in entry.enrichment.claims:
        assert f'id="{passages.anchor(claim.start, claim.end)}">{claim.quote.split("120")[0]}' in page


def test_a_quote_across_paragraphs_has_one_anchor() -> None:
    article = replace(plan().article, title="", summary="", body=("một", "hai"), kinds=("p", "p"))
    first, second = passages.prose(article, [(2, 7)]).body
    assert brackets(first.parts[0]) + "|" + brackets(second.parts[0]) == "mộ[t]|[ha]i"
    assert [piece.value for piece in (*first.parts[0], *second.parts[0]) if piece.step == "open"] == ["q2-7", ""]


def test_items_and_rows_that_follow_each_other_are_one_block() -> None:
    kinds = [(block.kind, len(block.parts)) for block in passages.prose(plan().article).body]
    assert kinds == [("p", 1), ("h", 1), ("li", 2), ("caption", 1), ("tr", 2), ("p", 1)]


def facet_values(counts: Mapping[str, int]) -> list[FacetValue]:
    return [FacetValue(value, value, count) for value, count in counts.items()]


def test_the_histogram_shows_years_without_articles() -> None:
    shown = chart.bars(facet_values({"2020": 8, "2023": 4, "2021": 1}))
    assert [(bar.year, bar.count, bar.height) for bar in shown] == [
        (2020, 8, 48),
        (2021, 1, 6),
        (2022, 0, 0),
        (2023, 4, 24),
    ]
    assert all(bar.y + bar.height == chart.HEIGHT and bar.x + bar.width <= chart.WIDTH for bar in shown)


def test_the_histogram_of_strange_years_stays_small() -> None:
    assert chart.bars([]) == ()
    assert len(chart.bars(facet_values({"1": 1, "9999": 2, "x": 3}))) == chart.MOST_BARS


QUERY_WORDS = st.text('abđ ồ"-:/0', max_size=20).map(lambda text: " ".join(text.split()))
REQUESTS = st.builds(
    lambda text, filters, days, sort, page, everything: SearchRequest(
        text, {name: values for name, values in filters.items() if values}, *sorted(days), sort, page, 10, everything
    ),
    QUERY_WORDS,
    st.fixed_dictionaries({name: st.lists(st.text("a1é&=", min_size=1, max_size=5), unique=True, max_size=3).map(tuple) for name in FACETS}),
    st.lists(st.dates(date(1995, 1, 1), date(2030, 1, 1)).map(date.isoformat), min_size=2, max_size=2),
    st.sampled_from(["relevance", "newest", "oldest"]),
    st.integers(1, 1000),
    st.booleans(),
)  # fmt: skip


@given(REQUESTS)
def test_a_search_survives_its_url(asked: SearchRequest) -> None:
    assert query_string.parse(MultiDict(query_string.params(asked))) == asked


@given(REQUESTS, st.sampled_from(FACETS), st.text("a1é&=", min_size=1, max_size=5))
def test_toggling_twice_changes_nothing_but_the_page(asked: SearchRequest, facet: str, value: str) -> None:
    once = query_string.parse(MultiDict(query_string.toggled(asked, facet, value)))
    twice = query_string.parse(MultiDict(query_string.toggled(once, facet, value)))
    assert {k: set(v) for k, v in twice.filters.items()} == {k: set(v) for k, v in asked.filters.items()}
    assert replace(twice, filters={}) == replace(asked, filters={}, page=1)


@given(
    st.dictionaries(
        st.sampled_from([*query_string.PARAMETERS, "x"]), st.lists(st.text(max_size=20), min_size=1, max_size=3)
    )
)
def test_any_parameters_are_understood_or_refused(args: dict[str, list[str]]) -> None:
    try:
        query_string.parse(MultiDict(args))
    except query_string.Refused as refusal:
        assert refusal.reason in ("text", "values", "day", "span", "sort", "page")


def test_both_ways_to_write_a_day_are_understood() -> None:
    for written in ("2020-01-09", "9/1/2020", "09.01.2020"):
        assert query_string.parse(MultiDict({"from": written})).published_from == "2020-01-09"


LINKS = {
    ("https://longbien.hanoi.gov.vn/a", ""): True,
    ("https://a.example/x", "https://a.example/y"): True,
    ("https://a.example/x", ""): False,
    ("https://evilgov.vn/", ""): False,
    ("https://gov.vn.evil.example/", ""): False,
    ("https://gov.vn@evil.example/", ""): False,
    ("javascript:alert(1)//.gov.vn", "javascript:alert(1)//.gov.vn"): False,
    ("urn:x-ansinh:1", "urn:x-ansinh:1"): False,
    ("http://[", ""): False,
    ("//gov.vn/", ""): False,
}


@pytest.mark.parametrize(("urls", "expected"), LINKS.items())
def test_only_government_addresses_and_the_own_portal_become_links(urls: tuple[str, str], expected: bool) -> None:
    assert filters.is_safe_link(*urls) is expected


# --- translation -----------------------------------------------------------------------------------------------

PACKAGE = Path(webui.__file__).parent
CATALOGUE = PACKAGE / "translations" / "en" / "LC_MESSAGES" / "messages.po"


@pytest.fixture(scope="module")
def english() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en")


def messages_of_templates() -> set[str]:
    found = extract_from_dir(PACKAGE, [("templates/**.html", "jinja2")], {"templates/**.html": {"trimmed": "false"}})
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}


def test_every_message_is_translated_and_every_translation_used(english: Catalog) -> None:
    translated = {m.id if isinstance(m.id, str) else m.id[0]: m.string for m in english if m.id}
    assert set(translated) == messages_of_templates(), webui.language.__doc__
    assert [
        id for id, text in translated.items() if not text or not all([text] if isinstance(text, str) else text)
    ] == []
    assert [m.id for m in english if m.fuzzy and m.id] == []


def test_a_translation_names_the_same_values(english: Catalog) -> None:
    for message in english:
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        texts = [message.string] if isinstance(message.string, str) else list(message.string)
        names = {frozenset(re.findall(r"%\((\w+)\)s", text)) for text in ids + texts if message.id}
        assert len(names) <= 1, message.id


def test_the_compiled_catalogue_is_that_of_the_source(english: Catalog) -> None:
    compiled = io.BytesIO()
    write_mo(compiled, english)
    assert compiled.getvalue() == CATALOGUE.with_suffix(".mo").read_bytes(), (
        "run: pybabel compile -d webui/translations"
    )


def test_no_vietnamese_is_left_on_an_english_page(client: FlaskClient) -> None:
    """Vietnamese stands on English pages only where it is marked as such: titles, quotes, names, the query."""
    vietnamese = re.compile("[ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.IGNORECASE)
    for path in (
        "/",
        "/search?place=373",
        f"/articles/{PLAN}",
        "/sources",
        "/captures/CAP0001/about",
        f"/articles/{PLAN}/versions",
    ):
        reader = EnglishText()
        reader.feed(client.get("/en" + path).text)
        assert [text for text in reader.texts if vietnamese.search(text)] == []


class EnglishText(HTMLParser):
    """The texts of a page that no element marks as Vietnamese, and that are not quoted from the archive."""

    VOID = frozenset(("meta", "link", "input", "br", "rect", "path", "text"))

    def __init__(self) -> None:
        super().__init__()
        self.vietnamese: list[bool] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            foreign = ("lang", "vi") in attrs or tag in ("code", "title", "dd") or ("class", "cite") in attrs
            self.vietnamese.append(foreign or bool(self.vietnamese and self.vietnamese[-1]))

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            self.vietnamese.pop()

    def handle_data(self, data: str) -> None:
        if data.strip() and not (self.vietnamese and self.vietnamese[-1]):
            self.texts.append(data)


# --- command ---------------------------------------------------------------------------------------------------


class OneAnswer:
    """A server that listens and stops at once."""

    def __init__(self, application: Flask, **settings: object) -> None:
        self.settings = {"app": application, **settings}

    def run(self) -> None:
        served.append(self.settings)


served: list[dict[str, object]] = []


@pytest.mark.parametrize(
    ("arguments", "trusted"),
    [([], ["127.0.0.1", "localhost"]), (["--host", "0.0.0.0", "--base-url", "https://ansinh.example.vn"], ["127.0.0.1", "localhost", "ansinh.example.vn"])],
)  # fmt: skip
def test_serve_prints_its_address_and_trusts_its_own_names(
    arguments: list[str], trusted: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "create_server", OneAnswer)
    served.clear()
    result = CliRunner().invoke(cli.serve, [*arguments, "--port", "0"], obj=DataDir(tmp_path))
    assert result.exit_code == 0, result.output
    assert re.fullmatch(r"http://[0-9.]+:\d+/\n", result.output)
    app = served[0]["app"]
    assert isinstance(app, Flask)
    assert app.config["TRUSTED_HOSTS"] == trusted
    assert app.config["DATA"] == tmp_path


def test_serve_says_when_the_port_is_taken(tmp_path: Path) -> None:
    with cli.listen("127.0.0.1", 0) as taken:
        port = str(taken.getsockname()[1])
        result = CliRunner().invoke(cli.serve, ["--port", port], obj=DataDir(tmp_path))
    assert result.exit_code != 0
    assert port in result.output


def test_the_package_contributes_its_commands() -> None:
    assert [command.name for command in cli.commands] == ["serve"]
    assert all(isinstance(command, click.Command) and command.help for command in cli.commands)
