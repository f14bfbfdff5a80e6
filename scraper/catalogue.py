"""The portal catalogue: TOML tables (design section 4), the built-in ones and the operator's own, as `Portal` nouns."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path
from types import NoneType
from typing import Any
from urllib.parse import urlsplit

from cssselect import SelectorError
from parsel.csstranslator import css2xpath

from archive.models import ArchiveError, DataDir, Expects, Host, Portal, Unit
from scraper.reading.page import SELECTORS

BUILT_IN = Path(__file__).parent / "portals"


@dataclass(frozen=True)
class Catalogue:
    """All portals of one set of TOML files; names are unique, and a host has one portal at a time.

    `replaced` are the built-in portals that gave way to the operator's own.
    """

    portals: tuple[Portal, ...]
    replaced: tuple[Portal, ...] = ()

    @cached_property
    def _by_name(self) -> dict[str, Portal]:
        return {portal.name: portal for portal in self.portals}

    @cached_property
    def _by_host(self) -> dict[str, list[tuple[Host, Portal]]]:
        hosts: dict[str, list[tuple[Host, Portal]]] = {}
        for portal in self.portals:
            for host in portal.hosts:
                hosts.setdefault(bare_host(host.name), []).append((host, portal))
        return hosts

    def get(self, name: str) -> Portal:
        """Return the portal of that name; raise ArchiveError with the nearest names."""
        if name in self._by_name:
            return self._by_name[name]
        near = get_close_matches(name, self._by_name, n=3)
        hint = f"did you mean {', '.join(near)}?" if near else "`ansinh portals` lists them all"
        raise ArchiveError(f"no portal is called {name!r}; {hint}")

    def get_live(self, name: str, day: str) -> Portal:
        """Return the portal of that name; raise ArchiveError also when its hosts are another's on a day, or nobody's."""
        portal = self.get(name)
        if is_live(portal, day):
            return portal
        heirs = {heir.name for host in portal.hosts if (heir := self.find(host.name, day)) is not None}
        whose = f"they are those of {', '.join(sorted(heirs))} now" if heirs else "none is known now"
        raise ArchiveError(f"{name} has lost its hosts ({whose}); what was captured of it before can be imported")

    def find(self, url: str, day: str) -> Portal | None:
        """Return the portal that owned the URL's host on a day (YYYY-MM-DD...), or None."""
        return next((portal for host, portal in self.hosts(url) if _holds(host, day)), None)

    def hosts(self, url: str) -> Sequence[tuple[Host, Portal]]:
        """Return the periods of the URL's host (or of a host name), each with the portal whose it was."""
        return self._by_host.get(bare_host(url), ())

    def owners(self, url: str) -> tuple[Portal, ...]:
        """Return every portal that has had the URL's host at any time, in the order of the catalogue."""
        return tuple({portal.name: portal for _, portal in self.hosts(url)}.values())

    def live(self, day: str) -> tuple[Portal, ...]:
        """Return the portals that can be asked on a day: those that have a host then; the others are only imported."""
        return tuple(portal for portal in self.portals if is_live(portal, day))


def is_live(portal: Portal, day: str) -> bool:
    """Say whether a portal has a host of its own on a day (YYYY-MM-DD...); Quận Cầu Giấy's has passed to a ward."""
    return any(_holds(host, day) for host in portal.hosts)


def _holds(host: Host, day: str) -> bool:
    return (host.since or "") <= day[:10] <= (host.until or "9999")


def load_all(data: DataDir) -> Catalogue:
    """Return the built-in catalogue together with the operator's own portals, which go before it.

    A built-in portal gives way to one of the same name, or with one of its hosts: who runs an archive knows better, and
    what a later An Sinh brings along must not stop it.
    """
    built_in = load([BUILT_IN])
    if not data.portals.is_dir():
        return built_in
    own = load([data.portals])
    replaced = tuple(portal for portal in built_in.portals if _gives_way(portal, own))
    return Catalogue((*(portal for portal in built_in.portals if portal not in replaced), *own.portals), replaced)


