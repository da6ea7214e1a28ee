"""The README's skeleton is a testee: it passes the smoke run and every case of what it offers."""

from __future__ import annotations

import json
import re
import shlex
import sys
from pathlib import Path

import pytest
from bcfl_conformance import SUITE
from bcfl_conformance import __main__ as runner


@pytest.mark.parametrize("extra", [["--smoke"], []])
def test_the_skeleton_conforms(tmp_path: Path, extra: list[str]) -> None:
    """What a stranger copies out of the README works, and is not longer than promised."""
    text = (SUITE / "README.md").read_text(encoding="utf-8")
    found = re.search(r"<!-- skeleton -->\n```python\n(.*?)```", text, re.DOTALL)
    assert found is not None and found[1].count("\n") <= 60
    program = tmp_path / "skeleton.py"
    program.write_text(found[1], encoding="utf-8")
    report = tmp_path / "report.json"
    command = f"{shlex.quote(sys.executable)} -I -S {shlex.quote(str(program))}"
    assert runner.main(["--testee", command, "--quiet", "--json", str(report), *extra]) == 0
    summary = json.loads(report.read_text())["summary"]
    assert summary["passed"] > 0 and summary["unsupported"] > 0 and summary["failed"] == 0
