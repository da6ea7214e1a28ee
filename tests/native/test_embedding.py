"""What a project outside of this repository gets: a package that CMake and pkg-config find, and nothing else."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from native.building import ROOT, build_once, configure, run, tool

EXAMPLES = ROOT / "cpp" / "examples"
AGGREGATE = """\
1536
261440
1024
0
ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad
DOMAIN_COORDINATE vector 1 index 2
"""
TWO_HOSTS = "ok 1 1, same bytes 1, contexts untouched 1, threads lent 1\n"


@pytest.fixture(scope="session")
def shared_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shared library, installed under `prefix`; not optimised, since only its border matters here."""
    return build_once(tmp_path_factory, "shared", "-DBUILD_SHARED_LIBS=ON", "-DCMAKE_BUILD_TYPE=Debug")


@pytest.fixture(params=["build", "shared_build"])
def prefix(request: pytest.FixtureRequest) -> Path:
    """Where the package was installed, once for each kind of library."""
    folder: Path = request.getfixturevalue(request.param)
    return folder / "prefix"


def pkg_config(prefix: Path, *arguments: str) -> list[str]:
    folder = next(prefix.rglob("bcfl.pc")).parent
    return run(tool("pkg-config"), *arguments, "bcfl", PKG_CONFIG_PATH=str(folder)).split()


def test_examples_build_against_the_installed_package(prefix: Path, tmp_path: Path) -> None:
    """`find_package(bcfl 0.1)` gives bcfl::bcfl, with which the C and the C++ example build, and run as they say."""
    configure(EXAMPLES, tmp_path, f"-DCMAKE_PREFIX_PATH={prefix}")
    assert run(tmp_path / "aggregate") == AGGREGATE
    assert run(tmp_path / "two_hosts") == TWO_HOSTS


def test_example_builds_with_pkg_config(prefix: Path, tmp_path: Path) -> None:
    """The C compiler alone, with what pkg-config says, builds the C example."""
    flags = pkg_config(prefix, "--cflags", "--libs")
    library = next(prefix.rglob("libbcfl.*")).parent
    program = tmp_path / "aggregate"
    strict = ["-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror"]
    run(tool("cc"), *strict, EXAMPLES / "aggregate.c", *flags, f"-Wl,-rpath,{library}", "-o", program)
    assert run(program) == AGGREGATE


def test_version_is_one(prefix: Path) -> None:
    """CMake, pkg-config and the wheel give the library one version."""
    version = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    config = next(prefix.rglob("bcfl-config-version.cmake")).read_text("utf-8")
    assert version is not None
    assert f'PACKAGE_VERSION "{version[1]}"' in config
    assert pkg_config(prefix, "--modversion") == [version[1]]


def declared_functions() -> set[str]:
    header = (ROOT / "cpp" / "include" / "bcfl" / "bcfl.h").read_text("utf-8")
    return set(re.findall(r"^BCFL_API [^;(]*?\b(bcfl_\w+)\(", header, re.MULTILINE))


def test_shared_library_exports_the_header_and_nothing_else(shared_build: Path) -> None:
    """Every function of the header, and no other symbol, can be seen from outside."""
    nm = tool("nm")
    library = next(path for path in (shared_build / "prefix").rglob("libbcfl.so*") if not path.is_symlink())
    lines = run(nm, "--dynamic", "--defined-only", library).splitlines()
    assert len(declared_functions()) > 20
    assert {line.split()[-1] for line in lines} == declared_functions()


def test_two_static_copies_stay_apart(build: Path, tmp_path: Path) -> None:
    """Two plug-ins that each link the static library export none of it, so that neither replaces the other's."""
    if shutil.which("nm") is None:
        pytest.skip("nm is not installed")
    library = next((build / "prefix").rglob("libbcfl.a"))
    source = tmp_path / "plugin.c"
    source.write_text("#include <bcfl/bcfl.h>\nuint32_t plugin_version(void) { return bcfl_abi_version(); }\n")
    include, plugin = f"-I{build / 'prefix' / 'include'}", tmp_path / "plugin.so"
    run(tool("cc"), "-shared", "-fPIC", include, source, library, "-o", plugin)
    exported = {line.split()[-1] for line in run("nm", "-D", "--defined-only", plugin).splitlines()}
    assert exported == {"plugin_version"}
