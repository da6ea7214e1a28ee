"""What people want to know of a run, read off the ledger block by block.

The observer sees every block once, replayed after a restart or new, so its account is the same however often the
run was interrupted. Nothing on the ledger depends on it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from ..contract.deadlines import Outcome, round_payouts
from ..contract.rounds import SheetStatus, UpdateStatus
from ..contract.secure import group_trainers
from ..contract.tasks import is_secure
from ..encoding import encode, hash_tree_root
from ..infrastructure.transactions import Kind
from ..types import LedgerRecord, SecureRound, State, Task


@dataclass(frozen=True)
class BlockSeen:
    """One block of the chain."""

    height: int
    view: int
    proposer: int
    root: bytes
    byte_length: int
    transactions: dict[str, int]
    signers: int
    seats: int
    round: int


@dataclass(frozen=True)
class UpdateSeen:
    """What became of one trainer's update in one round; `score_ppm` is None when it was not scored."""

    trainer: int
    status: str
    accepted: bool
    score_ppm: int | None
    sample_count: int
    blob_root: bytes


@dataclass(frozen=True)
class RoundSeen:
    """One settled round; `groups` and `secure` are empty in plain mode, `sent_bytes` is by sender and kind.

    `spent` is what rounds up to this one took of the privacy budget.
    """

    number: int
    outcome: str
    height: int
    model_root: bytes
    paid: int
    updates: tuple[UpdateSeen, ...]
    sheets: dict[int, str]
    claims: dict[int, bool]
    payouts: dict[int, int]
    byte_length: int
    groups: tuple[tuple[int, ...], ...]
    secure: SecureRound
    sent_bytes: dict[tuple[int, str], int]
    spent: int


@dataclass
class RunObserver:
    """Collects blocks and settled rounds of the run's only task."""

    blocks: list[BlockSeen] = field(default_factory=list)
    rounds: list[RoundSeen] = field(default_factory=list)
    opening_tokens: dict[int, int] = field(default_factory=dict)
    deposits: dict[int, int] = field(default_factory=dict)
    round_bytes: int = 0
    sent_bytes: Counter[tuple[int, str]] = field(default_factory=Counter)

    def __call__(self, before: State, record: LedgerRecord, after: State) -> None:
        """One block: `before` and `after` are the states around it."""
        seen = block_seen(record, max((task.round.number for task in after.tasks), default=0))
        self.blocks.append(seen)
        if not self.opening_tokens:
            self._open(before)
        self._open(after)
        for task in after.tasks:
            for participant in task.participants:
                known = self.deposits.get(participant.identity, 0)
                self.deposits[participant.identity] = max(known, participant.deposit)
        settled = [
            (old, new)
            for old, new in zip(before.tasks, after.tasks, strict=False)
            if len(new.results) > len(old.results)
        ]
        for old, new in settled:
            self.rounds.append(round_seen(old, new, after.height, self.round_bytes, dict(self.sent_bytes)))
            self.round_bytes = 0
            self.sent_bytes.clear()
        self.round_bytes += seen.byte_length
        for signed in record.block.body.transactions:
            kind = Kind(signed.transaction.kind).name
            self.sent_bytes[signed.transaction.sender, kind] += len(encode(signed))

    def _open(self, state: State) -> None:
        """Remember what an identity holds when it first appears."""
        for index in range(len(self.opening_tokens), len(state.identities)):
            identity = state.identities[index]
            self.opening_tokens[index] = identity.balance + identity.stake


def block_seen(record: LedgerRecord, round_number: int) -> BlockSeen:
    """A block as people see it; its size includes its certificate."""
    header, transactions = record.block.header, record.block.body.transactions
    kinds = Counter(Kind(signed.transaction.kind).name for signed in transactions)
    return BlockSeen(
        height=header.height,
        view=header.view,
        proposer=header.proposer,
        root=hash_tree_root(header),
        byte_length=len(encode(record)),
        transactions=dict(sorted(kinds.items())),
        signers=sum(record.certificate.seats),
        seats=len(record.certificate.seats),
        round=round_number,
    )


def round_seen(
    old: Task, new: Task, height: int, byte_length: int, sent_bytes: dict[tuple[int, str], int]
) -> RoundSeen:
    """The round of `old` that was settled by the begin of `height`."""
    round_, result = old.round, new.results[-1]
    payouts: Counter[int] = Counter()
    if result.outcome == Outcome.AGGREGATED:
        for identity, amount in round_payouts(old):
            payouts[identity] += amount
    updates = tuple(
        UpdateSeen(
            trainer=update.trainer,
            status=UpdateStatus(update.status).name.lower(),
            accepted=update.accepted,
            score_ppm=update.score_ppm if round_.scored and update.status == UpdateStatus.ELIGIBLE else None,
            sample_count=update.sample_count,
            blob_root=update.blob_root,
        )
        for update in round_.updates
    )
    return RoundSeen(
        number=round_.number,
        outcome=Outcome(result.outcome).name.lower(),
        height=height,
        model_root=result.model_root,
        paid=result.paid,
        updates=updates,
        sheets={sheet.scorer: SheetStatus(sheet.status).name.lower() for sheet in round_.sheets},
        claims={claim.aggregator: claim.correct for claim in round_.claims},
        payouts=dict(sorted(payouts.items())),
        byte_length=byte_length,
        groups=group_trainers(old) if is_secure(old.spec) else (),
        secure=round_.secure,
        sent_bytes=sent_bytes,
        spent=old.spent,
    )
