"""The kernels for graphics processors: they compile where the compiler is, and run where a device is."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from native.building import ON_LINUX_X86, ROOT, attempt, build_once, configure, run, tool
from native.ptx.host import Fault, Played, build_host, ptx_of
from native.ptx.machine import Counts
from native.ptx.text import parse

SOURCE: Final = ROOT / "cpp" / "cuda" / "bcfl_cuda.cu"


def test_what_the_threads_compute(build: Path) -> None:
    """The bodies of the device's threads, run on this processor, give the library's numbers."""
    run(build / "cpp" / "tests" / "cuda_bodies_test")


@pytest.mark.parametrize("name", ["played_cuda_test", "played_cuda_host_test"])
def test_whole_calls_on_a_played_device(build: Path, name: str) -> None:
    """Launches, copies and streams are right on a runtime that this processor plays, also when a call of it fails."""
    if not ON_LINUX_X86:
        pytest.skip("the runtime is played on Linux")
    run(build / "cpp" / "tests" / name)


@pytest.fixture(scope="session")
def cuda_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library with its kernels for graphics processors, warnings as errors, installed under `prefix`."""
    tool("nvcc")
    switches = ["-DBCFL_CUDA=ON", "-DBCFL_BUILD_TESTS=ON", "-DBCFL_WARNINGS_AS_ERRORS=ON"]
    return build_once(tmp_path_factory, "cuda", *switches, "-DCMAKE_CUDA_ARCHITECTURES=75")


