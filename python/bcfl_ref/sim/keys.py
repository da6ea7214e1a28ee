"""Signatures for simulations: hashes that anybody could forge and nobody in the simulator does (CON-007)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache

SIGNATURE_BITS = 768


def public_key(identity: int) -> bytes:
    """CON-007: The key of an identity: 48 bytes that name it."""
    return hashlib.sha384(b"simulated key" + identity.to_bytes(8, "little")).digest()


@lru_cache(maxsize=2**14)
def signature_of(key: bytes, message: bytes) -> bytes:
    """CON-007: What the holder of `key` would sign, 96 bytes."""
    return hashlib.shake_256(key + message).digest(SIGNATURE_BITS // 8)


class SimulatedSigner:
    """CON-007: The key of one identity."""

    def __init__(self, identity: int) -> None:
        self._key = public_key(identity)

    def sign(self, message: bytes) -> bytes:
        """CON-007: Deterministic, like BLS."""
        return signature_of(self._key, message)


class SimulatedScheme:
    """CON-007: Signatures add up as integers modulo 2^768, like points of a group."""

    def verify(self, key: bytes, message: bytes, signature: bytes) -> bool:
        """CON-007: Recomputed."""
        return signature_of(key, message) == signature

    def aggregate(self, signatures: Sequence[bytes]) -> bytes:
        """CON-007: The sum."""
        total = sum(int.from_bytes(signature, "little") for signature in signatures)
        return (total % (1 << SIGNATURE_BITS)).to_bytes(SIGNATURE_BITS // 8, "little")

    def fast_aggregate_verify(self, keys: Sequence[bytes], message: bytes, signature: bytes) -> bool:
        """CON-007: Recomputed; no keys, no signature."""
        return bool(keys) and self.aggregate([signature_of(key, message) for key in keys]) == signature
