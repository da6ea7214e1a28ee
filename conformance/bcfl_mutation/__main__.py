"""`python -m bcfl_mutation`: change the reference, play the vectors, write the table.

Exit status 0: enough changes are caught, and every survivor has a reason. 1: not so. 2: nothing could be judged.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from bcfl_conformance import SUITE
from bcfl_conformance.suite import Case, SuiteError, load

from . import operators, play, refute, table, targets
from .operators import Mutant
from .play import Result

HERE = Path(__file__).resolve().parent


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; prints one line a survivor that nobody explains."""
    options = _options(arguments)
    os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
    package = options.package.resolve()
    sys.path.insert(0, str(package.parent))
    if importlib.util.find_spec(package.name) is None:
        print(f"there is no reference in {package.parent}", file=sys.stderr)
        return 2
    try:
        suite = load(options.suite)
    except SuiteError as error:
        print(error, file=sys.stderr)
        return 2
    cases = [case for case in suite.cases if not options.profile or case.profile in options.profile]
    modules = targets.modules(package)
    missing = play.preload()
    if missing is not None:
        print(f"the reference needs {missing}: run this with the Python of an installed package", file=sys.stderr)
        return 2
    began = time.monotonic()
    rules = _digest(*(module.source for module in modules.values()))
    seen = _reach(modules, cases, suite.digest, options.results.with_name("mutation-reach.json"))
    if seen.wrong:
        print(f"the unchanged reference fails {', '.join(seen.wrong[:5])}", file=sys.stderr)
        return 2
    print(f"{len(cases)} cases reach {len(seen.cases)} functions, {time.monotonic() - began:.0f} s", file=sys.stderr)
    rows = _chosen(modules, package, seen, options)
    if not rows and not options.survivors:
        print("nothing to change: no function that a case reaches was chosen", file=sys.stderr)
        return 2
    journal = Journal(options.results.with_suffix(".journal"), rules, suite.digest, cases, options.resume)
    left = [row for row in rows if journal.known(row[0]) is None]
    if left:
        _parallel(modules, left, cases, seen, options.workers, journal)
    results = [journal.known(mutant) or Result("unreached") for mutant, _ in rows]
    whole = not (options.only or options.clause or options.profile or options.survivors or options.every > 1)
    entries = table.read_entries(options.explained) if options.explained.is_file() else []
    played, idle = table.explained(
        [(mutant, clause, result) for (mutant, clause), result in zip(rows, results, strict=True)], entries
    )
    found = table.summary(played, idle if whole else ())
    if options.refute:
        doubtful = [row for row in played if row.kind in table.SHOWN_BY_NOBODY and not row.caught]
        found.problems += refute.report(list(refute.refuted(modules, doubtful, cases, seen, options.refute)))
    _keep(options.results, played)
    for problem in found.problems:
        print(problem)
    print(
        f"{found.total.caught} of {found.total.changes} caught, {found.total.percent} %, that is "
        f"{found.total.percent_showable} % of the {found.total.showable} that can be shown; {found.total.explained} "
        f"explained, {found.total.open} open, {found.stillborn} stillborn; {time.monotonic() - began:.0f} s"
    )
    if options.page is not None:
        about = {"suite": suite.digest, "cases": str(len(cases)), "rules": f"sha256:{rules}"}
        text = table.page(played, found, about)
        options.page.write_text(text, encoding="utf-8", newline="\n")
    return 1 if found.problems else 0


