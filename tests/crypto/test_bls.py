"""BLS: the fast library and the readable oracle agree, and nothing malformed gets through (TYP-012 ... TYP-016)."""

from __future__ import annotations

import hashlib

import pytest
from bcfl_ref.crypto import bls
from bcfl_ref.errors import Code, SpecError
from py_ecc.bls import G2ProofOfPossession as oracle
from py_ecc.bls.g2_primitives import pubkey_to_G1, signature_to_G2, subgroup_check
from py_ecc.bls.hash_to_curve import map_to_curve_G2
from py_ecc.bls.point_compression import compress_G1, compress_G2
from py_ecc.optimized_bls12_381 import FQ, FQ2, b, is_on_curve

SEED = bytes(range(32))
SECRET = bls.keygen(SEED)
KEY = bls.public_key(SECRET)
MESSAGE = hashlib.sha256(b"message").digest()
SIGNATURE = bls.sign(SECRET, MESSAGE)
FIELD = 0x1A0111EA397FE69A4B1BA7B6434BACD764774B84F38512BF6730D2A0F6B0F6241EABFFFEB153FFFFB9FEFFFFFFFFAAAB

KEY_INFINITY = bytes([0xC0]) + bytes(47)
SIGNATURE_INFINITY = bytes([0xC0]) + bytes(95)


