"""One benchmark per kernel, case and contender: every variant of this machine beside the best plain Python code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from bcfl_ref import kernels

# The twin is the meaning, not a contender: it would take minutes on these sizes.
CONTENDERS = ["peer", *(name for name in kernels.available_variants() if name != "python")]


@pytest.fixture(params=CONTENDERS)
def contender(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def contest(benchmark: Any, contender: str) -> Callable[..., None]:
    """Times `peer` or a kernel under the variant, and notes how many bytes each call goes through."""

    def run(group: str, peer: Callable[[], Any], kernel: Callable[[], Any], bytes_moved: int) -> None:
        benchmark.group = group
        benchmark.extra_info["bytes"] = bytes_moved
        if contender == "peer":
            benchmark(peer)
            return
        with kernels.use_variant(contender):
            benchmark(kernel)

    return run
