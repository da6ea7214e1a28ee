"""The C library as its users build it: configure, test, install, link from C; and no copy leaks from an ISA file."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

USER = r"""
#include <bcfl/bcfl.h>
#include <stdio.h>
int main(void) {
    bcfl_context context;
    uint8_t digest[BCFL_DIGEST_BYTES];
    if (bcfl_context_init(&context, NULL) != BCFL_OK) return 1;
    if (bcfl_sha256_chunks(&context, (const uint8_t *)"abc", 3, 4096, digest, sizeof digest) != BCFL_OK) return 2;
    printf("%02x%02x\n", digest[0], digest[1]);
    return 0;
}
"""


def tool(name: str) -> str:
    """A build tool from the path or from this interpreter's environment; the test is skipped without it."""
    found = shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def run(*command: str | Path, **environment: str) -> str:
    result = subprocess.run(
        [str(part) for part in command],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert result.returncode == 0, f"{command}:\n{result.stdout}\n{result.stderr}"
    return result.stdout


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library and its tests, warnings as errors, installed under `prefix`."""
    cmake = tool("cmake")
    tool("cc")
    tool("c++")
    folder = tmp_path_factory.mktemp("build")
    generator = ["-G", "Ninja"] if shutil.which("ninja") else []
    switches = ["-DBCFL_BUILD_TESTS=ON", "-DBCFL_WARNINGS_AS_ERRORS=ON", "-DCMAKE_BUILD_TYPE=Release"]
    run(cmake, "-S", ROOT, "-B", folder, *generator, *switches, f"-DCMAKE_INSTALL_PREFIX={folder / 'prefix'}")
    run(cmake, "--build", folder)
    run(cmake, "--install", folder)
    return folder


@pytest.mark.parametrize("name", ["c_abi_test", "internals_test", "threads_test"])
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


def test_installed_library_serves_a_c_program(build: Path, tmp_path: Path) -> None:
    """A C program finds header and library under the prefix and links them with the C compiler alone."""
    (tmp_path / "user.c").write_text(USER)
    library = next((build / "prefix").rglob("libbcfl.a"))
    include = f"-I{build / 'prefix' / 'include'}"
    run(
        tool("cc"), "-std=c99", "-pedantic", "-Werror", include, tmp_path / "user.c", library, "-o", tmp_path / "user"
    )
    assert run(tmp_path / "user") == "ba78\n"


def test_installed_library_is_found_by_cmake(build: Path, tmp_path: Path) -> None:
    """`find_package(bcfl)` gives the target bcfl::bcfl."""
    (tmp_path / "user.c").write_text(USER)
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.18)\nproject(user LANGUAGES C)\nfind_package(bcfl CONFIG REQUIRED)\n"
        "add_executable(user user.c)\ntarget_link_libraries(user PRIVATE bcfl::bcfl)\n"
    )
    cmake = tool("cmake")
    run(cmake, "-S", tmp_path, "-B", tmp_path / "build", f"-DCMAKE_PREFIX_PATH={build / 'prefix'}")
    run(cmake, "--build", tmp_path / "build")
    assert run(tmp_path / "build" / "user") == "ba78\n"


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


def test_wheel_that_requires_native_fails_without_a_compiler(tmp_path: Path) -> None:
    """BCFL_REQUIRE_NATIVE=1 turns a missing compiler into a failed build."""
    result = wheel(tmp_path, BCFL_REQUIRE_NATIVE="1")
    assert result.returncode != 0
    assert "CMake configuration failed" in result.stdout + result.stderr
    assert not list(tmp_path.iterdir())
