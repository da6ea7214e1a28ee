"""The report as data (`schemas/report.schema.json`), and the badge made from it."""

from __future__ import annotations

import json
from typing import Any

from bcfl_conformance import PROTOCOL, __version__
from bcfl_conformance.verdict import Line, Report


def body(report: Report, command: str = "") -> dict[str, Any]:
    """The whole report; inputs and answers are carried for the cases that are not in order."""
    testee = report.outcome.testee
    return {
        "schema": "report",
        "schema_version": 1,
        "protocol": PROTOCOL,
        "runner": __version__,
        "suite": {
            "digest": report.suite.digest,
            "cases": len(report.suite.cases),
            "selected": len(report.lines),
        },
        "testee": {
            "name": testee.name,
            "version": testee.version,
            "language": testee.language,
            "link": testee.link,
            "operations": list(testee.operations),
            "profiles": list(testee.profiles),
        },
        "command": command,
        "smoke": report.smoke,
        "verdict": "pass" if report.ok else "fail",
        "summary": report.summary,
        "problems": list(report.problems),
        "results": [_result(line) for line in report.lines],
    }


def text(report: Report, command: str = "") -> str:
    """The report as JSON text."""
    return json.dumps(body(report, command), sort_keys=True, indent=1) + "\n"


def badge(report: Report) -> str:
    """A badge (`schemas/badge.schema.json`) in the endpoint format that badge services read.

    It claims no more than was played: the score is out of all cases of the profiles that the testee says it has,
    asked or not; a smoke run shows no score, and a choice of cases is called partial.
    """
    passed = report.summary["passed"]
    profiles = report.outcome.testee.profiles
    claimed = sum(line.result.case.profile in profiles for line in report.lines)
    whole = len(report.lines) == len(report.suite.cases)
    colour = "green" if passed == claimed else "yellowgreen"
    if passed == len(report.suite.cases):
        colour = "brightgreen"
    message = f"{passed}/{claimed} ({'+'.join(profiles)})"
    if not report.ok:
        message, colour = f"failing, {message}", "red"
    if report.smoke:
        message, colour = ("smoke run only" if report.ok else "breaks the protocol"), "lightgrey"
    elif not whole:
        message, colour = f"partial: {message}", colour if not report.ok else "yellow"
    value = {"schemaVersion": 1, "label": "BeFL conformance", "message": message, "color": colour}
    return json.dumps(value, sort_keys=True, indent=1) + "\n"


def _result(line: Line) -> dict[str, Any]:
    result, case = line.result, line.result.case
    row: dict[str, Any] = {
        "case": case.id,
        "operation": case.operation,
        "clauses": list(case.clauses),
        "profile": case.profile,
        "status": result.status,
        "ok": line.ok,
        "seconds": round(result.seconds, 6),
    }
    if line.expected is not None:
        row["expected_failure"] = line.expected.why
    if result.reason:
        row["reason"] = result.reason
    if not line.ok or result.status == "failed":
        row |= {"input": case.input, "expected": case.expect, "comment": case.comment, "bug": case.bug}
        row |= {"at": result.at, "stderr": result.stderr}
        if result.answer is not None:
            row["got"] = {result.answer.kind: result.answer.value}
    return row
