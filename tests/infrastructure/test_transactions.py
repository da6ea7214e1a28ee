"""Transactions: INF-004."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bcfl_ref.crypto import bls
from bcfl_ref.encoding import encode
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.infrastructure.transactions import PAYLOADS, Kind, admit, authenticate, transaction_root
from bcfl_ref.transition import _RULES
from bcfl_ref.types import SignedTransaction, Transaction, Transfer
from builders import GENESIS_ROOT, make_identity, make_state
from hypothesis import given
from hypothesis import strategies as st

SECRET = bls.keygen(bytes([1]) * 32)
STATE = make_state([make_identity(0, nonce=5, public_key=bls.public_key(SECRET)), make_identity(1)])
PLAIN = Transaction(Kind.TRANSFER, 0, 5, encode(Transfer(1, 10)))


def refusal(transaction: Transaction) -> Code:
    with pytest.raises(SpecError) as found:
        admit(STATE, transaction)
    return found.value.code


def test_admission_uses_the_nonce_up_and_nothing_else() -> None:
    """The sender's nonce grows by one, the payload is read, and a second time is refused."""
    state, payload = admit(STATE, PLAIN)
    assert payload == Transfer(1, 10)
    assert state == replace(STATE, identities=(replace(STATE.identities[0], nonce=6), STATE.identities[1]))
    with pytest.raises(SpecError) as found:
        admit(state, PLAIN)
    assert found.value.code == Code.NONCE_MISMATCH


@given(st.integers(0, 2**64 - 1).filter(lambda nonce: nonce != 5))
def test_only_the_next_nonce_is_admitted(nonce: int) -> None:
    """Neither an earlier nor a later nonce is admitted."""
    assert refusal(replace(PLAIN, nonce=nonce)) == Code.NONCE_MISMATCH


@given(st.integers(0, 255))
def test_every_kind_is_known_or_refused(kind: int) -> None:
    """A kind outside the table is refused before its payload is read."""
    if kind not in PAYLOADS:
        assert refusal(Transaction(kind, 0, 5, b"")) == Code.KIND_UNKNOWN


@given(st.binary(max_size=40))
def test_a_payload_has_one_encoding(payload: bytes) -> None:
    """Bytes that are not the encoding of the payload are refused; those that are decode to what they encode."""
    try:
        _, read = admit(STATE, replace(PLAIN, payload=payload))
    except SpecError as error:
        assert error.code == Code.ENCODING_INVALID
    else:
        assert encode(read) == payload


def test_every_kind_has_a_rule() -> None:
    """Each kind of the table has a payload and a rule; two kinds need more than the state."""
    assert set(PAYLOADS) == set(Kind) == {*_RULES, Kind.CLAIM_AGGREGATE, Kind.EVIDENCE}


def test_signatures() -> None:
    """A signature counts for its sender, its content and its ledger only."""
    signature = bls.sign(SECRET, transaction_root(PLAIN, GENESIS_ROOT, STATE.protocol_version))
    authenticate(STATE, SignedTransaction(PLAIN, signature))
    for wrong in (replace(PLAIN, nonce=6), replace(PLAIN, sender=1), replace(PLAIN, kind=3)):
        with pytest.raises(SpecError) as found:
            authenticate(STATE, SignedTransaction(wrong, signature))
        assert found.value.code == Code.SIGNATURE_INVALID
    elsewhere = replace(STATE, genesis_root=bytes(32))
    with pytest.raises(SpecError) as found:
        authenticate(elsewhere, SignedTransaction(PLAIN, signature))
    assert found.value.code == Code.SIGNATURE_INVALID
    with pytest.raises(SpecError) as found:
        authenticate(STATE, SignedTransaction(replace(PLAIN, sender=2), signature))
    assert found.value.code == Code.SENDER_UNKNOWN
