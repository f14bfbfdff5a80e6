"""What every process of `tests.forked` has imported before it begins; nothing here may install Twisted's reactor."""

import scrapy.core.downloader
import scrapy.core.engine
import scrapy.crawler
import scrapy.dupefilters
import scrapy.extensions.corestats
import scrapy.robotstxt

import archive.cli
import scraper.cli
import tests.forked
from scraper.platforms import get_platform, platform_names

__all__ = ["PLATFORMS", "archive", "scraper", "scrapy", "tests"]

PLATFORMS = [get_platform(name) for name in platform_names()]
