"""The kernels for graphics processors: they compile where the compiler is, and run where a device is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from native.building import ON_LINUX_X86, ROOT, attempt, build_once, configure, run, tool


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
