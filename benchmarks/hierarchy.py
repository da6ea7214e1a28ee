"""Bytes and time per participant when groups are summed up in groups: 100 to 100 000 participants.

    python benchmarks/hierarchy.py --out docs/hierarchy.json --plot docs/pictures/hierarchy.png

Participants are in groups of 8, groups in regions of up to 1000 participants (one task each), and the sums of regions
are added up once more. A region is played whole by the rules of the contract: keys, shares, masked inputs (one in 20
is missing), answers, opening. What is measured and what is a model stands beside each number:

* clients: CPU time of all four steps and bytes of all own transactions, of every participant of one region;
* opening: CPU time of rebuilding, adding and unmasking in *every* region; from 10 000 participants on all regions
  hold the inputs of the first one again, which takes the same time;
* model: bytes by the closed formula below, which must give the counted ones exactly.
"""

from __future__ import annotations

import argparse
import functools
import json
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from bcfl_ref import kernels
from bcfl_ref.cli.progress import progress_bar
from bcfl_ref.contract.client import (
    NOT_ANSWERED,
    ClientSecrets,
    client_answer,
    client_input,
    client_keys,
    client_shares,
)
from bcfl_ref.contract.opening import close_inputs, close_shares, draw_graphs, open_group, open_groups_of
from bcfl_ref.contract.secure import (
    advertise_keys,
    fresh_groups,
    masked_input,
    set_member,
    share_keys,
    unmask,
)
from bcfl_ref.contract.tasks import NO_NOISE, SECURE_WINDOWS, Mode, Phase, Role, Standing, Step, Window
from bcfl_ref.encoding import (
    BLOB_MASKED,
    BLOB_MODEL,
    ELEMENT_I32,
    ELEMENT_U32,
    commit_blob,
    encode,
    hash_bytes,
    hash_tree_root,
)
from bcfl_ref.infrastructure.blobs import BlobData, blob_vector
from bcfl_ref.infrastructure.transactions import Kind
from bcfl_ref.parameters import load_preset
from bcfl_ref.types import (
    EMPTY_SIGNATURE,
    ZERO_ROOT,
    AggregationRule,
    Committee,
    Container,
    Header,
    MaskedInput,
    Participant,
    Privacy,
    Round,
    Seat,
    SecureRound,
    SignedTransaction,
    State,
    Task,
    TaskSpec,
    Transaction,
)

GROUP, THRESHOLD, REGION, MISSING = 8, 4, 1000, 20
COORDINATES = 1000
SIZES = (100, 1000, 10_000, 100_000)
WEIGHT_MAX = 127
LAYOUT = bytes([1]) * 32
SEATS = range(4)
TASKS_MAX, MEMBERS_MAX = 2**20, 2**11


@dataclass
class Measured:
    """One region, played once."""

    participants: int
    state: State
    blobs: dict[bytes, BlobData]
    client_seconds: list[float] = field(default_factory=list)
    sent: dict[int, dict[Kind, int]] = field(default_factory=dict)
    blob_bytes: dict[int, int] = field(default_factory=dict)


