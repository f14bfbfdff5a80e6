"""Small office files of our own, written byte by byte: a PDF with Vietnamese letters, and a DOC of Word 97."""

from __future__ import annotations

import struct
from collections.abc import Sequence

SECTOR = 512
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def pdf(pages: Sequence[Sequence[str]]) -> bytes:
    """Return a PDF whose font maps its codes to the letters of the text (ISO 32000-1, 9.10.3)."""
    letters = sorted({letter for page in pages for line in page for letter in line})
    codes = {letter: number for number, letter in enumerate(letters, 1)}
    pairs = "".join(f"<{code:02x}> <{ord(letter):04x}>\n" for letter, code in codes.items())
    cmap = (
        "/CIDInit /ProcSet findresource begin\nbegincmap\n1 begincodespacerange\n<00> <ff>\nendcodespacerange\n"
        f"{len(codes)} beginbfchar\n{pairs}endbfchar\nendcmap\nend"
    )
    kids = " ".join(f"{5 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 4 0 R >>",
        _stream(cmap),
    ]
    for n, page in enumerate(pages):
        shown = "".join(f"<{''.join(f'{codes[letter]:02x}' for letter in line)}> Tj T*\n" for line in page)
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {6 + 2 * n} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects.append(_stream(f"BT /F1 12 Tf 16 TL 56 770 Td\n{shown}ET"))
    return _pdf_file(objects)


def _stream(content: str) -> str:
    return f"<< /Length {len(content)} >>\nstream\n{content}\nendstream"


def _pdf_file(objects: Sequence[str]) -> bytes:
    out, places = "%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(objects) + 1
    tail = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return (out + tail).encode("ascii")


def doc(pieces: Sequence[str], flags: int = 0x0200) -> bytes:
    """Return a Word file of these pieces: Windows-1252 where that can hold one, UTF-16 for the others ([MS-DOC])."""
    bodies = [_piece(piece) for piece in pieces]
    header = bytearray(1024)
    struct.pack_into("<HH", header, 0, 0xA5EC, 0x00C1)
    struct.pack_into("<H", header, 0x0A, flags)
    struct.pack_into("<i", header, 0x4C, sum(map(len, pieces)))
    bounds, places, text = [0], [], b""
    for piece, (content, compressed) in zip(pieces, bodies, strict=True):
        begin = len(header) + len(text)
        places.append(begin * 2 | 0x40000000 if compressed else begin)
        text += content
        bounds.append(bounds[-1] + len(piece))
    table = struct.pack(f"<{len(bounds)}I", *bounds) + b"".join(struct.pack("<HIH", 0, place, 0) for place in places)
    clx = b"\x01" + struct.pack("<H", 2) + b"\0\0" + b"\x02" + struct.pack("<I", len(table)) + table
    struct.pack_into("<II", header, 0x1A2, 0, len(clx))
    return ole({"WordDocument": bytes(header) + text, "1Table" if flags & 0x0200 else "0Table": clx})


def _piece(piece: str) -> tuple[bytes, bool]:
    try:
        return piece.encode("windows-1252"), True
    except UnicodeEncodeError:
        return piece.encode("utf-16-le"), False


def ole(streams: dict[str, bytes]) -> bytes:
    """Return a compound file with these streams, each padded to where no small sectors are needed ([MS-CFB])."""
    sectors: list[bytes] = []
    chain: list[int] = [_FAT]
    entries = [_entry("Root Entry", 5, _END, 0, child=1)]
    for n, (name, content) in enumerate(streams.items(), 1):
        padded = content.ljust(max(4096, -(-len(content) // SECTOR) * SECTOR), b"\0")
        start = len(chain)
        count = len(padded) // SECTOR
        chain += [*range(start + 1, start + count), _END]
        sectors += [padded[i * SECTOR : (i + 1) * SECTOR] for i in range(count)]
        entries.append(_entry(name, 2, start, len(padded), right=n + 1 if n < len(streams) else _FREE))
    directory = b"".join(entries).ljust(-(-len(entries) // 4) * SECTOR, b"\0")
    first = len(chain)
    chain += [*range(first + 1, first + len(directory) // SECTOR), _END]
    fat = struct.pack(f"<{len(chain)}I", *chain).ljust(SECTOR, b"\xff")
    assert len(fat) == SECTOR
    head = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    head += struct.pack("<IIIIIIIII", 0, 1, first, 0, 4096, _END, 0, _END, 0)
    head += struct.pack("<I", 0) + b"\xff" * 4 * 108
    return head + fat + b"".join(sectors) + directory


def _entry(name: str, kind: int, start: int, size: int, child: int = _FREE, right: int = _FREE) -> bytes:
    coded = name.encode("utf-16-le")
    head = coded.ljust(64, b"\0") + struct.pack("<HBB", len(coded) + 2, kind, 1)
    return head + struct.pack("<III", _FREE, right, child) + b"\0" * 36 + struct.pack("<IQ", start, size)
