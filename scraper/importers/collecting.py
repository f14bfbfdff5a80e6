"""Brings into the evidence what a web archive holds of a host and we do not: what runs again asks for nothing twice.

The state is the evidence itself: a capture at an address and time that is held is not asked for again, and one with the
bytes of another (same article or address, same digest) is written down as its repeat without being fetched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from archive.archived import Answered, Archived, ArchivedWriter
from archive.captures import Original
from archive.models import ArchiveError, Via
from archive.store import Store
from scraper.importers.cdx import Line, Listing, Span
from scraper.importers.client import Unanswered, Withheld
from scraper.reading.page import canonical

SHOWN = 5  # refusals of each kind that are told in full
MAX_SILENCES = 3  # captures in a row that were not answered for, each of them asked for again and again


class WebArchive(Protocol):
    """A web archive that can be asked for what it holds of a host."""

    @property
    def via(self) -> Via:
        """How captures from there are marked."""
        ...

    def find(self, host: str, span: Span) -> Listing:
        """Return what it holds of a host in a span of time; raise ArchiveError when that cannot be had."""
        ...

    def archived(self, line: Line) -> Archived:
        """Return a capture as we would record it."""
        ...

    def keep(self, line: Line, writer: ArchivedWriter) -> Original:
        """Fetch a capture and write it; raise Withheld or Unanswered when it cannot be had."""
        ...


@dataclass(slots=True)
class Refusals:
    """How many captures were not given, and why the first of them were not."""

    count: int = 0
    reasons: list[str] = field(default_factory=list)

    def add(self, reason: ArchiveError) -> None:
        """Count one more."""
        self.count += 1
        if len(self.reasons) < SHOWN:
            self.reasons.append(str(reason))


class Collection:
    """What has become of one host's captures so far: `fetched`, `repeats` of others, `withheld`, and `unanswered`."""

    def __init__(self, archive: WebArchive, writer: ArchivedWriter, article_of: Callable[[Line], str | None]) -> None:
        """`article_of` names the article at a line's address, if it is one's."""
        self._archive, self._writer, self._article_of = archive, writer, article_of
        self._originals: dict[tuple[str, str], Original] = {}
        self.fetched = self.repeats = 0
        self.withheld, self.unanswered = Refusals(), Refusals()

    def missing(self, lines: Iterable[Line], held: Store) -> list[Line]:
        """Return the captures that are not held, remembering what of the held ones a capture may repeat.

        After that the store is not needed any more.
        """
        return [line for line in lines if not self._is_held(line, held)]

    def collect(self, lines: Iterable[Line]) -> Iterator[Sequence[str]]:
        """Write the captures, yielding after each the names of the parts that were sealed with it, mostly none.

        End early when the archive falls silent.
        """
        silences = 0
        for line in lines:
            silences = 0 if self._take(line) else silences + 1
            if silences == MAX_SILENCES:
                break
            yield self._sealed() if self._writer.is_full else ()
        yield self._sealed()

    def _sealed(self) -> Sequence[str]:
        name = self._writer.seal()
        return [name] if name else []

    def _take(self, line: Line) -> bool:
        """Write one capture; return whether the archive answered."""
        original = self._originals.get((self._key(line), line.digest)) if _can_repeat(line) else None
        try:
            if original is not None:
                self._writer.write_repeat(self._archive.archived(line), _answered(line), original)
                self.repeats += 1
                return True
            self._remember(line, self._archive.keep(line, self._writer))
            self.fetched += 1
        except Withheld as refusal:
            self.withheld.add(refusal)
        except Unanswered as silence:
            self.unanswered.add(silence)
            return False
        return True

    def _is_held(self, line: Line, store: Store) -> bool:
        archived = self._archive.archived(line)
        held = store.find_capture(archived.url, archived.date)
        if held is None:
            self._remember_other(line, store)
            return False
        payload = store.payload_of(held.id)
        original = store.find_original(held.url, payload) or held
        self._remember(line, Original(original.url, original.fetched_at, payload))
        return True

    def _remember_other(self, line: Line, store: Store) -> None:
        """Remember what holds the bytes of a capture that is not held: one of the same article or address, from wherever."""
        if _can_repeat(line):
            other = store.find_original(line.url, line.digest, self._article_of(line))
            if other is not None and other.status == 200:
                self._remember(line, Original(other.url, other.fetched_at, line.digest))

    def _remember(self, line: Line, original: Original) -> None:
        if _can_repeat(line):
            self._originals.setdefault((self._key(line), line.digest), original)

    def _key(self, line: Line) -> str:
        """Return what is the same for every address of one article; for other pages, their address without session."""
        return self._article_of(line) or canonical(line.url).partition("://")[2].removeprefix("www.")


def _can_repeat(line: Line) -> bool:
    """Say whether a capture may have the bytes of another one that its index tells the same digest of."""
    return bool(line.digest) and line.status in (0, 200)


def _answered(line: Line) -> Answered:
    """Return what the index says of the answer; a revisit's mime is no media type."""
    mime = [("Content-Type", line.mime)] if line.mime.partition("/")[0] not in ("", "warc", "unk") else []
    return Answered(line.status or 200, mime)
