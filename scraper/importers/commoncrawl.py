"""Common Crawl: the list of its crawls, the index of each, and records cut out of its WARC files (portals.md section 6)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final, Literal
from urllib.parse import urljoin

from archive.archived import Archived, ArchivedWriter
from archive.captures import Original, Record, payload_digest, read_member
from archive.models import ArchiveError
from scraper.importers.cdx import UNWANTED, Line, Listing, Span, digest, parse_lines
from scraper.importers.client import MAX_LISTING, Client, Withheld, in_words

MAX_MEMBER = 32 * 2**20  # bytes of one record, packed; Common Crawl cuts bodies at a few MiB
_MAX_PAGES = 10_000
_MAX_CRAWLS = 1000  # there are some 120
_MAX_SAID = 2**20  # bytes of an answer that is no listing
_NAME = re.compile(r"[\w-]{1,60}", re.ASCII)
_FILE = re.compile(r"(?!.*\.\.)[\w./=-]{1,400}\.warc\.gz", re.ASCII)
_DIGITS = re.compile(r"\D")


class CommonCrawl:
    """The crawls behind the base address of an index server, and their files behind another."""

    via: Final[Literal["commoncrawl"]] = "commoncrawl"

    def __init__(self, client: Client, index: str, data: str) -> None:
        """Both addresses end with a slash."""
        self._client, self._index, self._data = client, index, data

    def find(self, host: str, span: Span) -> Listing:
        """Return what the crawls of the time hold of a host; raise ArchiveError when an index cannot be read."""
        found = Listing()
        for crawl in self._crawls(span):
            query = _query(host, span)
            for page in range(self._pages(crawl, query)):
                found.add(parse_lines(self._ask(crawl, [*query, ("page", str(page))]), host))
        return found

    def keep(self, line: Line, writer: ArchivedWriter) -> Original:
        """Cut a record out of its WARC file and write it as it is; raise Withheld when it is not what the index says."""
        archived = self.archived(line)
        member, record = _read(self._cut(line), archived.source)
        if record.type != "response" or record.url != line.url or record.date != line.date:
            raise Withheld(
                f"{archived.source}: holds another record than the index says, {record.type} {record.url[:200]}"
            )
        if line.digest and digest(record.payload_digest) not in ("", line.digest):
            raise Withheld(f"{archived.source}: holds another payload than the index says")
        writer.write_member(archived, member, record.id)
        payload = record.payload_digest or payload_digest(record.body).removeprefix("sha1:")
        return Original(record.url, record.date, payload)

    def archived(self, line: Line) -> Archived:
        """Return a capture as it is recorded."""
        source = f"{self._data}{line.filename}#bytes={line.offset}-{line.offset + line.length - 1}"
        return Archived(line.url, line.date, line.digest, source)

    def _cut(self, line: Line) -> bytes:
        """Return the bytes of a record; raise Withheld for a range that is none, or is not given."""
        if not _FILE.fullmatch(line.filename) or not 0 < line.length <= MAX_MEMBER:
            raise Withheld(f"{line.url}: the index names no record of a WARC file ({line.filename[:200]})")
        url = urljoin(self._data, line.filename)
        wanted = {"Range": f"bytes={line.offset}-{line.offset + line.length - 1}"}
        answer = self._client.get(url, headers=wanted, most=line.length)
        if answer.status != 206:
            raise Withheld(f"{url}: answered {in_words(answer.status)} where a part was asked for")
        return answer.body

    def _crawls(self, span: Span) -> Iterator[str]:
        """Yield the index address of each crawl that may hold captures of the time, in the order they are listed in."""
        url = f"{self._index}collinfo.json"
        answer = self._client.get(url)
        try:
            listed = json.loads(answer.text(_MAX_SAID))
        except (ValueError, RecursionError) as error:
            raise ArchiveError(f"{url}: answered {in_words(answer.status)}, not a list of crawls") from error
        for crawl in listed[:_MAX_CRAWLS] if isinstance(listed, list) else ():
            if isinstance(crawl, dict) and _NAME.fullmatch(str(crawl.get("id"))) and _overlaps(crawl, span):
                yield f"{self._index}{crawl['id']}-index"  # on our own server, whatever `cdx-api` says

    def _pages(self, crawl: str, query: list[tuple[str, str]]) -> int:
        """Return how many pages the index of a crawl has for a query; raise ArchiveError for no number or too many."""
        said = self._ask(crawl, [*query, ("showNumPages", "true")], _MAX_SAID)
        if not said:
            return 0
        try:
            told = json.loads(said)
            pages = int(told["pages"] if isinstance(told, dict) else told)
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            raise ArchiveError(f"{crawl}: does not say how many pages there are: {said[:80]!r}") from error
        if pages > _MAX_PAGES:
            raise ArchiveError(f"{crawl}: {pages} pages of one host; ask for fewer with --from and --to")
        return pages

    def _ask(self, crawl: str, query: list[tuple[str, str]], most: int = MAX_LISTING) -> bytes:
        """Return what the index of a crawl says; empty where it knows nothing of the host, which it tells by 404."""
        answer = self._client.get(crawl, query)
        if answer.status not in (200, 404):
            raise ArchiveError(f"{crawl}: the index answered {in_words(answer.status)}")
        return answer.text(most) if answer.status == 200 else b""


def _read(data: bytes, source: str) -> tuple[bytes, Record]:
    try:
        return read_member(data, source)
    except ArchiveError as error:
        raise Withheld(str(error)) from error


def _query(host: str, span: Span) -> list[tuple[str, str]]:
    ends = [(name, value) for name, value in (("from", span.since), ("to", span.until)) if value]
    unwanted = ("filter", f"!~mime:({UNWANTED}).*")
    return [("url", host), ("matchType", "host"), ("output", "json"), *ends, unwanted]


def _overlaps(crawl: dict[str, Any], span: Span) -> bool:
    """Say whether a crawl lasted into the span; one that does not say when it was may have."""
    first, last = (_DIGITS.sub("", str(crawl.get(name) or "")) for name in ("from", "to"))
    begins_early = not span.until or first[: len(span.until)] <= span.until
    ends_late = not last or last[: len(span.since)] >= span.since
    return begins_early and ends_late
