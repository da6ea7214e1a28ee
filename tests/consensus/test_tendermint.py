"""The step (CON-014, CON-015). Whole heights are vectors; here is what must hold for any inputs in any order."""

from __future__ import annotations

import pytest
from bcfl_ref.consensus.proposer import proposer_at
from bcfl_ref.consensus.quorum import is_quorum, seats_of
from bcfl_ref.consensus.scheme import PRECOMMIT, PREVOTE
from bcfl_ref.consensus.state import (
    DECIDED,
    NO_VIEW,
    RETRANSMIT,
    BuildBlock,
    Certified,
    ConsensusState,
    Decide,
    Evidence,
    Input,
    Output,
    Proposed,
    Resend,
    SetTimeout,
    SignVote,
    TimedOut,
    Validated,
    Voted,
)
from bcfl_ref.consensus.tendermint import start_height, step, tally_of
from bcfl_ref.consensus.votes import NIL
from bcfl_ref.encoding import decode, encode, hash_tree_root, int64_to_word, word_to_int64
from bcfl_ref.errors import SpecError
from bcfl_ref.types import Certificate, Proposal, SignedProposal, SignedVote, Vote
from consensus.voters import EPOCH_HEIGHTS, FOUR, HEIGHT, A, B
from hypothesis import given, settings
from hypothesis import strategies as st

ROOTS = (A, B, NIL)
VIEWS = range(4)


def vote_of(kind: int, view: int, root: bytes, voter: int) -> Voted:
    return Voted(SignedVote(Vote(kind, HEIGHT, view, root), voter, bytes([voter]) * 96))


def proposal_of(view: int, root: bytes, valid_view: int = -1) -> Proposed:
    proposer = proposer_at(FOUR, HEIGHT, view, EPOCH_HEIGHTS)
    proposal = Proposal(HEIGHT, view, int64_to_word(valid_view), root)
    return Proposed(SignedProposal(proposal, proposer, bytes(96)))


votes = st.builds(vote_of, st.integers(1, 2), st.sampled_from(VIEWS), st.sampled_from(ROOTS), st.integers(0, 3))
proposals = st.builds(proposal_of, st.sampled_from(VIEWS), st.sampled_from((A, B)), st.integers(-1, 2))
verdicts = st.builds(Validated, st.sampled_from((A, B)), st.booleans())
timeouts = st.builds(TimedOut, st.sampled_from(VIEWS), st.sampled_from((1, 2, 3, 5)))


def _view(view: int, root: bytes, valid_view: int, liar: bytes) -> list[Input]:
    """Most of a view: its proposal, the verdict, two prevotes and two precommits of others, and a liar's two."""
    events: list[Input] = [proposal_of(view, root, min(valid_view, view - 1)), Validated(root, True)]
    events += [vote_of(PREVOTE, view, root, voter) for voter in (1, 2)] + [vote_of(PREVOTE, view, liar, 3)]
    events += [vote_of(PRECOMMIT, view, NIL, 1), vote_of(PRECOMMIT, view, root, 2), vote_of(PRECOMMIT, view, liar, 3)]
    return [*events, TimedOut(view, 3)]


chunks = st.one_of(
    st.one_of(votes, votes, proposals, verdicts, timeouts).map(lambda event: [event]),
    st.builds(_view, st.sampled_from(VIEWS), st.sampled_from((A, B)), st.integers(-1, 2), st.sampled_from(ROOTS)),
)
inputs = st.lists(chunks, max_size=24).map(lambda lists: [event for events in lists for event in events])


def play(events: list[Input], me: int = 0) -> list[tuple[ConsensusState, ConsensusState, tuple[Output, ...]]]:
    """Every accepted step: the state before, the state after, and the outputs; own votes are fed back at once."""
    state, outputs = start_height(FOUR, EPOCH_HEIGHTS, HEIGHT, me)
    history = [(state, state, outputs)]
    queue = list(events)
    while queue:
        event = queue.pop(0)
        try:
            after, outputs = step(state, event)
        except SpecError:
            continue
        history.append((state, after, outputs))
        state = after
        own = [vote_of(o.vote.kind, o.vote.view, o.vote.block_root, me) for o in outputs if isinstance(o, SignVote)]
        queue = [*own, *queue]
    return history


@settings(deadline=None, max_examples=80)
@given(inputs)
def test_step_never_contradicts_itself(events: list[Input]) -> None:
    """Whatever arrives: one vote for a kind and view, views only grow, and every vote has its reason."""
    said: dict[tuple[int, int], bytes] = {}
    for before, after, outputs in play(events):
        assert after.view >= before.view
        assert word_to_int64(after.locked_view) <= word_to_int64(after.valid_view)
        assert (after.locked_root == NIL) == (after.locked_view == NO_VIEW)
        for output in outputs:
            if not isinstance(output, SignVote):
                continue
            vote = output.vote
            assert said.setdefault((vote.kind, vote.view), vote.block_root) == vote.block_root
            if vote.block_root == NIL:
                continue
            assert any(verdict.valid and verdict.block_root == vote.block_root for verdict in after.verdicts)
            if vote.kind == PRECOMMIT:
                assert tally_of(after).quorum(PREVOTE, vote.view, vote.block_root)
                assert (after.locked_view, after.locked_root) == (vote.view, vote.block_root)


