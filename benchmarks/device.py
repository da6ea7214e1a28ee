"""The kernels for NVIDIA devices beside a copy, and beside what CuPy and PyTorch offer for the same numbers.

    python benchmarks/device.py build/cuda/cpp/tests/cuda_bench

runs the C++ program, then whichever of the two packages is installed, at its sizes. Both compute with floating-point
numbers or sort whole columns: they are what one would use instead, not the same function. Without a device this says
so and ends with 77.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

TOTAL_BYTES, ROUNDS = 1 << 30, 20
VECTORS = (5, 10, 32, 64, 100)


def best_seconds(call: Callable[[], object], wait: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS + 1):
        wait()
        start = time.perf_counter()
        call()
        wait()
        times.append(time.perf_counter() - start)
    return min(times[1:])  # the first makes what the package keeps


def cupy_calls(cupy: Any, n: int, count: int) -> tuple[dict[str, Callable[[], object]], Callable[[], object]]:
    vectors = cupy.random.randint(-(1 << 20) + 1, 1 << 20, (n, count), dtype=cupy.int32)
    weights = cupy.full(n, 3, cupy.int64)
    calls = {
        "weighted sum": lambda: weights @ vectors,
        "median": lambda: cupy.median(vectors, axis=0),
    }
    return calls, cupy.cuda.Stream.null.synchronize


def torch_calls(torch: Any, n: int, count: int) -> tuple[dict[str, Callable[[], object]], Callable[[], object]]:
    vectors = torch.randint(-(1 << 20) + 1, 1 << 20, (n, count), dtype=torch.int32, device="cuda")
    numbers, weights = vectors.float(), torch.full((n,), 3.0, device="cuda")
    calls = {
        "weighted sum (float32)": lambda: weights @ numbers,
        "median (the lower one)": lambda: torch.median(vectors, dim=0),
        "distances (float32, inexact)": lambda: torch.cdist(numbers, numbers),
    }
    return calls, torch.cuda.synchronize


def run_peer(name: str, make: Callable[..., Any]) -> None:
    try:
        package = importlib.import_module(name)
    except ImportError:
        print(f"{name} is not installed")
        return
    for n in VECTORS:
        count = TOTAL_BYTES // 4 // n // 64 * 64
        try:
            calls, wait = make(package, n, count)
            for what, call in calls.items():
                seconds = best_seconds(call, wait)
                label = f"{name} {package.__version__}: {what}, n={n}, {count} coordinates"
                print(f"{label:76} {1e3 * seconds:9.3f} ms {4e-9 * n * count / seconds:9.1f} GB/s read")
        except Exception as error:  # a package without its device, or without room for its own copies
            print(f"{name}, n={n}: {type(error).__name__}: {error}")


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    try:
        ours = subprocess.run([sys.argv[1]], check=False)
    except OSError as error:
        print(f"cannot run {sys.argv[1]}: {error.strerror}", file=sys.stderr)
        return 2
    if ours.returncode != 0:
        return ours.returncode
    run_peer("cupy", cupy_calls)
    run_peer("torch", torch_calls)
    return 0


if __name__ == "__main__":
    sys.exit(main())
