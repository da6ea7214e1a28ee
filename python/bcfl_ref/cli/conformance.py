"""`bcfl conformance`: run the suite against an implementation, or write its vectors."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ..errors import UsageError
from ..operations import generate

app = typer.Typer(help="The conformance suite.", no_args_is_help=True)

Root = Annotated[Path, typer.Option(help="A checkout of the project.")]


@app.command("generate")
def generate_command(root: Root = Path(), check: Annotated[bool, typer.Option(help="Only compare.")] = False) -> int:
    """Write every vector from the reference, or with --check say whether that would change anything."""
    directory = _suite(root)
    console = Console()
    if check:
        differences = generate.check(directory)
        for line in differences:
            console.print(f"[red]differs[/red] {line}", highlight=False)
        return 1 if differences else 0
    written = generate.write(directory)
    console.print(f"{written} files under {directory}", highlight=False)
    return 0


@app.command("run", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def run_command(context: typer.Context, root: Root = Path()) -> int:
    """Run the suite; all options go to the runner (see conformance/README.md), e.g. --testee CMD --report FILE."""
    directory = _suite(root)
    command = [sys.executable, "-m", "bcfl_conformance", *context.args]
    return subprocess.run(command, cwd=directory, check=False).returncode


def _suite(root: Path) -> Path:
    directory = (root / "conformance").resolve()
    if not directory.is_dir():
        raise UsageError(f"{root.resolve()} is no checkout of the project: it has no conformance/")
    return directory
