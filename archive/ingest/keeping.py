"""Evidence files and how they came here: imported ones are kept unchanged, beside a sidecar that says so."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from archive.archived import is_archived
from archive.captures import (
    TEXT_MIME,
    TEXT_URI,
    copy_durably,
    finish,
    has_member_per_record,
    is_address,
    is_gzip,
    is_warc,
    make_folder,
    note_digest,
    now,
    repack,
    salvaged,
    sha256_of,
    write_durably,
    write_resources,
)
from archive.models import ArchiveError, DataDir, Json, Via, digest

# Files as they came; what was made of them has longer names.
_IMPORTED = re.compile(r"[0-9a-f]{64}\.(?:warc|warc\.gz|html|jsonl)")


@dataclass(frozen=True, slots=True)
class Source:
    """An evidence file and how it came here; `path` is relative to the data directory, `portal` a forced one."""

    path: str
    via: Via
    portal: str | None = None


def keep_file(data: DataDir, path: Path, via: Via, portal: str | None) -> Source:
    """Copy a WARC file unchanged into the evidence and return it; the same file again is the same source.

    Raise ArchiveError for a file that does not begin as a WARC does: it would be in the way of every rebuild.
    """
    if not is_warc(path):
        raise ArchiveError(f"{path}: is not a WARC file; nothing was kept of it")
    suffix = ".warc.gz" if is_gzip(path) else ".warc"
    return _keep(data, path, sha256_of(path), suffix, {"via": via, "portal": portal, "name": path.name})


def keep_html(data: DataDir, path: Path, url: str, portal: str | None) -> Source:
    """Keep a saved page unchanged, and beside it as a resource record at its URL; raise ArchiveError for no address."""
    if not is_address(url):
        raise ArchiveError(f"{path}: {url!r} is not an address that a page can have; give one with --url")
    said = {"via": "file", "portal": portal, "name": path.name, "url": url}
    own = digest(sha256_of(path) + url)  # the same bytes may have been saved from two addresses
    return _keep(data, path, own, ".html", said)


def keep_texts(data: DataDir, path: Path, portal: str | None) -> Source:
    """Keep a .jsonl file of texts from elsewhere unchanged, and beside it each line as a resource record."""
    return _keep(data, path, sha256_of(path), ".jsonl", {"via": "file", "portal": portal, "name": path.name})


def _keep(data: DataDir, path: Path, name: str, suffix: str, said: Json) -> Source:
    make_folder(data.imported)
    kept = data.imported / f"{name}{suffix}"
    sidecar = _sidecar(kept)
    if not sidecar.exists():
        write_durably(sidecar, json.dumps({**said, "imported_at": now()}, ensure_ascii=False, indent=1).encode())
    elif said["portal"] is not None:  # imported again to say whose it is
        held = json.loads(sidecar.read_text("utf-8"))
        write_durably(sidecar, json.dumps({**held, "portal": said["portal"]}, ensure_ascii=False, indent=1).encode())
    if not kept.exists():
        note_digest(kept, sha256_of(path))
        copy_durably(path, kept)
    return _readable(data, sidecar)


def _sidecar(kept: Path) -> Path:
    """Return the file that says where an imported file came from."""
    return kept.with_name(f"{kept.name}.json")


def without_sidecar(data: DataDir) -> Iterator[Path]:
    """Yield each imported file of which nobody knows any more where it came from: no rebuild reads it."""
    for kept in sorted(data.imported.glob("*")):
        is_whole = bool(_IMPORTED.fullmatch(kept.name)) or is_archived(kept.name)
        if is_whole and not _sidecar(kept.with_name(kept.name.removesuffix(".open"))).exists():
            yield kept


def _readable(data: DataDir, sidecar: Path) -> Source:
    """Return the file with one member per record that a sidecar stands for, making it when it is not there yet."""
    try:
        said = json.loads(sidecar.read_text("utf-8"))
        via, portal = said["via"], said["portal"]
    except (ValueError, KeyError, TypeError) as error:
        raise ArchiveError(f"{sidecar}: damaged ({error!r}); restore it from a backup of captures/") from error
    kept = sidecar.with_suffix("")
    reads = kept
    if kept.suffix in (".html", ".jsonl") or not has_member_per_record(kept):
        reads = kept.with_name(f"{kept.name.split('.')[0]}.packed.warc.gz")
        if not reads.exists():
            _pack(kept, reads, said)
    return Source(str(reads.relative_to(data.path)), via, portal)


def _pack(kept: Path, target: Path, said: Json) -> None:
    if kept.suffix == ".html":
        resources = [(said["url"], "text/html", kept.read_bytes())]
    elif kept.suffix == ".jsonl":
        read = (_text_resource(line) for line in kept.read_bytes().splitlines())
        resources = [resource for resource in read if resource is not None]
    else:
        repack(kept, target)
        return
    write_resources(target, kept.name, resources, said["imported_at"])


def _text_resource(line: bytes) -> tuple[str, str, bytes] | None:
    """Return the resource that one line of a .jsonl file becomes; None for a line that is no text."""
    try:
        said = json.loads(line)
        url = str(said.get("url") or f"{TEXT_URI}{said['id']}")
        is_text = isinstance(said["title"], str) and isinstance(said["text"], str) and is_address(url)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return (url, TEXT_MIME, line) if is_text else None


def bad_lines(path: Path) -> list[int]:
    """Return the numbers of the lines of a .jsonl file that are neither empty nor a text with id and title."""
    lines = enumerate(path.read_bytes().splitlines(), start=1)
    return [number for number, line in lines if line.strip() and _text_resource(line) is None]


def finish_drafts(data: DataDir, portals: Iterable[str] = ("*",)) -> list[Path]:
    """Seal what crawls (of these portals) that died have left in progress, and return what it became.

    Drafts of a process that lives stay as they are, whoever asks.
    """
    drafts = sorted(draft for portal in portals for draft in data.captures.glob(f"{portal}/*/*.warc.gz.open"))
    return [path for path in map(finish, drafts) if path is not None]


def finish_archived(data: DataDir) -> None:
    """Seal what imports from web archives that died have left in progress; what is salvaged of one has its sidecar, too."""
    for draft in sorted(draft for draft in data.imported.glob("*.open") if is_archived(draft.name)):
        finish(draft)
        whole = salvaged(draft)
        if whole.exists() and not _sidecar(whole).exists():
            copy_durably(_sidecar(draft.with_suffix("")), _sidecar(whole))


def sources(data: DataDir) -> Iterator[Source]:
    """Yield every evidence file of the data directory, in the order of their names."""
    for path in sorted(data.captures.glob("*/*/*.warc.gz")):
        if data.imported not in path.parents:
            yield Source(str(path.relative_to(data.path)), "live", path.parent.parent.name)
    for sidecar in sorted(data.imported.glob("*.json")):
        if sidecar.with_suffix("").exists():
            yield _readable(data, sidecar)
