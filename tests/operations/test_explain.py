"""`bcfl conformance explain`: a case is told whole, and told truly."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from bcfl_ref.cli import main
from bcfl_ref.errors import Code, UsageError
from bcfl_ref.operations import BY_NAME, explain
from rich.console import Console

ROOT = Path(__file__).parents[2]


def printed(identity: str) -> str:
    """What a person sees on a wide terminal."""
    text = io.StringIO()
    assert explain.print_case(ROOT, identity, Console(file=text, width=160))
    return text.getvalue()


def first(operation: str, **wanted: Any) -> dict[str, Any]:
    """The first case of an operation with an error, or without."""
    path = ROOT / "conformance" / "vectors" / (operation.replace(".", "/") + ".json")
    cases = json.loads(path.read_text(encoding="utf-8"))["cases"]
    case: dict[str, Any] = next(case for case in cases if ("error" in case["expect"]) == wanted["refused"])
    return case


def test_a_refused_case_shows_clause_twin_and_the_guard_that_refuses() -> None:
    """The clause's text, the path at which the twin differs, and exactly one refusing guard are on the page."""
    case = first("kernels.div_round", refused=True)
    text = printed(case["id"])
    assert "AGG-007" in text and case["comment"] in text and case["twin"] in text and case["differs_at"][0] in text
    assert text.count("REFUSES") == 1 and case["expect"]["error"] in text
    assert "the reference gives it" in text


def test_the_guards_before_the_refusal_have_passed() -> None:
    """The order is that of the operation: what stands before is passed, what stands after is not reached."""
    operation = BY_NAME["kernels.div_round"]
    data = {"numerators": ["1"], "multiplier": "1", "divisor": "0"}
    done = explain.evaluate(operation, data)
    assert done.refusal is not None and done.refusal.code is Code.DIVISOR_RANGE and "kernels" in done.place
    table = explain._guards(ROOT, operation, done)
    here = [str(cell) for cell in table.columns[3].cells]
    assert here[:2] == ["passed", "passed"] and here[2].startswith("REFUSES") and here[3:] == ["not reached"]


def test_the_way_through_the_clauses_is_shown() -> None:
    """The evaluation names the functions by clause in the order in which the reference enters them."""
    case = first("aggregation.multi_krum", refused=False)
    done = explain.evaluate(BY_NAME["aggregation.multi_krum"], case["input"])
    clauses = [call.clause for call in done.calls]
    assert clauses[0] == "AGG-029" and "AGG-027" in clauses and sys.getprofile() is None


@pytest.mark.parametrize("operation", ["consensus.step", "infrastructure.ledger"])
def test_a_machine_is_told_step_by_step(operation: str) -> None:
    """Each step stands there with its action and answer; a refused one leaves the digest unchanged."""
    case = first(operation, refused=False)
    text = printed(case["id"])
    assert "step by step" in text and case["input"]["steps"][0]["action"] in text
    if any("error" in step for step in case["expect"]["ok"]["steps"]):
        assert "unchanged" in text and "refused: " in text


def test_a_step_shows_its_rules_and_what_it_changed() -> None:
    """The rules of each step, the reason of a refusal, and the fields that are different afterwards."""
    operation = BY_NAME["consensus.step"]
    assert operation.machine is not None
    case = explain.find(ROOT, "con-step-refusals").case
    begin, played, answer = explain.turns(operation.machine, case["input"])
    assert answer == case["expect"] and begin.done.calls[0].name == "consensus.tendermint.start_height"
    refused = played[0]
    assert refused.done.refusal is not None and refused.done.refusal.code is Code.VOTE_HEIGHT
    assert refused.changes == [] and refused.digest == begin.digest and "check_vote" in refused.done.place
    changed = next(turn for turn in played if turn.action == "verdict" and turn.changes)
    assert "/verdicts" in [path for path, _, _ in changed.changes]
    assert any(call.name.endswith("_take_verdict") for call in changed.done.calls)
    assert not any(call.name.startswith(("encoding.", "operations.")) for turn in played for call in turn.done.calls)
    text = printed("con-step-refusals")
    assert "VOTE_HEIGHT: height 16, expected 17" in text and "/verdicts: none → 1, the last" in text


def test_an_unknown_case_names_its_neighbours() -> None:
    """A typing error is answered with what was meant; the command turns it into exit status 2."""
    identity = first("kernels.div_round", refused=True)["id"]
    with pytest.raises(UsageError, match=identity):
        explain.find(ROOT, identity[:-1])
    with pytest.raises(UsageError, match="no case is called"):
        explain.find(ROOT, "%%%")


def test_the_command_exits_as_promised(capsys: pytest.CaptureFixture[str]) -> None:
    """0 for a case that the reference answers as expected, 2 and one line for a case that is not there."""
    identity = first("kernels.domain_check", refused=True)["id"]
    with pytest.raises(SystemExit) as done:
        main(["conformance", "explain", identity, "--root", str(ROOT)])
    assert done.value.code == 0 and identity in capsys.readouterr().out
    with pytest.raises(SystemExit) as done:
        main(["conformance", "explain", identity + "x", "--root", str(ROOT)])
    assert done.value.code == 2 and capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("layer", sorted({name.partition(".")[0] for name in BY_NAME}))
def test_every_layer_can_be_explained(layer: str) -> None:
    """A case of some operations of the layer is told without a mistake, whatever its shape."""
    names = [name for name, item in BY_NAME.items() if item.layer == layer and item.profile == "core"]
    for name in names[::6]:
        path = ROOT / "conformance" / "vectors" / (name.replace(".", "/") + ".json")
        cases = json.loads(path.read_text(encoding="utf-8"))["cases"]
        shortest = min(cases, key=lambda case: len(json.dumps(case["input"])))
        assert shortest["comment"].split()[0] in printed(shortest["id"])
