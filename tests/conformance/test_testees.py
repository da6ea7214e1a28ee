"""Our own testees against the committed vectors, through the runner."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from bcfl_conformance import __main__ as runner
from bcfl_ref import kernels


@pytest.mark.parametrize("name", ["reference", "module"])
def test_our_testees_conform(name: str, tmp_path: Path) -> None:
    """The reference passes everything through the runner; the compiled module fails nothing it answers."""
    if name == "module" and kernels.available_variants()[-1] == "python":
        pytest.skip("no native core here")
    report = tmp_path / "report.json"
    assert runner.main(["--testee", f"testees/{name}", "--quiet", "--report", str(report)]) == 0
    summary = json.loads(report.read_text())["summary"]
    assert summary["passed"] > 0 and (name == "module" or summary["passed"] == sum(summary.values()))
