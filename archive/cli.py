"""`ansinh`: the one command line. Its subcommands come from the three packages through an entry-point group."""

from __future__ import annotations

import errno
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import click

from archive.captures import explain
from archive.commands.decisions import correct, takedown
from archive.commands.export import export_command
from archive.commands.pledges import pledges
from archive.commands.rules import analyze, evaluate_command
from archive.commands.search import search
from archive.commands.show import show
from archive.commands.status import status
from archive.commands.upkeep import check, index_command
from archive.ingest import Busy
from archive.models import ArchiveError, DataDir

EXIT_BUSY = 75  # EX_TEMPFAIL of sysexits.h: try again later
EXIT_STOPPED = 130  # as shells say it of a command that Ctrl-C has ended
_OWN = (
    search, show, pledges, export_command, status, check, index_command, correct, takedown, analyze, evaluate_command,
)  # fmt: skip


class _Commands(click.Group):
    """Turns our errors into one line on standard error: what is wrong, where, what to do."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, those of the other packages included."""
        self._contribute()
        return super().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name; the other packages are loaded only for a name that is not our own."""
        if cmd_name not in self.commands:
            self._contribute()
        return super().get_command(ctx, cmd_name)

    def _contribute(self) -> None:
        """Add the commands of the other packages: each entry point is a list of them."""
        for point in entry_points(group="ansinh.commands"):
            for command in point.load():
                self.add_command(command)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; exit 75 when another process is writing, 1 on any error of ours."""
        try:
            return super().invoke(ctx)
        except ArchiveError as error:
            click.echo(f"ansinh: {error}", err=True)
            ctx.exit(EXIT_BUSY if isinstance(error, Busy) else 1)
        except OSError as error:
            if error.errno == errno.EPIPE:  # the reader of a pipe has left: click knows
                raise
            click.echo(f"ansinh: {explain(error, ctx.params['data'])}", err=True)
            ctx.exit(1)
        except KeyboardInterrupt:
            click.echo("ansinh: stopped; what was acknowledged is kept, the same command again goes on", err=True)
            ctx.exit(EXIT_STOPPED)


@click.group(cls=_Commands, commands=_OWN, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ansinh")
@click.option(
    "--data", envvar="ANSINH_DATA", default="data", type=click.Path(file_okay=False, path_type=Path),
    help="The data directory (default: $ANSINH_DATA, else ./data).",
)  # fmt: skip
@click.pass_context
def main(ctx: click.Context, data: Path) -> None:
    """The permanent archive of what Vietnam's districts announced about labour and social affairs."""
    ctx.obj = DataDir(data)
