"""The web UI over a small archive in memory: every page, in both languages, with hostile text in every field."""

from __future__ import annotations

import csv
import io
import json
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from time import perf_counter
from typing import TypeVar, get_args
from urllib.parse import SplitResult, urljoin, urlsplit

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
from markupsafe import escape
from prometheus_client.parser import text_string_to_metric_families
from werkzeug.datastructures import MultiDict

import webui
from archive.coverage import (
    REASONS,
    Cell,
    CoverageRequest,
    CoverageTable,
    Extent,
    Held,
    Line,
    Span,
    cell_of,
    merged,
    months_of,
    reached,
)
from archive.decisions import FACT_FIELDS, PAGE_FIELDS, Correction, Tombstone
from archive.enrich import labels
from archive.enrich.claims.indicators import load_indicators
from archive.enrich.gazetteer import load_gazetteer
from archive.ledger import make_ledger, make_series
from archive.models import (
    FACETS,
    QUERY_ERRORS,
    TOPICS,
    ArchiveError,
    Article,
    Asked,
    Attachment,
    Capture,
    Change,
    Claim,
    DataDir,
    Document,
    DocumentEntry,
    Enrichment,
    Entry,
    Evidence,
    FacetValue,
    FileReading,
    Hit,
    Host,
    Match,
    Naming,
    NotFound,
    Page,
    Place,
    Portal,
    Problem,
    QueryError,
    Results,
    SearchRequest,
    Snippet,
    Suggestion,
    Totals,
    Unit,
    Version,
    digest,
)
from archive.pledges import (
    PLEDGE_FACETS,
    VERDICTS,
    Coverage,
    Pledge,
    PledgePage,
    PledgeRequest,
    Series,
    Statement,
    VerdictKind,
)
from archive.runs import Alert, Cause, Figures, Health, PortalState, Run
from archive.search import Reading, ask
from archive.search.snippet import why
from archive.text import decode, fold_text
from tests.pace import assert_within
from webui import (
    api,
    browse,
    capture,
    chart,
    cli,
    coverage,
    create_app,
    explained,
    filters,
    inert,
    passages,
    places,
    query_string,
    sanitise,
    series,
)

Key = TypeVar("Key")
Value = TypeVar("Value")

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}"

GIA_VIEN = Place(
    "373", "373", "Huyện Gia Viễn", "Huyện", "Tỉnh Ninh Bình", "Tỉnh Ninh Bình",
    successors=("Xã Gia Viễn", "Xã Gia Hưng", "Xã Gia Vân"),
)  # fmt: skip
LONG_BIEN = Place("004", "004", "Quận Long Biên", "Quận", "Thành phố Hà Nội", "Thành phố Hà Nội")

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
            Attachment("Kế hoạch 15.pdf", "https://giavien.ninhbinh.gov.vn/kh15.pdf", "pdf", "S1", "PDF1", True),
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
    mentioned = replace(LONG_BIEN, role="mentioned")
    candidates = Enrichment(places=(mentioned,), place_candidates=(GIA_VIEN, LONG_BIEN))
    return make_entry(3, article, candidates, status="gone")


