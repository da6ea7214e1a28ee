"""What a run depended on beyond its config: a float run is repeatable under one fingerprint, not beyond it."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from .. import kernels
from .datasets import Dataset
from .trainers import one_blas_thread

PACKAGES = ("bcfl-ref", "numpy", "scipy", "scikit-learn", "torch", "ssz", "py-arkworks-bls12381")


def fingerprint(dataset: Dataset | None = None) -> dict[str, str]:
    """Versions, processor class, BLAS and its threads, kernels and data, as plain text by name."""
    found = {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": processor(),
        "byte order": sys.byteorder,
        "kernels": kernels.active_variant(),
        **{name: installed for name in PACKAGES if (installed := _version(name))},
        **_blas_libraries(),
    }
    if dataset is not None:
        found["dataset"] = f"{dataset.name} {dataset.content_sha256[:16]}"
        found["dataset file"] = f"{dataset.file_sha256[:16]} ({'known' if dataset.file_known else 'another'} release)"
    return found


def processor() -> str:
    """The processor's model name where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith(("model name", "CPU part"))]
    return names[0] if names else platform.processor() or "unknown"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _blas_libraries() -> dict[str, str]:
    from threadpoolctl import threadpool_info

    with one_blas_thread():
        libraries = [entry for entry in threadpool_info() if entry["user_api"] == "blas"]
    lines = [
        f"{entry['internal_api']} {entry['version']} for {entry.get('architecture', 'unknown')}, "
        f"{entry['num_threads']} thread"
        for entry in libraries
    ]
    return {"blas": "; ".join(sorted(set(lines)))} if lines else {}
