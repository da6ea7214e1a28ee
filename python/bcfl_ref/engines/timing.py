"""Where the time of a run goes: for people and reports, never for decisions."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from ..node.duties import Vector, Workload


class Timings:
    """Seconds of this process by purpose; time inside a nested purpose counts for that one only."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._inner = [0.0]

    @contextmanager
    def of(self, purpose: str) -> Iterator[None]:
        """Count the time spent inside."""
        begun = time.perf_counter()
        self._inner.append(0.0)
        try:
            yield
        finally:
            spent = time.perf_counter() - begun
            self.seconds[purpose] += spent - self._inner.pop()
            self._inner[-1] += spent


class TimedWorkload:
    """A workload whose training and scoring are counted."""

    def __init__(self, workload: Workload, timings: Timings) -> None:
        self._workload = workload
        self._timings = timings

    def train(self, trainer: int, round_number: int, base: Vector) -> tuple[Vector, int] | None:
        """As the workload's."""
        with self._timings.of("training"):
            return self._workload.train(trainer, round_number, base)

    def score(self, scorer: int, round_number: int, base: Vector, update: Vector) -> tuple[int, int]:
        """As the workload's."""
        with self._timings.of("scoring"):
            return self._workload.score(scorer, round_number, base, update)

    def last_step(self, trainer: int, round_number: int) -> int:
        """As the workload's."""
        return self._workload.last_step(trainer, round_number)
