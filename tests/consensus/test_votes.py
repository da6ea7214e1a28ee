"""Who may say what (CON-010, CON-011). The guards one by one are vectors; here are the signatures and the block."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bcfl_ref.consensus.proposer import proposer_at
from bcfl_ref.consensus.votes import authenticate_proposal, authenticate_vote, check_proposed_block
from bcfl_ref.encoding import hash_tree_root
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.types import EMPTY_SIGNATURE, Block, Body, Certificate, Header, Proposal, SignedProposal
from consensus.voters import DOMAINS, EPOCH_HEIGHTS, FOUR, HEIGHT, KEYS, B, proposed, signed


def test_authenticate_vote_accepts_the_voter_only() -> None:
    """Every seat's vote passes under its own name, and under no other."""
    for voter in range(4):
        authenticate_vote(signed(voter), FOUR, HEIGHT, KEYS, DOMAINS)
        stolen = replace(signed(voter), voter=(voter + 1) % 4)
        with pytest.raises(SpecError) as refusal:
            authenticate_vote(stolen, FOUR, HEIGHT, KEYS, DOMAINS)
        assert refusal.value.code is Code.VOTE_SIGNATURE


def test_authenticate_proposal_accepts_the_signed_proposal_only() -> None:
    """The proposer's proposal passes; the same signature for another block does not."""
    proposer = proposer_at(FOUR, HEIGHT, 0, EPOCH_HEIGHTS)
    good = proposed(proposer)
    authenticate_proposal(good, FOUR, HEIGHT, EPOCH_HEIGHTS, KEYS, DOMAINS)
    forged = replace(good, proposal=replace(good.proposal, block_root=B))
    with pytest.raises(SpecError) as refusal:
        authenticate_proposal(forged, FOUR, HEIGHT, EPOCH_HEIGHTS, KEYS, DOMAINS)
    assert refusal.value.code is Code.PROPOSAL_SIGNATURE


def test_check_proposed_block_binds_header_and_body() -> None:
    """A false body under the right root is refused: it would make one validator call a good block bad for ever."""
    body = Body(Certificate(0, 0, bytes(32), (), EMPTY_SIGNATURE), bytes(96), ())
    author = proposer_at(FOUR, HEIGHT, 0, EPOCH_HEIGHTS)
    block = Block(Header(HEIGHT, 0, author, B, B, hash_tree_root(body)), body)
    proposal = SignedProposal(Proposal(HEIGHT, 0, 2**64 - 1, hash_tree_root(block.header)), author, EMPTY_SIGNATURE)
    check_proposed_block(proposal, block, FOUR, EPOCH_HEIGHTS)
    false = Block(block.header, replace(body, reveal=bytes([1]) * 96))
    with pytest.raises(SpecError) as refusal:
        check_proposed_block(proposal, false, FOUR, EPOCH_HEIGHTS)
    assert refusal.value.code is Code.PROPOSAL_BLOCK
