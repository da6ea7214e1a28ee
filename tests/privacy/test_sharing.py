"""Secrets of 32 bytes: limbs, shares, commitments, rebuilding (PRV-020, PRV-021, PRV-027)."""

from __future__ import annotations

from itertools import chain, combinations

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


HOLDERS = (1, 3, 7, 11, 12)
KEY = bytes(range(32))


def shares_of(secret: bytes, seed: bytes) -> list[tuple[int, ...]]:
    limbs = np.array(sharing.secret_to_limbs(secret), dtype=np.uint64)
    return [tuple(share.tolist()) for share in kernels.shamir_share(limbs, 3, len(HOLDERS), seed)]


def dealing_of(shares: list[tuple[int, ...]], kind: int) -> sharing.Dealing:
    place = (bytes(32), 1, 2, 3, 4)
    roots = tuple(
        hash_tree_root(EdgeShare(*place, holder, kind, share)) for holder, share in zip(HOLDERS, shares, strict=True)
    )
    return sharing.Dealing(*place, kind, HOLDERS, roots, sharing.secret_mark(kind, KEY))


@pytest.mark.parametrize("kind", [sharing.SECRET_SEED, sharing.SECRET_KEY])
def test_lying_holders_can_only_withhold(kind: int) -> None:
    """PRV-027: for every set of holders that lie, three others rebuild the secret and fewer are a named refusal."""
    shares = shares_of(KEY, b"\1" * 32)
    dealing = dealing_of(shares, kind)
    for liars in chain.from_iterable(combinations(range(5), size) for size in range(6)):
        told = [(at, (9,) * 5 if at in liars else share) for at, share in enumerate(shares)]
        if len(liars) <= 2:
            assert sharing.rebuild_secret(dealing, 3, told) == KEY
        else:
            with pytest.raises(SpecError) as refusal:
                sharing.rebuild_secret(dealing, 3, told)
            assert refusal.value.code is Code.SHARES_MISSING


def test_an_inconsistent_dealer_is_named_whoever_answers() -> None:
    """PRV-027: with committed shares of two polynomials every answer is the secret, or names the dealer."""
    shares = shares_of(KEY, b"\1" * 32)[:2] + shares_of(KEY, b"\2" * 32)[2:]
    dealing = dealing_of(shares, sharing.SECRET_KEY)
    for chosen in combinations(range(5), 3):
        told = [(at, shares[at]) for at in chosen]
        if chosen == (2, 3, 4):
            assert sharing.rebuild_secret(dealing, 3, told) == KEY
            continue
        with pytest.raises(SpecError) as refusal:
            sharing.rebuild_secret(dealing, 3, told)
        assert refusal.value.code is Code.DEALER_INCONSISTENT
        assert KEY.hex() not in str(refusal.value)


def test_the_commitment_of_the_cases() -> None:
    """The commitment that the cases carry is the root of their share."""
    share = EdgeShare(bytes(range(7, 39)), 3, 9, 2, 4, 11, 1, tuple(map(int, _EDGE["share"])))
    assert "0x" + hash_tree_root(share).hex() == _EDGE_ROOT
    sharing.check_edge_share(hash_tree_root(share), share)
