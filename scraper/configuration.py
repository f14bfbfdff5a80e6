"""The operator's settings: `ansinh.toml` in the data directory (design section 3). All optional but `contact`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from archive.models import ArchiveError, DataDir


@dataclass(frozen=True, slots=True)
class OperatorSettings:
    """What an operator may decide.

    `contact` is an address for the User-Agent; without it only loopback is crawled. `delay` is in seconds between two
    requests to one host. `routes` sends hosts ("*.example.vn") through an HTTP server at "address:port" (a proxy, or the
    demo's simulated portals). `night_seconds` and `night_pages` end a portal's run. `free_mb` must be free on the disk
    before a crawl or an import begins.
    """

    contact: str = ""
    delay: float = 1.0
    routes: Mapping[str, str] = field(default_factory=dict)
    night_seconds: int = 4 * 3600
    night_pages: int = 5000
    free_mb: int = 200


def read_settings(data: DataDir) -> OperatorSettings:
    """Return the settings of a data directory, the defaults without a file; raise ArchiveError naming the key."""
    try:
        table = tomllib.loads(data.settings.read_text("utf-8"))
    except FileNotFoundError:
        return OperatorSettings()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ArchiveError(f"{data.settings}: cannot be read: {error}") from error
    known = [item.name for item in fields(OperatorSettings)]
    for key, value in table.items():
        if key not in known:
            raise ArchiveError(f"{data.settings}: unknown setting {key!r}; known: {', '.join(known)}")
        wanted = _wanted(key, value)
        if wanted:
            raise ArchiveError(f"{data.settings}: {key} = {value!r}; write {wanted}")
    return OperatorSettings(**table)


_NUMBERS = {"delay": (0, 3600), "night_seconds": (1, 7 * 86400), "night_pages": (1, 10_000_000), "free_mb": (0, 2**40)}
_SERVER = re.compile(r"[\w.-]+:\d{1,5}", re.ASCII)


def _wanted(key: str, value: Any) -> str:
    """Return what a setting must be, in words; empty when it is."""
    match key:
        case "contact":
            is_line = isinstance(value, str) and value.isprintable()
            return "" if is_line else 'one line of text, as in contact = "archive@example.vn"'
        case "routes":
            is_table = isinstance(value, dict) and all(_is_server(target) for target in value.values())
            return "" if is_table else 'hosts with a server each, as in routes = { "*.example.vn" = "127.0.0.1:8123" }'
    least, most = _NUMBERS[key]
    kinds = (int, float) if key == "delay" else (int,)
    return "" if type(value) in kinds and least <= value <= most else f"a number from {least} to {most}"


def _is_server(target: Any) -> bool:
    return isinstance(target, str) and _SERVER.fullmatch(target) is not None
