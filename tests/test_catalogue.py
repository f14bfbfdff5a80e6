"""Portals are data: what a TOML table may say, and what is said when it is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.enrich.gazetteer import load_gazetteer
from archive.enrich.hosts import read_host
from archive.enrich.places import place_on
from archive.models import ArchiveError, DataDir, Host, Unit
from scraper.catalogue import BUILT_IN, Catalogue, bare_host, is_live, load, load_all, read
from scraper.extract import Extraction
from scraper.platforms import platform_names
from tests.pace import seconds

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
        (ENTRY + ENTRY.replace('"thu"', '"thu2"'), "portal thu2: thu.test belongs to thu and to thu2"),
        (ENTRY.replace('verified = "fixture"', 'verified = "yes"'), r"portal 1 \(thu\): verified"),
        (ENTRY.replace("vnpt", "vnptt"), r"portal 1 \(thu\): there is no platform 'vnptt'"),
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


@pytest.mark.parametrize("day", ['"2026-01-31"', "2026-01-31", '"fixture"'])
def test_verified_is_a_day_or_the_word_fixture(write, day: str) -> None:  # type: ignore[no-untyped-def]
    (portal,) = read(write(ENTRY.replace('"fixture"', day)))
    assert portal.verified == day.strip('"')


def test_a_portal_without_a_host_today_is_not_live(write) -> None:  # type: ignore[no-untyped-def]
    dated = ENTRY.replace('"thu.test", ', "")
    known = load([write(dated)])
    assert known.live("2022-01-01T00:00:00Z") == known.portals
    assert known.live("2025-01-01") == ()


@pytest.mark.parametrize(
    "own",
    [
        ENTRY.replace('"thu"', '"giavien"'),
        ENTRY.replace('"thu.test"', '"www.giavien.ninhbinh.gov.vn"'),
        ENTRY.replace('"thu.test"', '{ name = "giavien.ninhbinh.gov.vn", until = 2010-01-01 }'),
    ],
)
def test_a_built_in_portal_gives_way_to_the_operators_own(data: DataDir, own: str) -> None:
    data.portals.mkdir(parents=True)
    (data.portals / "own.toml").write_text(own)
    known = load_all(data)
    assert [portal.name for portal in known.replaced] == ["giavien"]
    assert len(known.portals) == len(load([BUILT_IN]).portals)
    assert known.portals[-1].title == "Thử"


# --- the built-in catalogue ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def built_in() -> Catalogue:
    return load([BUILT_IN])


def test_every_portal_of_the_built_in_catalogue_is_sound(built_in: Catalogue) -> None:
    assert len(built_in.portals) > 100
    for portal in built_in.portals:
        assert portal.platform in platform_names()
        assert portal.verified == "fixture", "a live check that did not happen must not be claimed"
        assert portal.units or portal.province, "who published there?"
        assert portal.home.startswith("http")
        assert bare_host(portal.home) in {bare_host(host.name) for host in portal.hosts}


def test_the_catalogue_is_one_file_a_province() -> None:
    for path in BUILT_IN.glob("*.toml"):
        assert len({portal.province for portal in read(path)}) == 1, path


def test_the_built_in_catalogue_loads_at_once(built_in: Catalogue) -> None:
    assert seconds(lambda: load([BUILT_IN])) < 0.2


def test_every_unit_is_a_place_of_its_time_in_the_portals_province(built_in: Catalogue) -> None:
    gazetteer = load_gazetteer()
    for portal in built_in.portals:
        province = gazetteer.provinces[portal.province or ""]
        for unit in portal.units:
            place = place_on(unit.place, unit.until)
            assert place is not None, (portal.name, unit)
            assert place.province_now == province.now, portal.name
            is_commune = unit.place in gazetteer.communes
            assert (unit.since or "") >= "2025-07-01" if is_commune else (unit.until or "9999") <= "2025-06-30", (
                portal.name
            )


def test_a_title_calls_the_unit_by_its_kind_and_name(built_in: Catalogue) -> None:
    for portal in built_in.portals:
        for unit in portal.units:
            place = place_on(unit.place, unit.until)
            assert place is not None
            kind, name = place.type, place.name[len(place.type) + 1 :]
            assert kind in portal.title.lower(), portal.name
            assert name in portal.title, portal.name


@pytest.mark.parametrize(
    ("url", "day", "name"),
    [
        ("https://caugiay.hanoi.gov.vn/", "2025-06-30T10:00:00Z", "caugiay"),
        ("https://caugiay.hanoi.gov.vn/", "2025-07-01T10:00:00Z", "caugiay-phuong"),
        ("https://tienlang.haiphong.gov.vn/", "2024-01-01", "tienlang"),
        ("https://tienlang.haiphong.gov.vn/", "2026-01-01", "tienlang-xa"),
        ("https://lienchieu.danang.gov.vn/", "2026-01-01", "lienchieu-phuong"),
        ("http://www.quan1.hochiminhcity.gov.vn/", "2019-01-01", "quan1"),
        ("http://www.quan1.hochiminhcity.gov.vn/", "2023-01-01", "quan1-2022"),
        ("http://hanoi.gov.vn/", "2020-01-01", "hanoi"),
        ("https://hanoi.gov.vn/", "2026-01-01", "hanoi-2025"),
        # saved long ago, imported today: the address is of one system only
        ("http://hanoi.gov.vn/tin/-/hn/ZVOm7e3VDMRM/1101/2745630/1/tin.html", "2026-11-22", "hanoi"),
        ("https://hanoi.gov.vn/tin-so-nganh/tin-4250808215021297.htm", "2020-01-01", "hanoi-2025"),
        ("http://quan11.hochiminhcity.gov.vn/lists/posts/post.aspx?ItemID=83", "2024-01-01", "quan11"),
        ("https://caugiay.hanoi.gov.vn/x/-/asset_publisher/k7Fh2LqWz9Xc/content/tin-moi", "2026-01-01", "caugiay"),
        ("https://haiquang.ninhbinh.gov.vn/tin/tin-12", "2024-01-01", None),
    ],
)
def test_a_page_belongs_to_who_had_the_host_or_the_system(
    built_in: Catalogue, url: str, day: str, name: str | None
) -> None:
    found = Extraction(built_in).find_portal(url, day)
    assert (found.name if found else None) == name


def test_where_a_district_has_lost_its_host_its_portal_is_not_live(built_in: Catalogue) -> None:
    assert not is_live(built_in.get("caugiay"), "2026-11-22")
    assert is_live(built_in.get("caugiay-phuong"), "2026-11-22")


def test_every_host_that_was_seen_is_in_the_catalogue_or_left_out_for_a_reason(
    shared: Path, built_in: Catalogue
) -> None:
    held = {bare_host(host.name) for portal in built_in.portals for host in portal.hosts}
    left_out = set(_left_out())
    named = _named((shared / "portals.md").read_text("utf-8"))
    assert len(named) > 80
    assert sorted(named - held - left_out) == []
    assert sorted(held & left_out) == []


def test_a_host_is_left_out_only_if_it_was_seen(shared: Path) -> None:
    text = (shared / "portals.md").read_text("utf-8")
    assert [host for host in _left_out() if host.split(".")[0] not in text] == []


def _left_out() -> Iterator[str]:
    """Yield the hosts of the table in the catalogue's README."""
    for row in (BUILT_IN / "README.md").read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        if len(cells) == 2 and ".vn" in cells[0]:
            yield from (host.strip() for host in cells[0].split(","))


