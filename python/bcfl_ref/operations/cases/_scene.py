"""One small task, played by the rules themselves up to each of its windows: where the contract's cases begin.

Four identities hold 1000 tokens each. 0 is the issuer, 1 and 2 train, 2 and 3 score; 2 has both roles. All four
hold one seat, so three attesters make a blob available. A window lasts two heights, registration as well:

    published 1 · registration ends 3 = S · COMMIT 3–4 · REVEAL 5–6 · ATTEST 7–8 · SCORE_COMMIT 9–10 ·
    SCORE_REVEAL 11–12 · AGGREGATE 13–14 · settle 15
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bcfl_ref.contract.attestation import attest
from bcfl_ref.contract.claims import claim_aggregate, recompute
from bcfl_ref.contract.deadlines import advance_tasks
from bcfl_ref.contract.rounds import commit_scores, commit_update, reveal_scores, reveal_update
from bcfl_ref.contract.tasks import PLAIN, Role, join, publish
from bcfl_ref.encoding import BLOB_MODEL, BLOB_UPDATE, ELEMENT_I32, commit_blob, hash_tree_root, to_json
from bcfl_ref.infrastructure.blobs import BlobData
from bcfl_ref.operations._base import Json
from bcfl_ref.operations.contract import blobs_to_json
from bcfl_ref.parameters import PROTOCOL_VERSION, load_preset
from bcfl_ref.types import (
    ZERO_ROOT,
    AggregationRule,
    Available,
    ClaimAggregate,
    CommitScores,
    Committee,
    CommitUpdate,
    Container,
    Header,
    Identity,
    Join,
    Publish,
    RevealScores,
    RevealUpdate,
    ScoreSheet,
    Seat,
    State,
    TaskSpec,
    Testimony,
    UpdateCommitment,
)

GENESIS_ROOT = bytes([0x11]) * 32
LAYOUT_ROOT = bytes([0x22]) * 32
TERMS_ROOT = bytes([0x33]) * 32
MIX = bytes([0x44]) * 32
MEAN = AggregationRule(0, 1, 1, 0, 0, 0, 0)
NO_HEADER = Header(0, 0, 0, ZERO_ROOT, ZERO_ROOT, ZERO_ROOT)
PARAMETERS = replace(load_preset("minimal"), epoch_heights=1000)

Blobs = dict[bytes, BlobData]


def blob(values: Sequence[int], kind: int = BLOB_UPDATE, layout_root: bytes = LAYOUT_ROOT) -> BlobData:
    """A blob of int32 coordinates."""
    data = b"".join(value.to_bytes(4, "little", signed=True) for value in values)
    return BlobData(commit_blob(kind, ELEMENT_I32, layout_root, data), data)


def root_of(data: BlobData) -> bytes:
    """The root of a blob."""
    return hash_tree_root(data.blob)


def pool(*blobs: BlobData) -> Blobs:
    """Blobs by root."""
    return {root_of(data): data for data in blobs}


MODEL = blob((1000, -1000), BLOB_MODEL)
UPDATES = {1: blob((8, -4)), 2: blob((5, 2))}
SAMPLES = {1: 30, 2: 50}
BLOBS = pool(MODEL, *UPDATES.values())

SPEC = TaskSpec(
    layout_root=LAYOUT_ROOT,
    model_root=root_of(MODEL),
    rounds=2,
    window_heights=2,
    registration_heights=2,
    trainers_min=2,
    trainers_max=3,
    scorers_min=2,
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
    terms_root=TERMS_ROOT,
    privacy=PLAIN,
)


def identity(number: int, **changes: Any) -> Identity:
    """An identity with a placeholder for a public key: no rule of the contract looks at it."""
    return replace(Identity(bytes([number + 1]) * 48, 1000, 0, 0, 0, 0, 5000, False), **changes)


def empty_state(spec_seats: Iterable[int] = range(4)) -> State:
    """Four identities and no task, at height 1."""
    committee = Committee(0, ZERO_ROOT, tuple(Seat(holder, 1) for holder in spec_seats))
    return State(
        genesis_root=GENESIS_ROOT,
        protocol_version=PROTOCOL_VERSION,
        extensions=(),
        parameters=PARAMETERS,
        height=1,
        head=NO_HEADER,
        supply=4000,
        treasury=0,
        identities=tuple(identity(number) for number in range(4)),
        mix=MIX,
        candidates=(),
        committee=committee,
        next_committee=Committee(1, ZERO_ROOT, ()),
        offences=(),
        tasks=(),
    )


def to_height(state: State, height: int, blobs: Blobs = BLOBS) -> State:
    """Let time pass: the deadlines of every height up to `height`, nothing else."""
    while state.height < height:
        state = advance_tasks(replace(state, height=state.height + 1), blobs)
    return state


# ---- what participants send


def salt(sender: int, round_: int) -> bytes:
    """A salt that everybody can guess, for vectors only."""
    return bytes([0xA0 + sender, round_]) + bytes(30)


def opening(state: State, sender: int, update: BlobData, samples: int) -> UpdateCommitment:
    """What a trainer commits to in the current round."""
    task = state.tasks[0]
    number = task.round.number
    return UpdateCommitment(
        state.genesis_root, 0, number, sender, task.model_root, root_of(update), samples, salt(sender, number)
    )


def reveal_of(opened: UpdateCommitment) -> RevealUpdate:
    """The transaction that opens the commitment."""
    return RevealUpdate(opened.task, opened.round, opened.blob_root, opened.sample_count, opened.salt)


def sheet(state: State, scorer: int, correct: Mapping[int, int]) -> ScoreSheet:
    """A scorer's sheet: `correct` of 100 by trainer, for the eligible updates of others."""
    round_ = state.tasks[0].round
    entries = tuple(
        Testimony(update.blob_root, correct[update.trainer], 100)
        for update in round_.updates
        if update.status == 5 and update.trainer != scorer
    )
    return ScoreSheet(state.genesis_root, 0, round_.number, scorer, entries, salt(scorer, round_.number))