def key_outside_subgroup() -> bytes:
    """The encoding of the curve point with the least x that has a square root; the cofactor makes it stray."""
    for x in range(1, 100):
        square = (x**3 + 4) % FIELD
        if pow(square, (FIELD - 1) // 2, FIELD) == 1:
            point = (FQ(x), FQ(pow(square, (FIELD + 1) // 4, FIELD)), FQ(1))
            assert is_on_curve(point, b)
            return int(compress_G1(point)).to_bytes(48, "big")
    raise AssertionError("no point found")


def signature_outside_subgroup() -> bytes:
    """The image of the map to the curve before its cofactor is cleared."""
    high, low = compress_G2(map_to_curve_G2(FQ2([5, 7])))
    return int(high).to_bytes(48, "big") + int(low).to_bytes(48, "big")


MALFORMED_KEYS = {
    "empty": b"",
    "one byte short": KEY[:-1],
    "one byte long": KEY + b"\0",
    "infinity": KEY_INFINITY,
    "infinity with the sign flag, which the library decodes": bytes([0xE0]) + bytes(47),
    "infinity with a dirty tail, which the library decodes": bytes([0xC0]) + bytes(46) + b"\1",
    "all ones, which the library decodes as infinity": b"\xff" * 48,
    "no compression flag": bytes([KEY[0] & 0x7F]) + KEY[1:],
    "all zero": bytes(48),
    "x equals the field's modulus": (FIELD | 1 << 383).to_bytes(48, "big"),
    "not on the curve": (1 | 1 << 383).to_bytes(48, "big"),
    "outside the subgroup": key_outside_subgroup(),
}
MALFORMED_SIGNATURES = {
    "empty": b"",
    "one byte short": SIGNATURE[:-1],
    "one byte long": SIGNATURE + b"\0",
    "infinity": SIGNATURE_INFINITY,
    "infinity with the sign flag": bytes([0xE0]) + bytes(95),
    "infinity with a dirty tail": bytes([0xC0]) + bytes(94) + b"\1",
    "all ones": b"\xff" * 96,
    "no compression flag": bytes([SIGNATURE[0] & 0x7F]) + SIGNATURE[1:],
    "all zero": bytes(96),
    "real part plus the field's modulus": SIGNATURE[:48]
    + (int.from_bytes(SIGNATURE[48:], "big") + FIELD).to_bytes(48, "big"),
    "outside the subgroup": signature_outside_subgroup(),
}


def test_keygen_equals_oracle() -> None:
    """A seed gives the same secret key as the oracle's KeyGen, for the shortest seed and a longer one."""
    for seed in (SEED, bytes(32), b"x" * 77):
        assert bls.keygen(seed) == oracle.KeyGen(seed)


def test_keygen_refuses_a_short_seed() -> None:
    """31 bytes are too few."""
    with pytest.raises(SpecError) as refused:
        bls.keygen(bytes(31))
    assert refused.value.code is Code.SEED_LENGTH


@pytest.mark.parametrize("secret", [0, -1, bls.ORDER, bls.ORDER + 1])
def test_secret_key_range(secret: int) -> None:
    """Zero and the group order and beyond are no secret keys."""
    for use in (bls.public_key, bls.prove_possession, lambda s: bls.sign(s, MESSAGE)):
        with pytest.raises(SpecError) as refused:
            use(secret)
        assert refused.value.code is Code.SECRET_KEY_RANGE
        assert str(secret) not in refused.value.detail


def test_oracle_equal() -> None:
    """Public key, signature, proof of possession and aggregate are byte for byte the oracle's."""
    assert oracle.SkToPk(SECRET) == KEY
    assert oracle.Sign(SECRET, MESSAGE) == SIGNATURE
    assert oracle.PopProve(SECRET) == bls.prove_possession(SECRET)
    other = bls.sign(SECRET + 1, MESSAGE)
    assert oracle.Aggregate([SIGNATURE, other]) == bls.aggregate([SIGNATURE, other])


def test_oracle_accepts_ours() -> None:
    """The oracle verifies an aggregate made here, and the largest secret key works in both."""
    secrets = (SECRET, bls.ORDER - 1)
    keys = [bls.public_key(secret) for secret in secrets]
    whole = bls.aggregate([bls.sign(secret, MESSAGE) for secret in secrets])
    assert bls.fast_aggregate_verify(keys, MESSAGE, whole)
    assert oracle.FastAggregateVerify(keys, MESSAGE, whole)


def test_verify() -> None:
    """A signature verifies for its key and message only."""
    other = bls.public_key(SECRET + 1)
    assert bls.verify(KEY, MESSAGE, SIGNATURE)
    assert not bls.verify(other, MESSAGE, SIGNATURE)
    assert not bls.verify(KEY, hashlib.sha256(b"other").digest(), SIGNATURE)
    assert not bls.verify(KEY, MESSAGE, bls.sign(SECRET + 1, MESSAGE))


def test_possession_is_no_signature() -> None:
    """The two suites are apart: a proof of possession signs nothing and a signature proves no possession."""
    proof = bls.prove_possession(SECRET)
    assert bls.verify_possession(KEY, proof)
    assert not bls.verify_possession(bls.public_key(SECRET + 1), proof)
    assert not bls.verify_possession(KEY, bls.sign(SECRET, KEY))
    assert not bls.verify(KEY, KEY, proof)


@pytest.mark.parametrize("case", MALFORMED_KEYS)
def test_malformed_key(case: str) -> None:
    """Whatever is not the one encoding of a good point is refused, without an exception."""
    bad = MALFORMED_KEYS[case]
    assert not bls.key_validate(bad)
    assert not bls.verify(bad, MESSAGE, SIGNATURE)
    assert not bls.verify_possession(bad, bls.prove_possession(SECRET))
    assert not bls.fast_aggregate_verify([KEY, bad], MESSAGE, SIGNATURE)


@pytest.mark.parametrize("case", MALFORMED_SIGNATURES)
def test_malformed_signature(case: str) -> None:
    """Whatever is not the one encoding of a good point is no signature, and does not aggregate."""
    bad = MALFORMED_SIGNATURES[case]
    assert not bls.verify(KEY, MESSAGE, bad)
    assert not bls.verify_possession(KEY, bad)
    assert not bls.fast_aggregate_verify([KEY], MESSAGE, bad)
    with pytest.raises(SpecError) as refused:
        bls.aggregate([SIGNATURE, bad])
    assert refused.value.code is Code.SIGNATURE_INVALID


def test_infinity_pair_is_refused() -> None:
    """Key and signature at infinity would satisfy the pairing equation for every message: refused."""
    assert not bls.verify(KEY_INFINITY, MESSAGE, SIGNATURE_INFINITY)
    assert not bls.fast_aggregate_verify([KEY_INFINITY, KEY_INFINITY], MESSAGE, SIGNATURE_INFINITY)


def test_cancelling_keys_are_refused() -> None:
    """A key and its negation sum to infinity, so nothing verifies under both."""
    negated = bytes([KEY[0] ^ 0x20]) + KEY[1:]
    assert bls.key_validate(negated)
    assert not bls.fast_aggregate_verify([KEY, negated], MESSAGE, SIGNATURE_INFINITY)
    assert not bls.fast_aggregate_verify([KEY, negated], MESSAGE, SIGNATURE)
    flipped = bytes([SIGNATURE[0] ^ 0x20]) + SIGNATURE[1:]
    with pytest.raises(SpecError) as refused:
        bls.aggregate([SIGNATURE, flipped])
    assert refused.value.code is Code.SIGNATURE_INVALID


def test_aggregate_counts() -> None:
    """A key listed twice counts twice; nothing aggregates from nothing; no keys verify nothing."""
    assert bls.fast_aggregate_verify([KEY, KEY], MESSAGE, bls.aggregate([SIGNATURE, SIGNATURE]))
    assert not bls.fast_aggregate_verify([KEY], MESSAGE, bls.aggregate([SIGNATURE, SIGNATURE]))
    assert not bls.fast_aggregate_verify([], MESSAGE, SIGNATURE)
    assert not bls.fast_aggregate_verify([], MESSAGE, SIGNATURE_INFINITY)
    with pytest.raises(SpecError) as refused:
        bls.aggregate([])
    assert refused.value.code is Code.SIGNATURE_COUNT


def test_aggregate_ignores_order() -> None:
    """A sum of points does not depend on the order of its members."""
    members = [bls.sign(SECRET + i, MESSAGE) for i in range(3)]
    assert bls.aggregate(members) == bls.aggregate(members[::-1])
    keys = [bls.public_key(SECRET + i) for i in range(3)]
    assert bls.fast_aggregate_verify(keys[::-1], MESSAGE, bls.aggregate(members))


def test_every_flipped_bit_of_a_signature() -> None:
    """No single bit of a signature or a key can change without the signature failing."""
    for bit in range(0, 96 * 8, 7):
        bad = bytearray(SIGNATURE)
        bad[bit // 8] ^= 1 << bit % 8
        assert not bls.verify(KEY, MESSAGE, bytes(bad))
    for bit in range(0, 48 * 8, 7):
        bad = bytearray(KEY)
        bad[bit // 8] ^= 1 << bit % 8
        assert not bls.verify(bytes(bad), MESSAGE, SIGNATURE)


def test_stray_points_are_on_their_curves() -> None:
    """The oracle decodes the stray points of this file, so only the subgroup check can refuse them."""
    assert not subgroup_check(signature_to_G2(signature_outside_subgroup()))
    assert not subgroup_check(pubkey_to_G1(key_outside_subgroup()))
