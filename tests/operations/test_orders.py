"""The order of guards: every two neighbours are shown by a case, or named with a reason that something needs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bcfl_ref.errors import Code
from bcfl_ref.operations import OPERATIONS, Case, Operation, Trace, _orders, generate
from bcfl_ref.operations._proof import Outcome
from bcfl_ref.operations.cases import CASES
from operations import toy

TWIN, TWO = toy.CASES[0], toy.CASES[3]


def outcomes(operation: Operation, cases: tuple[Case | Trace, ...]) -> list[Outcome]:
    found = []
    for case in cases:
        said = generate.answer(operation, case.input)
        found.append(Outcome(case, said, (said["error"],) if "error" in said else (), "ok" in said))
    return found


def test_a_pair_is_shown_by_what_is_left_of_a_two_fault_case() -> None:
    """With both faults the first code comes out and with one of them the second: that shows their order."""
    shown = _orders.pins(toy.HALVE, outcomes(toy.HALVE, (TWIN, TWO)), generate.answer)
    assert shown == {("VALUE_RANGE", "ENCODING_INVALID")}
    assert list(_orders.order_problems(toy.HALVE, outcomes(toy.HALVE, (TWIN, TWO)), generate.answer)) == []


def test_a_pair_that_nothing_shows_is_a_problem() -> None:
    """Without the two-fault case, or with codes in another order, the generator refuses; machines are not asked."""
    (problem,) = _orders.order_problems(toy.HALVE, (), generate.answer)
    assert problem == "operation toy.halve: no case shows that VALUE_RANGE is asked before ENCODING_INVALID"
    other = replace(toy.HALVE, errors=(Code.ENCODING_INVALID, Code.VALUE_RANGE))
    assert list(_orders.order_problems(other, outcomes(toy.HALVE, (TWIN, TWO)), generate.answer))
    assert not list(_orders.unpinned(replace(toy.COUNTER, errors=(Code.EMPTY, Code.VALUE_RANGE)), set()))


def test_what_follows_is_shown_too() -> None:
    """A before B and B before C show A before C."""
    operation = replace(toy.HALVE, errors=(Code.EMPTY, Code.VALUE_RANGE, Code.ENCODING_INVALID))
    shown = {("VALUE_RANGE", "ENCODING_INVALID")}
    assert [pair for pair, _ in _orders.unpinned(operation, shown)] == [("EMPTY", "VALUE_RANGE")]


def test_values_are_put_at_paths() -> None:
    """Fields and entries are written, and what the source lacks is taken away."""
    data = {"a": [{"b": 1}, 2], "c": 3}
    source = {"a": [{"b": 5}, 7], "d": 4}
    for path in ("/a/0/b", "/a/1", "/c", "/d"):
        _orders.put(data, source, path)
    assert data == source


@pytest.mark.parametrize("number", range(len(_orders.REASONS)))
def test_reasons_are_needed(number: int) -> None:
    """No reason stands there for nothing: some pair that no case shows is explained by it."""
    pattern = _orders.REASONS[number][0]
    assert number in _needed(), f"nothing needs {pattern}: {_orders.REASONS[number]}"


def _needed() -> set[int | None]:
    if not NEEDED:
        for operation in OPERATIONS:
            cases = tuple(case for case in CASES if case.operation == operation.name and isinstance(case, Case))
            shown = _orders.pins(operation, outcomes(operation, cases), generate.answer)
            NEEDED.update(reason for _, reason in _orders.unpinned(operation, shown))
    return NEEDED


NEEDED: set[int | None] = set()
