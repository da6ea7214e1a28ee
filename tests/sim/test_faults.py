"""Networks, disks and liars do what they say (CON-017)."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from bcfl_ref.node.wire import Message, RecordRequest
from bcfl_ref.sim.faults import CrashingJournal, FaultyNetwork, LyingVoice, Partition, SimulatedCrash, scenario_of
from bcfl_ref.types import SignedVote, Vote
from node.small_world import DOMAINS

QUIET = replace(
    scenario_of(0),
    loss_percent=0,
    hole_percent=0,
    repeat_percent=0,
    latency_ms=(5, 5),
    partitions=(Partition(100, 200, frozenset({0})),),
    heal_ms=200,
)
VOTE = SignedVote(Vote(1, 1, 0, bytes([5]) * 32), 0, bytes(96))


def test_a_partition_separates_and_heals() -> None:
    """Nothing passes between the group and the rest while it lasts; inside, everything does."""
    network = FaultyNetwork(QUIET)
    assert [list(network.delays_ms(now, 0, 1, VOTE)) for now in (99, 100, 199, 200)] == [[5], [], [], [5]]
    assert list(network.delays_ms(150, 1, 2, VOTE)) == [5]


def test_loss_and_repeats_come_in_their_share() -> None:
    """About 20 % are lost; with repeats some messages arrive twice."""
    lossy = FaultyNetwork(replace(QUIET, partitions=(), loss_percent=20, repeat_percent=10))
    arrivals = [len(list(lossy.delays_ms(0, 0, 1, RecordRequest(1)))) for _ in range(2000)]
    assert 300 < arrivals.count(0) < 500 and arrivals.count(2) > 50


def test_a_hole_swallows_for_ever() -> None:
    """What falls into a hole does so at every try until the faults heal."""
    network = FaultyNetwork(replace(QUIET, partitions=(), hole_percent=40))
    for view in range(30):
        vote = SignedVote(Vote(1, 1, view, bytes(32)), 0, bytes(96))
        tries = {len(list(network.delays_ms(now, 0, 1, vote))) for now in range(0, 199, 20)}
        assert len(tries) == 1
        assert len(list(network.delays_ms(200, 0, 1, vote))) == 1


@pytest.mark.parametrize("before", [True, False])
def test_a_crashing_journal_stops_on_the_side_it_says(before: bool) -> None:
    """Before the sync the pending records are lost, after it they are kept."""
    journal = CrashingJournal(3)
    journal.append(b"kept")
    journal.sync()
    journal.arm(0, before)
    journal.append(b"pending")
    with pytest.raises(SimulatedCrash):
        journal.sync()
    journal.crash()
    assert journal.records() == ((b"kept",) if before else (b"kept", b"pending"))


def test_a_lying_voice_says_two_things() -> None:
    """Of its own votes a liar tells different peers different versions, all rightly signed."""
    said: list[tuple[int, Message]] = []

    class Collector:
        def broadcast(self, message: Message) -> None:
            raise AssertionError("a liar speaks to each by itself")

        def send(self, receiver: int, message: Message) -> None:
            said.append((receiver, message))

    voice = LyingVoice(Collector(), 0, 5, DOMAINS, Random(1))
    for view in range(20):
        voice.broadcast(SignedVote(Vote(1, 1, view, bytes([5]) * 32), 0, bytes(96)))
    blocks = {message.vote.block_root for _, message in said if isinstance(message, SignedVote)}
    assert len(blocks) > 3 and {receiver for receiver, _ in said} == {1, 2, 3, 4}
