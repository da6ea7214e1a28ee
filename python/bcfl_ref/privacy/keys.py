"""What two members share: a key bound to its context, and messages that only they can read (PRV-011, PRV-012)."""

from __future__ import annotations

from dataclasses import dataclass

from ..crypto import agreement
from ..encoding import encode
from ..errors import Code, SpecError
from ..types import PairContext

PURPOSE_MASK, PURPOSE_SHARES = 1, 2
"""PRV-011: what a derived key is for."""


@dataclass(frozen=True)
class Scope:
    """PRV-011: Where a key may be used: one task of one ledger, one round, one group, one purpose."""

    genesis_root: bytes
    task: int
    round: int
    group: int
    purpose: int


def pair_key(scope: Scope, own: tuple[int, bytes], peer: tuple[int, bytes]) -> bytes:
    """PRV-011: The 32-byte key that a member shares with a peer.

    `own` is (registration index, secret key), `peer` (registration index, public key). Both sides get the same.
    Errors, in order: MEMBER_SELF for equal indices; KEY_LENGTH (secret key, then public key); KEY_REPEATED when the
    peer shows one's own public key; AGREEMENT_ZERO.
    """
    (own_index, secret_key), (peer_index, peer_key) = own, peer
    if own_index == peer_index:
        raise SpecError(Code.MEMBER_SELF, f"member {own_index}")
    own_key = agreement.public_key(secret_key)
    if len(peer_key) == agreement.KEY_BYTES and peer_key == own_key:
        raise SpecError(Code.KEY_REPEATED, f"members {own_index} and {peer_index} show one key")
    shared = agreement.shared_secret(secret_key, peer_key)
    lower, higher = (own_key, peer_key) if own_index < peer_index else (peer_key, own_key)
    context = PairContext(scope.genesis_root, scope.task, scope.round, scope.group, scope.purpose, lower, higher)
    return agreement.derive_key(shared, encode(context))


def seal_shares(key: bytes, lower_key: bytes, higher_key: bytes, downwards: bool, plaintext: bytes) -> bytes:
    """PRV-012: The message of one member to the other under their key for shares.

    `downwards` says that the member with the higher index sends. Errors: KEY_LENGTH, MESSAGE_LENGTH.
    """
    _check_keys(lower_key, higher_key)
    return agreement.seal(key, _nonce(downwards), plaintext, _associated(lower_key, higher_key, downwards))


def open_shares(key: bytes, lower_key: bytes, higher_key: bytes, downwards: bool, message: bytes) -> bytes:
    """PRV-012: What the other member wrote. Errors, in order: KEY_LENGTH, MESSAGE_LENGTH, CIPHERTEXT_INVALID."""
    _check_keys(lower_key, higher_key)
    return agreement.unseal(key, _nonce(downwards), message, _associated(lower_key, higher_key, downwards))


def _check_keys(lower_key: bytes, higher_key: bytes) -> None:
    for key in (lower_key, higher_key):
        if len(key) != agreement.KEY_BYTES:
            raise SpecError(Code.KEY_LENGTH, f"a public key of {len(key)} bytes, not {agreement.KEY_BYTES}")


def _nonce(downwards: bool) -> bytes:
    """One message a key and direction, so the direction is nonce enough."""
    return bytes([downwards]).ljust(agreement.NONCE_BYTES, b"\0")


def _associated(lower_key: bytes, higher_key: bytes, downwards: bool) -> bytes:
    return lower_key + higher_key + bytes([downwards])
