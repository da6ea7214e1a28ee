"""A kernel and its peers, timed in turn: A B C A B C, in one process, so that a busy moment hits all alike.

pytest-benchmark times our kernel; its setup, which runs before every round, times everybody else once.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bcfl_ref import kernels

Call = Callable[[], Any]
SHORT_SECONDS = 2e-4  # a shorter call is repeated within one measurement
SLOW_SECONDS = 0.6  # a slower one is measured twice only
ROUNDS_MAX = 200
TWO_THREADS = "ours, 2 threads"


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


def summary(seconds: list[float]) -> dict[str, float]:
    return {"median": statistics.median(seconds), "best": min(seconds), "rounds": len(seconds)}


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


def others(contest: Contest) -> dict[str, Call]:
    """The peers, every variant with code of its own for this kernel, the default with two threads."""
    calls = dict(contest.peers)
    if contest.variants:
        for variant in kernels.available_variants():
            with kernels.use_variant(variant):
                own = kernels.kernel_table().get(contest.kernel) == variant
            if own and variant != "python":
                calls[f"variant {variant}"] = under(variant, 1, contest.ours)
    if contest.threads:

        def with_two() -> Any:
            with kernels.use_threads(2):
                return contest.ours()

        calls[TWO_THREADS] = with_two
    return calls


def race(benchmark: Any, contest: Contest, seconds: float) -> dict[str, dict[str, float]]:
    """The times of every contender, in about as many rounds as fit the time, three at least (two of a slow one)."""
    calls = others(contest)
    first = {name: timed(call) for name, call in (("ours", contest.ours), *calls.items())}
    loops = {name: max(1, int(SHORT_SECONDS / max(first[name], 1e-9))) for name in first}
    turn = sum(first[name] * loops[name] for name in first)
    rounds = min(ROUNDS_MAX, max(3, int(seconds / turn)))
    times: dict[str, list[float]] = {name: [] for name in calls}

    def setup() -> None:
        for name, call in calls.items():
            if first[name] < SLOW_SECONDS or len(times[name]) < 2:
                if name == TWO_THREADS:
                    call()  # wakes the second thread, which slept while the others had their turn
                times[name].append(timed(call, loops[name]))

    def ours() -> None:
        for _ in range(loops["ours"]):
            contest.ours()

    gc.collect()
    benchmark.pedantic(ours, setup=setup, rounds=rounds)
    own = [spent / loops["ours"] for spent in benchmark.stats.stats.data]
    return {**{name: summary(spent) for name, spent in times.items()}, "ours": summary(own)}
