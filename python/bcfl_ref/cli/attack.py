"""`bcfl attack`: how much updates, group sums and noisy sums say about the data behind them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..application.config import SEED_MAX
from ..errors import UsageError
from .progress import staged_progress

DOCUMENT_NAME, PAGE_NAME = "attack.json", "attack.html"
REPEATS_MAX = 100


def attack_command(
    out: Annotated[Path, typer.Option(help="Where attack.json and attack.html go.")],
    seed: Annotated[int, typer.Option(help="The first seed.", min=0)] = 1,
    repeats: Annotated[int, typer.Option(help="How many seeds to average over.", min=1, max=REPEATS_MAX)] = 1,
    only: Annotated[
        list[str] | None, typer.Option(help="One of regrouping, inversion, membership, property; may be repeated.")
    ] = None,
    smoke: Annotated[bool, typer.Option(help="Seconds instead of a minute, for tests: no conclusions.")] = False,
) -> int:
    """Attack updates and sums of a task on real data, in each mode of privacy, and write what was found."""
    from ..application.attacks import evaluate, write_report

    if seed + repeats > SEED_MAX:
        raise UsageError(f"--seed: at most {SEED_MAX - repeats} with {repeats} repeats")
    out.mkdir(parents=True, exist_ok=True)
    with staged_progress() as progress:
        found = evaluate(seed, repeats, smoke, only or (), progress)
    (out / DOCUMENT_NAME).write_text(found.model_dump_json(indent=1) + "\n", encoding="utf-8", newline="\n")
    write_report(found, out / PAGE_NAME)
    typer.echo(f"report  {out / PAGE_NAME}")
    return 0
