"""`bcfl simulate`: consensus on the simulated network, with faults, one world per seed."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from ..errors import UsageError
from ..sim.world import simulate
from .progress import progress_bar


def simulate_command(
    seeds: Annotated[int, typer.Option(help="How many worlds to run.", min=1, max=1_000_000)] = 100,
    first: Annotated[int, typer.Option(help="The first seed.", min=0)] = 0,
) -> int:
    """Simulate consensus under crashes, partitions, liars, loss and restarts; exit 1 when a checker objects."""
    if first + seeds > 2**63:
        raise UsageError("--first + --seeds is beyond 2^63")
    console = Console()
    failed = 0
    with progress_bar("simulating") as advance:
        for done, report in enumerate(simulate(range(first, first + seeds)), start=1):
            if report.findings:
                failed += 1
                console.print(f"[red]seed {report.seed}[/red] {'; '.join(report.findings)}", highlight=False)
                console.print(f"  again: bcfl simulate --first {report.seed} --seeds 1", highlight=False)
            advance(done, seeds)
    verdict = "kept agreement, validity and progress"
    console.print(f"{seeds - failed} of {seeds} worlds {verdict}", highlight=False)
    return 1 if failed else 0
