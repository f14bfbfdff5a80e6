"""An entry for an unknown portal, made from its home page alone; and the list of portals."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from archive.captures import now
from archive.models import DataDir, Hint, Host, Page, Portal, Reading, Unit
from scraper.catalogue import BUILT_IN, Catalogue, load, parse
from scraper.commands.portals import _earned, portals
from scraper.probe.findings import Visit, find
from scraper.probe.proposals import free_name, introduce, toml, with_proven_sections
from scraper.reading.page import HANOI

NOBODY = Catalogue(())
HOME = "https://moi.angiang.gov.vn/"
FILE = Path("moi.toml")


def introduced(title: str, url: str = HOME, body: str = "") -> Portal:
    html = f"<html><head><title>{title}</title></head><body>{body}</body></html>"
    return introduce(Page(url, html.encode(), headers={"content-type": "text/html; charset=utf-8"}), NOBODY)


@pytest.mark.parametrize(
    ("title", "url", "units", "province"),
    [
        ("Trang thông tin điện tử huyện Gia Viễn", "https://a.vn/", [("373", None, "2025-06-30")], None),
        ("Cổng thông tin điện tử Quận 2", "https://a.vn/", [("769", None, "2020-12-31")], None),
        ("Cổng TTĐT huyện Châu Thành, tỉnh An Giang", "https://a.vn/", [("892", None, "2025-06-30")], "89"),
        ("Huyện Châu Thành", "https://ct.angiang.gov.vn/", [("892", None, "2025-06-30")], "89"),
        ("UBND phường Cầu Giấy", "https://x.hanoi.gov.vn/", [("00166", "2025-07-01", None)], "01"),
        # not for certain: namesakes, no kind, several, a province, a name in another province
        ("Trang thông tin điện tử huyện Châu Thành", "https://a.vn/", [], None),
        ("Trang thông tin Gia Viễn", "https://a.vn/", [], None),
        ("Huyện Gia Viễn và huyện Nho Quan", "https://a.vn/", [], None),
        ("Cổng thông tin điện tử tỉnh Ninh Bình", "https://a.vn/", [], "37"),
        ("Trang thông tin điện tử huyện Gia Viễn", "https://x.angiang.gov.vn/", [], "89"),
        ("Trang thông tin điện tử huyện Gia Vien", "https://a.vn/", [], None),
    ],
)
def test_a_unit_is_named_only_when_the_title_leaves_no_doubt(
    title: str, url: str, units: list[tuple[str, str | None, str | None]], province: str | None
) -> None:
    portal = introduced(title, url)
    assert [(unit.place, unit.since, unit.until) for unit in portal.units] == units
    assert portal.province == province


@pytest.mark.parametrize(
    ("title", "read"),
    [
        ("Trang chủ - Cổng thông tin điện tử huyện A", "Cổng thông tin điện tử huyện A"),
        ("Huyện A – Huyện A | Trang nhất", "Huyện A"),
        ("Your Website Title", "moi.angiang.gov.vn"),
        ("", "moi.angiang.gov.vn"),
    ],
)
def test_a_title_is_read_without_what_says_nothing(title: str, read: str) -> None:
    assert introduced(title).title == read


MENU = """<a href="/">Tin tức</a> <a href="/gioi-thieu">Giới thiệu chung</a> <a href="/van-ban">Văn bản chính sách</a>
<a href="/kinh-te">Kinh tế</a> <a href="/lao-dong?page=1">Lao động - Thương binh và Xã hội</a> <a href="#top">Xã hội</a>
<a href="https://khac.vn/tin-tuc">Tin tức</a> <a href="/tin-tuc/">Tin tức - Sự kiện</a> <a href="/tin-tuc/">Xem tất cả tin tức</a>
<a href="/a/huyen-giam-ngheo-12345.html">Huyện phấn đấu giảm 120 hộ nghèo, giải quyết việc làm cho 4.000 lao động năm 2022</a>"""


def test_links_called_like_sections_are_candidates_social_affairs_first() -> None:
    assert introduced("A", body=MENU).sections == {
        "Lao động - Thương binh và Xã hội": "/lao-dong?page=1",
        "Kinh tế": "/kinh-te",
        "Tin tức - Sự kiện": "/tin-tuc/",
    }


def test_only_sections_that_list_something_are_kept() -> None:
    portal = introduced("A", body=MENU)
    full = Visit("listing", HOME, "Kinh tế", reading=Reading(hints=(Hint(f"{HOME}a/b-c-d-e-f-g-12345"),)))
    empty = Visit("listing", HOME, "Tin tức - Sự kiện")
    assert with_proven_sections(portal, [full, empty]).sections == {"Kinh tế": "/kinh-te"}


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("yenmo.ninhbinh.gov.vn", "yenmo"),
        ("giavien.angiang.gov.vn", "giavien-angiang"),
        ("hanoi.gov.vn", "hanoi-gov"),
        ("127.0.0.1", "127"),
        ("xã.vn", "x"),
    ],
)
def test_a_name_is_taken_from_the_host_and_is_nobody_elses(host: str, name: str) -> None:
    assert free_name(host, load([BUILT_IN])) == name


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40).filter(
    lambda text: bool(text.strip())
)


@given(TEXT, st.dictionaries(TEXT, TEXT, max_size=3))
def test_an_entry_is_read_back_as_it_was_meant_whatever_the_page_says(title: str, sections: dict[str, str]) -> None:
    portal = Portal(
        "moi", title, "vnpt", (Host("moi.vn"),), "https://moi.vn/", (Unit("373", None, "2025-06-30"),), "37", sections
    )
    assert parse(toml(portal), FILE) == [portal]


@given(st.binary(max_size=300), st.sampled_from(["text/html", "image/png", "application/json", ""]))
def test_any_home_page_gives_an_entry_that_can_be_read(body: bytes, mime: str) -> None:
    portal = introduce(Page(HOME, body, headers={"content-type": mime}), NOBODY)
    assert parse(toml(portal), FILE) == [portal]


def test_a_page_of_links_without_end_costs_little() -> None:
    links = "".join(f'<a href="/{n}">tin tuc {"xa hoi " * (n % 5)}{n}</a>' for n in range(3000))
    assert len(introduced("-" * 5000 + " - ", body=links).sections) == 6


# --- what a look says ----------------------------------------------------------------------------------------


def test_an_undated_article_is_wrong_only_where_dates_are_expected(article) -> None:  # type: ignore[no-untyped-def]
    found = article(published=None)
    portal = Portal("moi", "Mới", "nukeviet", (Host("moi.vn"),), "https://moi.vn/")
    page = Page("https://moi.vn/", b'<meta name="generator" content="NukeViet">')
    shown = Visit("article", found.url, page=page, reading=Reading(found))
    home = Visit("home", portal.home, page=page, reading=Reading(hints=(Hint(found.url),)))
    assert all(finding.is_right for finding in find(portal, [home, shown]))
    strict = replace(portal, expects=replace(portal.expects, dated=0.9))
    assert [finding.what for finding in find(strict, [home, shown]) if not finding.is_right] == ["article"]
    dated = replace(home, reading=Reading(hints=(Hint(found.url, published="2022-01-12"),)))
    assert all(finding.is_right for finding in find(strict, [dated, shown]))


@pytest.mark.parametrize(
    ("home", "routes", "is_earned"),
    [
        ("https://giavien.ninhbinh.gov.vn/", "", True),
        ("https://giavien.ninhbinh.gov.vn/", '"*.gov.vn" = "cua-ngo.example.vn:3128"', True),
        ("https://giavien.ninhbinh.gov.vn/", '"*.gov.vn" = "127.0.0.1:8123"', False),
        ("https://giavien.ninhbinh.gov.vn/", '"*.gov.vn" = "10.0.0.7:3128"', False),
        ("http://127.0.0.1:8000/", "", False),
        ("http://localhost:8000/", "", False),
        ("http://[::1]/", "", False),
    ],
)
def test_a_day_is_earned_only_from_a_server_that_is_not_ours(
    data: DataDir, home: str, routes: str, is_earned: bool
) -> None:
    data.path.mkdir()
    data.settings.write_text(f"routes = {{ {routes} }}\n")
    before = datetime.now(HANOI).date().isoformat()
    day = _earned(data, Portal("moi", "Mới", "vnpt", (), home))
    after = datetime.now(HANOI).date().isoformat()  # another day when the first has ended meanwhile
    assert (day in (before, after)) == is_earned
    assert is_earned or day == "fixture"


# --- the list ------------------------------------------------------------------------------------------------


def listed(data: DataDir, *arguments: str) -> str:
    done = CliRunner().invoke(portals, arguments, obj=data, catch_exceptions=False)
    assert done.exit_code == 0
    return done.output


def test_the_list_goes_by_province_and_fits_a_terminal(data: DataDir) -> None:
    before, lines, after = now(), listed(data).splitlines(), now()
    heads = [line for line in lines if not line.startswith(" ")]
    assert heads[0] == "Thành phố Hà Nội (14)"
    assert len(heads) == len(list(BUILT_IN.glob("*.toml"))) + 1
    assert max(map(len, lines)) <= 130
    assert "caugiay.hanoi.gov.vn –2025-06" in next(line for line in lines if line.startswith("  caugiay "))
    said = {
        f"{len(lines) - len(heads)} portals; {len(load([BUILT_IN]).live(at))} have a host" for at in (before, after)
    }
    assert heads[-1].partition(" today")[0] in said


def test_a_district_is_listed_with_its_time_and_successor(data: DataDir) -> None:
    line = next(line for line in listed(data).splitlines() if line.startswith("  nhabe-2022 "))
    assert "Huyện Nhà Bè –2025-06 → Xã Nhà Bè +1" in line
    merged = next(line for line in listed(data).splitlines() if line.startswith("  quan2 "))
    assert "Quận 2 –2020-12 → Thành phố Thủ Đức" in merged


@pytest.mark.parametrize("province", ["An Giang", "89", "tỉnh an giang", "an giang"])
def test_one_province_is_listed_by_name_or_code(data: DataDir, province: str) -> None:
    rows = [json.loads(line) for line in listed(data, "--province", province, "--json").splitlines()]
    assert {row["province"] for row in rows} == {"Tỉnh An Giang"}
    tinhbien = next(row for row in rows if row["name"] == "tinhbien")
    assert tinhbien["hosts"] == ["tinhbien.angiang.gov.vn"]
    assert tinhbien["units"][0]["name"] == "Thị xã Tịnh Biên"
    assert "Phường Tịnh Biên" in tinhbien["units"][0]["successors"]


def test_an_operators_portal_without_a_province_comes_last_and_a_replaced_one_is_named(data: DataDir) -> None:
    data.portals.mkdir(parents=True)
    entry = '[[portal]]\nname = "giavien"\ntitle = "T"\nplatform = "vnpt"\nhosts = ["a.vn"]\nhome = "http://a.vn/"\n'
    (data.portals / "own.toml").write_text(entry)
    lines = listed(data).splitlines()
    assert lines[-4:-2] == ["No province (1)", lines[-3]]
    assert lines[-1] == "Your own portals stand for the built-in giavien"
