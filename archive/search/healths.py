"""How the portals do, worked out once for the same runs: 700 portals with a year of nights are 280,000 runs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from archive.health import HISTORY, portal_health
from archive.models import Portal
from archive.runs import Health
from archive.store import Store

_known: dict[tuple[Path, str], tuple[Any, Health]] = {}  # with what it was worked out from


def find_health(store: Store, portals: Iterable[Portal], today: date) -> tuple[Health, ...]:
    """Return how portals do on a day in Hà Nội, in their order."""
    marks = store.coverage.latest_runs()
    return tuple(_health(store, portal, marks.get(portal.name), today) for portal in portals)


def _health(store: Store, portal: Portal, mark: tuple[object, ...] | None, today: date) -> Health:
    """Return how one portal does; `mark` changes with its runs."""
    key, made_of = (store.path, portal.name), (mark, portal, today)
    held = _known.get(key)
    if held is None or held[0] != made_of:
        held = _known[key] = made_of, portal_health(portal, store.runs(portal.name, HISTORY), today)
    return held[1]
