"""Seconds by purpose."""

from __future__ import annotations

import numpy as np
import pytest
from bcfl_ref.engines import timing
from bcfl_ref.engines.timing import TimedWorkload, Timings
from bcfl_ref.node.duties import Vector


class Clock:
    """A clock that is moved by hand."""

    now = 0.0

    def perf_counter(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(timing, "time", made)
    return made


def test_nested_time_counts_once(clock: Clock) -> None:
    """Time inside a nested purpose counts for that one only, so the sum is the whole; also after an error."""
    timings = Timings()
    with timings.of("outer"):
        clock.now += 1
        with timings.of("inner"):
            clock.now += 2
            with timings.of("outer"):
                clock.now += 4
        with pytest.raises(ValueError, match="broken"), timings.of("inner"):
            clock.now += 8
            raise ValueError("broken")
        clock.now += 16
    assert dict(timings.seconds) == {"outer": 21.0, "inner": 10.0}


def test_training_and_scoring_are_counted(clock: Clock) -> None:
    """A timed workload gives what the workload gives, and its time has a name."""

    class Workload:
        def train(self, trainer: int, round_number: int, base: Vector) -> tuple[Vector, int] | None:
            clock.now += 3
            return base, trainer

        def score(self, scorer: int, round_number: int, base: Vector, update: Vector) -> tuple[int, int]:
            clock.now += 5
            return scorer, round_number

    timings, base = Timings(), np.zeros(1, np.int32)
    timed = TimedWorkload(Workload(), timings)
    assert timed.train(7, 1, base) == (base, 7) and timed.score(2, 1, base, base) == (2, 1)
    assert dict(timings.seconds) == {"training": 3.0, "scoring": 5.0}
