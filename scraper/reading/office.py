"""Read the text of the files that articles offer: PDF with a text layer, DOCX, DOC of Word 97 to 2003.

What a file is, its first bytes say: portals name HTML, RTF and DOCX `.doc`. A file without a text layer is a scan and
is said to be one. The files are hostile: they are read in a child process under limits of time and memory, and no
further than a limit of text.
"""

from __future__ import annotations

import logging
import struct
import time
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import IO

import olefile
import pypdf
from lxml import etree
from pypdf.errors import PyPdfError

from archive.legacy import repair
from archive.models import ExtractError, Outcome
from archive.text import clean_line
from scraper.limits import Limited, LimitExceeded

READ_BY = "office/1"
MAX_FILE = 20 * 1024 * 1024  # bytes; a larger file is kept but not read
MAX_PAGES = 300  # of a PDF; a longer one is read so far
MAX_TEXT = 300_000  # characters, about 60,000 words; a longer text is read so far
MAX_SECONDS = 10.0  # of computing for one file; a PDF that costs more is read so far
_PAGES = 10  # of a PDF that are read in one call of the child
_LONGEST = 200  # characters of a word; what is longer is none
_MAX_XML = 32 * 1024 * 1024  # bytes of a DOCX's text, unpacked
_FEWEST_LETTERS = 20  # on a page of text; a scan has stray ones at most
_limited = Limited(__name__)
logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it mends what is flawed and reports every flaw

_ZIP = b"PK\x03\x04"
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DOCUMENT = "word/document.xml"
_UNREADABLE = (
    PyPdfError,
    zipfile.BadZipFile,
    etree.XMLSyntaxError,
    zlib.error,
    struct.error,
    OSError,
    EOFError,
    ValueError,
)
_MISSHAPEN = (KeyError, IndexError, TypeError, AttributeError, NotImplementedError, RecursionError, AssertionError)


