"""Counting seats (CON-006)."""

from __future__ import annotations

from bcfl_ref.consensus.quorum import faults_max, is_blocking, is_quorum, seats_of
from bcfl_ref.types import Committee, Seat
from hypothesis import given, settings
from hypothesis import strategies as st


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 1024), st.data())
def test_two_quorums_share_an_honest_seat(total: int, data: st.DataObject) -> None:
    """Two quorums overlap in more than a third, and what is left without f seats is a quorum."""
    one = data.draw(st.integers(0, total))
    other = data.draw(st.integers(0, total))
    if is_quorum(one, total) and is_quorum(other, total):
        assert is_blocking(one + other - total, total)
        assert one + other - total > faults_max(total)
    assert is_quorum(total - faults_max(total), total)
    assert not is_blocking(faults_max(total), total)


def test_boundaries_of_small_committees() -> None:
    """The least quorum and blocking set of each small committee."""
    least = {n: min(w for w in range(n + 1) if is_quorum(w, n)) for n in range(1, 8)}
    assert least == {1: 1, 2: 2, 3: 3, 4: 3, 5: 4, 6: 5, 7: 5}
    blocking = {n: min(w for w in range(n + 1) if is_blocking(w, n)) for n in range(1, 8)}
    assert blocking == {1: 1, 2: 1, 3: 2, 4: 2, 5: 2, 6: 3, 7: 3}
    assert not is_quorum(0, 0) and not is_blocking(0, 0) and faults_max(0) == 0


def test_seats_of_counts_seats_not_identities() -> None:
    """An identity with two seats counts twice."""
    committee = Committee(0, bytes(32), (Seat(3, 1), Seat(5, 1), Seat(3, 1)))
    assert seats_of(committee) == {3: 2, 5: 1}
