"""Turns the nouns into JSON text and back; the only place that knows how a stored article is spelt."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, fields
from functools import lru_cache
from typing import Any

from archive.models import (
    ArchiveError,
    Article,
    Attachment,
    Claim,
    Document,
    Enrichment,
    Evidence,
    Expects,
    Host,
    Place,
    Portal,
    Unit,
)
from archive.runs import Figures, Run

RUN_COLUMNS = tuple(item.name for item in fields(Run))


@contextmanager
def _stored(what: str) -> Iterator[None]:
    """Say of a text that is not what `dump` wrote what it was, instead of how it cannot be read."""
    try:
        yield
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ArchiveError(
            f"the database holds a damaged {what}; `ansinh check` says where, `ansinh rebuild` heals it"
        ) from error


def dump(noun: Article | Enrichment | Portal | Claim | Figures) -> str:
    """Return the noun as JSON with sorted keys: equal nouns give equal text."""
    return json.dumps(asdict(noun), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@_stored("article")
def load_article(text: str) -> Article:
    """Return the article that `dump` wrote."""
    doc: dict[str, Any] = json.loads(text)
    doc["attachments"] = tuple(Attachment(**row) for row in doc["attachments"])
    return Article(**{name: _frozen(value) for name, value in doc.items()})


@_stored("enrichment")
def load_enrichment(text: str) -> Enrichment:
    """Return the enrichment that `dump` wrote."""
    doc: dict[str, Any] = json.loads(text)
    for name, noun in (("documents", Document), ("claims", Claim), ("evidence", Evidence)):
        doc[name] = tuple(noun(**row) for row in doc[name])
    for name in ("places", "place_candidates"):
        doc[name] = tuple(Place(**{key: _frozen(value) for key, value in row.items()}) for row in doc[name])
    return Enrichment(**{name: _frozen(value) for name, value in doc.items()})


@_stored("claim")
def load_claim(text: str) -> Claim:
    """Return the claim that `dump` wrote."""
    return Claim(**json.loads(text))


@lru_cache(maxsize=4096)  # the same few hundred for every page
@_stored("portal")
def load_portal(text: str) -> Portal:
    """Return the portal that `dump` wrote."""
    doc: dict[str, Any] = json.loads(text)
    doc["hosts"] = tuple(Host(**row) for row in doc["hosts"])
    doc["units"] = tuple(Unit(**row) for row in doc["units"])
    doc["expects"] = Expects(**{name: _frozen(value) for name, value in doc["expects"].items()})
    return Portal(**doc)


def run_row(run: Run) -> tuple[object, ...]:
    """Return a run as its table has it."""
    coded = {"figures": dump(run.figures), "warnings": json.dumps(run.warnings, ensure_ascii=False)}
    return tuple(coded.get(column, getattr(run, column)) for column in RUN_COLUMNS)


@_stored("run")
def load_run(row: Mapping[str, Any]) -> Run:
    """Return the run of a row."""
    figures = load_figures(json.loads(row["figures"]))
    return Run(**{**row, "figures": figures, "warnings": tuple(json.loads(row["warnings"]))})


def load_figures(said: Mapping[str, Any]) -> Figures:
    """Return the figures that JSON says; what an older or newer An Sinh counted otherwise is left out."""
    known = {item.name for item in fields(Figures)}
    return Figures(**{name: value for name, value in said.items() if name in known})


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
