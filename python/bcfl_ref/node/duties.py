"""What participants do when they see a state: join, train, attest, score, aggregate, report (INF-018).

A duty looks at the state in which the next block will execute and says which transactions its owner wants in
that block. It never keeps anything in memory that matters: whatever must not change after it was sent (an
update, a score sheet, their salts) is in the private directory before the transaction exists, so a participant
that is killed at any point and started again says the same thing again.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ..consensus.evidence import offence_root
from ..contract.attestation import ATTESTING
from ..contract.claims import is_aggregable, recompute
from ..contract.opening import update_blob
from ..contract.rounds import SheetStatus, UpdateStatus, authors, eligible, is_revealed, require_blob
from ..contract.tasks import Phase, Role, Step, Window, find_participant, window_at
from ..encoding import BLOB_UPDATE, ELEMENT_I32, decode, encode, hash_tree_root
from ..errors import SpecError
from ..infrastructure.blobs import BlobData, blob_vector
from ..infrastructure.transactions import Kind
from ..types import (
    Available,
    ClaimAggregate,
    CommitScores,
    CommitUpdate,
    Container,
    Equivocation,
    Join,
    Publish,
    Register,
    RevealScores,
    RevealUpdate,
    ScoreSheet,
    State,
    Task,
    TaskSpec,
    Testimony,
    UpdateCommitment,
)
from .blobs import BlobStore
from .keys import PrivateDirectory

Wish = tuple[Kind, Container]
EVIDENCE_PREFIX = "evidence-"
Vector = np.ndarray[tuple[int], np.dtype[np.int32]]


class Workload(Protocol):
    """The application as a participant sees it: vectors in, vectors and counts out."""

    def train(self, trainer: int, round_number: int, base: Vector) -> tuple[Vector, int] | None:
        """The quantised update of trainer number `trainer` and its sample count; None when it does not take part."""

    def score(self, scorer: int, round_number: int, base: Vector, update: Vector) -> tuple[int, int]:
        """(correct, total) of scorer number `scorer` for the base model moved by the update."""

    def last_step(self, trainer: int, round_number: int) -> int:
        """After which of the four steps of a secure round trainer number `trainer` disappears; 4 when it stays."""


class Duty(Protocol):
    """One kind of work: the transactions wanted now, given the state in which they would execute."""

    def wishes(self, owner: Owner, state: State) -> list[Wish]:
        """The transactions that `owner` wants in the block that executes on `state`."""


@dataclass
class Owner:
    """Who acts: its identity, its private directory and stores, and the blobs that everybody sees."""

    index: int
    secret_key: int
    private: PrivateDirectory
    private_blobs: BlobStore
    public_blobs: BlobStore
    blobs: Mapping[bytes, BlobData]
    genesis_root: bytes

    def salt(self, purpose: str, task: int, round_number: int) -> bytes:
        """A secret salt that only the owner can derive, the same after a restart (HMAC-SHA-256 of its key)."""
        label = f"bcfl salt {purpose} {task} {round_number}".encode()
        return hmac.new(self.secret_key.to_bytes(32, "big"), self.genesis_root + label, hashlib.sha256).digest()


def running(state: State) -> list[tuple[int, Task, Window]]:
    """The running tasks with their index and the window that is open."""
    return [
        (index, task, window_at(task, state.height))
        for index, task in enumerate(state.tasks)
        if task.phase == Phase.RUNNING
    ]


@dataclass
class RegisterDuty:
    """Register newcomers, as many at a time as the ledger lets one sender send."""

    newcomers: tuple[Register, ...]

    def wishes(self, owner: Owner, state: State) -> list[Wish]:
        known = {identity.public_key for identity in state.identities}
        missing = [newcomer for newcomer in self.newcomers if newcomer.public_key not in known]
        return [(Kind.REGISTER, newcomer) for newcomer in missing[: state.parameters.transactions_per_sender]]


@dataclass
class PublishDuty:
    """Publish a task once `identities` identities exist; `terms_root` tells it from others of the same issuer."""

    spec: TaskSpec
    identities: int

    def wishes(self, owner: Owner, state: State) -> list[Wish]:
        published = any(task.issuer == owner.index and task.spec == self.spec for task in state.tasks)
        if published or len(state.identities) < self.identities:
            return []
        return [(Kind.PUBLISH, Publish(self.spec))]


@dataclass
class JoinDuty:
    """Join every open task in one role, consenting to the terms."""

    role: Role
    terms_root: bytes

    def wishes(self, owner: Owner, state: State) -> list[Wish]:
        return [
            (Kind.JOIN, Join(index, self.role, self.terms_root))
            for index, task in enumerate(state.tasks)
            if task.phase == Phase.REGISTRATION
            and task.spec.terms_root == self.terms_root
            and find_participant(task, owner.index, self.role) is None
        ]


@dataclass
class TrainDuty:
    """Train, commit, reveal. Update and salt are durable before the commitment is sent."""

    workload: Workload
    trainer: int

    def wishes(self, owner: Owner, state: State) -> list[Wish]:
        wishes: list[Wish] = []
        for index, task, window in running(state):
            entry = find_participant(task, owner.index, Role.TRAINER)
            if entry is None or not entry.deposit:
                continue
            own = next((u for u in task.round.updates if u.trainer == owner.index), None)
            if window == Window.COMMIT and own is None:
                opened = self.prepared(owner, index, task)
                if opened is not None:
                    wishes.append((Kind.COMMIT_UPDATE, self.commitment(index, opened)))
            elif window == Window.REVEAL and own is not None and own.status == UpdateStatus.COMMITTED:
                opened = self.kept(owner, index, task)
                if opened is not None and hash_tree_root(opened) == own.commitment:
                    wishes.append((Kind.REVEAL_UPDATE, self.reveal(owner, index, opened)))
        return wishes

    def kept(self, owner: Owner, index: int, task: Task) -> UpdateCommitment | None:
        """The opening of this round's commitment with its update, or None when either is not there (any more)."""
        kept = owner.private.load(f"update-{index}-{task.round.number}")
        opened = None if kept is None else decode(UpdateCommitment, kept)
        return opened if opened is not None and opened.blob_root in owner.private_blobs else None

    def prepared(self, owner: Owner, index: int, task: Task) -> UpdateCommitment | None:
        """The opening of this round's commitment, made once and kept."""
        kept = self.kept(owner, index, task)
        if kept is not None:
            return kept
        base = blob_vector(require_blob(owner.blobs, task.model_root))
        trained = self.workload.train(self.trainer, task.round.number, base)
        if trained is None:
            return None
        update, sample_count = trained
        data = np.ascontiguousarray(update, dtype="<i4").tobytes()
        root = owner.private_blobs.put(BLOB_UPDATE, ELEMENT_I32, task.spec.layout_root, data)
        opened = UpdateCommitment(
            genesis_root=owner.genesis_root,
            task=index,
            round=task.round.number,
            sender=owner.index,
            base_model=task.model_root,
            blob_root=root,
            sample_count=sample_count,
            salt=owner.salt("update", index, task.round.number),
        )
        owner.private.store(f"update-{index}-{task.round.number}", encode(opened))
        return opened

    def commitment(self, index: int, opened: UpdateCommitment) -> CommitUpdate:
        """The transaction that binds the trainer to its update."""
        return CommitUpdate(index, opened.round, hash_tree_root(opened))

    def reveal(self, owner: Owner, index: int, opened: UpdateCommitment) -> RevealUpdate:
        """The transaction that shows the update, whose blob is public and durable first."""
        owner.public_blobs.put_blob(owner.private_blobs[opened.blob_root])
        return RevealUpdate(index, opened.round, opened.blob_root, opened.sample_count, opened.salt)


