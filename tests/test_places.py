"""Places: an adversarial set of short announcements, and promises that the gazetteer keeps as a whole."""

from __future__ import annotations

import json
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import archive.enrich
from archive.enrich import analyze_text
from archive.enrich.gazetteer import DISTRICTS_END, load_gazetteer
from archive.enrich.hosts import read_host
from archive.enrich.labels import Successors, place_label, province_of, successors
from archive.enrich.places import place_on
from archive.enrich.prose import word_keys
from archive.models import Enrichment, Host, Portal, Unit
from tests.conftest import SHARED

TABLE = Path(__file__).parent / "enrich" / "places.toml"
CASES = tomllib.loads(TABLE.read_text("utf-8"))["case"]


def portal_of(case: dict[str, Any]) -> Portal | None:
    """Return the portal that a case names by its unit or its province; None where it names none."""
    province = case.get("province_of_portal")
    if "portal" not in case and province is None:
        return None
    units = (Unit(case["portal"], "2007-01-01", DISTRICTS_END),) if "portal" in case else ()
    return Portal("p", "P", "vnpt", (Host("p.test"),), "http://p.test/", units=units, province=province)


def analyzed(case: dict[str, Any]) -> Enrichment:
    return analyze_text("x", case["title"], case["text"], case.get("published"), portal_of(case), case.get("url", ""))


@pytest.mark.parametrize("case", [pytest.param(case, id=case["why"]) for case in CASES])
def test_an_announcement_is_about_its_places(case: dict[str, Any]) -> None:
    found = analyzed(case)
    subjects = [place for place in found.places if place.role == "subject"]
    assert sorted(place.id for place in subjects) == sorted(case["subjects"])
    shown = {place.id for place in found.places if place.role == "mentioned"}
    assert set(case.get("mentioned", ())) <= shown
    assert not shown & set(case["subjects"])
    if "candidates" in case:
        assert sorted(place.id for place in found.place_candidates) == case["candidates"]
    if "commune" in case:
        assert (subjects[0].commune or "") == case["commune"]
    if "name" in case:
        assert subjects[0].name == case["name"]
    if "province" in case:
        assert subjects[0].province == case["province"]


# --- how people spell ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "place"),
    [
        *((spelling, "760") for spelling in ("Quận 1", "quận 1", "Q.1", "Q1", "Q. 1", "Quận I", "QUẬN 1")),
        *((spelling, "663") for spelling in ("huyện Đắk Mil", "huyện Đăk Mil", "huyện Đak Mil", "H. Đắk Mil")),
        *((spelling, "540") for spelling in ("TP Quy Nhơn", "TP. Quy Nhơn", "Tp Qui Nhơn", "thành phố Qui Nhơn", "TP.Quy Nhơn")),
        *((f"thành phố Phan Rang{joint}Tháp Chàm", "582") for joint in ("-", " - ", " – ", " ")),
        *((f"{kind} Sơn Tây", "269") for kind in ("thị xã", "TX", "TX.", "Thị Xã", "tx")),
        *((f"huyện {name}", "618") for name in ("Ia H'Drai", "Ia H’Drai", "Ia H' Drai", "Ia HDrai")),
        *((f"huyện {name}", "652") for name in ("M'Đrắk", "M’Drắk", "M'Drăk", "MĐrắk")),
        *((f"huyện {name}", "654") for name in ("Krông Pắc", "Krông Pắk", "Krông Păc", "Krông Păk")),
        ("thành phố Buôn Mê Thuột", "643"),
        ("huyện Na Hang", "072"),
        ("huyện Nà Hang", "072"),
        ("huyện Lạc Thuỷ", "159"),
        ("huyện Hoà Vang", "497"),
        ("huyện Quì Hợp", "420"),
        ("huyện Phú Quí", "602"),
    ],
)  # fmt: skip
def test_a_district_is_known_in_every_spelling(written: str, place: str) -> None:
    found = analyze_text("x", "", f"UBND {written} họp. Toàn {written} có 300 hộ nghèo.", "2018-05-05")
    assert [each.id for each in found.places] == [place]


