"""The operator's settings: `ansinh.toml` in the data directory (design section 3). All optional but `contact`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from fnmatch import fnmatch
from typing import Any

from archive.models import ArchiveError, DataDir


@dataclass(frozen=True, slots=True)
class OperatorSettings:
    """What an operator may decide.

    `contact` is an address for the User-Agent; without it only loopback is crawled. `delay` is in seconds between two
    requests to one host. `routes` sends hosts ("*.example.vn") through an HTTP server at "address:port" (a proxy, or the
    demo's simulated portals). `night_seconds` and `night_pages` end a portal's run. `free_mb` must be free on the disk
    before a crawl or an import begins.

    Of `ansinh nightly`: `portals_at_once` are crawled side by side; one with a good run in the last `due_hours` is not
    due. A crawling process is ended when it gives no sign of life for `hang_seconds` or holds more than `memory_mb`.
    `notify` are addresses as Apprise writes them; they hold passwords and are never printed.

    `wayback`, `commoncrawl` and `commoncrawl_data` are the addresses of web archives, each with a slash at its end. A
    `wayback` with a path, as https://example.vn/collection/, is asked as a pywb.
    """

    contact: str = ""
    delay: float = 1.0
    routes: Mapping[str, str] = field(default_factory=dict)
    night_seconds: int = 4 * 3600
    night_pages: int = 5000
    free_mb: int = 200
    portals_at_once: int = 16
    due_hours: int = 20
    hang_seconds: int = 120
    memory_mb: int = 1024
    notify: Sequence[str] = field(default=(), repr=False)
    wayback: str = "https://web.archive.org/"
    commoncrawl: str = "https://index.commoncrawl.org/"
    commoncrawl_data: str = "https://data.commoncrawl.org/"

    @property
    def user_agent(self) -> str:
        """How we introduce ourselves, with whom to write to."""
        return f"ansinh/0.1 (archive of district announcements; {self.contact or 'no contact set'})"

    def may_ask(self, host: str) -> bool:
        """Say whether a host may be asked at all: without a contact nothing beyond loopback is."""
        return bool(self.contact) or self.target(host) in LOOPBACK

    def target(self, host: str) -> str:
        """Return the host that a request for a host is sent to."""
        return self.route(host).rpartition(":")[0] or host

    def route(self, host: str) -> str:
        """Return the "address:port" that requests for a host go through; empty when they go to the host itself."""
        return next((server for pattern, server in self.routes.items() if fnmatch(host, pattern)), "")


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
            said = f"{key} = {value!r}" if key not in _SECRET else f"`{key}` is not what it should be"
            raise ArchiveError(f"{data.settings}: {said}; write {wanted}")
    return OperatorSettings(**table)


LOOPBACK = ("localhost", "127.0.0.1", "::1")
_SECRET = ("notify",)
_NUMBERS = {
    "delay": (0, 3600),
    "night_seconds": (1, 7 * 86400),
    "night_pages": (1, 10_000_000),
    "free_mb": (0, 2**40),
    "portals_at_once": (1, 1000),
    "due_hours": (0, 7 * 24),
    "hang_seconds": (5, 86400),
    "memory_mb": (128, 2**20),
}
_BASE = re.compile(r"https?://[\w.-]+(?::\d{1,5})?/(?:[\w.~/-]{0,200}/)?", re.ASCII)
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
        case "notify":
            is_list = isinstance(value, list) and all(isinstance(url, str) and "://" in url for url in value)
            return "" if is_list else 'a list of addresses, as in notify = ["mailto://user:password@example.vn"]'
        case "wayback" | "commoncrawl" | "commoncrawl_data":
            return "" if _is_base(value) else f'an address with a slash at its end, as in {key} = "https://example.vn/"'
    least, most = _NUMBERS[key]
    kinds = (int, float) if key == "delay" else (int,)
    return "" if type(value) in kinds and least <= value <= most else f"a number from {least} to {most}"


def _is_server(target: Any) -> bool:
    return isinstance(target, str) and _SERVER.fullmatch(target) is not None


def _is_base(value: Any) -> bool:
    return isinstance(value, str) and _BASE.fullmatch(value) is not None
