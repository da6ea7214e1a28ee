"""Who proposes: weighted round-robin that never returns to an identity within f slots (CON-005)."""

from __future__ import annotations

from functools import lru_cache

from ..errors import Code, SpecError
from ..types import Committee
from .quorum import faults_max

VIEWS_MAX = 4096
"""CON-005: views of one height are 0 .. 4095; with growing time-outs nobody gets there."""


class _Schedule:
    """The proposers of one epoch, computed slot by slot as far as anybody asked; a memo, not a state."""

    def __init__(self, committee: Committee) -> None:
        self._seats = committee.seats
        self._total = sum(seat.weight for seat in committee.seats)
        identities = {seat.identity for seat in committee.seats}
        self._gap = min(faults_max(len(committee.seats)), len(identities) - 1)
        self._priorities = [0] * len(committee.seats)
        self._proposers: list[int] = []

    def at(self, slot: int) -> int:
        """CON-005: The identity that owns a slot."""
        while len(self._proposers) <= slot:
            self._extend()
        return self._proposers[slot]

    def _extend(self) -> None:
        start = max(0, len(self._proposers) - self._gap)
        resting = set(self._proposers[start:])
        for position, seat in enumerate(self._seats):
            self._priorities[position] += seat.weight
        chosen = min(
            (position for position, seat in enumerate(self._seats) if seat.identity not in resting),
            key=lambda position: (-self._priorities[position], position),
        )
        self._priorities[chosen] -= self._total
        self._proposers.append(self._seats[chosen].identity)


@lru_cache(maxsize=64)
def _schedule(committee: Committee) -> _Schedule:
    return _Schedule(committee)


def proposer_at(committee: Committee, height: int, view: int, epoch_heights: int) -> int:
    """CON-005: The identity that proposes at (height, view): the owner of slot (height - start of epoch) + view.

    Any f + 1 consecutive slots (or all identities, if there are fewer) have different owners, f = faults_max.
    Errors, in order: CANDIDATES_EMPTY for a committee without seats; HEIGHT_EPOCH when the height is not in the
    committee's epoch; VIEW_RANGE when view >= 4096.
    """
    if not committee.seats:
        raise SpecError(Code.CANDIDATES_EMPTY, f"no seats in epoch {committee.epoch}")
    epoch, offset = divmod(height, epoch_heights)
    if epoch != committee.epoch:
        raise SpecError(Code.HEIGHT_EPOCH, f"height {height} of epoch {epoch}, committee of {committee.epoch}")
    if view >= VIEWS_MAX:
        raise SpecError(Code.VIEW_RANGE, f"view {view}")
    return _schedule(committee).at(offset + view)
