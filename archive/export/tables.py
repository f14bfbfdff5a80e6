"""A table as CSV that spreadsheets open and nothing runs in."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence


def csv_lines(columns: Sequence[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield a table as CSV (RFC 4180, all cells quoted), no cell of which a spreadsheet takes for a formula.

    A cell that begins with a sign of formulas, or with an apostrophe, has an apostrophe before it: a program that reads
    the file takes one leading apostrophe away and has the text as it was.
    """
    line = io.StringIO()
    writer = csv.writer(line, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        yield line.getvalue()
        line.seek(0)
        line.truncate()
        writer.writerow([_guarded(value) for value in row])
    yield line.getvalue()


def cell(value: str | float | None) -> str:
    """Return a value as it stands in a cell: numbers with a point and no zeros behind it, nothing for none."""
    if value is None:
        return ""
    return value if isinstance(value, str) else f"{value:.15g}"


def _guarded(value: str) -> str:
    """Keep a spreadsheet from reading text as a formula, full-width signs included (OWASP ASVS 1.2.10)."""
    return f"'{value}" if value[:1] in "'=+-@\t\r\0＝＋－＠" and value else value
