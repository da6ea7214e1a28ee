"""Deliberately broken consensus, one bug each: the simulator is only worth something if it finds them (CON-017)."""

from __future__ import annotations

from dataclasses import replace

from ..consensus.quorum import is_blocking
from ..consensus.state import NO_VIEW, ConsensusState, Input
from ..consensus.tendermint import Progress, Tally, step, tally_of
from ..consensus.votes import NIL


def step_without_lock(state: ConsensusState, event: Input) -> Progress:
    """CON-017: Forgets what it locked and what was valid, so that a later view may decide something else."""
    after, outputs = step(state, event)
    return replace(after, locked_view=NO_VIEW, locked_root=NIL, valid_view=NO_VIEW, valid_root=NIL), outputs


class _SmallTally(Tally):
    def quorum(self, kind: int, view: int, root: bytes) -> bool:
        """CON-006: A third is taken for two thirds."""
        return is_blocking(self.for_root.get((kind, view, root), 0), self.total)


def _count_small(state: ConsensusState) -> Tally:
    tally = tally_of(state)
    return _SmallTally(tally.seats, tally.total, tally.for_root, tally.for_any)


def step_with_small_quorum(state: ConsensusState, event: Input) -> Progress:
    """CON-006: Takes more than one third of the seats for a quorum."""
    return step(state, event, _count_small)


def step_without_retransmission(state: ConsensusState, event: Input) -> Progress:
    """CON-017: Says everything once."""
    after, outputs = step(state, event)
    return after, tuple(output for output in outputs if type(output).__name__ != "Resend")