def _gives_way(portal: Portal, own: Catalogue) -> bool:
    named = any(portal.name == other.name for other in own.portals)
    return named or any(_overlap(host, other) for host in portal.hosts for other, _ in own.hosts(host.name))


def load(paths: Iterable[Path]) -> Catalogue:
    """Return the catalogue of the given TOML files, or of the files in folders; raise ArchiveError naming the file."""
    portals: dict[str, Portal] = {}
    claims: dict[str, list[tuple[Host, Portal]]] = {}
    for path in paths:
        for file in sorted(path.glob("*.toml")) if path.is_dir() else [path]:
            for portal in read(file):
                if portal.name in portals:
                    raise ArchiveError(f"{file}: a portal called {portal.name!r} is already in the catalogue")
                _claim_hosts(file, portal, claims)
                portals[portal.name] = portal
    return Catalogue(tuple(portals.values()))


def _claim_hosts(file: Path, portal: Portal, claims: dict[str, list[tuple[Host, Portal]]]) -> None:
    """Add a portal's hosts to `claims`; raise ArchiveError for one that is another's then: a page has one publisher."""
    for host in portal.hosts:
        held = claims.setdefault(bare_host(host.name), [])
        owner = next((owner for other, owner in held if _overlap(host, other)), None)
        if owner is not None:
            both = f"{host.name} belongs to {owner.name} and to {portal.name}"
            raise ArchiveError(f"{file}: portal {portal.name}: {both}; say from when until when")
        held.append((host, portal))


def _overlap(host: Host, other: Host) -> bool:
    return (host.since or "") <= (other.until or "9999") and (other.since or "") <= (host.until or "9999")


def read(file: Path) -> list[Portal]:
    """Return the portals of one TOML file; raise ArchiveError saying which entry is wrong and why."""
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ArchiveError(f"{file}: not a portal catalogue: {error}") from error
    return parse(text, file)


def parse(text: str, file: Path) -> list[Portal]:
    """Return the portals that a TOML text describes; raise ArchiveError, naming `file` as where it stands."""
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ArchiveError(f"{file}: not a portal catalogue: {error}") from error
    tables = said.get("portal", [])
    if set(said) - {"portal"} or not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        raise ArchiveError(f"{file}: holds something else than portals; each begins with [[portal]]")
    return [_portal(file, number, table) for number, table in enumerate(tables, start=1)]


_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,60}[a-z0-9])?")
_KNOWN = frozenset(Portal.__slots__)


def _portal(file: Path, number: int, table: Mapping[str, Any]) -> Portal:
    where = f"{file}: portal {number} ({table.get('name', 'without a name')})"
    unknown = set(table) - _KNOWN
    if unknown:
        raise ArchiveError(f"{where}: unknown key {', '.join(sorted(unknown))}; known: {', '.join(sorted(_KNOWN))}")
    if not isinstance(table.get("name"), str) or not _NAME.fullmatch(table["name"]):
        raise ArchiveError(f"{where}: a name has lower-case letters, digits, dots and hyphens, for it names a folder")
    for key, is_right, form in _FORMS:
        if key in table and not is_right(table[key]):
            raise ArchiveError(f"{where}: {key} = {table[key]!r}; write it as in {form}")
    if not _is_platform(table.get("platform")):
        raise ArchiveError(f"{where}: there is no platform {table.get('platform')!r}")
    _check_selectors(where, table.get("selectors", {}))
    try:
        return Portal(
            name=table["name"],
            title=table["title"],
            platform=table["platform"],
            hosts=tuple(_host(host) for host in table["hosts"]),
            home=table["home"],
            units=tuple(
                Unit(unit["place"], _day(unit.get("from")), _day(unit.get("until"))) for unit in table.get("units", ())
            ),
            province=table.get("province"),
            sections=dict(table.get("sections", {})),
            selectors=dict(table.get("selectors", {})),
            expects=_expects(table.get("expects", {})),
            verified=str(table.get("verified", "fixture")),
            cookie=table.get("cookie", ""),
            tls=table.get("tls", "verified"),
        )
    except KeyError as error:
        raise ArchiveError(f"{where}: {error} is missing") from error


