"""Every bug of the faulty testee is caught, and by the vector that was written against it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from bcfl_conformance import SUITE
from bcfl_conformance import __main__ as runner
from bcfl_conformance.suite import load

FOLDER = SUITE / "testees" / "faulty"


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the folder of the faulty testee."""
    environment = {**os.environ, "PYTHONPATH": str(SUITE.parent / "python")}
    return subprocess.run(
        [sys.executable, *arguments], cwd=FOLDER, env=environment, capture_output=True, text=True, check=False
    )


def test_names_and_cases_exist() -> None:
    """Names are unique, and each bug names a case of the suite that says in its own words which bug it hunts."""
    listed = [line.split("\t") for line in python("testee.py", "--list").stdout.splitlines()]
    names = [name for name, _, _ in listed]
    assert len(set(names)) == len(names) >= 60
    assert {case for _, _, case in listed} <= {case.id for case in load(SUITE).cases if case.bug}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_every_bug_is_caught() -> None:
    """With the bug the case that was written against it fails."""
    ended = python("sweep.py")
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_a_faulty_testee_fails_through_the_runner(tmp_path: Path) -> None:
    """The runner, too, reports the bug: the named case failed, the others of the operation are judged."""
    report = tmp_path / "report.json"
    arguments = ["--testee", "testees/faulty", "--operation", "kernels.div_round", "--report", str(report)]
    assert runner.main([*arguments, "--quiet"]) == 1
    status = {row["case"]: row["status"] for row in json.loads(report.read_text())["results"]}
    assert status["div-round-halves"] == "failed" and "passed" in status.values()


@pytest.mark.parametrize("words", [["testee.py"], ["testee.py", "--bug", "nope"], ["sweep.py", "nope"]])
def test_an_unknown_bug_is_no_pass(words: list[str]) -> None:
    """One line and exit status 2, not a sweep over nothing."""
    ended = python(*words)
    assert ended.returncode == 2 and ended.stderr.count("\n") == 1 and ended.stdout == ""


def test_a_line_that_is_no_message_ends_it_in_one_line() -> None:
    """The faulty testee and the one in JavaScript say so and answer nothing."""
    commands = [[sys.executable, "testee.py", "--bug", "rounds-halves-up"]]
    if shutil.which("node") is not None:
        commands.append(["node", str(SUITE / "testees" / "javascript" / "main.mjs")])
    environment = {**os.environ, "PYTHONPATH": str(SUITE.parent / "python")}
    for command in commands:
        for line in ("hello\n", "null\n", '{"type": "walk"}\n'):
            ended = subprocess.run(
                command, cwd=FOLDER, env=environment, input=line, capture_output=True, text=True, check=False
            )
            assert ended.returncode == 2 and ended.stdout == "" and ended.stderr.count("\n") == 1, command


def test_a_bug_that_lost_its_place_is_an_error() -> None:
    """When the reference changes, a bug whose text is gone is a failure and no silent pass."""
    ended = python(
        "-c",
        "import mutation; mutation.install(mutation.Bug('x', 'x', 'bcfl_ref.errors', 'no such text', '', 'x'));"
        "import bcfl_ref.errors",
    )
    assert ended.returncode == 1 and "stands 0 times" in ended.stderr
