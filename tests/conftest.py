"""Fixtures that every test may use: a fresh data directory, articles, a portal, an extractor over it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import settings

from archive.models import Article, BodyKind, DataDir, Enrichment, Entry, Host, Portal, Unit

settings.register_profile("ansinh", deadline=None)  # a machine that is busy is no defect; speed is measured in bench/
settings.load_profile("ansinh")

SHARED = Path(os.environ.get("ANSINH_SHARED", Path(__file__).parent.parent.parent / "shared"))

PORTAL = Portal(
    name="thu-nghiem",
    title="Trang thử nghiệm",
    platform="nukeviet",
    hosts=(Host("thunghiem.test"),),
    home="http://thunghiem.test/",
    units=(Unit("373", "2012-01-01", "2025-06-30"),),
)

ARTICLE = Article(
    portal="thu-nghiem",
    key="1",
    url="http://thunghiem.test/vi/news/tin/ke-hoach-giam-ngheo-1.html",
    title="Huyện Gia Viễn triển khai kế hoạch giảm nghèo năm 2022",
    summary="UBND huyện ban hành Kế hoạch số 15/KH-UBND ngày 10/01/2022 về giảm nghèo bền vững.",
    body=("Huyện phấn đấu giảm 120 hộ nghèo trong năm 2022.", "Cấp thẻ bảo hiểm y tế cho 4.000 người."),
    kinds=("p", "p"),
    published="2022-01-12T08:00:00+07:00",
    published_source="page",
    extracted_by="nukeviet/desktop/1",
)


@pytest.fixture
def shared() -> Path:
    """The shared folder; the test is skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is absent (set ANSINH_SHARED)")
    return SHARED


@pytest.fixture
def data(tmp_path: Path) -> DataDir:
    return DataDir(tmp_path / "data")


@pytest.fixture
def portal() -> Portal:
    return PORTAL


@pytest.fixture
def article() -> Callable[..., Article]:
    def make(**changes: object) -> Article:
        made = replace(ARTICLE, **changes)  # type: ignore[arg-type]
        kind: BodyKind = "p"
        return replace(made, kinds=(kind,) * len(made.body))

    return make


@pytest.fixture
def entry() -> Callable[..., Entry]:
    def make(article: Article, enrichment: Enrichment | None = None) -> Entry:
        return Entry(article, enrichment or Enrichment(topics=("giam-ngheo",)), "2022-01-13T00:00:00Z", (), ())

    return make
