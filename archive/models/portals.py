"""Portals: the websites of government units, as the catalogue describes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Host:
    """A host name and the dates between which the portal used it; None is an open end."""

    name: str
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """The place (GSO id) that published on a portal, by publication date; None is an open end."""

    place: str
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Expects:
    """What a healthy crawl of a portal shows: articles seen (least, most) and the least share with a date."""

    articles: tuple[int, int] | None = None
    dated: float | None = None


@dataclass(frozen=True, slots=True)
class Portal:
    """One website of a government unit, as the catalogue describes it."""

    name: str
    title: str
    platform: str
    hosts: tuple[Host, ...]
    home: str
    units: tuple[Unit, ...] = ()
    province: str | None = None
    sections: Mapping[str, str] = field(default_factory=dict)
    selectors: Mapping[str, str] = field(default_factory=dict)
    expects: Expects = field(default_factory=Expects)
    verified: str = "fixture"
    cookie: str = ""
    tls: Literal["verified", "unverified"] = "verified"
