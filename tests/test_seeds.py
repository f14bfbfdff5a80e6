"""The text of five real pages, put into skeletons of every CMS family at run time, comes back clean."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader

from archive.models import Article, Host, Page, Portal
from archive.text import clean_line
from scraper.platforms import get_platform

SKELETONS = Path(__file__).parent / "skeletons"
VARIANTS = sorted(str(path.relative_to(SKELETONS)) for path in SKELETONS.glob("*/*.html"))
SEED_TEXTS = Path(os.environ.get("ANSINH_SHARED", Path(__file__).parents[2] / "shared")) / "data" / "seeds"
TEMPLATES = Environment(loader=FileSystemLoader(SKELETONS), autoescape=True)
BOILERPLATE = (
    "Viết bình luận",
    "Mã xác nhận",
    "Họ tên:(*)",
    "Lấy lại mã bảo mật",
    "L?y l?i m",
    "Các bài mới đăng",
    "Các bài đã đăng",
    "Bài viết Xem",
    "Video Clip",
    "Tiêu đề",
    "Thông kê truy cập",
    "Đang online",
    "Tổng số truy cập",
    "Your Website Title",
    "Bài viết khác",
    "CHÀO MỪNG ĐẾN",
    "HNP - ",
)
URLS = {
    "hnp": "http://hanoi.gov.vn/tintuc_sukien/-/hn/qPd5aBcD12eF/103/124578/1/bai-viet.html;jsessionid=Ab12Cd34.app2",
    "liferay": "https://longbien.hanoi.gov.vn/web/cu-khoi/tin-tuc/-/asset_publisher/aB3dE5fG7hI9/content/bai-viet",
    "websphere": "https://tinhbien.angiang.gov.vn/wps/portal/Home/2019/home/tin-chi-tiet/sa-tin-tuc/bai-viet#gsc.tab=0",
    "vnpt": "https://giavien.ninhbinh.gov.vn/tin-tuc/bai-viet-124578?pageindex=0",
}
KEYS = {"hnp": "124578", "liferay": "bai-viet", "websphere": "sa-tin-tuc/bai-viet", "vnpt": "124578"}


@dataclass(frozen=True)
class Seed:
    """How to cut a seed's text: lines above the title, the date as printed, what must come out."""

    name: str
    above: int
    date: str = ""
    stamp: str = ""
    published: str | None = None
    signature: str = ""
    date_in_title: bool = False
    source: str = ""

    def lines(self) -> list[str]:
        path = SEED_TEXTS / f"{self.name}.txt"
        if not path.exists():
            pytest.skip(f"{path} is absent: set ANSINH_SHARED to the folder of reference pages")
        return [line for line in map(clean_line, path.read_text("utf-8").splitlines()) if line]

    def title(self) -> str:
        line = self.lines()[self.above]
        return line.removesuffix(f" ({self.stamp})") if self.date_in_title else line

    def body(self) -> list[str]:
        lines = self.lines()[self.above + (2 if self.date and not self.date_in_title else 1) :]
        end = next((n for n, line in enumerate(lines) if line in (self.signature, "Video Clip")), len(lines))
        return lines[:end]

    def after(self) -> list[str]:
        lines = self.lines()
        last = self.body()[-1]
        return [line for line in lines[lines.index(last) + 1 :] if line != self.signature]


LONG_BIEN = Seed("hnp-long-bien", 0, "21:20 09/01/2020", "21:20 09/01/2020", "2020-01-09T21:20:00+07:00", "Nhật Minh")
DONG_DA = Seed("hnp-dong-da", 0, "15:59 04/04/2019", "15:59 04/04/2019", "2019-04-04T15:59:00+07:00", "Trường Giang")
SEEDS = (
    replace(LONG_BIEN, date_in_title=True, source="HNP"),
    replace(DONG_DA, date_in_title=True, source="HNP"),
    Seed("cu-khoi", 1, "Ngày đăng 17/02/2021 | 09:04 | Lượt xem: 228", "09:04 17/02/2021", "2021-02-17T09:04:00+07:00"),
    Seed("tinh-bien", 1, signature="Thanh Thiện (Tịnh Biên)"),
    Seed("gia-vien", 2, "Thứ tư, 12/07/2023", "12/07/2023", "2023-07-12", "Kim Thoả, Trung tâm VHTT&TT"),
)


def render(seed: Seed, variant: str) -> bytes:
    return (
        TEMPLATES.get_template(variant)
        .render(
            before=seed.lines()[: seed.above],
            category="bài viết chuyên sâu",
            title=seed.title(),
            date=seed.date,
            stamp=seed.stamp,
            body=seed.body(),
            signature=seed.signature,
            after=seed.after(),
        )
        .encode()
    )


def extracted(seed: Seed, variant: str) -> Article:
    family = variant.partition("/")[0]
    portal = Portal("x", "X", family, (Host("x"),), "https://x/")
    page = Page(URLS[family], render(seed, variant), headers={"content-type": "text/html; charset=utf-8"})
    platform = get_platform(family)
    assert platform.is_article(page, portal)
    return platform.extract(page, portal)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.name)
def test_a_seed_comes_out_of_every_skeleton_as_it_went_in(seed: Seed, variant: str) -> None:
    article = extracted(seed, variant)
    expected = [line.removeprefix("HNP - ") for line in seed.body()]
    assert article.title == seed.title()
    assert article.published == seed.published
    assert article.published_source == ("page" if seed.published else None)
    assert article.author == seed.signature
    assert [line for line in (article.summary, *article.body) if line] == expected
    assert article.source == seed.source
    assert len(article.kinds) == len(article.body)
    assert article.key == KEYS[variant.partition("/")[0]]
    assert article.language == "vi"


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.name)
def test_no_boilerplate_of_the_page_stays_in_the_text(seed: Seed, variant: str) -> None:
    text = extracted(seed, variant).text
    assert [phrase for phrase in BOILERPLATE if phrase in text] == []


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_skeleton_is_recognised_as_its_own_family_only(variant: str) -> None:
    page = Page("https://x.gov.vn/", render(SEEDS[0], variant))
    families = [name for name in ("hnp", "liferay", "vnpt", "websphere") if get_platform(name).fingerprint(page)]
    assert families == [variant.partition("/")[0]]


def test_each_family_has_at_least_four_skeletons() -> None:
    counts = {family: sum(variant.startswith(f"{family}/") for variant in VARIANTS) for family in URLS}
    assert min(counts.values()) >= 4
