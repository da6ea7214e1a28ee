"""The reference with one bug in it: `testee.py --bug NAME`; `--list` names them all.

It shows that the vectors find what they claim to hunt. Needs the package `bcfl_ref`.
"""

from __future__ import annotations

import os
import sys

import bugs
import mutation


def main() -> int:
    """Install the bug before anything of the reference is imported, then serve."""
    names = {bug.name: bug for bug in bugs.BUGS}
    match sys.argv[1:]:
        case ["--list"]:
            for bug in bugs.BUGS:
                print(f"{bug.name}\t{bug.what}\t{bug.caught_by}")
            return 0
        case ["--bug", name] if name in names:
            bug = names[name]
        case words:
            print(f"testee.py: --list, or --bug and a name of that list, not {' '.join(words)!r}", file=sys.stderr)
            return 2
    os.environ["BCFL_KERNELS"] = "python"
    mutation.install(bug)
    from bcfl_ref.errors import UsageError
    from bcfl_ref.operations import OPERATIONS, testee

    try:
        testee.serve(testee.about(f"faulty, {bug.name}"), testee.answerer(OPERATIONS), sys.stdin, sys.stdout)
    except UsageError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
