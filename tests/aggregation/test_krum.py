"""Krum's scores: who counts as a neighbour, exactness, ties, and the guards of the operation."""

from __future__ import annotations

import numpy as np
import pytest
from aggregation import oracle
from bcfl_ref.aggregation.krum import bulyan_selection, krum_order, krum_scores
from bcfl_ref.errors import Code, SpecError
from hypothesis import given, settings
from hypothesis import strategies as st

Q = 2**20 - 1


def vectors(*rows: list[int]) -> list[np.ndarray]:
    return [np.array(row, dtype=np.int32) for row in rows]


def test_scores_by_hand() -> None:
    """n = 5, f = 1: two neighbours each, squared, never the update itself."""
    updates = vectors([0], [1], [3], [6], [100])
    assert krum_scores(updates, 1) == [1 + 9, 1 + 4, 4 + 9, 9 + 25, 94**2 + 97**2]
    assert krum_order(krum_scores(updates, 1)) == [1, 0, 2, 3, 4]


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_scores_equal_the_best_set_of_neighbours(data: st.DataObject) -> None:
    """Searching all sets of n - f - 2 others for the smallest sum gives the same order."""
    count = data.draw(st.integers(3, 7))
    byzantine = data.draw(st.integers(0, (count - 3) // 2))
    rows = data.draw(
        st.lists(
            st.lists(st.integers(-3, 3) | st.integers(-Q, Q), min_size=2, max_size=2), min_size=count, max_size=count
        )
    )
    assert krum_order(krum_scores(vectors(*rows), byzantine)) == oracle.order_of(rows, byzantine, None)


def test_ties_take_the_lowest_position() -> None:
    """With n = 3 and f = 0 the nearest pair ties always, and its first member wins wherever the third stands."""
    for rows in ([[5], [7], [90]], [[5], [90], [7]], [[90], [5], [7]]):
        best = krum_order(krum_scores(vectors(*rows), 0))[0]
        assert best == rows.index([5])


def test_scores_are_exact_for_large_near_updates() -> None:
    """Where single precision sees negative distances, the integers still tell updates apart."""
    rows = [[Q - 3, 1 - Q], [Q - 2, 1 - Q], [Q, -Q]]
    assert krum_scores(vectors(*rows), 0) == [1, 1, 5]


@pytest.mark.parametrize(
    ("code", "rows", "byzantine"),
    [
        (Code.EMPTY, [], 0),
        (Code.VECTOR_COUNT, [[1]] * 2048, 0),
        (Code.BYZANTINE_RANGE, [[1]] * 2, 0),
        (Code.BYZANTINE_RANGE, [[1]] * 6, 2),
        (Code.EMPTY, [[], [], []], 0),
        (Code.VECTOR_LENGTH, [[1], [1, 2], [1]], 0),
        (Code.DOMAIN_COORDINATE, [[1], [Q + 1], [1]], 0),
        (Code.BYZANTINE_RANGE, [[1], [Q + 1]], 0),
    ],
)
def test_guards(code: Code, rows: list[list[int]], byzantine: int) -> None:
    """Each fault gives its code; f is asked about before the updates are read."""
    with pytest.raises(SpecError) as refusal:
        krum_scores(vectors(*rows), byzantine)
    assert refusal.value.code is code


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_bulyan_selection_scores_the_rest_again(data: st.DataObject) -> None:
    """Losing one summand a step gives the selection that scoring all that are left from scratch gives."""
    count = data.draw(st.integers(3, 20))
    byzantine = data.draw(st.integers(0, (count - 3) // 4))
    values = data.draw(st.lists(st.integers(-9, 9) | st.integers(-Q, Q), min_size=count, max_size=count))
    distances = [[(a - b) ** 2 for b in values] for a in values]
    left, wanted = list(range(count)), []
    while len(wanted) < count - 2 * byzantine:
        neighbours = max(1, len(left) - byzantine - 2)
        scores = [(sum(sorted(distances[i][j] for j in left if j != i)[:neighbours]), i) for i in left]
        wanted.append(min(scores)[1])
        left.remove(wanted[-1])
    assert bulyan_selection(distances, byzantine) == wanted


def test_bulyan_selection_of_many() -> None:
    """Hundreds of updates are selected from in a moment, each at most once."""
    values = [(position * 7919) % 104729 for position in range(700)]
    selected = bulyan_selection([[(a - b) ** 2 for b in values] for a in values], 174)
    assert len(selected) == len(set(selected)) == 700 - 2 * 174
