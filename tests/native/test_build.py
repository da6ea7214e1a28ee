"""The C library passes its own tests, no copy leaks from an ISA file, and wheels exist with and without it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from native.building import ROOT, run, tool


@pytest.mark.parametrize("name", ["c_abi_test", "internals_test", "overlap_test", "small_stack_test", "threads_test"])
def test_native_tests(build: Path, name: str) -> None:
    """The header compiles as C, and the library passes its own tests."""
    run(build / "cpp" / "tests" / name)


def test_isa_files_have_no_weak_symbols(build: Path) -> None:
    """No file compiled for an instruction set holds a shared copy that an older processor could be handed."""
    nm = tool("nm")
    objects = [path for path in build.rglob("*.o") if "/kernels/" in path.as_posix()]
    assert len(objects) >= 3
    for path in objects:
        kinds = {line.split()[-2] for line in run(nm, path).splitlines()}
        assert not kinds & set("WwVvu"), path.name


def test_library_needs_no_cpp_runtime(build: Path) -> None:
    """Every undefined symbol is the library's own or the C library's: no exceptions, allocation or output."""
    nm = tool("nm")
    library = next((build / "prefix").rglob("libbcfl.a"))
    undefined = {line.split()[-1] for line in run(nm, "-u", library).splitlines() if " U " in line}
    allowed = {"memcpy", "memset", "memcmp", "strcmp", "_GLOBAL_OFFSET_TABLE_", "__stack_chk_fail"}
    foreign = {name for name in undefined if "4bcfl" not in name and not name.startswith("bcfl_")}
    assert foreign <= allowed


def wheel(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Build a wheel with a compiler that always fails; the sources are only read."""
    pytest.importorskip("scikit_build_core")
    tool("cmake")
    false = tool("false")
    build = "import scikit_build_core.build as b, sys; print(b.build_wheel(sys.argv[1]))"
    clean = {key: value for key, value in os.environ.items() if not key.startswith("BCFL_")}
    return subprocess.run(
        [sys.executable, "-c", build, str(folder)],
        cwd=ROOT,
        env={**clean, "CC": false, "CXX": false, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_wheel_without_a_compiler_is_pure(tmp_path: Path) -> None:
    """No compiler, no failure: a wheel for any platform that holds the twins."""
    result = wheel(tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    assert [path.name.split("-", 2)[2] for path in tmp_path.iterdir()] == ["py3-none-any.whl"]


def test_wheel_of_sources_that_do_not_compile_is_pure(tmp_path: Path) -> None:
    """The same where the compiler works and the sources do not compile; who requires the module is told."""
    broken = tmp_path / "broken"
    script = f'#!/bin/sh\ncase "$*" in *bcfl.cpp*) exit 1;; esac\nexec {tool("c++")} "$@"\n'
    broken.write_text(script, encoding="utf-8")
    broken.chmod(0o755)
    (tmp_path / "pure").mkdir()
    (tmp_path / "native").mkdir()
    result = wheel(tmp_path / "pure", CC=tool("cc"), CXX=str(broken))
    assert result.returncode == 0, result.stdout + result.stderr
    assert [path.name.split("-", 2)[2] for path in (tmp_path / "pure").iterdir()] == ["py3-none-any.whl"]
    result = wheel(tmp_path / "native", CC=tool("cc"), CXX=str(broken), BCFL_REQUIRE_NATIVE="1")
    assert result.returncode != 0
    assert not list((tmp_path / "native").iterdir())


def test_wheel_that_requires_native_fails_without_a_compiler(tmp_path: Path) -> None:
    """BCFL_REQUIRE_NATIVE=1 turns a missing compiler into a failed build."""
    result = wheel(tmp_path, BCFL_REQUIRE_NATIVE="1")
    assert result.returncode != 0
    assert "CMake configuration failed" in result.stdout + result.stderr
    assert not list(tmp_path.iterdir())
