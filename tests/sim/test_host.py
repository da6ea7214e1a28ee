"""The host of several replicas (CON-017)."""

from __future__ import annotations

import pytest
from bcfl_ref.errors import InvariantError
from bcfl_ref.sim.host import MemoryJournal, PerfectNetwork
from node.small_world import SmallWorld


def test_events_come_in_order_of_time_and_asking() -> None:
    """Earlier first; of one moment in the order of asking."""
    world, seen = SmallWorld(), list[str]()
    for delay, name in ((5, "c"), (1, "a"), (5, "d"), (1, "b")):
        world.after(delay, lambda name=name: seen.append(name))  # type: ignore[misc]
    while world.advance():
        pass
    assert seen == ["a", "b", "c", "d"] and world.now_ms == 5


def test_a_stopped_replica_hears_nothing_of_its_former_life() -> None:
    """Timers of an earlier life do not fire in a later one, and nobody runs twice."""
    world = SmallWorld(network=PerfectNetwork(latency_ms=3))
    world.begin()
    with pytest.raises(InvariantError, match="is running"):
        world.begin(0)
    world.run_until(2)
    world.stop(3)
    assert [replica.identity for replica in world.replicas()] == [0, 1, 2]
    world.begin(3)
    world.run_until(6)
    assert min(ledger.height() for ledger in world.ledgers) >= 6


def test_run_until_says_who_is_behind() -> None:
    """Without a quorum nothing is decided, and the error names the heights."""
    world = SmallWorld()
    world.begin(0, 1)
    with pytest.raises(InvariantError, match="no progress to height 1"):
        world.run_until(1, limit_ms=3000)


def test_a_memory_journal_loses_what_was_not_synced() -> None:
    """A crash keeps the synced records and as many others as happen to survive."""
    journal = MemoryJournal()
    for record in (b"a", b"b"):
        journal.append(record)
    journal.sync()
    for record in (b"c", b"d"):
        journal.append(record)
    journal.crash(survivors=1)
    assert journal.records() == (b"a", b"b", b"c")