@dataclass
class AttestDuty:
    """Attest the blobs that are asked for and that the owner has whole, while it holds a seat."""

    def wishes(self, owner: Owner, state: State) -> list[Wish]:
        if all(seat.identity != owner.index for seat in state.committee.seats):
            return []
        wishes: list[Wish] = []
        for index, task in enumerate(state.tasks):
            roots = tuple(root for root in self.asked(owner, state, task) if root in owner.blobs)
            if roots:
                wishes.append((Kind.AVAILABLE, Available(index, roots)))
        return wishes

    def asked(self, owner: Owner, state: State, task: Task) -> list[bytes]:
        """The blobs of a task that the owner can attest at this height and has not yet."""
        if task.phase == Phase.REGISTRATION:
            return [] if owner.index in task.attesters else [task.spec.model_root]
        if task.phase != Phase.RUNNING or window_at(task, state.height) not in ATTESTING:
            return []
        round_ = task.round
        named = [
            (member.blob_root, member.attesters) for member in round_.secure.members if member.step == Step.GIVEN
        ]
        named += [(update.blob_root, update.attesters) for update in round_.updates if is_revealed(update)]
        return list(dict.fromkeys(root for root, attesters in named if owner.index not in attesters))


@dataclass
class ScoreDuty:
    """Score, commit, reveal. The sheet and its salt are durable before the commitment is sent."""

    workload: Workload
    scorer: int

    def wishes(self, owner: Owner, state: State) -> list[Wish]:
        wishes: list[Wish] = []
        for index, task, window in running(state):
            entry = find_participant(task, owner.index, Role.SCORER)
            if entry is None or not entry.deposit:
                continue
            own = next((s for s in task.round.sheets if s.scorer == owner.index), None)
            if window == Window.SCORE_COMMIT and own is None:
                root = hash_tree_root(self.prepared(owner, index, state))
                wishes.append((Kind.COMMIT_SCORES, CommitScores(index, task.round.number, root)))
            elif window == Window.SCORE_REVEAL and own is not None and own.status == SheetStatus.COMMITTED:
                sheet = self.kept(owner, index, task)
                if sheet is not None and hash_tree_root(sheet) == own.commitment:
                    wishes.append((Kind.REVEAL_SCORES, RevealScores(index, sheet.round, sheet.entries, sheet.salt)))
        return wishes

    def kept(self, owner: Owner, index: int, task: Task) -> ScoreSheet | None:
        """This round's score sheet, or None when it is not there (any more)."""
        kept = owner.private.load(f"scores-{index}-{task.round.number}")
        return None if kept is None else decode(ScoreSheet, kept)

    def prepared(self, owner: Owner, index: int, state: State) -> ScoreSheet:
        """This round's score sheet, made once and kept."""
        task = state.tasks[index]
        kept = self.kept(owner, index, task)
        if kept is not None:
            return kept
        number = task.round.number
        base = blob_vector(require_blob(owner.blobs, task.model_root))
        entries = []
        for update in eligible(task.round):
            if owner.index not in authors(task.round, update):
                moved = blob_vector(update_blob(state, index, update, owner.blobs))
                correct, total = self.workload.score(self.scorer, number, base, moved)
                entries.append(Testimony(update.blob_root, correct, total))
        salt = owner.salt("scores", index, number)
        sheet = ScoreSheet(owner.genesis_root, index, number, owner.index, tuple(entries), salt)
        owner.private.store(f"scores-{index}-{number}", encode(sheet))
        return sheet


