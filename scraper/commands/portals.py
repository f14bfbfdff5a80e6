"""`ansinh portals`: the catalogue."""

from __future__ import annotations

import click

from archive.cli import echo_json, json_option
from archive.models import DataDir, Json, Portal
from scraper import catalogue


@click.command()
@json_option
@click.pass_obj
def portals(data: DataDir, as_json: bool) -> None:
    """List the portals of the catalogue with platform, hosts and how they were verified."""
    for portal in catalogue.load_all(data).portals:
        echo_json(_portal_json(portal)) if as_json else click.echo(_portal_line(portal))


def _portal_json(portal: Portal) -> Json:
    return {
        "name": portal.name,
        "title": portal.title,
        "platform": portal.platform,
        "hosts": [host.name for host in portal.hosts],
        "home": portal.home,
        "places": [unit.place for unit in portal.units],
        "verified": portal.verified,
    }


def _portal_line(portal: Portal) -> str:
    hosts = ", ".join(host.name for host in portal.hosts)
    return f"{portal.name:20} {portal.platform:10} {hosts:36} verified: {portal.verified:8} {portal.title}"
