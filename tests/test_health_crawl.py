"""Real crawls of sites on loopback that break in every way that has a name: the first night says which, and harms nothing."""

from __future__ import annotations

import shutil
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Event, Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from archive.captures import read_warc
from archive.health import portal_health
from archive.models import DataDir, Page, SearchRequest
from archive.runs import Cause, Health, Run
from archive.search import open_archive
from archive.store import Store
from scraper.catalogue import load
from scraper.crawl.signs import Signs, cause_of_error, cause_of_status, likely_cause, stranger
from scraper.quarantine import gate_cookie
from tests.conftest import PORTAL as NUKEVIET
from tests.hostile.crawl import crawl
from tests.loopback import path_of
from tests.pages import article_page
from tests.site import HOST, PORTAL, Site
from tests.test_crawl import ansinh, rows

LISTING = "/vi/news/tin-tuc/"
SPAM = article_page(
    title="Nhà cái uy tín nhất: tài xỉu, nổ hũ, casino, soi kèo",
    body=["Nạp rút nhanh, tặng khuyến mãi cho người chơi game bài đổi thưởng, baccarat và jackpot mỗi ngày."],
)
GATE = (
    b'<html><body><script>document.cookie="D1N=5c1f0e9a7b3d4c2e8f6a1b0c9d8e7f65"+"; expires=Fri, 31-Dec-99 23:59:59 GMT;'
    b' path=/";window.location.reload(true);</script></body></html>'
)
REDESIGN = (
    b'<html><head><title>Cong moi</title></head><body><div id="app"></div><script src="/app.js"></script></body></html>'
)
WORDPRESS = b'<html><head><link href="/wp-content/themes/x/style.css"><link rel="https://api.w.org/" href="/wp-json/"></head><body></body></html>'
PARKED = b"<html><body><h1>Ten mien nay dang duoc rao ban</h1><p>Lien he nha dang ky ten mien.</p></body></html>"
CAPTCHA = b"<html><body><p>Vui long nhap ma xac nhan</p></body></html>"
AWAY = {"Location": "http://phuong-moi.mophong.test/"}

Answer = tuple[int, dict[str, str], bytes]


class Night:
    """A data directory, the site it is filled from, and what its last run says."""

    def __init__(self, data: Path, site: Site, extra: str = "") -> None:
        self.data, self.site = data, site
        site.prepare(data)
        with (data / "portals/doi-thay.toml").open("a") as catalogue:
            catalogue.write(extra)

    def crawl(self, *options: str) -> str:
        return ansinh(self.data, "crawl", "doi-thay", *options, check=False).stderr

    def runs(self) -> tuple[Run, ...]:
        store = Store(DataDir(self.data).database, read_only=True)
        found = store.runs("doi-thay", 10)
        store.close()
        return found

    def health(self) -> Health:
        (found,) = open_archive(DataDir(self.data)).health()
        return found

    def shown(self) -> dict[str, str]:
        """Return the status of each article that readers find."""
        archive = open_archive(DataDir(self.data))
        found = archive.search(SearchRequest("giảm nghèo", limit=100))
        return {hit.entry.id: hit.entry.status for hit in found.hits}


