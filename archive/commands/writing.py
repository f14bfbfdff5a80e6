"""How a command writes to an archive that is there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from archive.deciding import apply_decisions
from archive.ingest import WriteLock
from archive.models import DataDir
from archive.store import Store


@contextmanager
def writing(data: DataDir) -> Iterator[Store]:
    """Give the store of an archive that is there, under the write lock, showing what people decided."""
    with WriteLock(data):
        Store(data.database, read_only=True).close()  # raises where there is none
        with closing(Store(data.database)) as store:
            apply_decisions(data, store)
            yield store
