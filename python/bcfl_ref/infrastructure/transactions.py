"""Transactions: kinds, signatures, nonces and payloads (INF-004)."""

from __future__ import annotations

from enum import IntEnum

from ..crypto import bls
from ..encoding import DOMAIN_TRANSACTION, compute_domain, decode, signing_root
from ..errors import Code, SpecError
from ..types import (
    AdvertiseKeys,
    Available,
    Bond,
    ClaimAggregate,
    CommitScores,
    CommitUpdate,
    Container,
    Equivocation,
    Join,
    MaskedInput,
    Publish,
    Register,
    RevealScores,
    RevealUpdate,
    ShareKeys,
    SignedTransaction,
    State,
    Transaction,
    Transfer,
    Unbond,
    Unmask,
)
from .accounts import with_identity


class Kind(IntEnum):
    """INF-004, PRV-002: Transaction kinds; those of secure rounds begin at 48."""

    REGISTER = 1
    TRANSFER = 2
    BOND = 3
    UNBOND = 4
    AVAILABLE = 5
    EVIDENCE = 6
    PUBLISH = 16
    JOIN = 17
    COMMIT_UPDATE = 18
    REVEAL_UPDATE = 19
    COMMIT_SCORES = 20
    REVEAL_SCORES = 21
    CLAIM_AGGREGATE = 22
    ADVERTISE_KEYS = 48
    SHARE_KEYS = 49
    MASKED_INPUT = 50
    UNMASK = 51


PAYLOADS: dict[int, type[Container]] = {
    Kind.REGISTER: Register,
    Kind.TRANSFER: Transfer,
    Kind.BOND: Bond,
    Kind.UNBOND: Unbond,
    Kind.AVAILABLE: Available,
    Kind.EVIDENCE: Equivocation,
    Kind.PUBLISH: Publish,
    Kind.JOIN: Join,
    Kind.COMMIT_UPDATE: CommitUpdate,
    Kind.REVEAL_UPDATE: RevealUpdate,
    Kind.COMMIT_SCORES: CommitScores,
    Kind.REVEAL_SCORES: RevealScores,
    Kind.CLAIM_AGGREGATE: ClaimAggregate,
    Kind.ADVERTISE_KEYS: AdvertiseKeys,
    Kind.SHARE_KEYS: ShareKeys,
    Kind.MASKED_INPUT: MaskedInput,
    Kind.UNMASK: Unmask,
}


def transaction_root(transaction: Transaction, genesis_root: bytes, protocol_version: int) -> bytes:
    """INF-004: The 32 bytes that a sender signs."""
    return signing_root(transaction, compute_domain(DOMAIN_TRANSACTION, genesis_root, protocol_version))


def authenticate(state: State, signed: SignedTransaction) -> None:
    """INF-004: The signature is the sender's. Errors, in order: SENDER_UNKNOWN, SIGNATURE_INVALID."""
    transaction = signed.transaction
    if transaction.sender >= len(state.identities):
        raise SpecError(Code.SENDER_UNKNOWN, f"identity {transaction.sender}")
    root = transaction_root(transaction, state.genesis_root, state.protocol_version)
    if not bls.verify(state.identities[transaction.sender].public_key, root, signed.signature):
        raise SpecError(Code.SIGNATURE_INVALID, f"transaction {transaction.nonce} of identity {transaction.sender}")


def admit(state: State, transaction: Transaction) -> tuple[State, Container]:
    """INF-004: Use up the nonce and read the payload of an authenticated transaction.

    Errors, in order: SENDER_UNKNOWN, NONCE_MISMATCH, KIND_UNKNOWN, then those of `decode` for the payload.
    """
    sender = transaction.sender
    if sender >= len(state.identities):
        raise SpecError(Code.SENDER_UNKNOWN, f"identity {sender}")
    expected = state.identities[sender].nonce
    if transaction.nonce != expected:
        raise SpecError(Code.NONCE_MISMATCH, f"identity {sender}: {transaction.nonce}, expected {expected}")
    container = PAYLOADS.get(transaction.kind)
    if container is None:
        raise SpecError(Code.KIND_UNKNOWN, f"kind {transaction.kind}")
    payload = decode(container, transaction.payload)
    return with_identity(state, sender, nonce=expected + 1), payload
