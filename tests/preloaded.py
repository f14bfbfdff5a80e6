"""What the fork server of `tests.forked` has imported; nothing here may install Twisted's reactor."""

import scrapy.core.downloader
import scrapy.core.engine
import scrapy.crawler
import scrapy.dupefilters
import scrapy.extensions.corestats
import scrapy.robotstxt

import archive.cli
import scraper.cli
import scraper.crawl.spiders
import tests.faults.loops
import tests.forked
import webui.cli
from scraper.platforms import get_platform, platform_names

__all__ = ["PLATFORMS", "archive", "scraper", "scrapy", "tests", "webui"]

PLATFORMS = [get_platform(name) for name in platform_names()]
