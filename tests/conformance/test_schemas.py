"""The schemas are closed, use only keywords that are checked, and fit what is committed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from bcfl_conformance import SUITE, protocol, schema
from bcfl_conformance.suite import load

NAMES = sorted(path.name.partition(".")[0] for path in (SUITE / "schemas").glob("*.schema.json"))


@pytest.mark.parametrize("name", NAMES)
def test_every_object_is_closed_and_every_keyword_known(name: str) -> None:
    """No object admits a key that the schema does not name, except maps with a schema for their values."""
    seen: list[Any] = [schema.load(name)]
    while seen:
        part = seen.pop()
        if isinstance(part, list):
            seen += part
        elif isinstance(part, dict):
            if part.get("type") == "object":
                assert part["additionalProperties"] is False or "properties" not in part
            seen += part.values()
    assert schema.load(name)["$schema"].endswith("2020-12/schema")
    assert schema.load(name)["$id"] == f"urn:befl:conformance:{name}:1"


@pytest.mark.parametrize(
    ("value", "definition", "complaint"),
    [
        ({"id": 1, "ok": None}, "run_answer", None),
        ({"id": 1, "error": "EMPTY", "detail": "n = 0"}, "run_answer", None),
        ({"id": 1, "skipped": "bug", "link": "x"}, "run_answer", None),
        ({"id": 1, "error": "Empty"}, "run_answer", "does not match"),
        ({"id": 1, "ok": 1, "error": "EMPTY"}, "run_answer", "fits 0 of 4"),
        ({"id": 1}, "run_answer", "fits 0 of 4"),
        ({"id": True, "ok": 1}, "run_answer", "not of type integer"),
        ({"type": "stop", "now": True}, "stop_request", "must not have now"),
    ],
)
def test_messages(value: Any, definition: str, complaint: str | None) -> None:
    """An answer is exactly one of ok, error, skipped and unsupported."""
    problem = schema.problem(value, "protocol", definition)
    assert (problem is None) if complaint is None else (problem is not None and complaint in problem)


def test_requests_of_the_runner_fit_the_protocol() -> None:
    """What the runner sends is held to the same schema as what it receives."""
    digest = "sha256:" + "0" * 64
    for line in (protocol.hello(digest), protocol.run(1, "toy.halve", {"a": ["1"]}), protocol.stop()):
        assert line.endswith(b"\n") and line.count(b"\n") == 1
        assert schema.problem(json.loads(line), "protocol") is None


def test_an_unknown_keyword_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A schema stricter than its checker would promise what nobody checks."""
    monkeypatch.setattr(schema, "load", lambda name: {"format": "uri"})
    with pytest.raises(schema.SchemaError, match="unknown keyword format"):
        schema.problem("x", "any")


def test_what_is_committed_fits_its_schemas() -> None:
    """Loading the suite checks manifest, schemas, digests, counts and ids of every file."""
    suite = load(SUITE)
    operations = json.loads((SUITE / "operations.json").read_text())
    assert schema.problem(operations, "operations") is None
    assert {case.operation for case in suite.cases} == {row["name"] for row in operations["operations"]}
    assert sum(path.stat().st_size for path in Path(SUITE / "vectors").rglob("*.json")) < 20_000_000
