"""The runner tells the truth about each testee, however it misbehaves."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bcfl_conformance import __main__ as runner

Play = Callable[..., dict[str, Any]]


def test_a_right_testee_conforms(play: Play) -> None:
    """Every offered case passes, what is not offered is unsupported, and the exit status is 0."""
    report = play("right")
    assert report["exit"] == 0 and report["verdict"] == "pass"
    assert report["status"] == {
        "toy-two": "passed",
        "toy-large": "passed",
        "toy-four": "passed",
        "toy-signed": "unsupported",
        "toy-trace": "passed",
    }
    assert play("all-profiles")["status"]["toy-signed"] == "passed"
    assert play("halves-only")["status"]["toy-trace"] == "unsupported"


@pytest.mark.parametrize(
    ("mode", "case", "status", "reason"),
    [
        ("wrong", "toy-two", "failed", "differs at /ok/half"),
        ("wrong-code", "toy-large", "failed", "refused with EMPTY, not VALUE_RANGE"),
        ("accepts-all", "toy-large", "failed", "accepted, must be refused"),
        ("refusal-changes-state", "toy-trace", "failed", "step 1 (add) differs at /state_digest"),
        ("crash", "toy-two", "crashed", "exit status 3"),
        ("exit-zero", "toy-two", "crashed", "exit status 0 before it answered"),
        ("crash-on-refusal", "toy-large", "crashed", "exit status 1"),
        ("hang", "toy-two", "timed_out", "no answer within 1 s"),
        ("garbage", "toy-two", "garbled", "not one JSON object"),
        ("two-answers-in-one", "toy-two", "garbled", "not a run answer"),
        ("key-twice", "toy-two", "garbled", "a key twice"),
        ("nan", "toy-two", "garbled", "NaN is not JSON"),
        ("true-for-one", "toy-two", "garbled", "/id is not of type integer"),
        ("wrong-id", "toy-two", "garbled", "answered question 1001"),
        ("out-of-order", "toy-two", "garbled", "answered question 2, was asked question 1"),
        ("twice", "toy-two", "garbled", "then wrote another line"),
        ("late-twice", "toy-two", "garbled", "then wrote another line"),
        ("twice-last", "toy-trace", "garbled", "then wrote another line"),
        ("flood", "toy-two", "garbled", "answered question 999"),
        ("unterminated", "toy-two", "crashed", "closed its output and kept running, after the beginning of a line"),
        ("not-utf-8", "toy-two", "garbled", "can't decode byte 0xff"),
        ("byte-order-mark", "toy-two", "garbled", "BOM"),
        ("half-a-pair", "toy-two", "garbled", "surrogates not allowed"),
        ("deep", "toy-two", "garbled", "nested deeper than 128"),
        ("very-deep", "toy-two", "garbled", "nested deeper than 128"),
        ("infinity", "toy-two", "garbled", "-Infinity is not JSON"),
        ("digits", "toy-two", "garbled", "4300 digits"),
        ("empty-line", "toy-two", "garbled", "not one JSON object"),
        ("array", "toy-two", "garbled", "/ is not of type object"),
        ("two-on-a-line", "toy-two", "garbled", "Extra data"),
        ("no-code", "toy-two", "garbled", "/error does not match"),
        ("nothing-said", "toy-two", "garbled", "lacks ok; / lacks error"),
        ("endless-line", "toy-two", "garbled", "without an end of the line"),
        ("cut-line", "toy-two", "crashed", "exit status 0 before it answered, after the beginning of a line"),
        ("orphan", "toy-two", "crashed", "exit status 4"),
        ("drip", "toy-two", "timed_out", "no answer within 1 s"),
        ("stderr-flood", "toy-two", "timed_out", "no answer within 1 s"),
        ("deaf", "toy-two", "timed_out", "no answer within 1 s"),
        ("talks-on", "toy-trace", "garbled", "then wrote another line"),
    ],
)
def test_a_vice_is_reported_for_what_it_is(play: Play, mode: str, case: str, status: str, reason: str) -> None:
    """The broken case carries its own status and reason, and every other case is still judged rightly."""
    slow = mode in ("hang", "orphan", "drip", "stderr-flood", "deaf")
    report = play(mode, "--time-limit", "1" if slow else "20")
    assert report["exit"] == 1
    assert report["status"].pop(case) == status and reason in report["reason"][case]
    assert set(report["status"].values()) <= {"passed", "unsupported"}


def test_stderr_is_kept_apart(play: Play) -> None:
    """Noise on stderr disturbs nothing; what a broken testee wrote there stands in the report."""
    assert play("noise")["exit"] == 0
    crashed = [row for row in play("crash")["results"] if row["case"] == "toy-two"]
    assert crashed[0]["stderr"] == "about to fail"


def test_a_testee_that_always_crashes_is_given_up(play: Play) -> None:
    """Restarts are limited; what was not played is said to be so and counts against the testee."""
    report = play("crash-always", "--restarts", "1")
    assert report["exit"] == 1
    assert [report["status"][case] for case in ("toy-two", "toy-large", "toy-four", "toy-trace")] == [
        "crashed",
        "crashed",
        "not_run",
        "not_run",
    ]


def test_a_testee_is_the_same_in_every_child(play: Play, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever says another hello after a crash, or in another worker, is judged no further."""
    report = play("fickle")
    assert report["exit"] == 1 and report["status"]["toy-two"] == "crashed"
    assert report["status"]["toy-large"] == "not_run" and "another hello" in report["reason"]["toy-large"]
    assert play("fickle", "--workers", "2", "--json", os.devnull)["exit"] == 2
    assert "another hello in each child" in capsys.readouterr().err


