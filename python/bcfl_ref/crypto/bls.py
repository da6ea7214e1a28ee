"""BLS signatures over BLS12-381, keys in G1 and signatures in G2 (TYP-012 ... TYP-016).

A native library does the curve arithmetic. What is ours is the edge: which bytes are a key, which are a
signature, and that nothing outside the prime-order subgroup, no point at infinity and no second spelling of a
point is ever accepted. The library decodes the point at infinity from 2^381 different byte strings and calls it
a member of the subgroup, so both decoders here refuse the infinity flag before the library sees the bytes.

Verification is a pure function of public bytes; its answers are remembered, so that a signature which many
simulated nodes check costs one pairing.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from functools import lru_cache

from py_arkworks_bls12381 import GT, G1Point, G2Point, Scalar

from ..errors import Code, SpecError

ORDER = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001
"""The number of elements of the prime-order groups; secret keys lie in 1 .. ORDER - 1."""
SEED_BYTES_MIN = 32
PUBLIC_KEY_BYTES = 48
SIGNATURE_BYTES = 96

DST_SIGNATURE = b"BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_"
DST_POSSESSION = b"BLS_POP_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_"

_FLAG_COMPRESSED, _FLAG_INFINITY = 0x80, 0x40
_KEYGEN_SALT = b"BLS-SIG-KEYGEN-SALT-"
_KEYGEN_BYTES = 48


# ---------------------------------------------------------------------------------------------------------
# Keys


def keygen(seed: bytes) -> int:
    """TYP-012: The secret key that KeyGen (HKDF-SHA-256, empty key_info) derives from at least 32 secret bytes.

    Errors: SEED_LENGTH when the seed is shorter. Source: draft-irtf-cfrg-bls-signature, section 2.3.
    """
    if len(seed) < SEED_BYTES_MIN:
        raise SpecError(Code.SEED_LENGTH, f"{len(seed)} bytes, at least {SEED_BYTES_MIN}")
    salt, secret = _KEYGEN_SALT, 0
    while secret == 0:
        salt = hashlib.sha256(salt).digest()
        extracted = hmac.digest(salt, seed + b"\0", "sha256")
        first = hmac.digest(extracted, _KEYGEN_BYTES.to_bytes(2, "big") + b"\1", "sha256")
        second = hmac.digest(extracted, first + _KEYGEN_BYTES.to_bytes(2, "big") + b"\2", "sha256")
        secret = int.from_bytes((first + second)[:_KEYGEN_BYTES], "big") % ORDER
    return secret


def public_key(secret_key: int) -> bytes:
    """TYP-012: The 48 bytes of the compressed public key. Errors: SECRET_KEY_RANGE."""
    return bytes((G1Point() * _scalar(secret_key)).to_compressed_bytes())


def key_validate(key: bytes) -> bool:
    """TYP-013: The bytes are the one encoding of a point of the prime-order subgroup that is not infinity."""
    return _key_point(bytes(key)) is not None


def _scalar(secret_key: int) -> Scalar:
    if not 0 < secret_key < ORDER:
        raise SpecError(Code.SECRET_KEY_RANGE, "a secret key lies in 1 .. ORDER - 1")
    return Scalar.from_be_bytes(secret_key.to_bytes(32, "big"))


def _flags_allowed(data: bytes, length: int) -> bool:
    """Compressed and not infinity. The library checks the rest: coordinate below p, on curve, in subgroup."""
    return len(data) == length and data[0] & (_FLAG_COMPRESSED | _FLAG_INFINITY) == _FLAG_COMPRESSED


@lru_cache(maxsize=2**14)
def _key_point(key: bytes) -> G1Point | None:
    if not _flags_allowed(key, PUBLIC_KEY_BYTES):
        return None
    try:
        point = G1Point.from_compressed_bytes(key)
    except ValueError:
        return None
    return point if _sound(point, G1Point.identity(), key) else None


def _signature_point(signature: bytes) -> G2Point | None:
    if not _flags_allowed(signature, SIGNATURE_BYTES):
        return None
    try:
        point = G2Point.from_compressed_bytes(signature)
    except ValueError:
        return None
    return point if _sound(point, G2Point.identity(), signature) else None


def _sound(point: G1Point | G2Point, identity: G1Point | G2Point, data: bytes) -> bool:
    """Belt and braces: in the subgroup, not infinity, and these bytes are its own encoding."""
    return point.is_in_subgroup() and point != identity and bytes(point.to_compressed_bytes()) == data


# ---------------------------------------------------------------------------------------------------------
# Signatures


def sign(secret_key: int, message: bytes) -> bytes:
    """TYP-014: The 96 bytes of the signature over a message (a signing root). Errors: SECRET_KEY_RANGE."""
    return _sign(secret_key, message, DST_SIGNATURE)


def verify(key: bytes, message: bytes, signature: bytes) -> bool:
    """TYP-014: The signature over `message` is by the holder of `key`; malformed bytes are simply not."""
    return _verify((bytes(key),), bytes(message), bytes(signature), DST_SIGNATURE)


def _sign(secret_key: int, message: bytes, dst: bytes) -> bytes:
    return bytes((_message_point(message, dst) * _scalar(secret_key)).to_compressed_bytes())


@lru_cache(maxsize=2**10)
def _message_point(message: bytes, dst: bytes) -> G2Point:
    return G2Point.hash_to_curve(message, dst)


@lru_cache(maxsize=2**14)
def _verify(keys: tuple[bytes, ...], message: bytes, signature: bytes, dst: bytes) -> bool:
    """e(sum of keys, H(message)) = e(generator, signature), every input checked first."""
    proof = _signature_point(signature)
    if proof is None or not keys:
        return False
    total = G1Point.identity()
    for key in keys:
        point = _key_point(key)
        if point is None:
            return False
        total = total + point
    if total == G1Point.identity():
        return False
    return bool(GT.pairing_check([total, -G1Point()], [_message_point(message, dst), proof]))


# ---------------------------------------------------------------------------------------------------------
# Proof of possession


def prove_possession(secret_key: int) -> bytes:
    """TYP-015: The signature over one's own public key under its own suite. Errors: SECRET_KEY_RANGE."""
    return _sign(secret_key, public_key(secret_key), DST_POSSESSION)


