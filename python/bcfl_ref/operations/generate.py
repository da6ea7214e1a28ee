"""The vector generator: run the reference on every case, prove the cases, write canonical files.

`write` brings a conformance folder up to date, `check` says in which files it is not. Both work from the
explicit tables alone, so regenerating changes nothing unless a rule or a case changed.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bcfl_ref.errors import SpecError
from bcfl_ref.operations import OPERATIONS
from bcfl_ref.operations import _canonical as canonical
from bcfl_ref.operations import _orders as orders
from bcfl_ref.operations import _proof as proof
from bcfl_ref.operations._base import Case, Json, Operation, Trace
from bcfl_ref.operations._shape import given
from bcfl_ref.operations.cases import CASES

#: Raised when a change of this generator alone changes the files.
GENERATOR_VERSION = 2
SCHEMA_VERSION = 1


class GenerationError(Exception):
    """The table or its cases do not hold what they promise; one line a problem."""


def build(operations: Sequence[Operation] = OPERATIONS, cases: Iterable[Case | Trace] = CASES) -> dict[str, str]:
    """The text of every generated file by its path inside the conformance folder."""
    by_name = {operation.name: operation for operation in operations}
    grouped: dict[str, list[Case | Trace]] = {operation.name: [] for operation in operations}
    cases = tuple(cases)
    _refuse([*proof.table_problems(operations), *proof.case_problems(by_name, cases)])
    for case in cases:
        grouped[case.operation].append(case)
    problems: list[str] = []
    outcomes: dict[str, list[proof.Outcome]] = {}
    for operation in operations:
        outcomes[operation.name] = [_execute(operation, case, problems) for case in grouped[operation.name]]
        problems += proof.outcome_problems(operation, outcomes[operation.name])
        problems += orders.order_problems(operation, outcomes[operation.name], answer)
    _refuse(problems)
    bodies = {_vector_path(operation): _vector_body(operation, outcomes[operation.name]) for operation in operations}
    files = {path: canonical.text(body) for path, body in bodies.items()}
    files["operations.json"] = canonical.text(_operations_body(operations))
    files["manifest.json"] = canonical.text(_manifest_body(bodies))
    return files


def write(
    folder: Path, operations: Sequence[Operation] = OPERATIONS, cases: Iterable[Case | Trace] = CASES
) -> list[str]:
    """Bring `folder` up to date; gives the paths that were written or removed. Nothing on failure."""
    files = build(operations, cases)
    changed = _stale(folder, files)
    for path in changed:
        target = folder / path
        if path in files:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(files[path], encoding="ascii", newline="\n")
        else:
            target.unlink()
    return changed


def check(
    folder: Path, operations: Sequence[Operation] = OPERATIONS, cases: Iterable[Case | Trace] = CASES
) -> list[str]:
    """The paths that `write` would change: missing, out of date, or no longer generated."""
    return _stale(folder, build(operations, cases))


def answer(operation: Operation, data: Json) -> Json:
    """What the reference answers: `{ok: output}` or `{error: code}`."""
    try:
        return {"ok": operation.run(given(data))}
    except SpecError as refusal:
        return {"error": refusal.code.value}


def _stale(folder: Path, files: Mapping[str, str]) -> list[str]:
    changed = []
    for path, text in files.items():
        target = folder / path
        if not target.is_file() or target.read_bytes() != text.encode("ascii"):
            changed.append(path)
    present = {found.relative_to(folder).as_posix() for found in (folder / "vectors").rglob("*.json")}
    return sorted(changed) + sorted(present - files.keys())


def _execute(operation: Operation, case: Case | Trace, problems: list[str]) -> proof.Outcome:
    """Ask the reference twice, on fresh copies: the same answer each time, and an untouched input."""
    problems += [f"case {case.id}: {path} has no place in JSON" for path in _foreign(case.input)]
    data = copy.deepcopy(case.input)
    try:
        given, again = answer(operation, data), answer(operation, copy.deepcopy(case.input))
    except Exception as error:
        raise GenerationError(f"case {case.id}: {operation.name} failed with {error!r}") from error
    if data != case.input:
        problems.append(f"case {case.id}: {operation.name} changed its input")
    if given != again:
        problems.append(f"case {case.id}: {operation.name} answered differently the second time")
    problems += [f"case {case.id}: {path} of the answer has no place in JSON" for path in _foreign(given)]
    if operation.machine is None:
        codes = (given["error"],) if "error" in given else ()
        return proof.Outcome(case, given, codes, not codes)
    if "error" in given:
        problems.append(f"case {case.id}: the initial state is refused with {given['error']}")
        return proof.Outcome(case, given, (), False)
    problems += _stutter_problems(case, given["ok"])
    steps = given["ok"]["steps"]
    codes = tuple(step["error"] for step in steps if "error" in step)
    return proof.Outcome(case, given, codes, len(codes) < len(steps))


def _stutter_problems(case: Case | Trace, output: Json) -> list[str]:
    """A refused step must give the digest of the state before it."""
    before = output["init_digest"]
    found = []
    for index, step in enumerate(output["steps"]):
        if "error" in step and step["state_digest"] != before:
            found.append(f"case {case.id}: refused step {index} changed the state")
        before = step["state_digest"]
    return found


def _foreign(value: Json) -> list[str]:
    return list(canonical.foreign_values(value))


def _refuse(problems: Sequence[str]) -> None:
    if problems:
        raise GenerationError("\n".join(problems))


def _vector_path(operation: Operation) -> str:
    layer, _, name = operation.name.partition(".")
    return f"vectors/{layer}/{name}.json"


def _vector_body(operation: Operation, outcomes: Sequence[proof.Outcome]) -> dict[str, Json]:
    inputs = {outcome.case.id: outcome.case.input for outcome in outcomes}
    body = {
        "schema": "vectors",
        "schema_version": SCHEMA_VERSION,
        "operation": operation.name,
        "kind": _kind(operation),
        "profile": operation.profile,
        "summary": operation.summary,
        "clauses": list(operation.clauses),
        "errors": [code.value for code in operation.errors],
        "source": {"name": "bcfl_ref", "generator_version": GENERATOR_VERSION},
        "cases": [_case_body(operation, outcome, inputs) for outcome in outcomes],
    }
    return {**body, "digest": canonical.digest(body)}


def _case_body(operation: Operation, outcome: proof.Outcome, inputs: Mapping[str, Json]) -> dict[str, Json]:
    case = outcome.case
    body: dict[str, Json] = {
        "id": case.id,
        "comment": case.comment,
        "clauses": list(case.clauses or operation.clauses),
        "flags": list(case.flags),
        "input": case.input,
        "expect": outcome.answer,
    }
    if case.bug is not None:
        body["bug"] = case.bug
    if case.note is not None:
        body["note"] = case.note
    if isinstance(case, Case) and case.twin is not None:
        body["twin"] = case.twin
        body["differs_at"] = proof.differences(inputs[case.twin], case.input)
    return body


def _operations_body(operations: Sequence[Operation]) -> dict[str, Json]:
    rows = [
        {
            "name": operation.name,
            "kind": _kind(operation),
            "profile": operation.profile,
            "summary": operation.summary,
            "clauses": list(operation.clauses),
            "errors": [code.value for code in operation.errors],
            "kernel": operation.kernel,
            "vectors": _vector_path(operation),
        }
        for operation in operations
    ]
    return {"schema": "operations", "schema_version": SCHEMA_VERSION, "operations": rows}


def _manifest_body(bodies: Mapping[str, dict[str, Json]]) -> dict[str, Json]:
    rows = []
    for path, body in bodies.items():
        cases = body["cases"]
        rejecting = sum("error" in case["expect"] for case in cases)
        rows.append(
            {
                "path": path,
                "operation": body["operation"],
                "cases": len(cases),
                "rejecting": rejecting,
                "steps": sum(len(case["input"]["steps"]) for case in cases if body["kind"] == "machine"),
                "digest": body["digest"],
            }
        )
    totals = {key: sum(row[key] for row in rows) for key in ("cases", "rejecting", "steps")}
    manifest = {
        "schema": "manifest",
        "schema_version": SCHEMA_VERSION,
        "source": {"name": "bcfl_ref", "generator_version": GENERATOR_VERSION},
        "operations": len(rows),
        **totals,
        "files": rows,
    }
    return {**manifest, "digest": canonical.digest([[row["path"], row["digest"]] for row in rows])}


def _kind(operation: Operation) -> str:
    return "function" if operation.machine is None else "machine"
