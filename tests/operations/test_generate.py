"""The generator: what it writes, and what it refuses to write."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bcfl_ref.errors import Code
from bcfl_ref.operations import Case, Machine, Step, Trace, _canonical, _proof, generate, machine_operation
from bcfl_ref.operations.cases import CASES
from bcfl_ref.operations.cases._hunted import HUNTED, hunting
from operations import toy


def problems(operations: Any, cases: Any) -> str:
    with pytest.raises(generate.GenerationError) as refusal:
        generate.build(operations, cases)
    return str(refusal.value)


def test_answers_of_the_reference_are_recorded() -> None:
    """A vector file carries input, answer, clauses, provenance and its own digest."""
    files = generate.build(toy.OPERATIONS, toy.CASES)
    body = json.loads(files["vectors/toy/halve.json"])
    assert [case["expect"] for case in body["cases"]] == [
        {"ok": {"half": "2"}},
        {"error": "VALUE_RANGE"},
        {"error": "ENCODING_INVALID"},
        {"error": "VALUE_RANGE"},
    ]
    assert body["cases"][2]["differs_at"] == ["/value"]
    assert body["clauses"] == ["AGG-901"] and body["source"]["generator_version"] == generate.GENERATOR_VERSION
    stated = body.pop("digest")
    assert stated == _canonical.digest(body)


def test_a_trace_carries_each_digest_and_the_last_state() -> None:
    """Steps of a machine are answered one by one, and the refused one gives the digest before it."""
    files = generate.build(toy.OPERATIONS, toy.CASES)
    answer = json.loads(files["vectors/toy/counter.json"])["cases"][0]["expect"]["ok"]
    assert [set(step) for step in answer["steps"]] == [{"ok", "state_digest"}, {"error", "state_digest"}]
    assert answer["steps"][0]["state_digest"] == answer["steps"][1]["state_digest"] == f"0x{10:064x}"
    assert answer["init_digest"] == f"0x{8:064x}" and answer["state"] == "10"


def test_regeneration_changes_nothing(tmp_path: Path) -> None:
    """Writing twice is a no-op; a stray, changed or missing file is found and put right."""
    assert len(generate.write(tmp_path, toy.OPERATIONS, toy.CASES)) == 4
    assert generate.write(tmp_path, toy.OPERATIONS, toy.CASES) == []
    (tmp_path / "vectors/toy/stray.json").write_text("{}")
    (tmp_path / "manifest.json").unlink()
    stale = ["manifest.json", "vectors/toy/stray.json"]
    assert generate.check(tmp_path, toy.OPERATIONS, toy.CASES) == stale
    assert generate.write(tmp_path, toy.OPERATIONS, toy.CASES) == stale
    assert generate.check(tmp_path, toy.OPERATIONS, toy.CASES) == []


def test_manifest_pins_counts() -> None:
    """The manifest counts cases, refusals and steps by file and in all."""
    manifest = json.loads(generate.build(toy.OPERATIONS, toy.CASES)["manifest.json"])
    assert (manifest["cases"], manifest["rejecting"], manifest["steps"]) == (5, 3, 2)
    assert [row["path"] for row in manifest["files"]] == [
        "vectors/toy/halve.json",
        "vectors/toy/counter.json",
    ]


@pytest.mark.parametrize(
    ("replacement", "complaint"),
    [
        (Case("toy.halve", "toy-halve-four", "again", {"value": "6"}), "toy-halve-four is listed 2 times"),
        (Case("toy.halve", "toy-b", "no twin", {"value": "7"}), "names no accepting twin"),
        (
            Case("toy.halve", "toy-b", "x", {"value": "7"}, twin="toy-halve-odd"),
            "is refused with ENCODING_INVALID",
        ),
        (Case("toy.halve", "toy-b", "x", {"value": "7"}, twin="toy-none"), "no case toy-none"),
        (Case("toy.halve", "toy-b", "x", {"value": "7", "y": "1"}, twin="toy-halve-four"), "/value, /y"),
        (Case("toy.halve", "toy-b", "x", {"value": "8"}, twin="toy-halve-four"), "accepted, although"),
        (Case("toy.none", "toy-b", "x", {}), "no operation is called toy.none"),
        (Case("toy.halve", "Toy_B", "x", {"value": "8"}), "lower-case words"),
        (Case("toy.halve", "toy-b", "x", {"value": "8", "f": 0.5}), "/f has no place in JSON"),
        (Case("toy.halve", "toy-b", "x", {"value": "8"}, clauses=("AGG-1",)), "AGG-1 is not a clause id"),
        (Trace("toy.halve", "toy-b", "x", {}, ()), "traces belong to machines"),
        (Trace("toy.counter", "toy-b", "x", "ten", ()), "failed with ValueError"),
    ],
)
def test_a_bad_case_is_refused(replacement: Case | Trace, complaint: str) -> None:
    """Each way in which a case can be wrong is named."""
    assert complaint in problems(toy.OPERATIONS, (*toy.CASES, replacement))


def test_holes_of_an_operation_are_refused() -> None:
    """No accepting case, a code no case gives, a code not listed, a name listed twice: each is named."""
    extra = replace(toy.HALVE, errors=(Code.VALUE_RANGE, Code.ENCODING_INVALID, Code.EMPTY))
    assert "no case is refused with EMPTY" in problems((extra,), toy.CASES[:3])
    assert "does not list ENCODING_INVALID" in problems(
        (replace(toy.HALVE, errors=(Code.VALUE_RANGE,)),), toy.CASES[:3]
    )
    assert "no accepting case" in problems((toy.HALVE,), toy.CASES[1:3])
    assert "is listed 2 times" in problems((toy.HALVE, toy.HALVE), ())


def test_a_refusal_that_changes_the_state_is_refused() -> None:
    """A step that is refused and yet gives another digest is a bug of the reference, found here."""
    states: list[int] = []

    def digest(state: int) -> str:
        states.append(state)
        return f"0x{len(states):064x}"

    machine = Machine(init=int, step=toy.COUNTER.machine.step, digest=digest, view=str)  # type: ignore[union-attr]
    broken = machine_operation("toy.counter", ("AGG-902",), machine, "x.y", (Code.VALUE_RANGE,))
    trace = Trace("toy.counter", "toy-t", "x", "10", (Step("add", "1"), Step("add", "0")))
    assert "refused step 0 changed the state" in problems((broken,), (trace,))


def test_two_fault_cases_differ_in_two_places() -> None:
    """A case that pins the order of guards differs from its twin at exactly two paths."""
    assert _proof.differences({"a": [1, {"b": "x"}], "c": "1"}, {"a": [1, {"b": "y"}], "d": "1"}) == [
        "/a/1/b",
        "/c",
        "/d",
    ]
    assert _proof.differences({"a": [1, 2]}, {"a": [1]}) == ["/a"] and _proof.differences(1, True) == ["/"]
    assert _proof.differences({"a": [1, 2, 3]}, {"a": [2, 1, 3]}) == ["/a"]
    case = next(case for case in toy.CASES if isinstance(case, Case) and case.two_fault)
    generate.build((toy.HALVE,), (*toy.CASES[:3], case))
    assert "exactly 2 path(s)" in problems((toy.HALVE,), (*toy.CASES[:3], replace(case, input={"value": "101"})))


def test_canonical_text_is_stable_and_readable() -> None:
    """Keys are sorted, what is short stands on one line, and the text reads back as the same value."""
    value = {"b": [1, -2], "a": {"z": [], "y": {}, "x": [{"k": True}]}, "é": None}
    text = _canonical.text(value)
    assert json.loads(text) == value and text.endswith("}\n") and '"b":[1,-2]' in text and text.isascii()
    deep: Any = {"numbers": list(range(100)), "short": {"b": 1, "a": 2}}
    for _ in range(10):
        deep = [deep]
    lines = _canonical.text(deep).splitlines()
    assert json.loads("".join(lines)) == deep and ' "short": {"a":2,"b":1}' in lines[12]
    assert max(len(line) - len(line.lstrip()) for line in lines) == _canonical.INDENT_MAX
    assert all(len(line) <= _canonical.LINE_WIDTH + 2 for line in lines if "numbers" not in line)


def test_a_bug_is_given_to_the_case_that_bears_the_name() -> None:
    """The table of hunted bugs fills in what a case leaves out, and names of no such case are an error."""
    named = {case.id: case.bug for case in CASES}
    assert {name: named[name] for name in HUNTED} == HUNTED
    with pytest.raises(KeyError, match="agg-mean-domain"):
        tuple(hunting(case for case in CASES if case.id != "agg-mean-domain"))
    with pytest.raises(KeyError, match="agg-mean-domain"):
        tuple(hunting(CASES))
