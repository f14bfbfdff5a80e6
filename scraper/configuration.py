"""The operator's settings: `ansinh.toml` in the data directory (design section 3). All optional but `contact`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

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
    known = {item.name: type(getattr(OperatorSettings(), item.name)) for item in fields(OperatorSettings)}
    for key, value in table.items():
        if key not in known:
            raise ArchiveError(f"{data.settings}: unknown setting {key!r}; known: {', '.join(known)}")
        if not isinstance(value, (int, float) if known[key] is float else known[key]):
            raise ArchiveError(f"{data.settings}: {key} must be of type {known[key].__name__}, not {value!r}")
    return OperatorSettings(**table)
