"""Blocks: INF-006."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from bcfl_ref.consensus.certificate import NO_CERTIFICATE
from bcfl_ref.encoding import hash_tree_root
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.infrastructure.blocks import block_root, check_block, head_root, record_head
from bcfl_ref.types import EMPTY_SIGNATURE, ZERO_ROOT, Block, Body, Header, SignedTransaction, State, Transaction
from builders import GENESIS_ROOT, make_parameters, make_state

STATE = make_state(2, height=4, head=Header(4, 1, 0, bytes([3]) * 32, ZERO_ROOT, bytes([4]) * 32))


def block(*senders: int, state: State = STATE, **changes: Any) -> Block:
    """A block with one transaction of each sender named."""
    transactions = tuple(SignedTransaction(Transaction(2, s, 0, b""), EMPTY_SIGNATURE) for s in senders)
    body = Body(NO_CERTIFICATE, EMPTY_SIGNATURE, transactions)
    header = Header(state.height + 1, 0, 0, head_root(state), ZERO_ROOT, hash_tree_root(body))
    return Block(replace(header, **changes), body)


def test_the_head_is_the_root_of_the_last_header() -> None:
    """The head that a state computes for itself is the root of the header that made it."""
    header = Header(5, 0, 1, head_root(STATE), ZERO_ROOT, bytes([9]) * 32)
    after = record_head(replace(STATE, height=5), header)
    complete = replace(header, state_root=hash_tree_root(after))
    assert after.head.state_root == ZERO_ROOT
    assert record_head(replace(STATE, height=5), complete) == after
    assert head_root(after) == block_root(complete)


def test_the_head_before_the_first_block_is_the_genesis_root() -> None:
    """A state of height 0 has no header; its head is the name of the ledger."""
    assert head_root(make_state(1)) == GENESIS_ROOT


def test_every_field_of_the_state_moves_the_head() -> None:
    """Two states with one header have two heads when anything differs."""
    assert head_root(replace(STATE, treasury=1)) != head_root(STATE)


@pytest.mark.parametrize(
    ("changes", "senders", "code"),
    [
        ({"height": 4, "parent_root": ZERO_ROOT}, (), Code.HEIGHT_MISMATCH),
        ({"height": 6}, (), Code.HEIGHT_MISMATCH),
        ({"parent_root": ZERO_ROOT, "body_root": ZERO_ROOT}, (), Code.PARENT_MISMATCH),
        ({"body_root": ZERO_ROOT}, (0,) * 70, Code.BODY_MISMATCH),
        ({}, (0,) * 65, Code.TRANSACTION_COUNT),
        ({}, (1, *(0,) * 9), Code.SENDER_CAP),
    ],
)
def test_refusals(changes: dict[str, Any], senders: tuple[int, ...], code: Code) -> None:
    """The guards are asked in order: height, parent, body, number of transactions, cap of a sender."""
    with pytest.raises(SpecError) as found:
        check_block(STATE, block(*senders, **changes))
    assert found.value.code == code


def test_limits_are_inclusive() -> None:
    """As many transactions as the limits say are fine."""
    check_block(STATE, block(*(0,) * 8, *(1,) * 8))
    tight = replace(STATE, parameters=make_parameters(transactions_per_block=1, transactions_per_sender=1))
    check_block(tight, block(5, state=tight))
