"""Which cases catch which bug: `sweep.py [NAME ...]`; with `--whole` every case is played against every bug.

Each bug gets a process of its own, forked from one that has imported what the bug cannot have touched, which takes a
tenth of the time of fresh ones. Exit status 1 if a bug survives the case that was written against it.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import bugs
import mutation

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bcfl_conformance import SUITE
from bcfl_conformance.command import Parser
from bcfl_conformance.judge import judge
from bcfl_conformance.protocol import Answer
from bcfl_conformance.suite import Case, load

#: A bug may send the reference round in circles; that counts as caught.
SECONDS = 60
#: The slowest module to import, on which nearly everything stands.
GROUND = "bcfl_ref.types"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line a bug: its name, whether its own case caught it, and how many cases did."""
    parser = Parser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these bugs")
    parser.add_argument("--whole", action="store_true", help="play every case, not only the one against the bug")
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.names) - {bug.name for bug in bugs.BUGS})
    if unknown:
        parser.error(f"no bug is called {', '.join(unknown)}")
    os.environ["BCFL_KERNELS"] = "python"
    cases = load(SUITE).cases
    preload()
    survivors = 0
    wanted = [bug for bug in bugs.BUGS if not options.names or bug.name in options.names]
    ground = in_fork(lambda: modules_of(GROUND))
    # The bugs in the ground itself first; then everybody can stand on it.
    for bug in sorted(wanted, key=lambda bug: bug.module not in ground):
        if bug.module not in ground:
            importlib.import_module(GROUND)
        chosen = cases if options.whole else [case for case in cases if case.id == bug.caught_by]
        caught = in_fork(lambda bug=bug, chosen=chosen: list(catching(bug, chosen)))  # type: ignore[misc]
        survived = bug.caught_by not in caught and "*" not in caught
        survivors += survived
        print(f"{'SURVIVES' if survived else 'caught'}\t{bug.name}\t{bug.caught_by}\t{len(caught)}", flush=True)
        if options.whole:
            print("\t" + " ".join(caught))
    return 1 if survivors else 0


def catching(bug: mutation.Bug, cases: Iterable[Case]) -> Iterable[str]:
    """The ids of the cases that the reference with the bug does not pass."""
    mutation.install(bug)
    operations = importlib.import_module("bcfl_ref.operations").OPERATIONS
    answer = importlib.import_module("bcfl_ref.operations.testee").answerer(operations)
    for case in cases:
        try:
            (kind, value), *_ = answer(case.operation, case.input).items()
            passed = judge(case, Answer(0, kind, value)).status == "passed"
        except Exception:
            passed = False
        if not passed:
            yield case.id


def modules_of(name: str) -> list[str]:
    """The modules of the reference that come along with one of them."""
    importlib.import_module(name)
    return [loaded for loaded in sys.modules if loaded.partition(".")[0] == "bcfl_ref"]


def preload() -> None:
    """Import what the reference imports from elsewhere, but nothing of the reference itself."""

    def foreign() -> list[str]:
        importlib.import_module("bcfl_ref.operations.testee")
        return [name for name in sys.modules if name.partition(".")[0] not in ("bcfl_ref", "__main__")]

    for name in in_fork(foreign):
        if name not in sys.modules:
            try:
                importlib.import_module(name)
            except ImportError:
                continue


def in_fork(work: Callable[[], list[str]]) -> list[str]:
    """What `work` gives in a forked process; ["*"] if it never ends. A bug that breaks the import is no bug."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        signal.alarm(SECONDS)
        try:
            result: Any = json.dumps(work()).encode("ascii")
            with os.fdopen(writer, "wb") as stream:
                stream.write(result)
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        data = stream.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status == -signal.SIGALRM:
        return ["*"]
    if status != 0:
        raise SystemExit(2)
    return json.loads(data)  # type: ignore[no-any-return]


if __name__ == "__main__":
    raise SystemExit(main())
