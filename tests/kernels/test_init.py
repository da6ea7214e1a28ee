"""The facade: which variant runs, how it is forced, and what happens without the compiled module."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from bcfl_ref import kernels
from bcfl_ref.errors import UsageError

ORDER = ["python", "portable", "avx2", "shani", "avx512", "avx512ifma"]
NATIVE = [name for name in kernels.available_variants() if name != "python"]
SOURCES = Path(kernels.__file__).parents[2]  # the tree or the installation, whichever is under test


def in_process(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a fresh interpreter; BCFL_* of this process does not reach it."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("BCFL_")}
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**clean, "PYTHONPATH": str(SOURCES), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


# Stands for an installation without the compiled module, whatever is installed here.
WITHOUT_NATIVE = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name == "bcfl_ref.kernels._native":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Missing())
"""


def test_variants_are_ordered() -> None:
    """The list is in the documented order, begins with the twins, and its last entry is the default."""
    available = kernels.available_variants()
    assert list(available) == [name for name in ORDER if name in available]
    assert available[0] == "python"
    result = in_process("from bcfl_ref import kernels; print(kernels.active_variant())")
    assert result.stdout.strip() == available[-1], result.stderr
    assert set(kernels.variant_descriptions()) == set(available)


@pytest.mark.parametrize("name", kernels.available_variants())
def test_forced_by_environment(name: str) -> None:
    """BCFL_KERNELS makes exactly this variant run, and its table shows nothing above it."""
    result = in_process(
        "from bcfl_ref import kernels; print(kernels.active_variant(), *kernels.kernel_table().values())",
        BCFL_KERNELS=name,
    )
    active, *serving = result.stdout.split()
    assert active == name, result.stderr
    assert all(ORDER.index(variant) <= ORDER.index(name) for variant in serving)


def test_default_avoids_what_loses_to_the_twin() -> None:
    """Where nothing better than plain C++ hashes, the default leaves it to the twin, and says so; forced, it runs."""
    code = """
import types
from bcfl_ref import kernels
context = types.SimpleNamespace(sha256_chunks=None, quantize=None, kernel_variant=lambda kernel: "portable")
kernels._native_module = types.SimpleNamespace(
    variants=lambda: [("portable", "", True)],
    kernels=lambda: ["quantize", "sha256_chunks"],
    Context=lambda name: context,
)
table = kernels.kernel_table()
print(kernels.active_variant(), table["quantize"], table["sha256_chunks"])
"""
    assert in_process(code).stdout.split() == ["portable", "portable", "python"]
    assert in_process(code, BCFL_KERNELS="portable").stdout.split() == ["portable"] * 3


def test_inheritance(variant: str) -> None:
    """A kernel takes the highest implementation not above the forced variant, the twin where there is none."""
    vector = ["portable", "avx2", "avx512"]
    hashing = ["portable", "avx2", "shani", "avx512"]
    has = {
        "quantize": vector,
        "dequantize": vector,
        "domain_check": vector,
        "weighted_sum": vector,
        "div_round": vector,
        "coordinate_median": vector,
        "trimmed_sum": vector,
        "nearest_sum": vector,
        "pairwise_sqdist": [*vector, "avx512ifma"],
        "clip_l2": ["portable", "avx512ifma"],
        "sha256_chunks": hashing,
        "ssz_merkleize": hashing,
        "mask_add": vector,
        "mask_add_many": vector,
        "shamir_share": vector,
        "shamir_reconstruct": vector,
        "packed_share": vector,
        "packed_reconstruct": vector,
        "discrete_gaussian": ["portable"],
    }
    available = kernels.available_variants()
    with kernels.use_variant(variant):
        table = kernels.kernel_table()
    for kernel, serving in table.items():
        runnable = [name for name in has.get(kernel, []) if name in available]
        allowed = ["python", *(name for name in runnable if ORDER.index(name) <= ORDER.index(variant))]
        assert serving == (allowed[-1] if variant != "python" else "python"), kernel


@pytest.mark.skipif(not NATIVE, reason="the compiled module is not installed")
def test_forced_variant_really_runs() -> None:
    """A native variant is native code: it is done long before the twin, which needs seconds, could be."""
    values = np.ones(4_000_000, dtype=np.float32)
    for name in NATIVE:
        with kernels.use_variant(name):
            start = time.perf_counter()
            kernels.quantize(values, 10)
            assert time.perf_counter() - start < 0.5, name


