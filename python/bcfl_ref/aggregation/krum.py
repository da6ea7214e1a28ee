"""Krum's scores and their order (AGG-027), on top of the exact squared distances."""

from __future__ import annotations

from collections.abc import Sequence

from .. import kernels
from . import guards
from .guards import Model


def krum_scores(updates: Sequence[Model], byzantine: int) -> list[int]:
    """AGG-027: for each update, the sum of its n - f - 2 smallest squared distances to the *other* updates.

    Errors, in order: EMPTY, VECTOR_COUNT, BYZANTINE_RANGE, those of AGG-021 that concern the updates.
    """
    count = len(updates)
    guards.check_count(count)
    guards.check_byzantine(byzantine, count)
    guards.check_vectors(updates[0], updates)
    guards.check_domain(updates)
    neighbours = count - byzantine - 2
    scores = []
    for position, distances in enumerate(kernels.pairwise_sqdist(updates)):
        others = [distance for other, distance in enumerate(distances) if other != position]
        scores.append(sum(sorted(others)[:neighbours]))
    return scores


def krum_order(scores: Sequence[int]) -> list[int]:
    """AGG-027: positions by ascending score; equal scores by ascending position."""
    return sorted(range(len(scores)), key=lambda position: (scores[position], position))
