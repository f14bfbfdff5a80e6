"""Pages that are not what their address says: soft 404s, captchas, blocks, parked hosts. None becomes an article (F25)."""

from __future__ import annotations

import json
import random
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from archive.models import ExtractError, Page, Portal
from archive.text import clean
from scraper.catalogue import read
from scraper.demo.answers import Request
from scraper.demo.cms import hnp, liferay, nukeviet, vnpt, websphere, wordpress
from scraper.demo.site import PORTALS_FILE, Site, load_sites
from scraper.extract import read as read_page
from tests.pages import article_page

SITES = {site.platform: site for site in load_sites()}
PORTALS = {portal.platform: portal for portal in read(PORTALS_FILE)}
ANSWER = {"hnp": hnp.answer, "liferay": liferay.answer, "nukeviet": nukeviet.answer, "vnpt": vnpt.answer,
          "websphere": websphere.answer, "wordpress": wordpress.answer}  # fmt: skip
ADDRESS: dict[str, Callable[[Site], str]] = {
    "hnp": lambda site: hnp.article_url(site, site.articles[0]),
    "liferay": lambda site: liferay.article_url(site, site.articles[0]),
    "nukeviet": lambda site: nukeviet.article_url(site, site.articles[0]),
    "vnpt": lambda site: vnpt.article_url(site, site.articles[0]),
    "websphere": lambda site: websphere.article_url(site, site.articles[0]),
    "wordpress": lambda site: wordpress.article_url(site.articles[0]),
}


def plain(title: str, text: str) -> bytes:
    return f"<!DOCTYPE html><html lang=vi><head><title>{title}</title></head><body><h1>{title}</h1><p>{text}</p></body></html>".encode()


FALSE = {
    "soft 404": plain("Không tìm thấy trang", "Trang bạn tìm không tồn tại hoặc đã được chuyển đi nơi khác."),
    "captcha": plain("Xác minh", "Vui lòng nhập mã xác nhận để tiếp tục. Hệ thống phát hiện truy cập bất thường."),
    "login": plain("Đăng nhập", "<form><input name=user><input type=password></form>"),
    "block": plain("Access denied", "Your request was blocked by the web application firewall. Incident 1742."),
    "waiting room": plain("Just a moment...", "<script>location.reload()</script>Checking your browser."),
    "parked": plain("Tên miền này đang được rao bán", "Liên hệ nhà đăng ký tên miền."),
    "server's own page": plain("IIS Windows Server", "<img src=iis-85.png>"),
    "maintenance": plain("Hệ thống đang bảo trì", "Xin quý vị quay lại sau."),
    "frame": b"<html><head><title>x</title></head><frameset><frame src='http://ban.example'></frameset></html>",
    "moved by script": b"<html><head><meta http-equiv=refresh content='0;url=/'></head><body></body></html>",
    "nothing": b"",
    "an error of the database": b"Fatal error: Uncaught mysqli_sql_exception: Too many connections",
}


def missing_page(platform: str) -> bytes:
    """Return what the CMS itself says of an address that it does not know, in its own frame, as some do with status 200."""
    site = SITES[platform]
    request = Request("GET", f"{site.name}.mophong.test", "/khong/co/trang-nay", "/khong/co/trang-nay")
    answer = ANSWER[platform](site, request)
    assert answer.status == 404
    return answer.body


def article(portal: Portal, url: str, body: bytes) -> bool:
    """Say whether the bytes become an article."""
    page = Page(url, body, 200, {"content-type": "text/html; charset=utf-8"}, "2022-01-13T00:00:00Z")
    try:
        return read_page(page, portal).article is not None
    except ExtractError:
        return False


@pytest.mark.parametrize("platform", SITES)
def test_no_false_page_becomes_an_article(platform: str) -> None:
    portal = PORTALS[platform]
    url = f"http://{SITES[platform].name}.mophong.test{ADDRESS[platform](SITES[platform])}"
    pages = {**FALSE, "missing": missing_page(platform)}
    assert [kind for kind, body in pages.items() if article(portal, url, body)] == []
    assert len(pages) * len(SITES) >= 40


@pytest.mark.parametrize("platform", SITES)
def test_control_the_true_page_at_that_address_is_one(platform: str) -> None:
    site, path = SITES[platform], ADDRESS[platform](SITES[platform])
    request = replace(Request("GET", f"{site.name}.mophong.test", path, path))
    assert article(PORTALS[platform], f"http://{site.name}.mophong.test{path}", ANSWER[platform](site, request).body)


# --- what hackers put there ----------------------------------------------------------------------------------

