"""How fast one thread of this machine reads memory: what the sums and the quantisation are measured against."""

from __future__ import annotations

import numpy as np


def test_sequential_read(benchmark) -> None:
    """The largest of 2^25 64-bit numbers, found by a vectorised loop over 256 MiB."""
    numbers = np.ones(2**25, dtype=np.int64)
    benchmark.group = "sequential read"
    benchmark.extra_info["bytes"] = numbers.nbytes
    assert benchmark(numbers.max) == 1
