"""The reference with one bug in it: `testee.py --bug NAME`; `--list` names them all.

It shows that the vectors find what they claim to hunt. Needs the package `bcfl_ref`.
"""

from __future__ import annotations

import argparse
import os
import sys

import bugs
import mutation


def main() -> int:
    """Install the bug before anything of the reference is imported, then serve."""
    parser = argparse.ArgumentParser(description="The reference with one bug in it.")
    chosen = parser.add_mutually_exclusive_group(required=True)
    chosen.add_argument("--bug", choices=[bug.name for bug in bugs.BUGS], metavar="NAME")
    chosen.add_argument("--list", action="store_true", help="print every bug and the case that catches it")
    options = parser.parse_args()
    if options.list:
        for bug in bugs.BUGS:
            print(f"{bug.name}\t{bug.what}\t{bug.caught_by}")
        return 0
    os.environ["BCFL_KERNELS"] = "python"
    mutation.install(next(bug for bug in bugs.BUGS if bug.name == options.bug))
    from bcfl_ref.operations import OPERATIONS, testee

    testee.serve(testee.about(f"faulty, {options.bug}"), testee.answerer(OPERATIONS), sys.stdin, sys.stdout)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
