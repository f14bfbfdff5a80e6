"""What the archive covers: articles by place and time as a table that is a picture, with the reason of every gap."""

from __future__ import annotations

from bisect import bisect_right

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from archive.coverage import Cell, CoverageRequest, CoverageTable, merged
from archive.enrich.labels import province_of
from archive.text import clean_line
from webui.language import url
from webui.places import place_named
from webui.query_string import MAX_VALUE, Refused, parse_coverage
from webui.reading import get_archive

bp = Blueprint("coverage", __name__)
MONTHLY = (3, 10, 20, 40)  # articles of one month from which on it is a darker shade
SHARES = (0.2, 0.4, 0.6, 0.8)  # parts of the months that have any article


@bp.get("/coverage")
def show() -> ResponseReturnValue:
    """Show the coverage of the country, a province or a place; `name` asks for a place by its name."""
    typed = clean_line(request.args.get("name", ""))[:MAX_VALUE]
    try:
        asked, named = parse_coverage(request.args), place_named(typed)
    except Refused as refusal:
        return _page(CoverageRequest(), None, typed=typed, refused=refusal.reason), 400
    if named:
        return redirect(url("coverage.show", place=named))
    return _page(asked, get_archive().coverage(asked))


def _page(asked: CoverageRequest, table: CoverageTable | None, typed: str = "", refused: str = "") -> str:
    return render_template(
        "coverage.html",
        asked=asked,
        typed=typed,
        refused=refused,
        table=table,
        sums=sums(table) if table else (),
        province=province_of(asked.place) if asked.place else asked.province,
        year=str(asked.year or ""),
    )


def shade(cell: Cell) -> str:
    """Return the class of a cell: why it is empty, else how dark it is, 1 to 5."""
    if not cell.articles:
        return cell.gap or "nothing"
    bounds, value = (MONTHLY, cell.articles) if cell.months <= 1 else (SHARES, cell.share)
    return f"shade-{bisect_right(bounds, value) + 1}"


def sums(table: CoverageTable) -> tuple[Cell, ...]:
    """Return each column's cells together."""
    return tuple(merged(line.cells[n] for line in table.lines) for n in range(len(table.columns)))
