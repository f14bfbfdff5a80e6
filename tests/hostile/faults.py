"""What hostile servers send: each fault writes one whole answer to a socket."""

from __future__ import annotations

import gzip
import socket
import struct
import time
import zlib
from collections.abc import Callable, Iterator
from functools import cache

import brotli
from backports import zstd

from tests.pages import article_page

LOCAL = (
    "127.0.0.1", "127.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255",
    "192.168.1.1", "169.254.169.254", "169.254.0.1", "100.64.0.1", "100.127.255.255", "192.0.0.1", "192.0.2.1", "198.18.0.1",
    "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "2130706433", "0x7f000001",
    "0x7f.1", "0177.0.0.1", "017700000001", "127.0.1", "0x7f.0.0.1", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376",
    "127.0.0.1.", "::1", "[::1]", "::", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "[::ffff:169.254.169.254]",
    "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::",
    "2002:a9fe:a9fe::1", "2001:db8::1", "100::1",
)  # fmt: skip

Send = Callable[[socket.socket], None]
BOMB = 300 * 1024 * 1024
_BLOCK = b"\0" * (1 << 20)
HTML = b"Content-Type: text/html; charset=utf-8\r\n"


def page(number: int = 1, *body: str) -> bytes:
    lines = body or (f"Huyện Gia Viễn giảm 120 hộ nghèo trong năm 2022, đoạn {number}.",) * 20
    return article_page(title=f"Huyện Gia Viễn giảm nghèo, bài số {number}", body=lines)


def answer(body: bytes, headers: bytes = HTML, status: bytes = b"200 OK") -> bytes:
    return b"HTTP/1.1 " + status + b"\r\n" + headers + b"Content-Length: %d\r\n\r\n" % len(body) + body


def raw(content: bytes) -> Send:
    return lambda connection: connection.sendall(content)


def encoded(name: str, body: bytes) -> Send:
    return raw(answer(body, HTML + f"Content-Encoding: {name}\r\n".encode()))


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def hang(connection: socket.socket) -> None:
    _until_closed(connection, iter(lambda: b"", None))