@pytest.fixture(scope="module")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory after a good night of twelve articles."""
    data = tmp_path_factory.mktemp("first") / "data"
    with Site(12) as site:
        assert Night(data, site).crawl() == ""
    return data


@pytest.fixture
def night(first_night: Path, tmp_path: Path) -> Iterator[Night]:
    shutil.copytree(first_night, tmp_path / "data")
    with Site(12) as site:
        yield Night(tmp_path / "data", site)


def everything(answer: Answer | None) -> Callable[[Site], None]:
    return lambda site: setattr(site, "everything", answer)


def articles(body: bytes) -> Callable[[Site], None]:
    return lambda site: site.articles.update(dict.fromkeys(site.articles, body))


def pages(body: bytes, listing: bytes) -> Callable[[Site], None]:
    def change(site: Site) -> None:
        articles(body)(site)
        site.answers[LISTING] = (200, {}, listing)

    return change


def spam(site: Site) -> None:
    site.articles.update(dict.fromkeys(range(13, 40), SPAM))


WAYS: dict[str, tuple[Callable[[Site], None], Cause, str]] = {
    "its articles are redesigned": (articles(REDESIGN), "selector", "0 of 5 pages"),
    "all of it is redesigned": (pages(REDESIGN, REDESIGN + b"<p>Muc luc tin tuc</p>"), "selector", "0 articles seen"),
    "it runs on WordPress now": (pages(WORDPRESS, WORDPRESS), "another-cms", "0 articles seen"),
    "every address answers alike": (everything((200, {}, PARKED)), "soft-404", "0 articles seen"),
    "a cookie gate stands before it": (everything((200, {}, GATE)), "cookie-gate", "no page was answered"),
    "it asks for captchas": (everything((403, {}, CAPTCHA)), "blocked", "no page was answered"),
    "its server is broken": (everything((503, {}, b"")), "server-error", "no page was answered"),
    "its sections are gone": (lambda site: site.answers.update({LISTING: (404, {}, b"")}), "moved", "HTTP 404"),
    "it leads to another unit": (everything((301, AWAY, b"")), "redirect", "it leads to phuong-moi.mophong.test"),
    "every page leads home": (everything((301, {"Location": "/"}, b"")), "redirect", "no page was answered"),
    "its sections lead home": (
        lambda site: site.answers.update({LISTING: (301, {"Location": "/"}, b""), "/": (200, {}, REDESIGN)}),
        "redirect", "leads to the start page"),
    "it sells gambling": (spam, "hacked", "sell gambling; the run was ended"),
    "its pages all say the same": (
        lambda site: site.articles.update({n: article_page() for n in range(1, 40)}), "soft-404", "have the text of another"),
    "nobody answers": (lambda site: site.close(), "unreachable", "DownloadConnectionRefusedError"),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_a_broken_portal_is_named_with_its_cause_the_first_night_and_stays_public(night: Night, way: str) -> None:
    change, cause, said = WAYS[way]
    before = night.shown()
    change(night.site)
    told = night.crawl()
    assert f"doi-thay: {cause}: " in told
    assert said in told
    health = night.health()
    assert (health.state, health.last_good) == ("failing", night.runs()[1].started_at)
    assert health.alert is not None
    assert (health.alert.cause, health.alert.nights, health.alert.run) == (cause, 1, night.runs()[0].id)
    assert said in health.alert.detail
    after = night.shown()
    assert set(before) <= set(after)
    assert len(after) == len(before) + sum(n > 12 for n in night.site.articles) * (way == "its pages all say the same")
    assert "gone" not in after.values()


ROBOTS: dict[str, tuple[Answer, str]] = {
    "is broken": ((500, {}, b""), "robots.txt was unreachable"),
    "forbids it": ((200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /"), "0 articles seen"),
}


@pytest.mark.parametrize("way", ROBOTS)
def test_a_robots_txt_that_keeps_us_out_is_a_cause(tmp_path: Path, way: str) -> None:
    answer, said = ROBOTS[way]
    with Site(3) as site:
        site.answers["/robots.txt"] = answer
        night = Night(tmp_path, site)
        told = night.crawl()
    assert f"doi-thay: robots: {said}" in told
    health = night.health()
    assert health.alert is not None
    assert (health.alert.cause, health.last_good) == ("robots", None)


def test_three_nights_of_503_unpublish_nothing_and_are_one_alert(night: Night) -> None:
    night.site.everything = (503, {}, b"")
    for _ in range(3):
        night.crawl("--recheck", "all")
    assert len(night.runs()) == 4
    assert set(night.shown().values()) == {"unknown"}
    assert len(night.shown()) == 12
    night.site.everything = None
    assert night.crawl("--recheck", "all") == ""
    assert (night.health().state, set(night.shown().values())) == ("ok", {"live"})


def test_a_rebuild_derives_the_same_alert_figures_and_warnings(night: Night) -> None:
    articles(REDESIGN)(night.site)
    night.crawl()
    health, runs, shown = night.health(), night.runs(), night.shown()
    assert runs[0].figures.fetched == 5
    assert runs[1].figures.titled == runs[1].figures.listed == 12
    ansinh(night.data, "rebuild")
    assert (night.health(), night.runs(), night.shown()) == (health, runs, shown)


def test_one_page_that_cannot_be_read_is_a_warning_of_one_page(night: Night) -> None:
    night.site.articles[1] = REDESIGN
    assert "1 of 1 pages at addresses of articles cannot be read" in night.crawl("--recheck", "all")
    assert night.health().state == "warning"
    assert night.runs()[0].figures.unchanged == 11


def test_a_portal_that_never_answers_is_timed_out(tmp_path: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Hanging) as server, Site(0) as site:
        Thread(target=server.serve_forever, daemon=True).start()
        site.prepare(tmp_path)
        (tmp_path / "ansinh.toml").write_text(
            f'delay = 0.0\nroutes = {{ "*.mophong.test" = "127.0.0.1:{server.server_port}" }}\n'
        )
        said = crawl(tmp_path, ["doi-thay"], timeout=280, deadline=0.5).said
        Hanging.released.set()
        server.shutdown()
    assert "doi-thay: timeout: robots.txt was unreachable" in said


class Hanging(BaseHTTPRequestHandler):
    released = Event()

    def do_GET(self) -> None:
        self.released.wait(280)

    def log_message(self, *_: object) -> None:
        pass


def test_the_other_portals_of_a_night_do_not_notice(tmp_path: Path) -> None:
    with Site(4) as broken, Site(4) as good:
        broken.prepare(tmp_path)
        entry = PORTAL.replace("doi-thay", "lanh-lan")
        (tmp_path / "portals/lanh-lan.toml").write_text(entry)
        routes = f'"{HOST}" = "127.0.0.1:{broken.port}", "*.mophong.test" = "127.0.0.1:{good.port}"'
        (tmp_path / "ansinh.toml").write_text(f"delay = 0.0\nroutes = {{ {routes} }}\n")
        broken.everything = (503, {}, b"")
        done = ansinh(tmp_path, "crawl", "doi-thay", "lanh-lan", "--json", check=False)
    assert done.returncode == 1
    assert "lanh-lan" not in done.stderr
    assert rows(done.stdout)[-1]["new"] == 4
    assert {one.portal: one.state for one in open_archive(DataDir(tmp_path)).health()} == {
        "doi-thay": "failing", "lanh-lan": "ok"}  # fmt: skip


def test_pages_of_hackers_are_kept_as_evidence_and_never_found(night: Night) -> None:
    spam(night.site)
    (night.data / "ansinh.toml").write_text(
        (night.data / "ansinh.toml").read_text().replace("delay = 0.0", "delay = 0.3")
    )
    night.crawl()
    (found,) = rows(ansinh(night.data, "search", "casino", "--json", "--all").stdout)
    assert found["total"] == 0
    asked = [path for path, _ in night.site.requests if path in {path_of(n) for n in range(13, 40)}]
    assert len(asked) < 10  # the run ended before it had fetched all of them
    kept = [record for path in night.data.rglob("*.warc.gz") for record in read_warc(path) if b"casino" in record.body]
    assert len(kept) >= 3


# --- cookie gates --------------------------------------------------------------------------------------------


class Gated(Site):
    """A site behind a gate that opens for its cookie; or never."""

    opens = True

    def answer(self, path: str, etag: str) -> Answer:
        is_open = self.opens and "D1N=5c1f0e9a7b3d4c2e8f6a1b0c9d8e7f65" in self.cookie
        return super().answer(path, etag) if is_open or path == "/robots.txt" else (200, {}, GATE)


@pytest.mark.parametrize(
    ("cookie", "opens", "new", "said"),
    [
        ("D1N", True, 5, ""),
        ("D1N", False, 0, "cookie-gate"),
        ("KHAC", True, 0, "cookie-gate"),
        ("", True, 0, "cookie-gate"),
    ],
)
def test_a_gate_is_opened_only_where_the_entry_says_so(
    tmp_path: Path, cookie: str, opens: bool, new: int, said: str
) -> None:
    with Gated(5) as site:
        site.opens = opens
        night = Night(tmp_path, site, f'cookie = "{cookie}"\n' if cookie else "")
        told = night.crawl()
    assert said in told if said else told == ""
    assert (night.runs()[0].new, night.runs()[0].cause) == (new, said or None)
    assert sum(path == LISTING for path, _ in site.requests) == (2 if cookie == "D1N" else 1)
    kept = [record for path in night.data.rglob("*.warc.gz") for record in read_warc(path) if record.body == GATE]
    assert kept
    assert sum(path.endswith(".html") for path, _ in site.requests) == new


def test_a_gate_before_held_articles_makes_none_of_them_gone_or_another(tmp_path: Path) -> None:
    with Gated(5) as site:
        night = Night(tmp_path, site, 'cookie = "D1N"\n')
        night.crawl()
        site.opens = False
        night.crawl("--recheck", "all")
    assert set(night.shown().values()) == {"unknown"}
    assert len(night.shown()) == 5


@pytest.mark.parametrize(
    ("page", "cookie"),
    [
        (GATE, ("D1N", "5c1f0e9a7b3d4c2e8f6a1b0c9d8e7f65")),
        (b"<script>document.cookie='D1N=ab12'; location.reload()</script>", ("D1N", "ab12")),
        (b"<script>document.cookie='theme=dark'</script>", None),
        (GATE + b"x" * 5000, None),
        (b"", None),
        (b"<p>document.cookie</p>", None),
    ],
)
def test_a_gate_is_a_small_page_that_sets_a_cookie_and_loads_again(page: bytes, cookie: tuple[str, str] | None) -> None:
    assert gate_cookie(page) == cookie


# --- certificates --------------------------------------------------------------------------------------------

NOW = datetime.now(UTC)


def certificate(folder: Path, name: str, host: str, expired: bool = False) -> Path:
    """Write a self-signed certificate with its key and return the file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    alternative: x509.GeneralName = x509.DNSName(host)
    if host[0].isdigit():
        alternative = x509.IPAddress(ip_address(host))
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=60))
        .not_valid_after(NOW + timedelta(days=-1 if expired else 60))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return file


