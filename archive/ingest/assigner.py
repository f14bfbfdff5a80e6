"""Whose a record is: the portal of each, found by its address or by the looks of its host's pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from archive.archived import other_parts
from archive.captures import Record, WarcDamaged, read_warc
from archive.ingest.keeping import Source
from archive.models import Extractor, Page, Portal


class Assigner:
    """Finds the portal of each record of one file: forced, catalogued, or recognised from the file's own pages."""

    def __init__(self, extractor: Extractor, source: Source, path: Path) -> None:
        self._extractor, self._source, self._path = extractor, source, path
        self._forced = extractor.get_portal(source.portal) if source.portal else None
        self._recognised: dict[str, Portal | None] = {}
        self._seen: set[str] = set()
        self.unknown: Counter[str] = Counter()

    def portal_of(self, record: Record) -> Portal | None:
        """Return the portal of a record, or None (counted) for a host that nobody recognises."""
        if self._forced is not None:
            return self._forced
        portal = self._extractor.find_portal(record.url, record.date) or self._recognise(record)
        if portal is None and record.type != "metadata":
            host = host_of(record.url) or record.url
            self.unknown[host] += 1
        return portal

    def is_first(self, portal: Portal) -> bool:
        """Say, once for each portal, that it is met for the first time."""
        first = portal.name not in self._seen
        self._seen.add(portal.name)
        return first

    def _recognise(self, record: Record) -> Portal | None:
        host = host_of(record.url)
        if host not in self._recognised:
            found = (self._extractor.recognise(host, pages) for pages in self._pages_of(host))
            self._recognised[host] = next(filter(None, found), None)
        return self._recognised[host]

    def _pages_of(self, host: str) -> Iterator[Iterator[Page]]:
        """Yield the host's pages in this file, then those in each other part of the same import from a web archive."""
        for path in (self._path, *other_parts(self._path)):
            yield _pages(path, host)


def _pages(path: Path, host: str) -> Iterator[Page]:
    """Yield a host's pages in a file, as far as it can be read."""
    with suppress(WarcDamaged):
        yield from (r.page() for r in read_warc(path) if host_of(r.url) == host and r.status == 200 and r.body)


def host_of(url: str) -> str:
    """Return the host of a URL as portals are known by it: lower case, no www., no port; empty for no URL."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
