"""What the generator proves about the table and its cases before it writes anything.

A rejecting case has an accepting twin that differs in exactly one thing; every operation accepts something;
every error code an operation lists is given by some case, and no case gives a code that is not listed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bcfl_ref.operations import _canonical as canonical
from bcfl_ref.operations._base import PROFILES, Case, Json, Operation, Trace

CLAUSE_ID = re.compile(r"(TYP|PAR|AGG|INF|CON|INC|CTR|PRV|APP)-[0-9]{3}")
OPERATION_NAME = re.compile(r"[a-z]+\.[a-z0-9_]+")
CASE_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Outcome:
    """What the reference answered to a case: the output, or the codes that refused it or its steps."""

    case: Case | Trace
    answer: Json
    codes: tuple[str, ...]
    accepting: bool


def differences(left: Json, right: Json, path: str = "") -> list[str]:
    """The minimal JSON paths at which two values differ.

    Lists differ as a whole if their lengths do, or if one is the other in another order.
    """
    if isinstance(left, dict) and isinstance(right, dict):
        found: list[str] = []
        for key in sorted(left.keys() | right.keys()):
            here = f"{path}/{key}"
            if key in left and key in right:
                found += differences(left[key], right[key], here)
            else:
                found.append(here)
        return found
    if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        if left != right and sorted(map(canonical.digest, left)) == sorted(map(canonical.digest, right)):
            return [path or "/"]
        pairs = enumerate(zip(left, right, strict=True))
        return [found for index, (a, b) in pairs for found in differences(a, b, f"{path}/{index}")]
    return [] if type(left) is type(right) and left == right else [path or "/"]


def table_problems(operations: Sequence[Operation]) -> Iterator[str]:
    """What is wrong with the table itself: names, clauses, codes, profiles."""
    for name, count in Counter(operation.name for operation in operations).items():
        if count > 1:
            yield f"operation {name} is listed {count} times"
    for operation in operations:
        if not OPERATION_NAME.fullmatch(operation.name):
            yield f"operation {operation.name}: the name is not layer.operation"
        if not operation.clauses:
            yield f"operation {operation.name}: no clause"
        if operation.profile not in PROFILES:
            yield f"operation {operation.name}: unknown profile {operation.profile}"
        if len(set(operation.errors)) != len(operation.errors):
            yield f"operation {operation.name}: an error code is listed twice"
        yield from _clause_problems(f"operation {operation.name}", operation.clauses)


def case_problems(operations: Mapping[str, Operation], cases: Iterable[Case | Trace]) -> Iterator[str]:
    """What is wrong with the cases before anything runs: ids, operations, shapes."""
    cases = tuple(cases)
    for identity, count in Counter(case.id for case in cases).items():
        if count > 1:
            yield f"case {identity} is listed {count} times"
    asked: dict[tuple[str, str], str] = {}
    for case in cases:
        before = asked.setdefault((case.operation, canonical.digest(case.input)), case.id)
        if before != case.id:
            yield f"case {case.id}: asks the same as {before}"
        if not CASE_ID.fullmatch(case.id):
            yield f"case {case.id}: an id is lower-case words and numbers joined by hyphens"
        if not case.comment:
            yield f"case {case.id}: no comment"
        operation = operations.get(case.operation)
        if operation is None:
            yield f"case {case.id}: no operation is called {case.operation}"
        elif isinstance(case, Trace) != (operation.machine is not None):
            yield f"case {case.id}: traces belong to machines, cases to the other operations"
        yield from _clause_problems(f"case {case.id}", case.clauses)


def outcome_problems(operation: Operation, outcomes: Sequence[Outcome]) -> Iterator[str]:
    """What the answers of the reference say against the cases of one operation."""
    by_id = {outcome.case.id: outcome for outcome in outcomes}
    if not any(outcome.accepting for outcome in outcomes):
        yield f"operation {operation.name}: no accepting case"
    listed = {code.value for code in operation.errors}
    given = {code for outcome in outcomes for code in outcome.codes}
    for code in operation.errors:
        if code.value not in given:
            yield f"operation {operation.name}: no case is refused with {code.value}"
    for outcome in outcomes:
        for unlisted in sorted(set(outcome.codes) - listed):
            yield f"case {outcome.case.id}: {operation.name} does not list {unlisted}"
        if isinstance(outcome.case, Case):
            yield from _twin_problems(outcome, outcome.case, by_id)


def _twin_problems(outcome: Outcome, case: Case, by_id: Mapping[str, Outcome]) -> Iterator[str]:
    name = f"case {case.id}"
    if outcome.accepting:
        if case.twin is not None or case.two_fault:
            yield f"{name}: accepted, although it is marked as a broken twin"
        return
    if case.twin is None:
        yield f"{name}: refused with {outcome.codes[0]}, but names no accepting twin"
        return
    twin = by_id.get(case.twin)
    if twin is None:
        yield f"{name}: no case {case.twin} in {case.operation} to be its twin"
    elif not twin.accepting:
        yield f"{name}: its twin {case.twin} is refused with {twin.codes[0]}"
    else:
        paths = differences(twin.case.input, case.input)
        own = [path for path in paths if not _follows(path, case.follows)]
        allowed = 2 if case.two_fault else 1
        if len(own) != allowed:
            shown = ", ".join(own[:6]) or "nowhere"
            yield f"{name}: differs from {case.twin} at {shown}; exactly {allowed} path(s) may differ"


def _follows(path: str, follows: Iterable[str]) -> bool:
    return any(path == prefix or path.startswith(prefix + "/") for prefix in follows)


def _clause_problems(name: str, clauses: Iterable[str]) -> Iterator[str]:
    for clause in clauses:
        if not CLAUSE_ID.fullmatch(clause):
            yield f"{name}: {clause} is not a clause id"
