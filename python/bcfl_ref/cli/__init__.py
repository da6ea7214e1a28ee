"""The command line `bcfl`: thin commands over the library, one clear line for each mistake (exit 2)."""

from __future__ import annotations

import sys

import typer

from ..errors import UsageError
from . import conformance, spec
from .attack import attack_command
from .kernels import kernels_command
from .query import query_command
from .run import run_command
from .simulate import simulate_command
from .sweep import sweep_command
from .verify import verify_command

# typer carries a copy of click, or imports it, depending on its version; this base class is the right one either way.
MistakeOnTheLine: type[Exception] = typer.BadParameter.__mro__[2]

INTERRUPTED = 130

app = typer.Typer(
    name="bcfl",
    help="Run, verify and check blockchain-enabled federated learning against its executable specification.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.command("run")(run_command)
app.command("verify")(verify_command)
app.command("query")(query_command)
app.command("sweep")(sweep_command)
app.command("simulate")(simulate_command)
app.command("attack")(attack_command)
app.command("kernels")(kernels_command)
app.add_typer(conformance.app, name="conformance")
app.add_typer(spec.app, name="spec")


def main(arguments: list[str] | None = None) -> None:
    """Run one command and exit: 0 done, 1 the thing examined is wrong, 2 the command was used wrongly."""
    try:
        status = app(args=arguments, standalone_mode=False)
    except UsageError as error:
        _refuse(str(error))
    except MistakeOnTheLine as error:
        _refuse(error.format_message() if hasattr(error, "format_message") else str(error))
    except BrokenPipeError:  # whoever read our output has seen enough
        sys.stdout = None
        sys.exit(141)
    except OSError as error:
        named = f"{error.filename}: " if error.filename else ""
        _refuse(f"{named}{error.strerror or error}")
    except (KeyboardInterrupt, typer.Abort):
        status = INTERRUPTED  # typer gives this number itself, or lets the interruption through: by its version
    if status == INTERRUPTED:
        typer.echo("bcfl: interrupted; run the same command again to continue", err=True)
    sys.exit(status if isinstance(status, int) else 0)


def _refuse(message: str) -> None:
    line = " ".join(message.split())
    typer.echo(f"bcfl: {line}", err=True)
    sys.exit(2)
