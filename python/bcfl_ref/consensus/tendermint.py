"""Tendermint as a pure function: `step(state, input) -> (state', outputs)` for one height (CON-014, CON-015).

Source: Buchman, Kwon, Milosevic, "The latest gossip on BFT consensus" (2018), algorithm 1; the line numbers in
the rules are theirs. Three things differ, each because messages get lost and voters lie here. Everything that
matters is sent again on a timer, including the prevotes that justify a lock. A second, contradicting vote of one
voter is evidence and still counts for its own block, so that a proof of lock convinces those whom a liar told
something else (a quorum for one block holds more than a third of honest seats either way). And messages of
different higher views count together when they make a validator jump.

Signing is outside. The driver makes the returned state durable before any output leaves, signs what it is asked
to sign, and feeds its own messages back like everybody's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ..encoding import int64_to_word, word_to_int64
from ..errors import Code, SpecError
from ..types import Committee, Proposal, SignedProposal, SignedVote, Vote
from .certificate import check_certificate
from .evidence import make_equivocation
from .proposer import proposer_at
from .quorum import is_blocking, is_quorum, seats_of
from .scheme import PRECOMMIT, PREVOTE
from .state import (
    DECIDED,
    NO_VIEW,
    PRECOMMITTING,
    PREVOTING,
    PROPOSE,
    RETRANSMIT,
    VIEWS_AHEAD_MAX,
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
    SignProposal,
    SignVote,
    TimedOut,
    Validate,
    Validated,
    Verdict,
    Voted,
)
from .votes import NIL, check_proposal, check_vote

Progress = tuple[ConsensusState, tuple[Output, ...]]


@dataclass(frozen=True)
class Tally:
    """CON-006: The seats behind each vote of a state."""

    seats: dict[int, int]
    total: int
    for_root: dict[tuple[int, int, bytes], int]
    for_any: dict[tuple[int, int], int]

    def quorum(self, kind: int, view: int, root: bytes) -> bool:
        """CON-006: More than two thirds voted `root` in this view."""
        return is_quorum(self.for_root.get((kind, view, root), 0), self.total)

    def quorum_any(self, kind: int, view: int) -> bool:
        """CON-006: More than two thirds voted anything in this view, each voter counted once."""
        return is_quorum(self.for_any.get((kind, view), 0), self.total)


def tally_of(state: ConsensusState) -> Tally:
    """CON-006: Count the votes of a state by seats."""
    seats = seats_of(state.committee)
    for_root: dict[tuple[int, int, bytes], int] = {}
    for_any: dict[tuple[int, int], int] = {}
    previous = None
    for signed in state.votes:
        vote, weight = signed.vote, seats[signed.voter]
        root_key, any_key = (vote.kind, vote.view, vote.block_root), (vote.kind, vote.view)
        for_root[root_key] = for_root.get(root_key, 0) + weight
        if previous != (any_key, signed.voter):
            for_any[any_key] = for_any.get(any_key, 0) + weight
        previous = (any_key, signed.voter)
    return Tally(seats, len(state.committee.seats), for_root, for_any)


# ---------------------------------------------------------------------------------------------------------
# The beginning of a height and of a view


def start_height(committee: Committee, epoch_heights: int, height: int, me: int) -> Progress:
    """CON-014: The state in which `me` begins a height, in view 0. Errors: those of `proposer_at`."""
    state = ConsensusState(
        committee=committee,
        epoch_heights=epoch_heights,
        height=height,
        me=me,
        view=0,
        phase=PROPOSE,
        locked_view=NO_VIEW,
        locked_root=NIL,
        valid_view=NO_VIEW,
        valid_root=NIL,
        timers=(False, False),
        proposals=(),
        verdicts=(),
        votes=(),
        offenders=(),
        decided_view=0,
        decided_root=NIL,
    )
    return _enter_view(state, 0)


def _enter_view(state: ConsensusState, view: int) -> Progress:
    """CON-014 (lines 11 to 21): Begin a view; its proposer proposes the valid block, or asks for a new one."""
    proposer = proposer_at(state.committee, state.height, view, state.epoch_heights)
    entered = replace(state, view=view, phase=PROPOSE, timers=(False, False))
    outputs: list[Output] = []
    if proposer == state.me:
        if state.valid_view == NO_VIEW:
            outputs.append(BuildBlock(view))
        else:
            outputs.append(SignProposal(Proposal(state.height, view, state.valid_view, state.valid_root)))
    outputs += [SetTimeout(view, PROPOSE), SetTimeout(view, RETRANSMIT)]
    return entered, tuple(outputs)


def _cast(state: ConsensusState, kind: int, root: bytes) -> Progress:
    """CON-014: Vote and move to the phase after; who holds no seat moves in silence."""
    moved = replace(state, phase=PREVOTING if kind == PREVOTE else PRECOMMITTING)
    if all(seat.identity != state.me for seat in state.committee.seats):
        return moved, ()
    return moved, (SignVote(Vote(kind, state.height, state.view, root)),)


# ---------------------------------------------------------------------------------------------------------
# Taking in one input


def _take_proposal(state: ConsensusState, signed: SignedProposal) -> Progress:
    """CON-014: Remember a proposal; its block is to be validated once.

    Errors, in order: those of `check_proposal`; HEIGHT_DECIDED; VIEW_AHEAD when more than 64 views ahead;
    PROPOSAL_CONFLICT when this view has another one.
    """
    check_proposal(signed, state.committee, state.height, state.epoch_heights)
    proposal = signed.proposal
    if state.phase == DECIDED:
        raise SpecError(Code.HEIGHT_DECIDED, f"height {state.height}")
    _check_ahead(state, proposal.view)
    known = _proposal_of(state, proposal.view)  # its signature may be another: the same Proposal is the same
    if known is not None:
        if known.proposal != proposal:
            raise SpecError(Code.PROPOSAL_CONFLICT, f"view {proposal.view} has another proposal")
        return state, ()
    asked = any(other.proposal.block_root == proposal.block_root for other in state.proposals)
    proposals = sorted((*state.proposals, signed), key=lambda item: item.proposal.view)
    outputs = () if asked else (Validate(proposal.block_root),)
    return replace(state, proposals=tuple(proposals)), outputs


def _take_vote(state: ConsensusState, signed: SignedVote) -> Progress:
    """CON-014, CON-016: Remember a vote; a contradiction is evidence and counts only for a known block.

    Errors, in order: those of `check_vote`; HEIGHT_DECIDED unless it is a precommit for what was decided;
    VIEW_AHEAD when more than 64 views ahead, which a precommit for what was decided may be.
    """
    check_vote(signed, state.committee, state.height)
    vote = signed.vote
    decided = Vote(PRECOMMIT, state.height, state.decided_view, state.decided_root)
    if state.phase == DECIDED and vote != decided:
        raise SpecError(Code.HEIGHT_DECIDED, f"height {state.height}")
    if state.phase != DECIDED:
        _check_ahead(state, vote.view)
    rivals = [other for other in state.votes if _slot(other) == _slot(signed)]
    if any(other.vote == vote for other in rivals):
        return state, ()
    outputs: tuple[Output, ...] = ()
    if rivals and signed.voter not in state.offenders:
        offenders = tuple(sorted((*state.offenders, signed.voter)))
        state = replace(state, offenders=offenders)
        outputs = (Evidence(make_equivocation(rivals[0], signed)),)
    if rivals and not _known(state, vote.block_root):
        return state, outputs
    return replace(state, votes=tuple(sorted((*state.votes, signed), key=_order))), outputs


def _take_verdict(state: ConsensusState, verdict: Validated) -> Progress:
    """CON-014: Remember what the application says of a proposed block.

    Errors, in order: HEIGHT_DECIDED; VERDICT_UNKNOWN for a block nobody proposed; VERDICT_REPEATED.
    """
    if state.phase == DECIDED:
        raise SpecError(Code.HEIGHT_DECIDED, f"height {state.height}")
    if all(signed.proposal.block_root != verdict.block_root for signed in state.proposals):
        raise SpecError(Code.VERDICT_UNKNOWN, verdict.block_root.hex())
    if _verdict(state, verdict.block_root) is not None:
        raise SpecError(Code.VERDICT_REPEATED, verdict.block_root.hex())
    verdicts = (*state.verdicts, Verdict(verdict.block_root, verdict.valid))
    return replace(state, verdicts=tuple(sorted(verdicts, key=lambda item: item.block_root))), ()


def _take_timeout(state: ConsensusState, timeout: TimedOut) -> Progress:
    """CON-014 (lines 57 to 67): Give up waiting; or send everything that matters again.

    Errors, in order: HEIGHT_DECIDED; TIMEOUT_STALE unless it is of this view and phase. The precommit time-out
    and the retransmission count in every phase of their view.
    """
    if state.phase == DECIDED:
        raise SpecError(Code.HEIGHT_DECIDED, f"height {state.height}")
    lasting = timeout.phase in (PRECOMMITTING, RETRANSMIT)
    if timeout.view != state.view or not (lasting or timeout.phase == state.phase):
        raise SpecError(Code.TIMEOUT_STALE, f"view {timeout.view}, phase {timeout.phase}")
    if timeout.phase == PROPOSE:
        return _cast(state, PREVOTE, NIL)
    if timeout.phase == PREVOTING:
        return _cast(state, PRECOMMIT, NIL)
    if timeout.phase == PRECOMMITTING:
        return _enter_view(state, state.view + 1)
    return state, (_resend(state), SetTimeout(state.view, RETRANSMIT))


def _take_certificate(state: ConsensusState, certified: Certified) -> Progress:
    """CON-015: A certificate decides, whatever the phase.

    Errors, in order: those of `check_certificate` for this height and any block; HEIGHT_DECIDED.
    """
    certificate = certified.certificate
    check_certificate(certificate, state.height, certificate.block_root, state.committee)
    if state.phase == DECIDED:
        raise SpecError(Code.HEIGHT_DECIDED, f"height {state.height}")
    return _decide(state, certificate.view, certificate.block_root)


def _take(state: ConsensusState, event: Input) -> Progress:
    match event:
        case Proposed():
            return _take_proposal(state, event.signed)
        case Voted():
            return _take_vote(state, event.signed)
        case Validated():
            return _take_verdict(state, event)
        case TimedOut():
            return _take_timeout(state, event)
        case Certified():
            return _take_certificate(state, event)


# ---------------------------------------------------------------------------------------------------------
# Rules: each fires at most once until something changes, in this order


def _rule_decide(state: ConsensusState, tally: Tally) -> Progress | None:
    """CON-015 (line 49): A quorum of precommits for one block in any view decides."""
    for kind, view, root in sorted(tally.for_root):
        if kind == PRECOMMIT and root != NIL and tally.quorum(kind, view, root):
            return _decide(state, view, root)
    return None


def _rule_jump(state: ConsensusState, tally: Tally) -> Progress | None:
    """CON-014 (line 55): Follow to the highest view that more than a third of the seats reached or passed."""
    highest: dict[int, int] = {}
    for signed in state.votes:
        highest[signed.voter] = max(signed.vote.view, highest.get(signed.voter, 0))
    for proposed in state.proposals:
        highest[proposed.proposer] = max(proposed.proposal.view, highest.get(proposed.proposer, 0))
    seats = 0
    for view, voter in sorted(((view, voter) for voter, view in highest.items()), reverse=True):
        if view <= state.view:
            return None
        seats += tally.seats[voter]
        if is_blocking(seats, tally.total):
            return _enter_view(state, view)
    return None


def _rule_prevote(state: ConsensusState, tally: Tally) -> Progress | None:
    """CON-014 (lines 22 and 28): Prevote the proposal if it is valid and the lock allows it, else nil."""
    signed = _proposal_of(state, state.view)
    if state.phase != PROPOSE or signed is None:
        return None
    root, valid_view = signed.proposal.block_root, word_to_int64(signed.proposal.valid_view)
    if valid_view >= 0 and not tally.quorum(PREVOTE, valid_view, root):
        return None
    verdict = _verdict(state, root)
    if verdict is None:
        return None
    free = word_to_int64(state.locked_view) <= valid_view or state.locked_root == root
    return _cast(state, PREVOTE, root if verdict and free else NIL)


def _rule_lock(state: ConsensusState, tally: Tally) -> Progress | None:
    """CON-014 (line 36): A quorum of prevotes for a valid proposal makes it the valid block, and locks in time."""
    signed = _proposal_of(state, state.view)
    if state.phase not in (PREVOTING, PRECOMMITTING) or signed is None or state.valid_view == state.view:
        return None
    root = signed.proposal.block_root
    if not tally.quorum(PREVOTE, state.view, root) or not _verdict(state, root):
        return None
    view = int64_to_word(state.view)
    state = replace(state, valid_view=view, valid_root=root)
    if state.phase == PRECOMMITTING:
        return state, ()
    return _cast(replace(state, locked_view=view, locked_root=root), PRECOMMIT, root)


def _rule_precommit_nil(state: ConsensusState, tally: Tally) -> Progress | None:
    """CON-014 (line 44): A quorum of nil prevotes ends the view."""
    if state.phase != PREVOTING or not tally.quorum(PREVOTE, state.view, NIL):
        return None
    return _cast(state, PRECOMMIT, NIL)


def _rule_prevote_timer(state: ConsensusState, tally: Tally) -> Progress | None:
    """CON-014 (line 34): Once a quorum prevoted anything, wait only so long for agreement."""
    if state.phase != PREVOTING or state.timers[0] or not tally.quorum_any(PREVOTE, state.view):
        return None
    return replace(state, timers=(True, state.timers[1])), (SetTimeout(state.view, PREVOTING),)


def _rule_precommit_timer(state: ConsensusState, tally: Tally) -> Progress | None:
    """CON-014 (line 47): Once a quorum precommitted anything, wait only so long for a decision."""
    if state.timers[1] or not tally.quorum_any(PRECOMMIT, state.view):
        return None
    return replace(state, timers=(state.timers[0], True)), (SetTimeout(state.view, PRECOMMITTING),)


RULES: tuple[Callable[[ConsensusState, Tally], Progress | None], ...] = (
    _rule_decide,
    _rule_jump,
    _rule_prevote,
    _rule_lock,
    _rule_precommit_nil,
    _rule_prevote_timer,
    _rule_precommit_timer,
)


def step(state: ConsensusState, event: Input, count: Callable[[ConsensusState], Tally] = tally_of) -> Progress:
    """CON-014: Take in one input, then apply the first rule that fires until none does.

    A refused input raises SpecError and there is no new state. Errors: those of the input's kind, see above.
    `count` is a seam for broken variants with which the simulator shows that its checkers bite.
    """
    state, outputs = _take(state, event)
    tally = count(state)
    while state.phase != DECIDED:
        for rule in RULES:
            progress = rule(state, tally)
            if progress is not None:
                state, more = progress
                outputs += more
                break
        else:
            break
    return state, outputs


# ---------------------------------------------------------------------------------------------------------
# Leaves


def _decide(state: ConsensusState, view: int, root: bytes) -> Progress:
    return replace(state, phase=DECIDED, decided_view=view, decided_root=root), (Decide(view, root),)


def _resend(state: ConsensusState) -> Resend:
    """CON-014: Own proposal and votes of this view, own votes of the last one, and the prevotes behind the lock."""
    proposals = tuple(
        signed for signed in state.proposals if signed.proposer == state.me and signed.proposal.view == state.view
    )
    votes = tuple(
        signed
        for signed in state.votes
        if (signed.voter == state.me and state.view - 1 <= signed.vote.view <= state.view)
        or _proves_lock(state, signed.vote)
    )
    return Resend(proposals, votes)


def _proves_lock(state: ConsensusState, vote: Vote) -> bool:
    return vote.kind == PREVOTE and vote.view == state.valid_view and vote.block_root == state.valid_root


def _check_ahead(state: ConsensusState, view: int) -> None:
    if view > state.view + VIEWS_AHEAD_MAX:
        raise SpecError(Code.VIEW_AHEAD, f"view {view}, now {state.view}")


def _proposal_of(state: ConsensusState, view: int) -> SignedProposal | None:
    return next((signed for signed in state.proposals if signed.proposal.view == view), None)


def _verdict(state: ConsensusState, root: bytes) -> bool | None:
    return next((verdict.valid for verdict in state.verdicts if verdict.block_root == root), None)


def _known(state: ConsensusState, root: bytes) -> bool:
    return root == NIL or any(signed.proposal.block_root == root for signed in state.proposals)


def _slot(signed: SignedVote) -> tuple[int, int, int]:
    return signed.vote.kind, signed.vote.view, signed.voter


def _order(signed: SignedVote) -> tuple[int, int, int, bytes]:
    return signed.vote.kind, signed.vote.view, signed.voter, signed.vote.block_root