@dataclass
class AggregateDuty:
    """Claim the aggregate when drawn to, after making the new model public."""

    def wishes(self, owner: Owner, state: State) -> list[Wish]:
        wishes: list[Wish] = []
        for index, task, window in running(state):
            claimed = any(claim.aggregator == owner.index for claim in task.round.claims)
            if window != Window.AGGREGATE or owner.index not in task.round.aggregators or claimed:
                continue
            if not is_aggregable(task):
                continue
            try:
                model = recompute(state, index, owner.blobs)
            except SpecError:  # the updates are fine one by one and overflow the model together: no claim is true
                continue
            root = owner.public_blobs.put_blob(model)
            wishes.append((Kind.CLAIM_AGGREGATE, ClaimAggregate(index, task.round.number, root)))
        return wishes


@dataclass
class EvidenceDuty:
    """Report the equivocations that the owner's replica saw, one at a time, until they are on the ledger.

    Only votes about earlier heights are reported: what a replica saw of a height before a crash must not change
    what it proposes when it begins that height again. Evidence that nobody can use any more is left alone, for
    one refused transaction would take all later ones of its sender with it.
    """

    def wishes(self, owner: Owner, state: State) -> list[Wish]:
        names = owner.private.names(EVIDENCE_PREFIX)
        seen = [decode(Equivocation, owner.private.load(name) or b"") for name in names]
        for evidence in seen:
            if self.is_of_use(evidence, state):
                return [(Kind.EVIDENCE, evidence)]
        return []

    def is_of_use(self, evidence: Equivocation, state: State) -> bool:
        """Whether the ledger would punish it now."""
        age = state.height - evidence.first.vote.height
        return (
            0 < age <= state.parameters.evidence_heights
            and offence_root(evidence.first) not in state.offences
            and not state.identities[evidence.first.voter].convicted
        )


def keep_evidence(owner: Owner, evidence: Equivocation) -> None:
    """INF-018: Keep what proves an equivocation; durable when this returns, once per offence."""
    name = EVIDENCE_PREFIX + offence_root(evidence.first).hex()
    if owner.private.load(name) is None:
        owner.private.store(name, encode(evidence))
