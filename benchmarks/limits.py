"""What this machine can do at best, measured in the same run: memory from NumPy, instructions from limits.c."""

from __future__ import annotations

import mmap
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

LABELS = {
    "read": "sequential read, bytes",
    "copy": "copy of memory, bytes read",
    "fresh_pages": "bytes into pages that the system hands out for the first time",
    "sha256_rounds": "sha256rnds2 instructions",
    "add_xor_rotate_512": "512-bit additions, exclusive ors and rotations in equal parts",
    "add_512": "512-bit additions",
    "madd52_512": "512-bit multiply-adds of 52 bits",
    "multiply_64": "64-bit products of 128 bits",
}


def best_of(rounds: int, call: object) -> float:
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()  # type: ignore[operator]
        times.append(time.perf_counter() - start)
    return min(times)


def memory() -> dict[str, float]:
    """One thread over 256 MiB; the reading loop is vectorised and does nothing but find the largest number."""
    numbers, other = np.ones(2**25, dtype=np.int64), np.ones(2**25, dtype=np.int64)
    return {
        "read": numbers.nbytes / best_of(9, numbers.max),
        "copy": numbers.nbytes / best_of(9, lambda: np.copyto(other, numbers)),
        "fresh_pages": numbers.nbytes / best_of(3, lambda: mmap.mmap(-1, numbers.nbytes).write(numbers)),
    }


def instructions() -> dict[str, float]:
    """Empty without a C compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "limits"
        source = Path(__file__).with_name("limits.c")
        subprocess.run([compiler, "-O2", str(source), "-o", str(program)], check=True)
        lines = subprocess.run([str(program)], check=True, capture_output=True, text=True).stdout.splitlines()
    return {name: 1e6 * float(rate) for name, rate in (line.split() for line in lines)}


def measured() -> dict[str, float]:
    return {**memory(), **instructions()}
