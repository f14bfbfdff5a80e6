"""Portals are data: what a TOML table may say, and what is said when it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.models import ArchiveError, DataDir, Host, Unit
from scraper.catalogue import BUILT_IN, load, load_all, read
from scraper.platforms import platform_names

ENTRY = """
[[portal]]
name = "thu"
title = "Thử"
platform = "vnpt"
hosts = ["thu.test", { name = "moi.test", from = 2020-01-01, until = 2024-12-31 }]
home = "https://thu.test/"
units = [{ place = "373", from = 2012-01-01, until = 2025-06-30 }]
sections = { "Tin tức" = "/tin-tuc" }
expects = { articles = [5, 400], dated = 0.9 }
verified = "fixture"
"""


@pytest.fixture
def write(tmp_path: Path):  # type: ignore[no-untyped-def]
    def make(text: str) -> Path:
        path = tmp_path / "p.toml"
        path.write_text(text)
        return path

    return make


def test_a_table_becomes_a_portal(write) -> None:  # type: ignore[no-untyped-def]
    (portal,) = read(write(ENTRY))
    assert portal.hosts == (Host("thu.test"), Host("moi.test", "2020-01-01", "2024-12-31"))
    assert portal.units == (Unit("373", "2012-01-01", "2025-06-30"),)
    assert (portal.expects.articles, portal.expects.dated) == ((5, 400), 0.9)


@pytest.mark.parametrize(
    ("spoilt", "message"),
    [
        (ENTRY.replace("hosts", "host"), "unknown key host"),
        (ENTRY.replace('home = "https://thu.test/"', ""), "'home'"),
        (ENTRY + 'selectors = { tieude = ".ten" }', "no such selector: tieude"),
        ("[[portal", "not a portal catalogue"),
        (ENTRY + ENTRY, "already in the catalogue"),
    ],
)
def test_a_wrong_table_is_named_with_its_file(write, spoilt: str, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ArchiveError, match=message) as caught:
        load([write(spoilt)])
    assert "p.toml" in str(caught.value)


@pytest.mark.parametrize(
    ("url", "day", "found"),
    [
        ("http://www.thu.test:8080/a", "2022-01-01", True),
        ("https://moi.test/a", "2022-01-01T00:00:00Z", True),
        ("https://moi.test/a", "2025-01-01", False),
        ("https://khac.test/a", "2022-01-01", False),
    ],
)
def test_a_host_belongs_to_a_portal_in_its_time(write, url: str, day: str, found: bool) -> None:  # type: ignore[no-untyped-def]
    assert (load([write(ENTRY)]).find(url, day) is not None) == found


def test_an_unknown_name_brings_the_nearest(write) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ArchiveError, match="did you mean thu"):
        load([write(ENTRY)]).get("thuu")


def test_every_portal_of_the_built_in_catalogue_is_sound(data: DataDir) -> None:
    portals = load_all(data).portals
    assert portals
    for portal in portals:
        assert portal.platform in platform_names()
        assert portal.verified == "fixture", "a live check that did not happen must not be claimed"
        assert portal.units or portal.province, "who published there?"
        assert portal.home.startswith("http")


def test_the_catalogue_is_one_file_a_province() -> None:
    assert all(read(path) for path in BUILT_IN.glob("*.toml"))
