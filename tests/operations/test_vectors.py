"""The committed vectors are exactly what the reference generates, on every kernel variant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from bcfl_ref import kernels
from bcfl_ref.operations import OPERATIONS, generate

ROOT = Path(__file__).resolve().parents[2]
CONFORMANCE = ROOT / "conformance"


def test_regeneration_is_a_no_op() -> None:
    """`bcfl conformance generate` would change no file."""
    assert generate.check(CONFORMANCE) == []


@pytest.mark.parametrize("variant", kernels.available_variants())
def test_every_variant_gives_the_recorded_answers(variant: str) -> None:
    """The vectors of all operations with a kernel are played with each variant of this machine forced."""
    with kernels.use_variant(variant):
        for operation in OPERATIONS:
            if operation.kernel is None:
                continue
            text = (CONFORMANCE / "vectors" / f"{operation.name.replace('.', '/')}.json").read_text()
            for case in json.loads(text)["cases"]:
                assert generate.answer(operation, case["input"]) == case["expect"], case["id"]