@pytest.mark.skipif(not NATIVE, reason="the compiled module is not installed")
def test_table_agrees_with_the_native_context() -> None:
    """What the table says is what the compiled context itself reports for each kernel."""
    from bcfl_ref.kernels import _native

    for name in NATIVE:
        context = _native.Context(name)
        assert context.variant == name
        with kernels.use_variant(name):
            table = kernels.kernel_table()
        for kernel in _native.kernels():
            assert table[kernel] == context.kernel_variant(kernel)
    with pytest.raises(ValueError, match="VARIANT_UNKNOWN: abacus"):
        _native.Context("abacus")
    with pytest.raises(KeyError):
        _native.Context(NATIVE[0]).kernel_variant("alchemy")


@pytest.mark.skipif(not NATIVE, reason="the compiled module is not installed")
def test_native_module_called_directly_never_crashes() -> None:
    """Past the facade, unfit buffers are exceptions too."""
    from bcfl_ref.kernels import _native

    context, ints = _native.Context(NATIVE[-1]), np.ones(4, dtype=np.int32)
    for call in (
        lambda: context.quantize(ints, 3),  # type: ignore[arg-type]
        lambda: context.quantize(np.zeros(4, dtype=">f4"), 3),
        lambda: context.quantize(b"abcd", 3),  # type: ignore[arg-type]
        lambda: context.quantize(7, 3),  # type: ignore[arg-type]
        lambda: context.weighted_sum([ints.astype(np.int64)], [1]),  # type: ignore[list-item]
        lambda: context.weighted_sum([ints], ["1"]),  # type: ignore[list-item]
        lambda: context.sha256_chunks("text", 4),  # type: ignore[arg-type]
        lambda: context.dequantize(ints.astype(np.float32), 4),  # type: ignore[arg-type]
        lambda: context.domain_check(b"abcd"),  # type: ignore[arg-type]
        lambda: context.div_round(ints, 1, 1),  # type: ignore[arg-type]
        lambda: context.div_round(ints.astype(np.int64), -1, 1),
        lambda: context.clip_l2(7, 1),  # type: ignore[arg-type]
        lambda: context.pairwise_sqdist([ints, "text"]),  # type: ignore[list-item]
        lambda: context.coordinate_median(7),  # type: ignore[arg-type]
        lambda: context.ssz_merkleize("text", 4),  # type: ignore[arg-type]
    ):
        with pytest.raises((TypeError, RuntimeError)):
            call()
    for vectors in ([ints, ints[:2]], [ints]):
        with pytest.raises(ValueError):
            context.weighted_sum(vectors, [1] * (3 - len(vectors)))
    with pytest.raises((BufferError, ValueError)):
        context.weighted_sum([np.ones(8, dtype=np.int32)[::2]], [1])


def test_unknown_name() -> None:
    """A name that does not exist is one clear line, from the environment and from the context manager."""
    with (
        pytest.raises(UsageError, match=r"'abacus' does not exist.*available: python"),
        kernels.use_variant("abacus"),
    ):
        pass
    code = """
from bcfl_ref import kernels
from bcfl_ref.errors import UsageError
try:
    kernels.sha256_chunks(b"x")
except UsageError as error:
    print(error)
"""
    result = in_process(code, BCFL_KERNELS="abacus")
    assert result.stdout.startswith("kernel variant 'abacus' does not exist"), result.stderr
    assert result.stdout.count("\n") == 1


def test_name_that_cannot_run_here() -> None:
    """A variant that the build knows and the machine cannot run is an error, never a silent substitute."""
    code = """
import types
from bcfl_ref import kernels
from bcfl_ref.errors import UsageError
kernels._native_module = types.SimpleNamespace(variants=lambda: [("avx512", "", False)])
try:
    kernels.active_variant()
except UsageError as error:
    print(error)
"""
    result = in_process(code, BCFL_KERNELS="avx512")
    assert "'avx512' cannot run on this machine; available: python" in result.stdout, result.stderr


def test_pure_installation() -> None:
    """Without the compiled module the twins run, and asking for a native variant is an error."""
    report = "from bcfl_ref import kernels; print(kernels.available_variants(), set(kernels.kernel_table().values()))"
    result = in_process(WITHOUT_NATIVE + report)
    assert result.stdout.strip() == "('python',) {'python'}", result.stderr
    result = in_process(
        WITHOUT_NATIVE + "from bcfl_ref import kernels; kernels.active_variant()", BCFL_KERNELS="portable"
    )
    assert "UsageError: kernel variant 'portable' does not exist in this installation" in result.stderr


