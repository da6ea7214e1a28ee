"""Tiny ledgers for the cases: few identities, keys that nobody holds (unless signed), every token accounted for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from ...contract.tasks import EMPTY_ROUND, PLAIN
from ...incentive.conservation import total_tokens
from ...parameters import PROTOCOL_VERSION, load_preset
from ...types import (
    ZERO_ROOT,
    AggregationRule,
    Committee,
    Header,
    Identity,
    Parameters,
    Seat,
    State,
    Task,
    TaskSpec,
)

NO_HEAD = Header(0, 0, 0, ZERO_ROOT, ZERO_ROOT, ZERO_ROOT)


def root(number: int) -> bytes:
    """A root that is easy to recognise: the byte `number` 32 times."""
    return bytes([number]) * 32


def parameters(**changes: Any) -> Parameters:
    """The minimal preset, with changes."""
    return replace(load_preset("minimal"), **changes)


def identity(number: int, balance: int = 1000, stake: int = 0, **changes: Any) -> Identity:
    """An identity whose public key is the byte `number` 48 times."""
    return replace(Identity(bytes([number]) * 48, balance, stake, 0, 0, 0, 5000, False), **changes)


def committee(identities: Iterable[int], epoch: int = 0) -> Committee:
    """One seat of weight 1 for each entry."""
    return Committee(epoch, ZERO_ROOT, tuple(Seat(index, 1) for index in identities))


def state(identities: Sequence[Identity], *, seats: Iterable[int] = (0,), **changes: Any) -> State:
    """A state whose supply is what it holds."""
    sitting = committee(seats)
    built = State(
        genesis_root=root(0x11),
        protocol_version=PROTOCOL_VERSION,
        extensions=(),
        parameters=parameters(),
        height=0,
        head=NO_HEAD,
        supply=0,
        treasury=0,
        identities=tuple(identities),
        mix=ZERO_ROOT,
        candidates=sitting.seats,
        committee=sitting,
        next_committee=replace(sitting, epoch=sitting.epoch + 1),
        offences=(),
        tasks=(),
    )
    built = replace(built, **changes)
    return replace(built, supply=total_tokens(built))


def task_spec(**changes: Any) -> TaskSpec:
    """Two rounds of windows of two heights, up to three trainers and scorers, reward 100, deposit 10."""
    spec = TaskSpec(
        layout_root=root(0x31),
        model_root=root(0x32),
        rounds=2,
        window_heights=2,
        registration_heights=2,
        trainers_min=1,
        trainers_max=3,
        scorers_min=1,
        scorers_max=3,
        rule=AggregationRule(0, 1, 1, 0, 0, 0, 0),
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
        terms_root=root(0x33),
        privacy=PLAIN,
    )
    return replace(spec, **changes)


def task(spec: TaskSpec | None = None, **changes: Any) -> Task:
    """A task as it is right after publication at height 0."""
    spec = task_spec() if spec is None else spec
    escrow = spec.rounds * spec.reward_round
    fresh = Task(0, spec, 1, 0, escrow, (), (), spec.model_root, EMPTY_ROUND, (), ZERO_ROOT, 0)
    return replace(fresh, **changes)
