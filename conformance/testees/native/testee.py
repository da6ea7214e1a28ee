"""The native core as a testee: the operations that have a kernel, with the highest native variant forced.

Another variant of this machine can be named: `testee.py portable`. Needs the package `bcfl_ref`, built with a
compiler; in a pure installation every operation is unsupported.
"""

import sys

from bcfl_ref.operations.testee import main

if __name__ == "__main__":
    raise SystemExit(main(["--variant", sys.argv[1] if len(sys.argv) > 1 else "native"]))
