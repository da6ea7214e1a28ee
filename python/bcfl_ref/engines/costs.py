"""What secure aggregation costs a trainer in bytes: counted on the ledger, and by a published formula (PRV-026)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..contract.rounds import Blobs
from ..contract.tasks import Standing, Step
from ..encoding import encode
from ..infrastructure.transactions import Kind
from ..privacy.cost import KEY_BITS, SHARE_BITS, client_bits
from ..types import Member
from .observer import RoundSeen

PARTS = ("keys", "shares", "input")
SENT = {
    "keys": (Kind.ADVERTISE_KEYS,),
    "shares": (Kind.SHARE_KEYS, Kind.UNMASK),
    "input": (Kind.MASKED_INPUT,),
}
"""Which transactions of its own belong to which part of the formula."""
READ = {"keys": Kind.ADVERTISE_KEYS, "shares": Kind.SHARE_KEYS}
"""Which transactions of the others of its group a trainer needs."""


@dataclass(frozen=True)
class TrainerCost:
    """Bytes of one trainer in one round by part; `members` is how many advertised keys in its group."""

    trainer: int
    members: int
    sent: dict[str, int]
    read: dict[str, int]


def round_costs(seen: RoundSeen, blobs: Blobs) -> Iterator[TrainerCost]:
    """The costs of those who took every step in a group that was opened: signed transactions and the masked blob."""
    for number, group in enumerate(seen.secure.groups):
        members = [member for member in seen.secure.members if member.group == number]
        for member in members:
            if group.status == Standing.OPENED and member.step == Step.SURVIVOR and member.answered:
                yield _cost(seen, blobs, member, members)


def _cost(seen: RoundSeen, blobs: Blobs, own: Member, members: list[Member]) -> TrainerCost:
    sent = {part: sum(seen.sent_bytes.get((own.trainer, kind.name), 0) for kind in SENT[part]) for part in PARTS}
    blob = blobs[own.blob_root]
    sent["input"] += len(encode(blob.blob)) + len(blob.data)
    others = [member.trainer for member in members if member.trainer != own.trainer]
    read = {
        part: sum(seen.sent_bytes.get((other, READ[part].name), 0) for other in others) if part in READ else 0
        for part in PARTS
    }
    return TrainerCost(own.trainer, len(members), sent, read)


def formula_bytes(members: int, coordinates: int) -> dict[str, int]:
    """PRV-026: The formula's bytes by part, sent and received together, rounded up."""
    keys, shares = 2 * members * KEY_BITS, (5 * members - 4) * SHARE_BITS
    whole = client_bits(members, coordinates)
    return {
        "keys": -(-keys // 8),
        "shares": -(-shares // 8),
        "input": -(-(whole - keys - shares) // 8),
    }
