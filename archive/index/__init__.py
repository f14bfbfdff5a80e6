"""The search indexes: `open_engine` is the only place that names an engine."""

from __future__ import annotations

from archive.index.documents import index_document
from archive.index.protocol import Engine, IndexDamaged
from archive.index.whoosh_index import WhooshEngine
from archive.models import ArchiveError, DataDir

__all__ = ["ENGINES", "Engine", "IndexDamaged", "index_document", "open_engine"]

ENGINES = {"whoosh": WhooshEngine}


def open_engine(data: DataDir, name: str = "whoosh") -> Engine:
    """Return the engine of that name on the data directory; raise ArchiveError naming the known ones."""
    if name not in ENGINES:
        raise ArchiveError(f"no engine is called {name!r}; known: {', '.join(ENGINES)}")
    return ENGINES[name](data.index / name)
