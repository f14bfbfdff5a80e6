"""Other doors to the same captures: WARC files, saved pages and texts from disk."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from archive.ingest import Source, keep_file, keep_html, keep_texts
from archive.models import ArchiveError, DataDir

_WARC = (".warc", ".warc.gz")
_HTML = (".html", ".htm")
_TEXTS = (".jsonl",)
# How a saved page says where it came from: the browser's own comment, or the page's canonical link.
_SAVED_FROM = re.compile(rb"<!--\s*saved from url=\(\d+\)(\S+)\s*-->")
_CANONICAL = re.compile(rb"""<link[^>]{0,200}rel=["']?canonical["']?[^>]{0,200}href=["']([^"'>]+)""", re.IGNORECASE)


def find_files(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the importable files among the paths, folders searched to their depth; raise ArchiveError for any other."""
    for path in paths:
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*") if file.is_file() and _is_importable(file))
        elif path.is_file() and _is_importable(path):
            yield path
        else:
            what = "is not a kind that can be imported" if path.exists() else "does not exist"
            raise ArchiveError(f"{path}: {what}; give .warc, .warc.gz, .html or .jsonl files, or folders of them")


def keep(data: DataDir, path: Path, url: str | None, portal: str | None) -> Source:
    """Copy a file into the evidence; raise ArchiveError for a saved page whose address nobody says."""
    if path.name.endswith(_HTML):
        return keep_html(data, path, url or _address(path), portal)
    if path.name.endswith(_TEXTS):
        return keep_texts(data, path, portal)
    return keep_file(data, path, "warc", portal)


def _is_importable(path: Path) -> bool:
    return path.name.endswith((*_WARC, *_HTML, *_TEXTS))


def _address(path: Path) -> str:
    head = path.read_bytes()[:50_000]
    found = _SAVED_FROM.search(head) or _CANONICAL.search(head)
    if found is None:
        raise ArchiveError(f"{path}: does not say which address it was saved from; give it with --url")
    return found[1].decode("utf-8", "replace")
