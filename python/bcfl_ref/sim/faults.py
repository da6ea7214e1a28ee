"""Everything that can go wrong, as data and as objects: networks, disks, liars, and the scenario of a seed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from ..consensus.quorum import faults_max
from ..consensus.scheme import Domains, proposal_message, vote_message
from ..consensus.votes import NIL
from ..encoding import hash_tree_root
from ..node.replica import Transport
from ..node.wire import Message, ProposalMessage
from ..types import Body, LedgerRecord, SignedProposal, SignedTransaction, SignedVote, Transaction, Vote
from .host import MemoryJournal
from .keys import SimulatedSigner
from .ledger import seal

KINDS = ("crashed proposer", "healing partition", "equivocating validator", "message loss", "restarts", "holes")
"""The faults that a scenario is about; every sixth seed has the same one for certain, and others may join it."""


# ---------------------------------------------------------------------------------------------------------
# Scenarios


@dataclass(frozen=True)
class Partition:
    """From `start_ms` until `end_ms` nothing passes between `group` and the others."""

    start_ms: int
    end_ms: int
    group: frozenset[int]


@dataclass(frozen=True)
class Restart:
    """A crash at `time_ms`, or `syncs` journal syncs later, and a new life after `down_ms`.

    `survivors` records beyond the last sync happen to be on the disk; `before` says on which side of the
    sync the crash falls.
    """

    time_ms: int
    identity: int
    down_ms: int
    survivors: int
    syncs: int
    before: bool


@dataclass(frozen=True)
class Scenario:
    """One history's faults; `heal_ms` is when partitions and restarts are over."""

    seed: int
    weights: tuple[int, ...]
    crashed: frozenset[int]
    liars: frozenset[int]
    loss_percent: int
    hole_percent: int
    repeat_percent: int
    latency_ms: tuple[int, int]
    partitions: tuple[Partition, ...]
    restarts: tuple[Restart, ...]
    heal_ms: int

    @property
    def replicas(self) -> int:
        """How many validators there are."""
        return len(self.weights)

    @property
    def honest(self) -> frozenset[int]:
        """Who neither lies nor stays away for ever."""
        return frozenset(range(self.replicas)) - self.liars - self.crashed

    def summary(self) -> str:
        """One line for people."""
        return (
            f"{self.replicas} validators, crashed {sorted(self.crashed)}, liars {sorted(self.liars)}, "
            f"loss {self.loss_percent} %, "
            f"holes {self.hole_percent} %, {len(self.partitions)} partitions, {len(self.restarts)} restarts"
        )


def scenario_of(seed: int) -> Scenario:
    """The scenario of a seed: one fault for certain, the others with probability 1/3, at most f lost validators."""
    rng = Random(seed)
    replicas = rng.randint(4, 7)
    active = {kind for index, kind in enumerate(KINDS) if index == seed % len(KINDS) or rng.randrange(3) == 0}
    budget = faults_max(replicas)
    lost = rng.sample(range(replicas), budget)
    lying = budget - (KINDS[seed % len(KINDS)] == "crashed proposer")
    tells = lying > 0 and bool(active & {"equivocating validator", "holes"})
    liars = frozenset(lost[: rng.randint(1, lying)]) if tells else frozenset()
    spare = [identity for identity in lost if identity not in liars]
    crashed = frozenset(spare[: rng.randint(1, budget)]) if "crashed proposer" in active else frozenset()
    weights = tuple(rng.randint(1, 1000) for _ in range(replicas))
    low = rng.randint(1, 40)
    partitions = _partitions(rng, replicas) if "healing partition" in active else ()
    restarts = _restarts(rng, replicas) if "restarts" in active else ()
    ends = [partition.end_ms for partition in partitions]
    ends += [restart.time_ms + restart.down_ms for restart in restarts]
    holes = rng.randint(15, 45) if "holes" in active else 0
    ends += [rng.randint(5000, 20000)] if holes else []
    return Scenario(
        seed=seed,
        weights=weights,
        crashed=crashed,
        liars=liars,
        loss_percent=20 if "message loss" in active else 0,
        hole_percent=holes,
        repeat_percent=rng.choice((0, 10)),
        latency_ms=(low, low + rng.randint(0, 80)),
        partitions=partitions,
        restarts=restarts,
        heal_ms=max(ends, default=0),
    )


