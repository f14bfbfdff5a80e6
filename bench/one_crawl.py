"""One crawl for `bench.crawling`: `one_crawl KIND PORT FOLDER` prints {"pages", "seconds"}."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

from scrapy import Request, Spider, signals
from scrapy.crawler import CrawlerProcess
from scrapy.utils.project import get_project_settings

from archive.models import DataDir
from scraper.crawl.run import CaptureRun, begin

PORTAL = """[[portal]]
name = "bench"
title = "Đo tốc độ"
platform = "nukeviet"
hosts = ["127.0.0.1"]
home = "http://127.0.0.1:{port}/"
province = "37"
sections = {{ "Tin" = "/vi/news/tin/" }}
"""


class Bare(Spider):
    """Fetches every linked page and does nothing with it."""

    name = "bare"

    async def start(self) -> Any:
        yield Request(f"http://127.0.0.1:{sys.argv[2]}/vi/news/tin/")

    def parse(self, response: Any) -> Any:
        for href in response.css(".news_column a::attr(href), .pagination a::attr(href)").getall():
            yield response.follow(href)


def main() -> None:
    kind, port, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    (folder / "portals").mkdir()
    (folder / "portals/bench.toml").write_text(PORTAL.format(port=port))
    (folder / "ansinh.toml").write_text("delay = 0.0\n")
    os.environ["ANSINH_DATA"] = str(folder)
    os.environ["SCRAPY_SETTINGS_MODULE"] = "scraper.settings"
    settings = get_project_settings()
    settings.set(
        "CONCURRENT_REQUESTS_PER_DOMAIN", 8, priority="cmdline"
    )  # equal for all: the delay is what is left out
    if kind == "capture":
        begin(CaptureRun(DataDir(folder), ["bench"]))
    if kind == "bare":
        own = ("scraper.crawl.robots.PoliteRobots", "scraper.crawl.routes.Routes", "scraper.crawl.evidence.Evidence")
        settings.set("DOWNLOADER_MIDDLEWARES", dict.fromkeys(own), priority="cmdline")
    process = CrawlerProcess(settings)
    crawler = process.create_crawler(Bare if kind == "bare" else "bench")
    began: list[float] = []
    crawler.signals.connect(lambda: began.append(perf_counter()), signals.spider_opened, weak=False)
    process.crawl(crawler)
    process.start()
    pages = crawler.stats.get_value("response_received_count")
    print(json.dumps({"pages": pages, "seconds": perf_counter() - began[0]}))


main()