class Secure(Site):
    """A site behind TLS with a certificate of a file."""

    def secure(self, file: Path) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)


def secured(data: Path, site: Site, tls: str) -> None:
    home = f"https://127.0.0.1:{site.port}/"
    entry = PORTAL.replace(f"http://{HOST}/", home).replace(HOST, "127.0.0.1")
    (data / "portals").mkdir(parents=True, exist_ok=True)
    (data / "portals/doi-thay.toml").write_text(entry + (f'tls = "{tls}"\n' if tls else ""))
    (data / "ansinh.toml").write_text("delay = 0.0\n")


@pytest.mark.parametrize("fault", ["self-signed", "expired", "another host's"])
def test_a_bad_certificate_is_a_cause_and_taken_only_where_the_entry_says_so(tmp_path: Path, fault: str) -> None:
    host = "khac.example.vn" if fault == "another host's" else "127.0.0.1"
    with Secure(3) as site:
        site.secure(certificate(tmp_path, "a", host, expired=fault == "expired"))
        secured(tmp_path, site, "")
        night = Night.__new__(Night)
        night.data, night.site = tmp_path, site
        told = night.crawl()
        assert "doi-thay: tls: " in told
        assert (night.runs()[0].new, night.runs()[0].certificate) == (0, "")
        secured(tmp_path, site, "unverified")
        assert night.crawl() == ""
    good = night.runs()[0]
    assert (good.new, good.outcome, len(good.certificate)) == (3, "ok", 64)