def _partitions(rng: Random, replicas: int) -> tuple[Partition, ...]:
    found, start_ms = [], rng.randint(0, 500)
    for _ in range(rng.randint(1, 3)):
        end_ms = start_ms + rng.randint(300, 4000)
        group = frozenset(rng.sample(range(replicas), rng.randint(1, replicas // 2)))
        found.append(Partition(start_ms, end_ms, group))
        start_ms = end_ms - rng.randint(0, 200)
    return tuple(found)


def _restarts(rng: Random, replicas: int) -> tuple[Restart, ...]:
    return tuple(
        Restart(
            time_ms=rng.randint(0, 4000),
            identity=rng.randrange(replicas),
            down_ms=rng.randint(0, 1500),
            survivors=rng.randint(0, 3),
            syncs=rng.randint(0, 3),
            before=rng.randrange(2) == 0,
        )
        for _ in range(rng.randint(2, 8))
    )


# ---------------------------------------------------------------------------------------------------------
# Network


class FaultyNetwork:
    """Loses, delays, repeats, reorders and partitions, all from one seed."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._rng = Random(scenario.seed + 1)
        self._holes: dict[int, dict[tuple[int, ...], bool]] = {}

    def delays_ms(self, now_ms: int, sender: int, receiver: int, message: Message) -> Iterable[int]:
        """After which delays a message arrives."""
        scenario, rng = self._scenario, self._rng
        if now_ms < scenario.heal_ms and self._falls_into_hole(sender, receiver, message):
            return ()
        for partition in scenario.partitions:
            apart = (sender in partition.group) != (receiver in partition.group)
            if apart and partition.start_ms <= now_ms < partition.end_ms:
                return ()
        copies = 2 if rng.randrange(100) < scenario.repeat_percent else 1
        return [
            rng.randint(*scenario.latency_ms) for _ in range(copies) if rng.randrange(100) >= scenario.loss_percent
        ]

    def _falls_into_hole(self, sender: int, receiver: int, message: Message) -> bool:
        """Some things never reach some receivers, however often they are sent: what locks are there for."""
        match message:
            case SignedVote(vote, voter):
                about = (vote.kind, vote.height, vote.view, voter)
            case ProposalMessage(signed, _):
                about = (0, signed.proposal.height, signed.proposal.view, signed.proposer)
            case LedgerRecord(block, _):
                about = (3, block.header.height, 0, sender)
            case _:
                return False
        if about not in self._holes.setdefault(receiver, {}):
            self._holes[receiver][about] = self._rng.randrange(100) < self._scenario.hole_percent
        return self._holes[receiver][about]


# ---------------------------------------------------------------------------------------------------------
# Disk


class SimulatedCrash(Exception):
    """The machine of one validator stops in the middle of something."""

    def __init__(self, identity: int) -> None:
        super().__init__(identity)
        self.identity = identity


class CrashingJournal(MemoryJournal):
    """A journal at whose sync the machine may stop, on either side of it."""

    def __init__(self, identity: int) -> None:
        super().__init__()
        self._identity = identity
        self._syncs_left = -1
        self._before = False

    def arm(self, syncs: int, before: bool) -> None:
        """Crash after that many more syncs."""
        self._syncs_left, self._before = syncs, before

    def sync(self) -> None:
        """Make all records durable, or crash."""
        due = self._syncs_left == 0
        self._syncs_left -= 1
        if due and self._before:
            raise SimulatedCrash(self._identity)
        super().sync()
        if due:
            raise SimulatedCrash(self._identity)


class ForgetfulJournal(CrashingJournal):
    """A broken journal for the canary: a crash loses what had been synced, too."""

    def crash(self, survivors: int = 0) -> None:
        """Lose everything."""
        self.clear()


# ---------------------------------------------------------------------------------------------------------
# Liars


class LyingVoice:
    """The transport of a validator that says one thing to some and another to the rest."""

    def __init__(self, inner: Transport, identity: int, replicas: int, domains: Domains, rng: Random) -> None:
        self._inner = inner
        self._identity = identity
        self._others = [other for other in range(replicas) if other != identity]
        self._signer = SimulatedSigner(identity)
        self._domains = domains
        self._rng = rng
        self._roots: list[bytes] = [NIL]

    def send(self, receiver: int, message: Message) -> None:
        """Answers to single peers are honest."""
        self._inner.send(receiver, message)

    def broadcast(self, message: Message) -> None:
        """Own votes and proposals in two versions."""
        if isinstance(message, SignedVote) and message.voter == self._identity:
            self._split(message, self._rival_vote(message))
        elif isinstance(message, ProposalMessage) and message.signed.proposer == self._identity:
            self._split(message, self._rival_proposal(message))
        else:
            self._inner.broadcast(message)

    def _split(self, one: Message, other: Message) -> None:
        for receiver in self._others:
            choice = self._rng.randrange(8)
            if choice < 4 or choice == 7:
                self._inner.send(receiver, one)
            if choice >= 4:
                self._inner.send(receiver, other)

    def _rival_vote(self, signed: SignedVote) -> SignedVote:
        told = signed.vote.block_root
        rivals = [root for root in self._roots if root != told]
        root = self._rng.choice([*rivals, self._rng.randbytes(32)])
        self._learn(told)
        vote = Vote(signed.vote.kind, signed.vote.height, signed.vote.view, root)
        return SignedVote(vote, self._identity, self._signer.sign(vote_message(vote, self._domains)))

    def _learn(self, root: bytes) -> None:
        """Nil and the last few blocks that it spoke about are what it lies with."""
        if root not in self._roots:
            self._roots = [NIL, *self._roots[1:][-3:], root]

    def _rival_proposal(self, message: ProposalMessage) -> ProposalMessage:
        body, proposal = message.block.body, message.signed.proposal
        dust = SignedTransaction(Transaction(0, self._identity, proposal.view, b""), bytes(96))
        block = seal(message.block.header, Body(body.certificate, body.reveal, (dust,)))
        root = hash_tree_root(block.header)
        self._learn(root)
        rival = type(proposal)(proposal.height, proposal.view, proposal.valid_view, root)
        signature = self._signer.sign(proposal_message(rival, self._domains))
        return ProposalMessage(SignedProposal(rival, self._identity, signature), block)
