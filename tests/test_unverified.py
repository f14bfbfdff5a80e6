"""Connections that nobody verified, by real crawls of a site behind TLS: the articles say so, and a rebuild says the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from archive.captures import RUN_URI, Exchange, WarcWriter
from archive.models import DataDir
from archive.runs import run_of
from archive.store import Store
from tests.site import Site
from tests.test_crawl import ansinh, rows
from tests.test_health_crawl import Secure, certificate, secured

Make = Callable[[Path], tuple[Site, str]]  # a site, and what its portal's entry says of TLS


def behind_a_bad_certificate(folder: Path) -> tuple[Site, str]:
    site = Secure(2)
    site.secure(certificate(folder, "bad", "khac.example.vn", expired=True))
    return site, "unverified"


def behind_a_good_certificate(folder: Path) -> tuple[Site, str]:
    site = Secure(2)
    site.secure(folder / "trusted.pem")
    return site, ""


def told(data: Path) -> dict[str, object]:
    """What the JSON of each article, and of its captures, says of the connection."""
    exported = rows(ansinh(data, "export", "--format", "jsonl").stdout)
    return {str(one["url"]): (one.get("tls"), [capture.get("tls") for capture in one["captures"]]) for one in exported}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("make", "said"), [(behind_a_bad_certificate, "unverified"), (behind_a_good_certificate, None)]
)
def test_an_article_says_whether_its_connection_was_verified_and_a_rebuild_says_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Make, said: str | None
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate(tmp_path, "trusted", "127.0.0.1")))
    site, tls = make(tmp_path)
    data = tmp_path / "data"
    with site:
        secured(data, site, tls)
        assert ansinh(data, "crawl", "doi-thay", check=False).stderr == ""
    before = told(data)
    assert list(before.values()) == [(said, [said])] * 2
    ansinh(data, "rebuild")
    assert told(data) == before
    shown = [
        ansinh(data, "show", str(one["id"])).stdout for one in rows(ansinh(data, "export", "--format", "jsonl").stdout)
    ]
    assert ["connection not verified" in page for page in shown] == [said is not None] * 2


def test_a_portal_without_tls_is_not_said_to_be_unverified(tmp_path: Path) -> None:
    with Site(2) as site:
        site.prepare(tmp_path)
        catalogue = tmp_path / "portals/doi-thay.toml"
        catalogue.write_text(catalogue.read_text() + 'tls = "unverified"\n')
        ansinh(tmp_path, "crawl", "doi-thay")
    assert list(told(tmp_path).values()) == [(None, [None])] * 2


# --- runs by their evidence alone ----------------------------------------------------------------------------

PAGE = Exchange("https://giavien.ninhbinh.gov.vn/tep.pdf", 200, [], [("Content-Type", "application/pdf")], b"%PDF-1.4")


def written(data: Path, run: str, *said: dict[str, object]) -> None:
    """Leave the evidence of a run with one page, after what the run noted of itself, each in a file of its own."""
    writer = WarcWriter(DataDir(data).captures, "giavien", run)
    for one in said:
        writer.write_metadata(f"{RUN_URI}{run}", one)
        writer.seal()
    writer.write(PAGE)
    writer.seal()


def held(data: Path) -> dict[str, str | None]:
    """What is known of the connection of each capture, by its run."""
    ansinh(data, "rebuild")
    store = Store(DataDir(data).database, read_only=True)
    found = [store.get_capture(capture.id) for capture in store.captures("giavien")]
    store.close()
    return {run_of(capture.warc): capture.tls for capture in found}


END = {"finished_at": "2026-01-02T03:04:09Z", "outcome": "ok", "note": ""}


def test_a_run_that_was_killed_has_said_what_it_took_unverified_and_no_other_run_speaks_for_it(tmp_path: Path) -> None:
    written(tmp_path, "20260102T030405000000Z", {"certificate": "ab" * 32})
    written(tmp_path, "20260103T030405000000Z", END)
    written(tmp_path, "20260104T030405000000Z", {"certificate": "ab" * 32}, END | {"certificate": "ab" * 32})
    assert held(tmp_path) == {
        "20260102T030405000000Z": "unverified",
        "20260103T030405000000Z": None,
        "20260104T030405000000Z": "unverified",
    }
    store = Store(DataDir(tmp_path).database, read_only=True)
    assert [run.outcome for run in store.runs("giavien", 9)] == ["ok", "ok", "interrupted"]
    store.close()


def test_what_a_web_archive_fetched_is_not_said_to_be_unverified(tmp_path: Path) -> None:
    written(tmp_path, "20260102T030405000000Z", {"certificate": "ab" * 32})
    (own,) = (tmp_path / "captures").rglob("*-0002.warc.gz")
    foreign = own.rename(tmp_path / "elsewhere.warc.gz")
    ansinh(tmp_path, "import", str(foreign), "--portal", "giavien")
    store = Store(DataDir(tmp_path).database, read_only=True)
    assert [store.get_capture(capture.id).tls for capture in store.captures("giavien")] == [None]
    store.close()
