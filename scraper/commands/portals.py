"""`ansinh portals`: the catalogue, a look at one of its portals, and an entry for a new one."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

import click

from archive.captures import make_folder, now, write_durably
from archive.commands.printing import echo_json, json_option
from archive.enrich.gazetteer import load_gazetteer
from archive.enrich.labels import place_label, successors
from archive.enrich.places import place_on
from archive.models import ArchiveError, DataDir, Host, Json, Portal, Unit
from scraper import catalogue
from scraper.configuration import read_settings
from scraper.crawl.addresses import is_public, literal
from scraper.probe.findings import Finding, Visit, find
from scraper.probe.looking import Look, look_at
from scraper.probe.proposals import introduce, toml, with_proven_sections
from scraper.reading.page import HANOI

_NO_PROVINCE = "No province"
_WHOSE = 46  # columns for the unit that publishes there


@click.group(invoke_without_command=True)
@click.option("--province", help="Only the portals of this province, by name or code.")
@json_option
@click.pass_context
def portals(context: click.Context, province: str | None, as_json: bool) -> None:
    """List the portals of the catalogue by province; look at one (check); write an entry for a new one (new)."""
    if context.invoked_subcommand is not None:
        return
    known = catalogue.load_all(context.obj)
    groups = _by_province(known.portals)
    if province:
        code = _code(province)
        groups = {code: groups.get(code, [])}
    if as_json:
        for code, group in groups.items():
            for portal in group:
                echo_json(_portal_json(portal, code))
        return
    for line in _listed(groups):
        click.echo(line)
    if known.replaced:
        click.echo(f"Your own portals stand for the built-in {', '.join(portal.name for portal in known.replaced)}")


# --- the list ------------------------------------------------------------------------------------------------


def _code(province: str) -> str:
    """Return the code of a province; raise ArchiveError for a name that is none's."""
    found = load_gazetteer().find_province(province)
    if found is None:
        raise ArchiveError(f"no province is called {province!r}; `ansinh portals` lists those with portals")
    return found.code


def _province(portal: Portal) -> str:
    """Return the code of a portal's province, that of its first unit where the entry names none; empty for no province."""
    if portal.province:
        found = load_gazetteer().find_province(portal.province)
        return found.code if found is not None else ""
    district = load_gazetteer().find_district(portal.units[0].place, None) if portal.units else None
    return district.names[-1].province if district is not None else ""


def _by_province(known: Iterable[Portal]) -> dict[str, list[Portal]]:
    """Return the portals by the code of their province, in its order, those without one last."""
    groups: dict[str, list[Portal]] = {}
    for portal in known:
        groups.setdefault(_province(portal), []).append(portal)
    return dict(sorted(groups.items(), key=lambda item: item[0] or "99"))


def _listed(groups: Mapping[str, Sequence[Portal]]) -> Iterator[str]:
    """Yield a line for each portal under the name of its province, and a sum."""
    for code, group in groups.items():
        yield f"{place_label(code) if code else _NO_PROVINCE} ({len(group)})"
        yield from map(_portal_line, group)
    today, known = now(), [portal for group in groups.values() for portal in group]
    live = sum(catalogue.is_live(portal, today) for portal in known)
    checked = sum(portal.verified != "fixture" for portal in known)
    yield f"{len(known)} portals; {live} have a host today, {checked} were checked live"


def _portal_line(portal: Portal) -> str:
    whose = "; ".join(_unit_words(unit) for unit in portal.units) or _ending(portal.title)
    hosts = ", ".join(f"{host.name}{_months(host)}" for host in portal.hosts)
    return f"  {portal.name:18} {portal.platform:10} {whose:{_WHOSE}} {hosts}  {portal.verified}"


def _ending(title: str) -> str:
    """Return the end of a long title, which is where it says whose it is."""
    return title if len(title) <= _WHOSE else f"…{title[1 - _WHOSE :]}"


def _unit_words(unit: Unit) -> str:
    """Return the unit as it was called last, its time, and the commune with the largest part of it today."""
    place, heirs = place_on(unit.place, unit.until), _heirs(unit)
    more = f" +{len(heirs) - 1}" if len(heirs) > 1 else ""
    heir = f" → {heirs[0]}{more}" if heirs else ""
    return f"{place.name if place else unit.place}{_months(unit)}{heir}"


def _heirs(unit: Unit) -> tuple[str, ...]:
    """Return what a district has become: the district it was merged into, or its communes, the largest part first."""
    found = successors(unit.place)
    merged = place_on(found.into, None) if found is not None and found.into else None
    if merged is not None:
        return (merged.name,)
    return tuple(name for name, _ in found.communes) if found is not None else ()


def _months(dated: Host | Unit) -> str:
    """Return the first and last month of a period, as " –2025-06"; empty for an endless one."""
    return f" {(dated.since or '')[:7]}–{(dated.until or '')[:7]}" if dated.since or dated.until else ""