def sheet_reveal(opened: ScoreSheet) -> RevealScores:
    """The transaction that opens a sheet."""
    return RevealScores(opened.task, opened.round, opened.entries, opened.salt)


CORRECT = {2: {1: 90, 2: 80}, 3: {1: 70, 2: 60}}
"""What each scorer finds: correct of 100, by trainer."""

# ---- the task, window by window


def published(**changes: Any) -> State:
    """Height 1, the task is published."""
    return publish(empty_state(), 0, Publish(replace(SPEC, **changes)))


def joined(**changes: Any) -> State:
    """Height 2, all have joined and three of four seats have attested the initial model."""
    state = to_height(published(**changes), 2)
    for sender, role in ((1, Role.TRAINER), (2, Role.TRAINER), (2, Role.SCORER), (3, Role.SCORER)):
        state = join(state, sender, Join(0, role, TERMS_ROOT))
    for seat in range(3):
        state = attest(state, seat, Available(0, (root_of(MODEL),)))
    return state


def running(**changes: Any) -> State:
    """Height 3, the first of COMMIT in round 1."""
    return to_height(joined(**changes), 3)


def committed(updates: Mapping[int, BlobData] = UPDATES, **changes: Any) -> State:
    """Height 5, the first of REVEAL: trainers have committed, the second one first."""
    state = running(**changes)
    for sender in sorted(updates, reverse=True):
        commitment = hash_tree_root(opening(state, sender, updates[sender], SAMPLES.get(sender, 10)))
        state = commit_update(state, sender, CommitUpdate(0, 1, commitment))
    return to_height(state, 5)


def revealed(updates: Mapping[int, BlobData] = UPDATES, **changes: Any) -> State:
    """Height 7, the first of ATTEST: all commitments are opened."""
    state = committed(updates, **changes)
    for sender, update in sorted(updates.items()):
        opened = opening(state, sender, update, SAMPLES.get(sender, 10))
        state = reveal_update(state, sender, reveal_of(opened))
    return to_height(state, 7)


def attested(updates: Mapping[int, BlobData] = UPDATES, **changes: Any) -> State:
    """Height 8, the last of ATTEST: three of four seats have attested every update."""
    state = to_height(revealed(updates, **changes), 8)
    roots = tuple(update.blob_root for update in state.tasks[0].round.updates)
    for seat in range(3):
        state = attest(state, seat, Available(0, roots))
    return state


def eligible(updates: Mapping[int, BlobData] = UPDATES, **changes: Any) -> State:
    """Height 9, the first of SCORE_COMMIT."""
    return to_height(attested(updates, **changes), 9, {**BLOBS, **pool(*updates.values())})


def scoring(correct: Mapping[int, Mapping[int, int]] = CORRECT, **changes: Any) -> State:
    """Height 11, the first of SCORE_REVEAL: the scorers have committed."""
    state = eligible(**changes)
    for scorer, found in correct.items():
        commitment = hash_tree_root(sheet(state, scorer, found))
        state = commit_scores(state, scorer, CommitScores(0, 1, commitment))
    return to_height(state, 11)


def scored(correct: Mapping[int, Mapping[int, int]] = CORRECT, **changes: Any) -> State:
    """Height 12, the last of SCORE_REVEAL: the sheets are opened."""
    state = to_height(scoring(correct, **changes), 12)
    for scorer, found in correct.items():
        state = reveal_scores(state, scorer, sheet_reveal(sheet(state, scorer, found)))
    return state


def decided(correct: Mapping[int, Mapping[int, int]] = CORRECT, **changes: Any) -> State:
    """Height 13, the first of AGGREGATE."""
    return to_height(scored(correct, **changes), 13)


def aggregate_root(state: State) -> bytes:
    """The model root of the round."""
    return root_of(recompute(state, 0, BLOBS))


def claimed(senders: Iterable[int] = (1, 2, 3), **changes: Any) -> State:
    """Height 14, the last of AGGREGATE: these have claimed the right model."""
    state = to_height(decided(**changes), 14)
    claim = ClaimAggregate(0, 1, aggregate_root(state))
    for sender in senders:
        state = claim_aggregate(state, sender, claim, BLOBS)
    return state


def at_deadline(state: State) -> State:
    """The next height has begun, and no deadline has done anything yet."""
    return replace(state, height=state.height + 1)


# ---- inputs


def call(state: State, sender: int, payload: Container, blobs: Blobs | None = None) -> Json:
    """The input of an operation on a transaction."""
    given: dict[str, Json] = {"state": to_json(state), "sender": str(sender), "payload": to_json(payload)}
    return given if blobs is None else {**given, "blobs": blobs_to_json(blobs)}


def deadline(state: State, blobs: Blobs | None = None) -> Json:
    """The input of an operation on a deadline of task 0."""
    given: dict[str, Json] = {"state": to_json(state), "task": "0"}
    return given if blobs is None else {**given, "blobs": blobs_to_json(blobs)}


def changed(given: Json, changes: Mapping[str, Json]) -> Json:
    """A copy of an input with other values at some JSON paths; None takes a list's last element away."""
    result = copy.deepcopy(given)
    for path, value in changes.items():
        *way, last = path.strip("/").split("/")
        place = result
        for step in way:
            place = place[int(step)] if isinstance(place, list) else place[step]
        if isinstance(place, list):
            place[int(last)] = value
        elif value is None:
            place[last] = place[last][:-1]
        else:
            place[last] = value
    return result