def verify_possession(key: bytes, proof: bytes) -> bool:
    """TYP-015: The proof shows that somebody holds the secret key of `key`; malformed bytes do not."""
    return _verify((bytes(key),), bytes(key), bytes(proof), DST_POSSESSION)


# ---------------------------------------------------------------------------------------------------------
# Aggregates


def aggregate(signatures: Sequence[bytes]) -> bytes:
    """TYP-016: The sum of signatures as one signature.

    Errors, in order: SIGNATURE_COUNT for an empty list; SIGNATURE_INVALID for the first member that TYP-013
    refuses, and for a sum that is infinity.
    """
    if not signatures:
        raise SpecError(Code.SIGNATURE_COUNT, "no signatures")
    total = G2Point.identity()
    for position, signature in enumerate(signatures):
        point = _signature_point(bytes(signature))
        if point is None:
            raise SpecError(Code.SIGNATURE_INVALID, f"signature {position}")
        total = total + point
    if total == G2Point.identity():
        raise SpecError(Code.SIGNATURE_INVALID, "the sum is the point at infinity")
    return bytes(total.to_compressed_bytes())


def fast_aggregate_verify(keys: Sequence[bytes], message: bytes, signature: bytes) -> bool:
    """TYP-016: All holders of `keys` (proved possession, TYP-015) signed the same message; False without keys."""
    return _verify(tuple(bytes(key) for key in keys), bytes(message), bytes(signature), DST_SIGNATURE)
