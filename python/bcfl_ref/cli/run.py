"""`bcfl run`: a whole task, from genesis to report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from .. import api
from ..application.config import SEED_MAX
from ..errors import UsageError
from .progress import staged_progress


def run_command(
    config: Annotated[Path, typer.Argument(help="A TOML file; see examples/.")],
    out: Annotated[Path, typer.Option(help="Where the ledger, its blobs and the report go; continued if it exists.")],
    seed: Annotated[int | None, typer.Option(help="Instead of the configuration's seed.", min=0)] = None,
    baselines: Annotated[bool, typer.Option(help="Also train centralised and local-only models to compare.")] = True,
    report: Annotated[bool, typer.Option(help="Write report.html.")] = True,
) -> int:
    """Run a whole task on an embedded ledger; run it again to continue after an interruption."""
    settings = api.load_config(config)
    if seed is not None:
        if seed > SEED_MAX:
            raise UsageError(f"--seed: at most {SEED_MAX}")
        settings = settings.model_copy(update={"seed": seed})
    with staged_progress() as progress:
        result = api.run(settings, out, baselines=baselines, report=report, progress=progress)
    console = Console()
    from ..application.report import summary_table

    console.print(summary_table(result.metrics))
    console.print(f"genesis {result.genesis_root.hex()}", soft_wrap=True, highlight=False)
    console.print(f"head    {result.head.hex()}", soft_wrap=True, highlight=False)
    if report:
        console.print(f"report  {out / api.REPORT_NAME}", soft_wrap=True, highlight=False)
    return 0
