"""Certificates: precommits of a quorum as one aggregate signature (CON-012, CON-013)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..crypto import bls
from ..errors import Code, SpecError
from ..types import EMPTY_SIGNATURE, ZERO_ROOT, Certificate, Committee, SignedVote, State, Vote
from .proposer import VIEWS_MAX
from .quorum import is_quorum
from .scheme import PRECOMMIT, Domains, Scheme, domains_of, vote_message

NO_CERTIFICATE = Certificate(0, 0, ZERO_ROOT, (), EMPTY_SIGNATURE)
"""CON-012: what stands where the first block has no parent's certificate to carry."""


def seat_keys(state: State, committee: Committee) -> tuple[bytes, ...]:
    """CON-013: The public key of each seat, in seat order."""
    return tuple(state.identities[seat.identity].public_key for seat in committee.seats)


def assemble_certificate(
    votes: Iterable[SignedVote], vote: Vote, committee: Committee, scheme: Scheme = bls
) -> Certificate:
    """CON-012: The certificate that authenticated precommits for `vote` add up to.

    A voter's signature is summed once per seat it holds; votes for anything else are passed over. Errors, in
    order: CERTIFICATE_BLOCK for nil; VIEW_RANGE; CERTIFICATE_QUORUM when these are no precommits of a quorum.
    """
    _check_decidable(vote.view, vote.block_root)
    signatures = {signed.voter: signed.signature for signed in votes if signed.vote == vote}
    seats = tuple(seat.identity in signatures for seat in committee.seats)
    if vote.kind != PRECOMMIT or not is_quorum(sum(seats), len(seats)):
        raise SpecError(Code.CERTIFICATE_QUORUM, f"{sum(seats)} of {len(seats)} seats precommitted")
    present = [signatures[seat.identity] for seat in committee.seats if seat.identity in signatures]
    return Certificate(vote.height, vote.view, vote.block_root, seats, scheme.aggregate(present))


def _check_decidable(view: int, block_root: bytes) -> None:
    """CON-013: Nil is never decided, though a quorum may precommit it; neither is a view that does not exist."""
    if block_root == ZERO_ROOT:
        raise SpecError(Code.CERTIFICATE_BLOCK, "a certificate for nil")
    if view >= VIEWS_MAX:
        raise SpecError(Code.VIEW_RANGE, f"view {view}, views are below {VIEWS_MAX}")


def check_certificate(certificate: Certificate, height: int, block_root: bytes, committee: Committee) -> None:
    """CON-013: Everything about a certificate but its signature.

    Errors, in order: CERTIFICATE_HEIGHT; CERTIFICATE_BLOCK, also for nil; VIEW_RANGE; CERTIFICATE_LENGTH unless
    there is one bit per seat; CERTIFICATE_QUORUM unless 3·w > 2·W for the w bits that are set.
    """
    if certificate.height != height:
        raise SpecError(Code.CERTIFICATE_HEIGHT, f"height {certificate.height}, expected {height}")
    if certificate.block_root != block_root:
        raise SpecError(Code.CERTIFICATE_BLOCK, f"{certificate.block_root.hex()}, expected {block_root.hex()}")
    _check_decidable(certificate.view, block_root)
    if len(certificate.seats) != len(committee.seats):
        raise SpecError(Code.CERTIFICATE_LENGTH, f"{len(certificate.seats)} bits, {len(committee.seats)} seats")
    if not is_quorum(sum(certificate.seats), len(committee.seats)):
        raise SpecError(Code.CERTIFICATE_QUORUM, f"{sum(certificate.seats)} of {len(committee.seats)} seats")


def verify_certificate_with_keys(
    certificate: Certificate,
    height: int,
    block_root: bytes,
    committee: Committee,
    public_keys: Sequence[bytes],
    domains: Domains,
    scheme: Scheme = bls,
) -> None:
    """CON-013: More than two thirds of the seats precommitted `block_root` at `height`.

    `public_keys` holds one key per seat. Errors, in order: those of `check_certificate`; CERTIFICATE_SIGNATURE.
    """
    check_certificate(certificate, height, block_root, committee)
    message = vote_message(Vote(PRECOMMIT, height, certificate.view, block_root), domains)
    keys = [key for key, present in zip(public_keys, certificate.seats, strict=True) if present]
    if not scheme.fast_aggregate_verify(keys, message, certificate.signature):
        raise SpecError(Code.CERTIFICATE_SIGNATURE, f"height {height}, view {certificate.view}")


def verify_certificate(
    state: State, certificate: Certificate, height: int, block_root: bytes, committee: Committee
) -> None:
    """CON-013: `verify_certificate_with_keys` with the keys and domains of a ledger's state, under BLS."""
    domains = domains_of(state.genesis_root, state.protocol_version)
    keys = seat_keys(state, committee)
    verify_certificate_with_keys(certificate, height, block_root, committee, keys, domains)
