"""Three honest validators and a liar under a scheduler that may deliver anything at any time, or never.

No clock, no driver: pure steps. It explores what a timed network hardly ever does, and finds a missing lock fast.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from bcfl_ref.consensus.proposer import proposer_at
from bcfl_ref.consensus.scheme import PRECOMMIT, PREVOTE
from bcfl_ref.consensus.state import (
    DECIDED,
    NO_VIEW,
    BuildBlock,
    ConsensusState,
    Decide,
    Input,
    Output,
    Proposed,
    SetTimeout,
    SignProposal,
    SignVote,
    TimedOut,
    Validate,
    Validated,
    Voted,
)
from bcfl_ref.consensus.tendermint import Progress, start_height
from bcfl_ref.consensus.votes import NIL
from bcfl_ref.errors import SpecError
from bcfl_ref.types import Proposal, SignedProposal, SignedVote, Vote
from consensus.voters import EPOCH_HEIGHTS, FOUR, HEIGHT

VIEWS_MAX = 6


class Schedule:
    """One history: `decisions` holds what each honest validator decided."""

    def __init__(self, seed: int, step: Callable[[ConsensusState, Input], Progress]) -> None:
        self.rng = Random(seed)
        self.step = step
        self.pending: list[tuple[int, Input]] = []
        self.timeouts: list[tuple[int, TimedOut]] = []
        self.roots: list[bytes] = [NIL]
        self.decisions: dict[int, bytes] = {}
        self.said: dict[tuple[int, int, int], bytes] = {}
        self.states: dict[int, ConsensusState] = {}
        self.loss = self.rng.choice((0.2, 0.35, 0.5))
        self.liar = self.rng.randrange(4)
        self.honest = [identity for identity in range(4) if identity != self.liar]
        for me in self.honest:
            self.states[me], outputs = start_height(FOUR, EPOCH_HEIGHTS, HEIGHT, me)
            self._act(me, outputs)

    def run(self, actions: int) -> None:
        """Let that many things happen."""
        for _ in range(actions):
            choice = self.rng.random()
            if choice < 0.5 and self.pending:
                self.give(*self.pending.pop(self.rng.randrange(len(self.pending))))
            elif choice < 0.65 and self.timeouts:
                receiver, timeout = self.timeouts.pop(self.rng.randrange(len(self.timeouts)))
                self.give(receiver, timeout)
            else:
                self._lie()

    def give(self, me: int, event: Input) -> None:
        """One input for one validator; refusals change nothing."""
        try:
            self.states[me], outputs = self.step(self.states[me], event)
        except SpecError:
            return
        self._act(me, outputs)

    def _act(self, me: int, outputs: tuple[Output, ...]) -> None:
        for output in outputs:
            match output:
                case BuildBlock(view):
                    self._propose(me, Proposal(HEIGHT, view, NO_VIEW, bytes([16 * me + view + 1]) * 32))
                case SignProposal(proposal):
                    self._propose(me, proposal)
                case SignVote(vote):
                    slot = (me, vote.kind, vote.view)
                    if self.said.setdefault(slot, vote.block_root) != vote.block_root:
                        raise AssertionError(f"validator {me} contradicts itself in view {vote.view}")
                    self._spread(me, Voted(SignedVote(vote, me, bytes(96))))
                case SetTimeout(view, phase) if phase < DECIDED and view < VIEWS_MAX:
                    self.timeouts.append((me, TimedOut(view, phase)))
                case Validate(root):
                    self.give(me, Validated(root, True))
                case Decide(_, root):
                    self.decisions[me] = root

    def _propose(self, me: int, proposal: Proposal) -> None:
        self._spread(me, Proposed(SignedProposal(proposal, me, bytes(96))))

    def _spread(self, me: int, event: Input) -> None:
        if isinstance(event, Proposed) and event.signed.proposal.block_root not in self.roots:
            self.roots.append(event.signed.proposal.block_root)
        self.give(me, event)
        self.pending += [(other, event) for other in self.honest if other != me and not self._deaf(other, event)]

    def _deaf(self, receiver: int, event: Input) -> bool:
        """Some never hear a vote, so that few know what was nearly decided, and the liar tips the balance."""
        return isinstance(event, Voted) and event.signed.voter != receiver and self.rng.random() < self.loss

    def _lie(self) -> None:
        """A vote for anything in the receiver's view, or a proposal of a new or an old block."""
        receiver = self.rng.choice(self.honest)
        view = self.states[receiver].view
        here = [p.proposal.block_root for p in self.states[receiver].proposals if p.proposal.view == view]
        root = self.rng.choice([*here, *here, NIL, NIL, self.rng.choice(self.roots)])
        if proposer_at(FOUR, HEIGHT, view, EPOCH_HEIGHTS) == self.liar and self.rng.random() < 0.4:
            valid_view = self.rng.choice([NO_VIEW, *range(view)])
            fresh = bytes([200 + self.rng.randrange(3)]) * 32
            block = fresh if root == NIL else root
            if block not in self.roots:
                self.roots.append(block)
            proposal = Proposal(HEIGHT, view, valid_view, block)
            self.give(receiver, Proposed(SignedProposal(proposal, self.liar, bytes(96))))
            return
        vote = Vote(self.rng.choice((PREVOTE, PRECOMMIT)), HEIGHT, view, root)
        self.give(receiver, Voted(SignedVote(vote, self.liar, bytes(96))))


def forks(seeds: range, step: Callable[[ConsensusState, Input], Progress], actions: int = 250) -> list[int]:
    """The seeds whose honest validators decided different blocks."""
    found = []
    for seed in seeds:
        schedule = Schedule(seed, step)
        schedule.run(actions)
        if len(set(schedule.decisions.values())) > 1:
            found.append(seed)
    return found
