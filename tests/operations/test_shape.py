"""TYP-011: whatever JSON an operation of the reference is given, it answers or refuses; it never breaks."""

from __future__ import annotations

import copy
import io
import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from bcfl_conformance.mutate import Change, apply, places
from bcfl_ref.errors import Code, InvariantError, SpecError, UsageError
from bcfl_ref.operations import OPERATIONS, testee
from bcfl_ref.operations._base import Operation
from bcfl_ref.operations._shape import DEPTH_MAX, given

VECTORS = Path(__file__).parents[2] / "conformance" / "vectors"
GARBAGE: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 2**70, -(2**70)),
    *("", "x", "0x", "0xzz", "0X00", "0x0", "-1", "01", "١", "1_0", " 1", "9" * 5000, "0x" + "00" * 40, "1"),
    *([], {}, [[]], [None], ["1"], {"a": "1"}, {"a": []}),
)
TRIES = 12


def broken(chance: random.Random, data: Any) -> Any:
    """The input with garbage at one place, a field less, or a field more."""
    path, _ = chance.choice(places(data))
    if not path:
        return chance.choice(GARBAGE)
    if isinstance(path[-1], str) and chance.random() < 0.3:
        holder = result = copy.deepcopy(data)
        for key in path[:-1]:
            holder = holder[key]
        del holder[path[-1]]
        return result
    return apply(data, [Change(path, chance.choice(GARBAGE))])


@pytest.mark.parametrize(
    "operation", [item for item in OPERATIONS if item.profile == "core"], ids=lambda operation: operation.name
)
def test_garbage_is_refused_and_breaks_nothing(operation: Operation) -> None:
    """TYP-011: An input that is garbage somewhere gives an answer or a code, and nothing else is raised."""
    path = VECTORS / (operation.name.replace(".", "/") + ".json")
    inputs = [case["input"] for case in json.loads(path.read_text(encoding="utf-8"))["cases"]]
    inputs = sorted(inputs, key=lambda data: len(json.dumps(data)))[: max(2, len(inputs) // 2)]
    answer = testee.answerer([operation])
    chance = random.Random(operation.name)
    codes = set()
    for data in (*GARBAGE, *(broken(chance, chance.choice(inputs)) for _ in range(TRIES))):
        found = answer(operation.name, data)
        assert next(iter(found)) in ("ok", "error", "skipped"), (data, found)
        codes.add(found.get("error"))
    assert Code.ENCODING_INVALID in codes


def test_depth_is_bounded() -> None:
    """TYP-011: JSON without end is refused before any rule walks into it."""
    data: Any = {}
    for _ in range(DEPTH_MAX + 2):
        data = {"a": data}
    with pytest.raises(SpecError, match="nested"):
        given(data)


@pytest.mark.parametrize(
    "line", ["", "x", "[]", "1", '{"type":"run"}', '{"type":"run","id":"1","operation":"x","input":1}']
)
def test_a_line_that_is_no_message_ends_the_testee_with_one_line(line: str) -> None:
    """Outside the protocol there is no answer: one line on stderr and exit status 2, no traceback."""
    with pytest.raises(UsageError):
        testee.serve(testee.about("x"), testee.answerer(()), [line], io.StringIO())


@pytest.mark.parametrize("line", ["nonsense", "[" * 99999])
def test_the_process_says_so_without_a_traceback(line: str) -> None:
    """The same, seen from outside, with the recursion limit that a process of its own has."""
    command = [sys.executable, "-m", "bcfl_ref.operations.testee"]
    done = subprocess.run(command, input=line + "\n", capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2 and "Traceback" not in done.stderr and done.stderr.count("\n") == 1


def test_a_state_that_no_ledger_reaches_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken invariant is skipped: neither an output nor a code, so it can pass for nothing."""

    def run(data: Any) -> Any:
        raise InvariantError("two of one")

    operation = Operation("toy.break", ("AGG-901",), run, "toy", ())
    assert "skipped" in testee.answerer([operation])("toy.break", {})
