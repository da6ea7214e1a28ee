"""INF-018: from wishes to signed transactions to a block that everybody accepts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from bcfl_ref.consensus.certificate import NO_CERTIFICATE
from bcfl_ref.consensus.proposer import proposer_at
from bcfl_ref.crypto import bls
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.infrastructure.blobs import BlobData
from bcfl_ref.infrastructure.transactions import Kind
from bcfl_ref.node.assembly import assemble_block, choose_transactions, sign_wishes
from bcfl_ref.node.blobs import BlobStore
from bcfl_ref.node.duties import Owner, PublishDuty, Wish
from bcfl_ref.node.keys import PrivateDirectory
from bcfl_ref.parameters import PROTOCOL_VERSION
from bcfl_ref.transition import genesis_state, state_transition, upcoming_committee
from bcfl_ref.types import Bond, Genesis, GenesisIdentity, Publish, State, Transfer
from builders import make_parameters, make_task_spec

KEYS = [bls.keygen(bytes([number]) * 32) for number in range(3)]
BLOBS: dict[bytes, BlobData] = {}


@pytest.fixture(scope="module")
def state() -> State:
    """Three identities with 1000 tokens each; the first is the only validator."""
    identities = tuple(
        GenesisIdentity(bls.public_key(key), bls.prove_possession(key), 1000, 500 * (number == 0))
        for number, key in enumerate(KEYS)
    )
    parameters = make_parameters(transactions_per_block=5, transactions_per_sender=3)
    return genesis_state(Genesis(PROTOCOL_VERSION, bytes(32), parameters, identities, ()))


def owner(tmp_path: Path, state: State, index: int) -> Owner:
    store = BlobStore(tmp_path / "blobs")
    private = PrivateDirectory(tmp_path / f"identity-{index}")
    return Owner(index, KEYS[index % 3], private, store, store, store, state.genesis_root)


def pay(amount: int, recipient: int = 2) -> Wish:
    return Kind.TRANSFER, Transfer(recipient, amount)


def test_wishes_are_numbered_and_limited(tmp_path: Path, state: State) -> None:
    """Nonces follow the sender's last one, and nobody signs more than one sender may send in a block."""
    changed = replace(state, identities=tuple(replace(identity, nonce=4) for identity in state.identities))
    signed = sign_wishes(owner(tmp_path, state, 1), changed, [pay(n) for n in range(1, 8)])
    assert [one.transaction.nonce for one in signed] == [4, 5, 6]
    assert [one.transaction.sender for one in signed] == [1, 1, 1]


def test_who_is_not_registered_signs_nothing(tmp_path: Path, state: State) -> None:
    """A participant without an identity on the ledger has no nonce and stays silent."""
    assert sign_wishes(owner(tmp_path, state, 3), state, [pay(1)]) == []


def test_only_what_is_valid_in_turn_is_chosen(tmp_path: Path, state: State) -> None:
    """A refused, forged or supernumerary transaction is left out; those of others around it stay."""
    ours, theirs = owner(tmp_path, state, 1), owner(tmp_path, state, 2)
    good = sign_wishes(ours, state, [pay(400), pay(500)])
    poor = sign_wishes(theirs, state, [pay(5000, 1), pay(1, 1)])
    forged = [replace(good[0], signature=poor[0].signature)]
    again = sign_wishes(ours, state, [pay(1)])
    after, chosen = choose_transactions(state, [*forged, good[0], *poor, *again, good[1]], BLOBS)
    # the second of `poor` carries the nonce after one that never came, so it falls with the first
    assert chosen == (good[0], good[1])
    assert [identity.balance for identity in after.identities] == [1000, 100, 1900]


def test_caps_of_block_and_sender_are_kept(tmp_path: Path, state: State) -> None:
    """A pool of any size gives a block within both caps."""
    wishes = [pay(n) for n in range(1, 4)]
    pool = [one for index in range(3) for one in sign_wishes(owner(tmp_path, state, index), state, wishes)]
    _, chosen = choose_transactions(state, pool, BLOBS)
    assert chosen == tuple(pool[:5])
    caps = replace(state, parameters=replace(state.parameters, transactions_per_sender=2))
    _, chosen = choose_transactions(caps, pool, BLOBS)
    assert chosen == tuple(pool[n] for n in (0, 1, 3, 4, 6))


def test_a_poor_issuer_publishes_nothing(tmp_path: Path, state: State) -> None:
    """Who cannot pay for a task asks in vain, height after height, and blocks nobody."""
    duty = PublishDuty(make_task_spec(reward_round=10**6), 3)
    issuer = owner(tmp_path, state, 0)
    wishes = duty.wishes(issuer, state)
    assert [kind for kind, _ in wishes] == [Kind.PUBLISH] and isinstance(wishes[0][1], Publish)
    pool = sign_wishes(issuer, state, wishes) + sign_wishes(owner(tmp_path, state, 1), state, [pay(1)])
    after, chosen = choose_transactions(state, pool, BLOBS)
    assert chosen == (pool[1],) and after.tasks == () and duty.wishes(issuer, after) == wishes


def test_an_assembled_block_is_valid(tmp_path: Path, state: State) -> None:
    """What the proposer assembles passes every check of the transition; another's key or view does not."""
    wishes = [pay(7), (Kind.BOND, Bond(3))]
    pool = sign_wishes(owner(tmp_path, state, 1), state, wishes)
    author = proposer_at(upcoming_committee(state), 1, 0, state.parameters.epoch_heights)
    block = assemble_block(state, BLOBS, author, KEYS[author], 0, NO_CERTIFICATE, pool)
    after = state_transition(state, block, BLOBS)
    assert after.height == 1 and block.body.transactions == tuple(pool)
    assert after.identities[1].stake == 3 and after.identities[2].balance == 1007
    forged = assemble_block(state, BLOBS, author, KEYS[1], 0, NO_CERTIFICATE, pool)
    with pytest.raises(SpecError) as refusal:
        state_transition(state, forged, BLOBS)
    assert refusal.value.code is Code.REVEAL_INVALID


def test_a_block_may_be_empty(state: State) -> None:
    """With nothing to do a block still continues the chain, and everybody assembles the same one."""
    first, second = (assemble_block(state, BLOBS, 0, KEYS[0], 0, NO_CERTIFICATE, ()) for _ in range(2))
    assert first == second and state_transition(state, first, BLOBS).height == 1
