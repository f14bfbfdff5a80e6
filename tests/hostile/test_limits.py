"""No page takes long, whatever its bytes (F20); no name leads into the local network (F22)."""

from __future__ import annotations

import contextlib
import gzip
import os
import socket
import time
import zlib
from collections.abc import Callable
from ipaddress import ip_address

import brotli
import pytest
from backports import zstd
from twisted.internet.defer import Deferred, succeed
from twisted.internet.error import DNSLookupError
from twisted.python.failure import Failure

from archive.captures import MAX_DECODED, decoded, missing
from archive.models import Host, Page, Portal
from scraper import extract, limits
from scraper.crawl import addresses
from scraper.crawl.addresses import PublicResolver, is_public, literal
from scraper.limits import Limited, LimitExceeded
from scraper.platforms import platform_names
from tests import pace
from tests.hostile import calls
from tests.hostile.faults import LOCAL, brotli_bomb, zlib_bomb
from tests.pages import article_page

FULL = os.environ.get("ANSINH_FAULTS") == "full"
LINK = "<a href='/vi/news/tin/bai-{}.html'>Bài số một</a>"
SHAPES: dict[str, Callable[[int], str]] = {  # of about n tags, or of n * 40 bytes
    "nested blocks": lambda n: "<div>" * n,
    "nested bold": lambda n: "<b>" * n,
    "formatting with attributes": lambda n: "".join(f'<font a{i}="x">' for i in range(n)),
    "nested tables": lambda n: "<table><tr><td>" * (n // 3),
    "tables in fonts": lambda n: "<font><table><tr><td>" * (n // 4),
    "rows": lambda n: "<table>" + "<tr><td>a<td>b" * (n // 3),
    "links": lambda n: "".join(LINK.format(i) for i in range(n // 2)),
    "one link": lambda n: LINK.format(1) * (n // 2),
    "words": lambda n: "<p>" + "từ " * (n * 10),
    "no blank": lambda n: "<p>" + "a" * (n * 40),
    "breaks": lambda n: "a<br>" * n,
    "dates": lambda n: "<p>12/01/2022 " * n,
    "entities": lambda n: "&amp;" * (n * 8),
    "blanks": lambda n: " \n" * (n * 20),
    "attributes": lambda n: "<p " + " ".join(f"a{i}=1" for i in range(n * 4)) + ">x",
    "classes": lambda n: "<p class='" + "a " * (n * 20) + "'>x",
    "lists": lambda n: "<ul><li>" * (n // 2),
    "comments": lambda n: "<!-- x -->" * n,
    "angles": lambda n: "< " * n,
    "word's settings": lambda n: "<p>Normal 0 " + "} " * (n * 20),
    "images": lambda n: "<img src=/a.jpg>" * n,
    "steps up": lambda n: "<a href='" + "../" * (n * 10) + "'>x</a>",
    "sources": lambda n: "<p>Nguồn: " + "(" * (n * 35),
    "json": lambda n: "<script type='application/ld+json'>" + "[" * (n * 35) + "</script>",
    "files": lambda n: "<a href='/f.pdf' download>x</a>" * (n // 2),
}


def seconds(portal: Portal, url: str, body: str) -> float:
    """Return what reading costs this process; the kernel counts for the child."""
    head, tail = article_page().split(b'class="bodytext margin-bottom-lg">', 1)
    page = Page(
        url, head + b'class="bodytext margin-bottom-lg">' + body.encode() + tail, headers={"content-type": "text/html"}
    )

    def read() -> None:
        with contextlib.suppress(extract.ExtractError):
            extract.read(page, portal)

    return pace.seconds(read)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("tags", [4_000, 45_000])
def test_no_page_takes_more_than_its_deadline(shape: str, tags: int) -> None:
    body = SHAPES[shape](tags)
    for name in platform_names() if FULL or tags < 10_000 else ("nukeviet",):
        portal = Portal("t", "T", name, (Host("a.vn"),), "http://a.vn/")
        for url in ("http://a.vn/vi/news/tin-tuc/a-1.html", "http://a.vn/vi/news/tin-tuc/"):
            assert seconds(portal, url, body) < limits.CPU_SECONDS, (name, url)


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> Limited:
    monkeypatch.setattr(limits, "PATIENCE", 120.0)  # of a machine that is busy; what computes is ended before
    return Limited("tests.hostile.calls")


def test_a_call_that_computes_or_waits_too_long_is_ended_and_the_next_is_answered(
    limited: Limited, monkeypatch: pytest.MonkeyPatch
) -> None:
    for function, arguments, patience in (("spin", (), limits.PATIENCE), ("sleep", (600,), 0.5)):
        assert limited.call("length", b"abc") == 3
        with monkeypatch.context() as patch:
            patch.setattr(limits, "PATIENCE", patience)
            start = time.monotonic()
            with pytest.raises(LimitExceeded, match="deadline"):
                limited.call(function, *arguments)
            assert time.monotonic() - start < 120.0
    assert limited.call("length", b"abc") == 3
    limited.close()


def test_a_call_that_takes_too_much_memory_is_refused_and_the_next_is_answered(limited: Limited) -> None:
    with pytest.raises(LimitExceeded, match="memory"):
        limited.call("swallow")
    assert calls.swallow() == 1 << 30  # the control: without the limit there is room for it
    assert limited.call("length", b"a" * 3_000_000) == 3_000_000
    limited.close()


def test_what_a_function_raises_arrives_and_a_killed_child_is_replaced(limited: Limited) -> None:
    with pytest.raises(extract.ExtractError, match="as it says"):
        limited.call("fail")
    child = limited._child
    assert child is not None
    child.kill()
    child.wait()
    assert limited.call("length", b"abc") == 3
    assert limited._child is not child
    limited.close()


def test_one_child_serves_all_pages(limited: Limited, monkeypatch: pytest.MonkeyPatch) -> None:
    limited.call("length", b"")
    monkeypatch.setattr(limits, "_start", lambda module: pytest.fail(f"another child for {module}"))
    child, start = limited._child, time.process_time()
    assert [limited.call("length", b"a" * n) for n in range(200)] == list(range(200))
    assert limited._child is child
    assert time.process_time() - start < 10  # who waits for an answer computes nothing
    limited.close()


@pytest.mark.parametrize("bomb", [brotli_bomb, lambda: zlib_bomb(31), lambda: zlib_bomb(15), lambda: zlib_bomb(-15)])
def test_a_bomb_unfolds_in_small_parts(bomb: Callable[[], bytes]) -> None:
    body, size = bomb(), 0
    for encoding in ("br", "gzip", "deflate"):
        for part in decoded((body,), encoding):
            size += len(part)
            assert len(part) <= max(1 << 17, len(body))
            if size > MAX_DECODED:
                return
    pytest.fail("nothing unfolded")


@pytest.mark.parametrize(
    ("body", "encoding", "why"),
    [(lambda: b"", "gzip", ""), (lambda: b"plain", "gzip", ""), (lambda: b"plain", "", ""),
     (lambda: zlib_bomb(31)[:1000], "gzip", "disconnect"), (brotli_bomb, "br", "length")],
)  # fmt: skip
def test_half_a_stream_and_a_bomb_are_told_from_a_whole_one(body: Callable[[], bytes], encoding: str, why: str) -> None:
    assert missing(body(), encoding) == why


PUBLIC = ("8.8.8.8", "113.160.1.1", "134744072", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808")


@pytest.mark.parametrize("host", LOCAL)
def test_every_spelling_of_a_local_address_is_seen_through(host: str) -> None:
    address = literal(host)
    assert address is not None
    assert not is_public(address)


@pytest.mark.parametrize("host", PUBLIC)
def test_a_public_address_is_public(host: str) -> None:
    address = literal(host)
    assert address is not None
    assert is_public(address)


@pytest.mark.parametrize("host", ["giavien.ninhbinh.gov.vn", "localhost", "a.vn", "", "1.vn", "0x7g.vn"])
def test_a_name_is_no_address(host: str) -> None:
    assert literal(host) is None


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str | type[BaseException]]:
    """Ask a resolver whose names have these answers."""
    answers = {"tot.vn": iter(["113.160.1.1", "127.0.0.1"]), "ke-gian.vn": iter(["169.254.169.254"]), "2130706433": iter(["127.0.0.1"]),
               "127.0.0.1": iter(["127.0.0.1"]), "squid.local": iter(["10.0.0.9"]), "localhost": iter(["127.0.0.1"])}  # fmt: skip

    def lookup(self: object, name: str, timeout: object = ()) -> Deferred[str]:
        return succeed(next(answers[name]))

    monkeypatch.setattr(addresses.CachingThreadedResolver, "getHostByName", lookup)
    made = PublicResolver(None, 0, 1.0)  # type: ignore[arg-type]
    made._trusted = frozenset(("squid.local",))

    def ask(name: str) -> str | type[BaseException]:
        got: list[object] = []
        made.getHostByName(name).addBoth(got.append)
        answer = got[0]
        return answer.type if isinstance(answer, Failure) else str(answer)

    return ask


def test_a_name_resolves_to_public_addresses_only(resolver: Callable[[str], object]) -> None:
    assert resolver("tot.vn") == "113.160.1.1"
    assert resolver("tot.vn") is DNSLookupError  # rebinding: the second answer is looked at, too
    for name in ("ke-gian.vn", "localhost", "2130706433"):
        assert resolver(name) is DNSLookupError
    assert resolver("squid.local") == "10.0.0.9"  # the operator's own route
    assert resolver("127.0.0.1") == "127.0.0.1"  # judged where its URL was


def test_control_the_system_would_connect_to_odd_spellings() -> None:
    assert {socket.gethostbyname(host) for host in ("2130706433", "0x7f.1", "0177.0.0.1")} == {"127.0.0.1"}
    assert not ip_address("127.0.0.1").is_global


WHOLE = article_page(body=[f"Huyện Gia Viễn giảm {n} hộ nghèo." for n in range(40)])
ENCODED = {
    "gzip": gzip.compress(WHOLE), "br": brotli.compress(WHOLE), "zstd": zstd.compress(WHOLE),
    "deflate": zlib.compress(WHOLE), "br, gzip": gzip.compress(brotli.compress(WHOLE)),
}  # fmt: skip


@pytest.mark.parametrize("encoding", ENCODED)
def test_a_stream_cut_anywhere_is_told_from_a_whole_one(encoding: str) -> None:
    body = ENCODED[encoding]
    step = 1 if FULL else len(body) // 20
    passed = [cut for cut in range(4, len(body), step) if missing(body[:cut], encoding) != "disconnect"]
    assert passed == []
    assert missing(body, encoding) == ""
