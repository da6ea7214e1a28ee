"""Masks cancel over the graph, whoever drops out (PRV-014)."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.kernels import _masking
from bcfl_ref.privacy import graph, masks, rings

INDICES = (3, 4, 10, 11, 70)


def pair_key(left: int, right: int) -> bytes:
    return bytes([min(left, right), max(left, right)]) * 16


def own_seed(member: int) -> bytes:
    return bytes([member]) * 32


def graphs(count: int) -> list[list[list[int]]]:
    """The circle, where there is one, and the complete graph."""
    degrees = {2, count - 1}
    return [graph.neighbour_graph(bytes(range(32)), 1, 0, count, degree) for degree in sorted(degrees)]


@pytest.mark.parametrize("count", [3, 4, 5])
@pytest.mark.parametrize("ring", rings.RINGS)
def test_the_sum_of_every_set_of_survivors_is_exact(count: int, ring: int) -> None:
    """For every graph and every set of survivors the unmasked sum is the plain integer sum; inputs stay hidden."""
    members = INDICES[:count]
    dtype = {32: np.uint32, 64: np.uint64}[ring]
    values = {member: [member, -member * 1000, place - 2] for place, member in enumerate(members)}
    for neighbours in graphs(count):
        masked = {}
        for place, member in enumerate(members):
            keys = [(members[other], pair_key(member, members[other])) for other in neighbours[place]]
            vector = np.array(rings.to_ring(values[member], ring), dtype=dtype)
            masked[member] = masks.mask_input(vector, member, own_seed(member), keys)
            assert masked[member].tolist() != vector.tolist()
        for size in range(1, count + 1):
            for places in combinations(range(count), size):
                survivors = [members[place] for place in places]
                broken = [
                    (members[place], members[other], pair_key(members[place], members[other]))
                    for place in places
                    for other in neighbours[place]
                    if other not in places
                ]
                total = sum((masked[member] for member in survivors), np.zeros(3, dtype=dtype))
                plain = masks.unmask_sum(total, [(member, own_seed(member)) for member in survivors], broken)
                expected = [sum(values[member][i] for member in survivors) for i in range(3)]
                assert rings.from_ring(plain.tolist(), ring, 10**6) == expected


def test_pair_masks_alone_do_not_open_an_input() -> None:
    """Whoever holds all pair keys of a member, but not its own seed, does not see its input."""
    vector = np.array([1, 2, 3], dtype=np.uint32)
    keys = [(4, pair_key(3, 4)), (10, pair_key(3, 10))]
    masked = masks.mask_input(vector, 3, own_seed(3), keys)
    for other, key in keys:
        masked = _masking.mask_add(masked, key, masks.PAIR_STREAM, not masks.pair_subtracts(3, other))
    assert masked.tolist() != vector.tolist()
    assert _masking.mask_add(masked, own_seed(3), masks.OWN_STREAM, True).tolist() == vector.tolist()


def test_overlapping_lists_are_refused() -> None:
    """A member that is called both dropped and surviving would be opened; it is a refusal."""
    total = np.array([1], dtype=np.uint32)
    seeds = [(3, own_seed(3)), (4, own_seed(4))]
    with pytest.raises(SpecError) as refusal:
        masks.unmask_sum(total, seeds, [(3, 4, pair_key(3, 4))])
    assert refusal.value.code is Code.MEMBER_OVERLAP


def test_pair_subtracts() -> None:
    """The lower index adds; nobody is its own neighbour."""
    assert not masks.pair_subtracts(3, 4) and masks.pair_subtracts(4, 3)
    with pytest.raises(SpecError):
        masks.pair_subtracts(4, 4)
