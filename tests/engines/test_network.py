"""The network of one height: deterministic in its seed, lossy as told, and never silent about being stuck."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from bcfl_ref.engines import network
from bcfl_ref.engines.network import LATENCY_MS_MAX, Endpoint, HeightNetwork
from bcfl_ref.errors import InvariantError
from bcfl_ref.node.replica import Timer
from bcfl_ref.node.wire import RecordRequest


@dataclass
class Ear:
    """A replica that only listens."""

    network: HeightNetwork
    heard: list[tuple[int, int, int]] = field(default_factory=list)

    def on_message(self, sender: int, message: RecordRequest) -> None:
        self.heard.append((self.network.now_ms, sender, message.height))

    def on_timer(self, timer: Timer) -> None:
        self.heard.append((self.network.now_ms, -1, timer.height))


def world(seed: int = 1, height: int = 5, loss_bps: int = 0, ears: int = 3) -> tuple[HeightNetwork, list[Any]]:
    made = HeightNetwork(seed, height, loss_bps)
    listeners: list[Any] = [Ear(made) for _ in range(ears)]
    made.replicas.update(enumerate(listeners))
    return made, listeners


def heard(seed: int, height: int, loss_bps: int = 3000) -> list[Any]:
    made, ears = world(seed, height, loss_bps)
    for number in range(40):
        Endpoint(made, 0).broadcast(RecordRequest(number))
    made.run_until(lambda: not made._events)
    return [ear.heard for ear in ears]


def test_the_same_seed_and_height_give_the_same_network() -> None:
    """What is lost and how late the rest comes depends on seed and height, and on nothing else."""
    assert heard(1, 5) == heard(1, 5)
    assert heard(1, 5) != heard(2, 5) and heard(1, 5) != heard(1, 6)


def test_loss_is_as_told() -> None:
    """Without loss everything arrives, within the latency; with it about that share does not; nobody hears itself."""
    own, first, second = heard(1, 5, loss_bps=0)
    assert own == [] and len(first) == len(second) == 40
    assert all(1 <= at <= LATENCY_MS_MAX for at, _, _ in first)
    assert 8 <= len(heard(1, 5, loss_bps=5000)[1]) <= 32


def test_messages_to_nobody_vanish() -> None:
    """A message to a replica that is down is lost like any other."""
    made, ears = world(ears=1)
    Endpoint(made, 0).send(7, RecordRequest(1))
    assert not made._events and ears[0].heard == []


def test_timers_fire_in_order_and_only_for_this_height() -> None:
    """Timers fire at their time, equal times in the order of setting; one of the next height has no place here."""
    made, ears = world()
    for delay in (30, 10, 30):
        Endpoint(made, 1).set_timer(delay, Timer(5, 0, 1))
    Endpoint(made, 1).set_timer(1, Timer(6, 0, 1))
    made.run_until(lambda: made.now_ms == 30 and not made._events)
    assert [at for at, _, _ in ears[1].heard] == [10, 30, 30]


def test_a_liar_says_two_things() -> None:
    """What a twist makes of a message is what is sent."""
    made, ears = world()
    liar = Endpoint(made, 0, lambda message: (message, RecordRequest(99)))
    liar.send(1, RecordRequest(1))
    made.run_until(lambda: not made._events)
    assert sorted(height for _, _, height in ears[1].heard) == [1, 99]


def test_being_stuck_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing left to happen, or too much happening without a decision, ends the run with a reason."""
    made, _ = world()
    with pytest.raises(InvariantError, match="nothing left to happen"):
        made.run_until(lambda: False)
    monkeypatch.setattr(network, "EVENTS_MAX", 50)

    def again() -> None:
        made.at(1, again)

    again()
    with pytest.raises(InvariantError, match="no decision after 50 events"):
        made.run_until(lambda: False)
