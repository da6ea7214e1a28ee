"""Equivocation (CON-016)."""

from __future__ import annotations

import pytest
from bcfl_ref.consensus.evidence import (
    check_conflict,
    check_equivocation,
    check_equivocation_with_key,
    make_equivocation,
    offence_root,
)
from bcfl_ref.consensus.scheme import PREVOTE
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.types import Equivocation, SignedVote, State
from consensus.voters import DOMAINS, HEIGHT, KEYS, A, B, signed
from hypothesis import given, settings
from hypothesis import strategies as st

votes = st.builds(
    signed,
    voter=st.integers(0, 3),
    root=st.sampled_from([A, B, bytes(32)]),
    kind=st.integers(1, 2),
    view=st.integers(0, 1),
    height=st.integers(5, 6),
)


@settings(deadline=None, max_examples=50)
@given(votes, votes)
def test_check_conflict_accepts_contradictions_only(one: SignedVote, other: SignedVote) -> None:
    """In its one order, evidence is two votes of one voter in one slot for two blocks, and nothing else."""
    slots = [(item.voter, item.vote.kind, item.vote.height, item.vote.view) for item in (one, other)]
    evidence = make_equivocation(one, other)
    if slots[0] == slots[1] and one.vote.block_root != other.vote.block_root:
        check_conflict(evidence)
        assert evidence == make_equivocation(other, one)
        assert offence_root(one) == offence_root(other)
        with pytest.raises(SpecError) as refusal:
            check_conflict(Equivocation(evidence.second, evidence.first))
        assert refusal.value.code is Code.EVIDENCE_ORDER
    else:
        with pytest.raises(SpecError):
            check_conflict(evidence)


def test_check_equivocation_convicts_within_its_time() -> None:
    """Evidence convicts from the height of the votes for as long as it is fresh, once, and only the signer."""
    evidence = make_equivocation(signed(2, A), signed(2, B))
    offence = offence_root(evidence.first)
    for height in (HEIGHT, HEIGHT + 3):
        assert check_equivocation_with_key(evidence, height, 3, (), KEYS[2], DOMAINS) == offence
    for height, offences, key, code in (
        (HEIGHT - 1, (), KEYS[2], Code.EVIDENCE_HEIGHT),
        (HEIGHT + 4, (offence,), KEYS[2], Code.EVIDENCE_HEIGHT),
        (HEIGHT, (offence,), KEYS[1], Code.EVIDENCE_KNOWN),
        (HEIGHT, (), KEYS[1], Code.EVIDENCE_SIGNATURE),
    ):
        with pytest.raises(SpecError) as refusal:
            check_equivocation_with_key(evidence, height, 3, offences, key, DOMAINS)
        assert refusal.value.code is code


def test_offences_are_told_apart_by_slot() -> None:
    """Another view, kind, height or voter is another offence; another pair of blocks is not."""
    roots = {
        offence_root(signed(voter, A, kind, view, height))
        for voter in (0, 1)
        for kind in (PREVOTE, 2)
        for view in (0, 1)
        for height in (5, 6)
    }
    assert len(roots) == 16


def test_check_equivocation_needs_a_known_voter() -> None:
    """A voter that the ledger does not know cannot be convicted."""

    class FakeState:
        identities = ()

    state: State = FakeState()  # type: ignore[assignment]
    with pytest.raises(SpecError) as refusal:
        check_equivocation(state, make_equivocation(signed(2, A), signed(2, B)))
    assert refusal.value.code is Code.IDENTITY_UNKNOWN
