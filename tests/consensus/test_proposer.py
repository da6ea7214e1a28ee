"""Whose turn it is (CON-005)."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from bcfl_ref.consensus.proposer import proposer_at
from bcfl_ref.consensus.quorum import faults_max
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.types import Committee, Seat
from hypothesis import given, settings
from hypothesis import strategies as st

seats = st.lists(st.tuples(st.integers(0, 9), st.integers(1, 2**64 - 1)), min_size=1, max_size=16)


def committee_of(pairs: list[tuple[int, int]], epoch: int = 0) -> Committee:
    return Committee(epoch, bytes(32), tuple(Seat(identity, weight) for identity, weight in pairs))


@settings(deadline=None, max_examples=50)
@given(seats)
def test_proposer_at_rests_each_identity(pairs: list[tuple[int, int]]) -> None:
    """Any f + 1 slots in a row have different owners, or all identities own one when they are fewer."""
    committee = committee_of(pairs)
    owners = [proposer_at(committee, slot, 0, 64) for slot in range(40)]
    identities = {identity for identity, _ in pairs}
    window = min(faults_max(len(pairs)), len(identities) - 1) + 1
    for start in range(len(owners) - window + 1):
        assert len(set(owners[start : start + window])) == window
    assert set(owners) <= identities


@settings(deadline=None, max_examples=50)
@given(seats, st.integers(0, 20), st.integers(0, 20))
def test_height_and_view_share_slots(pairs: list[tuple[int, int]], offset: int, view: int) -> None:
    """What counts is height plus view, counted from the start of the epoch."""
    committee = committee_of(pairs, epoch=3)
    wide = committee_of(pairs, epoch=1)
    assert proposer_at(wide, 64 + offset, view, 64) == proposer_at(wide, 64 + offset + view, 0, 64)
    assert proposer_at(committee, 3 * 64 + offset, view, 64) == proposer_at(wide, 64 + offset, view, 64)


def test_equal_weights_take_turns() -> None:
    """Equal weights are plain round-robin from the lowest seat."""
    committee = committee_of([(4, 3), (2, 3), (9, 3)])
    assert [proposer_at(committee, 0, view, 8) for view in range(6)] == [4, 2, 9, 4, 2, 9]


def test_turns_follow_weights_where_rest_allows() -> None:
    """Over a long epoch the turns are in proportion to the weights, give or take one."""
    committee = committee_of([(0, 4), (1, 3), (2, 2), (3, 1)])
    turns = Counter(proposer_at(committee, slot, 0, 1000) for slot in range(1000))
    assert all(abs(turns[identity] - 100 * weight) <= 2 for identity, weight in enumerate((4, 3, 2, 1)))


def test_a_whale_does_not_own_the_epoch() -> None:
    """With nearly all the weight a validator still rests after each turn."""
    committee = committee_of([(0, 10**15), (1, 1), (2, 1), (3, 1)])
    owners = [proposer_at(committee, slot, 0, 100) for slot in range(100)]
    assert owners.count(0) == 50
    assert all(before != after for before, after in pairwise(owners))


def test_proposer_at_refuses_in_order() -> None:
    """No seats, then the wrong epoch, then a view that does not exist."""
    empty, one = committee_of([]), committee_of([(0, 1)])
    for committee, height, view, code in (
        (empty, 99, 4096, Code.CANDIDATES_EMPTY),
        (one, 8, 4096, Code.HEIGHT_EPOCH),
        (one, 7, 4096, Code.VIEW_RANGE),
    ):
        with pytest.raises(SpecError) as refusal:
            proposer_at(committee, height, view, 8)
        assert refusal.value.code is code
