"""Availability: a blob counts only when more than two thirds of the seats have attested it (INF-008)."""

from __future__ import annotations

from ..errors import Code, SpecError
from ..types import Committee


def add_attester(attesters: tuple[int, ...], identity: int, committee: Committee) -> tuple[int, ...]:
    """INF-008: The attesters of one blob after `identity` attested it, ascending; who has no seat now is dropped.

    Errors, in order: SEAT_MISSING when the identity holds no seat now; ALREADY_ATTESTED.
    """
    seated = {seat.identity for seat in committee.seats}
    if identity not in seated:
        raise SpecError(Code.SEAT_MISSING, f"identity {identity} in epoch {committee.epoch}")
    if identity in attesters:
        raise SpecError(Code.ALREADY_ATTESTED, f"identity {identity}")
    return tuple(sorted((*(attester for attester in attesters if attester in seated), identity)))


def is_available(attesters: tuple[int, ...], committee: Committee) -> bool:
    """INF-008: 3·w > 2·W, where w counts the seats of the attesters and W all seats of the committee."""
    present = sum(seat.identity in attesters for seat in committee.seats)
    return 3 * present > 2 * len(committee.seats)
