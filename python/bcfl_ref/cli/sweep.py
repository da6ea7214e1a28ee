"""`bcfl sweep`: a grid of settings times some seeds, one line of CSV for each run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .. import api
from ..application.config import parse_toml, read_text
from ..engines.sweep import read_setting, sweep, variants
from ..errors import UsageError
from .progress import progress_bar


def sweep_command(
    config: Annotated[Path, typer.Argument(help="A TOML file; see examples/.")],
    out: Annotated[Path, typer.Option(help="One directory for each run goes there, and sweep.csv.")],
    seeds: Annotated[int, typer.Option(help="How many seeds.", min=1, max=100_000)] = 5,
    first: Annotated[int, typer.Option(help="The first seed.", min=0)] = 1,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="key=value,value… and again for other keys, e.g. task.rule.name=krum,weighted-mean"
        ),
    ] = None,
) -> int:
    """Run a grid of settings times some seeds and print the CSV; a run that is there already is not repeated."""
    raw = parse_toml(read_text(config), str(config))
    grid = [read_setting(text) for text in settings or []]
    runs = list(variants(raw, grid, range(first, first + seeds), str(config)))
    try:
        with progress_bar(f"{len(runs)} runs") as advance:
            text = sweep(runs, out, lambda chosen, place: api.run(chosen, place, report=False).metrics, advance)
    except OSError as error:
        raise UsageError(f"cannot write {out}: {error.strerror}") from None
    typer.echo(text, nl=False)
    return 0
