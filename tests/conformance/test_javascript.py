"""The testee in JavaScript, written from the specification alone, against every case without signatures."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from bcfl_conformance import __main__ as runner

NODE_MIN = 20
CASES_MIN = 1665  # as many as there were when it was written


def node_version() -> int:
    """The major version of the installed Node, 0 without one."""
    node = shutil.which("node")
    if node is None:
        return 0
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    major = said.strip().removeprefix("v").partition(".")[0]
    return int(major) if major.isdigit() else 0


def test_javascript_testee_conforms(tmp_path: Path) -> None:
    """What it answers is right. It may lag behind an operation that is new, which is `unsupported` and no failure."""
    if node_version() < NODE_MIN:
        pytest.skip(f"Node {NODE_MIN} or later is not installed here")
    report = tmp_path / "report.json"
    options = ["--testee", "testees/javascript", "--profile", "core", "--quiet", "--report", str(report)]
    assert runner.main(options) == 0
    summary = json.loads(report.read_text())["summary"]
    assert summary["passed"] >= CASES_MIN
    assert summary["passed"] + summary["unsupported"] == sum(summary.values())
