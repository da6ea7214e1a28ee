"""Blocks: roots, the head of a state, and what a block must look like before it is executed (INF-006)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from ..encoding import hash_tree_root
from ..errors import Code, SpecError
from ..types import ZERO_ROOT, Block, Header, State


def block_root(header: Header) -> bytes:
    """INF-006: The name of a block: the root of its header. It does not cover the block's own certificate."""
    return hash_tree_root(header)


def head_root(state: State) -> bytes:
    """INF-006: The name of the last block of a state, or the genesis root before the first block."""
    if state.height == 0:
        return state.genesis_root
    return block_root(replace(state.head, state_root=hash_tree_root(state)))


def record_head(state: State, header: Header) -> State:
    """INF-006: The state that remembers `header` as its head, with the state root left zero."""
    return replace(state, head=replace(header, state_root=ZERO_ROOT))


def check_block(state: State, block: Block) -> None:
    """INF-006: The block continues `state` and keeps the limits; nothing is executed and no signature checked.

    Errors, in order: HEIGHT_MISMATCH, PARENT_MISMATCH, BODY_MISMATCH, TRANSACTION_COUNT, SENDER_CAP.
    """
    header, transactions = block.header, block.body.transactions
    if header.height != state.height + 1:
        raise SpecError(Code.HEIGHT_MISMATCH, f"block {header.height} after {state.height}")
    if header.parent_root != head_root(state):
        raise SpecError(Code.PARENT_MISMATCH, f"block {header.height}")
    if header.body_root != hash_tree_root(block.body):
        raise SpecError(Code.BODY_MISMATCH, f"block {header.height}")
    if len(transactions) > state.parameters.transactions_per_block:
        raise SpecError(Code.TRANSACTION_COUNT, f"{len(transactions)} transactions")
    senders = Counter(signed.transaction.sender for signed in transactions)
    for sender, count in sorted(senders.items()):
        if count > state.parameters.transactions_per_sender:
            raise SpecError(Code.SENDER_CAP, f"{count} transactions of identity {sender}")
