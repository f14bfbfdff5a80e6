"""A crawl is ended for the memory it holds, not for what it or its parent once held."""

from __future__ import annotations

from scrapy.utils.test import get_crawler

from scraper.crawl.memory import MemoryUsage

MEGABYTE = 1 << 20


def test_memory_that_was_given_back_is_not_counted() -> None:
    watch = MemoryUsage(get_crawler())
    before = watch.get_virtual_size()
    held = bytearray(300 * MEGABYTE)
    assert watch.get_virtual_size() - before > 250 * MEGABYTE
    del held
    assert watch.get_virtual_size() - before < 50 * MEGABYTE
