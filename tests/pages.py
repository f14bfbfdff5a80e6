"""Small NukeViet-shaped pages of our own, and WARC files of them: what ingest tests feed on."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from archive.captures import Exchange, Original, WarcWriter

HOST = "http://thunghiem.test"
BODY = (
    "Năm 2022, huyện Gia Viễn phấn đấu giảm 120 hộ nghèo.",
    "Huyện cấp thẻ bảo hiểm y tế cho 4.000 người thuộc hộ nghèo, hộ cận nghèo.",
)


def url(number: int, slug: str = "ke-hoach-giam-ngheo") -> str:
    return f"{HOST}/vi/news/tin-tuc/{slug}-{number}.html"


def article_page(
    title: str = "Huyện Gia Viễn giảm nghèo năm 2022",
    body: Sequence[str] = BODY,
    when: str = "Thứ tư - 12/01/2022 08:00",
    views: int = 1,
    attachment: str = "",
) -> bytes:
    link = f'<div class="news-download-file"><a href="{attachment}" download>Tập tin : ke-hoach.pdf</a></div>'
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in body)
    return f"""<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><meta name="generator" content="NukeViet v4.5">
<title>{escape(title)}</title></head><body><div class="news_column panel panel-default"><div class="panel-body">
<h1 class="title margin-bottom-lg" itemprop="headline">{escape(title)}</h1><span class="h5">{when}</span>
<div class="hometext m-bottom" itemprop="description"></div>
<div id="news-bodyhtml" class="bodytext margin-bottom-lg">{paragraphs}</div>{link if attachment else ""}</div></div>
<div class="footer">Đang truy cập: {views}</div></body></html>""".encode()


def exchange(address: str, body: bytes, status: int = 200, mime: str = "text/html; charset=utf-8") -> Exchange:
    host = address.split("/")[2]
    return Exchange(address, status, [("Host", host)], [("Content-Type", mime)], body)


def warc(
    folder: Path, exchanges: Sequence[Exchange], run: str = "20220113T000000Z", portal: str = "thu-nghiem"
) -> Path:
    writer = WarcWriter(folder, portal, run)
    for one in exchanges:
        writer.write(one)
    path = writer.seal()
    assert path is not None
    return path


def revisit(address: str, original: Original, body: bytes) -> tuple[Exchange, Original]:
    return exchange(address, body), original
