"""The compiled module of the package as a testee: operations that have a kernel, a native variant forced.

The highest variant, or one of this machine by name: `testee.py portable`. Needs the package `bcfl_ref`, built with a
compiler; in a pure installation every operation is unsupported.
"""

import sys

from bcfl_ref.operations.testee import main

if __name__ == "__main__":
    raise SystemExit(main(["--variant", sys.argv[1] if len(sys.argv) > 1 else "native"]))
