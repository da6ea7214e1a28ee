"""`bcfl spec`: what realises each clause, and whether anything is missing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ..errors import UsageError
from ..formal import check as models
from ..operations import trace as tracing
from .progress import progress_bar

app = typer.Typer(
    help="Trace each clause to what realises and tests it; check the formal models.", no_args_is_help=True
)


@app.callback()
def _group() -> None:
    """Trace each clause to what realises and tests it; check the formal models."""


@app.command("trace")
def trace_command(
    root: Annotated[Path, typer.Option(help="A checkout of the project.")] = Path(),
) -> int:
    """Print clause → model → function → kernel → vectors → tests; exit 1 on a hole."""
    if not (root / "spec").is_dir():
        raise UsageError(f"{root.resolve()} is no checkout of the project: it has no spec/")
    report = tracing.trace(root)
    console = Console()
    tracing.print_report(report, console)
    return 1 if report.holes else 0


@app.command("check")
def check_command(
    root: Annotated[Path, typer.Option(help="A checkout of the project.")] = Path(),
    deep: Annotated[bool, typer.Option(help="Also the configurations that take minutes.")] = False,
    only: Annotated[str, typer.Option(help="Only configurations whose names begin so.")] = "",
) -> int:
    """Check the formal models with TLC and compare them with manifest, prose and code; exit 1 on a difference."""
    with progress_bar("models") as advance:
        report = models.check(root, "deep" if deep else "fast", advance, only)
    models.print_report(report, Console())
    return 1 if report.failed else 0
