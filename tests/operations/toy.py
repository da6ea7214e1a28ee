"""Two throw-away operations, a function and a machine, to test the harness without any layer."""

from __future__ import annotations

from typing import Any

from bcfl_ref.errors import Code, SpecError
from bcfl_ref.operations import Case, Machine, Operation, Step, Trace, machine_operation


def halve(data: Any) -> Any:
    """AGG-901: half of an even number, or of a sum, below 100, guards in this order: range, parity."""
    value = int(data["value"]) + int(data.get("more", "0"))
    if value >= 100:
        raise SpecError(Code.VALUE_RANGE, str(value))
    if value % 2:
        raise SpecError(Code.ENCODING_INVALID, str(value))
    return {"half": str(value // 2)}


def _step(state: int, action: str, data: Any) -> tuple[int, Any]:
    """AGG-902: add up to ten."""
    if action != "add" or state + int(data) > 10:
        raise SpecError(Code.VALUE_RANGE, action)
    return state + int(data), {"total": str(state + int(data))}


HALVE = Operation(
    name="toy.halve",
    clauses=("AGG-901",),
    run=halve,
    function="operations.toy.halve",
    errors=(Code.VALUE_RANGE, Code.ENCODING_INVALID),
    summary="half of an even number",
)
COUNTER = machine_operation(
    "toy.counter",
    ("AGG-902",),
    Machine(init=int, step=_step, digest=lambda state: f"0x{state:064x}", view=str),
    "operations.toy._step",
    (Code.VALUE_RANGE,),
)
OPERATIONS = (HALVE, COUNTER)
CASES = (
    Case("toy.halve", "toy-halve-four", "plain", {"value": "4"}),
    Case("toy.halve", "toy-halve-large", "the limit", {"value": "100"}, twin="toy-halve-four"),
    Case("toy.halve", "toy-halve-odd", "no rounding", {"value": "5"}, twin="toy-halve-four", bug="floors"),
    Case(
        "toy.halve",
        "toy-halve-large-and-odd",
        "the limit comes first",
        {"value": "5", "more": "100"},
        twin="toy-halve-four",
        two_fault=True,
    ),
    Trace(
        "toy.counter",
        "toy-counter-full",
        "refusals change nothing",
        "8",
        (Step("add", "2"), Step("add", "1")),
    ),
)
