"""Evidence: two votes that no honest validator signs both of (CON-016)."""

from __future__ import annotations

from collections.abc import Collection

from ..crypto import bls
from ..encoding import hash_tree_root
from ..errors import Code, SpecError
from ..types import Equivocation, Offence, SignedVote, State
from .scheme import PRECOMMIT, PREVOTE, Domains, Scheme, domains_of, vote_message


def make_equivocation(one: SignedVote, other: SignedVote) -> Equivocation:
    """CON-016: The evidence of two conflicting votes in its one accepted order, smaller block root first."""
    first, second = sorted((one, other), key=lambda signed: signed.vote.block_root)
    return Equivocation(first, second)


def offence_root(signed: SignedVote) -> bytes:
    """CON-016: The name of the offence: one per voter, kind, height and view, however it is proved."""
    vote = signed.vote
    return hash_tree_root(Offence(signed.voter, vote.kind, vote.height, vote.view))


def check_conflict(evidence: Equivocation) -> None:
    """CON-016: The two votes contradict each other and stand in order; signatures aside.

    Errors, in order: EVIDENCE_VOTER when two identities voted; EVIDENCE_SLOT when kind, height or view differ or
    the kind is unknown; EVIDENCE_SAME when both name one block; EVIDENCE_ORDER when the greater root is first.
    """
    first, second = evidence.first, evidence.second
    if first.voter != second.voter:
        raise SpecError(Code.EVIDENCE_VOTER, f"identities {first.voter} and {second.voter}")
    slots = [(signed.vote.kind, signed.vote.height, signed.vote.view) for signed in (first, second)]
    if slots[0] != slots[1] or first.vote.kind not in (PREVOTE, PRECOMMIT):
        raise SpecError(Code.EVIDENCE_SLOT, f"kind, height, view {slots[0]} and {slots[1]}")
    if first.vote.block_root == second.vote.block_root:
        raise SpecError(Code.EVIDENCE_SAME, f"both for {first.vote.block_root.hex()}")
    if first.vote.block_root > second.vote.block_root:
        raise SpecError(Code.EVIDENCE_ORDER, "the smaller block root stands first")


def check_equivocation_with_key(
    evidence: Equivocation,
    height: int,
    evidence_heights: int,
    offences: Collection[bytes],
    public_key: bytes,
    domains: Domains,
    scheme: Scheme = bls,
) -> bytes:
    """CON-016: The root of the offence that the evidence proves at a ledger of `height`.

    Errors, in order: those of `check_conflict`; EVIDENCE_HEIGHT when the votes are for a height beyond `height`
    or more than `evidence_heights` before it; EVIDENCE_KNOWN when the offence was punished before;
    EVIDENCE_SIGNATURE when either signature is not by the holder of `public_key`.
    """
    check_conflict(evidence)
    offence_height = evidence.first.vote.height
    if not offence_height <= height <= offence_height + evidence_heights:
        raise SpecError(Code.EVIDENCE_HEIGHT, f"votes at {offence_height}, now {height}")
    offence = offence_root(evidence.first)
    if offence in offences:
        raise SpecError(Code.EVIDENCE_KNOWN, offence.hex())
    for signed in (evidence.first, evidence.second):
        if not scheme.verify(public_key, vote_message(signed.vote, domains), signed.signature):
            raise SpecError(Code.EVIDENCE_SIGNATURE, f"identity {signed.voter}")
    return offence


def check_equivocation(state: State, evidence: Equivocation) -> bytes:
    """CON-016: `check_equivocation_with_key` with what a ledger's state knows, under BLS.

    Errors, in order: IDENTITY_UNKNOWN for a first voter that the ledger does not know; then the others.
    """
    voter = evidence.first.voter
    if voter >= len(state.identities):
        raise SpecError(Code.IDENTITY_UNKNOWN, f"identity {voter}")
    return check_equivocation_with_key(
        evidence,
        state.height,
        state.parameters.evidence_heights,
        state.offences,
        state.identities[voter].public_key,
        domains_of(state.genesis_root, state.protocol_version),
    )
