"""The branches of the model of secure rounds catch the bugs planted in them, but for what the model cannot say."""

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
    "redraws-groups": "one group",
    "sums-any-blob": "what is in a blob",
    "takes-sums-out-of-range": "sums out of range",
    "divides-noise-by-who-survived": "noise",
    "pays-silent-survivors": "pay",
    "answers-a-second-list": "what a member does for itself",
    "answers-overlapping-lists": "what a member does for itself",
    "masks-with-all-who-advertised": "what a member does for itself",
}
"""Why the vectors that the model gives have nothing to say of a bug."""
REPLAY = """
import json, sys
sys.path.insert(0, sys.argv[2])
import mutation
from bugs import secure
mutation.install(next(bug for bug in secure.BUGS if bug.name == sys.argv[1]))
from bcfl_ref.operations.secure import OPERATIONS
heights = next(operation for operation in OPERATIONS if operation.name == "privacy.heights")
for case in json.load(open(sys.argv[3]))["cases"]:
    if case["id"].startswith("prv-model-"):
        try:
            same = {"ok": heights.run(case["input"])} == case["expect"]
        except Exception:
            same = False
        if not same:
            print("caught by", case["id"])
            break
"""


def python(*arguments: str) -> str:
    """What another Python prints that has imported nothing yet."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "python")}
    command = [sys.executable, "-c", *arguments]
    ended = subprocess.run(command, cwd=FAULTY, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def replay(name: str) -> str:
    """Play the branches on a reference with this bug, until one shows it."""
    vectors = ROOT / "conformance" / "vectors" / "privacy" / "heights.json"
    return python(REPLAY, name, str(FAULTY), str(vectors))


@pytest.mark.deep
@pytest.mark.timeout(900)
def test_planted_bugs_are_caught() -> None:
    """Every bug planted in secure rounds changes some answer of some branch, unless it lies beyond the model."""
    listed: list[str] = json.loads(
        python("import json; from bugs import secure; print(json.dumps([bug.name for bug in secure.BUGS]))")
    )
    assert set(listed) >= BEYOND.keys() and len(listed) > 15
    with ThreadPoolExecutor(2) as pool:
        missed = {name for name, caught in zip(listed, pool.map(replay, listed), strict=True) if not caught}
    assert missed == BEYOND.keys()


def test_a_neighbour_too_few_is_caught() -> None:
    """A reference that opens with one neighbour fewer than t fails the branches."""
    assert replay("opens-for-two")
