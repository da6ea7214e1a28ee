"""The differential run: the same seed asks the same, whoever differs is named, and an empty run shows nothing."""

from __future__ import annotations

import json
import random
import shlex
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bcfl_conformance import SUITE, differential, mutate
from bcfl_conformance.mutate import Change, Source
from bcfl_conformance.suite import load
from bcfl_ref import kernels
from bcfl_ref.kernels import _arguments
from bcfl_ref.operations import OPERATIONS, testee
from bcfl_ref.privacy import alignment, bounds, graph, triples

_UPDATE = ("state", "tasks", 0, "round", "updates", 0, "status")
_SCORED = ("state", "tasks", 0, "round", "scored")
_STEP = ("state", "tasks", 0, "round", "secure", "members", 0, "step")
_SEAT = ("state", "committee", "seats", 0, "identity")


@pytest.fixture
def ask(toy_suite: Path, fake: Callable[[str], str], tmp_path: Path) -> Callable[..., tuple[int, Any]]:
    """Run the fake testee in two modes against each other; gives the exit status and the JSON report."""

    def run(left: str, right: str, *arguments: str) -> tuple[int, Any]:
        target = tmp_path / "differential.json"
        command = ["--suite", str(toy_suite), "--json", str(target), "--cases", "60"]
        for mode in (left, right):
            command += ["--testee", fake(mode)]
        status = differential.main([*command, *arguments])
        return status, json.loads(target.read_text()) if target.exists() else None

    return run


def test_two_of_a_kind_agree(ask: Callable[..., tuple[int, Any]], capsys: pytest.CaptureFixture[str]) -> None:
    """Equal testees agree on everything, and both accepted and refused questions are counted."""
    status, report = ask("good", "good ")
    assert status == 0 and report["disagreements"] == []
    assert report["accepted"] > 5 and report["compared"] == report["accepted"] + report["refused"] > 20
    assert "no disagreements" in capsys.readouterr().out