def main(arguments: Sequence[str] | None = None) -> int:
    """Play, measure, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="JSON")
    parser.add_argument("--plot", type=Path, help="PNG")
    parser.add_argument("--largest", type=int, default=SIZES[-1], help="stop there (default: 100000)")
    options = parser.parse_args(arguments)
    sizes = [size for size in SIZES if size <= options.largest]
    with progress_bar("hierarchy") as advance:
        rows = []
        for done, size in enumerate(sizes):
            advance(done, len(sizes))
            rows.append(row(size))
            text = json.dumps({"setting": setting(), "rows": rows}, indent=1)
            options.out.write_text(text + "\n", encoding="utf-8")
    if options.plot:
        plot(rows, options.plot)
    return 0


def setting() -> dict[str, Any]:
    """What all rows have in common."""
    return {
        "group": GROUP,
        "threshold": THRESHOLD,
        "region": REGION,
        "coordinates": COORDINATES,
        "missing_one_in": MISSING,
        "kernels": kernels.active_variant(),
    }


def row(size: int) -> dict[str, Any]:
    """Everything about `size` participants."""
    played = play(min(size, REGION))
    regions = math.ceil(size / REGION)
    start = time.process_time()
    sums, opened = zip(*(open_region(played) for _ in range(regions)), strict=True)
    total = np.sum(np.stack(sums), axis=0)
    opening = time.process_time() - start
    everybody = [index for index, count in played.blob_bytes.items() if count]
    own = sum(played.blob_bytes[index] + sum(played.sent[index].values()) for index in everybody) / len(everybody)
    even = played.participants % GROUP == 0
    if even and round(own) != model_bytes(GROUP):
        raise AssertionError(f"{own} bytes were sent, the model says {model_bytes(GROUP)}")
    return {
        "participants": size,
        "regions": regions,
        "groups_opened": sum(opened),
        "client_ms": round(1000 * float(np.mean(played.client_seconds)), 3),
        "client_ms_p95": round(1000 * float(np.quantile(played.client_seconds, 0.95)), 3),
        "sent_bytes": round(own),
        "model_sent_bytes": model_bytes(GROUP) if even else None,
        "read_bytes": round(read_bytes(played, everybody)),
        "model_proof_bytes": header_bytes() + branch_bytes(),
        "opening_ms": round(1000 * opening / size, 3),
        "checksum": hash_bytes(total.astype("<i8").tobytes()).hex()[:16],
        "measured": "all" if regions == 1 else "clients of one region, opening of all regions",
    }


# ---- one region


@functools.cache
def play(participants: int) -> Measured:
    """A round of a region by the rules, up to the begin of SCORE_COMMIT."""
    region = Measured(participants, *begun(participants))
    spent = dict.fromkeys(range(participants), 0.0)
    region.sent = {index: {} for index in range(participants)}

    def say(kind: Kind, index: int, payload: Container, rule: Any) -> None:
        signed = SignedTransaction(Transaction(kind, index, 0, encode(payload)), EMPTY_SIGNATURE)
        region.sent[index][kind] = len(encode(signed))
        region.state = rule(region.state, index, payload)

    def timed(index: int, work: Any) -> Any:
        begin = time.process_time()
        found = work()
        spent[index] += time.process_time() - begin
        return found

    at(region, Window.KEYS)
    for own in range(participants):
        say(Kind.ADVERTISE_KEYS, own, timed(own, lambda o=own: client_keys(0, 1, secrets(o))), advertise_keys)
    at(region, Window.SHARES)
    region.state = draw_graphs(region.state, 0)
    for own in range(participants):
        dealt = timed(own, lambda o=own: client_shares(region.state, 0, o, secrets(o)))
        say(Kind.SHARE_KEYS, own, dealt, share_keys)
    at(region, Window.INPUT)
    region.state = close_shares(region.state, 0)
    for own in range(participants):
        if own % MISSING:
            words = timed(own, lambda o=own: client_input(region.state, 0, o, secrets(o), update(o), weight(o)))
            data = words.astype("<u4").tobytes()
            blob = timed(own, lambda d=data: BlobData(commit_blob(BLOB_MASKED, ELEMENT_U32, LAYOUT, d), d))
            root = hash_tree_root(blob.blob)
            region.blobs[root], region.blob_bytes[own] = blob, len(encode(blob.blob)) + len(data)
            say(Kind.MASKED_INPUT, own, MaskedInput(0, 1, root), masked_input)
    for member in region.state.tasks[0].round.secure.members:
        region.state = set_member(region.state, 0, replace(member, attesters=tuple(SEATS)))
    at(region, Window.UNMASK)
    region.state = close_inputs(region.state, 0, region.blobs)
    for own in range(participants):
        standing = region.state.tasks[0].round.secure
        if own % MISSING and standing.groups[standing.members[own].group].status == Standing.OPEN:
            said = timed(own, lambda o=own: client_answer(region.state, 0, o, secrets(o), NOT_ANSWERED))
            say(Kind.UNMASK, own, said, unmask)
        else:
            region.blob_bytes[own] = 0
    region.client_seconds = [spent[own] for own, count in region.blob_bytes.items() if count]
    return region


def read_bytes(region: Measured, participants: Sequence[int]) -> float:
    """What a participant needs of the others in its group, on average: their keys and dealings."""
    members = region.state.tasks[0].round.secure.members
    needed = [sum(region.sent[m.trainer][kind] for kind in (Kind.ADVERTISE_KEYS, Kind.SHARE_KEYS)) for m in members]
    groups = {
        m.group: sum(n for other, n in zip(members, needed, strict=True) if other.group == m.group) for m in members
    }
    return sum(groups[members[own].group] - needed[own] for own in participants) / len(participants)


def begun(participants: int) -> tuple[State, dict[bytes, BlobData]]:
    """Round 1 of a running task with so many trainers."""
    data = np.zeros(COORDINATES, dtype="<i4").tobytes()
    model = BlobData(commit_blob(BLOB_MODEL, ELEMENT_I32, LAYOUT, data), data)
    root = hash_tree_root(model.blob)
    groups = participants // GROUP
    spec = TaskSpec(
        layout_root=LAYOUT,
        model_root=root,
        rounds=1,
        window_heights=2,
        registration_heights=2,
        trainers_min=participants,
        trainers_max=participants,
        scorers_min=1,
        scorers_max=1,
        rule=AggregationRule(0, 1, 1, 0, 0, 0, 0),
        averaging=1,
        aggregators=0,
        payment=0,
        reward_round=1,
        trainers_bps=10_000,
        scorers_bps=0,
        aggregators_bps=0,
        deposit=1,
        sample_count_max=WEIGHT_MAX,
        acceptance_bps=0,
        terms_root=ZERO_ROOT,
        privacy=Privacy(Mode.SECURE, groups, THRESHOLD, 0, NO_NOISE),
    )
    trainers = tuple(Participant(index, Role.TRAINER, 1) for index in range(participants))
    round_ = Round(1, 0, (), (), (), (), False, SecureRound(ZERO_ROOT, (), ()))
    task = Task(0, spec, Phase.RUNNING, 0, 0, (), trainers, root, round_, (), bytes([2]) * 32, 0)
    task = replace(task, round=replace(round_, secure=SecureRound(ZERO_ROOT, (), fresh_groups(task))))
    committee = Committee(0, ZERO_ROOT, tuple(Seat(seat, 1) for seat in SEATS))
    head = Header(0, 0, 0, ZERO_ROOT, ZERO_ROOT, ZERO_ROOT)
    parameters = load_preset("standard")
    mix = bytes([3]) * 32
    state = State(ZERO_ROOT, 1, parameters, (), 0, head, 0, 0, (), mix, (), committee, committee, (), (task,))
    return state, {root: model}


def at(region: Measured, window: Window) -> None:
    """The first height of a window."""
    region.state = replace(region.state, height=2 * SECURE_WINDOWS.index(window))


def secrets(own: int) -> ClientSecrets:
    """Secrets that everybody can guess, for measuring only."""
    return ClientSecrets(*(hash_bytes(own.to_bytes(4, "little"), bytes([purpose])) for purpose in range(6)))


def update(own: int) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    """An update that tells participants apart."""
    return ((np.arange(COORDINATES, dtype=np.int64) * 7919 * (own + 1)) % 2_000_001 - 1_000_000).astype(np.int32)


def weight(own: int) -> int:
    """Samples of a participant."""
    return 1 + own % WEIGHT_MAX


def open_region(region: Measured) -> tuple[np.ndarray[Any, Any], int]:
    """What a region hands on, the sum of its means times their samples, and how many groups it opened."""
    task = region.state.tasks[0]
    openings = [open_group(region.state, 0, group, region.blobs) for group in open_groups_of(task.round)]
    found = [(opening.blob, opening.samples) for opening in openings if opening.blob is not None]
    given = sum(weight(m.trainer) for m in task.round.secure.members if m.step == Step.SURVIVOR)
    if sum(samples for _, samples in found) != given:
        raise AssertionError(f"{given} samples were given, not all are in a sum")
    sums: np.ndarray[Any, Any] = kernels.weighted_sum([blob_vector(b) for b, _ in found], [n for _, n in found])
    return sums, len(found)


# ---- the model


def model_bytes(members: int) -> int:
    """What a participant with `members` − 1 neighbours sends, when all of them dealt shares."""
    framing = 4 + 96 + 1 + 4 + 8 + 4  # offset and signature, kind, sender, nonce, offset of the payload
    head = 4 + 2  # task and round
    neighbours = members - 1
    keys = head + 64
    shares = head + 32 + 4 + neighbours * (32 + 32 + 96)
    named = head + 32
    answer = head + 32 + 4 + neighbours * (4 + 4 + 4 + 5 * 8)
    words = 4 * (COORDINATES + 1)
    blob = 1 + 1 + 32 + 8 + 4 + 32 * math.ceil(words / 4096) + words
    return 4 * framing + keys + shares + named + answer + blob


def header_bytes() -> int:
    """A header with its certificate of so many seats: what proves a state root to a participant."""
    return 8 + 8 + 4 + 3 * 32 + 8 + 8 + 32 + 4 + 96 + len(SEATS) // 8 + 1


def branch_bytes() -> int:
    """Siblings from a state root to the members of one group: the shared way down once, then a branch for each."""
    fields = [len(kind.FIELD_TYPES) for kind in (State, Task, Round, SecureRound)]
    way = sum((count - 1).bit_length() for count in fields) + (TASKS_MAX - 1).bit_length() + 1
    return 32 * (way + 1 + GROUP * (MEMBERS_MAX - 1).bit_length())


# ---- the picture


def plot(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Time and bytes per participant over the number of participants."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    sizes = [found["participants"] for found in rows]
    figure, (time_axes, bytes_axes) = pyplot.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
    played = [found for found in rows if found["regions"] == 1]
    time_axes.plot(sizes, [found["client_ms"] for found in rows], "o--", mfc="white", label="the same region again")
    time_axes.plot(
        [found["participants"] for found in played],
        [found["client_ms"] for found in played],
        "o-",
        color="C0",
        label="participant: its four steps",
    )
    time_axes.plot(
        sizes, [found["opening_ms"] for found in rows], "s-", color="C1", label="validator: opening, per participant"
    )
    bytes_axes.plot(sizes, [found["sent_bytes"] / 1000 for found in rows], "o-", label="sent by a participant")
    bytes_axes.plot(sizes, [found["read_bytes"] / 1000 for found in rows], "s-", label="read of its group")
    bytes_axes.axhline(model_bytes(GROUP) / 1000, color="grey", linestyle=":", label="model: sent")
    bytes_axes.axhline(
        rows[0]["model_proof_bytes"] / 1000, color="black", linestyle="--", label="model: proof of a round"
    )
    for axes, unit in ((time_axes, "CPU milliseconds"), (bytes_axes, "kB")):
        axes.set_xscale("log")
        axes.set_ylim(bottom=0)
        axes.set_xlabel("participants")
        axes.set_ylabel(f"{unit} per participant and round")
        axes.grid(alpha=0.3)
        axes.legend(loc="best")
    figure.suptitle(f"Groups of {GROUP} in regions of {REGION}, {COORDINATES} coordinates")
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    raise SystemExit(main())
