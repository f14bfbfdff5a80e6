"""What reading changed: of an article, in a batch, and in sum."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import ClassVar, Literal, TypeVar

from archive.models import Article, Json, Portal

T = TypeVar("T")
Watch = Callable[[Iterable[T]], Iterable[T]]  # sees each item as it passes: progress for people


@dataclass(frozen=True, slots=True)
class Change:
    """What a batch did to one article; yielded after its commit, which is what acknowledged means."""

    kind: Literal["new", "changed", "unchanged"]
    article: Article
    id: str


@dataclass(slots=True)
class Batch:
    """What the records of one transaction did: articles to assemble again, and those among them that were captured."""

    touched: dict[str, Portal] = field(default_factory=dict)
    captured: set[str] = field(default_factory=set)
    ends: list[Json] = field(default_factory=list)
    requests: int = 0
    known: int = 0  # requests whose capture an earlier reading of the file has committed
    problems: int = 0


@dataclass(slots=True)
class Tally:
    """Counts of one ingest; `unknown` are hosts that no platform recognises, with their number of pages."""

    COUNTS: ClassVar = ("requests", "new", "changed", "unchanged", "problems")

    requests: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    problems: int = 0
    unknown: Counter[str] = field(default_factory=Counter)

    def add(self, batch: Batch, counts: Counter[str]) -> None:
        """Add a committed batch."""
        self.requests += batch.requests
        self.problems += batch.problems
        self.new += counts["new"]
        self.changed += counts["changed"]
        self.unchanged += counts["unchanged"]

    def as_json(self) -> Json:
        """Return the closing line of `crawl --json` and `import --json`."""
        return {name: getattr(self, name) for name in self.COUNTS}

    def since(self, before: Tally) -> Tally:
        """Return what was counted after an earlier state of this tally."""
        return Tally(**{name: getattr(self, name) - getattr(before, name) for name in self.COUNTS})
