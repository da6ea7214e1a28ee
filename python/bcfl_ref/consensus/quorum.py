"""Counting seats: what more than two thirds and more than one third mean (CON-006)."""

from __future__ import annotations

from ..types import Committee


def is_quorum(seats: int, total: int) -> bool:
    """CON-006: `seats` of `total` are a quorum: 3·seats > 2·total. Two quorums share more than a third."""
    return 3 * seats > 2 * total


def is_blocking(seats: int, total: int) -> bool:
    """CON-006: `seats` of `total` hold an honest seat if fewer than a third are corrupt: 3·seats > total."""
    return 3 * seats > total


def faults_max(total: int) -> int:
    """CON-006: f, the largest number of corrupt seats of `total` under which agreement holds: 3·f < total."""
    return (total - 1) // 3 if total else 0


def seats_of(committee: Committee) -> dict[int, int]:
    """CON-006: How many seats each identity of the committee holds; a vote counts once per seat."""
    counts: dict[int, int] = {}
    for seat in committee.seats:
        counts[seat.identity] = counts.get(seat.identity, 0) + 1
    return counts
