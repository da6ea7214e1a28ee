"""Availability: INF-008."""

from __future__ import annotations

from fractions import Fraction

import pytest
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.infrastructure.availability import add_attester, is_available
from builders import make_committee
from hypothesis import given
from hypothesis import strategies as st

SEATS = st.lists(st.integers(0, 9), max_size=12)


@given(SEATS, st.sets(st.integers(0, 9)))
def test_more_than_two_thirds_of_the_seats(seats: list[int], attesters: set[int]) -> None:
    """A blob is available exactly when the attesters hold more than two thirds of all seats."""
    held = sum(seat in attesters for seat in seats)
    expected = bool(seats) and Fraction(held, len(seats)) > Fraction(2, 3)
    assert is_available(tuple(sorted(attesters)), make_committee(seats)) == expected


@given(st.permutations(range(6)))
def test_the_order_of_arrival_leaves_no_trace(order: list[int]) -> None:
    """Whatever the order in which they attest, the attesters end up the same, ascending."""
    attesters: tuple[int, ...] = ()
    for identity in order:
        attesters = add_attester(attesters, identity, make_committee(range(6)))
    assert attesters == (0, 1, 2, 3, 4, 5)


@pytest.mark.parametrize(
    ("identity", "code"), [(7, Code.SEAT_MISSING), (1, Code.ALREADY_ATTESTED), (4, Code.SEAT_MISSING)]
)
def test_refusals(identity: int, code: Code) -> None:
    """Only who holds a seat now attests, and only once; the seat is asked first."""
    with pytest.raises(SpecError) as found:
        add_attester((1, 4), identity, make_committee([0, 1, 2]))
    assert found.value.code == code