def hostile() -> Entry:
    """An article with hostile text in every field that a captured page can fill."""
    x = HOSTILE
    article = Article(
        "longbien", "h", f"javascript:alert(1)//{x}", f"Tiêu đề {x}", (x, x, x, x, x), ("p", "h", "li", "tr", "caption"),
        section=x, summary=x, author=x, source=x, language="vi",
        attachments=(Attachment(x, f"javascript:{x}", x, None, None), Attachment(x, f"https://a.gov.vn/{x}", x, "S2", "PDF1")),
        published="2022-05-05T10:00:00+07:00", published_source="page",
    )  # fmt: skip
    place = replace(GIA_VIEN, name=x, province=x, province_now="y" + x, commune=x, successors=(x,))
    enrichment = Enrichment(
        places=(place,), years=(2022,), topics=("tre-em",),
        documents=(Document("D3", x, x, x, None, "cites"),),
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


def parent_of(place: str) -> str | None:
    """Return the province of a district; None for a province."""
    province = labels.province_of(place)
    return None if province == place else province


READINGS = {
    "S1": FileReading("text", size=1_234_567, partial=True),
    "S2": FileReading("unreadable", size=1, note=HOSTILE),
}


class FakeArchive:
    """The read side of the archive, in memory, with a search that finds the articles holding every word asked for."""

    opened: Counter[str] = Counter()
    refusal = ""

    def __init__(self, data: DataDir) -> None:
        self.opened["open"] += 1
        self.data = data

    def close(self) -> None:
        self.opened["close"] += 1

    def search(self, request: SearchRequest) -> Results:
        asked = ask(request.text)
        words = fold_text(request.text).split()
        found = [
            e for e in ENTRIES if (request.all or e.enrichment.topics) and self._has(e, words) and self._in(e, request)
        ]
        ordered = sorted(found, key=lambda e: e.article.published or "", reverse=request.sort != "oldest")
        first = (request.page - 1) * request.limit
        hits = tuple(self._hit(entry, request.text) for entry in ordered[first : first + request.limit])
        facets = {name: tuple(self._counts(name, words, request)) for name in FACETS}
        suggestion = None if found else Suggestion("giảm nghèo", ())
        understood = tuple(clause.asked for clause in asked.clauses)
        return Results(request.text, len(found), hits, facets, suggestion, 1.5, behind=3, asked=understood)

    def get_document(self, id: str) -> DocumentEntry:
        return self._one({document.id: document for document in DOCUMENTS}, id)

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

    def file_readings(self, article: Article) -> dict[str, FileReading]:
        return {file.sha256: READINGS[file.sha256] for file in article.attachments if file.sha256 in READINGS}

    def corrections(self, id: str) -> tuple[Correction, ...]:
        return CORRECTIONS if id == HOSTILE_ID else ()

    def blanks(self, id: str) -> tuple[Tombstone, ...]:
        return (Tombstone(HOSTILE, "2026-02-03"),) if id == HOSTILE_ID else ()

    def pledges(self, request: PledgeRequest) -> PledgePage:
        found = [pledge for pledge in LEDGER if self._pledged(pledge, request.filters)]
        first = (request.page - 1) * request.limit
        facets = {name: tuple(self._tally(name, found)) for name in PLEDGE_FACETS}
        return PledgePage(len(found), tuple(found[first : first + request.limit]), facets, pending=2)

    def every_pledge(self, filters: Mapping[str, Collection[str]]) -> Iterator[Pledge]:
        return (pledge for pledge in LEDGER if self._pledged(pledge, filters))

    def get_pledge(self, id: str) -> Pledge:
        return self._one({pledge.id: pledge for pledge in LEDGER}, id)

    def article_pledges(self, id: str) -> tuple[Pledge, ...]:
        return tuple(
            replace(one, sources=(replace(one.sources[0], claim=plan().enrichment.claims[0]),))
            for one in LEDGER[:2]
            if id == PLAN
        )

    def place_series(self, place: str) -> tuple[Series, ...]:
        return make_series([one for one in STATEMENTS if one.place == place], load_indicators())

    @staticmethod
    def _facets_of(pledge: Pledge) -> dict[str, str]:
        indicator = load_indicators()[pledge.target.indicator]
        return {"place": pledge.place, "year": str(pledge.target.year), "indicator": indicator.id, "topic": indicator.topic,
                "verdict": pledge.verdict.kind}  # fmt: skip

    def _pledged(self, pledge: Pledge, filters: Mapping[str, Collection[str]]) -> bool:
        return all(self._facets_of(pledge)[name] in values for name, values in filters.items())

    def _tally(self, name: str, found: list[Pledge]) -> Iterator[FacetValue]:
        for value, count in Counter(self._facets_of(pledge)[name] for pledge in found).most_common():
            yield FacetValue(value, labels.place_label(value) if name == "place" else value, count)

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

    def health(self, names: Collection[str] | None = None) -> tuple[Health, ...]:
        return tuple(one for one in HEALTH if names is None or one.portal in names)

    def runs(self, portal: str, limit: int) -> tuple[Run, ...]:
        return tuple(replace(run, portal=portal) for run in RUNS[:limit]) if portal != "tinhnao" else ()

    def problems(self, portal: str | None = None) -> tuple[Problem, ...]:
        return PROBLEMS if portal == "giavien" else ()

    def uncrawled(self) -> tuple[Portal, ...]:
        return UNCRAWLED

    def unready(self) -> None:
        return None

    def extent(self) -> Extent:
        return Extent(12345, 4321, 2, 57, 2, 741)

    def coverage(self, request: CoverageRequest) -> CoverageTable:
        return covering(request)

    def totals(self) -> Totals:
        return Totals(12345, 4321, 23456, 3, 2, "2015-03-01", "2024-02-28", "2024-03-02T19:00:00Z", 3)

    def portal_title(self, name: str) -> str:
        return next((portal.title for portal in PORTALS if portal.name == name), name)

    def topic_label(self, slug: str, language: str) -> str:
        return TOPIC_LABELS[language].get(slug, slug)

    def place_label(self, id: str) -> str:
        return labels.place_label(id)

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
            "place": [*subjects, *filter(None, map(labels.province_of, subjects))],
            "year": list(map(str, facts.years)),
            "topic": list(facts.topics),
            "kind": [document.kind for document in entry.enrichment.documents if document.role == "announces"],
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
            named = {"place": self.place_label, "topic": lambda v: TOPIC_LABELS["vi"][v]}
            parent = parent_of(value) if name == "place" else None
            yield FacetValue(value, named.get(name, str)(value), count, parent)

    @staticmethod
    def _hit(entry: Entry, typed: str) -> Hit:
        first = (typed.split() or [""])[0].lower()
        at = entry.article.title.lower().find(first)
        spans = ((at, at + len(first)),) if first and at >= 0 else ()
        text = entry.article.body[0]
        matches = why(ask(typed), (Reading(entry.article.title, "title"), Reading(text, "text")))
        return Hit(entry, spans, Snippet(text, ((0, min(8, len(text))),)), 1.0, matches)


RUNS = tuple(
    Run(
        f"20240{n // 28 + 1}{n % 28 + 1:02}T180000Z", "giavien", "live", f"2024-0{n // 28 + 1}-{n % 28 + 1:02}T18:00:00Z",
        f"2024-0{n // 28 + 1}-{n % 28 + 1:02}T18:09:00Z", "failed" if n > 57 else "ok", 210, n % 4, 1, 200, 2,
        note=HOSTILE if n > 57 else "", cause="selector" if n > 57 else None,
        figures=Figures(40, 0 if n > 57 else 30 + n % 7, 12, 12, 11, 10),
    )
    for n in range(59, -1, -1)
)  # fmt: skip
HEALTH = (
    Health("giavien", "failing", "2024-02-28T18:00:00Z", Alert("giavien", "R1", "2024-03-01T18:00:00Z", 2, "selector", HOSTILE)),
    Health("longbien", "warning", "2024-03-02T18:00:00Z", None, (HOSTILE, "5 articles seen, 20 on most nights")),
    Health("tinhnao", "never", None),
)  # fmt: skip
PROBLEMS = tuple(
    Problem("giavien", "CAP0001", f"https://giavien.ninhbinh.gov.vn/{HOSTILE if n == 1 else n}", "extract", HOSTILE, "2024-03-01T18:00:00Z")
    for n in range(60)
)  # fmt: skip
UNCRAWLED = (
    Portal("kimson", "Trang thông tin điện tử huyện Kim Sơn", "vnpt", (Host("kimson.ninhbinh.gov.vn"),), "https://kimson.ninhbinh.gov.vn/", (Unit("376"),)),
    Portal("khac", HOSTILE, "generic", (), "javascript:alert(1)", province=HOSTILE),
)  # fmt: skip
REACHED = {
    "373": (reached(PORTALS[0], ("2012-01-01", "2025-06-30"), "2024-03-02T18:08:00Z", HEALTH[0]),),
    "004": (
        reached(PORTALS[1], ("2014-01-01", "2025-06-30"), "2024-03-02T19:00:00Z", HEALTH[1]),
        reached(PORTALS[2], ("2012-01-01", "2013-12-31"), None, Health("tinhnao", "retired", None)),
    ),
}  # fmt: skip


def covering(request: CoverageRequest) -> CoverageTable:
    """A table in which every reason occurs, of the places that were asked for."""
    if request.place == "nowhere" or request.province == "nowhere":
        raise NotFound("no such place")
    years, span = tuple(range(2012, 2027)), Span("2013-03-01", "2025-06-30")
    place = request.place if request.place in REACHED else "373"
    owned = () if request.place and request.place != place else REACHED[place]

    def month(name: str) -> Cell:
        number = int(name[:4]) * 12 + int(name[5:])
        held = Held((0, 1, 4, 12, 25, 60, 0)[number % 7], number % 5 == 0, number % 10 == 0)
        return cell_of(name, span, [(one, held if one.portal != "tinhnao" else Held()) for one in owned])

    by_year = [tuple(map(month, months_of(year))) for year in years]
    undated = Cell(3, missing=2)
    if request.place in (*REACHED, "376"):
        lines = [Line(str(year), cells, owned) for year, cells in zip(years, by_year, strict=True)][::-1]
        lines[0] = replace(lines[0], undated=undated)
        return CoverageTable(
            "year", tuple(f"{n:02}" for n in range(1, 13)), tuple(lines), years, "2024-03-02T19:00:00Z"
        )
    chosen = by_year[years.index(request.year)] if request.year else tuple(map(merged, by_year))
    columns = tuple(months_of(request.year)) if request.year else tuple(map(str, years))
    keys = ("373", "004", "376", "") if request.province or request.place else ("01", "37", "79", "")
    lines = [Line(key, chosen, REACHED.get(key, ()), undated) for key in keys]
    return CoverageTable("place" if "373" in keys else "province", columns, tuple(lines), years, "2024-03-02T19:00:00Z")


ENTRIES = (plan(), reprint(), undated(), hostile(), *map(routine, range(30)))
CAPTURES = {held.id: held for entry in ENTRIES for held in entry.captures} | {
    "PDF1": make_capture(5, id="PDF1", mime="application/pdf", url='https://a.gov.vn/x/..%2f..%2fkế%20"hoạch".pdf'),
    "HUGE": make_capture(6, id="HUGE"),
}
PLAN, HOSTILE_ID = ENTRIES[0].id, ENTRIES[3].id
DOCUMENTS = (
    DocumentEntry(
        "D1", "15/KH-UBND", "Kế hoạch", "UBND huyện Gia Viễn", "2021-01-15",
        (Naming(PLAN, plan().article.title, "2021-01-18", "announces"), Naming(reprint().id, reprint().article.title, None, "cites")), 3,
    ),
    DocumentEntry("D2", "06/KH-UBND", "Kế hoạch", None, None, (Naming(PLAN, "Một bài", None, "cites"),), 1),
    DocumentEntry("D3", HOSTILE, HOSTILE, HOSTILE, None, (Naming(HOSTILE_ID, HOSTILE, None, "announces"),), 1),
)  # fmt: skip


def told(id: str, kind: str, indicator: str, value: float, **changes: object) -> Statement:
    """A statement of the plan: a claim of Gia Viễn for 2021 at the words of its first claim, or those of its second."""
    base = plan().enrichment.claims[kind == "result"]
    claim = {name: changes.pop(name) for name in list(changes) if hasattr(base, name) and name != "article"}
    whole = replace(base, **{  # type: ignore[arg-type]
        "id": id, "indicator": indicator, "value": value, "comparator": "=", "year": 2021, "period": None, **claim
    })  # fmt: skip
    about: dict[str, object] = {
        "article": PLAN, "title": plan().article.title, "url": plan().article.url, "portal": "giavien",
        "published": "2021-01-18" if kind == "target" else "2021-12-30", "capture": "CAP0001", "sha256": "ab" * 32,
    }  # fmt: skip
    return Statement(whole, **(about | changes))  # type: ignore[arg-type]


STATEMENTS = (
    told("K1", "target", "jobs_created", 4000, direction="total", unit="người"),
    told("K2", "result", "jobs_created", 4100, direction="total", unit="người", decided="corrected"),
    told("P1", "target", "poor_hh_count", 120, decided="confirmed"),
    told("P2", "result", "poor_hh_count", 100),
    told("P3", "result", "poor_hh_count", 12, place="373/Xã Gia Hưng"),
    told("L1", "target", "voc_trained", 200, direction="total", unit="người", year=2020),
    told("L2", "result", "voc_trained", 220, direction="total", unit="người", year=2021, period="2020-2021"),
    told("N1", "target", "labour_export", 50, direction="total", unit="người"),
    told("N2", "result", "labour_export", 20, direction="total", unit="người"),
    told("N3", "result", "labour_export", 30, direction="total", unit="người", published="2021-12-31"),
    told("I1", "target", "job_fairs", 4, direction="total", unit="phiên"),
    told("I2", "result", "job_fairs", 2, direction="total", unit="phiên", period="6 tháng đầu năm", published="2021-07-01"),
    told("D0", "result", "poor_hh_rate", 3.0, direction="level", unit="%", year=2016),
    told("D1", "target", "poor_hh_rate", 2.0, direction="level", unit="%", year=2017),
    told("D2", "result", "poor_hh_rate", 2.2, direction="level", unit="%", year=2017),
    told("D3", "target", "poor_hh_rate", 3.5, direction="level", unit="%", year=2022, assigner="Tỉnh"),
    told("Z1", "target", "near_poor_hh_count", 0, direction="level", unit="hộ"),
    told("Z2", "result", "near_poor_hh_count", 3, direction="level", unit="hộ"),
    told("H1", "target", "hi_coverage", 95.5, direction="level", unit="%", year=2023),
    told("X1", "target", "osh_trained", 5, direction="total", unit=HOSTILE, assigner=HOSTILE, sub_population=HOSTILE, period=HOSTILE,
         quote=HOSTILE, article=HOSTILE_ID, title=HOSTILE, url="javascript:alert(1)", portal="tinhnao", start=0, end=len(HOSTILE)),
)  # fmt: skip
NOTHING = {
    "hi_coverage": Coverage("2023-01-01", "2024-12-31", ("giavien",), {"giavien": 12}, 0, 0),
    "osh_trained": Coverage("0001-01-01", "9999-12-31", (), {}, 0, 0),
    "job_fairs": Coverage("2021-01-01", "2022-12-31", ("giavien",), {"giavien": 12}, 3, 0),
    "poor_hh_rate": Coverage("2022-01-01", "2023-12-31", ("giavien", "longbien"), {"giavien": 12}, 0, 2),
}
LEDGER = tuple(
    replace(pledge, coverage=NOTHING[pledge.target.indicator])
    if pledge.verdict.kind in ("interim", "no-report")
    else pledge
    for pledge in make_ledger(STATEMENTS, load_indicators())
)
PLEDGES = {pledge.target.id: pledge for pledge in LEDGER}
CORRECTIONS = tuple(
    Correction(HOSTILE_ID, "0" * 64, field, HOSTILE, HOSTILE, "2026-02-01", HOSTILE)
    for field in PAGE_FIELDS + FACT_FIELDS
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The pages over one archive; made once, for its templates are read and compiled by each app anew."""
    return create_app({"OPEN_ARCHIVE": FakeArchive, "DATA": tmp_path_factory.mktemp("data"), "TESTING": True})


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
    "/sources/giavien": "Bố cục trang đã đổi",
    "/sources/longbien?page=1": "Các lượt thu thập",
    "/sources/tinhnao": "Chưa chạy lần nào",
    "/coverage": "Kho đã thu thập đến đâu",
    "/coverage?year=2020": "Hà Nội",
    "/coverage?province=37": "Huyện Kim Sơn",
    "/coverage?province=37&year=2020": "07/2020",
    "/coverage?place=373": "Trang nguồn của địa bàn",
    "/coverage?place=004&year=2013": "trang nguồn đã đóng hoặc đổi chủ",
    "/coverage?place=376": "chưa có trang nguồn nào",
    "/topics/giam-ngheo": "Giảm nghèo",
    "/places/373": "Xã Gia Hưng",
    "/places/37": "Huyện Gia Viễn",
    "/places/00145": "trước đây thuộc",
    "/documents/D1": "Bài công bố văn bản",
    "/documents/D2": "Không rõ: các bài không nói cơ quan nào ban hành",
    "/pledges": "10 cam kết",
    "/pledges?verdict=kept&year=2021&place=373&indicator=jobs_created&topic=viec-lam": "4.100",
    "/pledges?year=1999": "Không có cam kết nào khớp",
    **{f"/pledges/{pledge.id}": "Phép tính" for pledge in LEDGER},
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
    "/sources/giavien": "The page layout has changed",
    "/sources/longbien?page=1": "Crawls",
    "/sources/tinhnao": "Never run",
    "/coverage": "How far the archive reaches",
    "/coverage?year=2020": "Hà Nội",
    "/coverage?province=37": "Huyện Kim Sơn",
    "/coverage?province=37&year=2020": "July 2020",
    "/coverage?place=373": "Portals of this place",
    "/coverage?place=004&year=2013": "portal closed or handed over",
    "/coverage?place=376": "No portal of this place",
    "/topics/giam-ngheo": "Poverty reduction",
    "/places/373": "now part of",
    "/places/37": "Districts, towns and cities",
    "/places/00145": "formerly part of",
    "/documents/D1": "Articles that announce it",
    "/documents/D2": "do not say which office issued it",
    "/pledges": "10 pledges",
    "/pledges?verdict=kept&year=2021&place=373&indicator=jobs_created&topic=viec-lam": "4,100",
    "/pledges?year=1999": "No pledge matches",
    **{f"/pledges/{pledge.id}": "Arithmetic" for pledge in LEDGER},
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


MISSING = ("/nowhere", "/articles/NOPE", "/articles/NOPE/versions", "/captures/NOPE/about", "/topics/nope", "/places/nope", "/documents/NOPE", "/pledges/NOPE", "/places/373/series/0.svg", "/places/373/series/99.svg",
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
    "q=%22a b c d e f g h i%22": "8",
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
    assert 'value="&#34;a b c d e f g h i"' in client.get("/search?q=%22a b c d e f g h i").text
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


def page_kind(target: SplitResult) -> str:
    """Say what a page is one of: a search with the same parameters (of more than three, any), a place of the same level."""
    names = sorted(set(re.findall(r"(\w+)=", target.query)))
    path = re.sub(r"(?<=/places/)[\d-]+", lambda code: str(len(code[0])), target.path)
    return f"{path}?{'&'.join(names if len(names) < 4 else ['many'])}"


def test_every_link_of_the_site_leads_somewhere(client: FlaskClient) -> None:
    """Crawl a page of each kind; anchors must exist on the page they point to."""
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
            kind = page_kind(target)
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
    assert '<strong lang="vi">giảm nghèo</strong>' in page
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
    rows = re.split("<tr>|<li>", client.get("/sources").text)
    assert "mới thử trên trang mẫu" in next(row for row in rows if "huyện Gia Viễn" in row)
    assert "đã thu thập trực tiếp ngày" in next(row for row in rows if "quận Long Biên" in row)


def test_a_connection_that_was_not_verified_is_told_on_the_article_and_its_capture(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"": "kết nối không được xác minh", "/en": "connection was not verified"}
    table = {"": "<small>kết nối không được xác minh</small>", "/en": "<small>connection not verified</small>"}
    about = {"": "chứng thư bảo mật của máy chủ không được kiểm tra", "/en": "nobody checked the server's security"}
    for prefix in ("", "/en"):
        assert told[prefix] not in client.get(f"{prefix}/articles/{PLAN}").text
        assert about[prefix] not in client.get(f"{prefix}/captures/CAP0001/about").text
    first, latest = plan().captures
    shown = replace(plan(), captures=(first, replace(latest, tls="unverified")))
    monkeypatch.setattr(FakeArchive, "get_entry", lambda *_: shown)
    monkeypatch.setattr(FakeArchive, "get_capture", lambda *_: shown.captures[1])
    for prefix in ("", "/en"):
        page = client.get(f"{prefix}/articles/{PLAN}").text
        assert told[prefix] in page
        assert page.count(table[prefix]) == 1
        assert about[prefix] in unescape(client.get(f"{prefix}/captures/CAP0001/about").text)
    said = client.get(f"/api/v1/articles/{PLAN}").get_json()
    assert (said["tls"], [capture.get("tls") for capture in said["captures"]]) == ("unverified", [None, "unverified"])


def test_an_article_whose_text_was_first_seen_over_a_verified_connection_says_nothing(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, latest = plan().captures
    shown = replace(plan(), captures=(replace(first, tls="unverified"), latest))
    monkeypatch.setattr(FakeArchive, "get_entry", lambda *_: shown)
    page = client.get(f"/articles/{PLAN}").text
    assert "Lúc tải bài này về" not in page
    assert page.count("kết nối không được xác minh") == 1  # beside the older capture
    assert client.get(f"/api/v1/articles/{PLAN}").get_json().get("tls") is None


def test_a_portal_whose_certificate_is_not_checked_says_so(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = {"": "chứng thư bảo mật của máy chủ không được kiểm tra", "/en": "security certificate is not checked"}
    assert [words[prefix] in unescape(client.get(f"{prefix}/sources/giavien").text) for prefix in words] == [False] * 2
    states = tuple(
        replace(state, portal=replace(state.portal, tls="unverified"))
        for state in FakeArchive.portal_states(None)  # type: ignore[arg-type]
    )
    monkeypatch.setattr(FakeArchive, "portal_states", lambda _: states)
    assert [words[prefix] in unescape(client.get(f"{prefix}/sources/giavien").text) for prefix in words] == [True] * 2
    monkeypatch.setattr(FakeArchive, "runs", lambda *_: (RUNS[0], replace(RUNS[1], certificate="ab" * 32)))
    assert f"{'ab' * 8}…" in client.get("/sources/giavien").text


# --- places ----------------------------------------------------------------------------------------------------


def links_of(page: str) -> list[str]:
    return Tags(page).values("href", "a")


def test_the_place_facet_nests_districts_in_their_province(client: FlaskClient) -> None:
    page = client.get("/search").text
    facet = page[page.index('id="facet-place"') : page.index('id="facet-year"')]
    assert re.search(
        r'place=37".*?Tỉnh Ninh Bình</span>.*?<details>.*?Các địa bàn thuộc.*?place=373".*?>Huyện Gia Viễn</span>', facet, re.DOTALL
    )  # fmt: skip
    assert "Huyện Gia Viễn, Tỉnh Ninh Bình" not in facet


@pytest.mark.parametrize(("chosen", "opened"), [("373", 1), ("37", 1), ("004", 1), ("373&place=004", 2)])
def test_a_province_is_open_where_something_in_it_is_chosen(client: FlaskClient, chosen: str, opened: int) -> None:
    page = client.get(f"/search?place={chosen}").text
    assert page.count("<details open>") == opened


def test_a_district_takes_the_place_of_its_province_and_the_province_that_of_its_districts(client: FlaskClient) -> None:
    assert "/search?place=004&place=373" in links_of(client.get("/search?place=37&place=004").text)
    assert "/search?place=004&place=37" in links_of(client.get("/search?place=373&place=004").text)


def test_a_province_finds_what_its_districts_find(client: FlaskClient) -> None:
    counts = [
        re.findall(r'id="count" role="status">(\d+) bài', client.get(f"/search?place={id}").text)
        for id in ("01", "004")
    ]
    assert counts[0] == counts[1] != []  # fmt: skip


def test_what_a_chosen_district_is_part_of_now_is_linked(client: FlaskClient) -> None:
    page = client.get("/search?place=373").text
    assert re.search(r'nay thuộc <a href="/places/\d{5}" lang="vi">Xã ', page)
    assert 'và 4 nơi khác</a>' in page  # fmt: skip


def test_a_merged_province_says_which_one_it_is_part_of_now() -> None:
    app = create_app({"OPEN_ARCHIVE": FakeArchive})
    with app.test_request_context("/"):
        shown = app.jinja_env.get_template("facets.html").module
        assert "Tỉnh Tuyên Quang" in shown.merged("02")  # type: ignore[attr-defined]
        assert shown.merged("08").strip() == ""  # type: ignore[attr-defined]


PROFILES = {
    "004": ("district", "01", "01", None, "00118"),
    "769": ("district", "79", "79", "769-2021", None),
    "024": ("district", "02", "08", None, None),
    "37": ("province", "37", "37", None, None),
    "02": ("province", "02", "08", None, None),
    "00145": ("commune", "01", "01", None, None),
}


@pytest.mark.parametrize(("id", "expected"), PROFILES.items())
def test_a_place_tells_its_province_then_and_now_and_what_it_became(
    id: str, expected: tuple[str, str, str, str | None, str | None]
) -> None:
    unit = places.profile(id)
    assert unit is not None
    kind, province, today, into, largest = expected
    assert (unit.kind, unit.province.id, unit.today.id) == (kind, province, today)
    assert (unit.into.id if unit.into else None) == into
    assert largest is None or unit.became[0].id == largest


def test_every_part_of_every_place_has_a_page_of_its_own_that_leads_back() -> None:
    gazetteer = load_gazetteer()
    for id in (*gazetteer.provinces, *gazetteer.districts):
        unit = places.profile(id)
        assert unit is not None
        for part in unit.became:
            heir = places.profile(part.id)
            assert heir is not None
            assert id in [origin.id for origin in heir.formerly]
        assert not unit.became or sum(part.share or 0 for part in unit.became) == pytest.approx(1)
        assert all(places.profile(part.id) for part in (*unit.formerly, *unit.districts, unit.today, unit.province))
        assert unit.into is None or places.profile(unit.into.id) is not None


def test_no_other_id_is_a_place() -> None:
    assert [places.profile(id) for id in ("", "999", "nope", HOSTILE, "1" * 64)] == [None] * 5


def test_a_province_lists_all_its_districts_with_their_articles(client: FlaskClient) -> None:
    page = client.get("/places/37").text
    assert re.search(r'href="/places/373" lang="vi">Huyện Gia Viễn</a> <span class="count">1\d<', page)
    assert re.search(r'href="/places/376" lang="vi">Huyện Kim Sơn</a> <span class="count">0<', page)
    assert re.search(r'gồm cả địa bàn trước đây của: <a href="/places/35" lang="vi">Tỉnh Hà Nam</a>', page)


def test_a_merged_district_leads_to_the_one_it_was_merged_into(client: FlaskClient) -> None:
    assert 'Đã nhập vào: <a href="/places/769-2021" lang="vi">Thành phố Thủ Đức' in client.get("/places/769").text
    assert 'href="/places/769" lang="vi">Quận 2</a>' in client.get("/places/769-2021").text


VALUES = st.lists(
    st.builds(
        FacetValue, st.sampled_from(["01", "02", "004", "005", "024", "x"]), st.just("Tên, Tỉnh"), st.integers(0, 9)
    ),
    unique_by=lambda row: row.value,
)


@given(VALUES)
def test_the_tree_of_places_keeps_every_value_once(rows: list[FacetValue]) -> None:
    parents = [replace(row, parent=parent_of(row.value)) for row in rows]
    shown = [unit for branch in places.tree(parents) for unit in (branch.row, *branch.units)]
    assert sorted(unit.value for unit in shown) == sorted(row.value for row in rows)
    assert {unit.label for unit in shown} <= {"Tên"}


# --- documents -------------------------------------------------------------------------------------------------


def test_a_document_names_its_issuer_its_articles_and_how_to_cite_it(client: FlaskClient) -> None:
    page = client.get("/documents/D1").text
    assert 'UBND huyện Gia Viễn</span> – <a href="/places/373" lang="vi">Huyện Gia Viễn, Tỉnh Ninh Bình</a>' in page
    announced, cited = page[page.index('id="announced"') : page.index('id="cited"')], page[page.index('id="cited"') :]
    assert f"/articles/{PLAN}" in announced
    assert f"/articles/{reprint().id}" in cited
    assert "và 1 bài khác" in page
    assert "http://localhost/documents/D1" in page
    assert "15/01/2021" in page


def test_a_document_whose_issuer_is_unknown_says_so_and_offers_its_number(client: FlaskClient) -> None:
    page = client.get("/documents/D2").text
    assert "Không rõ: các bài không nói cơ quan nào ban hành" in page
    assert "/search?q=s%E1%BB%91:06/KH-UBND" in links_of(page)


def test_documents_of_articles_and_hits_lead_to_their_page(client: FlaskClient) -> None:
    assert "/documents/D1" in links_of(client.get(f"/articles/{PLAN}").text)
    assert "/documents/D1" in links_of(client.get("/search?q=120+hộ+nghèo").text)
    assert "/en/documents/D1" in links_of(client.get("/en/search?q=120+hộ+nghèo").text)


# --- what was asked, and why it was found ------------------------------------------------------------------------

UNDERSTOOD = {
    "ho đói": '<q lang="vi">ho</q>: gõ không dấu nên tìm mọi cách bỏ dấu|<q lang="vi">đói</q>: đúng dấu như đã gõ',
    '"cai nghiện"': "nguyên cụm, đúng dấu như đã gõ",
    '"cai nghien"': "nguyên cụm, không xét dấu",
    "LĐTBXH": 'viết tắt của <q lang="vi">lao động',
    "hộ nghèo": "kể cả khi viết tắt",
    "4000": "con số; 4000 và 4.000 là một",
    "06/KH-UBND": "số hiệu văn bản",
    "27/7/2020": "ngày 27/07/2020, viết cách nào cũng được",
    "nhà -đất": 'bỏ bài có <q lang="vi">đất</q>',
    "tiêu-đề:đất": "chỉ tìm trong tiêu đề",
    "đói OR rét": "<p>hoặc</p>",
}


@pytest.mark.parametrize(("query", "sentences"), UNDERSTOOD.items())
def test_a_query_is_explained_in_words(client: FlaskClient, query: str, sentences: str) -> None:
    page = client.get("/search", query_string={"q": query}).text
    asked = page[page.index('<details class="asked">') : page.index('id="count"')]
    for sentence in sentences.split("|"):
        assert sentence in asked
    english = client.get("/en/search", query_string={"q": query}).text
    assert "Searching for:" in english


def test_nothing_is_explained_where_nothing_was_asked(client: FlaskClient) -> None:
    assert 'class="asked"' not in client.get("/search?place=373").text


def asked(typed: str, branch: int = 0, **changes: object) -> Asked:
    return replace(Asked(typed, "word", "exact", branch=branch), **changes)  # type: ignore[arg-type]


def test_words_that_are_understood_alike_are_told_as_one() -> None:
    told = explained.explained(
        [asked("lao"), asked("động"), asked("bac", how="folded"), asked("tết", excluded=True), asked("đói", 1)]
    )
    assert [[one.typed for one in branch] for branch in told] == [["lao động", "bac", "tết"], ["đói"]]


def test_a_hit_says_where_and_how_it_holds_the_words(client: FlaskClient) -> None:
    page = client.get("/search?q=120+hộ+nghèo").text
    assert re.search(r"<q lang=\"vi\">120</q>: trong tiêu đề và nội dung, con số", page)
    assert re.search(r"<q lang=\"vi\">hộ nghèo</q>: trong tiêu đề và nội dung, viết đủ hoặc viết tắt", page)


def test_reasons_alike_are_told_as_one() -> None:
    found = [Match("lao", "title", "exact"), Match("lao", "text", "exact"), Match("động", "title", "exact"), Match("động", "text", "exact"), Match("x", "text", "exact")]  # fmt: skip
    assert explained.reasons(found) == (("lao động", "exact", ("title", "text")), ("x", "exact", ("text",)))


def results(**changes: object) -> Results:
    hit = Hit(plan(), (), Snippet("", ()), 1.0, missing=("nghẻo", "xa"))
    held = Results("nghẻo xa", 2, (hit, replace(hit, missing=("nghẻo",))), {}, None, 1.0, partial=True)
    return replace(held, **changes)  # type: ignore[arg-type]


def test_a_partial_answer_says_what_is_left_out(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeArchive, "search", lambda *_: results())
    page = client.get("/search?q=nghẻo+xa").text
    assert 'Không có bài nào đủ các từ. Đang hiện những bài có nhiều từ nhất; mỗi bài ghi rõ còn thiếu từ nào. Bỏ qua: <q lang="vi">nghẻo</q>.' in page  # fmt: skip
    assert 'Không có trong bài: <q lang="vi">nghẻo</q>, <q lang="vi">xa</q></p>' in page
    assert "Nothing has all the words" in client.get("/en/search?q=nghẻo+xa").text


CHANGES = {
    Change("restored", "ngheo", "nghèo"): ("sửa dấu", "marks mended"),
    Change("repaired", "nghòe", "nghèo"): ("sửa lỗi gõ", "a typo mended"),
    Change("renumbered", "6/KH-UBN", "số:6/KH"): ("chỉ lấy phần đã biết", "only the part"),
    Change("unquoted", '"a b"'): ("bỏ dấu ngoặc kép", "quotation marks removed"),
    Change("lifted", "place"): ("bỏ bộ lọc “Địa bàn”", "without the filter “Place”"),
    Change("lifted", "published"): ("bỏ khoảng ngày đăng", "any date"),
    Change("lifted", "scope"): ("tìm cả bài ngoài phạm vi", "also articles out of scope"),
}


@pytest.mark.parametrize(("change", "said"), CHANGES.items())
@pytest.mark.parametrize("total", [0, 2])
def test_a_suggestion_says_what_it_changed(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, change: Change, said: tuple[str, str], total: int
) -> None:
    suggestion = Suggestion("giảm nghèo", (change,))
    monkeypatch.setattr(FakeArchive, "search", lambda *_: results(total=total, suggestion=suggestion))
    assert said[0] in client.get("/search?q=x&place=373").text
    assert said[1] in client.get("/en/search?q=x&place=373").text


def test_a_suggestion_leads_to_the_search_without_what_it_lifted() -> None:
    typed = SearchRequest("x", {"place": ("373",), "year": ("2020",)}, "2020-01-01", None, page=3)
    lifted = Suggestion("y", tuple(Change("lifted", name) for name in ("place", "published", "scope")))
    assert explained.suggested(typed, lifted) == {"q": "y", "year": ["2020"], "all": "1"}
    assert explained.suggested(typed, Suggestion("y", ())) == {"q": "y", "place": ["373"], "year": ["2020"], "from": "2020-01-01"}  # fmt: skip


@pytest.mark.parametrize("code", QUERY_ERRORS)
def test_every_reason_to_refuse_a_query_is_told_in_both_languages(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    def refuse(*_: object) -> Results:
        raise QueryError(code, limit=32, length=300, name="x")

    monkeypatch.setattr(FakeArchive, "search", refuse)
    told = [client.get(f"{prefix}/search?q=a") for prefix in ("", "/en")]
    assert [answer.status_code for answer in told] == [400, 400]
    sentences = {re.search(r"</strong> (.+?)</p>", answer.text)[1] for answer in told}  # type: ignore[index]
    assert len(sentences) == 2


UNKNOWN = {
    "place=999": "Địa bàn <q>999</q>",
    "topic=nope": "Chủ đề <q>nope</q>",
    "year=20": "Năm được đề cập <q>20</q>",
    "kind=Thư": "Loại văn bản <q>Thư</q>",
    "portal=nope": "Trang đăng <q>nope</q>",
    "status=nope": "Trang gốc <q>nope</q>",
}


@pytest.mark.parametrize(("query", "named"), UNKNOWN.items())
def test_a_filter_that_means_nothing_is_called_so(client: FlaskClient, query: str, named: str) -> None:
    page = client.get(f"/search?{query}").text
    assert "Bộ lọc không có trong kho, nên không bài nào khớp:" in page
    assert named in page


def test_filters_that_mean_something_are_not_complained_of(client: FlaskClient) -> None:
    known = "place=373&place=37&place=00145&topic=tre-em&year=1999&kind=Kế+hoạch&kind=Luật&portal=giavien&status=gone"
    assert "Bộ lọc không có trong kho" not in client.get(f"/search?{known}").text


@pytest.mark.parametrize("path", ["/search?q=nghèo", "/places/373", "/topics/giam-ngheo"])
def test_an_index_that_cannot_be_read_is_told_to_readers_and_not_called_an_empty_archive(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(FakeArchive, "refusal", "/srv/data/index: damaged", raising=False)
    for prefix, words in (("", "Hiện chưa tìm được."), ("/en", "Search does not work at the moment.")):
        response = client.get(prefix + path)
        assert response.status_code == 200
        assert words in response.text
        assert 'id="count"' not in response.text
        assert "/srv/data" not in response.text


# --- how facts are known ---------------------------------------------------------------------------------------


def test_every_rule_is_told_in_words() -> None:
    """The names of rules stand as literals in archive/enrich; those that are made up from data are listed here."""
    sources = [path.read_text("utf-8") for path in (Path(webui.__file__).parents[1] / "archive/enrich").glob("*.py")]
    written = set(re.findall(r'"((?:places|years|topics|documents|sensitive)\.(?!toml)[a-z-]+)"', "".join(sources)))
    assert len(written) > 12
    app = create_app({"OPEN_ARCHIVE": FakeArchive})
    with app.test_request_context("/"):
        shown = app.jinja_env.get_template("labels.html").module
        for name in written | {"sensitive.minor", "scope.national", "scope.offence", "scope.field", "scope.nowhere"}:
            assert name not in shown.rule(name)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("confidence", "words"), [(0.3, "chỉ là phỏng đoán"), (0.5, "chưa chắc"), (0.9, "")])
def test_a_fact_that_is_not_certain_is_called_so(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, confidence: float, words: str
) -> None:
    known = Evidence("years", "2021", "years.published", "", None, None, confidence)
    entry = replace(plan(), enrichment=Enrichment(years=(2021,), evidence=(known,)))
    monkeypatch.setattr(FakeArchive, "get_entry", lambda *_: entry)
    page = client.get(f"/articles/{PLAN}").text
    assert page.count('class="doubt"') == bool(words)
    assert words in page


def test_places_that_could_not_be_told_apart_are_offered_with_their_province(client: FlaskClient) -> None:
    page = client.get(f"/articles/{ENTRIES[2].id}").text
    assert "Chưa xác định được; có thể là:" in page
    assert 'href="/places/373" lang="vi">Huyện Gia Viễn, Tỉnh Ninh Bình</a>' in page


def test_the_facts_of_an_article_link_to_what_its_district_became(client: FlaskClient) -> None:
    assert 'href="/places/14482" lang="vi">Xã Gia Hưng</a>' in client.get(f"/articles/{PLAN}").text


FLAGS = {
    "minor": "trẻ em",
    "victim": "nạn nhân",
    "rehab": "người cai nghiện",
    "id-number": "số giấy tờ tùy thân",
    "list-of-persons": "danh sách người",
}


@pytest.mark.parametrize(("flag", "words"), FLAGS.items())
def test_an_article_about_people_who_need_protection_says_so(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, flag: str, words: str
) -> None:
    monkeypatch.setattr(FakeArchive, "get_entry", lambda *_: replace(plan(), enrichment=Enrichment(sensitive=(flag,))))
    assert f"Bài này có: {words}. Để bảo vệ" in client.get(f"/articles/{PLAN}").text


# --- safety ----------------------------------------------------------------------------------------------------

EVERYTHING = [*PAGES, *("/en" + path for path in PAGES), *MISSING, "/search?page=0", "/healthz", "/robots.txt", "/static/style.css",
              "/captures/CAP0001", "/captures/PDF1", "/captures/NOPE", "/metrics", "/sources/giavien/runs.svg", "/coverage?year=x", "/api/v1/coverage", "/places/373/series/1.svg", "/en/places/373/series/1.svg", "/pledges?name=a", "/api/v1/pledges", "/api/v1/search", f"/api/v1/articles/{PLAN}", "/api/v1/nope"]  # fmt: skip


@pytest.mark.parametrize("path", EVERYTHING)
def test_every_answer_is_guarded_and_sets_no_cookie(client: FlaskClient, path: str) -> None:
    headers = client.get(path, buffered=True).headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "script-src" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize("path", [*PAGES, *("/en" + path for path in PAGES)])
def test_no_page_has_scripts_or_styles_of_its_own(client: FlaskClient, path: str) -> None:
    tags = Tags(client.get(path).text)
    assert not {"script", "style"} & {tag for tag, _ in tags.tags}
    assert not [name for _, attrs in tags.tags for name in attrs if name == "style" or name.startswith("on")]


@pytest.mark.parametrize("prefix", ["", "/en"])
@pytest.mark.parametrize(
    "path", [f"/articles/{HOSTILE_ID}", "/documents/D3", f"/articles/{HOSTILE_ID}/versions", f"/articles/{HOSTILE_ID}/versions/1", "/sources", "/sources/tinhnao", "/coverage?place=004", f"/coverage?name={HOSTILE}", "/",
             "/search?year=2022", "/search", f"/pledges/{PLEDGES['X1'].id}", "/pledges?indicator=osh_trained", f"/pledges?name={HOSTILE}", f"/pledges?year={HOSTILE}",
             f"/search?q={HOSTILE}", f"/search?q={HOSTILE}&sort=x", f"/search?place={HOSTILE}"]
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


@pytest.mark.parametrize(
    ("prefix", "said"),
    [
        ("", "(PDF, 1,2 MB; đã đọc chữ để tìm kiếm, chỉ phần đầu vì tệp quá dài)"),
        ("/en", "(PDF, 1.2 MB; its text was read for searching, only its beginning, as the file is too long)"),
    ],
)
def test_an_attachment_says_what_became_of_its_text(client: FlaskClient, prefix: str, said: str) -> None:
    page = client.get(f"{prefix}/articles/{PLAN}").text
    assert said in " ".join(page.split())
    assert page.count("S1") == 0


@pytest.mark.parametrize(
    ("count", "said"), {1: "1 kB", 999_499: "999 kB", 1_000_000: "1 MB", 2_449_999: "2,4 MB"}.items()
)
def test_sizes_are_said_as_people_say_them(app: Flask, count: int, said: str) -> None:
    with app.test_request_context():
        assert filters.size(count) == said


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


SAID = {
    ("text/html", 'attachment; filename="ke-hoach 74.pdf"'): "C-ke-hoach_74.pdf",
    ("application/pdf", ""): "C-Download.ashx.pdf",
    ("application/msword", "attachment; filename=kh.DOC"): "C-kh.DOC",
    ("application/pdf", "attachment; filename*=UTF-8''k%E1%BA%BF%20ho%E1%BA%A1ch.pdf"): "C-kế_hoạch.pdf",
    ("application/pdf", 'attachment; filename="' + "kế hoạch.pdf".encode().decode("latin-1") + '"'): "C-kế_hoạch.pdf",
    ("application/pdf", 'inline; filename="../../.bashrc"'): "C-bashrc.pdf",
    ("application/octet-stream", "nonsense; ; =;filename"): "C-Download.ashx",
}


@pytest.mark.parametrize(("said", "name"), SAID.items())
def test_a_download_is_called_as_its_server_called_it(said: tuple[str, str], name: str) -> None:
    held = make_capture(1, id="C", url="https://a.vn/Download.ashx?id=7", mime=said[0])
    assert capture.file_name(held, said[1]).startswith(name)


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_server_can_make_a_name_that_harms(url: str, said: str) -> None:
    name = capture.file_name(make_capture(1, id="C", url="https://a.vn/" + url), f'attachment; filename="{said}"')
    assert re.fullmatch(r"C-[\w.-]{1,110}", name)


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


def test_the_memory_limit_stops_a_page_of_90_kb_that_would_fill_gigabytes(tmp_path: Path) -> None:
    limit, patient = f"CPU_SECONDS = {inert.CPU_SECONDS}\n", tmp_path / "inert.py"
    source = Path(inert.__file__).read_text("utf-8")
    assert limit in source
    patient.write_text(source.replace(limit, "CPU_SECONDS = 60\n"), "utf-8")  # a slow machine meets that limit first
    asked = json.dumps({"content": BOMBS["formatting"], "url": "https://a.vn/"}).encode()
    child = subprocess.run([sys.executable, "-I", str(patient)], input=asked, capture_output=True, check=False)
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
    assert_within(lambda: decode(body, "text/html; charset=punycode"), 1)  # it takes 0.04 s, punycode three minutes


@given(st.binary(max_size=400))
def test_any_bytes_become_an_inert_document(body: bytes) -> None:
    shown = inert.document(decode(b"<p onclick=x>" + body), "https://a.vn/")
    assert not re.search(r"<(?:script|iframe|form|style)\b", shown, re.IGNORECASE)


# --- pledges ---------------------------------------------------------------------------------------------------


RECKONED: dict[str, tuple[VerdictKind, str, tuple[str, ...]]] = {
    "K1": ("kept", "4.100 ÷ 4.000 = 102,5%", ("đã có người đính chính", "từ 100 % chỉ tiêu trở lên")),
    "P1": ("partly", "100 ÷ 120 = 83,33%", ("đã có người kiểm tra", "Từ các đơn vị thành phần", "Xã Gia Hưng")),
    "L1": ("partly", "220 ÷ 200 = 110%", ("nhưng sau kỳ đã hẹn", "số sau kỳ")),
    "N1": ("not-reached", "30 ÷ 50 = 60%", ("Các nguồn nêu số khác nhau", "dưới 75 %")),
    "I1": ("interim", "2 ÷ 4 = 50%", ("chưa kết luận", "Có trang không lấy được", "01/2021")),
    "D1": ("partly", "(3 − 2,2) ÷ (3 − 2) = 80%", ("Mức đầu kỳ", "quãng đường")),
    "D3": ("no-report", "Chưa có con số nào để tính", ("Có trang chưa đọc được", "Tỉnh")),
    "Z1": ("not-reached", "3 &gt; 0", ("Chỉ tiêu bằng không thì chỉ có đạt hoặc chưa đạt",)),
    "H1": ("no-report", "Chưa có con số nào để tính", ("Đã thu thập, không thấy", "12/2024")),
    "X1": ("no-report", "Chưa có con số nào để tính", ("Chưa thu thập", "không giới hạn thời gian")),
}


@pytest.mark.parametrize("id", RECKONED)
def test_every_verdict_is_reckoned_in_words(client: FlaskClient, id: str) -> None:
    kind, sum, words = RECKONED[id]
    page = client.get(f"/pledges/{PLEDGES[id].id}").text
    assert PLEDGES[id].verdict.kind == kind
    assert f'class="verdict {kind}"' in page
    for said in (sum, *words):
        assert said in page


def test_the_samples_have_every_verdict() -> None:
    assert {kind for kind, _, _ in RECKONED.values()} == set(VERDICTS)
    assert set(RECKONED) == set(PLEDGES)


def test_a_pledge_shows_both_sentences_in_context_with_their_captures(client: FlaskClient) -> None:
    page = client.get(f"/pledges/{PLEDGES['P1'].id}").text
    assert re.search(r"Theo kế hoạch, năm 2021 huyện <mark>phấn đấu giảm ít nhất 120 hộ nghèo</mark>, đưa tỷ lệ", page)
    assert re.search(r"<mark>Năm 2020, toàn huyện đã giảm 135 hộ nghèo</mark>, vượt chỉ tiêu tỉnh giao", page)
    target = PLEDGES["P1"].target
    assert f"/articles/{PLAN}#{passages.anchor(target.start, target.end)}" in page
    assert page.count("/captures/CAP0001/about") == 3  # the target, the result and that of a part
    assert page.count("ab" * 32) == 5  # those three and the two that are cited


def test_the_words_of_a_guarded_article_are_told_only_on_its_own_page(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    guarded = replace(plan(), enrichment=replace(plan().enrichment, sensitive=("victim",)))
    monkeypatch.setattr(FakeArchive, "get_entry", lambda self, id: guarded)
    page = client.get(f"/pledges/{PLEDGES['P1'].id}").text
    assert "vượt chỉ tiêu tỉnh giao" not in page
    assert "<mark>phấn đấu giảm ít nhất 120 hộ nghèo</mark>" in page


def test_the_ledger_is_two_clicks_from_the_start_page(client: FlaskClient) -> None:
    home = Tags(client.get("/").text)
    assert {"/pledges", *(f"/pledges?verdict={kind}" for kind in VERDICTS)} <= set(home.values("href", "a"))
    fields = {attrs["name"] for tag, attrs in home.tags if tag in ("input", "select") and "name" in attrs}
    assert {"name", "indicator", "year"} <= fields
    asked = client.get("/pledges?name=gia+vien&indicator=poor_hh_count&year=", follow_redirects=True)
    assert asked.request.args.to_dict() == {"place": "373", "indicator": "poor_hh_count"}
    assert f"/pledges/{PLEDGES['P1'].id}" in Tags(asked.text).values("href", "a")


@pytest.mark.parametrize("name", ["nowhere", "Châu Thành", "x" * 500])
@pytest.mark.parametrize("prefix", ["", "/en"])
def test_a_name_of_no_place_or_of_several_is_explained(client: FlaskClient, prefix: str, name: str) -> None:
    response = client.get(f"{prefix}/pledges?name={name}")
    assert response.status_code == 400
    assert "Châu Thành, An Giang" in response.text


def test_a_pledge_filter_adds_a_value_and_the_next_click_removes_it(client: FlaskClient) -> None:
    page = client.get("/pledges?verdict=kept").text
    assert 'href="/pledges?year=2021&amp;verdict=kept"' in page or 'href="/pledges?verdict=kept&amp;year=2021"' in page
    assert 'href="/pledges" rel="nofollow" aria-current="true"' in page


def test_the_balance_of_verdicts_is_a_picture_and_an_equal_table(client: FlaskClient) -> None:
    page = client.get("/pledges").text
    drawn = re.findall(r"<title>([^<:]+): (\d+)</title>", page)
    table = re.findall(r'</span>\s*([^<]+?)</span></a></th><td class="n">(\d+)</td>', page)
    assert [(word.strip(), n) for word, n in drawn] == table
    assert len(drawn) == 5


def test_shares_fill_the_row_and_the_least_is_seen() -> None:
    parts = chart.shares([FacetValue("kept", "", 99_999), FacetValue("partly", "", 1)], VERDICTS)
    assert [part.value for part in parts] == ["kept", "partly"]
    assert parts[1].width >= chart.LEAST - 1
    assert parts[0].x == 0
    assert parts[1].x + parts[1].width <= chart.ROW
    assert chart.shares([], VERDICTS) == ()


def test_an_article_leads_from_its_claims_to_their_pledges(client: FlaskClient) -> None:
    links = Tags(client.get(f"/articles/{PLAN}").text).values("href", "a")
    assert {f"/pledges/{pledge.id}" for pledge in LEDGER[:2]} <= set(links)


def test_a_place_shows_its_promises_and_results_over_time_with_a_break_at_the_poverty_line(client: FlaskClient) -> None:
    page = client.get("/places/373").text
    assert "Hứa và làm, theo năm" in page
    assert "Từ năm 2022 theo chuẩn nghèo mới" in page
    drawn = [src for src in Tags(page).values("src", "img") if "/series/" in src]
    assert drawn == [
        f"/places/373/series/{n}.svg"
        for n, one in enumerate(make_series(STATEMENTS, load_indicators()), 1)
        if series.plotted(one).drawn
    ]
    assert drawn


def test_a_picture_holds_the_figures_of_whole_years_with_a_gap_at_the_poverty_line() -> None:
    rate = next(one for one in make_series(STATEMENTS, load_indicators()) if one.indicator == "poor_hh_rate")
    plot = series.plotted(rate)
    assert plot.years == ("2016", "2017", "2018", "2019", "2020", "2021", "", "2022")
    assert plot.targets == (None, 2.0, None, None, None, None, None, 3.5)
    assert plot.results == (3.0, 2.2, None, None, None, None, None, None)
    assert [row.line for row in series.rows(rate)] == [None, None, None, 2022]


def test_what_is_told_of_half_a_year_is_in_the_table_and_not_in_the_picture() -> None:
    fairs = next(one for one in make_series(STATEMENTS, load_indicators()) if one.indicator == "job_fairs")
    assert series.plotted(fairs).results == (None,)
    assert [row.kind for row in series.rows(fairs)] == ["target", "result"]


def test_a_picture_is_svg_that_runs_and_loads_nothing(client: FlaskClient) -> None:
    for n in range(1, len(make_series(STATEMENTS, load_indicators())) + 1):
        response = client.get(f"/places/373/series/{n}.svg")
        assert response.mimetype == "image/svg+xml"
        tags = Tags(response.text)
        assert not {"script", "foreignobject", "image"} & {tag for tag, _ in tags.tags}
        assert not [value for value in tags.values("href") + tags.values("xlink:href") if not value.startswith("#")]
        assert "sandbox" in response.headers["Content-Security-Policy"]
        assert "prefers-color-scheme" in response.text


def test_programs_read_pledges_as_json_and_csv(client: FlaskClient) -> None:
    begun = FakeArchive.opened.copy()
    page = client.get("/api/v1/pledges?indicator=poor_hh_count&limit=5").get_json()
    assert [one["id"] for one in page["pledges"]] == [PLEDGES["P1"].id]
    one = client.get(f"/api/v1/pledges/{PLEDGES['P1'].id}").get_json()
    assert one["verdict"]["arithmetic"] == "100 / 120 = 0.8333"
    before = FakeArchive.opened.copy()
    answer = client.get("/api/v1/pledges?format=csv&verdict=partly", buffered=True)
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert {row["pledge"] for row in rows} == {PLEDGES[id].id for id in ("P1", "L1", "D1")}
    assert FakeArchive.opened - before == {"open": 1, "close": 1}
    assert FakeArchive.opened - begun == {"open": 3, "close": 3}


def test_a_context_is_cut_between_words_inside_its_paragraph() -> None:
    text = "Đoạn trước.\n\n" + "từ " * 200 + "CON SỐ" + " sau" * 200 + "\n\nĐoạn sau."
    at = text.index("CON SỐ")
    pieces = passages.around(text, (at, at + 6), 30)
    said = "".join(piece.value for piece in pieces)
    assert said.startswith("… từ")
    assert said.endswith("sau …")
    assert "Đoạn" not in said
    assert brackets(pieces).count("[CON SỐ]") == 1


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
    "/api/v1/pledges/NOPE": 404,
    "/api/v1/pledges?limit=0": 400,
    "/api/v1/pledges?page=x": 400,
    "/api/v1/pledges?format=xml": 400,
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
        "unread": 0,
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


# --- coverage, sources, health -----------------------------------------------------------------------------------


def words_of(app: Flask, macro: str, value: str, prefix: str = "") -> str:
    """What a macro of labels.html says of a value in the language of a path."""
    with app.test_request_context(prefix + "/"):
        template = app.jinja_env.from_string(f'{{% from "labels.html" import {macro} %}}{{{{ {macro}(value) }}}}')
        return template.render(value=value).strip()


@pytest.mark.parametrize(("macro", "values"), [("cause", get_args(Cause)), ("gap", REASONS), ("health", browse.ORDER)])
def test_every_cause_reason_and_state_has_words_of_its_own_in_both_languages(
    app: Flask, macro: str, values: tuple[str, ...]
) -> None:
    for prefix in ("", "/en"):
        assert len({words_of(app, macro, value, prefix) for value in values}) == len(values)
    assert {words_of(app, macro, value) for value in values} & {
        words_of(app, macro, value, "/en") for value in values
    } == set()


def test_an_empty_cell_says_why_without_colour(client: FlaskClient) -> None:
    page = client.get("/coverage?place=004").text
    for reason, sign in (("page-gone", "?"), ("problem", "×"), ("portal-gone", "#"), ("none-found", "0")):
        word = words_of(client.application, "gap", reason)  # type: ignore[arg-type]
        assert f'<span aria-hidden="true">{sign}</span><span class="hidden">{word}</span></td>' in page
        assert re.search(f'<td class="{reason}" title="{re.escape(word)}', page)


def test_the_ledger_and_the_coverage_have_the_same_words_and_are_linked(client: FlaskClient) -> None:
    page = client.get(f"/pledges/{PLEDGES['H1'].id}").text
    assert f"{words_of(client.application, 'gap', 'none-found').capitalize()}." in page  # type: ignore[arg-type]
    assert 'href="/coverage?place=373&amp;year=2023"' in page


@pytest.mark.parametrize(
    "path", ["/", "/search?q=nghèo", "/places/373", "/topics/giam-ngheo", "/pledges", "/sources", "/coverage"]
)
def test_every_page_with_counts_says_what_they_are_of(client: FlaskClient, path: str) -> None:
    assert "trên 2 trong 57 trang nguồn đã biết, của 2 trong 741 quận, huyện từng có" in client.get(path).text
    assert "on 2 of 57 known portals, of 2 of the 741 districts" in client.get("/en" + path).text


def test_coverage_leads_from_the_country_to_the_month(client: FlaskClient) -> None:
    assert 'href="/coverage?province=37"' in client.get("/coverage").text
    assert 'href="/coverage?province=37&amp;year=2020"' in client.get("/coverage?province=37").text
    assert 'href="/coverage?place=373"' in client.get("/coverage?province=37&year=2020").text
    assert (
        'href="/search?portal=giavien&amp;from=2020-01-01&amp;to=2020-12-31&amp;all=1"'
        in client.get("/coverage?place=373").text
    )
    assert client.get("/coverage?name=gia+vien").headers["Location"] == "/coverage?place=373"


@pytest.mark.parametrize(
    ("query", "words"),
    {"year=x": "bốn chữ số", "year=20200": "bốn chữ số", "name=nowhere": "nhiều nơi cùng tên"}.items(),
)
def test_coverage_that_cannot_be_understood_is_explained_with_status_400(
    client: FlaskClient, query: str, words: str
) -> None:
    response = client.get(f"/coverage?{query}")
    assert response.status_code == 400
    assert words in response.text
    assert client.get(f"/en/coverage?{query}").status_code == 400


def test_programs_read_coverage_as_json(client: FlaskClient) -> None:
    said = client.get("/api/v1/coverage?place=373").get_json()
    assert said["by"] == "year"
    assert said["lines"][0]["portals"][0]["alert"]["cause"] == "selector"
    assert client.get("/api/v1/coverage?place=nowhere").status_code == 404
    assert client.get("/api/v1/coverage?year=x").get_json() == {"error": query_string.REASONS["year"]}


SHADES = (
    (Cell(1, 1, 1), "shade-1"),
    (Cell(40, 1, 1), "shade-5"),
    (Cell(500, 12, 1), "shade-1"),
    (Cell(12, 12, 12), "shade-5"),
    (Cell(7), "shade-2"),
    (Cell(0, 1, gaps={"problem": 1}), "problem"),
    (Cell(0, 12, gaps={"none-found": 11, "failing": 1}), "failing"),
    (Cell(), "nothing"),
)


@pytest.mark.parametrize(("cell", "shade"), SHADES)
def test_a_month_is_as_dark_as_it_has_articles_and_a_year_as_it_has_months(cell: Cell, shade: str) -> None:
    assert coverage.shade(cell) == shade


def test_what_needs_a_person_comes_first_and_what_was_never_read_apart(client: FlaskClient) -> None:
    page = client.get("/sources").text
    failing, others, uncrawled = (page.index(f'id="{id}"') for id in ("failing", "others", "uncrawled"))
    assert failing < page.index("huyện Gia Viễn") < others < page.index("Cổng thông tin quận Long Biên") < uncrawled
    assert 'từ <time datetime="2024-03-01T18:00:00Z">02/03/2024</time>, 2 đêm' in page
    assert uncrawled < page.index("huyện Kim Sơn")


def test_what_is_said_of_nights_is_told_in_vietnamese_and_marked_where_it_stays_english(client: FlaskClient) -> None:
    page = client.get("/sources").text
    assert f'<small><span lang="en">{escape(HOSTILE)}</span></small>' in page
    assert "<li>Thấy 5 bài, phần lớn các đêm là 20 bài</li>" in client.get("/sources/longbien").text
    assert "5 articles seen, 20 on most nights" in client.get("/en/sources/longbien").text


def test_the_problems_of_a_portal_are_paged(client: FlaskClient) -> None:
    first, second = (client.get(f"/sources/giavien?page={page}").text for page in (1, 2))
    assert first.count("/captures/CAP0001/about") == 50
    assert second.count("/captures/CAP0001/about") == 10
    assert client.get("/sources/nope").status_code == 404
    assert client.get("/sources/giavien?page=x").status_code == 400


def test_the_runs_of_a_portal_are_a_picture_that_runs_nothing_beside_an_equal_table(client: FlaskClient) -> None:
    picture = client.get("/sources/giavien/runs.svg")
    assert picture.mimetype == "image/svg+xml"
    assert "<script" not in picture.text
    assert "01/03" in picture.text or "02/03" in picture.text
    page = client.get("/sources/giavien").text
    assert page.count('<span class="outcome') == 60
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert client.get("/sources/tinhnao/runs.svg").status_code == 200


def test_readers_of_a_portal_that_cannot_be_read_now_are_told(client: FlaskClient) -> None:
    assert "Trang nguồn hiện không đọc được, từ ngày" in client.get(f"/articles/{PLAN}").text
    assert "This portal cannot be read now, since" in client.get(f"/en/articles/{PLAN}").text
    assert "hiện không đọc được" not in client.get(f"/articles/{reprint().id}").text


def test_metrics_tell_prometheus_of_the_archive_and_of_every_portal(client: FlaskClient) -> None:
    response = client.get("/metrics")
    assert response.content_type.startswith("text/plain; version=")
    assert response.headers["Cache-Control"] == "no-store"
    told = {
        (sample.name, *(sample.labels[name] for name in ("portal", "cause") if name in sample.labels)): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }
    assert told["ansinh_articles",] == 12345
    assert told["ansinh_articles_in_scope",] == 4321
    assert told["ansinh_index_lag",] == 3
    assert told["ansinh_portal_failing", "giavien", "selector"] == 1
    assert told["ansinh_portal_failing", "longbien", ""] == 0
    assert told["ansinh_portal_last_success_timestamp_seconds", "giavien"] == 1709143200
    assert told["ansinh_portal_run_seconds", "giavien"] == 540
    assert told["ansinh_portal_run_requests", "giavien"] == 210
    assert ("ansinh_portal_run_requests", "tinhnao") not in told
    assert "/tmp" not in response.text


@pytest.mark.parametrize("why", ["index-missing", "index-damaged"])
def test_healthz_says_why_the_index_cannot_answer(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    monkeypatch.setattr(FakeArchive, "unready", lambda _: why)
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.get_json()["reason"] == api.NOT_READY[why]


def test_healthz_is_not_well_when_the_index_is_far_behind(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    totals = FakeArchive.totals(FakeArchive(DataDir(Path())))
    monkeypatch.setattr(FakeArchive, "totals", lambda _: replace(totals, behind=api.MOST_BEHIND + 1))
    assert client.get("/healthz").status_code == 503
    monkeypatch.setattr(FakeArchive, "totals", lambda _: replace(totals, behind=api.MOST_BEHIND))
    assert client.get("/healthz").status_code == 200


def test_healthz_of_an_archive_that_cannot_be_read_is_json_without_paths(tmp_path: Path) -> None:
    response = create_app({"OPEN_ARCHIVE": no_archive, "DATA": tmp_path}).test_client().get("/healthz")
    assert (response.status_code, response.get_json()["status"]) == (503, "unavailable")
    assert str(tmp_path) not in response.text


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
        "/search?q=giảm+nghèo+4000&place=01&kind=Kế+hoạch",
        "/places/37",
        "/places/373",
        "/places/00145",
        "/documents/D1",
        "/documents/D2",
        "/pledges",
        "/pledges?indicator=poor_hh_rate&year=2022",
        "/pledges?name=nowhere",
        *(f"/pledges/{pledge.id}" for pledge in LEDGER),
        f"/articles/{PLAN}",
        "/sources",
        "/sources/giavien",
        "/coverage",
        "/coverage?province=37",
        "/coverage?place=373&year=2020",
        "/coverage?year=x",
        "/captures/CAP0001/about",
        f"/articles/{PLAN}/versions",
    ):
        reader = EnglishText()
        reader.feed(client.get("/en" + path).text)
        assert [text for text in reader.texts if vietnamese.search(text)] == []


class EnglishText(HTMLParser):
    """The texts of a page that no element marks as Vietnamese, and that are not quoted from the archive."""

    VOID = frozenset(("meta", "link", "input", "img", "br", "rect", "path", "text"))

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
