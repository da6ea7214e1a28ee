"""A tiny suite on disk and a fake testee with every vice, so that the runner is tested without any layer."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "conformance"))

from bcfl_conformance import __main__ as runner  # noqa: E402
from bcfl_conformance.suite import digest  # noqa: E402

FAKE = Path(__file__).with_name("fake_testee.py")


def vector_file(operation: str, cases: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    """A whole vector file with its digest."""
    body = {
        "schema": "vectors",
        "schema_version": 1,
        "operation": operation,
        "kind": "function",
        "profile": "core",
        "summary": "",
        "clauses": ["AGG-901"],
        "errors": ["VALUE_RANGE"],
        "source": {"name": "toy", "generator_version": 1},
        "cases": [{"comment": "x", "clauses": ["AGG-901"], "flags": [], **case} for case in cases],
        **changes,
    }
    return {**body, "digest": digest(body)}


def write_suite(folder: Path, bodies: list[dict[str, Any]]) -> Path:
    """A suite folder with a manifest that fits the files."""
    rows = []
    for body in bodies:
        path = f"vectors/{body['operation'].replace('.', '/')}.json"
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(json.dumps(body))
        cases = body["cases"]
        rejecting = sum("error" in case["expect"] for case in cases)
        counts = {"cases": len(cases), "rejecting": rejecting, "steps": 0}
        rows.append({"path": path, "operation": body["operation"], "digest": body["digest"], **counts})
    manifest = {
        "schema": "manifest",
        "schema_version": 1,
        "source": {"name": "toy", "generator_version": 1},
        "operations": len(rows),
        **{key: sum(row[key] for row in rows) for key in ("cases", "rejecting", "steps")},
        "files": rows,
        "digest": digest([[row["path"], row["digest"]] for row in rows]),
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


@pytest.fixture
def toy_suite(tmp_path: Path) -> Path:
    """Three cases of a function (one refused), one of another profile, one trace."""
    cases = [
        {"id": "toy-two", "input": {"value": "4"}, "expect": {"ok": {"half": "2"}}, "flags": ["Plain"]},
        {
            "id": "toy-large",
            "input": {"value": "100"},
            "expect": {"error": "VALUE_RANGE"},
            "twin": "toy-two",
            "differs_at": ["/value"],
            "bug": "forgets the limit",
        },
        {"id": "toy-four", "input": {"value": "8"}, "expect": {"ok": {"half": "4"}}, "clauses": ["AGG-902"]},
    ]
    zero, two = "0x" + "00" * 32, "0x" + "00" * 31 + "02"
    steps = [{"action": "add", "input": "2"}, {"action": "add", "input": "9"}]
    answers = [{"ok": "2", "state_digest": two}, {"error": "VALUE_RANGE", "state_digest": two}]
    trace = {
        "id": "toy-trace",
        "input": {"init": "0", "steps": steps},
        "expect": {"ok": {"init_digest": zero, "steps": answers, "state": "2"}},
    }
    signed = {"id": "toy-signed", "input": {}, "expect": {"ok": True}}
    return write_suite(
        tmp_path / "suite",
        [
            vector_file("toy.halve", cases),
            vector_file("toy.sign", [signed], profile="bls"),
            vector_file("toy.count", [trace], kind="machine", clauses=["CON-901"]),
        ],
    )


@pytest.fixture
def suite_of(tmp_path: Path) -> Callable[..., Path]:
    """Write a suite of one vector file, in a folder of its own."""
    return lambda *file, **changes: write_suite(tmp_path / "other suite", [vector_file(*file, **changes)])


@pytest.fixture
def fake() -> Callable[[str], str]:
    """The command line of the fake testee in one of its modes."""
    return lambda mode: f'"{sys.executable}" -I -S "{FAKE}" {mode}'


@pytest.fixture
def play(toy_suite: Path, fake: Callable[[str], str], tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Run the command line against a mode of the fake testee; gives the exit status and the JSON report."""

    def run(mode: str, *arguments: str) -> dict[str, Any]:
        target = tmp_path / f"report-{mode}.json"
        command = ["--suite", str(toy_suite), "--testee", fake(mode), "--json", str(target), "--quiet"]
        status = runner.main([*command, *arguments])
        report = json.loads(target.read_text()) if target.exists() else {"results": []}
        report["exit"] = status
        report["status"] = {row["case"]: row["status"] for row in report["results"]}
        report["reason"] = {row["case"]: row.get("reason", "") for row in report["results"]}
        return report

    return run
