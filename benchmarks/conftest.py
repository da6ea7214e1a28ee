"""The limits of the machine, what it is, and where the results go: results.json, from which report.py makes the page.

pytest -c benchmarks/pytest.ini benchmarks [--seconds 1.5] [-k WORD] [--results benchmarks/results.json]
"""

from __future__ import annotations

import ctypes
import importlib.metadata
import json
import os
import platform
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# One thread for BLAS, before NumPy reads it.
os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")

import limits
import pytest
from bcfl_ref import kernels

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of glibc's mallopt(3)
PACKAGES = ("numpy", "scipy", "flwr", "cryptography", "opendp", "pytest-benchmark")
HERE = Path(__file__).parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seconds", type=float, default=1.5, help="for each contest, apart from its first calls")
    parser.addoption("--results", type=Path, default=HERE / "results.json")


def keep_freed_memory() -> None:
    """Results of up to 32 MiB, of all contenders, go to pages that the process has had before.

    Fresh ones cost more than most kernels: whenever another contender gave pages back, they would be the result.
    """
    if platform.libc_ver()[0] == "glibc":
        libc = ctypes.CDLL(None)
        kept = libc.mallopt(M_MMAP_THRESHOLD, 32 << 20), libc.mallopt(M_TRIM_THRESHOLD, 2**31 - 1)
        if kept != (1, 1):
            raise RuntimeError(f"mallopt answers {kept}")


keep_freed_memory()


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def machine() -> dict[str, object]:
    import ssl

    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "load before": os.getloadavg()[0],
        "system": platform.system(),
        "python": platform.python_version(),
        "openssl of hashlib": ssl.OPENSSL_VERSION,
        **{package: version(package) for package in PACKAGES},
        "kernels": kernels.kernel_table(),
    }


@pytest.fixture(scope="session")
def results(request: pytest.FixtureRequest) -> Iterator[list[dict[str, Any]]]:
    """Gets one entry a contest; written when the last one is over."""
    start = time.monotonic()
    about, before, found = machine(), limits.measured(), []
    yield found
    # Whichever is higher, so that a moment of rest in the middle does not make fractions above one.
    rates = {name: max(before[name], again) for name, again in limits.measured().items()}
    about["load after"] = os.getloadavg()[0]
    about["minutes"] = round((time.monotonic() - start) / 60, 1)
    content = {"machine": about, "limits": rates, "results": found}
    request.config.getoption("--results").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
