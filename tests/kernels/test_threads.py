"""Kernels that share their work among threads give the same bytes and refusals; who asked is who gets them."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from bcfl_ref import kernels
from bcfl_ref.errors import UsageError
from kernels.outcome import outcome

Q = 2**20 - 1
NATIVE = [name for name in kernels.available_variants() if name != "python"]
RANDOM = np.random.default_rng(9)
VECTORS = [RANDOM.integers(-Q, Q, 5 * 16384 + 77, dtype=np.int32, endpoint=True) for _ in range(35)]
BYTES = RANDOM.bytes(700_001)
CALLS: list[tuple[Any, ...]] = [
    ("weighted_sum", VECTORS, list(range(35))),
    ("coordinate_median", VECTORS),
    ("trimmed_sum", VECTORS, 7),
    ("nearest_sum", VECTORS[:9], 3),
    ("pairwise_sqdist", VECTORS),
    ("sha256_chunks", BYTES, 4096),
    ("sha256_chunks", BYTES, 100),
    ("sha256_chunks", BYTES, 600_000),
    ("sha256_chunks", BYTES[:64], 4096),
    ("ssz_merkleize", BYTES[: 32 * 20000], 2**15),
    ("ssz_merkleize", BYTES[: 32 * 4097], 2**40),
    ("ssz_merkleize", BYTES[: 32 * 2048], 2048),
    ("ssz_merkleize", BYTES[: 32 * 2049], 2049),
]


@pytest.mark.parametrize("variant", NATIVE)
@pytest.mark.parametrize("threads", [2, 3, 8])
def test_same_bytes(variant: str, threads: int) -> None:
    """Any number of threads, more than there are parts too, gives what one thread gives."""
    for kernel, *arguments in CALLS:
        with kernels.use_threads(threads):
            shared = outcome(variant, kernel, *arguments)
        assert shared == outcome(variant, kernel, *arguments), kernel


@pytest.mark.parametrize("variant", NATIVE)
def test_same_refusal(variant: str) -> None:
    """Whichever thread meets a fault first, the first vector that has one is named, and its first index."""
    vectors = [vector.copy() for vector in VECTORS[:5]]
    vectors[1][70_000] = vectors[3][5] = Q + 1
    for kernel, *arguments in (("coordinate_median",), ("trimmed_sum", 1), ("pairwise_sqdist",)):
        with kernels.use_threads(4):
            _, detail = outcome(variant, kernel, vectors, *arguments)
        assert detail.startswith(f"coordinate 70000 is {Q + 1}")


@pytest.mark.parametrize("variant", NATIVE)
def test_levels_of_subtrees(variant: str) -> None:
    """Trees of a few subtrees of 2048 chunks, whole or not, have the roots of the twin."""
    for count in (2047, 2048, 2049, 4096, 4097, 6000):
        data = BYTES[: 32 * count]
        for limit in (count, 2**13, 2**40):
            assert outcome(variant, "ssz_merkleize", data, limit) == outcome("python", "ssz_merkleize", data, limit)


def test_threads_in_threads(variant: str) -> None:
    """Callers in several threads that each share their work do not disturb one another."""
    vectors = [vector[:40_000] for vector in VECTORS[:6]] if variant != "python" else [v[:50] for v in VECTORS[:6]]
    wanted = outcome(variant, "coordinate_median", vectors)

    def work(_: int) -> bool:
        with kernels.use_threads(2):
            return outcome(variant, "coordinate_median", vectors) == wanted

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(20)))


ONE_BLAS_THREAD = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
FORKED = """
import os, signal
import numpy as np
from bcfl_ref import kernels
tasks = "/proc/self/task"
vectors = [np.arange(200_000, dtype=np.int32)] * 3
def median():
    with kernels.use_threads(4):
        return kernels.coordinate_median(vectors).tobytes()
wanted = median()
child = os.fork()
if child == 0:
    signal.alarm(30)
    alone = os.path.exists(tasks) and len(os.listdir(tasks)) == 1
    same = median() == wanted
    os._exit(0 if same and (not alone or len(os.listdir(tasks)) == 4) else 1)
raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.skipif(not NATIVE, reason="threads belong to the compiled module")
def test_child_has_threads_of_its_own() -> None:
    """A child that a process leaves behind after kernels used threads has none of them, and makes its own."""
    subprocess.run([sys.executable, "-c", FORKED], env=ONE_BLAS_THREAD, check=True, timeout=60)


SIGNALLED = """
import os, signal, time
import numpy as np
from bcfl_ref import kernels
with kernels.use_threads(4):
    kernels.coordinate_median([np.arange(200_000, dtype=np.int32)] * 3)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
os.kill(os.getpid(), signal.SIGTERM)
time.sleep(0.1)
assert signal.sigwait({signal.SIGTERM}) == signal.SIGTERM
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs signals of POSIX")
@pytest.mark.skipif(not NATIVE, reason="threads belong to the compiled module")
def test_signals_stay_with_the_host() -> None:
    """A signal that every thread of the host blocks waits for the host, though threads of the kernels exist."""
    subprocess.run([sys.executable, "-c", SIGNALLED], env=ONE_BLAS_THREAD, check=True, timeout=60)


def test_count_is_local_and_nests() -> None:
    """A count holds in its block and thread; variants nest in counts and counts in variants; tables do not change."""
    table, seen = kernels.kernel_table(), []
    with kernels.use_threads(3):
        assert kernels.kernel_table() == table
        with kernels.use_variant("python"):
            assert kernels._active().threads == 3
            with kernels.use_threads(2):
                assert (kernels.active_variant(), kernels._active().threads) == ("python", 2)
        thread = threading.Thread(target=lambda: seen.append(kernels._active().threads))
        thread.start()
        thread.join()
        with kernels.use_threads(1):
            assert kernels._active().threads == 1
            assert kernels.kernel_table() == table
    assert seen == [1]
    assert kernels._active().threads == 1


@pytest.mark.parametrize("count", [0, -1, 257, 2**70, 1.5, True, "2", None])
def test_count_out_of_range(count: Any) -> None:
    """Fewer than one thread, more than 256, or what is no integer is one clear line."""
    with pytest.raises(UsageError, match=f"{count} threads"), kernels.use_threads(count):
        pass
