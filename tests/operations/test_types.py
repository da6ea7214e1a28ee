"""The operations on types: their cases prove themselves, and what they call a stray point is one (TYP-001 ...)."""

from __future__ import annotations

import json

import pytest
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.operations import generate
from bcfl_ref.operations.cases import CASES
from bcfl_ref.operations.cases.types import _BAD_KEYS, _BAD_SIGNATURES, first_offset
from bcfl_ref.operations.types import OPERATIONS, container_named
from bcfl_ref.types import Blob, Header
from py_ecc.bls.g2_primitives import pubkey_to_G1, signature_to_G2, subgroup_check


def test_cases_prove_themselves() -> None:
    """Every refusal has a twin that differs in one thing, every code of every operation is given."""
    cases = tuple(case for case in CASES if case.operation.startswith("types."))
    files = generate.build(OPERATIONS, cases)
    bodies = [json.loads(text) for path, text in files.items() if path.startswith("vectors/")]
    assert sum(len(body["cases"]) for body in bodies) == len(cases)


def test_the_stray_points_are_on_their_curves() -> None:
    """The points that cases call outside the subgroup exist, so that nothing but the subgroup refuses them."""
    assert not subgroup_check(pubkey_to_G1(_BAD_KEYS["off-subgroup"][0]))
    assert not subgroup_check(signature_to_G2(_BAD_SIGNATURES["off-subgroup"][0]))


def test_containers_by_name() -> None:
    """A container is found by its name, anything else in the module is none."""
    assert container_named("Blob") is Blob
    for name in ("Container", "UintOf", "schema_of", "None", "ZERO_ROOT"):
        with pytest.raises(SpecError) as refused:
            container_named(name)
        assert refused.value.code is Code.ENCODING_INVALID


def test_first_offset() -> None:
    """The first offset of a blob follows kind, element, layout root and length."""
    assert first_offset(Blob) == 1 + 1 + 32 + 8
    with pytest.raises(TypeError):
        first_offset(Header)
