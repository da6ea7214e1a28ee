"""A network between replicas in one process, deterministic in its seed, alive for one height.

Each height gets a fresh network, so what happens in it is a function of the configuration and the ledger so far.
That is what lets a run that was killed in the middle of a height repeat the height exactly.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field

from ..application.streams import Stream
from ..errors import InvariantError
from ..node.replica import Replica, Timer
from ..node.wire import Message
from ..parameters import BASIS_POINTS

LATENCY_MS_MAX = 20
EVENTS_MAX = 1_000_000


@dataclass
class HeightNetwork:
    """Replicas by identity, an event queue in logical milliseconds, and a share of messages that get lost."""

    seed: int
    height: int
    loss_bps: int
    replicas: dict[int, Replica] = field(default_factory=dict)
    now_ms: int = 0

    def __post_init__(self) -> None:
        self._stream = Stream(b"network", self.seed, self.height)
        self._events: list[tuple[int, int, Callable[[], None]]] = []
        self._count = 0

    def at(self, delay_ms: int, action: Callable[[], None]) -> None:
        """Do something after a delay; events of one moment happen in the order in which they were asked for."""
        heapq.heappush(self._events, (self.now_ms + delay_ms, self._count, action))
        self._count += 1

    def deliver(self, sender: int, receiver: int, message: Message) -> None:
        """Carry a message, or lose it."""
        lost = self._stream.below(BASIS_POINTS) < self.loss_bps
        delay_ms = 1 + self._stream.below(LATENCY_MS_MAX)
        if receiver in self.replicas and not lost:
            self.at(delay_ms, lambda: self.replicas[receiver].on_message(sender, message))

    def run_until(self, done: Callable[[], bool]) -> None:
        """Let time pass until `done`. Raises InvariantError when that never happens."""
        for _ in range(EVENTS_MAX):
            if done():
                return
            if not self._events:
                raise InvariantError(f"height {self.height}: nothing left to happen and no decision")
            self.now_ms, _, action = heapq.heappop(self._events)
            action()
        raise InvariantError(f"height {self.height}: no decision after {EVENTS_MAX} events")


@dataclass
class Endpoint:
    """One replica's transport and clock on a network; `twist` lets a liar change what it sends."""

    network: HeightNetwork
    identity: int
    twist: Callable[[Message], tuple[Message, ...]] = lambda message: (message,)

    def broadcast(self, message: Message) -> None:
        for receiver in sorted(self.network.replicas):
            if receiver != self.identity:
                self.send(receiver, message)

    def send(self, receiver: int, message: Message) -> None:
        for said in self.twist(message):
            self.network.deliver(self.identity, receiver, said)

    def now_ms(self) -> int:
        return self.network.now_ms

    def set_timer(self, delay_ms: int, timer: Timer) -> None:
        if timer.height == self.network.height:  # the next height gets a network of its own
            self.network.at(delay_ms, lambda: self.network.replicas[self.identity].on_timer(timer))
