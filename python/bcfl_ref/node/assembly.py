"""From wishes to transactions to a block: what a participant signs and an author puts together (INF-018)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from ..consensus.beacon import reveal_message
from ..contract.rounds import Blobs
from ..crypto import bls
from ..encoding import encode, hash_tree_root
from ..errors import SpecError
from ..infrastructure.blocks import head_root
from ..infrastructure.transactions import authenticate, transaction_root
from ..transition import apply_transaction, begin_height, finish_height
from ..types import ZERO_ROOT, Block, Body, Certificate, Header, SignedTransaction, State, Transaction
from .duties import Owner, Wish


def sign_wishes(owner: Owner, state: State, wishes: Sequence[Wish]) -> list[SignedTransaction]:
    """INF-018: The owner's wishes as signed transactions with the nonces that follow its last one."""
    if owner.index >= len(state.identities):
        return []
    nonce = state.identities[owner.index].nonce
    signed = []
    for offset, (kind, payload) in enumerate(wishes[: state.parameters.transactions_per_sender]):
        transaction = Transaction(kind, owner.index, nonce + offset, encode(payload))
        root = transaction_root(transaction, state.genesis_root, state.protocol_version)
        signed.append(SignedTransaction(transaction, bls.sign(owner.secret_key, root)))
    return signed


def choose_transactions(
    state: State, pool: Sequence[SignedTransaction], blobs: Blobs
) -> tuple[State, tuple[SignedTransaction, ...]]:
    """INF-018: The pool's transactions that are valid one after another, and the state they give.

    Signatures are checked against the state before the block, as everybody will check them.
    """
    begun = begin_height(state, blobs)
    chosen: list[SignedTransaction] = []
    sent: Counter[int] = Counter()
    parameters = begun.parameters
    for signed in pool:
        sender = signed.transaction.sender
        if len(chosen) == parameters.transactions_per_block or sent[sender] == parameters.transactions_per_sender:
            continue
        try:
            authenticate(state, signed)
            begun = apply_transaction(begun, signed.transaction, blobs)
        except SpecError:
            continue
        chosen.append(signed)
        sent[sender] += 1
    return begun, tuple(chosen)


def assemble_block(
    state: State,
    blobs: Blobs,
    author: int,
    secret_key: int,
    view: int,
    certificate: Certificate,
    pool: Sequence[SignedTransaction],
) -> Block:
    """INF-018: The block that `author` proposes after `state` in `view`."""
    height = state.height + 1
    message = reveal_message(height, state.genesis_root, state.protocol_version)
    reveal = bls.sign(secret_key, message)
    executed, transactions = choose_transactions(state, pool, blobs)
    body = Body(certificate, reveal, transactions)
    header = Header(height, view, author, head_root(state), ZERO_ROOT, hash_tree_root(body))
    after = finish_height(executed, header, reveal)
    return Block(replace(header, state_root=hash_tree_root(after)), body)
