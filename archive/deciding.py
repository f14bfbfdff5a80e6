"""The operators' decisions on disk: read whole, added to durably, and shown by the database at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from archive.assembly import Assembler
from archive.captures import write_durably
from archive.decision_files import BadDecision, correction_toml, parse_corrections, parse_takedowns, takedown_toml
from archive.decisions import Correction, Decisions, Takedown
from archive.enrich.claims.indicators import load_indicators
from archive.enrich.places import place_on
from archive.models import DataDir
from archive.store import Store

CorrectionState = Literal["applied", "superseded", "stale", "taken down", "no article"]


def read_decisions(data: DataDir) -> Decisions:
    """Return what corrections.toml and takedowns.toml say; raise BadDecision for what cannot be applied."""
    return Decisions(
        parse_corrections(_text(data.corrections), str(data.corrections), _is_place, _is_indicator),
        parse_takedowns(_text(data.takedowns), str(data.takedowns)),
    )


def apply_decisions(data: DataDir, store: Store) -> Decisions:
    """Make the database show what people decided, where it does not yet, and return it; belongs under the write lock."""
    decisions = read_decisions(data)
    if store.access.digest() != decisions.digest:
        with store.transaction():
            _apply(store, decisions)
    return decisions


def add_correction(data: DataDir, store: Store, one: Correction) -> None:
    """Add a correction to the file and apply it; the last of a field holds. Raise BadDecision for one that cannot be."""
    name = str(data.corrections)
    _add(data.corrections, correction_toml(one), lambda text: parse_corrections(text, name, _is_place, _is_indicator))
    apply_decisions(data, store)


def add_takedown(data: DataDir, store: Store, one: Takedown) -> None:
    """Add a takedown to the file and apply it; raise BadDecision for one that cannot be."""
    name = str(data.takedowns)
    _add(data.takedowns, takedown_toml(one), lambda text: parse_takedowns(text, name))
    apply_decisions(data, store)


def _apply(store: Store, decisions: Decisions) -> None:
    before, blanked = store.access.touched(), store.texts.blanked()
    store.access.replace(decisions)
    assembler = Assembler(store, decisions)
    portals = {portal.name: portal for portal in store.portals()}
    for article_id in sorted({*before, *store.access.touched(), *decisions.corrected}):
        assembler.again(article_id, portals)
    for article_id in sorted(store.access.close()):
        assembler.again(article_id, portals)
    for article_id in sorted(blanked | store.texts.blanked()):
        store.reindex(article_id)


def _is_place(place: str) -> bool:
    return place_on(place, None) is not None


def _is_indicator(indicator: str) -> bool:
    return indicator in load_indicators()


def _text(path: Path) -> str:
    return _decoded(path, path.read_bytes()) if path.exists() else ""


def _decoded(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadDecision(f"{path}: is not UTF-8 ({error}); save it as UTF-8") from error


def _add(path: Path, entry: str, parse: Callable[[str], object]) -> None:
    """Add an entry at the end, everything before it as it stands, once the whole can be understood."""
    held = path.read_bytes() if path.exists() else b""
    whole = held + (b"\n" if held and not held.endswith(b"\n") else b"") + entry.encode()
    parse(_decoded(path, whole))
    path.parent.mkdir(parents=True, exist_ok=True)
    write_durably(path.resolve(), whole)


def correction_state(store: Store, n: int, one: Correction) -> CorrectionState:
    """Return what became of the n-th correction: a later one of its field or a new text may have overtaken it."""
    carried = store.access.corrections(one.article)
    if n in carried:
        return "applied"
    if any(other.field == one.field and later > n for later, other in carried.items()):
        return "superseded"
    if store.access.is_buried(one.article):
        return "taken down"
    return "stale" if store.holds(one.article) else "no article"
