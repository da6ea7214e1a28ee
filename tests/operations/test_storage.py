"""The operations on the files of a ledger: their cases prove themselves (INF-010, INF-013)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from bcfl_ref.errors import SpecError
from bcfl_ref.node.blobs import BlobStore
from bcfl_ref.node.log import read_log
from bcfl_ref.operations import generate
from bcfl_ref.operations.cases.storage import CASES
from bcfl_ref.operations.storage import OPERATIONS


def test_cases_prove_themselves() -> None:
    """Every refusal has a twin that differs in one thing, every code of every operation is given."""
    files = generate.build(OPERATIONS, CASES)
    bodies = [json.loads(text) for path, text in files.items() if path.startswith("vectors/")]
    assert sum(len(body["cases"]) for body in bodies) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_files_are_read_alike(case: generate.Case, tmp_path: Path) -> None:
    """A file on the disk is accepted or refused, and with the same code, like the bytes of the case."""
    operation = next(operation for operation in OPERATIONS if operation.name == case.operation)
    try:
        expected = "accepted" if operation.run(case.input) else ""
    except SpecError as refusal:
        expected = refusal.code.value
    try:
        if "log" in case.input:
            (tmp_path / "ledger.log").write_bytes(bytes.fromhex(case.input["log"][2:]))
            list(read_log(tmp_path / "ledger.log"))
        else:
            name = case.input["root"][2:] + ".blob"
            (tmp_path / name).write_bytes(bytes.fromhex(case.input["content"][2:]))
            BlobStore(tmp_path).read(bytes.fromhex(name[:64]))
        found = "accepted"
    except SpecError as refusal:
        found = refusal.code.value
    assert found == expected
