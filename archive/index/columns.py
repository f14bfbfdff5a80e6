"""What every query asks of every document, in one small file a generation: dates, lengths, facet values as bitmaps.

Reading them from postings would cost a query that comes first more than the query itself.
"""

from __future__ import annotations

import json
from array import array
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

_FILE = "columns.json"


def bitmap(numbers: Iterable[int], size: int) -> int:
    """Return an integer whose set bits are the numbers, all below `size`."""
    bits = bytearray(size // 8 + 1)
    for number in numbers:
        bits[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(bits, "little")


def numbers_of(bits: int) -> list[int]:
    """Return the positions of the set bits, ascending."""
    return [number for number, bit in enumerate(reversed(f"{bits:b}")) if bit == "1"]


@dataclass(frozen=True)
class Columns:
    """By document number: publication date, length of each field; by facet and value: the documents as numbers.

    `visible` are the documents in scope, `alive` all that are not deleted.
    """

    size: int
    dates: list[str]
    lengths: Mapping[str, array[int]]
    visible: int
    alive: int
    values: Mapping[str, Mapping[str, str]]

    def facet(self, name: str) -> dict[str, int]:
        """Return the bitmap of each value of a facet."""
        if name not in self._facets:
            self._facets[name] = {
                value: _unpack(packed, self.size) for value, packed in self.values.get(name, {}).items()
            }
        return self._facets[name]

    @cached_property
    def _facets(self) -> dict[str, dict[str, int]]:
        return {}

    @cached_property
    def ages(self) -> list[int]:
        """Each document's place in the order from youngest to oldest, undated last."""
        ages = [0] * self.size
        for age, number in enumerate(sorted(range(self.size), key=self.dates.__getitem__, reverse=True)):
            ages[number] = age
        return ages


def pack(bits: int, size: int) -> str:
    """Return a bitmap as text: its numbers where that is shorter ("n..."), else its bytes ("b...")."""
    if bits.bit_count() * 32 < size:
        return "n" + _text(array("I", numbers_of(bits)).tobytes())
    return "b" + _text(bits.to_bytes(size // 8 + 1, "little"))


def _unpack(packed: str, size: int) -> int:
    raw = b64decode(packed[1:])
    return int.from_bytes(raw, "little") if packed[0] == "b" else bitmap(array("I", raw), size)


def write(folder: Path, columns: Columns) -> None:
    """Write the columns of a generation into its folder."""
    said = {
        "size": columns.size,
        "dates": columns.dates,
        "lengths": {name: _text(lengths.tobytes()) for name, lengths in columns.lengths.items()},
        "visible": pack(columns.visible, columns.size),
        "alive": pack(columns.alive, columns.size),
        "values": columns.values,
    }
    path = folder / _FILE
    path.unlink(missing_ok=True)  # it may be a hard link to the generation before
    path.write_text(json.dumps(said, ensure_ascii=False), "utf-8")


def read(folder: Path) -> Columns:
    """Return the columns of a generation."""
    said = json.loads((folder / _FILE).read_text("utf-8"))
    return Columns(
        size=said["size"],
        dates=said["dates"],
        lengths={name: array("I", b64decode(raw)) for name, raw in said["lengths"].items()},
        visible=_unpack(said["visible"], said["size"]),
        alive=_unpack(said["alive"], said["size"]),
        values=said["values"],
    )


def _text(raw: bytes) -> str:
    return b64encode(raw).decode()
