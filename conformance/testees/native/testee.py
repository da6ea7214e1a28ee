"""Start the native testee that `make native-testee` built; where there is none, support nothing.

`testee.py portable` names a variant. BCFL_NATIVE_TESTEE names another place of the program.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

BUILT = Path(__file__).resolve().parents[3] / "build" / "native-testee"
HELLO = {
    "type": "hello",
    "protocol": 1,
    "name": "libbcfl, not built",
    "operations": ["kernels.*"],
    "profiles": ["core"],
}


def program() -> Path | None:
    """The program, where it was built."""
    named = os.environ.get("BCFL_NATIVE_TESTEE")
    places = [Path(named)] if named else [BUILT / "bcfl_testee", BUILT / "bcfl_testee.exe"]
    return next((place for place in places if place.is_file()), None)


def serve_nothing() -> int:
    """Support nothing, so that a machine without a compiler can ask for this testee as an optional one."""
    print("not built: see CMakeLists.txt here, or make native-testee", file=sys.stderr, flush=True)
    for line in sys.stdin:
        message = json.loads(line)
        if message["type"] == "stop":
            return 0
        reply = {"id": message.get("id"), "unsupported": "not built"}
        print(json.dumps(HELLO if message["type"] == "hello" else reply), flush=True)
    return 0


def main() -> int:
    """Become the program."""
    found = program()
    if found is None:
        return serve_nothing()
    words = [str(found), *sys.argv[1:]]
    if os.name == "posix":
        os.execv(words[0], words)
    return subprocess.run(words, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
