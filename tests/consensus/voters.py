"""A small committee with real keys, for the tests of consensus."""

from __future__ import annotations

from bcfl_ref.consensus.scheme import PRECOMMIT, PREVOTE, domains_of, proposal_message, vote_message
from bcfl_ref.consensus.state import NO_VIEW
from bcfl_ref.crypto import bls
from bcfl_ref.types import Committee, Proposal, Seat, SignedProposal, SignedVote, Vote

GENESIS_ROOT = bytes([9]) * 32
HEIGHT, EPOCH_HEIGHTS = 5, 8
A, B = bytes([0xAA]) * 32, bytes([0xBB]) * 32
SECRETS = [bls.keygen(bytes([0x21 + identity]) * 32) for identity in range(4)]
KEYS = [bls.public_key(secret) for secret in SECRETS]
DOMAINS = domains_of(GENESIS_ROOT, 1)
FOUR = Committee(0, bytes(32), tuple(Seat(identity, 10) for identity in range(4)))


def signed(voter: int, root: bytes = A, kind: int = PRECOMMIT, view: int = 0, height: int = HEIGHT) -> SignedVote:
    """A vote with its real signature."""
    vote = Vote(kind, height, view, root)
    return SignedVote(vote, voter, bls.sign(SECRETS[voter], vote_message(vote, DOMAINS)))


def proposed(proposer: int, root: bytes = A, view: int = 0, valid_view: int = NO_VIEW) -> SignedProposal:
    """A proposal with its real signature."""
    proposal = Proposal(HEIGHT, view, valid_view, root)
    return SignedProposal(proposal, proposer, bls.sign(SECRETS[proposer], proposal_message(proposal, DOMAINS)))


__all__ = ["DOMAINS", "EPOCH_HEIGHTS", "FOUR", "HEIGHT", "KEYS", "PRECOMMIT", "PREVOTE", "proposed", "signed"]