@settings(deadline=None, max_examples=80)
@given(inputs)
def test_step_decides_by_a_quorum_and_once(events: list[Input]) -> None:
    """A decision has a quorum of precommits for a block in one view, and nothing follows it but late precommits."""
    history = play(events)
    decisions = [output for _, _, outputs in history for output in outputs if isinstance(output, Decide)]
    assert len(decisions) <= 1
    last = history[-1][1]
    if decisions:
        decided = decisions[0]
        voters = {
            signed.voter
            for signed in last.votes
            if signed.vote == Vote(PRECOMMIT, HEIGHT, decided.view, decided.block_root)
        }
        assert is_quorum(sum(seats_of(FOUR)[voter] for voter in voters), 4)
        assert last.phase == DECIDED and decided.block_root != NIL


@settings(deadline=None, max_examples=30)
@given(inputs)
def test_a_state_is_its_encoding_and_a_repeated_message_changes_nothing(events: list[Input]) -> None:
    """Each state survives its canonical bytes; a message taken in twice leaves root and network alone."""
    history = play(events)
    last = history[-1][1]
    assert decode(ConsensusState, encode(last)) == last
    for event in events:
        if isinstance(event, Voted) and event.signed in last.votes and last.phase != DECIDED:
            again, outputs = step(last, event)
            assert again == last and outputs == () and hash_tree_root(again) == hash_tree_root(last)


def test_resend_carries_the_proof_of_the_lock() -> None:
    """After a lock the retransmission includes the quorum of prevotes behind it, in any later view."""
    events: list[Input] = [proposal_of(0, A), Validated(A, True), *(vote_of(PREVOTE, 0, A, v) for v in (1, 2))]
    events += [vote_of(PRECOMMIT, 0, NIL, v) for v in (1, 2)] + [TimedOut(0, 3), TimedOut(1, RETRANSMIT)]
    resent = [output for _, _, outputs in play(events) for output in outputs if isinstance(output, Resend)]
    proof = {signed.voter for signed in resent[-1].votes if signed.vote == Vote(PREVOTE, HEIGHT, 0, A)}
    assert proof == {0, 1, 2}


def test_a_liar_cannot_fill_the_memory() -> None:
    """Of one voter's contradictions only those for nil or for known blocks are kept, and one is reported."""
    events: list[Input] = [proposal_of(0, A)]
    events += [vote_of(PREVOTE, 0, bytes([number]) * 32, 3) for number in range(1, 200)]
    events += [vote_of(PREVOTE, 0, A, 3), vote_of(PREVOTE, 0, NIL, 3)]
    history = play(events)
    kept = [signed for signed in history[-1][1].votes if signed.voter == 3]
    assert {signed.vote.block_root for signed in kept} == {bytes([1]) * 32, A, NIL}
    assert sum(isinstance(output, Evidence) for _, _, outputs in history for output in outputs) == 1


def test_a_single_validator_decides_alone() -> None:
    """With one seat a quorum is oneself."""
    alone = type(FOUR)(0, bytes(32), FOUR.seats[:1])
    state, outputs = start_height(alone, EPOCH_HEIGHTS, HEIGHT, 0)
    assert outputs == (BuildBlock(0), SetTimeout(0, 1), SetTimeout(0, RETRANSMIT))
    signed = SignedProposal(Proposal(HEIGHT, 0, NO_VIEW, A), 0, bytes(96))
    state, _ = step(state, Proposed(signed))
    state, _ = step(state, Validated(A, True))
    state, _ = step(state, vote_of(PREVOTE, 0, A, 0))
    state, outputs = step(state, vote_of(PRECOMMIT, 0, A, 0))
    assert outputs == (Decide(0, A),)


def test_a_certificate_ends_a_height_that_has_seen_nothing() -> None:
    """What a quorum decided is decided for those, too, who were away."""
    state, _ = start_height(FOUR, EPOCH_HEIGHTS, HEIGHT, 0)
    proof = Certificate(HEIGHT, 7, B, (True, True, False, True), bytes(96))
    after, outputs = step(state, Certified(proof))
    assert outputs == (Decide(7, B),) and after.phase == DECIDED
    for event in (proposal_of(0, A), Certified(proof), TimedOut(0, 1), vote_of(PREVOTE, 7, B, 1)):
        with pytest.raises(SpecError):
            step(after, event)