def test_who_differs_is_shown_with_the_way_to_repeat_it(
    ask: Callable[..., tuple[int, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    """Seed, operation, input, both answers and a command are printed; the command's arguments find it again."""
    status, report = ask("good", "accepts-all", "--seed", "3")
    found = report["disagreements"][0]
    text = capsys.readouterr().out
    assert status == 1 and found["operation"] == "toy.halve" and "VALUE_RANGE" in text and '"half": "50"' in text
    again = next(line for line in text.splitlines() if "    again     " in line).partition("again     ")[2]
    words = shlex.split(again)
    assert words[:3] == [sys.executable, "-m", "bcfl_conformance.differential"]
    status, repeated = ask("good", "accepts-all", *words[words.index("--seed") :])
    assert status == 1 and repeated["disagreements"][0]["input"] == found["input"]


def test_a_crash_is_a_disagreement_and_the_run_goes_on(ask: Callable[..., tuple[int, Any]]) -> None:
    """Who crashes has not agreed, and a new child is asked the next question; crashes of one kind are told once."""
    status, report = ask("good", "crash-on-refusal")
    assert status == 1 and any("crashed" in answer for answer in report["disagreements"][0]["answers"].values())
    assert len(report["disagreements"]) < 4 and report["asked"] == 60


def test_what_is_too_much_for_all_is_unanswered(
    ask: Callable[..., tuple[int, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    """It is no disagreement, but counted by name, and more than one in a thousand of it shows little: status 2."""
    status, report = ask("hang", "hang ", "--operation", "toy.halve", "--time-limit", "0.5", "--cases", "12")
    assert report["disagreements"] == [] and report["asked"] == 12
    assert report["unanswered"] and all(row["operation"] == "toy.halve" for row in report["unanswered"])
    assert report["compared"] == 12 - len(report["unanswered"]) > 0
    printed = capsys.readouterr()
    assert status == 2 and "answered by nobody within the time limit: toy.halve number" in printed.out
    assert "little is shown" in printed.err


def test_a_time_out_of_one_is_a_disagreement(ask: Callable[..., tuple[int, Any]]) -> None:
    """Whoever is still silent when another has answered parts from it."""
    status, report = ask("good", "hang", "--operation", "toy.halve", "--time-limit", "0.5", "--cases", "12")
    assert status == 1 and report["unanswered"] == []
    assert any("timed_out" in answer for answer in report["disagreements"][0]["answers"].values())


def test_few_unanswered_questions_are_forgiven() -> None:
    """One in a thousand is, one more is not."""
    tally, question = differential.Tally(), mutate.Question("toy.halve", 1, "toy-two", {}, ())
    for number in range(2000):
        silent = number in (3, 900)
        tally.count(question, {name: {"timed_out": "1 s"} if silent else {"ok": 1} for name in "ab"}, ())
    assert len(tally.unanswered) == 2 and not tally.too_many_unanswered
    tally.count(question, {"a": {"timed_out": "1 s"}}, ())
    assert tally.too_many_unanswered


def test_a_testee_that_does_not_start_is_named(
    ask: Callable[..., tuple[int, Any]],
    toy_suite: Path,
    fake: Callable[[str], str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without --optional nothing is shown; with it the testee is left out, and one alone shows nothing either."""
    command = ["--suite", str(toy_suite), "--testee", fake("good"), "--testee", "no-such-program-anywhere"]
    assert differential.main(command) == 2
    assert "no-such-program-anywhere" in capsys.readouterr().err
    assert differential.main([*command, "--optional"]) == 2
    assert "left out" in capsys.readouterr().out


def test_a_testee_may_be_named_twice(ask: Callable[..., tuple[int, Any]]) -> None:
    """Then it is compared with itself, not lost: whoever answers differently each time is found."""
    status, report = ask("good", "good")
    assert status == 0 and report["compared"] > 20 and len(report["testees"]) == 2


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--cases", "0"], "0 is below 1"),
        (["--only", "-1"], "-1 is below 0"),
        (["--time-limit", "0"], "not above 0"),
        (["--operation", "nope"], "no case fits the filters"),
        (["--json", "."], "is a folder"),
        (["--testee", "'one quote"], "quot"),
        (["--seed"], "expected one argument"),
    ],
)
def test_a_wrong_call_is_one_line_and_status_2(
    arguments: list[str],
    complaint: str,
    toy_suite: Path,
    fake: Callable[[str], str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What is wrong is said before anything is asked."""
    try:
        status: object = differential.main(["--suite", str(toy_suite), "--testee", fake("good"), *arguments])
    except SystemExit as left:
        status = left.code
    printed = capsys.readouterr()
    assert status == 2 and complaint in printed.err and printed.err.count("\n") == 1


def test_questions_follow_from_seed_and_number_alone() -> None:
    """The same seed gives the same question, another seed others; the case it comes from is never changed."""
    cases = [case for case in load(SUITE).cases if case.operation == "contract.join"]
    before = json.dumps([case.input for case in cases])
    questions = [Source("contract.join", cases, "1").question(n) for n in range(30)]
    assert questions == [Source("contract.join", cases, "1").question(n) for n in range(30)]
    assert questions != [Source("contract.join", cases, "2").question(n) for n in range(30)]
    assert json.dumps([case.input for case in cases]) == before


def test_changes_keep_the_kind_of_what_they_change() -> None:
    """A decimal stays decimal, hex stays whole bytes, an int32 stays one, objects keep their keys."""
    chance = random.Random(1)
    for _ in range(400):
        assert mutate._DECIMAL.fullmatch(mutate.mutated(chance, "18446744073709551615"))
        assert mutate._HEX.fullmatch(mutate.mutated(chance, "0x00ff"))
        assert -(2**31) <= mutate.mutated(chance, 2**20) < 2**31
        assert mutate.mutated(chance, {"a": "1", "b": "2", "c": []}).keys() == {"a", "b", "c"}
        assert isinstance(mutate.mutated(chance, [1, 2, 3]), list) and mutate.mutated(chance, True) is False


@pytest.mark.parametrize("operation", sorted(mutate.WORK))
def test_no_question_asks_for_minutes_of_work(operation: str) -> None:
    """The field that says how much there is to do exists, stays small unless refused, and is still changed."""
    field, most, limit = mutate.WORK[operation]
    cases = [case for case in load(SUITE).cases if case.operation == operation]
    source = Source(operation, cases, "work")
    seen = set()
    for question in map(source.question, range(150)):
        assert not question.changes or mutate.is_affordable(operation, question.input), question.number
        seen |= {value for path, value in mutate.places(question.input) if path[-1:] == (field,)}
    numbers = [int(value) for value in seen]
    assert any(1 < number <= most for number in numbers)
    assert limit == mutate.WORD - 1 or any(number > limit for number in numbers)


def test_the_limits_of_work_are_those_of_the_operations() -> None:
    """So that no number between the two is taken for one that is refused at once."""
    assert {operation: limit for operation, (_, _, limit) in mutate.WORK.items()} == {
        "consensus.proposer_at": mutate.WORD - 1,
        "kernels.discrete_gaussian": _arguments.NOISE_COUNT_MAX,
        "privacy.blind_set": alignment.CAPACITY_MAX,
        "privacy.deal_triples": triples.COUNT_MAX,
        "privacy.graph_size": bounds.MEMBERS_MAX,
        "privacy.neighbour_graph": graph.MEMBERS_MAX,
        "privacy.triple_store": triples.COUNT_MAX,
    }


#: Questions on which two testees once parted: (operation, case, what was changed, kind of answer).
PARTED = (
    ("privacy.check_list", "prv-list", {("neighbours", 3, "around", 0): "2"}, "error"),
    ("privacy.unmask_sum", "unmask-sum-ring-65", {("broken", 0, "dropped"): "18446744073709551611"}, "error"),
    ("incentive.round_payouts", "inc-payouts-all-roles", {("task", "spec", "privacy", "mode"): "1"}, "skipped"),
    ("privacy.open_groups", "prv-open-largest", {("state", "tasks", 0, "spec", "trainers_max"): "2"}, "ok"),
    ("contract.settle", "prv-settle-keys-missing", {_UPDATE: "1"}, "skipped"),
    ("privacy.open_groups", "prv-open-range-beyond", {_STEP: "2"}, "skipped"),
    ("contract.settle", "prv-settle-two-groups-even", {_SCORED: False}, "skipped"),
    ("contract.advance_tasks", "ctr-advance-settlement", {("state", "height"): "1000"}, "skipped"),
    ("infrastructure.authenticate_block", "inf-signed-all-seats", {_SEAT: "65536"}, "skipped"),
)


@pytest.mark.parametrize(("operation", "base", "changes", "kind"), PARTED, ids=[row[0] for row in PARTED])
def test_what_parted_once_agrees_now(operation: str, base: str, changes: dict[Any, str], kind: str) -> None:
    """The reference answers in the way that was decided, and JavaScript, where it answers, says the same."""
    suite = load(SUITE)
    case = next(case for case in suite.cases if case.id == base)
    data = mutate.apply(case.input, [Change(path, value) for path, value in changes.items()])
    assert data != case.input
    answers = {"reference": testee.answerer(OPERATIONS)(operation, data)}
    answers["reference"].pop("detail", None)
    assert list(answers["reference"]) == [kind]
    if shutil.which("node") is not None:
        player = differential.Player("testees/javascript", suite.digest, 60.0)
        answers |= differential.ask([player], operation, case.profile, data)
        player.stop()
    assert differential.agree(answers, case.errors)


def test_a_change_whose_place_is_gone_is_left_out() -> None:
    """So that undoing one change never breaks the others."""
    assert mutate.apply({"a": [1]}, [Change(("a", 5), 2), Change(("b",), 3), Change(("a", 0), 4)]) == {"a": [4]}


def test_a_planted_bug_is_found(tmp_path: Path) -> None:
    """The faulty testee, which rounds halves up, parts from the reference on some mutated question."""
    report = tmp_path / "report.json"
    command = ["--seed", "bug", "--operation", "kernels.coordinate_median", "--operation", "kernels.div_round"]
    command += [
        "--testee",
        "testees/reference",
        "--testee",
        "testees/faulty",
        "--cases",
        "200",
        "--json",
        str(report),
    ]
    assert differential.main(command) == 1
    found = json.loads(report.read_text(encoding="utf-8"))["disagreements"]
    assert all(row["operation"].startswith("kernels.") for row in found)


def test_our_testees_agree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Reference, compiled module and JavaScript answer the same to some hundred questions, many of them accepted."""
    report = tmp_path / "report.json"
    command = ["--seed", "tests", "--cases", "800", "--seconds", "10", "--json", str(report), "--optional"]
    command += ["--testee", "testees/reference"]
    native = kernels.available_variants()[-1] != "python"
    javascript = shutil.which("node") is not None and (SUITE / "testees" / "javascript").is_dir()
    if not native and not javascript:
        pytest.skip("there is nobody to compare the reference with")
    command += ["--testee", "testees/module"] * native + ["--testee", "testees/javascript"] * javascript
    status = differential.main(command)
    assert status == 0, capsys.readouterr().out
    counts = Counter(json.loads(report.read_text(encoding="utf-8")))
    assert counts["accepted"] > 100 and counts["refused"] > 50
