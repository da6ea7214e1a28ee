"""The command line `bcfl`: thin commands over the library, one clear line for each mistake (exit 2)."""

from __future__ import annotations

import sys

import click
import typer

from ..errors import UsageError
from . import conformance, kernels, run, simulate, spec, sweep, verify

app = typer.Typer(
    name="bcfl",
    help="Run, verify and check blockchain-enabled federated learning against its executable specification.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.command("run")(run.run_command)
app.command("verify")(verify.verify_command)
app.command("sweep")(sweep.sweep_command)
app.command("simulate")(simulate.simulate_command)
app.command("kernels")(kernels.kernels_command)
app.add_typer(conformance.app, name="conformance")
app.add_typer(spec.app, name="spec")


def main(arguments: list[str] | None = None) -> None:
    """Run one command and exit: 0 done, 1 the thing examined is wrong, 2 the command was used wrongly."""
    try:
        status = app(args=arguments, standalone_mode=False)
    except UsageError as error:
        _refuse(str(error))
    except click.ClickException as error:
        _refuse(error.format_message())
    except (KeyboardInterrupt, click.Abort):
        click.echo("bcfl: interrupted; run the same command again to continue", err=True)
        sys.exit(130)
    sys.exit(status if isinstance(status, int) else 0)


def _refuse(message: str) -> None:
    line = " ".join(message.split())
    click.echo(f"bcfl: {line}", err=True)
    sys.exit(2)