class Journal:
    """Every result as soon as it is there, so that a run that was broken off, or new vectors, cost no whole run.

    With `resume` a result stands if no rule has changed since: caught, if the case that noticed is still the same;
    survived, for the cases that were there. Those that came since are asked.
    """

    def __init__(self, path: Path, rules: str, suite: str, cases: Sequence[Case], resume: bool) -> None:
        self._path, self._rules, self._suite = path, rules, suite
        digests = [_digest(case.operation, json.dumps([case.input, case.expect])) for case in cases]
        self._numbers = {digest: number for number, digest in enumerate(digests)}
        self._cases = {cases[number].id: digest for digest, number in self._numbers.items()}
        self._known: dict[str, Result] = {}
        self._passed: dict[str, frozenset[int]] = {}
        suites = path.with_suffix(".suites.json")
        listed = json.loads(suites.read_text(encoding="utf-8")) if resume and suites.is_file() else {}
        for line in path.read_text(encoding="utf-8").splitlines() if resume and path.is_file() else ():
            key, status, case, grounds = json.loads(line)
            if grounds == self._grounds(status, case):
                self._known[key] = Result(status, case)
            elif status == "survived" and grounds.partition(":")[0] == rules:
                there = listed.get(grounds.partition(":")[2], ())
                self._passed[key] = frozenset(self._numbers[digest] for digest in there if digest in self._numbers)
        path.parent.mkdir(parents=True, exist_ok=True)
        suites.write_text(json.dumps({**listed, suite: sorted(self._numbers)}), encoding="utf-8")
        if not self._passed:
            path.write_text("", encoding="utf-8")
            for key, result in self._known.items():
                self._write(key, result)

    def known(self, mutant: Mutant) -> Result | None:
        """The result of a change, if there is one."""
        return self._known.get(self._key(mutant))

    def passed(self, mutant: Mutant) -> frozenset[int]:
        """The cases of which it is known that they do not notice the change."""
        return self._passed.get(self._key(mutant), frozenset())

    def add(self, mutant: Mutant, result: Result) -> None:
        """Keep one more."""
        self._known[self._key(mutant)] = result
        self._write(self._key(mutant), result)

    def _write(self, key: str, result: Result) -> None:
        row = [key, result.status, result.case, self._grounds(result.status, result.case)]
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(row) + "\n")

    def _grounds(self, status: str, case: str) -> str:
        if status in table.CAUGHT:
            return f"{self._rules}:{self._cases.get(case, '')}"
        return self._rules if status == "stillborn" else f"{self._rules}:{self._suite}"

    @staticmethod
    def _key(mutant: Mutant) -> str:
        return json.dumps([*mutant.key, mutant.operator])


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode("utf-8")).hexdigest()


def _reach(modules: dict[str, targets.Module], cases: Sequence[Case], suite: str, kept: Path) -> play.Reach:
    """What the cases reach, from the last run if nothing has changed since."""
    key = _digest(suite, *(case.id for case in cases), *(module.source for module in modules.values()))
    if kept.is_file():
        body = json.loads(kept.read_text(encoding="utf-8"))
        if body["key"] == key:
            return play.Reach(**body["reach"])
    seen = play.reach(modules, cases)
    if not seen.cases:
        print("the cases reach none of these files: another copy of the reference is imported", file=sys.stderr)
        raise SystemExit(2)
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
    parser.add_argument("--refute", type=int, default=0, metavar="N", help="doubt each reason with N random inputs")
    parser.add_argument("--resume", action="store_true", help="keep the results of the run before that still hold")
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
                and name not in targets.NO_RULES
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
    journal: Journal,
) -> None:
    """Bring the results of the mutants into the journal, from several processes that take turns."""
    streams = []
    children = []
    for number in range(workers):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.close(reader)
            with os.fdopen(writer, "w", encoding="utf-8") as stream:
                own = mutants[number::workers]
                for result in play.play(modules, own, cases, seen, [journal.passed(mutant) for mutant, _ in own]):
                    stream.write(json.dumps(vars(result)) + "\n")
                    stream.flush()
            os._exit(0)
        os.close(writer)
        children.append(child)
        streams.append(os.fdopen(reader, encoding="utf-8"))
    for number, (mutant, _) in enumerate(mutants):
        line = streams[number % workers].readline()
        if not line:
            raise SystemExit(2)
        journal.add(mutant, Result(**json.loads(line)))
        _progress(number + 1, len(mutants))
    for child in children:
        os.waitpid(child, 0)


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