def test_another_certificate_than_last_time_is_a_warning(tmp_path: Path) -> None:
    night = Night.__new__(Night)
    said = []
    for name in ("a", "a", "b"):
        with Secure(3) as site:
            file = tmp_path / f"{name}.pem"
            site.secure(file if file.exists() else certificate(tmp_path, name, "127.0.0.1"))
            secured(tmp_path, site, "unverified")
            night.data, night.site = tmp_path, site
            said.append("another certificate" in night.crawl())
    assert said == [False, False, True]
    assert "another certificate" in night.health().remarks[0]
    ansinh(night.data, "rebuild")
    assert len({run.certificate for run in night.runs()}) == 2


# --- the demo, and what is said ------------------------------------------------------------------------------


def test_the_demo_breaks_portals_on_purpose_and_names_them(tmp_path: Path) -> None:
    broken = ("demo-nho-quan", "demo-nghi-loc")
    options = [option for name in broken for option in ("--break", name)]
    said = ansinh(tmp_path, "demo", "--once", *options)
    assert all(f"{name}: selector: " in said.stderr for name in broken)
    lines = said.stdout[said.stdout.index("! ") :].splitlines()
    assert [line.split(":")[0] for line in lines[:2]] == ["! demo-nghi-loc", "! demo-nho-quan"]
    assert len(lines) <= 24
    assert "portals: 4 ok, 2 failing" in lines
    (found,) = rows(ansinh(tmp_path, "search", "Nho Quan", "--portal", "demo-nho-quan", "--json").stdout)
    assert found["total"] > 5  # type: ignore[operator]


def test_every_portal_of_the_demo_can_be_broken_on_an_archive_that_is_there(tmp_path: Path) -> None:
    ansinh(tmp_path, "demo", "--once")
    names = [portal.name for portal in open_portals(tmp_path)]
    ansinh(tmp_path, "demo", "--once", *[option for name in names for option in ("--break", name)])
    (status,) = rows(ansinh(tmp_path, "status", "--json").stdout)
    by_portal = status["by_portal"]
    assert [(one["state"], one["alert"]["cause"]) for one in by_portal] == [("failing", "selector")] * 6  # type: ignore[attr-defined]
    ansinh(tmp_path, "demo", "--once")
    (status,) = rows(ansinh(tmp_path, "status", "--json").stdout)
    assert {one["state"] for one in status["by_portal"]} == {"ok"}  # type: ignore[attr-defined]


