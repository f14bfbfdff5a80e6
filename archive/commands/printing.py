"""What commands print alike: JSON for programs, how far long work is, facets, files that wait to be read."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import click

from archive.models import FacetValue

T = TypeVar("T")
_VALUES = 8  # shown of one facet

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


def echo_json(value: Any) -> None:
    """Print a value as one line of JSON."""
    click.echo(json.dumps(value, ensure_ascii=False))


def echo_facets(facets: Mapping[str, Sequence[FacetValue]]) -> None:
    """Print the first values of each facet with how often each was found."""
    for name, values in facets.items():
        if values:
            click.echo(f"\n{name}: " + ", ".join(f"{value.label} ({value.count})" for value in values[:_VALUES]))


def echo_unread(files: int) -> None:
    """Say on standard error how many files wait to be read; nothing where none does."""
    if files:
        click.echo(f"{files} files were not read yet and are not searched; each crawl and import reads some, "
                   "`ansinh rebuild` all", err=True)  # fmt: skip


class Ticker:
    """Shows long work on standard error: one living line on a terminal, a plain line now and then when piped."""

    def __init__(self, label: str, total: int | None = None) -> None:
        """`label` names what is counted; `total`, when known, gives the time that remains."""
        self._label, self._total, self._count = label, total, 0
        self._terminal = sys.stderr.isatty()
        self._began = self._shown = time.monotonic()

    def over(self, items: Iterable[T]) -> Iterator[T]:
        """Yield the items, counting them."""
        for item in items:
            self._count += 1
            if time.monotonic() - self._shown > (0.2 if self._terminal else 5):
                self._show()
            yield item
        if self._terminal and self._count:
            click.echo("\r\033[K", nl=False, err=True)

    def _show(self) -> None:
        self._shown = time.monotonic()
        rate = self._count / (self._shown - self._began)
        total = self._total if self._total and self._count <= self._total else None  # it may have been a guess
        left = f", {(total - self._count) / rate:.0f} s left" if total else ""
        line = f"{self._label}: {self._count:,}{f' of {total:,}' if total else ''} ({rate:.0f}/s{left})"
        click.echo(f"\r\033[K{line}" if self._terminal else line, nl=not self._terminal, err=True)
