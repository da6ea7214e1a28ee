"""The ring of a sum: nothing wraps, and what is beyond the bound is noticed (PRV-022, PRV-023)."""

from __future__ import annotations

import pytest
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.kernels.limits import COORDINATE_MAX
from bcfl_ref.privacy import rings
from hypothesis import given, settings
from hypothesis import strategies as st


@settings(deadline=None, max_examples=100)
@given(st.integers(1, 2**32), st.integers(1, 65535), st.sampled_from([-1, 1]), st.integers(0, 3))
def test_no_admissible_sum_wraps(summands: int, weight_max: int, sign: int, less: int) -> None:
    """The extreme sums and their neighbours come back from the chosen ring as they were."""
    try:
        ring = rings.ring_width(summands, weight_max)
    except SpecError as refusal:
        assert refusal.code is Code.RING_OVERFLOW and summands * weight_max * COORDINATE_MAX >= 2**63
        return
    bound = rings.sum_bound(summands, weight_max)
    value = sign * (bound - less)
    assert rings.from_ring(rings.to_ring([value], ring), ring, bound) == [value]
    assert ring == 32 or 2 * bound + 1 > 2**32, "the smaller ring is taken where it is enough"


def test_the_ring_is_chosen_from_the_total() -> None:
    """2048 plain inputs fit 32 bits, one more does not; a ring for one group would wrap over the groups."""
    assert (rings.ring_width(2048, 1), rings.ring_width(2049, 1)) == (32, 64)
    assert (rings.ring_width(100, 1), rings.ring_width(100 * 100, 1)) == (32, 64)


@pytest.mark.parametrize("ring", rings.RINGS)
def test_to_ring_refuses_what_has_no_word(ring: int) -> None:
    """The signed range of the ring, its ends included."""
    half = 1 << ring - 1
    assert rings.to_ring([-half, half - 1], ring) == [half, half - 1]
    for value in (-half - 1, half):
        with pytest.raises(SpecError) as refusal:
            rings.to_ring([value], ring)
        assert refusal.value.code is Code.VALUE_RANGE
