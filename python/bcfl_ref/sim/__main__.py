"""`python -m bcfl_ref.sim`: run simulated histories by seed and say what broke."""

from __future__ import annotations

import argparse
import sys

from .world import HEIGHTS, simulate


def main() -> int:
    """Exit 0 when every property held for every seed."""
    parser = argparse.ArgumentParser(prog="python -m bcfl_ref.sim", description=__doc__)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--seeds", type=int, default=100, help="how many seeds")
    parser.add_argument("--heights", type=int, default=HEIGHTS, help="how many blocks everybody must commit")
    parser.add_argument("--verbose", action="store_true", help="a line for every seed")
    arguments = parser.parse_args()
    failed = 0
    for outcome in simulate(range(arguments.first, arguments.first + arguments.seeds), arguments.heights):
        failed += bool(outcome.findings)
        if arguments.verbose or outcome.findings:
            print(
                f"seed {outcome.seed}: {'FAILED' if outcome.findings else 'held'} at height {outcome.height}, "
                f"{outcome.time_ms} ms, {outcome.messages} messages ({outcome.scenario.summary()})"
            )
        for finding in outcome.findings:
            print(f"  {finding}\n  again: {outcome.command}")
    print(f"{arguments.seeds - failed} of {arguments.seeds} seeds held")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