def test_compiles_and_runs_on_a_device(cuda_build: Path) -> None:
    """Every kernel of the device gives the library's bytes and refusals; skipped, with the reason, where none is."""
    result = attempt(cuda_build / "cpp" / "tests" / "cuda_test")
    if result.returncode == 77:
        pytest.skip(f"compiled; {result.stdout.strip()}")
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("architecture", [75, 80, 90, 100])
def test_registers_hold_what_threads_compute(architecture: int, tmp_path: Path) -> None:
    """No kernel needs local memory: neither for an array with computed places nor for want of registers."""
    options = ("-std=c++17", "-O3", f"-I{ROOT / 'cpp' / 'include'}", "-cubin", "-Xptxas", "-v")
    target = f"-arch=sm_{architecture}"
    report = attempt(tool("nvcc"), *options, target, SOURCE, "-o", tmp_path / "cubin").stderr
    if "Unsupported gpu architecture" in report:
        pytest.skip(report.strip())
    names = re.findall(r"Compiling entry function '\w+'", report)
    stacks = re.findall(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads", report)
    assert len(names) > 20 and len(stacks) == len(names), report
    assert set(stacks) == {("0", "0", "0")}, report


def calls(device: Played) -> list[Counts]:
    """Launches of all functions, with numbers at places that wide loads can read."""
    chance, fault, launches = np.random.default_rng(1), Fault(0, 0), []

    def call(name: str, *arguments: Any) -> None:
        status, counts = device.call(f"bcfl_cuda_host_{name}", *arguments)
        assert status == 0, name
        launches.extend(counts)

    for n, count in ((2, 2304), (9, 512), (33, 256), (100, 64)):
        vectors = list(chance.integers(-9, 9, (n, count), dtype=np.int32))
        sums, medians, squares = np.zeros(count, np.int64), np.zeros(count, np.int32), np.zeros(2 * n * n, np.uint64)
        call("weighted_sum", vectors, np.ones(n, np.uint32), n, count, sums, count, fault)
        call("coordinate_median", vectors, n, count, medians, count, fault)
        call("trimmed_sum", vectors, n, count, (n - 1) // 2, sums, count, fault)
        call("pairwise_sqdist", vectors, n, count, squares, squares.size, fault)
    for kind in (np.uint32, np.uint64):
        words = np.arange(4096, dtype=kind)
        call(f"mask_add_u{8 * words.itemsize}", words, words.size, bytes(32), bytes(12), 0, words, words.size)
    secrets, shares = np.arange(256, dtype=np.uint64), np.zeros(5 * 256, np.uint64)
    call("shamir_share", secrets, secrets.size, 5, 5, bytes(32), shares, shares.size, fault)
    call("sha256_chunks", bytes(8192), 8192, 128, np.zeros(2048, np.uint8), 2048)
    return launches


def test_sectors_are_used_wholly(build: Path, tmp_path: Path) -> None:
    """Every warp uses all of the 32 bytes at a time that it fetches or writes, but for what all its threads share.

    A thread hashes a chunk of its own: there each sector is used wholly, by two loads in a row. Sums of pairs are
    few and go where they belong.
    """
    if not ON_LINUX_X86:
        pytest.skip("the runtime is played on Linux")
    host = build_host(SOURCE, build / "cpp" / "libbcfl.a", tmp_path)
    launches = calls(Played(host, parse(ptx_of(SOURCE, 90, tmp_path))))
    for counts in launches:
        if counts.kernel == "hash":
            for traffic in (counts.loads, counts.stores):
                assert traffic.bytes_distinct == 32 * traffic.sectors_distinct, counts
            continue
        for access in counts.accesses:
            of_pairs = "squares" in counts.kernel and ".v4" not in access.text
            shared = access.bytes_used <= 8 * access.requests
            assert of_pairs or shared or access.bytes_used == 32 * access.sectors, (counts.kernel, access)


def test_bench_runs_beside_what_is_installed(build: Path) -> None:
    """benchmarks/device.py plays the bench and says which peers are missing; a missing program is one line."""
    if not ON_LINUX_X86:
        pytest.skip("the runtime is played on Linux")
    script = ROOT / "benchmarks" / "device.py"
    report = run(sys.executable, script, build / "cpp" / "tests" / "played_cuda_bench")
    assert "weighted sum, n=100" in report and "% of a copy" in report
    missing = attempt(sys.executable, script, build / "missing")
    assert missing.returncode == 2 and missing.stderr.count("\n") == 1 and "cannot run" in missing.stderr


def test_installed_component(cuda_build: Path, tmp_path: Path) -> None:
    """`find_package(bcfl COMPONENTS cuda)` gives bcfl::bcfl_cuda, and an example builds; so does pkg-config."""
    prefix = cuda_build / "prefix"
    configure(ROOT / "cpp" / "examples", tmp_path, f"-DCMAKE_PREFIX_PATH={prefix}")
    assert run(tmp_path / "device") in ("no device\n", "2 5 -3\n")
    folder = next(prefix.rglob("bcfl-cuda.pc")).parent
    flags = run(tool("pkg-config"), "--cflags", "--libs", "bcfl-cuda", PKG_CONFIG_PATH=str(folder)).split()
    run(tool("cc"), ROOT / "cpp" / "examples" / "device.c", *flags, "-o", tmp_path / "by_hand")


def test_a_missing_component_is_named(build: Path, tmp_path: Path) -> None:
    """A package that was installed without it says so when the component is required."""
    text = f'project(asking LANGUAGES NONE)\nset(bcfl_DIR "{next((build / "prefix").rglob("cmake/bcfl"))}")\n'
    lists = "cmake_minimum_required(VERSION 3.18)\n" + text + "find_package(bcfl REQUIRED COMPONENTS cuda)\n"
    (tmp_path / "CMakeLists.txt").write_text(lists)
    result = attempt(tool("cmake"), "-S", tmp_path, "-B", tmp_path / "build")
    assert result.returncode != 0
    assert "without its component cuda" in result.stderr


def test_header_declares_what_the_file_defines() -> None:
    """Both forms of the seven kernels are declared, and nothing that is not defined."""
    header = (ROOT / "cpp" / "include" / "bcfl" / "bcfl_cuda.h").read_text()
    source = (ROOT / "cpp" / "cuda" / "bcfl_cuda.cu").read_text()
    names = set(re.findall(r"\b(bcfl_cuda_\w+)\(", header))
    sums = ("weighted_sum", "coordinate_median", "trimmed_sum", "pairwise_sqdist")
    others = ("mask_add_u32", "mask_add_u64", "shamir_share", "sha256_chunks")
    assert names >= {f"bcfl_cuda_{form}{name}" for name in sums + others for form in ("", "host_")}
    assert all(re.search(rf"^(?:bcfl_status|size_t|int) {name}\(", source, re.MULTILINE) for name in names)
