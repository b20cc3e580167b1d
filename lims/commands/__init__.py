"""The command line: one entry point, each command in a module of its own, loaded when it is called.

Exit codes: 0 done and good · 1 done and the answer is no · 2 wrong usage or input. Errors are one plain sentence.
"""

from __future__ import annotations

import importlib
import os
import sys
from importlib.metadata import entry_points

import click

from lims import __version__
from lims.commands.speech import echo_error

COMMANDS = {
    "audit": "lims.commands.audit:audit",
    "db": "lims.commands.database:db",
    "dcc": "lims.commands.dcc:dcc",
    "demo": "lims.commands.demo:demo",
    "evaluate": "lims.commands.evaluate:evaluate",
    "export": "lims.commands.exchange:export",
    "import": "lims.commands.exchange:bring",
    "instruments": "lims.commands.instruments:instruments",
    "procedure": "lims.commands.procedure:procedure",
    "selftest": "lims.commands.selftest:selftest",
    "trace": "lims.commands.trace:trace",
    "user": "lims.commands.user:user",
    "verify": "lims.commands.verify:verify",
}


class Commands(click.Group):
    """Commands by name, imported on use; other packages add theirs through the entry-point group `lims.commands`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return sorted({*COMMANDS, *(point.name for point in entry_points(group="lims.commands"))})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name in COMMANDS:
            module, name = COMMANDS[cmd_name].split(":")
            command = getattr(importlib.import_module(module), name)
        else:
            found = [point for point in entry_points(group="lims.commands") if point.name == cmd_name]
            if not found:
                return None
            command = found[0].load()
        assert isinstance(command, click.Command)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--lang", type=click.Choice(["zh", "en"]), help="language of the answers (default: LIMS_LANGUAGE, zh)")
@click.version_option(__version__, prog_name="Suyuan")
@click.pass_context
def cli(ctx: click.Context, lang: str | None) -> None:
    """Suyuan 溯源: from a reading on the bench to a signed certificate anyone can verify."""
    ctx.obj = lang


def main() -> None:
    """Run a command; whatever a user can cause ends in one sentence and an exit code."""
    os.umask(0o077)  # the database, its keys and what is measured are read by their owner alone
    try:
        code = cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(2)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except Exception as error:
        if not hasattr(error, "sentence"):
            raise
        echo_error(error)
        sys.exit(getattr(error, "exit_code", 2))
    sys.exit(code if isinstance(code, int) else 0)
