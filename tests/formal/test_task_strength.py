"""The traces of the task model catch the bugs planted in contract and pay, but for what it cannot say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FAULTY = ROOT / "conformance" / "testees" / "faulty"
BEYOND = {
    "escrow-wraps": "numbers of more than 32 bits",
    "shares-in-16-bits": "numbers of more than 32 bits",
    "score-to-nearest": "scores are whole hundredths",
    "bar-rounded": "scores are whole hundredths",
    "rule-checked-for-the-most-only": "aggregation rules",
    "blob-content-unchecked": "what is in a blob",
    "blob-clamped-at-reveal": "what is in a blob",
    "aggregators-drawn-big-endian": "the draw is any draw",
    "supply-without-unbonding": "stakes",
}
"""Why the model has nothing to say of a bug."""
REPLAY = """
import json, sys
sys.path.insert(0, sys.argv[2])
import mutation
from bugs import contract, incentive
mutation.install(next(bug for bug in (*contract.BUGS, *incentive.BUGS) if bug.name == sys.argv[1]))
from bcfl_ref.operations.transition import OPERATIONS
for case in json.load(open(sys.argv[3]))["cases"]:
    if case["id"].startswith("ctr-model-"):
        try:
            same = {"ok": OPERATIONS[0].run(case["input"])} == case["expect"]
        except Exception:
            same = False
        if not same:
            print("caught by", case["id"])
            break
"""


def replay(name: str) -> str:
    """Play the traces on a reference with this bug, until one shows it."""
    vectors = ROOT / "conformance" / "vectors" / "transition" / "heights.json"
    command = [sys.executable, "-c", REPLAY, name, str(FAULTY), str(vectors)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "python")}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def names() -> list[str]:
    """The bugs of contract and incentive."""
    code = "import json; from bugs import contract, incentive; "
    code += "print(json.dumps([bug.name for bug in (*contract.BUGS, *incentive.BUGS)]))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "python")}
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=FAULTY, env=environment, capture_output=True, text=True, check=True
    )
    found: list[str] = json.loads(ended.stdout)
    return found


@pytest.mark.deep
@pytest.mark.timeout(1800)
def test_planted_bugs_are_caught() -> None:
    """Every planted bug changes some answer of some trace, unless it lies beyond the model."""
    listed = names()
    assert set(listed) >= BEYOND.keys() and len(listed) > 45
    with ThreadPoolExecutor(2) as pool:
        missed = {name for name, caught in zip(listed, pool.map(replay, listed), strict=True) if not caught}
    assert missed == BEYOND.keys()


def test_a_missing_deadline_is_caught() -> None:
    """A reference that checks no window fails the traces."""
    assert replay("window-missing")
