"""Other doors to the same captures: WARC files, saved pages and texts from disk."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from archive.crawled import keep_crawled, recognise
from archive.ingest import Source, keep_file, keep_html, keep_texts
from archive.models import ArchiveError, DataDir
from scraper.catalogue import Catalogue

_WARC = (".warc", ".warc.gz")
_HTML = (".html", ".htm")
_TEXTS = (".jsonl",)
_PACKED = (".wacz",)  # found in folders, too
_INDEX = (".cdxj",)  # named, for in a folder its WARC files are read anyway
# How a saved page says where it came from: the browser's own comment, or the page's canonical link.
_SAVED_FROM = re.compile(rb"<!--\s*saved from url=\(\d+\)(\S+)\s*-->")
_CANONICAL = re.compile(rb"""<link[^>]{0,200}rel=["']?canonical["']?[^>]{0,200}href=["']([^"'>]+)""", re.IGNORECASE)


def find_files(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the importable files among the paths, folders searched to their depth; raise ArchiveError for any other."""
    for path in paths:
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*") if file.is_file() and _is_importable(file))
        elif path.is_file() and (_is_importable(path) or path.name.endswith(_INDEX)):
            yield path
        else:
            what = "is not a kind that can be imported" if path.exists() else "does not exist"
            raise ArchiveError(
                f"{path}: {what}; give .warc, .warc.gz, .wacz, .cdxj, .html or .jsonl files, or folders of them"
            )


def keep(data: DataDir, path: Path, url: str | None, portal: str | None, known: Catalogue) -> Source:
    """Copy a file into the evidence; one of our own crawlers stays what it was captured as, unless a portal is forced.

    Raise ArchiveError for a saved page whose address nobody says, and for a crawler's portal that nobody knows here.
    """
    if path.name.endswith(_HTML):
        return keep_html(data, path, url or _address(path), portal)
    if path.name.endswith(_TEXTS):
        return keep_texts(data, path, portal)
    crawled = recognise(path) if portal is None else None
    if crawled is None:
        return keep_file(data, path, "warc", portal)
    known.get(crawled.portal)  # before anything is kept under a name that nobody has
    return keep_crawled(data, crawled)


def _is_importable(path: Path) -> bool:
    return path.name.endswith((*_WARC, *_HTML, *_TEXTS, *_PACKED))


def _address(path: Path) -> str:
    head = path.read_bytes()[:50_000]
    found = _SAVED_FROM.search(head) or _CANONICAL.search(head)
    if found is None:
        raise ArchiveError(f"{path}: does not say which address it was saved from; give it with --url")
    return found[1].decode("utf-8", "replace")
