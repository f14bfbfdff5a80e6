"""A portal nobody has described yet, as far as its home page tells: an entry for the catalogue. Pure."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from urllib.parse import urlsplit

from parsel import Selector

from archive.enrich.gazetteer import DISTRICTS_END, District, Gazetteer, load_gazetteer
from archive.enrich.hosts import read_host
from archive.enrich.mentions import Named, name_places
from archive.enrich.prose import read_prose, word_keys
from archive.models import ExtractError, Host, Page, Portal, Unit
from archive.text import clean_line, fold_text
from scraper.catalogue import Catalogue, bare_host
from scraper.extract import recognise
from scraper.platforms import get_platform
from scraper.probe.findings import Visit
from scraper.reading.links import absolute
from scraper.reading.page import line, tree

MOST_SECTIONS = 6
_LONGEST_NAME = 60  # characters of a section's name; what is longer is an article's title
_COMMUNES_BEGIN = "2025-07-01"  # Luật 72/2025/QH15
_PART = re.compile(r"\s[-–|:]\s")
_SAYS_NOTHING = ("trang chủ", "trang nhất", "home", "tin mới")
_SAMPLE = ("your website title", "your-domain.com")  # of a share button, pasted into templates (portals.md section 0)
_LONGEST_TITLE = 200
_NOT_IN_NAMES = re.compile(r"[^a-z0-9-]+")


def introduce(home: Page, known: Catalogue) -> Portal:
    """Return the entry that a home page suggests.

    Its platform is that of the fingerprint, `generic` without one; its unit the one that its title names for certain;
    its sections are links of the home page, to be kept only where they list something (`with_proven_sections`).
    """
    host = bare_host(home.url)
    found = recognise(host, [home])
    root = _root(home)
    title = _title(root) or host
    province = _province(title, home.url)
    portal = Portal(
        name=free_name(host, known),
        title=title,
        platform=found.platform if found is not None else "generic",
        hosts=(Host(host),),
        home=home.url,
        units=_units(title, province),
        province=province,
    )
    return portal if root is None else replace(portal, sections=_candidates(root, portal))


def with_proven_sections(portal: Portal, visits: Sequence[Visit]) -> Portal:
    """Return the entry with those of its sections alone that turned out to list articles."""
    proven = {visit.name for visit in visits if visit.what == "listing" and visit.reading.hints}
    return replace(portal, sections={name: path for name, path in portal.sections.items() if name in proven})


def free_name(host: str, known: Catalogue) -> str:
    """Return a name for the portal of a host that no other has: "giavien", else "giavien-ninhbinh", else the host."""
    labels = [_NOT_IN_NAMES.sub("", label).strip("-") for label in host.lower().split(".")]
    taken = {portal.name for portal in known.portals}
    names = (labels[0], "-".join(labels[:2]), "-".join(filter(None, labels)))
    return next((name for name in names if name and name not in taken), names[-1] or "cong-moi")


def toml(portal: Portal) -> str:
    """Return the entry as a `[[portal]]` table; whatever the page said stands in quotes."""
    hosts = ", ".join(_quoted(host.name) for host in portal.hosts)
    lines = [
        "[[portal]]",
        f"name = {_quoted(portal.name)}",
        f"title = {_quoted(portal.title)}",
        f"platform = {_quoted(portal.platform)}",
        f"hosts = [{hosts}]",
        f"home = {_quoted(portal.home)}",
        f"units = [{', '.join(map(_unit, portal.units))}]",
        *([f"province = {_quoted(portal.province)}"] if portal.province else ()),
        *(f"sections.{_quoted(name)} = {_quoted(path)}" for name, path in portal.sections.items()),
        f"verified = {_quoted(portal.verified)}",
    ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """Return a basic string of TOML: JSON's, but for the one control character that JSON lets stand."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _unit(unit: Unit) -> str:
    days = (("from", unit.since), ("until", unit.until))
    return f"{{ place = {_quoted(unit.place)}{''.join(f', {key} = {day}' for key, day in days if day)} }}"


def _root(home: Page) -> Selector | None:
    try:
        return tree(home)
    except ExtractError:
        return None


