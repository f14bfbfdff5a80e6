"""`ansinh portals check` and `new`: a short, polite look at one portal, on loopback, that leaves nothing behind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from scraper.catalogue import parse
from scraper.demo.answers import Answer, Request
from scraper.demo.sites import PORTALS_FILE, DemoSites
from tests.cms.simulated import Cms, Simulated, menu
from tests.forked import Done, run
from tests.loopback import listing_page
from tests.site import HOST, Site
from tests.test_platform_crawls import PORTALS

DEMO = ("demo-soc-son", "demo-cau-giay", "demo-chau-thanh", "demo-nho-quan", "demo-nghi-loc", "demo-duc-trong")
FAMILIES = tuple(cms for cms in PORTALS if cms.name != "lamdong")  # whose list is a REST answer that no menu leads to
MOST_REQUESTS = 16  # to one portal, robots.txt and redirects included


def ansinh(data: Path, *arguments: str) -> Done:
    done = run("--data", str(data), *arguments)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def settle(data: Path, port: int, extra: str = "") -> None:
    (data / "portals").mkdir(parents=True, exist_ok=True)
    (data / "ansinh.toml").write_text(f'delay = 0.0\nroutes = {{ "*.mophong.test" = "127.0.0.1:{port}" }}\n{extra}')


def files(data: Path) -> list[str]:
    return sorted(path.relative_to(data).as_posix() for path in data.rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoSites]:
    with DemoSites() as sites:
        yield sites


class WithHome(Simulated):
    """The simulated CMSs, whose home page is the list of their first section, below a menu of all."""

    def answer(self, request: Request) -> Answer:
        if request.path != "/" or request.query:
            return super().answer(request)
        cms, site = self._portals[request.host.partition(".")[0]]
        first = urlsplit(next(iter(cms.sections.values())))
        listed = super().answer(
            replace(request, path=first.path, target=f"{first.path}?{first.query}", query=dict(parse_qsl(first.query)))
        )
        title = b"<head><title>Trang ch\xe1\xbb\xa7</title>"
        return replace(listed, body=title + menu(site).encode() + listed.body)


@pytest.fixture(scope="module")
def simulated() -> Iterator[Simulated]:
    with WithHome(FAMILIES) as sites:
        yield sites


# --- check ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DEMO)
def test_a_healthy_portal_is_as_its_entry_says_and_nothing_is_stored(
    demo: DemoSites, tmp_path: Path, name: str
) -> None:
    settle(tmp_path, demo.port)
    (tmp_path / "portals/demo.toml").write_bytes(PORTALS_FILE.read_bytes())
    before, asked = files(tmp_path), len(demo.requests)
    done = ansinh(tmp_path, "portals", "check", name)
    assert done.returncode == 0, done.stdout
    assert "as its entry says" in done.stdout
    assert "nothing was stored" in done.stdout
    assert "verified" not in done.stdout, "a server on this machine earns no date"
    assert files(tmp_path) == before
    seen = demo.requests[asked:]
    assert seen[0].path == "/robots.txt"
    assert len(seen) <= MOST_REQUESTS
    assert len({(one.method, one.path) for one in seen}) == len(seen), "an address was asked for twice"


def test_programs_read_the_findings_as_json(demo: DemoSites, tmp_path: Path) -> None:
    settle(tmp_path, demo.port)
    (tmp_path / "portals/demo.toml").write_bytes(PORTALS_FILE.read_bytes())
    done = ansinh(tmp_path, "portals", "check", "demo-nghi-loc", "--json")
    found = {row["what"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert {"home", "platform", "article", "Người có công", "listing"} <= found.keys()
    assert {row["portal"] for row in found.values()} == {"demo-nghi-loc"}
    assert all(row["ok"] for row in found.values())


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(7) as running:
        running.prepare(tmp_path)
        yield running


def checked(data: Path) -> tuple[int, str]:
    done = ansinh(data, "portals", "check", "doi-thay")
    return done.returncode, done.stdout


GATE = b'<html><script>document.cookie="D1N=0123456789abcdef0123456789abcdef"+"; path=/";window.location.reload(true);</script>'
CASES = {
    "another platform": (b"<div class='ArticleDetailControl'></div>", {}, 200, "bears the marks of vnpt"),
    "a gate": (GATE, {}, 200, "only sets the cookie D1N"),
    "another host": (b"", {"Location": "https://khac.vn/"}, 302, "leads to https://khac.vn/"),
    "a loop": (b"", {"Location": "/"}, 302, "redirected more than"),
    "a server error": (b"", {}, 503, "HTTP 503"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_not_as_the_entry_says_is_said_and_fails(site: Site, tmp_path: Path, case: str) -> None:
    body, headers, status, said = CASES[case]
    site.everything = (status, headers, body)
    code, output = checked(tmp_path)
    assert code == 1
    assert said in output
    assert "not as the entry says; nothing was stored" in output


def test_a_section_that_is_gone_and_one_that_lists_nothing_are_named(site: Site, tmp_path: Path) -> None:
    entry = tmp_path / "portals/doi-thay.toml"
    more = '"/vi/news/tin-tuc/", "Cũ" = "/cu/", "Rỗng" = "/rong/"'
    entry.write_text(entry.read_text().replace('"/vi/news/tin-tuc/"', more))
    site.answers["/"] = site.answers["/rong/"] = (200, {}, listing_page("", ""))
    code, output = checked(tmp_path)
    assert code == 1
    assert [line.split()[:2] for line in output.splitlines() if line.startswith("!")] == [["!", "Cũ"], ["!", "Rỗng"]]
    assert "7 articles listed" in output
    assert "«Huyện Gia Viễn giảm nghèo, bài số 7»" in output


def test_a_gate_that_the_entry_opens_is_passed(site: Site, tmp_path: Path) -> None:
    entry = tmp_path / "portals/doi-thay.toml"
    entry.write_text(entry.read_text() + 'cookie = "D1N"\n')
    site.everything = (200, {}, GATE)
    assert "only sets the cookie D1N" in checked(tmp_path)[1], "a gate that stays shut is said to"
    assert sum(path == "/" for path, _ in site.requests) == 2, "asked once more, with the cookie, and no more"


def test_what_robots_txt_forbids_is_not_asked(site: Site, tmp_path: Path) -> None:
    site.answers["/robots.txt"] = (200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /\n")
    code, output = checked(tmp_path)
    assert code == 1
    assert "robots.txt" in output
    assert {path for path, _ in site.requests} == {"/robots.txt"}


def test_a_silent_server_is_said_to_be_silent(site: Site, tmp_path: Path) -> None:
    site.close()
    code, output = checked(tmp_path)
    assert code == 1
    assert "! home" in output


def test_nobody_is_asked_without_a_contact(tmp_path: Path) -> None:
    done = ansinh(tmp_path, "portals", "check", "giavien")
    assert done.returncode == 1
    assert "set `contact` in ansinh.toml" in done.stdout
    assert files(tmp_path) == []


def test_a_portal_that_lost_its_host_is_not_asked_but_its_heir_is_named(tmp_path: Path) -> None:
    done = ansinh(tmp_path, "portals", "check", "caugiay")
    assert done.returncode == 1
    assert "caugiay-phuong" in done.stderr


def test_a_place_that_does_not_exist_is_said(site: Site, tmp_path: Path) -> None:
    entry = tmp_path / "portals/doi-thay.toml"
    entry.write_text(entry.read_text().replace('"373"', '"9999"'))
    assert "no place '9999'" in checked(tmp_path)[1]


# --- new -----------------------------------------------------------------------------------------------------

PLACES = dict(zip(DEMO, ("016", "005", "892", "372", "429", "678"), strict=True))


@pytest.mark.parametrize("name", DEMO)
def test_a_new_portal_is_recognised_with_its_sections_and_place(demo: DemoSites, tmp_path: Path, name: str) -> None:
    settle(tmp_path, demo.port)
    before = files(tmp_path)
    done = ansinh(tmp_path, "portals", "new", f"http://{name}.mophong.test/")
    assert done.returncode == 0, done.stderr
    assert files(tmp_path) == before
    (portal,) = parse(done.stdout, tmp_path / "new.toml")
    wanted = next(one for one in parse(PORTALS_FILE.read_text(), PORTALS_FILE) if one.name == name)
    assert (portal.name, portal.platform, portal.hosts) == (wanted.name, wanted.platform, wanted.hosts)
    assert [(unit.place, unit.until) for unit in portal.units] == [(PLACES[name], "2025-06-30")]
    assert set(portal.sections.values()) == set(wanted.sections.values())
    assert portal.verified == "fixture", "a server on this machine was asked"


@pytest.mark.parametrize("cms", FAMILIES, ids=lambda cms: cms.name)
def test_a_new_portal_of_any_family_is_recognised(simulated: Simulated, tmp_path: Path, cms: Cms) -> None:
    settle(tmp_path, simulated.port)
    done = ansinh(tmp_path, "portals", "new", f"http://{cms.host}/")
    assert done.returncode == 0, done.stderr
    (portal,) = parse(done.stdout, tmp_path)
    assert (portal.platform, portal.units, portal.title) == (cms.platform, (), cms.host)
    assert len(portal.sections) == len(cms.sections)


def test_a_written_entry_can_be_crawled_at_once(simulated: Simulated, tmp_path: Path) -> None:
    settle(tmp_path, simulated.port)
    cms = next(cms for cms in FAMILIES if cms.platform == "drupal")
    assert ansinh(tmp_path, "portals", "new", f"http://{cms.host}/", "--write").returncode == 0
    assert files(tmp_path) == ["ansinh.toml", f"portals/{cms.name}.toml"]
    crawled = ansinh(tmp_path, "crawl", cms.name, "--json")
    assert json.loads(crawled.stdout.splitlines()[-1])["new"] == len(cms.site().articles)


def test_a_written_entry_is_never_overwritten(demo: DemoSites, tmp_path: Path) -> None:
    settle(tmp_path, demo.port)
    address = "http://demo-nho-quan.mophong.test/"
    (tmp_path / "portals/demo-nho-quan.toml").write_text("# mine\n")
    done = ansinh(tmp_path, "portals", "new", address, "--write")
    assert done.returncode == 1
    assert "exists already" in done.stderr
    assert (tmp_path / "portals/demo-nho-quan.toml").read_text() == "# mine\n"


def test_a_host_that_is_in_the_catalogue_is_not_new(tmp_path: Path) -> None:
    done = ansinh(tmp_path, "portals", "new", "https://www.giavien.ninhbinh.gov.vn/tin-tuc")
    assert done.returncode == 1
    assert "giavien's already" in done.stderr


@pytest.mark.parametrize("address", ["giavien.gov.vn", "ftp://a.gov.vn/", "http://"])
def test_what_is_no_address_of_a_home_page_is_refused(tmp_path: Path, address: str) -> None:
    assert ansinh(tmp_path, "portals", "new", address).returncode == 2


def test_a_page_that_is_no_portal_gives_an_entry_that_is_not_written(site: Site, tmp_path: Path) -> None:
    (tmp_path / "portals/doi-thay.toml").unlink()
    site.everything = (
        200,
        {},
        "<html><head><title>Cửa hàng</title></head><body><p>Bán hàng.</p></body></html>".encode(),
    )
    done = ansinh(tmp_path, "portals", "new", f"http://{HOST}/", "--write")
    assert done.returncode == 1
    (portal,) = parse(done.stdout, tmp_path)
    assert (portal.platform, portal.sections, portal.verified) == ("generic", {}, "fixture")
    assert "none is listed anywhere" in done.stderr
    assert files(tmp_path) == ["ansinh.toml"]


@pytest.mark.parametrize("case", ["another host", "a gate", "a loop"])
def test_a_home_page_that_does_not_come_gives_no_entry(site: Site, tmp_path: Path, case: str) -> None:
    (tmp_path / "portals/doi-thay.toml").unlink()
    body, headers, status, said = CASES[case]
    site.everything = (status, headers, body)
    done = ansinh(tmp_path, "portals", "new", f"http://{HOST}/", "--write")
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
    assert files(tmp_path) == ["ansinh.toml"]