_HOST = re.compile(r"(?<![\w.*/:-])(?:https?://)?(?:www\.)?((?:[a-z0-9-]+\.)+vn)(?![\w.-])")
_NAME = r"[a-z][a-z0-9…-]*(?:\.[a-z]+)?"
_GROUP = re.compile(rf"(?<![\w…./-])((?:{_NAME}(?: \([^)]*\))?, ?)*{_NAME}) ?\.(\w+\.gov\.vn)")
_SHORT = re.compile(r"(?<![\w./-])([a-z-]+(?:/[a-z-]+)*)\.([a-z]+)(?:\.gov\.vn)?(?![\w.-]|/)")
_ALONE = re.compile(r"(?<![\w./-])[a-z]{5,}(?![\w./-])")
_PARENTS = {"gov.vn", "daklak.gov.vn", "thanhhoa.gov.vn"}  # named only as what hosts end in


def _named(text: str) -> set[str]:
    """Return the hosts of government units that the page names, its short forms written out.

    Short forms: "longbien, hoangmai .hanoi.gov.vn", "quan1…quan12 (…)", "sotp/phulien.haiphong"; in the table of families
    also the name of a province alone.
    """
    rows = "\n".join(row.split("|")[4] for row in text.partition("## A. ")[0].splitlines() if row.count("|") == 7)
    found = {host for host in _HOST.findall(text) if host.endswith((".gov.vn", ".vnpt.vn"))}
    found |= {f"{own}.{parent}" for owners, parent in _GROUP.findall(text) for own in _spread(owners)}
    found |= {
        f"{own}.{parent}.gov.vn"
        for owners, parent in _SHORT.findall(text)
        for own in owners.split("/")
        if _is_province(parent)
    }
    found |= {f"{word}.gov.vn" for word in _ALONE.findall(rows) if _is_province(word)}
    return found - _PARENTS


def _is_province(label: str) -> bool:
    return read_host(f"https://{label}.gov.vn/").province is not None


def _spread(owners: str) -> Iterator[str]:
    """Yield the names of "quan1…quan12 (http://www.), binhtan"."""
    for name in re.split(r", ?", re.sub(r" \([^)]*\)", "", owners)):
        first, _, last = name.strip().partition("…quan")
        yield from (f"quan{n}" for n in range(1, int(last) + 1)) if last else (first,)