def drip(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n" + HTML + b"Content-Length: 100000\r\n\r\n")
    _until_closed(connection, iter(lambda: b"a", None))


def endless(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n" + HTML + b"Connection: close\r\n\r\n")
    for _ in range(4096):
        connection.sendall(b"a " * (1 << 19))


def _until_closed(connection: socket.socket, parts: Iterator[bytes]) -> None:
    connection.settimeout(0.2)
    for part in parts:
        connection.sendall(part)
        try:
            if not connection.recv(1):
                return
        except TimeoutError:
            time.sleep(0.1)


@cache
def zlib_bomb(bits: int) -> bytes:
    stream = zlib.compressobj(9, zlib.DEFLATED, bits)
    return b"".join(stream.compress(_BLOCK) for _ in range(BOMB >> 20)) + stream.flush()


@cache
def brotli_bomb() -> bytes:
    stream = brotli.Compressor(quality=5)
    return b"".join(stream.process(_BLOCK) for _ in range(BOMB >> 20)) + bytes(stream.finish())


@cache
def zstd_bomb() -> bytes:
    stream = zstd.ZstdCompressor()
    return b"".join(stream.compress(_BLOCK) for _ in range(BOMB >> 20)) + stream.flush()


def redirect(target: str) -> Send:
    return raw(answer(b"", b"Location: " + target.encode() + b"\r\n", b"302 Found"))


def faults(port: int) -> dict[str, Send]:
    """Every fault of a single page, by name; `port` is where a redirect into the local network would be noticed."""
    whole = page()
    zipped, braided, packed = gzip.compress(whole), brotli.compress(whole), zstd.compress(whole)
    gzip_bomb = zlib_bomb(31)
    head, tail = whole.split(b'class="bodytext margin-bottom-lg">', 1)
    head += b'class="bodytext margin-bottom-lg">'
    inside = f"127.0.0.1:{port}/secret"
    return {
        # the wire
        "reset": reset,
        "closed without a word": raw(b""),
        "half a status line": raw(b"HTTP/1."),
        "no status line": raw(b"<html>HTTP is for others</html>"),
        "status 999": raw(answer(whole, status=b"999 What")),
        "length is a word": raw(b"HTTP/1.1 200 OK\r\nContent-Length: banana\r\n\r\n" + whole),
        "negative length": raw(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n" + whole),
        "two lengths": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n" + answer(whole).split(b"\r\n", 1)[1]),
        "20,000 headers": raw(answer(whole, HTML + b"".join(b"X-%d: 1\r\n" % n for n in range(20_000)))),
        "a header of 1 MB": raw(answer(whole, HTML + b"X-Long: " + b"a" * (1 << 20) + b"\r\n")),
        "headers are garbage": raw(answer(whole, HTML + b"\x00\xff\xfe no colon \x1b[31m\r\n: empty\r\n")),
        "shorter than its length": raw(answer(whole).replace(b"Content-Length: ", b"Content-Length: 9")),
        "longer than its length": raw(answer(whole) + whole),
        "chunks are garbage": raw(b"HTTP/1.1 200 OK\r\n" + HTML + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + whole),
        "chunks break off": raw(b"HTTP/1.1 200 OK\r\n" + HTML + b"Transfer-Encoding: chunked\r\n\r\nffff\r\n" + whole),
        "hang": hang,
        "drip": drip,
        "endless": endless,
        # encodings
        "gzip breaks off": encoded("gzip", zipped[:-40]),
        "gzip without its sum": encoded("gzip", zipped[:-4]),
        "deflate breaks off": encoded("deflate", zlib.compress(whole)[:-40]),
        "br breaks off": encoded("br", braided[:-40]),
        "zstd breaks off": encoded("zstd", packed[:-40]),
        "gzip twice": encoded("gzip, gzip", gzip.compress(zipped)),
        "zstd": encoded("zstd", packed),
        "gzip bomb": encoded("gzip", gzip_bomb),
        "gzip bomb in gzip": encoded("gzip, gzip", gzip.compress(gzip_bomb)),
        "deflate bomb": encoded("deflate", zlib_bomb(15)),
        "br bomb": encoded("br", brotli_bomb()),
        "zstd bomb": encoded("zstd", zstd_bomb()),
        "an encoding nobody knows": encoded("rot13", whole),
        # text
        "a charset nobody knows": raw(answer(whole, b"Content-Type: text/html; charset=banana\r\n")),
        "a false charset": raw(answer(whole, b"Content-Type: text/html; charset=utf-7\r\n")),
        "surrogates and controls": raw(
            answer(
                head
                + "<p>Giảm 120 hộ nghèo.\x00\x0b\x1b\u202e</p>".encode()
                + b"<p>\xed\xa0\x80\xff&#xD800;</p>"
                + tail
            )
        ),
        "200,000 nested tags": raw(answer(head + b"<div>" * 200_000 + tail)),
        "10,000 nested tags": raw(answer(head + b"<div>" * 10_000 + tail)),
        "2 MB without spaces": raw(answer(head + b"<p>" + b"a" * 1_900_000 + tail)),
        "2 MB of attributes": raw(
            answer(head + b"<p " + b" ".join(b"a%d=1" % n for n in range(180_000)) + b">" + tail)
        ),
        "5 MB of text": raw(answer(head + b"<p>a b</p>" * 500_000 + tail)),
        # redirects
        "a redirect to itself": redirect("?again"),
        "a redirect off site": redirect("http://noi-khac.mophong.test/secret"),
        "a redirect to file": redirect("file:///etc/passwd"),
        "a redirect to data": redirect("data:text/html,secret"),
        "a redirect to nothing": redirect(""),
        "127.0.0.1": redirect(f"http://{inside}"),
        "127.1": redirect(f"http://127.1:{port}/secret"),
        "decimal": redirect(f"http://2130706433:{port}/secret"),
        "octal": redirect(f"http://0177.0.0.1:{port}/secret"),
        "hexadecimal": redirect(f"http://0x7f000001:{port}/secret"),
        "a name for loopback": redirect(f"http://localhost:{port}/secret"),
        "::1": redirect(f"http://[::1]:{port}/secret"),
        "mapped": redirect(f"http://[::ffff:127.0.0.1]:{port}/secret"),
        "metadata service": redirect("http://169.254.169.254/latest/meta-data/"),
        "10.x": redirect("http://10.0.0.1/secret"),
    }


CUTS = range(10)


def many(port: int) -> dict[str, Send]:
    """More of each kind, for the full count: cut answers, bombs in bombs, every spelling of a local address."""
    whole = page()
    zipped, plain = gzip.compress(whole), answer(whole)
    gzip_bomb, raw_bomb, br_bomb, packed_bomb = zlib_bomb(31), zlib_bomb(-15), brotli_bomb(), zstd_bomb()
    chunked = b"HTTP/1.1 200 OK\r\n" + HTML + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
    return {
        **{f"length cut {n}": raw(plain[: len(plain) - len(whole) * (n + 1) // 11]) for n in CUTS},
        **{f"gzip cut {n}": encoded("gzip", zipped[: len(zipped) * (n + 1) // 11]) for n in CUTS},
        "raw deflate bomb": encoded("deflate", raw_bomb),
        "br bomb in gzip": encoded("br, gzip", gzip.compress(br_bomb)),
        "zstd bomb in br": encoded("zstd, br", brotli.compress(packed_bomb)),
        "gzip bomb in zstd": encoded("gzip, zstd", zstd.compress(gzip_bomb)),
        "gzip bomb in gzip in gzip": encoded("gzip, gzip, gzip", gzip.compress(gzip.compress(gzip_bomb))),
        "deflate bomb in br": encoded("deflate, br", brotli.compress(zlib_bomb(15))),
        "gzip bomb in chunks": raw(chunked + b"%x\r\n" % len(gzip_bomb) + gzip_bomb + b"\r\n0\r\n\r\n"),
        **{f"to {host}": redirect(f"http://{_in_url(host)}:{port}/secret") for host in LOCAL},
    }


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
