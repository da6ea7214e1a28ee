"""Tiny states, tasks and blobs for tests: small numbers, nothing signed, every field open to `replace`.

Public keys are placeholders (48 equal bytes) unless a test needs a real one: the rules of accounts and of the
contract never look at a key, only the edge does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from bcfl_ref.contract.tasks import EMPTY_ROUND, PLAIN
from bcfl_ref.encoding import BLOB_MODEL, BLOB_UPDATE, ELEMENT_I32, commit_blob, hash_tree_root
from bcfl_ref.infrastructure.blobs import BlobData
from bcfl_ref.parameters import PROTOCOL_VERSION, load_preset
from bcfl_ref.types import (
    ZERO_ROOT,
    AggregationRule,
    Committee,
    Header,
    Identity,
    Layout,
    Parameters,
    Participant,
    Seat,
    State,
    Task,
    TaskSpec,
    TensorSpec,
)

GENESIS_ROOT = bytes([0x11]) * 32
MEAN = AggregationRule(0, 1, 1, 0, 0, 0, 0)
HEAD = Header(0, 0, 0, ZERO_ROOT, ZERO_ROOT, ZERO_ROOT)


def make_parameters(**changes: Any) -> Parameters:
    """The minimal preset, with changes."""
    return replace(load_preset("minimal"), **changes)


def make_identity(number: int, balance: int = 1000, stake: int = 0, **changes: Any) -> Identity:
    """An identity whose public key is the byte `number` 48 times."""
    identity = Identity(bytes([number]) * 48, balance, stake, 0, 0, 0, 5000, False)
    return replace(identity, **changes)


def make_committee(identities: Iterable[int], epoch: int = 0) -> Committee:
    """A committee with one seat for each entry; an identity that occurs twice holds two seats."""
    return Committee(epoch, ZERO_ROOT, tuple(Seat(identity, 1) for identity in identities))


def make_state(
    identities: Sequence[Identity] | int = 3,
    *,
    seats: Iterable[int] = (0,),
    tasks: Sequence[Task] = (),
    **changes: Any,
) -> State:
    """A state in which every token is accounted for: `supply` is what identities, tasks and treasury hold."""
    if isinstance(identities, int):
        identities = [make_identity(number) for number in range(identities)]
    committee = make_committee(seats)
    state = State(
        genesis_root=GENESIS_ROOT,
        protocol_version=PROTOCOL_VERSION,
        extensions=(),
        parameters=make_parameters(),
        height=0,
        head=HEAD,
        supply=0,
        treasury=0,
        identities=tuple(identities),
        mix=ZERO_ROOT,
        candidates=committee.seats,
        committee=committee,
        next_committee=committee,
        offences=(),
        tasks=tuple(tasks),
    )
    state = replace(state, **changes)
    return state if "supply" in changes else replace(state, supply=tokens(state))


def tokens(state: State) -> int:
    """Every token of a state, wherever it is."""
    held = state.treasury
    held += sum(identity.balance + identity.stake + identity.unbonding for identity in state.identities)
    return held + sum(task.escrow + sum(p.deposit for p in task.participants) for task in state.tasks)


def make_layout(size: int = 4, fraction_bits: int = 8) -> Layout:
    """One tensor of `size` coordinates."""
    return Layout((TensorSpec(b"w", (size,), fraction_bits),))


LAYOUT = make_layout()
LAYOUT_ROOT = hash_tree_root(LAYOUT)


def make_blob(values: Sequence[int], kind: int = BLOB_UPDATE, layout_root: bytes = LAYOUT_ROOT) -> BlobData:
    """A blob of int32 coordinates with its commitment."""
    data = np.array(values, dtype="<i4").tobytes()
    return BlobData(commit_blob(kind, ELEMENT_I32, layout_root, data), data)


def make_model(values: Sequence[int] = (0, 0, 0, 0)) -> BlobData:
    """A model blob."""
    return make_blob(values, BLOB_MODEL)


def root_of(blob: BlobData) -> bytes:
    """The root of a blob's commitment."""
    return hash_tree_root(blob.blob)


def blob_map(*blobs: BlobData) -> dict[bytes, BlobData]:
    """The blobs by root, as the rules take them."""
    return {root_of(blob): blob for blob in blobs}


def make_task_spec(**changes: Any) -> TaskSpec:
    """Two rounds of windows of two heights, one to three trainers and scorers, reward 100, deposit 10."""
    spec = TaskSpec(
        layout_root=LAYOUT_ROOT,
        model_root=root_of(make_model()),
        rounds=2,
        window_heights=2,
        registration_heights=2,
        trainers_min=1,
        trainers_max=3,
        scorers_min=1,
        scorers_max=3,
        rule=MEAN,
        averaging=1,
        aggregators=0,
        payment=0,
        reward_round=100,
        trainers_bps=6000,
        scorers_bps=3000,
        aggregators_bps=1000,
        deposit=10,
        sample_count_max=1000,
        acceptance_bps=5000,
        terms_root=bytes([0x22]) * 32,
        privacy=PLAIN,
    )
    return replace(spec, **changes)


def make_participant(identity: int, role: int, deposit: int = 10) -> Participant:
    """A participant with its deposit (role 1 trains, role 2 scores)."""
    return Participant(identity, role, deposit)


def make_task(spec: TaskSpec | None = None, issuer: int = 0, **changes: Any) -> Task:
    """A task as `publish` leaves it at height 0, with changes."""
    spec = make_task_spec() if spec is None else spec
    escrow = spec.rounds * spec.reward_round
    return replace(
        Task(issuer, spec, 1, 0, escrow, (), (), spec.model_root, EMPTY_ROUND, (), ZERO_ROOT, 0), **changes
    )
