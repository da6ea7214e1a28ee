"""The page on performance says what was measured."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
from native.building import ROOT

BENCHMARKS = ROOT / "benchmarks"


@pytest.fixture
def report(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import report

    yield report
    del sys.modules["report"]


def test_table_is_the_measurement(report: Any) -> None:
    """What stands between the marks is what the report makes of results.json."""
    results = BENCHMARKS / "results.json"
    if not results.exists():
        pytest.skip("nothing was measured yet: make bench")
    content = json.loads(results.read_text(encoding="utf-8"))
    page = report.PAGE.read_text(encoding="utf-8")
    between = page.split(report.BEGIN)[1].split(report.END)[0].strip()
    assert between == report.text(content)
    assert report.PLOT.exists()


def test_figures_of_one_contest(report: Any) -> None:
    """Ratios are of medians, the best peer first; a fraction is work by time by the limit; two threads beside one."""
    times = {name: {"median": median, "best": median / 2, "rounds": 3} for name, median in (
        ("slow", 8e-3), ("good", 3e-3), ("variant portable", 4e-3), ("ours", 2e-3), ("ours, 2 threads", 1e-3),
    )}  # fmt: skip
    result = {
        "kernel": "mask_add",
        "case": "d=10",
        "bytes": 4_000_000,
        "limit": "read",
        "work": 4_000_000,
        "notes": "",
        "peers": ["slow", "good"],
        "times": times,
    }
    assert report.ratios(result) == [("good", 1.5), ("slow", 4.0)]
    assert report.fraction(result, {"read": 4e9}) == pytest.approx(0.5)
    assert report.fraction(result, {}) is None
    assert report.two_threads(result) == pytest.approx(2)
    assert report.row(result, {"read": 4e9}) == (
        "| mask_add d=10 | 2 ms | 2 | **1.5** good (3 ms); **4** slow (8 ms) | 0.50 of read | 2.00 | portable 4 ms |"
    )
