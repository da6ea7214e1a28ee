"""Every contest, the limits of the machine, and what it is; results.json gets it all, docs/performance.md the table.

python benchmarks/run.py [--seconds 1.5] [--only WORD] [--out benchmarks/results.json]
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import sys
import time
from collections.abc import Iterator
from pathlib import Path

# One thread for BLAS, before NumPy reads it.
os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")

import cases
import limits
import report
import secure_aggregation
from bcfl_ref import kernels
from contest import Contest, race

PACKAGES = ("numpy", "scipy", "flwr", "cryptography", "pycryptodome")
HERE = Path(__file__).parent


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


def contests(word: str) -> Iterator[Contest]:
    for group in cases.ALL:
        if not word or word in group.__name__:
            yield from group()
    if not word or word in "secure_aggregation":
        yield secure_aggregation.contest()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=1.5, help="for each contest, apart from its first calls")
    parser.add_argument("--only", default="", help="groups whose name contains this")
    parser.add_argument("--out", type=Path, default=HERE / "results.json")
    options = parser.parse_args()
    start = time.monotonic()
    about = machine()
    results = []
    rates = limits.measured()
    for contest in contests(options.only):
        times = race(contest, options.seconds)
        results.append(
            {
                "kernel": contest.kernel,
                "case": contest.case,
                "bytes": contest.bytes,
                "limit": contest.limit,
                "work": contest.work,
                "notes": contest.notes,
                "peers": list(contest.peers),
                "times": times,
            }
        )
        print(f"{time.monotonic() - start:6.1f} s  {report.line(results[-1], rates)}", file=sys.stderr, flush=True)
    # Whichever is higher, so that a moment of rest in the middle does not make fractions above one.
    rates = {
        name: max(rate, again) for (name, rate), again in zip(rates.items(), limits.measured().values(), strict=True)
    }
    about["load after"] = os.getloadavg()[0]
    about["minutes"] = round((time.monotonic() - start) / 60, 1)
    content = {"machine": about, "limits": rates, "results": results}
    options.out.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    print(f"wrote {options.out}", file=sys.stderr)


if __name__ == "__main__":
    main()
