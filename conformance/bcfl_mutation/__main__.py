"""`python -m bcfl_mutation`: change the reference, play the vectors, write the table.

Exit status 0: enough changes are caught, and every survivor has a reason. 1: not so. 2: nothing could be judged.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from bcfl_conformance import SUITE
from bcfl_conformance.suite import Case, load

from . import operators, play, table, targets
from .operators import Mutant
from .play import Result

HERE = Path(__file__).resolve().parent


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; prints one line a survivor that nobody explains."""
    options = _options(arguments)
    os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
    package = options.package.resolve()
    sys.path.insert(0, str(package.parent))
    suite = load(options.suite)
    cases = [case for case in suite.cases if not options.profile or case.profile in options.profile]
    modules = targets.modules(package)
    play.preload()
    began = time.monotonic()
    seen = _reach(modules, cases, suite.digest, options.results.with_name("mutation-reach.json"))
    if seen.wrong:
        print(f"the unchanged reference fails {', '.join(seen.wrong[:5])}", file=sys.stderr)
        return 2
    print(f"{len(cases)} cases reach {len(seen.cases)} functions, {time.monotonic() - began:.0f} s", file=sys.stderr)
    rows = _chosen(modules, package, seen, options)
    if not rows and not options.survivors:
        print("nothing to change: no function that a case reaches was chosen", file=sys.stderr)
        return 2
    results = _parallel(modules, rows, cases, seen, options.workers)
    whole = not (options.only or options.clause or options.profile or options.survivors or options.every > 1)
    entries = table.read_entries(options.explained) if options.explained.is_file() else []
    played, idle = table.explained(
        [(mutant, clause, result) for (mutant, clause), result in zip(rows, results, strict=True)], entries
    )
    found = table.summary(played, idle if whole else ())
    _keep(options.results, played)
    for problem in found.problems:
        print(problem)
    print(
        f"{found.total.caught} of {found.total.changes} caught, {found.total.percent} %; {found.total.explained} "
        f"explained, {found.total.open} open, {found.stillborn} stillborn; {time.monotonic() - began:.0f} s"
    )
    if options.page is not None:
        text = table.page(played, found, {"suite": suite.digest, "cases": str(len(cases))})
        options.page.write_text(text, encoding="utf-8", newline="\n")
    return 1 if found.problems else 0


def _reach(modules: dict[str, targets.Module], cases: Sequence[Case], suite: str, kept: Path) -> play.Reach:
    """What the cases reach, from the last run if nothing has changed since."""
    parts = [suite, *(case.id for case in cases), *(module.source for module in modules.values())]
    key = hashlib.sha256("\0".join(parts).encode("utf-8")).hexdigest()
    if kept.is_file():
        body = json.loads(kept.read_text(encoding="utf-8"))
        if body["key"] == key:
            return play.Reach(**body["reach"])
    seen = play.reach(modules, cases)
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps({"key": key, "reach": vars(seen)}), encoding="utf-8")
    return seen


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bcfl_mutation", description=__doc__.splitlines()[0])
    parser.add_argument("--only", action="append", default=[], metavar="GLOB", help="functions, as module.function")
    parser.add_argument("--clause", action="append", default=[], metavar="GLOB", help="clauses")
    parser.add_argument("--profile", action="append", default=[], help="only the cases of these profiles")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="every Nth change only")
    parser.add_argument("--survivors", action="store_true", help="only what survived the run before (see --results)")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="processes (default 2)")
    parser.add_argument("--suite", type=Path, default=SUITE, metavar="FOLDER", help="the vectors")
    parser.add_argument("--package", type=Path, default=SUITE.parent / "python" / "bcfl_ref", help="the reference")
    parser.add_argument("--spec", type=Path, default=SUITE.parent / "spec", help="the clauses")
    parser.add_argument("--explained", type=Path, default=HERE / "explained.toml", help="reasons for survivors")
    parser.add_argument("--page", type=Path, metavar="FILE", help="write the table")
    parser.add_argument("--results", type=Path, default=SUITE.parent / "build" / "mutation.json", help="every result")
    return parser.parse_args(arguments)


def _chosen(
    modules: dict[str, targets.Module], package: Path, seen: play.Reach, options: argparse.Namespace
) -> list[tuple[Mutant, str]]:
    """The changes to be made and their clauses, without those that no vector can show."""
    codes = targets.error_codes(package)
    kinds = targets.kinds(options.spec)
    survived = set()
    if options.survivors:
        listed = json.loads(options.results.read_text(encoding="utf-8"))
        survived = {tuple(row["key"]) for row in listed if row["status"] in ("survived", "unreached")}
    found = []
    for module in modules.values():
        for mutant in operators.mutants(module.name, module.source, codes):
            clauses = module.clauses.get(mutant.function or mutant.scope, ())
            caller = seen.callers.get(f"{module.name}:{mutant.function}", "")
            clauses = clauses or tuple(filter(None, [caller])) or module.clauses[""]
            asked = [clause for clause in clauses if kinds.get(clause, "rule") not in ("local", "informative")]
            clause = asked[0] if asked else ""
            name = f"{mutant.module}.{mutant.function or mutant.scope}"
            if (
                clause
                and (not options.only or any(fnmatchcase(name, pattern) for pattern in options.only))
                and (not options.clause or any(fnmatchcase(clause, pattern) for pattern in options.clause))
                and (not options.survivors or mutant.key in survived)
            ):
                found.append((mutant, clause))
    return found[:: options.every]


def _parallel(
    modules: dict[str, targets.Module],
    mutants: Sequence[tuple[Mutant, str]],
    cases: Sequence[Case],
    seen: play.Reach,
    workers: int,
) -> list[Result]:
    """The results in the order of the mutants, from several processes that take turns."""
    streams = []
    children = []
    for number in range(workers):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.close(reader)
            with os.fdopen(writer, "w", encoding="utf-8") as stream:
                for result in play.play(modules, mutants[number::workers], cases, seen):
                    stream.write(json.dumps(vars(result)) + "\n")
                    stream.flush()
            os._exit(0)
        os.close(writer)
        children.append(child)
        streams.append(os.fdopen(reader, encoding="utf-8"))
    results = []
    for number in range(len(mutants)):
        line = streams[number % workers].readline()
        if not line:
            raise SystemExit(2)
        results.append(Result(**json.loads(line)))
        _progress(number + 1, len(mutants))
    for child in children:
        os.waitpid(child, 0)
    return results


def _progress(done: int, total: int) -> None:
    if done % 100 == 0 or done == total:
        print(f"{done}/{total}", file=sys.stderr, flush=True)


def _keep(path: Path, played: Sequence[table.Played]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(list(_rows(played)), indent=1) + "\n", encoding="utf-8")


def _rows(played: Sequence[table.Played]) -> Iterator[dict[str, object]]:
    for row in played:
        yield {
            "key": row.mutant.key,
            "clause": row.clause,
            "line": row.mutant.line,
            "operator": row.mutant.operator,
            "status": row.result.status,
            "case": row.result.case,
            "reason": row.reason,
        }


if __name__ == "__main__":
    sys.exit(main())
