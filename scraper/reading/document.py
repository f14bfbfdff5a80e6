"""Read a numbered document (plan, decision, report) from the table of labels and values that portals show instead of a text.

Liferay's legal-document portlet, VNPT's sub-app of documents, SharePoint's forms (portals.md A, B, E): such a page says
number, date, signer and abstract, and offers the file. It is an article whose text is that table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from lxml.html import HtmlElement

from archive.text import clean_line, fold_text
from scraper.reading.page import parse_when

_FEWEST = 4  # labels that only a document has
_MOST_ROWS = 40
_MOST_TABLES = 100
_LONGEST = 40  # characters of a label
_ABSTRACT = ("trich yeu", "trich yeu noi dung", "noi dung trich yeu", "ten van ban", "ve viec", "noi dung")
_ISSUED = ("ngay ban hanh", "ngay ky", "ngay van ban", "ngay ky ban hanh")
_FILES = ("file", "file dinh kem", "tep dinh kem", "tai lieu dinh kem", "van ban dinh kem", "tai ve", "tap tin")
_LABELS = frozenset(
    (
        *_ABSTRACT, *_ISSUED, *_FILES, "so ky hieu", "so hieu", "so van ban", "ky hieu", "so ki hieu", "so hieu van ban",
        "so/ky hieu",
        "nguoi ky", "chuc vu", "co quan ban hanh", "co quan", "don vi ban hanh", "noi ban hanh", "loai van ban", "loai",
        "hinh thuc van ban", "linh vuc", "cap ban hanh", "cap", "cap van ban", "ngay hieu luc", "ngay co hieu luc",
        "ngay het hieu luc", "tinh trang", "tinh trang hieu luc", "hieu luc", "nam ban hanh", "trang thai", "ngay dang",
    )
)  # fmt: skip


class Document(NamedTuple):
    """A document's table, its rows as "label value" lines in order, its abstract and the day it was issued."""

    table: HtmlElement
    lines: tuple[str, ...]
    abstract: str
    issued: str | None


def find_document(body: HtmlElement) -> Document | None:
    """Return the table of the one document that a page shows; None for any other page, a list of documents included."""
    tables = (table for table in body.iter("table", "dl") if next(table.iterdescendants("table"), None) is None)
    found = [document for table in islice(tables, _MOST_TABLES) if (document := _document(table)) is not None]
    return found[0] if len({document.abstract for document in found}) == 1 else None


def _document(table: HtmlElement) -> Document | None:
    """Return what a table without others in it says as a document; None when that is none."""
    rows = dict(_rows(table))
    said: Mapping[str, str] = {_name(label): value for label, value in rows.items()}
    abstract = next((said[name] for name in _ABSTRACT if said.get(name)), "")
    if len(_LABELS & said.keys()) < _FEWEST or not abstract:
        return None
    issued = next((parse_when(said[name]) for name in _ISSUED if said.get(name)), None)
    lines = tuple(
        f"{label.rstrip(' :')}: {value}" for label, value in rows.items() if value and _name(label) not in _FILES
    )
    return Document(table, lines, abstract, issued)


def _rows(table: HtmlElement) -> Iterator[tuple[str, str]]:
    """Yield label and value of each pair of cells; a row may hold two pairs beside each other."""
    cells = [list(row.iterchildren("td", "th")) for row in islice(table.iter("tr"), _MOST_ROWS)]
    if table.tag == "dl":
        cells = [list(table.iterchildren("dt", "dd"))[: 2 * _MOST_ROWS]]
    for row in cells:
        texts = [clean_line(str(cell.xpath("string()"))) for cell in row]
        pairs = zip(texts[::2], texts[1::2], strict=False)
        yield from ((label, value) for label, value in pairs if label and len(label) <= _LONGEST)


def _name(label: str) -> str:
    return fold_text(label).strip(" :./*")
