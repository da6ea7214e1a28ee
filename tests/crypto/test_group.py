"""The group of alignment: one spelling a point, nothing of small order, no identity (PRV-081, PRV-082)."""

from __future__ import annotations

import hashlib

import pytest
from bcfl_ref.crypto import bls, group
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.operations.cases.alignment import FIELD, GENERATOR, IDENTITIES, MALFORMED
from hypothesis import given, settings
from hypothesis import strategies as st
from py_ecc.bls.g2_primitives import G1_to_pubkey, pubkey_to_G1
from py_ecc.bls.hash_to_curve import hash_to_G1
from py_ecc.optimized_bls12_381 import multiply

ONE = bytes.fromhex(GENERATOR[2:])
RFC_TAG = b"QUUX-V01-CS02-with-BLS12381G1_XMD:SHA-256_SSWU_RO_"
RFC_POINTS = {
    b"": "052926add2207b76ca4fa57a8734416c8dc95e24501772c814278700eed6d1e4e8cf62d9c09db0fac349612b759e79a1",
    b"abc": "03567bc5ef9c690c2ab2ecdf6a96ef1c139cc0b2f284dca0a9a7943388a49a3aee664ba5379a7655d3c68900be2f6903",
    b"abcdef0123456789": (
        "11e0b079dea29a68f0383ee94fed1b940995272407e3bb916bbf268c263ddd57a6a27200a784cbc248e84f357ce82d98"
    ),
    b"q128_" + b"q" * 128: (
        "15f68eaa693b95ccb85215dc65fa81038d69629f70aeee0d0f677cf22285e7bf58d7cb86eefe8f2e9bc3f8cb84fac488"
    ),
    b"a512_" + b"a" * 512: (
        "082aabae8b7dedb0e78aeb619ad3bfd9277a2f77ba7fad20ef6aabdc6c31d19ba5a6d12283553294c1825c4b3ca2dcfe"
    ),
}


def refused(data: bytes) -> Code:
    with pytest.raises(SpecError) as refusal:
        group.check_point(data)
    return refusal.value.code


@pytest.mark.parametrize("message", RFC_POINTS, ids=len)
def test_hashing_is_that_of_the_rfc(message: bytes) -> None:
    """PRV-081: the coordinates of RFC 9380, J.9.1, come out of our own entry point."""
    point = bytearray(group.hash_to_point(message, RFC_TAG))
    point[0] &= 0x1F
    assert point.hex() == RFC_POINTS[message]


@pytest.mark.parametrize("tag", [b"\0", b"BEFL", bytes(range(255))])
def test_hashing_agrees_with_a_second_library(tag: bytes) -> None:
    """PRV-081: the readable oracle gives the same point, sign included, for short and longest tags."""
    wanted = G1_to_pubkey(hash_to_G1(b"anna", tag, hashlib.sha256))  # type: ignore[arg-type]
    assert group.hash_to_point(b"anna", tag) == bytes(wanted)


@pytest.mark.parametrize("scalar", [1, 2, 3, 2**200 + 7, bls.ORDER - 1])
def test_multiples_agree_with_a_second_library(scalar: int) -> None:
    """PRV-082: the readable oracle gives the same multiples of a hashed point."""
    point = group.hash_to_point(b"anna", b"BEFL")
    wanted = G1_to_pubkey(multiply(pubkey_to_G1(point), scalar))  # type: ignore[arg-type]
    assert group.multiply(point, scalar) == bytes(wanted)


@settings(deadline=None, max_examples=20)
@given(st.integers(1, bls.ORDER - 1), st.integers(1, bls.ORDER - 1), st.binary(max_size=20))
def test_scalars_commute(first: int, second: int, message: bytes) -> None:
    """PRV-082: what both sides blind is one point, whoever began, and a scalar is undone by its inverse."""
    point = group.hash_to_point(message, b"BEFL")
    both = group.multiply(group.multiply(point, first), second)
    assert both == group.multiply(group.multiply(point, second), first)
    assert group.multiply(both, pow(first * second, -1, bls.ORDER)) == point


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_points_are_refused(name: str) -> None:
    """PRV-082: length, flags, curve, subgroup and every other spelling; by multiplication as well."""
    data = bytes.fromhex(MALFORMED[name][0][2:])
    assert refused(data) is Code.POINT_INVALID
    with pytest.raises(SpecError, match="POINT_INVALID"):
        group.multiply(data, 5)


@settings(deadline=None, max_examples=60)
@given(st.binary(min_size=48, max_size=48))
def test_the_identity_is_refused_however_it_is_spelt(data: bytes) -> None:
    """PRV-082: any bytes with the flag for infinity, which the library would take for the identity."""
    assert refused(bytes([data[0] | 0xC0]) + data[1:]) is Code.POINT_IDENTITY
    for spelt, _ in IDENTITIES.values():
        assert refused(bytes.fromhex(spelt[2:])) is Code.POINT_IDENTITY


def test_a_point_of_small_order_would_show_the_scalar() -> None:
    """PRV-082: (0, 2) has order 3, so its multiple would say what the scalar is modulo 3; it is refused."""
    x, y = 0, 2
    assert (y * y - x**3 - 4) % FIELD == 0
    assert (3 * x * x * pow(2 * y, -1, FIELD)) ** 2 % FIELD == 2 * x, "doubling gives x = 0 again: order 3"
    assert refused(bytes.fromhex(MALFORMED["subgroup"][0][2:])) is Code.POINT_INVALID


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 47), st.integers(1, 255))
def test_no_two_encodings_are_one_point(place: int, change: int) -> None:
    """PRV-082: changed bytes are refused, or another point, or the same coordinate with the other sign."""
    data = bytearray(ONE)
    data[place] ^= change
    try:
        group.check_point(bytes(data))
    except SpecError as refusal:
        assert refusal.code in (Code.POINT_INVALID, Code.POINT_IDENTITY)
        return
    assert group.multiply(bytes(data), 1) == bytes(data) != ONE


@pytest.mark.parametrize("scalar", [0, bls.ORDER, -1])
def test_scalars_out_of_range_are_refused_and_not_shown(scalar: int) -> None:
    """PRV-082: zero would give the identity; the detail does not hold what was given."""
    with pytest.raises(SpecError) as refusal:
        group.multiply(ONE, scalar)
    assert refusal.value.code is Code.SECRET_KEY_RANGE and str(bls.ORDER) not in refusal.value.detail