class FileRefused(ExtractError):
    """A file that cannot be read; `outcome` is the kind of reason, the message the reason itself."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        super().__init__(outcome, reason)  # both, so that it comes whole out of the child process
        self.outcome, self.reason = outcome, reason

    def __str__(self) -> str:
        return self.reason


@dataclass(frozen=True, slots=True)
class FileText:
    """The text of a file as lines: paragraphs, and the rows of tables with their cells joined by a blank.

    `pages` counts what was looked at, 1 for a file without pages; `more` says that the file goes on; a `scan` has no
    lines. `seconds` of computing were spent.
    """

    lines: tuple[str, ...]
    pages: int = 1
    more: bool = False
    scan: bool = False
    seconds: float = field(default=0.0, compare=False)

    @property
    def size(self) -> int:
        """How many characters its lines have."""
        return sum(map(len, self.lines))


def is_document(body: bytes) -> bool:
    """Say whether a file begins as a PDF, a ZIP or an OLE file does: what is none of them has no text for us."""
    return b"%PDF-" in body[:1024] or body.startswith((olefile.MAGIC, _ZIP))


def read_file(body: bytes) -> FileText:
    """Return the text of a file, read in a child process under limits; raise FileRefused saying why it cannot be."""
    if len(body) > MAX_FILE:
        raise FileRefused("too-large", f"{len(body)} bytes; a file of more than {MAX_FILE} is kept but not read")
    parts = tuple(_parts(body))
    lines = tuple(line for part in parts for line in part.lines)
    pages = sum(part.pages for part in parts)
    if sum(map(_letters, lines)) < _FEWEST_LETTERS * pages:
        return FileText((), pages, parts[-1].more, scan=True)
    goes_on = parts[-1].more or sum(map(len, lines)) > MAX_TEXT
    return FileText(tuple(_first(lines, MAX_TEXT)), pages, goes_on)


def _parts(body: bytes) -> Iterator[FileText]:
    """Yield what a file says part by part, until its end or a limit; raise FileRefused where the first is too much."""
    part = FileText((), pages=0, more=True)
    begin, size, seconds = 0, 0, 0.0
    while part.more and begin < MAX_PAGES and size < MAX_TEXT and seconds < MAX_SECONDS:
        try:
            part = _limited.call("read_here", body, begin)
        except LimitExceeded as limit:
            if begin:
                return
            raise FileRefused("too-large", f"{limit}: the file costs too much to be read") from limit
        begin, size, seconds = begin + part.pages, size + part.size, seconds + part.seconds
        yield part


def _first(lines: Iterable[str], size: int) -> Iterator[str]:
    """Yield the lines up to so many characters together."""
    for line in lines:
        if size <= 0:
            return
        yield line[:size]
        size -= len(line)


def read_here(body: bytes, begin: int = 0) -> FileText:
    """Return the text of a file, of a PDF that of some pages from `begin` on, read in this process.

    Raise FileRefused for a file that is none of the known kinds, is locked, or is broken.
    """
    began = time.process_time()
    try:
        return replace(_read(body, begin), seconds=time.process_time() - began)
    except _UNREADABLE as error:
        raise FileRefused("unreadable", f"the file is broken: {error}") from error
    except _MISSHAPEN as error:  # what parsers raise where a file is not shaped as its format demands
        raise FileRefused("unreadable", f"the file is broken: {type(error).__name__} {error}") from error


def _read(body: bytes, begin: int) -> FileText:
    if b"%PDF-" in body[:1024]:
        return _read_pdf(body, begin)
    if body.startswith(olefile.MAGIC):
        return _told(_doc_text(body).split("\r"))
    if body.startswith(_ZIP):
        return _told(_docx_lines(body))
    raise FileRefused("other", "neither PDF nor a document of Word")


def _told(lines: Iterable[str]) -> FileText:
    """Return the lines as they are shown: Unicode, clean, none empty."""
    repaired = repair("\n".join(lines)).split("\n")
    return FileText(tuple(line for line in map(_legible, map(clean_line, repaired)) if line))


def _legible(line: str) -> str:
    """Return the line without what is too long to be a word: pictures and keys written as letters."""
    return line if len(line) <= _LONGEST else " ".join(word for word in line.split(" ") if len(word) <= _LONGEST)


def _letters(line: str) -> int:
    return sum(map(str.isalpha, line))


# --- PDF -----------------------------------------------------------------------------------------------------


def _read_pdf(body: bytes, begin: int) -> FileText:
    reader = pypdf.PdfReader(BytesIO(body))
    if reader.is_encrypted and not reader.decrypt(""):
        raise FileRefused("locked", "the file is locked with a password")
    total = len(reader.pages)
    pages = reader.pages[begin : begin + _PAGES]
    lines = _told([_undoubled(line) for page in pages for line in page.extract_text().split("\n")]).lines
    return FileText(_paragraphs(lines), len(pages), more=begin + len(pages) < total)


def _undoubled(line: str) -> str:
    """Return the line with each letter once where a scanner wrote all of them twice: "NNGGUUYYỄỄNN" (portals.md 3)."""
    words = line.split()
    doubled = [word for word in words if len(word) > 2 and word[::2] == word[1::2]]
    if not doubled or len(doubled) * 2 < len(words):
        return line
    return " ".join(word[::2] if word[::2] == word[1::2] else word for word in words)


def _paragraphs(lines: Iterable[str]) -> tuple[str, ...]:
    """Join the lines of a paragraph that a page's width has cut: what begins with a small letter goes on, but not "a)"."""
    joined: list[list[str]] = []
    for line in lines:
        if joined and line[0].islower() and line[1:2] not in (")", "."):
            joined[-1].append(line)
        else:
            joined.append([line])
    return tuple(map(" ".join, joined))


# --- DOCX ----------------------------------------------------------------------------------------------------


def _docx_lines(body: bytes) -> Iterator[str]:
    """Yield the paragraphs outside tables and the rows of tables, in order."""
    with zipfile.ZipFile(BytesIO(body)) as archive:
        if _DOCUMENT not in archive.namelist():
            raise FileRefused("other", "a ZIP file that is no document of Word")
        with archive.open(_DOCUMENT) as packed:
            root = _parsed(packed)
    for element in root.iter(f"{_WORD}p", f"{_WORD}tr"):
        if next(element.iterancestors(f"{_WORD}tr"), None) is None:
            paragraphs = element.iter(f"{_WORD}p") if element.tag == f"{_WORD}tr" else (element,)
            yield " ".join(map(_paragraph, paragraphs))


