"""Secrets of 32 bytes: limbs, shares, commitments (PRV-020, PRV-021, with PRV-016 and PRV-017)."""

from __future__ import annotations

import numpy as np
import pytest
from bcfl_ref import kernels
from bcfl_ref.encoding import hash_tree_root
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.operations.cases.privacy import _EDGE, _EDGE_ROOT
from bcfl_ref.privacy import sharing
from bcfl_ref.types import EdgeShare
from hypothesis import given, settings
from hypothesis import strategies as st

SECRETS = st.binary(min_size=32, max_size=32)


@settings(deadline=None, max_examples=60)
@given(SECRETS)
def test_limbs_hold_every_secret(secret: bytes) -> None:
    """Five limbs in their ranges, and the same 32 bytes back."""
    limbs = sharing.secret_to_limbs(secret)
    assert [limb >> width for limb, width in zip(limbs, (56, 56, 56, 56, 32), strict=True)] == [0] * 5
    assert sharing.limbs_to_secret(limbs) == secret


@settings(deadline=None, max_examples=15)
@given(SECRETS, SECRETS)
def test_a_key_survives_its_owner(secret: bytes, seed: bytes) -> None:
    """Shared among five, rebuilt by the last three."""
    shares = kernels.shamir_share(np.array(sharing.secret_to_limbs(secret), dtype=np.uint64), 3, 5, seed)
    rebuilt = kernels.shamir_reconstruct(shares[2:], [2, 3, 4], 3)
    assert sharing.limbs_to_secret(rebuilt.tolist()) == secret


def test_shares_that_do_not_belong_together_rebuild_no_secret() -> None:
    """Shares of two secrets rebuild limbs out of range, which are refused and not reduced."""
    seeds, secret = (b"\1" * 32, b"\2" * 32), np.array(sharing.secret_to_limbs(b"\3" * 32), dtype=np.uint64)
    one, two = (kernels.shamir_share(secret, 2, 2, seed) for seed in seeds)
    with pytest.raises(SpecError) as refusal:
        sharing.limbs_to_secret(kernels.shamir_reconstruct([one[0], two[1]], [0, 1], 2).tolist())
    assert refusal.value.code is Code.LIMB_RANGE


def test_the_commitment_of_the_cases() -> None:
    """The commitment that the cases carry is the root of their share."""
    share = EdgeShare(bytes(range(7, 39)), 3, 9, 2, 4, 11, 1, tuple(map(int, _EDGE["share"])))
    assert "0x" + hash_tree_root(share).hex() == _EDGE_ROOT
    sharing.check_edge_share(hash_tree_root(share), share)
