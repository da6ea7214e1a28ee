"""Several replicas in one process on one logical clock: a deterministic host for consensus (CON-017).

Events are kept in the order of (time, number), so the same replicas and the same network do the same thing every
time. The network is handed in: it answers, for every message, after which delays it arrives (never: an empty
answer). `PerfectNetwork` is the one for real work in one process; the simulator hands in worse ones.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from ..consensus.scheme import Scheme
from ..consensus.state import ConsensusState, Input
from ..consensus.tendermint import Progress, step
from ..errors import InvariantError
from ..node.replica import Application, Journal, Replica, Settings, Signer, Timer, Transport
from ..node.wire import Message

Rules: TypeAlias = Callable[[ConsensusState, Input], Progress]


class Network(Protocol):
    """CON-017: Decides the fate of messages."""

    def delays_ms(self, now_ms: int, sender: int, receiver: int, message: Message) -> Iterable[int]:
        """After which delays a message sent now arrives: none when lost, several when repeated."""


@dataclass(frozen=True)
class PerfectNetwork:
    """CON-017: Every message arrives once, after the same time."""

    latency_ms: int = 1

    def delays_ms(self, now_ms: int, sender: int, receiver: int, message: Message) -> tuple[int, ...]:
        """CON-017: One delay, always the same."""
        return (self.latency_ms,)


class MemoryJournal:
    """CON-017: A journal that survives a simulated crash: what was not synced is lost by `crash`."""

    def __init__(self) -> None:
        self._durable: list[bytes] = []
        self._pending: list[bytes] = []

    def append(self, record: bytes) -> None:
        """CON-017: Add a record that is not yet durable."""
        self._pending.append(record)

    def sync(self) -> None:
        """CON-017: Make all records durable."""
        self._durable += self._pending
        self._pending.clear()

    def records(self) -> tuple[bytes, ...]:
        """CON-017: All records, durable or not."""
        return (*self._durable, *self._pending)

    def clear(self) -> None:
        """CON-017: Forget everything."""
        self._durable.clear()
        self._pending.clear()

    def crash(self, survivors: int = 0) -> None:
        """CON-017: Lose what was not synced, but for the first `survivors` records of it."""
        self._durable += self._pending[:survivors]
        self._pending.clear()


@dataclass
class _Member:
    """One replica and how it is reached: `life` counts restarts, so that what belongs to an earlier life is lost."""

    replica: Replica | None
    life: int = 0


class _Port:
    """The transport and the clock of one life of one replica."""

    def __init__(self, world: LocalWorld, identity: int, life: int) -> None:
        self._world, self._identity, self._life = world, identity, life

    def broadcast(self, message: Message) -> None:
        """CON-017: To every other replica."""
        for receiver in self._world.identities():
            if receiver != self._identity:
                self._world.post(self._identity, receiver, message)

    def send(self, receiver: int, message: Message) -> None:
        """CON-017: To one replica."""
        self._world.post(self._identity, receiver, message)

    def now_ms(self) -> int:
        """CON-017: The world's time."""
        return self._world.now_ms

    def set_timer(self, delay_ms: int, timer: Timer) -> None:
        """CON-017: Fire in this life only."""
        self._world.after(delay_ms, lambda: self._world.fire(self._identity, self._life, timer))


class LocalWorld:
    """CON-017: Replicas, a network and a logical clock.

    `add` every replica, then `run_until(height)` as often as wanted. Replicas that are `stop`ped lose everything
    but their application and journal, and begin again with `add`.
    """

    def __init__(self, settings: Settings, network: Network | None = None) -> None:
        self.settings = settings
        self.network: Network = network if network is not None else PerfectNetwork()
        self.now_ms = 0
        self.delivered = 0
        self._events: list[tuple[int, int, Callable[[], None]]] = []
        self._number = 0
        self._members: dict[int, _Member] = {}

    # -- members -------------------------------------------------------------------------------------------

    def add(
        self,
        identity: int,
        application: Application,
        signer: Signer,
        scheme: Scheme,
        journal: Journal,
        rules: Rules = step,
        voice: Callable[[Transport], Transport] | None = None,
    ) -> Replica:
        """CON-017: Start a replica, the first time or again after `stop`; a `voice` twists what it says."""
        member = self._members.setdefault(identity, _Member(None))
        if member.replica is not None:
            raise InvariantError(f"replica {identity} is running")
        member.life += 1
        port = _Port(self, identity, member.life)
        transport = port if voice is None else voice(port)
        replica = Replica(identity, self.settings, application, signer, scheme, transport, port, journal, rules)
        member.replica = replica
        self.after(0, lambda: replica.start() if member.replica is replica else None)
        return replica

    def stop(self, identity: int) -> None:
        """CON-017: Kill a replica; messages and timers under way to it are lost."""
        self._members[identity].replica = None

    def identities(self) -> tuple[int, ...]:
        """CON-017: All members, running or not."""
        return tuple(sorted(self._members))

    def replicas(self) -> tuple[Replica, ...]:
        """CON-017: The members that are running."""
        members = (self._members[identity].replica for identity in self.identities())
        return tuple(replica for replica in members if replica is not None)

    # -- events --------------------------------------------------------------------------------------------

    def after(self, delay_ms: int, action: Callable[[], None]) -> None:
        """CON-017: Do something later; equal times keep the order of asking."""
        self._number += 1
        heapq.heappush(self._events, (self.now_ms + delay_ms, self._number, action))

    def post(self, sender: int, receiver: int, message: Message) -> None:
        """CON-017: Give a message to the network."""
        for delay_ms in self.network.delays_ms(self.now_ms, sender, receiver, message):
            self.after(delay_ms, lambda: self._deliver(sender, receiver, message))

    def fire(self, identity: int, life: int, timer: Timer) -> None:
        """CON-017: A timer of one life of a replica has come due."""
        member = self._members[identity]
        if member.replica is not None and member.life == life:
            member.replica.on_timer(timer)

    def _deliver(self, sender: int, receiver: int, message: Message) -> None:
        member = self._members.get(receiver)
        if member is not None and member.replica is not None:
            self.delivered += 1
            member.replica.on_message(sender, message)

    def advance(self) -> bool:
        """CON-017: Let the next event happen; False when nothing is left to happen."""
        if not self._events:
            return False
        self.now_ms, _, action = heapq.heappop(self._events)
        action()
        return True

    def run_until(self, height: int, limit_ms: int = 3_600_000) -> None:
        """CON-017: Let time pass until every running replica has committed `height`.

        Raises InvariantError when that takes more than `limit_ms` of logical time.
        """
        deadline = self.now_ms + limit_ms
        while any(replica.height <= height for replica in self.replicas()):
            if not self.advance() or self.now_ms > deadline:
                heights = {replica.identity: replica.height - 1 for replica in self.replicas()}
                raise InvariantError(f"no progress to height {height} by {self.now_ms} ms: {heights}")
