"""The library for 64-bit Arm: cross-compiled, and its tests run under the emulator of user programs."""

from __future__ import annotations

from pathlib import Path

from native.building import ROOT, configure, run, tool


def test_cross_build_passes_its_tests(tmp_path: Path) -> None:
    """Portable, NEON and SHA-256 kernels agree on an emulated processor; needs a cross compiler and the emulator."""
    tool("aarch64-linux-gnu-g++")
    emulator = tool("qemu-aarch64")
    toolchain = ROOT / "cpp" / "cmake" / "aarch64-linux-gnu.cmake"
    configure(
        ROOT, tmp_path, f"-DCMAKE_TOOLCHAIN_FILE={toolchain}", "-DBCFL_BUILD_TESTS=ON", "-DBCFL_WARNINGS_AS_ERRORS=ON"
    )
    for name in ("c_abi_test", "threads_test", "internals_test"):
        output = run(emulator, "-L", "/usr/aarch64-linux-gnu", tmp_path / "cpp" / "tests" / name)
    assert output.split() == ["portable", "neon", "armsha"]
