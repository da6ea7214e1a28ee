"""The kernels for graphics processors: they compile where the compiler is, and run where a device is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from native.building import ROOT, attempt, configure, run, tool


def test_what_the_threads_compute(build: Path) -> None:
    """The bodies of the device's threads, run on this processor, give the library's numbers."""
    run(build / "cpp" / "tests" / "cuda_bodies_test")


def test_compiles_and_runs_on_a_device(tmp_path: Path) -> None:
    """Every kernel of the device gives the library's bytes and refusals; skipped, with the reason, where none is."""
    tool("nvcc")
    configure(ROOT, tmp_path, "-DBCFL_CUDA=ON", "-DBCFL_BUILD_TESTS=ON", "-DCMAKE_CUDA_ARCHITECTURES=75")
    result = attempt(tmp_path / "cpp" / "tests" / "cuda_test")
    if result.returncode == 77:
        pytest.skip(f"compiled; {result.stdout.strip()}")
    assert result.returncode == 0, result.stderr


def test_header_declares_what_the_file_defines() -> None:
    """Both forms of the seven kernels are declared, and nothing that is not defined."""
    header = (ROOT / "cpp" / "include" / "bcfl" / "bcfl_cuda.h").read_text()
    source = (ROOT / "cpp" / "cuda" / "bcfl_cuda.cu").read_text()
    names = set(re.findall(r"\b(bcfl_cuda_\w+)\(", header))
    sums = ("weighted_sum", "coordinate_median", "trimmed_sum", "pairwise_sqdist")
    others = ("mask_add_u32", "mask_add_u64", "shamir_share", "sha256_chunks")
    assert names >= {f"bcfl_cuda_{form}{name}" for name in sums + others for form in ("", "host_")}
    assert all(re.search(rf"^(?:bcfl_status|size_t|int) {name}\(", source, re.MULTILINE) for name in names)
