"""Pair keys and messages between two members (PRV-011, PRV-012)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bcfl_ref.crypto import agreement
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.privacy import keys
from hypothesis import given, settings
from hypothesis import strategies as st

SCOPE = keys.Scope(bytes(range(32)), 1, 2, 3, keys.PURPOSE_MASK)
SECRETS = st.binary(min_size=32, max_size=32)


@settings(deadline=None, max_examples=25)
@given(SECRETS, SECRETS, st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_both_members_derive_one_key(left: bytes, right: bytes, first: int, second: int) -> None:
    """The key is the same from both sides, whichever index is lower and whichever key is larger."""
    if first == second or agreement.public_key(left) == agreement.public_key(right):
        return
    one = keys.pair_key(SCOPE, (first, left), (second, agreement.public_key(right)))
    assert one == keys.pair_key(SCOPE, (second, right), (first, agreement.public_key(left)))


def test_every_part_of_the_context_binds() -> None:
    """No two contexts that differ in one field give one key, and none gives the bare shared secret."""
    own, peer = (4, b"\1" * 32), (9, agreement.public_key(b"\2" * 32))
    scopes = [
        SCOPE,
        replace(SCOPE, genesis_root=bytes(32)),
        replace(SCOPE, task=2),
        replace(SCOPE, round=3),
        replace(SCOPE, group=4),
        replace(SCOPE, purpose=keys.PURPOSE_SHARES),
    ]
    derived = {keys.pair_key(scope, own, peer) for scope in scopes}
    derived |= {keys.pair_key(SCOPE, (10, own[1]), peer), agreement.shared_secret(own[1], peer[1])}
    assert len(derived) == len(scopes) + 2


def test_a_message_is_for_one_member_and_one_direction() -> None:
    """A message does not open when it is reflected, meant for another pair, or read with another key."""
    key, lower, higher = b"\5" * 32, b"\6" * 32, b"\7" * 32
    message = keys.seal_shares(key, lower, higher, False, b"shares")
    assert keys.open_shares(key, lower, higher, False, message) == b"shares"
    wrong = [
        (key, lower, higher, True, message),
        (key, higher, lower, False, message),
        (key, lower, b"\x08" * 32, False, message),
        (b"\x09" * 32, lower, higher, False, message),
    ]
    for attempt in wrong:
        with pytest.raises(SpecError) as refusal:
            keys.open_shares(*attempt)
        assert refusal.value.code is Code.CIPHERTEXT_INVALID


def test_two_directions_never_share_a_key_stream() -> None:
    """The same plaintext in both directions gives ciphertexts that differ in their bodies."""
    pair = b"\5" * 32, b"\6" * 32, b"\7" * 32
    up, down = (keys.seal_shares(*pair, downwards, bytes(64)) for downwards in (False, True))
    assert up[:64] != down[:64]
