"""The simulated ledger judges blocks (CON-009)."""

from __future__ import annotations

from dataclasses import replace

from bcfl_ref.consensus.certificate import NO_CERTIFICATE
from bcfl_ref.sim.ledger import seal
from node.small_world import SmallWorld


def test_only_what_follows_is_valid() -> None:
    """The next block by its author, with its parent's certificate, is valid; any change of it is not."""
    world = SmallWorld()
    ledger = world.ledgers[0]
    first = ledger.propose(1, 0, NO_CERTIFICATE)
    assert ledger.validate(first)
    assert not ledger.validate(replace(first, header=replace(first.header, state_root=bytes(32))))
    assert not ledger.validate(seal(replace(first.header, height=2), first.body))
    assert not ledger.validate(seal(replace(first.header, proposer=1), first.body))
    assert not ledger.validate(seal(first.header, replace(first.body, certificate=replace(NO_CERTIFICATE, view=1))))
    world.begin()
    world.run_until(1)
    ledger = world.ledgers[0]
    record = ledger.record(1)
    assert record is not None and ledger.record(2) is None
    assert ledger.validate(ledger.propose(2, 0, record.certificate))
    assert not ledger.validate(ledger.propose(2, 0, NO_CERTIFICATE))
