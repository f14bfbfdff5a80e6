"""Database and index deleted, `ansinh rebuild` gives the same export byte for byte, whatever happened before (design section 1)."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from archive.captures import read_warc
from scraper.demo.answers import Answer, Request
from scraper.demo.article import Block
from scraper.demo.sites import DemoSites
from tests.test_crawl import ansinh, last_run, prepare

# listings that date what pages do not, attachments, paging, a feed and a REST answer between them
PORTALS = ("demo-chau-thanh", "demo-cau-giay", "demo-nghi-loc", "demo-duc-trong")


class Changing(DemoSites):
    """The simulated portals, of which some paths may fail tonight."""

    failing: frozenset[str] = frozenset()

    def answer(self, request: Request) -> Answer:
        return Answer(status=503) if request.path in self.failing else super().answer(request)


def export(data: Path) -> str:
    return ansinh(data, "export", "--format", "jsonl").stdout


def articles(data: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in export(data).splitlines()]


def rebuilt(data: Path) -> str:
    """Lose everything derived, make it again, and return the export."""
    for path in data.glob("ansinh.db*"):
        path.unlink()
    shutil.rmtree(data / "index")
    ansinh(data, "rebuild")
    assert "everything agrees" in ansinh(data, "check").stdout
    return export(data)


def edit(sites: DemoSites, portal: str) -> tuple[str, str]:
    """Change the text of a portal's first article and withdraw its last; return their titles."""
    site = sites.sites[portal]
    first, *rest, last = site.articles
    changed = replace(first, body=(*first.body, Block("p", "Huyện bổ sung 12 hộ nghèo vào danh sách được hỗ trợ.")))
    sites.sites[portal] = replace(site, articles=(changed, *rest))
    return first.title, last.title


@pytest.fixture(scope="module")
def three_nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, list[tuple[str, str]]]]:
    """A first crawl, a night without change, and one with changes, disappearances and failures."""
    data = tmp_path_factory.mktemp("nights") / "data"
    with Changing() as sites:
        prepare(data, sites.port)
        ansinh(data, "crawl", *PORTALS)
        ansinh(data, "crawl", *PORTALS, "--recheck", "all")
        edited = [edit(sites, portal) for portal in ("demo-nghi-loc", "demo-cau-giay", "demo-duc-trong")]
        sites.failing = frozenset(str(one["url"]).partition(".test")[2] for one in articles(data)[::7])
        ansinh(data, "crawl", *PORTALS, "--recheck", "all", check=False)
        yield data, edited


def test_the_three_nights_hold_what_a_rebuild_could_lose(three_nights: tuple[Path, list[tuple[str, str]]]) -> None:
    data, edited = three_nights
    held = {str(one["title"]): one for one in articles(data)}
    for changed, vanished in edited:
        assert len(held[changed]["versions"]) in (1, 2)  # type: ignore[arg-type]  # 1 where it failed that night
        assert held[vanished]["status"] in ("gone", "unknown")
    assert any(len(one["versions"]) == 2 for one in held.values())  # type: ignore[arg-type]
    assert {one["status"] for one in held.values()} == {"live", "gone", "unknown"}
    assert {one["published_source"] for one in held.values()} >= {"page", "listing"}
    assert any(file["sha256"] for one in held.values() for file in one["attachments"])  # type: ignore[attr-defined]
    kept = [record for path in data.glob("captures/*/*/*.gz") for record in read_warc(path)]
    assert sum(record.type == "revisit" and record.status == 304 for record in kept) > 20
    assert any(b'"hint"' in record.body for record in kept if record.type == "metadata")


def test_a_rebuild_after_three_nights_gives_the_same(three_nights: tuple[Path, list[tuple[str, str]]]) -> None:
    data, _ = three_nights
    before = export(data)
    assert rebuilt(data) == before


def test_a_rebuild_after_decisions_gives_the_same(
    three_nights: tuple[Path, list[tuple[str, str]]], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    shutil.copytree(three_nights[0], data)
    held = articles(data)
    with_files = next(one for one in held if one["attachments"])
    twice = next(one for one in held if len(one["versions"]) == 2)  # type: ignore[arg-type]
    plain = next(one for one in held if one not in (with_files, twice))
    why = ("--reason", "Theo yêu cầu của gia đình")
    ansinh(data, "takedown", str(with_files["id"]), *why)
    ansinh(data, "takedown", "--capture", str(twice["captures"][0]["id"]), *why)  # type: ignore[index]
    ansinh(data, "takedown", str(plain["id"]), "--span", str(plain["title"]).split()[-1], *why)
    ansinh(data, "correct", str(plain["id"]), "years", "2019", *why)
    before = export(data)
    assert str(with_files["id"]) not in before
    assert "█" in before
    assert rebuilt(data) == before


def test_the_shared_captures_in_either_order_give_the_same(shared: Path, tmp_path: Path) -> None:
    files = [str(shared / f"data/captures/{name}.warc.gz") for name in ("nukeviet", "nukeviet_mobile", "wordpress")]
    there, back = tmp_path / "there", tmp_path / "back"
    ansinh(there, "import", *files, check=False)  # hosts that are only linked to are listed and skipped
    ansinh(back, "import", *files[::-1], check=False)
    before = export(there)
    assert len(before.splitlines()) > 40
    assert export(back) == before
    assert rebuilt(back) == before


def test_control_evidence_that_is_left_out_makes_a_difference(
    three_nights: tuple[Path, list[tuple[str, str]]], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    shutil.copytree(three_nights[0], data)
    before = export(data)
    for path in (*last_run(data, "demo-nghi-loc"), *data.glob("ansinh.db*")):
        path.unlink()
    ansinh(data, "rebuild")
    assert export(data) != before
