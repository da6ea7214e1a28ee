"""Accounts: INF-003, INF-005, INF-011, INF-012, and conservation under any sequence of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from bcfl_ref.crypto import bls
from bcfl_ref.errors import Code, InvariantError, SpecError
from bcfl_ref.infrastructure import accounts
from bcfl_ref.types import Bond, Register, State, Transfer, Unbond
from builders import make_identity, make_state, tokens
from hypothesis import given, settings
from hypothesis import strategies as st

AMOUNT = st.one_of(st.integers(0, 1200), st.just(2**64 - 1))
INDEX = st.integers(0, 2)
ACTION = st.one_of(
    st.tuples(st.just(accounts.transfer), INDEX, st.builds(Transfer, st.integers(0, 3), AMOUNT)),
    st.tuples(st.just(accounts.bond), INDEX, st.builds(Bond, AMOUNT)),
    st.tuples(st.just(accounts.unbond), INDEX, st.builds(Unbond, AMOUNT)),
    st.tuples(st.just("wait"), INDEX, st.integers(1, 40)),
    st.tuples(st.just("convict"), INDEX, st.just(None)),
)


def refusal(call: Callable[..., Any], *arguments: Any) -> Code:
    with pytest.raises(SpecError) as found:
        call(*arguments)
    return found.value.code


def perform(state: State, rule: Any, index: int, payload: Any) -> State:
    if rule == "wait":
        return accounts.release_unbonded(replace(state, height=state.height + payload))
    if rule == "convict":
        return accounts.convict(state, index, bytes(32))
    after: State = rule(state, index, payload)
    return after


@given(st.lists(ACTION, max_size=25))
@settings(deadline=None)
def test_tokens_are_conserved(actions: list[tuple[Any, int, Any]]) -> None:
    """No sequence of account rules makes or loses a token or drives an amount below zero."""
    state = make_state([make_identity(0), make_identity(1, 500, 300), make_identity(2, 0)])
    supply = tokens(state)
    for rule, index, payload in actions:
        before = state
        try:
            state = perform(state, rule, index, payload)
        except SpecError:
            assert state == before
        assert tokens(state) == supply == state.supply
        assert all(min(i.balance, i.stake, i.unbonding) >= 0 for i in state.identities)


@given(st.integers(1, 1000), INDEX, INDEX)
def test_transfer_moves_exactly_the_amount(amount: int, sender: int, recipient: int) -> None:
    """The sender has the amount less, the recipient more, nobody else changes; to oneself nothing changes."""
    state = make_state(3)
    after = accounts.transfer(state, sender, Transfer(recipient, amount))
    change = [b.balance - a.balance for a, b in zip(state.identities, after.identities, strict=True)]
    expected = [0, 0, 0]
    expected[sender] -= amount
    expected[recipient] += amount
    assert change == expected
    assert sender != recipient or after == state


@pytest.mark.parametrize(
    ("rule", "payload", "code"),
    [
        (accounts.transfer, Transfer(9, 0), Code.AMOUNT_ZERO),
        (accounts.transfer, Transfer(9, 5000), Code.IDENTITY_UNKNOWN),
        (accounts.transfer, Transfer(0, 1001), Code.BALANCE_INSUFFICIENT),
        (accounts.bond, Bond(0), Code.AMOUNT_ZERO),
        (accounts.bond, Bond(1001), Code.BALANCE_INSUFFICIENT),
        (accounts.unbond, Unbond(0), Code.AMOUNT_ZERO),
        (accounts.unbond, Unbond(1), Code.STAKE_INSUFFICIENT),
    ],
)
def test_refusals(rule: Any, payload: Any, code: Code) -> None:
    """Each guard refuses with its code, the first false one first."""
    assert refusal(rule, make_state(3), 0, payload) == code


def test_what_is_unbonding_comes_back_once_and_in_time() -> None:
    """Tokens are free at the height they were promised for, not before, and only once."""
    state = replace(make_state([make_identity(0, 0, 500)]), height=7)
    state = accounts.unbond(state, 0, Unbond(200))
    due = 7 + state.parameters.unbonding_heights
    assert state.identities[0].unbonding_height == due
    assert refusal(accounts.unbond, state, 0, Unbond(1)) == Code.UNBONDING_PENDING
    assert accounts.release_unbonded(replace(state, height=due - 1)).identities == state.identities
    freed = accounts.release_unbonded(replace(state, height=due))
    assert (freed.identities[0].balance, freed.identities[0].unbonding) == (200, 0)
    assert accounts.release_unbonded(freed) == freed


def test_a_convict_keeps_its_balance_and_never_bonds_again() -> None:
    """Stake and unbonding tokens go to the treasury; the balance stays and can be sent, not bonded."""
    state = make_state([make_identity(0, 70, 500, unbonding=30, unbonding_height=9), make_identity(1)])
    state = accounts.convict(state, 0, bytes([5]) * 32)
    assert (state.treasury, state.offences) == (530, (bytes([5]) * 32,))
    assert refusal(accounts.bond, state, 0, Bond(1)) == Code.SENDER_CONVICTED
    assert accounts.transfer(state, 0, Transfer(1, 70)).identities[0].balance == 0
    assert accounts.release_unbonded(replace(state, height=9)).identities[0].balance == 70


def test_registration() -> None:
    """A newcomer gets the next index and its endowment; the same key is never registered twice."""
    secret = bls.keygen(bytes([1]) * 32)
    payload = Register(bls.public_key(secret), bls.prove_possession(secret), 300)
    state = make_state(2)
    after = accounts.register(state, 1, payload)
    newcomer = after.identities[2]
    assert (newcomer.balance, newcomer.stake, newcomer.nonce, newcomer.convicted) == (300, 0, 0, False)
    assert newcomer.reputation_bps == state.parameters.reputation_initial_bps
    assert tokens(after) == state.supply
    assert refusal(accounts.register, after, 1, payload) == Code.KEY_KNOWN
    assert refusal(accounts.register, state, 1, replace(payload, endowment=1001)) == Code.BALANCE_INSUFFICIENT
    stolen = replace(payload, proof_of_possession=bls.sign(secret, payload.public_key[:32]))
    assert refusal(accounts.register, state, 1, stolen) == Code.POSSESSION_INVALID


def test_the_registry_is_finite() -> None:
    """When 2^20 identities exist nobody else can register, whatever else is wrong."""
    full = replace(make_state(1), identities=(make_identity(0),) * 2**20)
    payload = Register(full.identities[0].public_key, bytes(96), 1)
    assert refusal(accounts.register, full, 0, payload) == Code.IDENTITIES_MAX


def test_an_amount_below_zero_is_a_bug_not_an_answer() -> None:
    """Whoever would drive an account below zero without asking hits an invariant, never a state."""
    with pytest.raises(InvariantError):
        accounts.with_identity(make_state(1), 0, balance=-1)
