"""Parts of a catalogue for several machines: each portal is in one part, whichever machine asks and whoever else is there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import click

_FORM = re.compile(r"([1-9]\d{0,5})/([1-9]\d{0,5})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Shard:
    """The i-th (from 1) of n parts of all portals; `name in shard` says whether a portal is in it."""

    i: int
    n: int

    def __contains__(self, name: str) -> bool:
        return int.from_bytes(sha256(name.encode()).digest()[:8]) % self.n == self.i - 1


class _ShardType(click.ParamType[Shard]):
    """Reads "2/4"."""

    name = "shard"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Shard:
        """Return the shard that is meant; fail in words for anything else."""
        found = _FORM.fullmatch(str(value))
        if found is None or int(found[1]) > int(found[2]):
            self.fail(f"{value!r} is no shard; write 1/4, 2/4, 3/4 or 4/4 for the parts of four machines", param, ctx)
        return Shard(int(found[1]), int(found[2]))


SHARD = _ShardType()