# --- what a host tells ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "province", "districts"),
    [
        ("https://tinhbien.angiang.gov.vn/wps/portal", "89", ["890"]),
        ("http://www.camau.gov.vn/", "96", []),
        ("https://huyenquangninh.quangbinh.gov.vn/", "44", ["456"]),
        ("https://quangninh.quangbinh.gov.vn/", "44", ["456"]),
        ("https://quangninh.gov.vn/", "22", []),
        ("https://giavien.gov.vn/", None, ["373"]),
        ("https://txkyanh.hatinh.gov.vn/", "42", ["449-2015"]),
        ("https://kyanh.hatinh.gov.vn/", "42", ["447", "449-2015"]),
        ("https://quan7.hochiminhcity.gov.vn/", "79", ["778"]),
        ("https://backancity.gov.vn/", None, ["058"]),
        ("https://hoabinh.baclieu.gov.vn/", "95", ["961"]),
        ("https://thanh-tri.hanoi.gov.vn/", "01", ["020"]),
        ("https://baolamdong.vn/tin", "68", []),
        ("https://molisa.gov.vn/", None, []),
        ("https://longbien.example.com/", None, []),
        ("http://[broken", None, []),
        ("", None, []),
    ],
)
def test_a_host_names_its_province_and_its_district(url: str, province: str | None, districts: list[str]) -> None:
    site = read_host(url)
    assert (site.province.code if site.province else None) == province
    assert sorted(district.id for district in site.districts) == districts


def test_a_host_of_two_districts_decides_for_neither_on_a_day_when_both_lived() -> None:
    site = read_host("https://kyanh.hatinh.gov.vn/")
    assert site.district_on("2020-01-01") is None
    early = site.district_on("2012-01-01")
    assert early is not None
    assert early.id == "447"


@given(st.text(max_size=80))
def test_any_address_may_be_asked(url: str) -> None:
    assert read_host(url) == read_host(url)
    read_host(f"https://{url}.gov.vn/")


# --- the gazetteer as a whole --------------------------------------------------------------------------------

GAZETTEER = load_gazetteer()
DISTRICTS = tuple(GAZETTEER.districts.values())
ROWS = json.loads(Path(archive.enrich.__file__).with_name("gazetteer.json").read_text("utf-8"))["districts"]


def test_no_two_units_have_one_code_on_one_day() -> None:
    spans = [(d.gso, d.names[0].since or "", d.names[-1].until or "9999", d.id) for d in DISTRICTS]
    for before, after in pairwise(sorted(spans)):
        assert before[0] != after[0] or before[2] < after[1], (before[3], after[3])


def test_an_id_is_the_code_or_the_code_and_the_year_it_passed_to_the_unit() -> None:
    assert len(ROWS) == len({row["id"] for row in ROWS}) == len(DISTRICTS)
    for district in DISTRICTS:
        year = (district.names[0].since or "")[:4]
        assert district.id in (district.gso, f"{district.gso}-{year}")


def test_every_change_says_who_decided_it() -> None:
    """A resolution in `by`, with a question mark before what was not seen in a source."""
    for row in ROWS:
        changed = any(since for _, _, since, _ in row["names"]) or row["names"][-1][3] != DISTRICTS_END
        assert bool(row.get("by")) == bool(changed or len(row["names"]) > 1), row["id"]


def test_a_district_that_ended_early_went_into_one_of_its_province_that_lived_on() -> None:
    for district in DISTRICTS:
        last = district.names[-1]
        assert (district.into is None) == (last.until == DISTRICTS_END), district.id
        if district.into is not None:
            heir = GAZETTEER.districts[district.into]
            assert heir.names[-1].province == last.province
            assert (heir.names[-1].until or "") > (last.until or "")


def test_successors_are_communes_of_the_new_province_with_shares_of_the_whole() -> None:
    for district in DISTRICTS:
        now = GAZETTEER.provinces[district.names[-1].province].now
        assert {GAZETTEER.communes[code].province for code in district.successors} <= {now}
        assert bool(district.successors) == (district.into is None)
        assert not district.shares or abs(sum(district.shares) - 1) < 1e-9
        assert list(district.shares) == sorted(district.shares, reverse=True)
    assert {code for district in DISTRICTS for code in district.successors} == set(GAZETTEER.communes)
    assert len(GAZETTEER.communes) == 3321


