"""The checkers find what they are there for (CON-017): each is fed a violation by hand."""

from __future__ import annotations

from dataclasses import replace

from bcfl_ref.consensus.evidence import make_equivocation
from bcfl_ref.sim.checkers import Accountability, Agreement, JournalConsistency, NoDoubleVote, Progress, Validity
from bcfl_ref.sim.keys import SimulatedScheme
from bcfl_ref.sim.ledger import GENESIS_ROOT
from bcfl_ref.types import LedgerRecord, SignedVote, Vote
from node.small_world import DOMAINS, SETTINGS, SmallWorld

A, B = bytes([1]) * 32, bytes([2]) * 32


def history() -> tuple[SmallWorld, LedgerRecord, LedgerRecord]:
    world = SmallWorld()
    world.begin()
    world.run_until(2)
    first, second = world.ledgers[0].records[:2]
    return world, first, second


def vote(root: bytes, voter: int = 1, view: int = 0) -> SignedVote:
    return SignedVote(Vote(1, 1, view, root), voter, bytes(96))


def test_agreement_finds_forks_and_gaps() -> None:
    """Two blocks at a height, a repeated height and a skipped one are findings; a plain chain is not."""
    world, first, second = history()
    committee = world.ledgers[0].committee_of(1)
    checker = Agreement()
    for identity in (0, 1):
        checker.on_commit(identity, first, committee)
        checker.on_commit(identity, second, committee)
    assert checker.findings == []
    fork = replace(first, block=replace(first.block, header=replace(first.block.header, view=7)))
    checker.on_commit(2, fork, committee)
    checker.on_commit(3, second, committee)
    assert len(checker.findings) == 2


def test_validity_finds_false_parents_authors_and_certificates() -> None:
    """A block that follows another, is by another, or is certified by too few is a finding."""
    world, first, second = history()
    committee = world.ledgers[0].committee_of(1)

    def checker() -> Validity:
        return Validity(SimulatedScheme(), DOMAINS, SETTINGS.epoch_heights, GENESIS_ROOT)

    good = checker()
    good.on_commit(0, first, committee)
    good.on_commit(0, second, committee)
    assert good.findings == []
    orphan = checker()
    orphan.on_commit(0, second, committee)
    assert len(orphan.findings) == 1
    weak = checker()
    weak.on_commit(
        0, replace(first, certificate=replace(first.certificate, seats=(True, False, True, False))), committee
    )
    assert len(weak.findings) == 1
    header = first.block.header
    stolen = replace(first.block, header=replace(header, proposer=(header.proposer + 1) % 4))
    thief = checker()
    thief.on_commit(0, replace(first, block=stolen), committee)
    assert len(thief.findings) == 2


def test_no_double_vote_finds_contradictions_of_the_honest() -> None:
    """Two votes of one view by an honest sender are a finding; by a liar, or carried for others, they are not."""
    checker = NoDoubleVote({1})
    for sender, message in (
        (1, vote(A)),
        (1, vote(A)),
        (1, vote(B, view=1)),
        (2, vote(A, 2)),
        (2, vote(B, 2)),
        (2, vote(B)),
    ):
        checker.on_send(sender, message)
    assert checker.findings == []
    checker.on_send(1, vote(B))
    assert len(checker.findings) == 1


def test_journal_consistency_finds_what_was_forgotten() -> None:
    """A vote that left and is not known after the restart is a finding."""
    world = SmallWorld()
    (replica,) = world.begin(0)
    while replica.state is None:
        world.advance()
    checker = JournalConsistency()
    checker.on_restart(replica)
    assert checker.findings == []
    checker.on_send(0, vote(A, voter=0))
    checker.on_restart(replica)
    assert len(checker.findings) == 1


def test_accountability_finds_false_accusations() -> None:
    """Accusing an honest validator, or without contradiction, is a finding."""
    checker = Accountability({1})
    checker.on_accuse(0, make_equivocation(vote(A), vote(B)))
    assert checker.findings == [] and checker.accused == {1}
    checker.on_accuse(0, make_equivocation(vote(A, 2), vote(B, 2)))
    checker.on_accuse(0, make_equivocation(vote(A), vote(A)))
    assert len(checker.findings) == 2


def test_progress_finds_who_is_behind() -> None:
    """Whoever has not reached the target in time is a finding."""
    checker = Progress(1000)
    checker.on_end(2000, 1000, {0: 8, 1: 9}, 8)
    assert checker.findings == []
    checker.on_end(2000, 1000, {0: 8, 1: 7}, 8)
    assert len(checker.findings) == 1
