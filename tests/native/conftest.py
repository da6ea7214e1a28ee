"""One optimised build of the library for every test of this folder: the library, its tests, what watches it."""

from __future__ import annotations

from pathlib import Path

import pytest
from native.building import ON_LINUX_X86, build_once


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The static library as it is shipped, warnings as errors, installed under `prefix`."""
    switches = ["-DBCFL_BUILD_TESTS=ON", "-DBCFL_WARNINGS_AS_ERRORS=ON", "-DCMAKE_BUILD_TYPE=Release"]
    if ON_LINUX_X86:
        switches.append("-DBCFL_BUILD_CONSTANT_TIME=ON")
    return build_once(tmp_path_factory, "build", *switches)
