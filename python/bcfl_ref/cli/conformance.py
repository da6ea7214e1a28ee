"""`bcfl conformance`: run the suite against an implementation, or write its vectors."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ..errors import UsageError

app = typer.Typer(
    help="Run the conformance suite against an implementation, or write its vectors.", no_args_is_help=True
)

Root = Annotated[Path, typer.Option(help="A checkout of the project.")]


@app.command("generate")
def generate_command(
    root: Root = Path(),
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit 1 if anything would change.")] = False,
) -> int:
    """Write every vector from the reference; refuses cases that prove nothing."""
    from ..operations import generate

    directory, console = _suite(root), Console()
    try:
        changed = generate.check(directory) if check else generate.write(directory)
    except generate.GenerationError as error:
        for line in str(error).splitlines():
            console.print(line, style="red", highlight=False, markup=False)
        return 1
    for path in changed:
        console.print(f"{'would change' if check else 'wrote'} {path}", highlight=False)
    console.print(f"{len(changed)} files {'differ' if check else 'changed'}", highlight=False)
    return 1 if check and changed else 0


@app.command(
    "run", context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
)
def run_command(context: typer.Context, root: Root = Path()) -> int:
    """Run the suite; all options go to the runner: `bcfl conformance run --help` lists them."""
    suite = _suite(root)
    path = os.pathsep.join(filter(None, (str(suite), os.environ.get("PYTHONPATH"))))
    command = [sys.executable, "-m", "bcfl_conformance", *context.args]
    return subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, check=False).returncode


@app.command("explain")
def explain_command(
    case: Annotated[str, typer.Argument(help="The id of a case, as in a report.")],
    root: Root = Path(),
) -> int:
    """Print a case, its clauses, its twin, and what the reference does with it; exit 1 if it fails."""
    from ..operations import explain

    _suite(root)
    return 0 if explain.print_case(root, case, Console()) else 1


def _suite(root: Path) -> Path:
    directory = (root / "conformance").resolve()
    if not directory.is_dir():
        raise UsageError(f"{root.resolve()} is no checkout of the project: it has no conformance/")
    return directory