@pytest.mark.parametrize(
    ("day", "number"),
    [
        ("2019-06-01", 713),
        ("2020-01-15", 711),
        ("2020-03-15", 707),
        ("2022-01-01", 705),
        ("2024-10-01", 704),
        ("2025-02-01", 696),
        ("2025-07-01", 0),
    ],
)
def test_there_were_as_many_districts_as_the_register_counts(day: str, number: int) -> None:
    """The General Statistics Office's counts, vietnamese.md section 2.2."""
    assert sum(bool(district.names_on(day)) for district in DISTRICTS) == number


@pytest.mark.parametrize(
    ("code", "day", "name", "province"),
    [
        ("447", "2014-01-01", "Huyện Kỳ Anh", "Tỉnh Hà Tĩnh"),
        ("449", "2016-01-01", "Thị xã Kỳ Anh", "Tỉnh Hà Tĩnh"),
        ("850", "2016-01-01", "Huyện Duyên Hải", "Tỉnh Trà Vinh"),
        ("851", "2016-01-01", "Thị xã Duyên Hải", "Tỉnh Trà Vinh"),
        ("936", "2016-01-01", "Huyện Long Mỹ", "Tỉnh Hậu Giang"),
        ("937", "2016-01-01", "Thị xã Long Mỹ", "Tỉnh Hậu Giang"),
        ("682", "2024-11-30", "Huyện Đạ Tẻh", "Tỉnh Lâm Đồng"),
        ("682", "2024-12-01", "Huyện Đạ Huoai", "Tỉnh Lâm Đồng"),
        ("769", "2020-12-31", "Quận 2", "Thành phố Hồ Chí Minh"),
        ("769", "2021-01-01", "Thành phố Thủ Đức", "Thành phố Hồ Chí Minh"),
        ("753", "2024-12-31", "Huyện Đất Đỏ", "Tỉnh Bà Rịa - Vũng Tàu"),
        ("753", "2025-01-01", "Huyện Long Đất", "Tỉnh Bà Rịa - Vũng Tàu"),
        ("049", "2020-02-29", "Huyện Quảng Uyên", "Tỉnh Cao Bằng"),
        ("049", "2020-03-01", "Huyện Quảng Hòa", "Tỉnh Cao Bằng"),
        ("474", "2024-12-31", "Thành phố Huế", "Tỉnh Thừa Thiên Huế"),
        ("474", "2025-01-01", "Quận Thuận Hóa", "Thành phố Huế"),
        ("019", "2014-03-31", "Huyện Từ Liêm", "Thành phố Hà Nội"),
        ("019", "2014-04-01", "Quận Nam Từ Liêm", "Thành phố Hà Nội"),
        ("268", "2008-07-31", "Thành phố Hà Đông", "Tỉnh Hà Tây"),
        ("268", "2008-08-01", "Thành phố Hà Đông", "Thành phố Hà Nội"),
        ("268", "2009-05-08", "Quận Hà Đông", "Thành phố Hà Nội"),
        ("250", "2008-07-31", "Huyện Mê Linh", "Tỉnh Vĩnh Phúc"),
        ("691", "2009-08-10", "Huyện Phước Long", "Tỉnh Bình Phước"),
        ("691", "2009-08-11", "Huyện Bù Gia Mập", "Tỉnh Bình Phước"),
        ("694", "2009-08-10", "Huyện Bình Long", "Tỉnh Bình Phước"),
        ("890", "2023-04-10", "Thị xã Tịnh Biên", "Tỉnh An Giang"),
        ("123", "2025-02-01", "Thị xã Mộc Châu", "Tỉnh Sơn La"),
        ("754", "2025-03-01", "Thành phố Phú Mỹ", "Tỉnh Bà Rịa - Vũng Tàu"),
        *((code, "2020-01-01", f"Huyện {name}", province) for code, name, province in (
            ("318", "Bạch Long Vĩ", "Thành phố Hải Phòng"), ("471", "Cồn Cỏ", "Tỉnh Quảng Trị"),
            ("498", "Hoàng Sa", "Thành phố Đà Nẵng"), ("755", "Côn Đảo", "Tỉnh Bà Rịa - Vũng Tàu"),
            ("576", "Trường Sa", "Tỉnh Khánh Hòa"), ("536", "Lý Sơn", "Tỉnh Quảng Ngãi"),
            ("602", "Phú Quý", "Tỉnh Bình Thuận"), ("912", "Kiên Hải", "Tỉnh Kiên Giang"),
            ("207", "Cô Tô", "Tỉnh Quảng Ninh"), ("203", "Vân Đồn", "Tỉnh Quảng Ninh"),
            ("317", "Cát Hải", "Thành phố Hải Phòng"))),
    ],
)  # fmt: skip
def test_a_code_and_a_day_give_a_name_and_a_province(code: str, day: str, name: str, province: str) -> None:
    """The watch list of vietnamese.md section 2.2, Hà Tây's end (Nghị quyết 15/2008/QH12), the islands."""
    district = GAZETTEER.find_district(code, day)
    assert district is not None
    place = place_on(district.id, day)
    assert place is not None
    assert (place.name, place.province) == (name, province)