def _portal_json(portal: Portal, code: str) -> Json:
    return {
        "name": portal.name,
        "title": portal.title,
        "platform": portal.platform,
        "province": place_label(code) if code else None,
        "hosts": [host.name for host in portal.hosts],
        "host_periods": [{"host": host.name, "from": host.since, "until": host.until} for host in portal.hosts],
        "home": portal.home,
        "places": [unit.place for unit in portal.units],
        "units": [_unit_json(unit) for unit in portal.units],
        "sections": dict(portal.sections),
        "live": catalogue.is_live(portal, now()),
        "verified": portal.verified,
    }


def _unit_json(unit: Unit) -> Json:
    place = place_on(unit.place, unit.until)
    return {
        "place": unit.place,
        "name": place.name if place else None,
        "from": unit.since,
        "until": unit.until,
        "successors": list(_heirs(unit)),
    }


# --- a look at one -------------------------------------------------------------------------------------------


@portals.command()
@click.argument("name")
@json_option
@click.pass_obj
def check(data: DataDir, name: str, as_json: bool) -> None:
    """Look at one portal politely and say what is seen; stores nothing; exit 1 when it is not as its entry says."""
    portal = catalogue.load_all(data).get_live(name, now())
    look = look_at(data, portal, lambda _: portal)
    findings = (*find(portal, look.visits), *_unfinished(look))
    if as_json:
        for finding in findings:
            echo_json(_finding_json(portal, finding))
    else:
        click.echo(f"{portal.name} ({portal.platform}): {portal.title}")
        _say(findings)
        click.echo(_verdict(data, portal, findings))
    if not all(finding.is_right for finding in findings):
        sys.exit(1)


def _unfinished(look: Look) -> Iterator[Finding]:
    if not look.is_complete:
        yield Finding("end", "", "the look was ended before it was done", is_right=False)


def _say(findings: Iterable[Finding], err: bool = False) -> None:
    for finding in findings:
        mark = " " if finding.is_right else "!"
        click.echo(f"{mark} {finding.what:12} {finding.said}  {finding.url}".rstrip(), err=err)


def _verdict(data: DataDir, portal: Portal, findings: Sequence[Finding]) -> str:
    wrong = sum(not finding.is_right for finding in findings)
    if wrong:
        return f"{wrong} of {len(findings)} things are not as the entry says; nothing was stored"
    earned = _earned(data, portal)
    allowed = f'; verified = "{earned}" may stand in it' if earned != "fixture" else ""
    return f"as its entry says{allowed}; nothing was stored"


def _earned(data: DataDir, portal: Portal) -> str:
    """Return what a successful look allows `verified` to say: today in Hà Nội, but "fixture" for a server of our own."""
    host = urlsplit(portal.home).hostname or ""
    target = read_settings(data).target(host)
    address = literal(target)
    is_ours = target == "localhost" if address is None else not is_public(address)
    return "fixture" if is_ours else datetime.now(HANOI).date().isoformat()


def _finding_json(portal: Portal, finding: Finding) -> Json:
    return {
        "portal": portal.name,
        "what": finding.what,
        "url": finding.url or None,
        "said": finding.said,
        "ok": finding.is_right,
    }


# --- an entry for a new one ----------------------------------------------------------------------------------


@portals.command()
@click.argument("url")
@click.option("--write", is_flag=True, help="Write the entry into the data directory's portals/; never over another.")
@click.pass_obj
def new(data: DataDir, url: str, write: bool) -> None:
    """Look at an unknown portal politely and print the entry it suggests; exit 1 when it could not be crawled so."""
    known, host = catalogue.load_all(data), catalogue.bare_host(url)
    if not host or not url.startswith(("http://", "https://")):
        raise click.UsageError("give the whole address of its home page, as in https://a.gov.vn/")
    _require_stranger(url, known)
    look = look_at(data, Portal(host, host, "generic", (Host(host),), url), lambda home: introduce(home, known))
    portal = with_proven_sections(look.portal, look.visits)
    findings = (*find(portal, _kept(portal, look.visits)), *_unfinished(look))
    _say(findings, err=True)
    is_right = all(finding.is_right for finding in findings)
    if look.visits[0].page is not None:
        entry = toml(replace(portal, verified=_earned(data, portal) if is_right else "fixture"))
        click.echo(entry, nl=False)
        if write and is_right:
            click.echo(f"written: {_write(data, portal.name, entry)}", err=True)
    if not is_right:
        raise ArchiveError("a crawl with this entry would not work; nothing was stored")


def _require_stranger(url: str, known: catalogue.Catalogue) -> None:
    owner = known.find(url, now())
    if owner is not None:
        raise ArchiveError(f"{url} is {owner.name}'s already; `ansinh portals check {owner.name}` looks at it")


def _kept(portal: Portal, visits: Iterable[Visit]) -> list[Visit]:
    """Return the visits without those of links that turned out to list nothing."""
    return [visit for visit in visits if not visit.name or visit.name in portal.sections]


def _write(data: DataDir, name: str, entry: str) -> str:
    """Write a file of one entry; raise ArchiveError when there is one of that name, or the entry cannot be read back."""
    file = data.portals / f"{name}.toml"
    if file.exists():
        raise ArchiveError(f"{file} exists already; it stays as it is, and nothing was written")
    catalogue.parse(entry, file)
    make_folder(file.parent)
    write_durably(file, entry.encode())
    return str(file)
