"""`python -m bcfl_ref.formal pin [PREFIX] [--deep]`: write measured state counts into the manifest.

For those who change a model; `bcfl spec check` is what everybody else runs. Nothing is pinned that does not
show what the manifest says it must.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from .check import FOLDER, jobs_of, run_jobs
from .manifest import load_manifest, write_pins
from .modules import read_modules


def main(arguments: list[str]) -> int:
    """Run what begins with PREFIX and pin what it counts; 1 when something shows the wrong thing."""
    tier = "deep" if "--deep" in arguments else "fast"
    prefix = next((argument for argument in arguments[1:] if not argument.startswith("-")), "")
    if arguments[:1] != ["pin"]:
        print(__doc__)
        return 2
    folder = Path() / FOLDER
    jobs = jobs_of(load_manifest(folder), read_modules(folder), tier)
    jobs = [replace(job, pins=(None, None)) for job in jobs if job.id.startswith(prefix)]
    if tier == "deep":
        jobs = [job for job in jobs if job.tier == "deep"]
    results = run_jobs(jobs, lambda done, total: None)
    pins = {}
    for result in results:
        simulated = any(argument.startswith("-simulate") for argument in result.job.arguments)
        shown = f"{result.outcome.distinct} {result.outcome.depth} {result.outcome.seconds:.1f} s"
        print(f"{result.job.id}: {result.problem or shown}", flush=True)
        by_the_clock = result.outcome.depth == 0 and result.outcome.distinct > 0
        if not result.problem and not simulated and not by_the_clock:
            pins[result.job.id] = (result.outcome.distinct, result.outcome.depth)
    write_pins(folder, pins)
    return int(any(result.problem for result in results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