def _title(root: Selector | None) -> str:
    """Return what the head calls the page, without "Trang chủ"; empty where it says nothing, or a sample of elsewhere."""
    said = clean_line(root.xpath("string(/html/head/title)").get("")) if root is not None else ""
    if any(sample in said.lower() for sample in _SAMPLE):
        return ""
    parts = dict.fromkeys(_PART.split(said[:_LONGEST_TITLE]))
    return " - ".join(part for part in parts if part.lower() not in _SAYS_NOTHING)


# --- whose portal it is --------------------------------------------------------------------------------------


def _province(title: str, url: str) -> str | None:
    """Return the code of the province that the host names, else the one that the title names alone."""
    site = read_host(url)
    if site.province is not None:
        return site.province.code
    named = {province.code for unit in _named(title).units for province in unit.provinces if unit.kind == "province"}
    return min(named) if len(named) == 1 else None


def _named(title: str) -> Named:
    return name_places(read_prose(title, title, None), load_gazetteer())


def _units(title: str, province: str | None) -> tuple[Unit, ...]:
    """Return the one unit that the title names with its kind; none where it names several, or one that has namesakes."""
    gazetteer, named = load_gazetteer(), _named(title)
    districts = {
        district.id: Unit(district.id, None, district.names[-1].until or DISTRICTS_END)
        for mention in named.units
        for district in mention.districts
        if mention.type is not None and _is_called(district, title, province)
    }
    communes = {
        unit.place: unit for mention in named.communes for unit in _communes(mention.commune, province, gazetteer)
    }
    certain = [*districts.values(), *communes.values()]
    return tuple(certain) if len(certain) == 1 else ()


def _is_called(district: District, title: str, province: str | None) -> bool:
    """Say whether the title spells a full name of the district, in the portal's province where that is known."""
    return any(name.text.lower() in title.lower() and province in (None, name.province) for name in district.names)


def _communes(name: str, province: str | None, gazetteer: Gazetteer) -> Iterator[Unit]:
    now = gazetteer.provinces[province].now if province is not None else None
    for commune in gazetteer.communes_by_name.get(word_keys(name), ()):
        if now in (None, commune.province):
            yield Unit(commune.code, _COMMUNES_BEGIN)


# --- where its articles are listed ---------------------------------------------------------------------------


@cache
def _words() -> Mapping[str, tuple[str, ...]]:
    table = tomllib.loads((files("scraper.probe") / "sections.toml").read_text("utf-8"))
    return {kind: tuple(words) for kind, words in table.items()}


def _candidates(root: Selector, portal: Portal) -> dict[str, str]:
    """Return the links of a page that are called like a section of news, labour and social affairs first.

    What has the address of an article comes last: on some systems a section's looks the same.
    """
    article_key = get_platform(portal.platform).article_key
    found: dict[str, tuple[tuple[bool, int], str]] = {}
    for anchor in root.css("a[href]"):
        url, name = absolute(anchor.attrib["href"], portal.home), line(anchor)
        rank = _rank(name)
        if url and rank is not None and _is_below(url, portal):
            found.setdefault(url, ((article_key(url) is not None, rank), name))
    best = sorted(found.items(), key=lambda item: item[1][0])[:MOST_SECTIONS]
    sections: dict[str, str] = {}
    for url, (_, name) in best:
        sections.setdefault(name, _path(url))
    return sections


def _rank(name: str) -> int | None:
    """Return 0 for a section of labour and social affairs, 1 for one of news, None for any other name."""
    folded, words = f"{fold_text(name)} ", _words()
    if not name or len(name) > _LONGEST_NAME or any(word in folded for word in words["never"]):
        return None
    if any(word in folded for word in words["social"]):
        return 0
    return 1 if any(word in folded for word in words["news"]) else None


def _is_below(url: str, portal: Portal) -> bool:
    here = urlsplit(url)
    is_home = here.path.rstrip("/") == urlsplit(portal.home).path.rstrip("/") and not here.query
    return bare_host(url) == bare_host(portal.home) and not is_home


def _path(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
