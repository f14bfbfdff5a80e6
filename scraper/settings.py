"""Scrapy's settings: polite first. Reads $ANSINH_DATA (or ./data) and the operator's ansinh.toml there."""

import os
from pathlib import Path

from archive.models import DataDir
from scraper.configuration import read_settings

_data = DataDir(Path(os.environ.get("ANSINH_DATA", "data")))
_operator = read_settings(_data)

ANSINH_DATA = str(_data.path)
ANSINH_CONTACT = _operator.contact
ANSINH_ROUTES = dict(_operator.routes)

BOT_NAME = "ansinh"
SPIDER_LOADER_CLASS = "scraper.crawl.spiders.PortalLoader"  # portals are data: one spider per catalogue entry
USER_AGENT = _operator.user_agent
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "vi,en;q=0.5",
}

# One request at a time and at least a second between two: district servers are small.
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = _operator.delay
DOWNLOAD_DELAY_JITTER = 0  # half of the requests would come sooner than the operator allows
AUTOTHROTTLE_ENABLED = _operator.delay > 0
AUTOTHROTTLE_START_DELAY = _operator.delay
AUTOTHROTTLE_TARGET_CONCURRENCY = 1.0
CONCURRENT_REQUESTS = 32  # over all portals of one process

# Caps (reliability.md section 5): whatever a server sends, a run ends.
DOWNLOAD_MAXSIZE = 50 * 1024 * 1024  # attachments; pages above 2 MB are kept but not parsed
DOWNLOAD_WARNSIZE = 10 * 1024 * 1024
DOWNLOAD_TIMEOUT = 30  # a deadline for the whole response
DOWNLOAD_FAIL_ON_DATALOSS = True
RETRY_TIMES = 2
REDIRECT_MAX_TIMES = 5
URLLENGTH_LIMIT = 2083
CLOSESPIDER_TIMEOUT = _operator.night_seconds
CLOSESPIDER_PAGECOUNT = _operator.night_pages
MEMUSAGE_LIMIT_MB = 1024
EXTENSIONS = {
    "scrapy.extensions.memusage.MemoryUsage": None,
    "scraper.crawl.memory.MemoryUsage": 0,  # in its place: the memory held now, not the peak of whoever started this process
    "scraper.crawl.patience.Patience": 0,
}

ROBOTSTXT_OBEY = True
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "scraper.crawl.routes.Routes": 90,  # first: nobody is asked for the robots.txt of a host that is not asked for pages
    "scraper.crawl.robots.PoliteRobots": 100,  # in its place: unreachable robots.txt means not tonight
    "scraper.crawl.guard.Guard": 560,  # after decompression (590)
    "scraper.crawl.gates.Gates": 570,
    "scraper.crawl.evidence.Evidence": 950,  # next to the wire, so that bodies are kept as they were sent
}
TWISTED_DNS_RESOLVER = "scraper.crawl.addresses.PublicResolver"  # no name leads into the local network
# Nothing but the web; no consoles; no state of Scrapy's own that a crash could leave half-written.
_http = "scraper.crawl.connections.Connections"
DOWNLOAD_HANDLERS = {"http": _http, "https": _http, "data": None, "file": None, "ftp": None, "s3": None}
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
COOKIES_ENABLED = False
REFERRER_POLICY = "no-referrer"
DOWNLOAD_VERIFY_CERTIFICATES = True

LOG_LEVEL = "WARNING"
LOGSTATS_INTERVAL = 0
