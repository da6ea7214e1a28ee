"""Krum's scores and their order (AGG-027) and Bulyan's selection (AGG-033), on top of the exact squared distances."""

from __future__ import annotations

from collections.abc import Sequence

from .. import kernels
from . import guards
from .guards import Model


def krum_scores(updates: Sequence[Model], byzantine: int) -> list[int]:
    """AGG-027: the scores of updates that nobody has checked.

    Errors, in order: EMPTY, VECTOR_COUNT, BYZANTINE_RANGE, those of AGG-021 that concern the updates.
    """
    guards.check_count(len(updates))
    guards.check_byzantine(byzantine, len(updates))
    guards.check_vectors(updates[0], updates)
    guards.check_domain(updates)
    return scores_of(kernels.pairwise_sqdist(updates), byzantine)


def scores_of(distances: Sequence[Sequence[int]], byzantine: int) -> list[int]:
    """AGG-027: for each update, the sum of its n - f - 2 smallest squared distances to the *other* updates."""
    count = len(distances)
    neighbours = count - byzantine - 2
    scores = []
    for position, row in enumerate(distances):
        others = [distance for other, distance in enumerate(row) if other != position]
        scores.append(sum(sorted(others)[:neighbours]))
    return scores


def krum_order(scores: Sequence[int]) -> list[int]:
    """AGG-027: positions by ascending score; equal scores by ascending position."""
    return sorted(range(len(scores)), key=lambda position: (scores[position], position))


def bulyan_selection(distances: Sequence[Sequence[int]], byzantine: int) -> list[int]:
    """AGG-033: the n - 2f positions that Bulyan selects one after another, each by Krum's score among those left.

    `distances` is the matrix of AGG-014. It is read once: when a candidate leaves, the number of neighbours drops by
    one, so every other score loses one summand, the leaver's if it was a neighbour, else the largest.
    """
    count = len(distances)
    left = list(range(count))
    # Each candidate's others, nearest first; its neighbours are those still left up to and including place `last`.
    order = [sorted((j for j in left if j != i), key=row.__getitem__) for i, row in enumerate(distances)]
    place = [{j: at for at, j in enumerate(others)} for others in order]
    neighbours = max(1, count - byzantine - 2)
    last = [min(neighbours, count - 1) - 1] * count
    scores = [sum(row[j] for j in others[:neighbours]) for row, others in zip(distances, order, strict=True)]
    gone: set[int] = set()
    selected: list[int] = []
    while True:
        best = min(left, key=lambda i: (scores[i], i))
        selected.append(best)
        if len(selected) == count - 2 * byzantine:
            return selected
        left.remove(best)
        gone.add(best)
        wanted = max(1, len(left) - byzantine - 2)
        for i in left:
            if wanted == neighbours:  # one neighbour, which may have left
                scores[i] = min((distances[i][j] for j in left if j != i), default=0)
                continue
            was_neighbour = place[i][best] <= last[i]
            scores[i] -= distances[i][best if was_neighbour else order[i][last[i]]]
            last[i] -= 0 if was_neighbour else 1
            while last[i] >= 0 and order[i][last[i]] in gone:
                last[i] -= 1
        neighbours = wanted