def _parsed(packed: IO[bytes]) -> etree._Element:
    xml = packed.read(_MAX_XML + 1)
    if len(xml) > _MAX_XML:
        raise FileRefused("too-large", f"more than {_MAX_XML} bytes of text; the file is kept but not read")
    return etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))


def _paragraph(paragraph: etree._Element) -> str:
    """Return what the paragraph shows: neither deleted text nor the codes of fields."""
    parts = paragraph.iter(f"{_WORD}t", f"{_WORD}tab", f"{_WORD}br", f"{_WORD}noBreakHyphen")
    return "".join(part.text or "" if part.tag == f"{_WORD}t" else _SIGNS[part.tag] for part in parts)


_SIGNS = {f"{_WORD}tab": " ", f"{_WORD}br": " ", f"{_WORD}noBreakHyphen": "-"}


# --- DOC -----------------------------------------------------------------------------------------------------

# Offsets in the header of a Word file and its signs (Microsoft, [MS-DOC] 2.5 FIB, 2.9.38 Clx, 2.8.35 PlcPcd).
_FLAGS, _LENGTH, _CLX = 0x0A, 0x4C, 0x1A2
_ENCRYPTED, _TABLE_1 = 0x0100, 0x0200
_PROPERTIES, _PIECES = 1, 2
_COMPRESSED = 0x40000000  # the piece is Windows-1252, one byte a letter
_CELL, _LINE, _NEW_PAGE = "\x07", "\x0b", "\x0c"
_FIELD, _RESULT, _FIELD_END = "\x13", "\x14", "\x15"


def _doc_text(body: bytes) -> str:
    """Return the main text of a Word file, its paragraphs and rows ended by a carriage return."""
    with olefile.OleFileIO(BytesIO(body)) as ole:
        if not ole.exists("WordDocument"):
            raise FileRefused("other", "an OLE file that is no document of Word")
        header = ole.openstream("WordDocument").read()
        (flags,) = struct.unpack_from("<H", header, _FLAGS)
        if flags & _ENCRYPTED:
            raise FileRefused("locked", "the file is locked with a password")
        table = ole.openstream("1Table" if flags & _TABLE_1 else "0Table").read()
    (length,) = struct.unpack_from("<i", header, _LENGTH)
    start, size = struct.unpack_from("<II", header, _CLX)
    text = "".join(_pieces(header, _piece_table(table[start : start + size])))[: max(0, length)]
    rows = text.replace(_CELL * 2, "\r").replace(_CELL, " ")
    return _without_fields(rows).replace(_LINE, " ").replace(_NEW_PAGE, "\r")


def _piece_table(clx: bytes) -> bytes:
    """Return the table of the pieces, which stands behind any number of properties."""
    at = 0
    while clx[at] == _PROPERTIES:
        at += 3 + struct.unpack_from("<H", clx, at + 1)[0]
    if clx[at] != _PIECES:
        raise FileRefused("unreadable", "the file is broken: no table of pieces")
    (size,) = struct.unpack_from("<I", clx, at + 1)
    return clx[at + 5 : at + 5 + size]


def _pieces(stream: bytes, table: bytes) -> Iterator[str]:
    count = (len(table) - 4) // 12
    bounds = struct.unpack_from(f"<{count + 1}I", table)
    for n in range(count):
        (place,) = struct.unpack_from("<I", table, 4 * (count + 1) + 8 * n + 2)
        letters = max(0, min(bounds[n + 1] - bounds[n], len(stream)))
        if place & _COMPRESSED:
            begin = (place & ~_COMPRESSED) // 2
            yield stream[begin : begin + letters].decode("windows-1252", "replace")
        else:
            yield stream[place : place + 2 * letters].decode("utf-16-le", "replace")


def _without_fields(text: str) -> str:
    """Return the text with the results of its fields (page numbers, links) but without their codes."""
    shown: list[str] = []
    for part in text.split(_FIELD):
        code, result, rest = part.partition(_RESULT)
        shown.append(rest if result else code.partition(_FIELD_END)[2] if shown else code)
    return "".join(shown).replace(_FIELD_END, "")
