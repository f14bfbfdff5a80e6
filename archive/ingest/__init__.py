"""The write side: evidence files in, articles out. Idempotent, atomic by batch, and the same in any order.

A file's responses become captures; those of an article make its versions, together with what listings said about it.
An article is always assembled anew from all its captures and hints, so the order of reading cannot matter.

`locks` says who may write; `keeping` has the evidence files, imported ones with where they came from; `ingester` reads
them batch by batch, `assigner` finds the portal of each record, `intake` stores one record, and `changes` is what that
did; `publishing` brings the ledger and the search index up to date.
"""

from archive.ingest.changes import Change, Tally
from archive.ingest.ingester import Ingester
from archive.ingest.keeping import (
    Source,
    bad_lines,
    finish_archived,
    finish_drafts,
    keep_file,
    keep_html,
    keep_texts,
    sources,
    without_sidecar,
)
from archive.ingest.locks import Busy, CrawlerClaim, MomentaryLock, WriteLock, require_room
from archive.ingest.publishing import rebuild_index, update_index, update_ledger

__all__ = [
    "Busy",
    "Change",
    "CrawlerClaim",
    "Ingester",
    "MomentaryLock",
    "Source",
    "Tally",
    "WriteLock",
    "bad_lines",
    "finish_archived",
    "finish_drafts",
    "keep_file",
    "keep_html",
    "keep_texts",
    "rebuild_index",
    "require_room",
    "sources",
    "update_index",
    "update_ledger",
    "without_sidecar",
]
