"""What is held of a place and a time, and why not more."""

from __future__ import annotations

from dataclasses import asdict

from archive.coverage import Cell, CoverageTable, Line
from archive.enrich.labels import place_label
from archive.models import Json
from archive.pledges import Coverage


def table_json(table: CoverageTable) -> Json:
    """Return a table of coverage: the numbers and reasons of the page."""
    return {
        "by": table.by,
        "columns": list(table.columns),
        "years": list(table.years),
        "as_of": table.as_of,
        "lines": [_covered_line(line, table) for line in table.lines],
        "total": _covered(table.total),
    }


def _covered_line(line: Line, table: CoverageTable) -> Json:
    label = line.key if table.by == "year" else place_label(line.key)
    cells = {column: _covered(cell) for column, cell in zip(table.columns, line.cells, strict=True)}
    return {
        "key": line.key,
        "label": label,
        "cells": cells,
        "undated": _covered(line.undated),
        "portals": [asdict(one) for one in line.reached],
    }


def _covered(cell: Cell) -> Json:
    return {**asdict(cell), "gap": cell.gap}


def coverage_json(coverage: Coverage) -> Json:
    """Return why a report may not have been found, and what is held instead."""
    return {
        "gap": coverage.gap,
        "first": coverage.first,
        "last": coverage.last,
        "portals": list(coverage.portals),
        "articles": dict(coverage.articles),
        "missing": coverage.missing,
        "problems": coverage.problems,
    }


def coverage_in_words(coverage: Coverage) -> str:
    """Return in a sentence why a report may not have been found, and what is held."""
    held = ", ".join(f"{count} of {portal}" for portal, count in coverage.articles.items()) or "none"
    return (
        f"{coverage.gap}: articles held {coverage.first}..{coverage.last}: {held}; "
        f"known pages missing: {coverage.missing}; pages not read: {coverage.problems}"
    )
