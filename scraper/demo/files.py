"""The files that the simulated portals offer: small, valid, and the same bytes on every machine.

Nothing is compressed, so that no version of zlib shows; the text of a PDF has no diacritics, because the fonts that
every viewer has cannot show Vietnamese.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from xml.sax.saxutils import escape

from archive.text import fold_text

TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "png": "image/png",
}

_CONTENT_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'wordprocessingml.document.main+xml"/></Types>'
)
_RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
    'relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    'officeDocument" Target="word/document.xml"/></Relationships>'
)
_DOCUMENT = (
    '<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/'
    '2006/main"><w:body>{}</w:body></w:document>'
)


def media_type(name: str) -> str:
    """Return the media type that a file's name promises."""
    return TYPES[name.rpartition(".")[2]]


def file_bytes(name: str, lines: tuple[str, ...]) -> bytes:
    """Return the file of that name: a document holding the lines, or a picture that depends on the name alone."""
    kind = name.rpartition(".")[2]
    if kind == "png":
        return png(zlib.crc32(name.encode()))
    return pdf(lines) if kind == "pdf" else docx(lines)


def png(seed: int) -> bytes:
    """Return a picture of 64 x 40 pixels in the colour that the seed's low 24 bits say."""
    row = b"\0" + (seed & 0xFFFFFF).to_bytes(3, "big") * 64
    header = struct.pack(">IIBBBBB", 64, 40, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(row * 40, 0)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def pdf(lines: tuple[str, ...]) -> bytes:
    """Return a PDF of one page with the lines, without diacritics, as its text layer (ISO 32000-1)."""
    shown = "".join(f"({fold_text(line)}) Tj T*\n" for line in lines)
    stream = f"BT /F1 12 Tf 16 TL 56 770 Td\n{shown}ET".encode("ascii")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R "
        b"/Resources << /Font << /F1 4 0 R >> >> >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    )
    return _pdf_file(tuple(b"%d 0 obj\n%s\nendobj\n" % numbered for numbered in enumerate(objects, 1)))


def _pdf_file(objects: tuple[bytes, ...]) -> bytes:
    head = b"%PDF-1.4\n"
    offsets = [len(head) + sum(map(len, objects[:n])) for n in range(len(objects))]
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size, start = len(objects) + 1, len(head) + sum(map(len, objects))
    tail = b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return head + b"".join(objects) + tail % (size, table, size, start)


def docx(lines: tuple[str, ...]) -> bytes:
    """Return a Word document with one paragraph a line (ECMA-376)."""
    paragraphs = "".join(f"<w:p><w:r><w:t>{escape(line)}</w:t></w:r></w:p>" for line in lines)
    parts = (
        ("[Content_Types].xml", _CONTENT_TYPES),
        ("_rels/.rels", _RELATIONS),
        ("word/document.xml", _DOCUMENT.format(paragraphs)),
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in parts:
            archive.writestr(zipfile.ZipInfo(name), text.encode())  # ZipInfo's own date is 1980: no clock
    return buffer.getvalue()
