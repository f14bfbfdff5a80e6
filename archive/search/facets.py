"""Which values of a facet are shown beside the hits, under which names."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from archive.enrich.labels import place_label, province_of, topic_label
from archive.models import FacetValue, Portal
from archive.store import Store

FACET_VALUES = 50  # shown of one facet, the most frequent first
_LABELS: dict[str, Callable[[str], str]] = {"place": place_label, "topic": topic_label}


class Titles:
    """The titles of an archive's portals, read when the first is asked for that is not known yet."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._portals: dict[str, Portal] = {}

    def get(self, name: str) -> str:
        """Return a portal's title; its name when it is unknown."""
        if name not in self._portals:
            self._portals = {portal.name: portal for portal in self._store.portals()}
        return self._portals[name].title if name in self._portals else name


def show_facet(
    name: str, counts: Mapping[str, int], chosen: Collection[str], portal_title: Callable[[str], str]
) -> tuple[FacetValue, ...]:
    """Return the values that are shown: all years, of others the most frequent and what is chosen.

    Of places, those in a chosen province too; and with each the province that it lies in.
    """
    ranked = sorted({*counts, *chosen}, key=lambda value: (-counts.get(value, 0), value))
    shown = [value for n, value in enumerate(ranked) if n < FACET_VALUES or value in chosen]
    if name == "year":
        shown = sorted(ranked, reverse=True)
    elif name == "place":
        inside = [value for value in ranked if province_of(value) in chosen]
        shown = [*dict.fromkeys(unit for value in (*shown, *inside) for unit in _with_parent(value))]
    parent = _parent if name == "place" else _no_parent
    label = portal_title if name == "portal" else _LABELS.get(name, str)
    return tuple(FacetValue(value, label(value), counts.get(value, 0), parent(value)) for value in shown)


def _with_parent(place: str) -> tuple[str, ...]:
    parent = _parent(place)
    return (place,) if parent is None else (parent, place)


def _parent(place: str) -> str | None:
    """Return the province of a district or commune; None for a province."""
    province = province_of(place)
    return None if province == place else province


def _no_parent(_: str) -> None:
    return None