def test_skipped_and_unsupported_are_no_pass(play: Play) -> None:
    """A skipped case is reported with its link; a testee that answers nothing does not conform."""
    report = play("skip")
    assert report["exit"] == 0 and report["reason"]["toy-two"] == "known bug (https://example.org/7)"
    assert play("unsupported")["exit"] == 1
    assert play("unsupported", "--optional")["exit"] == 0 and play("wrong", "--optional")["exit"] == 1


def test_a_testee_that_does_not_leave_well_is_a_problem(play: Play) -> None:
    """An exit status other than 0 after stop is reported and fails the run."""
    report = play("bad-leave")
    assert report["exit"] == 1 and report["problems"] == ["the testee left with exit status 7 after stop"]
    assert play("stays")["problems"] == ["the testee was still running after stop, and was killed"]


def test_a_testee_that_cannot_start_is_no_failure_but_no_verdict(
    play: Play, capsys: pytest.CaptureFixture[str]
) -> None:
    """No hello, another protocol or no program: exit status 2 and one clear reason."""
    for mode, reason in (
        ("no-start", "no such licence"),
        ("old", "speaks protocol 2"),
        ("float-protocol", "/protocol is not of type integer"),
        ("no-operations", "/operations is shorter than 1"),
        ("more", "must not have mood"),
        ("half-a-name", "surrogates not allowed"),
    ):
        assert play(mode)["exit"] == 2
        assert reason in capsys.readouterr().err


def test_two_hellos_spoil_every_case(play: Play) -> None:
    """The second hello is read as the answer to the first question, after each restart anew."""
    report = play("hello-twice")
    assert report["exit"] == 1 and report["status"].pop("toy-signed") == "unsupported"
    assert set(report["status"].values()) == {"garbled"} and "/ lacks id" in report["reason"]["toy-two"]