def test_require_native() -> None:
    """With BCFL_REQUIRE_NATIVE=1 a missing compiled module is an error at import; 0 means no."""
    result = in_process(WITHOUT_NATIVE + "import bcfl_ref.kernels", BCFL_REQUIRE_NATIVE="1")
    assert "ImportError: BCFL_REQUIRE_NATIVE is set" in result.stderr
    assert in_process(WITHOUT_NATIVE + "import bcfl_ref.kernels", BCFL_REQUIRE_NATIVE="0").returncode == 0


@pytest.mark.parametrize(
    "failure",
    ["ImportError('undefined symbol', name=name)", "ModuleNotFoundError('No module named numpy', name='numpy')"],
)
def test_broken_module_surfaces(failure: str) -> None:
    """A compiled module that is there but does not load is never taken for a missing one."""
    code = f"""
import sys
class Broken:
    def find_spec(self, name, path=None, target=None):
        if name == "bcfl_ref.kernels._native":
            raise {failure}
sys.meta_path.insert(0, Broken())
import bcfl_ref.kernels
"""
    result = in_process(code)
    assert result.returncode == 1
    assert failure.split("'")[1] in result.stderr


def test_older_module_without_a_kernel() -> None:
    """A compiled module of the same version that does not know a kernel yet leaves it to the twin."""
    code = """
import types
from bcfl_ref import kernels
context = types.SimpleNamespace(quantize=None, kernel_variant=lambda kernel: "avx2")
kernels._native_module = types.SimpleNamespace(
    variants=lambda: [("avx2", "", True)], kernels=lambda: ["quantize"], Context=lambda name: context
)
table = kernels.kernel_table()
print(table["quantize"], table["coordinate_median"], kernels.sha256_chunks(b"abc").hex()[:4])
"""
    assert in_process(code).stdout.split() == ["avx2", "python", "ba78"]


def test_other_abi_version() -> None:
    """A compiled module left over from another version is refused at import."""
    code = """
import sys, types
stale = types.ModuleType("bcfl_ref.kernels._native")
stale.abi_version = lambda: 0
sys.modules[stale.__name__] = stale
import bcfl_ref.kernels
"""
    assert "install the package again" in in_process(code).stderr


def test_use_variant_is_local_and_nests() -> None:
    """A forced variant holds in its block and thread only, and an exception ends it too."""
    before = kernels.active_variant()
    seen: list[str] = []
    with kernels.use_variant("python"):
        with kernels.use_variant(kernels.available_variants()[-1]):
            assert kernels.active_variant() == kernels.available_variants()[-1]
        assert kernels.active_variant() == "python"
        thread = threading.Thread(target=lambda: seen.append(kernels.active_variant()))
        thread.start()
        thread.join()
    assert seen == [before]
    with pytest.raises(KeyError), kernels.use_variant("python"):
        raise KeyError
    assert kernels.active_variant() == before


def test_threads_share_the_kernels(variant: str) -> None:
    """Calls from several threads at once, each with its own buffers, do not disturb one another."""

    def work(seed: int) -> bool:
        vectors = [np.full(20_000 if variant != "python" else 50, seed + n, dtype=np.int32) for n in range(5)]
        with kernels.use_variant(variant):
            sums = kernels.weighted_sum(vectors, [1, 2, 3, 4, 5])
        return bool((sums == 15 * seed + 40).all())

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(40)))


@pytest.mark.skipif(not NATIVE, reason="the compiled module is not installed")
def test_native_calls_release_the_interpreter() -> None:
    """While one thread is inside a kernel, another one goes on: no pause of it lasts nearly as long as the call."""
    data, started, durations = bytes(40 * 2**20), threading.Event(), []

    def work() -> None:
        started.set()
        start = time.perf_counter()
        with kernels.use_variant("portable"):
            kernels.sha256_chunks(data)
        durations.append(time.perf_counter() - start)

    thread = threading.Thread(target=work)
    thread.start()
    started.wait()
    longest_pause, before = 0.0, time.perf_counter()
    while thread.is_alive():
        now = time.perf_counter()
        longest_pause, before = max(longest_pause, now - before), now
    thread.join()
    assert longest_pause < durations[0] / 2


def test_functions_keep_their_signature() -> None:
    """The public functions carry the twin's name, signature and documentation."""
    import inspect

    assert set(kernels.kernel_table()) <= set(kernels.__all__)
    for name in kernels.kernel_table():
        public, twin = getattr(kernels, name), kernels._twins[name]
        assert inspect.signature(public) == inspect.signature(twin)
        assert public.__doc__ == twin.__doc__
