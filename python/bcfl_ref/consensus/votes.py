"""Who may say what: structure and signatures of votes and proposals, at the edge (CON-010, CON-011)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from ..crypto import bls
from ..encoding import hash_tree_root, word_to_int64
from ..errors import Code, SpecError
from ..types import ZERO_ROOT, Block, Body, Committee, SignedProposal, SignedVote
from .proposer import VIEWS_MAX, proposer_at
from .scheme import PRECOMMIT, PREVOTE, Domains, Scheme, proposal_message, vote_message

NIL = ZERO_ROOT
"""CON-010: the block root of a vote for no block."""


def check_vote(signed: SignedVote, committee: Committee, height: int) -> None:
    """CON-010: A vote of this height by a holder of a seat; signature aside.

    Errors, in order: VOTE_HEIGHT; VOTE_KIND unless prevote or precommit; VIEW_RANGE; VOTE_SEAT.
    """
    vote = signed.vote
    if vote.height != height:
        raise SpecError(Code.VOTE_HEIGHT, f"height {vote.height}, expected {height}")
    if vote.kind not in (PREVOTE, PRECOMMIT):
        raise SpecError(Code.VOTE_KIND, f"kind {vote.kind}")
    if vote.view >= VIEWS_MAX:
        raise SpecError(Code.VIEW_RANGE, f"view {vote.view}")
    if all(seat.identity != signed.voter for seat in committee.seats):
        raise SpecError(Code.VOTE_SEAT, f"identity {signed.voter} holds no seat of epoch {committee.epoch}")


def authenticate_vote(
    signed: SignedVote,
    committee: Committee,
    height: int,
    public_keys: Sequence[bytes],
    domains: Domains,
    scheme: Scheme = bls,
) -> None:
    """CON-010: The vote is its voter's; `public_keys` holds one key per seat.

    Errors, in order: those of `check_vote`; VOTE_SIGNATURE.
    """
    check_vote(signed, committee, height)
    if not scheme.verify(
        _key_of(signed.voter, committee, public_keys), vote_message(signed.vote, domains), signed.signature
    ):
        raise SpecError(Code.VOTE_SIGNATURE, f"identity {signed.voter}, view {signed.vote.view}")


def check_proposal(signed: SignedProposal, committee: Committee, height: int, epoch_heights: int) -> None:
    """CON-011: A proposal of this height by the proposer of its view; signature aside.

    Errors, in order: PROPOSAL_HEIGHT; VIEW_RANGE; PROPOSAL_VALID_VIEW unless -1 <= valid_view < view;
    PROPOSAL_ROOT when the block root is nil; CANDIDATES_EMPTY and HEIGHT_EPOCH of `proposer_at`;
    PROPOSAL_PROPOSER.
    """
    proposal = signed.proposal
    if proposal.height != height:
        raise SpecError(Code.PROPOSAL_HEIGHT, f"height {proposal.height}, expected {height}")
    if proposal.view >= VIEWS_MAX:
        raise SpecError(Code.VIEW_RANGE, f"view {proposal.view}")
    if not -1 <= word_to_int64(proposal.valid_view) < proposal.view:
        raise SpecError(Code.PROPOSAL_VALID_VIEW, f"valid view of view {proposal.view}")
    if proposal.block_root == NIL:
        raise SpecError(Code.PROPOSAL_ROOT, "nil cannot be proposed")
    expected = proposer_at(committee, height, proposal.view, epoch_heights)
    if signed.proposer != expected:
        raise SpecError(Code.PROPOSAL_PROPOSER, f"identity {signed.proposer}, expected {expected}")


def authenticate_proposal(
    signed: SignedProposal,
    committee: Committee,
    height: int,
    epoch_heights: int,
    public_keys: Sequence[bytes],
    domains: Domains,
    scheme: Scheme = bls,
) -> None:
    """CON-011: The proposal is that of its view's proposer; `public_keys` holds one key per seat.

    Errors, in order: those of `check_proposal`; PROPOSAL_SIGNATURE.
    """
    check_proposal(signed, committee, height, epoch_heights)
    key = _key_of(signed.proposer, committee, public_keys)
    if not scheme.verify(key, proposal_message(signed.proposal, domains), signed.signature):
        raise SpecError(Code.PROPOSAL_SIGNATURE, f"identity {signed.proposer}, view {signed.proposal.view}")


def check_proposed_block(signed: SignedProposal, block: Block, committee: Committee, epoch_heights: int) -> None:
    """CON-011: The block that came with a proposal is the proposed one, whole, and was created where it says.

    A new block names the proposal's view, a block proposed again a view up to its valid view; the author is the
    proposer of the view that the header names. Errors, in order: PROPOSAL_BLOCK when the header is another one,
    the body is not the header's, the view is wrong; CANDIDATES_EMPTY and HEIGHT_EPOCH of `proposer_at`; then
    PROPOSAL_BLOCK when the author is wrong.
    """
    proposal, valid_view = signed.proposal, word_to_int64(signed.proposal.valid_view)
    header = block.header
    if hash_tree_root(header) != proposal.block_root or header.height != proposal.height:
        raise SpecError(Code.PROPOSAL_BLOCK, f"header of height {header.height} is not the proposed one")
    if body_root(block.body) != header.body_root:
        raise SpecError(Code.PROPOSAL_BLOCK, "the body is not the header's")
    if not (header.view == proposal.view if valid_view == -1 else header.view <= valid_view):
        raise SpecError(Code.PROPOSAL_BLOCK, f"created in view {header.view}, proposed in {proposal.view}")
    if header.proposer != proposer_at(committee, header.height, header.view, epoch_heights):
        raise SpecError(Code.PROPOSAL_BLOCK, f"author {header.proposer} of view {header.view}")


@lru_cache(maxsize=64)
def body_root(body: Body) -> bytes:
    """INF-006: The root of a body; remembered, because every validator of one process asks for the same."""
    return hash_tree_root(body)


def _key_of(identity: int, committee: Committee, public_keys: Sequence[bytes]) -> bytes:
    return next(key for seat, key in zip(committee.seats, public_keys, strict=True) if seat.identity == identity)
