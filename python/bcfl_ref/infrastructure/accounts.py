"""Identities and their tokens: register, transfer, bond, unbond, convict (INF-003, INF-005, INF-011).

Every function takes a state and returns the next one; a refusal leaves the caller with the old state.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..crypto import bls
from ..errors import Code, InvariantError, SpecError
from ..types import Bond, Identity, Register, State, Transfer, Unbond

IDENTITIES_LIMIT = 2**20
"""INF-003: the most identities that a state has room for."""


def identity_at(state: State, index: int) -> Identity:
    """INF-003: The identity registered at `index`. Errors: IDENTITY_UNKNOWN."""
    if index >= len(state.identities):
        raise SpecError(Code.IDENTITY_UNKNOWN, f"identity {index} of {len(state.identities)}")
    return state.identities[index]


def with_identity(state: State, index: int, **changes: Any) -> State:
    """INF-003: The state in which identity `index` has the given fields; amounts never go below zero."""
    changed = replace(state.identities[index], **changes)
    if min(changed.balance, changed.stake, changed.unbonding) < 0:
        raise InvariantError(f"identity {index} would hold {changed}")
    return replace(state, identities=(*state.identities[:index], changed, *state.identities[index + 1 :]))


def credit(state: State, index: int, amount: int) -> State:
    """INF-003: `amount` tokens more in the balance of `index`; the caller takes them from elsewhere."""
    return with_identity(state, index, balance=state.identities[index].balance + amount)


def debit(state: State, index: int, amount: int) -> State:
    """INF-003: `amount` tokens less in the balance of `index`. Errors: BALANCE_INSUFFICIENT."""
    balance = identity_at(state, index).balance
    if balance < amount:
        raise SpecError(Code.BALANCE_INSUFFICIENT, f"identity {index} holds {balance}, needs {amount}")
    return with_identity(state, index, balance=balance - amount)


def register(state: State, sender: int, payload: Register) -> State:
    """INF-005: Add an identity with the next index, endowed by the sender.

    Errors, in order: IDENTITIES_MAX, KEY_KNOWN, BALANCE_INSUFFICIENT, POSSESSION_INVALID.
    """
    if len(state.identities) >= IDENTITIES_LIMIT:
        raise SpecError(Code.IDENTITIES_MAX, f"{len(state.identities)} identities")
    if any(identity.public_key == payload.public_key for identity in state.identities):
        raise SpecError(Code.KEY_KNOWN, payload.public_key.hex())
    paid = debit(state, sender, payload.endowment)
    if not bls.verify_possession(payload.public_key, payload.proof_of_possession):
        raise SpecError(Code.POSSESSION_INVALID, payload.public_key.hex())
    newcomer = new_identity(payload.public_key, payload.endowment, 0, state.parameters.reputation_initial_bps)
    return replace(paid, identities=(*paid.identities, newcomer))


def new_identity(public_key: bytes, balance: int, stake: int, reputation_bps: int) -> Identity:
    """INF-003: An identity as it is when it appears."""
    return Identity(public_key, balance, stake, 0, 0, 0, reputation_bps, False)


def transfer(state: State, sender: int, payload: Transfer) -> State:
    """INF-005: Move tokens. Errors, in order: AMOUNT_ZERO, IDENTITY_UNKNOWN, BALANCE_INSUFFICIENT."""
    if payload.amount == 0:
        raise SpecError(Code.AMOUNT_ZERO, "transfer of 0")
    identity_at(state, payload.recipient)
    return credit(debit(state, sender, payload.amount), payload.recipient, payload.amount)


def bond(state: State, sender: int, payload: Bond) -> State:
    """INF-005: Move tokens from balance to stake.

    Errors, in order: AMOUNT_ZERO, SENDER_CONVICTED, BALANCE_INSUFFICIENT.
    """
    if payload.amount == 0:
        raise SpecError(Code.AMOUNT_ZERO, "bond of 0")
    if identity_at(state, sender).convicted:
        raise SpecError(Code.SENDER_CONVICTED, f"identity {sender}")
    paid = debit(state, sender, payload.amount)
    return with_identity(paid, sender, stake=paid.identities[sender].stake + payload.amount)


def unbond(state: State, sender: int, payload: Unbond) -> State:
    """INF-005: Move tokens from stake to the unbonding account, from which they are released later.

    Errors, in order: AMOUNT_ZERO, UNBONDING_PENDING, STAKE_INSUFFICIENT.
    """
    identity = identity_at(state, sender)
    if payload.amount == 0:
        raise SpecError(Code.AMOUNT_ZERO, "unbond of 0")
    if identity.unbonding:
        raise SpecError(Code.UNBONDING_PENDING, f"identity {sender} unbonds {identity.unbonding} already")
    if identity.stake < payload.amount:
        raise SpecError(Code.STAKE_INSUFFICIENT, f"identity {sender} has {identity.stake} at stake")
    return with_identity(
        state,
        sender,
        stake=identity.stake - payload.amount,
        unbonding=payload.amount,
        unbonding_height=state.height + state.parameters.unbonding_heights,
    )


def release_unbonded(state: State) -> State:
    """INF-011: At the begin of a height, unbonding tokens that are due return to their balances."""
    for index, identity in enumerate(state.identities):
        if identity.unbonding and identity.unbonding_height <= state.height:
            state = with_identity(state, index, balance=identity.balance + identity.unbonding, unbonding=0)
    return state


def convict(state: State, index: int, offence: bytes) -> State:
    """INF-012: Take the whole stake and all unbonding tokens for the treasury, remember the offence."""
    identity = state.identities[index]
    fined = with_identity(state, index, stake=0, unbonding=0, convicted=True)
    return replace(
        fined, treasury=state.treasury + identity.stake + identity.unbonding, offences=(*state.offences, offence)
    )
