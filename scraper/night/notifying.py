"""Tells people once that a portal needs them, and once that it does no longer: by Apprise, to the addresses of `notify`.

What each address was told stands in `told.json` in the data directory, under a digest of the address, for addresses hold
passwords. It is a memory, not evidence: without it every open alert is told again.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from archive.captures import write_durably
from archive.health import alert_in_words
from archive.models import DataDir, digest
from archive.runs import Alert

_Told = Mapping[str, Mapping[str, str]]  # address by digest -> portal -> run in which its alert opened


@dataclass(frozen=True, slots=True)
class Notice:
    """What one address is to be told: alerts that opened, and portals whose alert has closed."""

    opened: tuple[Alert, ...]
    closed: tuple[str, ...]

    @property
    def title(self) -> str:
        """One line that says how many."""
        counts = ((len(self.opened), "need a person"), (len(self.closed), "well again"))
        return f"An Sinh: {', '.join(f'{count} {what}' for count, what in counts if count)}"

    @property
    def body(self) -> str:
        """A line for each portal."""
        closed = (f"{portal}: well again" for portal in self.closed)
        return "\n".join((*map(alert_in_words, self.opened), *closed))


def notice(alerts: Iterable[Alert], told: Mapping[str, str]) -> Notice | None:
    """Return what is new to somebody who was told of these alerts (portal -> run it began with); None for nothing.

    An alert that closed and opened again since is told again: it begins with another run.
    """
    held = tuple(alerts)
    opened = tuple(alert for alert in held if told.get(alert.portal) != alert.run)
    closed = tuple(sorted(set(told) - {alert.portal for alert in held}))
    return Notice(opened, closed) if opened or closed else None


def notify(data: DataDir, addresses: Sequence[str], alerts: Iterable[Alert]) -> list[str]:
    """Tell every address what is new to it and remember that; return a line for each delivery that failed.

    A failed one is tried again the next night. Nothing that is returned holds an address.
    """
    held, told = tuple(alerts), dict(_read(data))
    known = {_name(address): address for address in addresses}
    failed = []
    for number, (name, address) in enumerate(known.items(), start=1):
        news = notice(held, told.get(name, {}))
        if news is None:
            continue
        if _deliver(address, news):
            told[name] = {alert.portal: alert.run for alert in held}
        else:
            failed.append(f"notify: address {number} ({_scheme(address)}://…) was not reached; tried again next night")
    _write(data, {name: told[name] for name in known if name in told})
    return failed


def _name(address: str) -> str:
    return digest(address)[:16]


def _scheme(address: str) -> str:
    return address.partition("://")[0]


def _deliver(address: str, news: Notice) -> bool:
    """Send one notice; Apprise says in its log where it sends, so that log is shut."""
    import apprise  # noqa: PLC0415  a tenth of a second that no other command should pay

    logging.getLogger("apprise").disabled = True
    service = apprise.Apprise()
    return bool(service.add(address) and service.notify(title=news.title, body=news.body))


def _read(data: DataDir) -> _Told:
    """Return what was told; nothing when the file is missing or damaged, for it is better to tell twice."""
    try:
        said = json.loads(_file(data).read_text("utf-8"))
        return {name: dict(alerts) for name, alerts in said.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _write(data: DataDir, told: _Told) -> None:
    if told != _read(data):
        write_durably(_file(data), json.dumps(told, indent=1, sort_keys=True).encode())


def _file(data: DataDir) -> Path:
    return data.path / "told.json"
