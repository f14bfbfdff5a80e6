"""What a search engine promises: add, delete, commit, search; the same matches for the same terms, whichever it is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from archive.models import ArchiveError, EngineHits, IndexDocument, Node, Query


class IndexDamaged(ArchiveError):
    """An index that is not what was published; it is refused before any of it is interpreted, and can be made again."""


class Engine(Protocol):
    """An index of one data directory. Readers see what the last commit published, never a half."""

    def add(self, documents: Iterable[IndexDocument]) -> None:
        """Take documents, each id at most once between commits, in place of what is held under the same ids."""
        ...

    def delete(self, ids: Iterable[str]) -> None:
        """Forget the documents of those ids; unknown ids are ignored."""
        ...

    def commit(self, seq: int, database: str = "") -> None:
        """Publish what was added and deleted, durably and at once, as the state of that database at change `seq`."""
        ...

    def reset(self) -> None:
        """Begin an empty index; readers keep the published one until the next commit."""
        ...

    def search(self, query: Query) -> EngineHits:
        """Return the matches of a query; raise IndexDamaged when the published index cannot be trusted."""
        ...

    def frequency(self, term: str) -> int:
        """Return in how many published documents a term stands, in title, text or files."""
        ...

    def files(self, document_id: str, node: Node) -> tuple[int, ...]:
        """Return the numbers, from 0, of a published document's files that match the node by themselves.

        Asked for one thing that was typed: All and AnyOf of words and phrases; no other node matches a file.
        """
        ...

    def database(self) -> str:
        """Return the id of the database that the published index was made from; empty when there is none."""
        ...

    def seq(self) -> int:
        """Return the change number of the published index, or -1 when there is none that this version can read."""
        ...

    def close(self) -> None:
        """Drop what was not committed and close every file."""
        ...
