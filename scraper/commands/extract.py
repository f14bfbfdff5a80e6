"""`ansinh extract`: one saved page as article JSON."""

from __future__ import annotations

import json
from pathlib import Path

import click

from archive.captures import now
from archive.commands.printing import echo_json
from archive.enrich import enrich
from archive.export import entry_json
from archive.models import ArchiveError, DataDir, Entry, ExtractError, Json, Page, Portal
from scraper import catalogue
from scraper.extract import Extraction, extract, recognise


@click.command(name="extract")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--url", required=True, help="The address that the page was saved from.")
@click.option("--portal", "name", help="The portal it belongs to, when its host does not say.")
@click.option("--freeze", is_flag=True, help="Also write page and JSON to tests/portals/ as a frozen pair.")
@click.pass_obj
def extract_command(data: DataDir, file: Path, url: str, name: str | None, freeze: bool) -> None:
    """Print a saved page as article JSON; stores nothing."""
    page = Page(url, file.read_bytes(), fetched_at=now(), headers={"content-type": "text/html"})
    portal = _portal_of(data, page, name)
    try:
        article = extract(page, portal)
    except ExtractError as error:
        raise ArchiveError(f"{file}: {error}") from error
    shown = entry_json(Entry(article, enrich(article, portal), page.fetched_at, (), ()))
    echo_json(shown)
    if freeze:
        click.echo(f"frozen: {_freeze(file, page, portal, shown)}", err=True)


def _portal_of(data: DataDir, page: Page, name: str | None) -> Portal:
    known = catalogue.load_all(data)
    portal = known.get(name) if name else Extraction(known).find_portal(page.url, page.fetched_at)
    portal = portal or recognise(catalogue.bare_host(page.url), [page])
    if portal is None:
        raise ArchiveError(
            f"{page.url}: no portal has this host and no platform recognises the page; name one with --portal"
        )
    return portal


_FROZEN = ("title", "published", "section", "summary", "author", "source", "body", "kinds")


def _freeze(file: Path, page: Page, portal: Portal, shown: Json) -> Path:
    """Write the page and what was read of it beside the tests; the JSON is to be reviewed before it is committed."""
    folder = Path("tests/portals") / portal.platform
    folder.mkdir(parents=True, exist_ok=True)
    frozen = folder / f"{portal.name}-{file.stem}.html"
    frozen.write_bytes(page.body)
    expect = {key: shown[key] for key in _FROZEN if shown[key]}
    wanted = {"url": page.url, "portal": portal.platform, "expect": expect}
    frozen.with_suffix(".json").write_text(json.dumps(wanted, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return frozen
