"""Was the answer right? Values are compared exactly; the first place where they part is named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bcfl_conformance.protocol import Answer
from bcfl_conformance.suite import Case


@dataclass(frozen=True)
class Judgement:
    """`status` is passed, failed, skipped or unsupported; `at` is the JSON path of the first difference."""

    status: str
    reason: str = ""
    at: str = ""


def judge(case: Case, answer: Answer) -> Judgement:
    """Compare an answer with what the case expects."""
    if answer.kind in ("skipped", "unsupported"):
        detail = f" ({answer.detail})" if answer.detail else ""
        return Judgement(answer.kind, f"{answer.value}{detail}")
    got = {answer.kind: answer.value}
    at = first_difference(case.expect, got)
    if at is None:
        return Judgement("passed")
    if case.kind == "machine" and answer.kind == "ok":
        return _judge_trace(case, got, at)
    if "error" in case.expect and answer.kind == "error":
        return Judgement("failed", f"refused with {answer.value}, not {case.expect['error']}", at)
    if "error" in case.expect:
        return Judgement("failed", f"accepted, must be refused with {case.expect['error']}", at)
    if answer.kind == "error":
        return Judgement("failed", f"refused with {answer.value}, must be accepted", at)
    return Judgement("failed", f"the output differs at {at}", at)


def first_difference(expected: Any, got: Any, path: str = "") -> str | None:
    """The path of the first difference, or None; `true` is not 1, and 1 is not 1.0."""
    if isinstance(expected, dict) and isinstance(got, dict):
        for key in sorted(expected.keys() | got.keys()):
            if key not in expected or key not in got:
                return f"{path}/{key}"
            found = first_difference(expected[key], got[key], f"{path}/{key}")
            if found is not None:
                return found
        return None
    if isinstance(expected, list) and isinstance(got, list):
        for index, (left, right) in enumerate(zip(expected, got, strict=False)):
            found = first_difference(left, right, f"{path}/{index}")
            if found is not None:
                return found
        return None if len(expected) == len(got) else f"{path}/{min(len(expected), len(got))}"
    return None if type(expected) is type(got) and expected == got else path or "/"


def at_path(value: Any, path: str) -> Any:
    """What lies at a path of `first_difference`, or None where nothing does."""
    for key in path.strip("/").split("/") if path.strip("/") else ():
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    return value


def _judge_trace(case: Case, got: Any, at: str) -> Judgement:
    """The first step that differs says more than the last state, although that comes first by name."""
    value = got["ok"]
    steps = value.get("steps") if isinstance(value, dict) else None
    within = first_difference(case.expect["ok"]["steps"], steps)
    parts = (within or "").strip("/").split("/")
    if parts[0].isdigit() and int(parts[0]) < len(case.input["steps"]):
        action = case.input["steps"][int(parts[0])]["action"]
        place = "/".join(parts[1:])
        return Judgement("failed", f"step {parts[0]} ({action}) differs at /{place}", f"/ok/steps{within}")
    return Judgement("failed", f"the answer differs at {at}", at)
