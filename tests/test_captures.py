"""Evidence: what is written can be read, and what is torn is noticed wherever it is torn."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from archive.captures import (
    Exchange,
    Original,
    SealedFile,
    WarcDamaged,
    WarcWriter,
    has_member_per_record,
    members,
    read_record,
    read_warc,
    repack,
    write_resources,
)
from tests.pages import HOST, article_page, exchange, url, warc


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return warc(tmp_path, [exchange(url(n), article_page(views=n)) for n in range(5)])


def test_a_response_is_read_back_with_its_bytes_headers_and_request(file: Path) -> None:
    records = list(read_warc(file))
    responses = [record for record in records if record.type == "response"]
    assert [record.body for record in responses] == [article_page(views=n) for n in range(5)]
    assert (responses[0].url, responses[0].status, responses[0].mime) == (url(0), 200, "text/html")
    assert [record.type for record in records[:3]] == ["warcinfo", "response", "request"]


def test_every_record_is_a_gzip_member_of_its_own_and_can_be_read_by_offset(file: Path) -> None:
    records = list(read_warc(file))
    assert [offset for offset, _ in members(file)] == [record.offset for record in records]
    assert has_member_per_record(file)
    assert read_record(file, records[3].offset) == records[3]


def test_a_compressed_body_is_kept_as_sent_and_read_decoded(tmp_path: Path) -> None:
    sent = Exchange(
        url(1), 200, [], [("Content-Type", "text/html"), ("Content-Encoding", "gzip")], gzip.compress(b"<p>A")
    )
    (response,) = (record for record in read_warc(warc(tmp_path, [sent])) if record.type == "response")
    assert response.body == b"<p>A"
    assert response.headers["content-encoding"] == "gzip"


def test_a_revisit_names_its_original_and_carries_no_body(tmp_path: Path) -> None:
    writer = WarcWriter(tmp_path, "thu-nghiem", "r1")
    writer.write(exchange(url(1), article_page()), Original(url(1), "2022-01-13T00:00:00Z"))
    path = writer.seal()
    assert path is not None
    (record,) = (record for record in read_warc(path) if record.type == "revisit")
    assert record.body == b""
    assert b"http://netpreserve.org/warc/1.1/revisit/identical-payload-digest" in gzip.decompress(path.read_bytes())
    assert record.payload_digest == next(
        r.payload_digest
        for r in read_warc(warc(tmp_path / "b", [exchange(url(1), article_page())]))
        if r.type == "response"
    )


def test_a_file_in_progress_is_open_until_it_is_sealed(tmp_path: Path) -> None:
    writer = WarcWriter(tmp_path, "thu-nghiem", "r1")
    writer.write(exchange(url(1), b"x"))
    assert [path.suffix for path in tmp_path.rglob("*.warc.gz*")] == [".open"]
    path = writer.seal()
    assert [path] == list(tmp_path.rglob("*.warc.gz*"))
    assert writer.seal() is None


def test_a_draft_that_cannot_be_verified_never_gets_its_name(tmp_path: Path) -> None:
    sealed = SealedFile(tmp_path / "a.warc.gz")
    sealed.file.write(b"not gzip")
    with pytest.raises(WarcDamaged):
        sealed.seal()
    assert not (tmp_path / "a.warc.gz").exists()


def test_a_file_cut_anywhere_in_its_last_member_is_noticed_and_the_earlier_records_are_whole(file: Path) -> None:
    whole = file.read_bytes()
    *earlier, (last, length) = list(members(file))
    for cut in range(last + 1, last + length, 7):
        file.write_bytes(whole[:cut])
        found = []
        with pytest.raises(WarcDamaged) as caught:
            found.extend(members(file))
        assert caught.value.offset == last
    file.write_bytes(whole[:last])
    assert list(members(file)) == earlier


def test_garbage_after_the_last_member_is_noticed(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"garbage")
    with pytest.raises(WarcDamaged, match="not a gzip member"):
        list(members(file))


@pytest.mark.parametrize("compress", [lambda raw: raw, gzip.compress])
def test_a_file_without_a_member_per_record_is_packed_again_with_the_same_captures(
    tmp_path: Path, file: Path, compress
) -> None:  # type: ignore[no-untyped-def]
    other = tmp_path / "other.warc"
    other.write_bytes(compress(gzip.decompress(file.read_bytes())))
    assert not has_member_per_record(other)
    repack(other, tmp_path / "packed.warc.gz")
    assert has_member_per_record(tmp_path / "packed.warc.gz")
    assert [r.capture_id for r in read_warc(tmp_path / "packed.warc.gz")] == [r.capture_id for r in read_warc(file)]


def test_imported_bytes_become_the_same_records_each_time(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_resources(tmp_path / f"{name}.warc.gz", "source", [(HOST, "text/html", b"<p>")], "2022-01-13T00:00:00Z")
    one, other = (list(read_warc(tmp_path / f"{name}.warc.gz")) for name in ("a", "b"))
    assert one == other
    assert (one[0].type, one[0].mime, one[0].date) == ("resource", "text/html", "2022-01-13T00:00:00Z")
