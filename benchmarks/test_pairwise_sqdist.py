"""`pairwise_sqdist` beside the float32 product of a matrix with its transpose, by BLAS in one thread.

The peer has its matrix ready and only multiplies: it neither squares nor subtracts, and it is not exact.
"""

from __future__ import annotations

import numpy as np
import pytest
from bcfl_ref import kernels

Q = 2**20 - 1


@pytest.mark.parametrize(("count", "size"), [(10, 1_000_000), (32, 1_000_000), (64, 1_000_000)])
def test_pairwise_sqdist(contest, count: int, size: int) -> None:
    """The product of the matrix, then the distances."""
    random = np.random.default_rng(7)
    vectors = [random.integers(-Q, Q, size, dtype=np.int32, endpoint=True) for _ in range(count)]
    matrix = np.stack(vectors).astype(np.float32)
    contest(
        f"pairwise_sqdist n={count} d={size}",
        lambda: matrix @ matrix.T,
        lambda: kernels.pairwise_sqdist(vectors),
        4 * count * size,
    )
