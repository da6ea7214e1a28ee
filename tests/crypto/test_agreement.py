"""Key agreement, derivation and sealing against the published vectors (PRV-010, PRV-011, PRV-012)."""

from __future__ import annotations

import os

import pytest
from bcfl_ref.crypto import agreement
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.operations.cases.privacy import _ALICE, _ALICE_PUBLIC, _BOB, _BOB_PUBLIC, _SUNSCREEN, SMALL_ORDER
from hypothesis import given, settings
from hypothesis import strategies as st

KEYS = st.binary(min_size=32, max_size=32)


def octets(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def refused(code: Code, call, *args) -> SpecError:
    with pytest.raises(SpecError) as refusal:
        call(*args)
    assert refusal.value.code is code
    return refusal.value


def test_agreement_of_rfc_7748() -> None:
    """The keys and the shared secret of RFC 7748, section 6.1, from both sides."""
    shared = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"
    assert agreement.public_key(octets(_ALICE)) == octets(_ALICE_PUBLIC)
    assert agreement.public_key(octets(_BOB)) == octets(_BOB_PUBLIC)
    assert agreement.shared_secret(octets(_ALICE), octets(_BOB_PUBLIC)).hex() == shared
    assert agreement.shared_secret(octets(_BOB), octets(_ALICE_PUBLIC)).hex() == shared


def test_iterated_agreement_of_rfc_7748() -> None:
    """RFC 7748, section 5.2: one and a thousand iterations from the base point."""
    scalar = point = b"\x09" + bytes(31)
    for count in range(1, 1001):
        scalar, point = agreement.shared_secret(scalar, point), scalar
        if count == 1:
            assert scalar.hex() == "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"
    assert scalar.hex() == "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51"


@settings(deadline=None, max_examples=30)
@given(KEYS, KEYS)
def test_both_sides_agree(left: bytes, right: bytes) -> None:
    """Whoever combines the own secret with the other's public key gets the same bytes."""
    one = agreement.shared_secret(left, agreement.public_key(right))
    assert one == agreement.shared_secret(right, agreement.public_key(left)) != bytes(32)


@pytest.mark.parametrize("name", SMALL_ORDER)
@pytest.mark.parametrize("high_bit", [0, 128])
def test_keys_of_small_order_are_refused(name: str, high_bit: int) -> None:
    """A peer key of small order, in every spelling, gives zeros whatever the secret is, and so no key."""
    key = bytearray(octets(SMALL_ORDER[name]))
    key[31] |= high_bit
    for secret in (octets(_ALICE), octets(_BOB), bytes(32)):
        refused(Code.AGREEMENT_ZERO, agreement.shared_secret, secret, bytes(key))


def test_derivation_of_rfc_5869() -> None:
    """The first 32 bytes of test case 3 of RFC 5869: no salt, no context."""
    known = "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
    assert agreement.derive_key(b"\x0b" * 22, b"").hex() == known


def test_sealing_of_rfc_8439() -> None:
    """Ciphertext and tag of RFC 8439, section 2.8.2."""
    key, nonce = bytes(range(0x80, 0xA0)), octets("070000004041424344454647")
    associated = octets("50515253c0c1c2c3c4c5c6c7")
    message = agreement.seal(key, nonce, _SUNSCREEN, associated)
    assert message.hex().startswith("d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6")
    assert message[-16:].hex() == "1ae10b594f09e26a7e902ecbd0600691"
    assert agreement.unseal(key, nonce, message, associated) == _SUNSCREEN


@settings(deadline=None, max_examples=60)
@given(KEYS, st.binary(max_size=40), st.binary(max_size=20), st.data())
def test_every_changed_bit_is_noticed(key: bytes, plaintext: bytes, associated: bytes, data: st.DataObject) -> None:
    """One flipped bit of a message is refused with one code."""
    message = bytearray(agreement.seal(key, bytes(12), plaintext, associated))
    message[data.draw(st.integers(0, len(message) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    refused(Code.CIPHERTEXT_INVALID, agreement.unseal, key, bytes(12), bytes(message), associated)


def test_no_error_tells_a_secret() -> None:
    """The text of a refusal holds neither secret key, key, plaintext nor message."""
    secret, text = os.urandom(31), b"a plaintext that nobody may read" * 200
    key, nonce = os.urandom(32), bytes(12)
    refusals = [
        refused(Code.KEY_LENGTH, agreement.public_key, secret),
        refused(Code.KEY_LENGTH, agreement.shared_secret, secret, octets(_BOB_PUBLIC)),
        refused(Code.AGREEMENT_ZERO, agreement.shared_secret, key, bytes(32)),
        refused(Code.KEY_LENGTH, agreement.derive_key, secret[:15], b""),
        refused(Code.MESSAGE_LENGTH, agreement.derive_key, key, bytes(1025)),
        refused(Code.MESSAGE_LENGTH, agreement.seal, key, nonce, text, b""),
        refused(Code.KEY_LENGTH, agreement.seal, secret, nonce, b"", b""),
        refused(Code.CIPHERTEXT_INVALID, agreement.unseal, key, nonce, text[:64], b""),
    ]
    for refusal in refusals:
        told = str(refusal)
        assert (refusal.__cause__ is None and refusal.__suppress_context__) or refusal.__context__ is None
        for hidden in (secret.hex(), key.hex(), text.hex()[:32], "plaintext that"):
            assert hidden not in told
