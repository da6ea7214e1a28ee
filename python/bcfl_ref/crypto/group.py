"""A group of prime order with hashing to it: G1 of BLS12-381, points as 48 compressed bytes (PRV-081, PRV-082).

A native library does the arithmetic. What is ours is the edge, as in `bls`: one spelling a point, nothing outside the
subgroup, no identity. This file imports the library, and never calls what skips a check.
"""

from __future__ import annotations

from py_arkworks_bls12381 import G1Point, Scalar

from ..errors import Code, SpecError
from .bls import ORDER

POINT_BYTES = 48
DST_MAX = 255
_FLAG_COMPRESSED, _FLAG_INFINITY = 0x80, 0x40


def hash_to_point(message: bytes, dst: bytes) -> bytes:
    """PRV-081: The point that RFC 9380 hashes a message to, suite BLS12381G1_XMD:SHA-256_SSWU_RO_ with this tag.

    Errors: MESSAGE_LENGTH unless the tag has 1 to 255 bytes.
    """
    if not 1 <= len(dst) <= DST_MAX:
        raise SpecError(Code.MESSAGE_LENGTH, f"a tag of {len(dst)} bytes")
    return bytes(G1Point.hash_to_curve(message, dst).to_compressed_bytes())


def check_point(data: bytes) -> None:
    """PRV-082: The bytes are the one encoding of a point of the group that is not its identity.

    Errors, in order: POINT_INVALID for another length, an uncompressed flag, a coordinate that is not below the
    modulus, a point off the curve or outside the subgroup; POINT_IDENTITY, however it is spelt.
    """
    _decoded(data)


def multiply(data: bytes, scalar: int) -> bytes:
    """PRV-082: The multiple of a point.

    Errors, in order: SECRET_KEY_RANGE unless 0 < scalar < order; POINT_INVALID, POINT_IDENTITY.
    """
    if not 0 < scalar < ORDER:
        raise SpecError(Code.SECRET_KEY_RANGE, "a scalar lies in 1 .. ORDER - 1")
    factor = Scalar.from_be_bytes(scalar.to_bytes(32, "big"))
    return bytes((_decoded(data) * factor).to_compressed_bytes())


def _decoded(data: bytes) -> G1Point:
    """The library decodes the identity from many strings, so the flags are looked at before it sees the bytes.

    It refuses the rest itself: coordinates not below the modulus, what is off the curve or outside the subgroup.
    """
    if len(data) != POINT_BYTES or not data[0] & _FLAG_COMPRESSED:
        raise SpecError(Code.POINT_INVALID, f"{len(data)} bytes, not a compressed point")
    if data[0] & _FLAG_INFINITY:
        raise SpecError(Code.POINT_IDENTITY, "the identity")
    try:
        return G1Point.from_compressed_bytes(data)
    except ValueError:
        raise SpecError(Code.POINT_INVALID, f"0x{data.hex()}") from None