BRANDS = (
    "ABC88",
    "Thần Tài Club",
    "KingVip",
    "Bet Vàng",
    "Lucky 68",
    "Rồng Việt",
    "Sky Win",
    "789Pro",
    "Vua Bài",
    "Hũ Rồng",
)
SELLING = (
    "{} là nhà cái uy tín nhất châu Á, mời bạn đăng ký tài khoản để nhận tiền thưởng ngay hôm nay.",
    "Kho trò chơi của {} có tài xỉu, xóc đĩa, bắn cá và nổ hũ cùng sòng bài trực tiếp.",
    "Người chơi tại {} nạp rút siêu tốc trong một phút, hoàn trả mỗi ngày không giới hạn.",
    "Tải app {} về điện thoại, truy cập link vào mới nhất không bị chặn.",
    "Khuyến mãi nạp đầu 100% cho thành viên mới của {}, cơ hội trúng lớn mỗi ngày.",
    "Soi kèo bóng đá hôm nay cùng chuyên gia {}, tỷ lệ kèo chuẩn xác.",
    "{} mang đến casino trực tuyến, baccarat và game bài đổi thưởng xanh chín.",
    "Tham gia cá cược bóng đá tại {}: tiền cược thấp, rút tiền nhanh.",
)
DISGUISES: tuple[Callable[[str], str], ...] = (
    lambda text: text,
    str.upper,
    lambda text: unicodedata.normalize("NFD", text),
    lambda text: "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c)).replace(
        "đ", "d"
    ),
    "\u200b".join,
)
FIGHTING = (
    "Công an huyện vừa triệt phá một đường dây cá cược bóng đá qua mạng, bắt giữ {} đối tượng.",
    "Ủy ban nhân dân xã tuyên truyền phòng, chống tệ nạn cờ bạc, tài xỉu, xóc đĩa dịp Tết cho {} hộ dân.",
    "Người chơi bị lừa nạp tiền vào trang cá cược trực tuyến; cơ quan điều tra đã khởi tố {} bị can.",
    "Huyện cảnh báo người dân không tải app đánh bạc, không tin lời mời hoàn trả tiền thưởng của nhà cái; {} vụ đã bị xử phạt.",
    "Hội nghị đấu tranh với tội phạm đánh bạc có {} đại biểu dự.",
    "Trong quý, {} trường hợp đặt cược trái phép đã bị xử lý theo Bộ luật Hình sự.",
)
WORKING = (
    "Huyện giảm {} hộ nghèo, đạt kế hoạch năm.",
    "Phiên giao dịch việc làm có {} lao động đăng ký.",
    "Hội Phụ nữ trao {} suất quà, tiền thưởng cho học sinh nghèo vượt khó.",
    "Ngân hàng chính sách xã hội cho {} hộ vay vốn, nhiều hộ đã hoàn trả đúng hạn.",
    "Trung tâm bảo trợ tiếp nhận {} cụ già không nơi nương tựa.",
    "Chương trình khuyến mãi của siêu thị giúp {} hộ nghèo mua hàng giá rẻ.",
)


def texts(sentences: Sequence[str], count: int, words: Sequence[object]) -> list[str]:
    chance = random.Random(11)
    return [
        " ".join(sentence.format(chance.choice(words)) for sentence in chance.sample(sentences, chance.randint(3, 5)))
        for _ in range(count)
    ]


def is_quarantined(text: str) -> bool:
    page = article_page(title=clean(text)[:60], body=[text])
    try:
        read_page(
            Page("http://a.vn/vi/news/tin/a-1.html", page, 200, {"content-type": "text/html"}), PORTALS["nukeviet"]
        )
    except ExtractError as error:
        return "quarantined" in str(error)
    return False


def test_what_sells_gambling_is_quarantined_and_what_fights_it_is_not() -> None:
    spam = [DISGUISES[n % len(DISGUISES)](text) for n, text in enumerate(texts(SELLING, 200, BRANDS))]
    legit = [*texts(FIGHTING, 100, range(2, 90)), *texts(WORKING, 100, range(2, 90))]
    assert sum(map(is_quarantined, spam)) >= 0.98 * len(spam)
    assert sum(map(is_quarantined, legit)) <= 0.01 * len(legit)


def test_control_without_the_phrases_all_of_it_becomes_articles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scraper.extract.suspicion", lambda _: "")
    assert not any(map(is_quarantined, texts(SELLING, 20, BRANDS)))


def test_labelled_articles_are_not_quarantined(shared: Path) -> None:
    lines = (shared / "data/gold/articles_dev.jsonl").read_text("utf-8").splitlines()
    said = [json.loads(line) for line in lines]
    assert len(said) > 100
    assert not [one["id"] for one in said if is_quarantined(f"{one['title']} {one['text']}")]


@pytest.mark.parametrize(
    "text",
    [
        "Quyết định số 404/QĐ-UBND về giảm nghèo.",
        "Tuyến đường liên xã đang được nâng cấp, bảo trì.",
        "Huyện cấp 12 giấy chứng nhận.",
    ],
)
def test_a_short_article_without_a_date_is_no_notice(text: str) -> None:
    page = article_page(title="Thông báo của huyện", body=[text], when="")
    assert article(PORTALS["nukeviet"], "http://a.vn/vi/news/tin/a-1.html", page)
