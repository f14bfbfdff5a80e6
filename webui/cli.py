"""The command that serves the web UI."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import click
from waitress import create_server

from archive.models import DataDir
from webui import LOOPBACK, create_app

_EVERYWHERE = ("0.0.0.0", "::", "")  # noqa: S104  compared with, never bound to


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8040, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free port.")
@click.option(
    "--base-url",
    default="",
    envvar="ANSINH_BASE_URL",
    help="Address readers use (https://ansinh.example.vn); its host is answered beside loopback.",
)
@click.pass_obj
def serve(data: DataDir, host: str, port: int, base_url: str) -> None:
    """Serve the web UI of the archive."""
    trusted = list(dict.fromkeys((*LOOPBACK, *_names(host, base_url))))
    app = create_app({"DATA": data.path, "BASE_URL": base_url, "TRUSTED_HOSTS": trusted})
    try:
        listening = listen(host, port)
    except OSError as error:
        raise click.ClickException(f"cannot listen on {host} port {port}: {error.strerror}") from error
    with listening:
        click.echo(f"http://{_shown(host)}:{listening.getsockname()[1]}/")
        create_server(
            app,
            sockets=[listening],
            url_scheme=urlsplit(base_url).scheme or "http",
            ident=None,
            threads=8,
            max_request_body_size=64_000,
            max_request_header_size=16_384,
            channel_timeout=30,
        ).run()


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens at the address; raise OSError when it is taken or not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family)


def _names(host: str, base_url: str) -> list[str]:
    """Return the host names to answer beside loopback."""
    public = urlsplit(base_url).hostname
    own = [] if host in _EVERYWHERE else [_shown(host)]
    return [*own, *([public] if public else [])]


def _shown(host: str) -> str:
    """Return the address as it stands in a URL."""
    return f"[{host}]" if ":" in host else host


commands: list[click.Command] = [serve]
