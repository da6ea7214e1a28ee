"""A kernel and its peers, timed in turn: A B C A B C, in one process, so that a busy moment hits all alike."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bcfl_ref import kernels

Call = Callable[[], Any]
SHORT_SECONDS = 2e-4  # a shorter call is repeated within one measurement
SLOW_SECONDS = 0.6  # a slower one is measured twice only


@dataclass(frozen=True)
class Contest:
    """One row of the table."""

    kernel: str
    case: str
    ours: Call
    peers: dict[str, Call]
    bytes: int  # of input, which GB/s counts
    limit: str = ""  # of the machine, see limits.py
    work: float = 0  # in the unit of the limit
    threads: bool = False  # also with two
    variants: bool = True  # every one of this machine, or only the default
    notes: str = ""


@dataclass
class Timing:
    seconds: list[float] = field(default_factory=list)

    def summary(self) -> dict[str, float]:
        return {
            "median": statistics.median(self.seconds),
            "best": min(self.seconds),
            "rounds": len(self.seconds),
        }


def timed(call: Call, loops: int = 1) -> float:
    start = time.perf_counter()
    for _ in range(loops):
        call()
    return (time.perf_counter() - start) / loops


def under(variant: str, threads: int, call: Call) -> Call:
    """The call with a variant and a number of threads; what chooses them is not timed inside of a loop."""

    def run() -> Any:
        with kernels.use_variant(variant), kernels.use_threads(threads):
            return call()

    return run if variant else call


def contenders(contest: Contest) -> dict[str, Call]:
    """The peers, every variant with code of its own for this kernel, the default, the default with two threads."""
    calls = dict(contest.peers)
    if contest.variants:
        for variant in kernels.available_variants():
            with kernels.use_variant(variant):
                own = kernels.kernel_table().get(contest.kernel) == variant
            if own and variant != "python":
                calls[f"variant {variant}"] = under(variant, 1, contest.ours)
    calls["ours"] = contest.ours
    if contest.threads:

        def with_two() -> Any:
            with kernels.use_threads(2):
                return contest.ours()

        calls["ours, 2 threads"] = with_two
    return calls


def race(contest: Contest, seconds: float) -> dict[str, dict[str, float]]:
    """The times of every contender, in rounds until the time is over, three at least (two of a slow one)."""
    calls = contenders(contest)
    first = {name: timed(call) for name, call in calls.items()}
    loops = {name: max(1, int(SHORT_SECONDS / max(first[name], 1e-9))) for name in calls}
    timings = {name: Timing() for name in calls}
    gc.collect()
    gc.disable()
    end = time.perf_counter() + seconds
    done = 0
    while done < 3 or (time.perf_counter() < end and done < 200):
        for name, call in calls.items():
            if first[name] < SLOW_SECONDS or done < 2:
                timings[name].seconds.append(timed(call, loops[name]))
        done += 1
    gc.enable()
    return {name: timing.summary() for name, timing in timings.items()}
