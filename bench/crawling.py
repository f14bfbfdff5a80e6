"""A crawl of loopback pages by our spider, only capturing and through the whole line, beside a bare Scrapy spider.

Each runs in a process of its own on one core, fetching the same addresses with the same concurrency and no delay; the
server has the other core. Time is from the first request to the end of the run, start-up left out.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from multiprocessing import Pipe, Process
from typing import Any

from twisted.internet import reactor
from twisted.web import server
from twisted.web.resource import Resource

PAGES = 600
PER_LISTING = 60
ROUNDS = 3
KINDS = ("bare", "capture", "whole")

ARTICLE = """<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8">
<meta name="generator" content="NukeViet v4.5"><title>{title}</title></head>
<body><nav>{menu}</nav><div class="news_column panel panel-default"><div class="panel-body">
<h1 class="title margin-bottom-lg" itemprop="headline">{title}</h1><span class="h5">Thứ tư - 12/01/2022 08:00</span>
<div class="hometext m-bottom" itemprop="description">UBND huyện ban hành Kế hoạch số {number}/KH-UBND.</div>
<div id="news-bodyhtml" class="bodytext margin-bottom-lg">{body}</div></div></div></body></html>"""
LISTING = """<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8">
<meta name="generator" content="NukeViet v4.5"></head><body>
<div class="news_column"><div class="panel-body">{links}</div></div><ul class="pagination">{pager}</ul></body></html>"""


def article(number: int) -> bytes:
    sentence = f"Năm 2022, huyện Gia Viễn phấn đấu giảm {number} hộ nghèo, tạo việc làm mới cho 1.500 lao động. "
    body = "".join(f'<p class="MsoNormal"><span style="font-size:14pt">{sentence * 3}</span></p>' for _ in range(8))
    menu = "".join(f'<a href="/vi/news/muc-{n}/">Chuyên mục số {n}</a>' for n in range(120))
    return ARTICLE.format(title=f"Kế hoạch giảm nghèo số {number}", menu=menu, body=body, number=number).encode()


def listing(page: int) -> bytes:
    numbers = range((page - 1) * PER_LISTING + 1, page * PER_LISTING + 1)
    links = "".join(f'<h3><a href="/vi/news/tin/ke-hoach-{n}.html">Kế hoạch {n}</a></h3>' for n in numbers)
    last = PAGES // PER_LISTING
    pager = "".join(f'<li><a href="/vi/news/tin/page-{n}/">{n}</a></li>' for n in range(2, last + 1))
    return LISTING.format(links=links, pager=pager).encode()


class Site(Resource):
    """Answers every address below itself; Twisted's server, for Python's own drops connections under this load."""

    isLeaf = True  # noqa: N815  Twisted's name

    def render_GET(self, request: Any) -> bytes:  # noqa: N802  Twisted's name
        name = request.path.decode().rstrip("/").rsplit("/", 1)[-1]
        request.setHeader("Content-Type", "text/html; charset=utf-8")
        if name.endswith(".html"):
            return article(int(name[:-5].rsplit("-", 1)[1]))
        if name == "tin" or name.startswith("page-"):
            return listing(int(name[5:]) if name != "tin" else 1)
        request.setResponseCode(404)
        return b""


def serve(pipe: Any, core: int) -> None:
    """Serve on a free loopback port, telling the port, until the process is ended."""
    os.sched_setaffinity(0, {core})
    port = reactor.listenTCP(0, server.Site(Site()), interface="127.0.0.1")
    pipe.send(port.getHost().port)
    reactor.run(installSignalHandlers=False)


def main() -> None:
    cores = sorted(os.sched_getaffinity(0))
    ours, theirs = Pipe()
    site = Process(target=serve, args=(theirs, cores[-1]), daemon=True)
    site.start()
    port = ours.recv()
    rates = {kind: max(run(kind, port, cores[0]) for _ in range(ROUNDS)) for kind in KINDS}
    site.terminate()
    for kind, rate in rates.items():
        print(f"{kind:8} {rate:6.1f} pages/s  ratio to bare Scrapy {rate / rates['bare']:.2f}")


def run(kind: str, port: int, core: int) -> float:
    """Return the pages a second of one crawl in its own process."""
    with tempfile.TemporaryDirectory(prefix="ansinh-bench-") as folder:
        command = [sys.executable, "-m", "bench.one_crawl", kind, str(port), folder]
        pinned = ["taskset", "--cpu-list", str(core), *command]
        done = subprocess.run(pinned, capture_output=True, text=True, check=True)
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["pages"] >= PAGES, said
    return float(said["pages"] / said["seconds"])


if __name__ == "__main__":
    main()