def open_portals(data: Path) -> tuple[object, ...]:
    return load([data / "portals"]).portals


def test_a_portal_that_the_demo_does_not_have_cannot_be_broken(tmp_path: Path) -> None:
    done = ansinh(tmp_path, "demo", "--once", "--break", "giavien", check=False)
    assert done.returncode == 2
    assert "no portal of the demo" in done.stderr


def test_records_of_before_there_were_figures_are_still_read(night: Night) -> None:
    from archive.captures import RUN_URI, WarcWriter

    writer = WarcWriter(DataDir(night.data).captures, "doi-thay", "20200101T000000000000Z")
    said = {"finished_at": "2020-01-01T00:05:00Z", "outcome": "failed", "note": "no page was answered"}
    writer.write_metadata(f"{RUN_URI}20200101T000000000000Z", said)
    writer.seal()
    ansinh(night.data, "rebuild")
    old = night.runs()[-1]
    assert (old.outcome, old.note, old.cause, old.warnings) == ("failed", "no page was answered", None, ())
    alert = portal_health(load([night.data / "portals"]).portals[0], [old], date(2020, 1, 2)).alert
    assert alert is not None
    assert alert.cause == "unknown"


# --- the pure part -------------------------------------------------------------------------------------------

STATUS: list[tuple[int, Cause]] = [
    (401, "blocked"), (403, "blocked"), (429, "blocked"), (404, "moved"), (410, "moved"), (302, "redirect"),
    (500, "server-error"), (503, "server-error"), (418, "unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "cause"), STATUS)
def test_a_status_says_why_a_page_did_not_come(status: int, cause: Cause) -> None:
    assert cause_of_status(status) == cause


def test_an_error_is_looked_through_for_its_cause() -> None:
    from OpenSSL.SSL import Error
    from scrapy.exceptions import DownloadFailedError, DownloadTimeoutError
    from twisted.python.failure import Failure
    from twisted.web.client import ResponseFailed

    failed = DownloadFailedError("certificate verify failed")
    failed.__cause__ = ResponseFailed([Failure(Error([("SSL routines", "", "certificate verify failed")]))])
    assert cause_of_error(failed) == "tls"
    assert cause_of_error(DownloadFailedError()) == "unreachable"
    assert cause_of_error(DownloadTimeoutError()) == "timeout"
    assert cause_of_error(ValueError()) == "unknown"
    knotted = ValueError()
    knotted.__cause__ = knotted
    assert cause_of_error(knotted) == "unknown"


def test_another_platform_is_told_by_its_fingerprint_alone() -> None:
    assert stranger([Page("http://a/", WORDPRESS)], NUKEVIET) == "wordpress"
    assert stranger([Page("http://a/", WORDPRESS), Page("http://a/b", article_page())], NUKEVIET) == ""
    assert stranger([Page("http://a/", REDESIGN)], NUKEVIET) == ""


def test_nothing_met_has_no_known_cause() -> None:
    assert likely_cause(Signs(), NUKEVIET) == "unknown"


CAUSES_OF_PAGES: list[tuple[Signs, Cause]] = [
    (Signs(pages=9, seen=9, fetched=9, titled=9, dated=2), "selector"),
    (Signs(pages=9, seen=9, fetched=9, titled=9, dated=2, soft_404=1), "selector"),  # one page is gone, beside it
    (Signs(pages=9, seen=9, fetched=6, titled=1, soft_404=5), "soft-404"),
    (Signs(pages=9, soft_404=1), "soft-404"),
    (Signs(pages=9, blocked=9), "blocked"),
    (Signs(pages=4, gates=2, blocked=2), "cookie-gate"),
    (Signs(pages=9, fetched=6, titled=1, led_home=5), "redirect"),
    (Signs(pages=1, forbidden=4), "selector"),
    (Signs(forbidden=4), "robots"),
    (Signs(robots="tls"), "tls"),
    (Signs(pages=9, fetched=9, titled=6, quarantined=3), "hacked"),
    (Signs(pages=9, samples=[Page("http://a/", SPAM)]), "hacked"),
    (Signs(pages=9, sections={"Tin": ("timeout", ""), "Bao": ("timeout", ""), "Anh": ("moved", "")}), "timeout"),
]


@pytest.mark.parametrize(("signs", "cause"), CAUSES_OF_PAGES)
def test_what_explains_everything_else_is_the_likely_cause(signs: Signs, cause: Cause) -> None:
    assert likely_cause(signs, NUKEVIET) == cause
