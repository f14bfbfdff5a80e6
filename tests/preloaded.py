"""What the fork server of `tests.forked` has imported and read.

Nothing here may install Twisted's reactor, nor read an archive's settings (`scraper.settings`): each child has its own.
"""

import sys

import scrapy.core.downloader.handlers.http11
import scrapy.core.engine
import scrapy.crawler
import scrapy.dupefilters
import scrapy.logformatter
import scrapy.pqueues
import scrapy.squeues
import scrapy.statscollectors
from scrapy.settings import Settings
from scrapy.utils.misc import load_object

import archive.cli
import scraper.cli
import scraper.crawl.connections
import scraper.crawl.gates
import scraper.crawl.guard
import scraper.crawl.memory
import scraper.crawl.patience
import scraper.crawl.robots
import scraper.crawl.routes
import scraper.crawl.spiders
import tests.faults.loops
import tests.forked
import webui.cli
from archive.enrich import enrich
from scraper.platforms import get_platform, platform_names
from tests.conftest import ARTICLE, PORTAL

__all__ = ["COMPONENTS", "PLATFORMS", "archive", "scraper", "scrapy", "tests", "webui"]

PLATFORMS = [get_platform(name) for name in platform_names()]
_KINDS = ("DOWNLOADER_MIDDLEWARES_BASE", "SPIDER_MIDDLEWARES_BASE", "EXTENSIONS_BASE")
COMPONENTS = [load_object(name) for kind in _KINDS for name in Settings().getdict(kind)]
enrich(ARTICLE, PORTAL)  # which reads the gazetteer and the vocabularies

assert not {"twisted.internet.reactor", "scraper.settings"} & sys.modules.keys()
