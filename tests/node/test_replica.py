"""The driver (CON-009, CON-017, CON-018)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bcfl_ref.consensus.scheme import PREVOTE, vote_message
from bcfl_ref.consensus.state import ConsensusState, Input, SignVote
from bcfl_ref.consensus.tendermint import Progress, step
from bcfl_ref.consensus.votes import NIL
from bcfl_ref.encoding import hash_tree_root
from bcfl_ref.errors import Code, InvariantError
from bcfl_ref.node.replica import BUFFER_PER_SENDER
from bcfl_ref.node.wire import HeightBegun, Message, ProposalMessage, encode_record
from bcfl_ref.sim.faults import CrashingJournal, Restart, Scenario
from bcfl_ref.sim.host import MemoryJournal
from bcfl_ref.sim.keys import SimulatedSigner
from bcfl_ref.sim.world import SimulatedWorld
from bcfl_ref.types import Block, LedgerRecord, SignedVote, Vote
from node.small_world import DOMAINS, SmallWorld


def heads(world: SmallWorld) -> list[list[bytes]]:
    return [[hash_tree_root(record.block.header) for record in ledger.records] for ledger in world.ledgers]


def test_replicas_agree_and_repeat() -> None:
    """Four replicas commit the same blocks, and the same ones in every run."""
    worlds = [SmallWorld(), SmallWorld()]
    for world in worlds:
        world.begin()
        world.run_until(6)
    first = heads(worlds[0])
    assert all(chain[:6] == first[0][:6] for chain in first) and heads(worlds[1]) == first


def test_certificates_hold_everybody_who_was_in_time() -> None:
    """CON-017: after a decision a replica waits for late precommits; with all in time it does not wait."""
    world = SmallWorld()
    world.begin()
    world.run_until(3)
    assert all(all(record.certificate.seats) for _, record in world.commits)
    assert world.now_ms < world.settings.timing.commit_ms
    world = SmallWorld()
    world.begin(0, 1, 2)
    world.run_until(3)
    assert all(record.certificate.seats == (True, True, True, False) for _, record in world.commits)


class WatchedJournal(MemoryJournal):
    """Knows whether anything is pending."""

    @property
    def pending(self) -> bool:
        return bool(self._pending)


def test_nothing_of_its_own_leaves_before_the_journal_is_durable() -> None:
    """CON-017: when a replica says something new about a height, no accepted input of it is only in memory."""
    world = SmallWorld()
    journals = [WatchedJournal() for _ in range(4)]
    world.journals = list(journals)
    said: set[Message] = set()
    post = world.post

    def watched(sender: int, receiver: int, message: Message) -> None:
        own = isinstance(message, SignedVote) and message.voter == sender
        if (own or isinstance(message, ProposalMessage)) and message not in said:
            said.add(message)
            assert not journals[sender].pending
        post(sender, receiver, message)

    world.post = watched  # type: ignore[method-assign]
    world.begin()
    world.run_until(5)
    assert len(said) > 5 * 8


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("syncs", range(1, 10))
def test_a_crash_at_any_sync_is_survived(syncs: int, before: bool) -> None:
    """CON-017: stopped on either side of any sync, with or without torn records, a replica contradicts nobody."""
    for survivors in (0, 1):
        restarts = tuple(Restart(0, identity, 50, survivors, syncs, before) for identity in range(4))
        scenario = Scenario(
            seed=syncs,
            weights=(1, 1, 1, 1),
            crashed=frozenset(),
            liars=frozenset(),
            loss_percent=0,
            hole_percent=0,
            repeat_percent=0,
            latency_ms=(1, 1),
            partitions=(),
            restarts=restarts,
            heal_ms=0,
        )
        outcome = SimulatedWorld(scenario).run(4)
        assert outcome.findings == ()


def test_it_never_signs_a_contradiction() -> None:
    """CON-017: a step that asks for two different votes of one kind and view meets a broken invariant instead."""

    def twice(state: ConsensusState, event: Input) -> Progress:
        after, outputs = step(state, event)
        votes = [output.vote for output in outputs if isinstance(output, SignVote)]
        other = bytes([1]) * 32
        return after, (*outputs, *(SignVote(replace(vote, block_root=other)) for vote in votes))

    world = SmallWorld()
    world.begin(rules=twice)
    with pytest.raises(InvariantError, match="asked to sign"):
        world.run_until(1)


def test_it_refuses_a_journal_beyond_its_ledger() -> None:
    """CON-017: votes of a height that the ledger has not reached mean that the ledger was lost."""
    world = SmallWorld()
    world.journals[2].append(encode_record(HeightBegun(5)))
    world.begin()
    with pytest.raises(InvariantError, match="journal of height 5"):
        world.run_until(1)


def test_what_does_not_recompute_gets_no_vote() -> None:
    """CON-009: a replica whose own execution says no prevotes nil, and the block is not decided by the others."""
    world = SmallWorld()
    said: list[SignedVote] = []
    post = world.post

    def watched(sender: int, receiver: int, message: Message) -> None:
        if isinstance(message, SignedVote) and message.voter == sender:
            said.append(message)
        post(sender, receiver, message)

    world.post = watched  # type: ignore[method-assign]

    def refuse(block: Block) -> bool:
        return False

    for ledger in world.ledgers[:2]:
        ledger.validate = refuse  # type: ignore[method-assign]
    world.begin()
    with pytest.raises(InvariantError, match="no progress"):
        world.run_until(1, limit_ms=5000)
    assert {signed.vote.block_root for signed in said if signed.voter in (0, 1)} == {NIL}
    assert any(signed.vote.block_root != NIL for signed in said if signed.voter in (2, 3))


def test_a_latecomer_catches_up() -> None:
    """CON-018: a replica that was away asks for records, verifies them and takes part again."""
    world = SmallWorld()
    world.begin(0, 1, 2)
    world.run_until(12)
    world.begin(3)
    world.run_until(30)
    chains = heads(world)
    assert chains[3][:30] == chains[0][:30]
    assert any(record.certificate.seats[3] for _, record in world.commits)


def test_records_are_believed_by_their_proof_alone() -> None:
    """CON-018: a changed certificate or body of a record is refused, whoever sends it."""
    world = SmallWorld()
    world.begin(0, 1, 2)
    world.run_until(2)
    good = world.ledgers[0].records[0]
    weak = replace(good, certificate=replace(good.certificate, seats=(True, True, False, False)))
    forged = replace(good, certificate=replace(good.certificate, signature=bytes(96)))
    hollow = LedgerRecord(replace(good.block, body=replace(good.block.body, reveal=bytes(96))), good.certificate)
    (late,) = world.begin(3)
    for identity in (0, 1, 2):
        world.stop(identity)
    while late.state is None:
        world.advance()
    for record in (weak, forged, hollow):
        late.on_message(0, record)
        assert late.height == 1
    assert late.refusals == {Code.CERTIFICATE_QUORUM: 1, Code.CERTIFICATE_SIGNATURE: 1, Code.PROPOSAL_BLOCK: 1}
    late.on_message(0, good)
    assert late.height == 2


def test_strangers_and_liars_are_counted_and_ignored() -> None:
    """CON-017: a vote without a seat, of an unknown kind or with a false signature reaches no state."""
    world = SmallWorld()
    (replica,) = world.begin(0)
    while replica.state is None:
        world.advance()
    before = replica.state
    vote = Vote(PREVOTE, 1, 0, NIL)
    signature = SimulatedSigner(1).sign(vote_message(vote, DOMAINS))
    replica.on_message(1, SignedVote(vote, 9, signature))
    replica.on_message(1, SignedVote(replace(vote, kind=7), 1, signature))
    replica.on_message(1, SignedVote(vote, 2, signature))
    assert replica.refusals == {Code.VOTE_SEAT: 1, Code.VOTE_KIND: 1, Code.VOTE_SIGNATURE: 1}
    assert replica.state is before
    replica.on_message(1, SignedVote(vote, 1, signature))
    assert replica.state is not before


def test_a_peer_cannot_fill_the_memory() -> None:
    """CON-018: what is kept for the next height is bounded for each peer."""
    world = SmallWorld()
    (replica,) = world.begin(0)
    while replica.state is None:
        world.advance()
    for view in range(3 * BUFFER_PER_SENDER):
        replica.on_message(1, SignedVote(Vote(PREVOTE, 2, view, NIL), 1, bytes(96)))
    assert len(replica._buffer) == BUFFER_PER_SENDER


def test_the_journal_is_empty_of_the_past() -> None:
    """CON-017: a committed height leaves nothing in the journal but the beginning of the next."""
    world = SmallWorld()
    world.begin()
    world.run_until(2)
    assert all(len(journal.records()) < 30 for journal in world.journals)
    assert isinstance(CrashingJournal(0), MemoryJournal)
