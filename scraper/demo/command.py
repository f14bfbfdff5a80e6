"""`ansinh demo`: simulated portals on loopback, a real crawl of them, and the web UI on what it found. No network."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable
from types import FrameType

import click

from archive.models import ArchiveError, DataDir
from scraper import catalogue
from scraper.demo.sites import PORTALS_FILE, DemoSites

_MARK = "# Written by `ansinh demo`; a data directory with other settings is never touched.\n"


@click.command()
@click.option("--once", is_flag=True, help="Crawl, print a summary, exit; no web UI.")
@click.option("--sites-only", is_flag=True, help="Only run the simulated portals and print their addresses.")
@click.option("--port", type=int, default=8040, show_default=True, help="The web UI's port; another free one if taken.")
@click.option("--break", "broken", multiple=True, metavar="NAME", help="Redesign a portal on purpose; repeatable.")
@click.pass_obj
def demo(data: DataDir, once: bool, sites_only: bool, port: int, broken: tuple[str, ...]) -> None:
    """Crawl simulated portals on this machine and show the archive that comes of it."""
    for number in (signal.SIGTERM, signal.SIGHUP):  # as Ctrl-C: what was started ends with the demo
        signal.signal(number, _end)
    names = [portal.name for portal in catalogue.read(PORTALS_FILE)]
    redesigned = frozenset(_known(name, names) for name in broken)
    if sites_only:
        _run_sites(redesigned)
        return
    if redesigned and not data.database.exists():
        with DemoSites() as sites:  # a good night, for the broken one to be held against
            _crawl(data, sites, names)
    with DemoSites(broken=redesigned) as sites:
        if redesigned:
            click.echo(f"Redesigned tonight: {', '.join(sorted(redesigned))}")
        _crawl(data, sites, names, may_fail=bool(redesigned))
        _run(data, "status")
        if not once:
            _serve(data, port)


def _known(name: str, names: list[str]) -> str:
    if name not in names:
        raise click.BadParameter(
            f"{name!r} is no portal of the demo; there are {', '.join(names)}", param_hint="--break"
        )
    return name


def _run_sites(redesigned: frozenset[str]) -> None:
    """Run the simulated portals until the process is told to end, and say where they are."""
    with DemoSites(broken=redesigned) as sites:
        for name, address in sites.addresses.items():
            click.echo(f"{name:20} {address}  (through 127.0.0.1:{sites.port})")
        _wait()


def _crawl(data: DataDir, sites: DemoSites, names: list[str], may_fail: bool = False) -> None:
    """Crawl the simulated portals once; a redesigned one may fail, for that is what it is there for."""
    _prepare(data, sites.port)
    click.echo(f"Crawling {len(names)} simulated portals …")
    _run(data, "crawl", *names, may_fail=may_fail)


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _prepare(data: DataDir, port: int) -> None:
    """Write the demo's settings and catalogue; raise ArchiveError for a data directory with settings of its own."""
    if data.settings.exists() and not data.settings.read_text("utf-8").startswith(_MARK):
        raise ArchiveError(f"{data.settings} is not the demo's; give the demo a data directory of its own with --data")
    if data.captures.exists() and not data.settings.exists():
        raise ArchiveError(
            f"{data.path} holds an archive already; give the demo a data directory of its own with --data"
        )
    data.portals.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(PORTALS_FILE, data.portals / "demo.toml")
    routes = f'routes = {{ "*.mophong.test" = "127.0.0.1:{port}" }}'
    data.settings.write_text(f"{_MARK}delay = 0.0\n{routes}\n", "utf-8")


def _run(data: DataDir, *arguments: str, may_fail: bool = False) -> None:
    """Run another ansinh command on the data directory; raise ArchiveError when it fails and may not."""
    code = subprocess.run(_command(data, arguments), check=False).returncode
    if code and not (may_fail and code == 1):
        raise ArchiveError(f"the demo stopped: `ansinh {' '.join(arguments)}` failed; its message is above")


def _serve(data: DataDir, port: int) -> None:
    port = port if _is_free(port) else _free_port()
    server = subprocess.Popen(_command(data, ("serve", "--port", str(port))))
    try:
        _await_port(port, server)
        click.echo(f"\nThe archive is at http://127.0.0.1:{port}/  (Ctrl-C ends the demo)")
        server.wait()
    except KeyboardInterrupt:
        click.echo("\nThe demo has ended; what it crawled stays in " + str(data.path))
    finally:
        server.terminate()
        server.wait()


def _command(data: DataDir, arguments: Iterable[str]) -> list[str]:
    return [sys.executable, "-m", "archive", "--data", str(data.path), *arguments]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_port(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        if not _is_free(port) or server.poll() is not None:
            return
        time.sleep(0.1)


def _wait() -> None:
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        return