def test_the_names_agree_with_the_register_of_2023_and_2025() -> None:
    folder = SHARED / "data" / "lexicons"
    if not folder.is_dir():
        pytest.skip(f"{folder} is absent (set ANSINH_SHARED)")
    registered = json.loads((folder / "districts.json").read_text("utf-8"))["districts"]
    became = json.loads((folder / "district_successors_2025.json").read_text("utf-8"))["districts"]
    for row in registered:
        for field, day in (("name_2023", "2023-06-01"), ("name_2025", "2025-03-01")):
            district = GAZETTEER.find_district(row["code"], day)
            if field not in row:
                continue
            assert district is not None
            (kind,) = {name.type for name in district.names_on(day)}
            bases = {name.base for name in district.names_on(day)} | set(district.aliases)
            assert word_keys(row[field]) in {word_keys(f"{kind} {base}") for base in bases}
            assert district.names[-1].province == row["province"]
    for code, row in became.items():
        district = GAZETTEER.find_district(code, DISTRICTS_END)
        assert district is not None
        assert list(district.successors) == [commune for commune, _, _ in row["communes"]]
        assert GAZETTEER.provinces[district.names[-1].province].now == row["new_province"]


# --- labels --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "vi", "en", "province"),
    [
        ("004", "Quận Long Biên, Thành phố Hà Nội", "Long Biên District, Hà Nội City", "01"),
        ("771", "Quận 10, Thành phố Hồ Chí Minh", "District 10, Hồ Chí Minh City", "79"),
        ("088", "Thị xã Sa Pa, Tỉnh Lào Cai", "Sa Pa Town, Lào Cai Province", "10"),
        ("250", "Huyện Mê Linh, Thành phố Hà Nội", "Mê Linh District, Hà Nội City", "01"),
        ("89", "Tỉnh An Giang", "An Giang Province", "89"),
        ("21548", "Đặc khu Lý Sơn, Tỉnh Quảng Ngãi", "Lý Sơn Special Zone, Quảng Ngãi Province", "51"),
        ("999", "999", "999", None),
    ],
)
def test_readers_see_names_instead_of_ids(place: str, vi: str, en: str, province: str | None) -> None:
    assert place_label(place) == vi
    assert place_label(place, "en") == en
    assert province_of(place) == province


def test_every_place_has_a_province_with_a_label() -> None:
    for place in (*GAZETTEER.districts, *GAZETTEER.communes):
        province = province_of(place)
        assert province in GAZETTEER.provinces
        assert place_label(province) != province


def test_a_district_is_now_part_of_communes_or_went_into_another_before() -> None:
    district = successors("373")
    assert district is not None
    assert district.province == "Tỉnh Ninh Bình"
    assert "Xã Gia Viễn" in dict(district.communes)
    assert district.into is None
    merged = successors("769")
    assert merged == Successors("Thành phố Hồ Chí Minh", (), "769-2021")
    assert successors("00145") is None
