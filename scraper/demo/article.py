"""The articles that the simulated portals publish: one TOML file a portal, here newest first."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from archive.models import BodyKind
from scraper.reading.page import HANOI

FOLDER = Path(__file__).parent / "articles"


class Block(NamedTuple):
    """One block of a body: its text, the cells of a table row, the image that a caption belongs to."""

    kind: BodyKind
    text: str = ""
    cells: tuple[str, ...] = ()
    image: str = ""


class Run(NamedTuple):
    """Neighbouring blocks of one kind: what becomes one list or one table."""

    kind: BodyKind
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class DemoArticle:
    """One article as its author typed it; `published` is a day where the portal shows no time."""

    portal: str
    id: int
    slug: str
    title: str
    published: date
    section: str
    body: tuple[Block, ...]
    summary: str = ""
    author: str = ""
    source: str = ""
    attachments: tuple[str, ...] = ()
    protected: bool = False

    @property
    def when(self) -> datetime:
        """The time of publication in Hà Nội; midnight for a day."""
        if isinstance(self.published, datetime):
            return self.published
        return datetime.combine(self.published, time(), HANOI)

    @property
    def timed(self) -> bool:
        """Whether the portal shows the time of day."""
        return isinstance(self.published, datetime)

    @property
    def runs(self) -> tuple[Run, ...]:
        """The body as runs of one kind each, for the templates."""
        return tuple(Run(kind, tuple(blocks)) for kind, blocks in groupby(self.body, key=lambda block: block.kind))

    @property
    def images(self) -> tuple[str, ...]:
        """The names of the body's images."""
        return tuple(block.image for block in self.body if block.image)

    @property
    def views(self) -> int:
        """A number of views that never changes."""
        return 100 + self.id * 37 % 1900


@lru_cache
def load_articles(portal: str) -> tuple[DemoArticle, ...]:
    """Return the articles of a portal, newest first; raise KeyError for one without its mandatory fields."""
    rows = tomllib.loads((FOLDER / f"{portal}.toml").read_text("utf-8"))["article"]
    return tuple(sorted((_article(portal, row) for row in rows), key=lambda article: article.when, reverse=True))


def _article(portal: str, row: Mapping[str, Any]) -> DemoArticle:
    fields = {key: value for key, value in row.items() if key not in ("body", "images", "attachments")}
    images = (Block("caption", image["caption"], image=image["name"]) for image in row.get("images", ()))
    first, *rest = (_block(entry) for entry in row["body"])
    return DemoArticle(
        portal=portal, body=(first, *images, *rest), attachments=tuple(row.get("attachments", ())), **fields
    )


def _block(entry: str | Mapping[str, Any]) -> Block:
    if isinstance(entry, str):
        return Block("p", entry)
    if "tr" in entry:
        return Block("tr", cells=tuple(entry["tr"]))
    return Block("h", entry["h"]) if "h" in entry else Block("li", entry["li"])