def test_a_testee_cannot_steer_the_terminal(play: Play, capsys: pytest.CaptureFixture[str]) -> None:
    """Names and reasons are printed on one line, without control characters."""
    assert play("colourful")["exit"] == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[-1] == "fine\\x1b[2J\\nfake conforms: 5 passed conforms: 4 passed, 1 unsupported"
    assert play("steers")["reason"]["toy-two"] == "\x1b[2Jgone (https://example.org/\nall passed)"
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "--testee says which program to ask"),
        (["--testee"], "expected one argument"),
        (["--testee", ""], "--testee says which program to ask"),
        (["--testee", "no-such-program-anywhere"], "cannot start the testee"),
        (["--testee", "'one quote"], "no command line" if os.name == "posix" else "cannot start"),
        (["--testee", "TOML:x"], "testee.toml"),
        (["--testee", "TOML:command = 3"], "`command` is not a list of words"),
        (["--testee", "TOML:command = []"], "`command` is not a list of words"),
        (["--testee", "GOOD", "--layer", "nope"], "no case fits the filters"),
        (["--testee", "GOOD", "--suite", "/no/such/folder"], "manifest.json"),
        (["--testee", "GOOD", "--expected-failures", "/no/such/file"], "/no/such/file"),
        (["--testee", "GOOD", "--report", "r.txt"], "suffix must be"),
        (["--testee", "GOOD", "--json", "."], "is a folder"),
        (["--testee", "GOOD", "--workers", "0"], "0 is below 1"),
        (["--testee", "GOOD", "--restarts", "-1"], "-1 is below 0"),
        (["--testee", "GOOD", "--time-limit", "nan"], "not above 0"),
        (["--testee", "GOOD", "--time-limit", "inf"], "at most 86400 seconds"),
        (["--testee", "GOOD", "--time-limit", "soon"], "invalid seconds value"),
        (["--testee", "GOOD", "--wrokers", "2"], "unrecognized arguments"),
    ],
    ids=lambda value: " ".join(value)[-30:] if isinstance(value, list) else "",
)
def test_a_wrong_call_is_one_line_and_status_2(
    arguments: list[str],
    complaint: str,
    toy_suite: Path,
    fake: Callable[[str], str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What is wrong is said before anything is played, without a traceback and without the whole usage."""
    words = ["--suite", str(toy_suite), "--quiet"]
    for word in arguments:
        if word.startswith("TOML:"):
            (tmp_path / "testee.toml").write_text(word.removeprefix("TOML:"))
        words.append(fake("right") if word == "GOOD" else str(tmp_path) if word.startswith("TOML:") else word)
    try:
        status: object = runner.main(words)
    except SystemExit as left:
        status = left.code
    printed = capsys.readouterr()
    assert status == 2 and printed.out == ""
    assert complaint in printed.err and printed.err.count("\n") == 1


def test_expected_failures_are_excused_and_unexpected_passes_are_not(play: Play, tmp_path: Path) -> None:
    """A listed failure is in order, a listed pass is not, and neither is a pattern without a case."""
    listed = tmp_path / "expected.txt"
    listed.write_text("# ours\ntoy-tw*: rounds up, see issue 7\n")
    report = play("wrong", "--expected-failures", str(listed))
    assert report["exit"] == 0 and report["summary"]["expected_failures"] == 1
    report = play("right", "--expected-failures", str(listed))
    assert report["exit"] == 1 and report["summary"]["unexpected_passes"] == 1
    listed.write_text("toy-gone: was renamed\n")
    assert play("right", "--expected-failures", str(listed))["problems"] == [
        "expected failure toy-gone: no such case"
    ]
    assert play("right", "--expected-failures", str(listed), "--case", "toy-two")["exit"] == 0
    listed.write_text("toy-two\n")
    assert play("right", "--expected-failures", str(listed))["exit"] == 2


def test_filters_choose_cases(play: Play) -> None:
    """Layer, operation, clause, flag, case and profile narrow the run; an empty choice is exit status 2."""
    assert set(play("right", "--clause", "AGG-902")["status"]) == {"toy-four"}
    assert set(play("right", "--operation", "toy.co*")["status"]) == {"toy-trace"}
    assert set(play("right", "--flag", "Plain")["status"]) == {"toy-two"}
    assert set(play("right", "--layer", "toy", "--profile", "core", "--case", "toy-l*")["status"]) == {"toy-large"}
    assert play("right", "--layer", "moon")["exit"] == 2


def test_workers_change_nothing_but_the_time(play: Play) -> None:
    """With several children the results are the same and in the order of the suite."""
    one, three = play("wrong"), play("wrong", "--workers", "3")
    assert list(one["status"].items()) == list(three["status"].items())


def test_smoke_judges_manners_only(play: Play) -> None:
    """A wrong answer passes the smoke run, a crash does not."""
    assert play("wrong", "--smoke")["exit"] == 0
    assert play("crash", "--smoke")["exit"] == 1


def test_list_prints_the_chosen_cases(play: Play, capsys: pytest.CaptureFixture[str]) -> None:
    """`--list` plays nothing."""
    assert play("no-start", "--list", "--clause", "AGG-902")["exit"] == 0
    assert capsys.readouterr().out.startswith("toy-four\ttoy.halve\tAGG-902")


def test_a_broken_suite_judges_nobody(play: Play, toy_suite: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A changed file, a stray file or a missing one is exit status 2."""
    path = toy_suite / "vectors/toy/halve.json"
    good = path.read_text()
    path.write_text(good.replace('"half": "2"', '"half": "3"'))
    assert play("right")["exit"] == 2 and "digest" in capsys.readouterr().err
    path.write_text(json.dumps({**json.loads(good), "extra": 1}))
    assert play("right")["exit"] == 2 and "must not have extra" in capsys.readouterr().err
    path.write_text(good)
    (toy_suite / "vectors/toy/stray.json").write_text(good)
    assert play("right")["exit"] == 2 and "not in manifest.json" in capsys.readouterr().err
