"""Progress bars on standard error, so that standard output stays clean."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

Advance = Callable[[int, int], None]


StagedAdvance = Callable[[str, int, int], None]


def _bars() -> Progress:
    """Bars for people; a file or a pipe gets none, so that errors stay on one line."""
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


@contextmanager
def progress_bar(title: str) -> Iterator[Advance]:
    """A bar that `advance(done, total)` moves; it vanishes when done."""
    with _bars() as bars:
        line = bars.add_task(title, total=None)
        yield lambda done, total: bars.update(line, completed=done, total=total)


@contextmanager
def staged_progress() -> Iterator[StagedAdvance]:
    """A bar for each stage that `advance(stage, done, total)` names; they vanish when done."""
    with _bars() as bars:
        lines: dict[str, TaskID] = {}

        def advance(stage: str, done: int, total: int) -> None:
            if stage not in lines:
                lines[stage] = bars.add_task(stage, total=total)
            bars.update(lines[stage], completed=done, total=total)

        yield advance
