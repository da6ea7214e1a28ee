"""Certificates (CON-012, CON-013)."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from bcfl_ref.consensus.certificate import (
    assemble_certificate,
    check_certificate,
    verify_certificate,
    verify_certificate_with_keys,
)
from bcfl_ref.consensus.scheme import PRECOMMIT, vote_message
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.sim.keys import SimulatedScheme, SimulatedSigner, public_key
from bcfl_ref.types import Committee, Seat, SignedVote, State, Vote
from consensus.voters import DOMAINS, FOUR, GENESIS_ROOT, HEIGHT, KEYS, A, signed
from hypothesis import given, settings
from hypothesis import strategies as st

VOTE = Vote(PRECOMMIT, HEIGHT, 0, A)


def test_assemble_certificate_verifies_for_every_quorum() -> None:
    """Three or four of four make a certificate that verifies; two make none."""
    for count in (2, 3, 4):
        for voters in combinations(range(4), count):
            votes = [signed(voter) for voter in voters]
            if count == 2:
                with pytest.raises(SpecError) as refusal:
                    assemble_certificate(votes, VOTE, FOUR)
                assert refusal.value.code is Code.CERTIFICATE_QUORUM
            else:
                proof = assemble_certificate(votes, VOTE, FOUR)
                assert [index for index, bit in enumerate(proof.seats) if bit] == list(voters)
                verify_certificate_with_keys(proof, HEIGHT, A, FOUR, KEYS, DOMAINS)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=9), st.sets(st.integers(0, 5)))
def test_seats_of_one_identity_count_each(identities: list[int], voters: set[int]) -> None:
    """With any seats and voters, a certificate exists exactly when the seats are a quorum, and then verifies."""
    committee = Committee(0, bytes(32), tuple(Seat(identity, 1) for identity in identities))
    scheme = SimulatedScheme()
    message = vote_message(VOTE, DOMAINS)
    votes = [SignedVote(VOTE, voter, SimulatedSigner(voter).sign(message)) for voter in sorted(voters)]
    present = sum(identity in voters for identity in identities)
    keys = [public_key(identity) for identity in identities]
    if 3 * present > 2 * len(identities):
        proof = assemble_certificate(votes, VOTE, committee, scheme)
        verify_certificate_with_keys(proof, HEIGHT, A, committee, keys, DOMAINS, scheme)
    else:
        with pytest.raises(SpecError):
            assemble_certificate(votes, VOTE, committee, scheme)


def test_check_certificate_stands_before_the_signature() -> None:
    """What needs no pairing is refused without one, and a certificate of another view is a forgery."""
    proof = assemble_certificate([signed(voter) for voter in range(3)], VOTE, FOUR)
    check_certificate(proof, HEIGHT, A, FOUR)
    with pytest.raises(SpecError) as refusal:
        verify_certificate_with_keys(
            replace(proof, seats=(True,) * 3, signature=bytes(96)), HEIGHT, A, FOUR, KEYS, DOMAINS
        )
    assert refusal.value.code is Code.CERTIFICATE_LENGTH
    with pytest.raises(SpecError) as refusal:
        verify_certificate_with_keys(replace(proof, view=1), HEIGHT, A, FOUR, KEYS, DOMAINS)
    assert refusal.value.code is Code.CERTIFICATE_SIGNATURE


def test_neither_nil_nor_a_view_that_does_not_exist_can_be_certified() -> None:
    """A quorum precommits nil whenever a view fails; no certificate comes of it, and none is accepted (CON-013)."""
    proof = assemble_certificate([signed(voter) for voter in range(3)], VOTE, FOUR)
    for changes, code in (({"block_root": bytes(32)}, Code.CERTIFICATE_BLOCK), ({"view": 4096}, Code.VIEW_RANGE)):
        with pytest.raises(SpecError) as refusal:
            assemble_certificate([], replace(VOTE, **changes), FOUR)
        assert refusal.value.code is code
        wrong = replace(proof, **changes)
        with pytest.raises(SpecError) as refusal:
            check_certificate(wrong, HEIGHT, wrong.block_root, FOUR)
        assert refusal.value.code is code


def test_verify_certificate_takes_keys_and_domains_from_the_state() -> None:
    """The state's identities are the seats' holders."""

    class Account:
        def __init__(self, key: bytes) -> None:
            self.public_key = key

    class FakeState:
        genesis_root, protocol_version = GENESIS_ROOT, 1
        identities = tuple(Account(key) for key in KEYS)

    state: State = FakeState()  # type: ignore[assignment]
    proof = assemble_certificate([signed(voter) for voter in range(1, 4)], VOTE, FOUR)
    verify_certificate(state, proof, HEIGHT, A, FOUR)
    with pytest.raises(SpecError):
        verify_certificate(state, proof, HEIGHT + 1, A, FOUR)