@cache
def _is_platform(name: object) -> bool:
    return find_spec(f"scraper.platforms.{name}") is not None


def _check_selectors(where: str, selectors: Mapping[str, str]) -> None:
    unread = set(selectors) - SELECTORS
    if unread:
        raise ArchiveError(
            f"{where}: no such selector: {', '.join(sorted(unread))}; known: {', '.join(sorted(SELECTORS))}"
        )
    for css in selectors.values():
        try:
            css2xpath(css)
        except SelectorError as error:
            raise ArchiveError(f"{where}: {css!r} is not a CSS selector: {error}") from error


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_texts(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_text, value.values()))


def _is_web(value: Any) -> bool:
    return _is_text(value) and value.startswith(("http://", "https://")) and bool(bare_host(value))


def _is_days(table: Mapping[str, Any]) -> bool:
    return all(type(table.get(key)) in (date, NoneType) for key in ("from", "until"))


def _is_hosts(value: Any) -> bool:
    dated = [{"name": host} if isinstance(host, str) else host for host in value] if isinstance(value, list) else [None]
    return all(isinstance(host, dict) and _is_text(host.get("name")) and _is_days(host) for host in dated)


def _is_units(value: Any) -> bool:
    units = value if isinstance(value, list) else [None]
    return all(isinstance(unit, dict) and _is_text(unit.get("place")) and _is_days(unit) for unit in units)


def _is_verified(value: Any) -> bool:
    """Say whether it is "fixture" or a day, the TOML's own or as text."""
    return value == "fixture" or type(value) is date or (_is_text(value) and _DAY.fullmatch(value) is not None)


def _is_expects(value: Any) -> bool:
    if not isinstance(value, dict) or set(value) - {"articles", "dated"}:
        return False
    articles, dated = value.get("articles", [0, 0]), value.get("dated", 0)
    is_range = isinstance(articles, list) and [type(n) for n in articles] == [int, int] and articles[0] <= articles[1]
    return is_range and type(dated) in (int, float) and 0 <= dated <= 1


_TEXT = '"…"'
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_FORMS: tuple[tuple[str, Callable[[Any], bool], str], ...] = (
    ("title", _is_text, _TEXT),
    ("platform", lambda value: _is_text(value) and value.isidentifier(), '"nukeviet"'),
    ("hosts", _is_hosts, '["a.gov.vn"], or [{ name = "a.gov.vn", from = 2012-01-01, until = 2025-06-30 }]'),
    ("home", _is_web, '"https://a.gov.vn/"'),
    ("units", _is_units, '[{ place = "373", from = 2012-01-01, until = 2025-06-30 }]'),
    ("province", _is_text, _TEXT),
    ("sections", _is_texts, '{ "Tin tức" = "/tin-tuc" }'),
    ("selectors", _is_texts, '{ title = "h1" }'),
    ("cookie", _is_text, '"D1N"'),
    ("tls", lambda value: value in ("verified", "unverified"), '"unverified"'),
    ("verified", _is_verified, '"fixture", or the day of the last successful check, "2026-01-31"'),
    ("expects", _is_expects, "{ articles = [5, 400], dated = 0.9 }"),
)


def _host(host: str | Mapping[str, Any]) -> Host:
    return Host(host) if isinstance(host, str) else Host(host["name"], _day(host.get("from")), _day(host.get("until")))


def _expects(table: Mapping[str, Any]) -> Expects:
    articles = table.get("articles")
    return Expects((int(articles[0]), int(articles[1])) if articles else None, table.get("dated"))


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def bare_host(address: str) -> str:
    """Return the host of a URL or host name without www. and port, which lead to the same portal; empty for no URL.

    portals.md section 4.
    """
    try:
        host = urlsplit(address if "//" in address else f"//{address}").hostname
    except ValueError:
        return ""
    return (host or "").removeprefix("www.")
