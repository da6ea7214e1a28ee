"""The noise of a group: no dropout and no colluder takes the promise away, and no sum wraps (PRV-064 ... PRV-066)."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from bcfl_ref import kernels
from bcfl_ref.aggregation.rules import apply_sums
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.kernels.limits import COORDINATE_MAX, NOISE_STEPS_MAX, SUM_MAX, VARIANCE_MAX, VECTORS_MAX
from bcfl_ref.privacy import masks, noise, rings
from bcfl_ref.types import Noise
from hypothesis import given, settings
from hypothesis import strategies as st

SEED = bytes(range(32))
PROMISES = st.builds(
    Noise,
    clip_bound=st.integers(1, 2**32 - 1),
    variance_numerator=st.integers(1, VARIANCE_MAX),
    variance_denominator=st.integers(1, 2**20) | st.integers(1, VARIANCE_MAX),
    colluders=st.integers(0, 300),
    budget=st.just(0),
)


def promise(**change: int) -> Noise:
    fields = {"clip_bound": 1000, "variance_numerator": 90000, "variance_denominator": 1, "colluders": 2, "budget": 0}
    return Noise(**{**fields, **change})


@settings(deadline=None, max_examples=200)
@given(PROMISES, st.integers(1, 400), st.integers(0, 50))
def test_dropouts_and_colluders_leave_the_promise(noise_: Noise, survivors_min: int, more: int) -> None:
    """However many survive, above the least number, the noise of those who do not collude is at least the promise."""
    try:
        share = Fraction(*noise.noise_share(noise_, survivors_min))
    except SpecError as refusal:
        assert refusal.code in (Code.COLLUDERS_RANGE, Code.VARIANCE_RANGE)
        return
    promised = Fraction(noise_.variance_numerator, noise_.variance_denominator)
    assert (survivors_min - noise_.colluders) * share == promised, "with the fewest survivors nothing is to spare"
    assert (survivors_min + more - noise_.colluders) * share >= promised
    assert share >= Fraction(1, 2)


def test_a_share_of_all_members_would_be_too_little() -> None:
    """Divided by the members that began, as peers do, the noise of the survivors falls short; ours does not."""
    members, survivors_min = 20, 12
    share = Fraction(*noise.noise_share(promise(), survivors_min))
    assert (survivors_min - 2) * Fraction(90000, members) < 90000 == (survivors_min - 2) * share


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.integers(-COORDINATE_MAX, COORDINATE_MAX), min_size=1, max_size=12),
    st.integers(1, 2**21),
    st.binary(min_size=32, max_size=32),
)
def test_an_input_is_clipped_and_then_noised(update: list[int], clip_bound: int, seed: bytes) -> None:
    """Without the member's noise, the words are the clipped update, whose norm is within the bound."""
    own = promise(clip_bound=clip_bound)
    words = noise.noised_input(np.array(update, dtype=np.int32), own, 12, seed)
    share = noise.noise_share(own, 12)
    plain = words.view(np.int64) - kernels.discrete_gaussian(len(update), *share, seed)
    assert sum(int(value) ** 2 for value in plain) <= clip_bound**2
    assert plain.tolist() == kernels.clip_l2(np.array(update, dtype=np.int32), clip_bound).tolist()


def test_noise_is_the_same_again_and_new_with_a_new_seed() -> None:
    """After a restart the same input is sent; with another seed all of it changes, none is folded to 32 bits."""
    update = np.zeros(64, dtype=np.int32)
    seeds = [SEED, bytes(32), b"\x0b\xad\xca\xfe" * 8, SEED[::-1]]
    words = [noise.noised_input(update, promise(), 12, seed).tolist() for seed in seeds]
    assert words[0] == noise.noised_input(update, promise(), 12, SEED).tolist()
    assert len({tuple(row) for row in words}) == len(seeds)


def test_noise_goes_through_masks() -> None:
    """The plain sum of noised inputs comes out of masking word for word, and within its bound."""
    group = promise(colluders=0)
    rng = np.random.default_rng(7)
    inputs = [
        noise.noised_input(rng.integers(-500, 500, 9).astype(np.int32), group, 3, bytes([member] * 32))
        for member in range(3)
    ]
    own = [bytes([100 + member] * 32) for member in range(3)]
    pair = {(i, j): bytes([10 * i + j] * 32) for i in range(3) for j in range(3) if i < j}
    masked = [
        masks.mask_input(inputs[i], i, own[i], [(j, pair[min(i, j), max(i, j)]) for j in range(3) if j != i])
        for i in range(3)
    ]
    total = np.sum(masked, axis=0, dtype=np.uint64)
    words = masks.unmask_sum(total, list(enumerate(own)), [])
    sums = rings.from_ring(words.tolist(), 64, noise.noised_bound(group, 3, 3))
    assert sums == sum(row.view(np.int64) for row in inputs).tolist()


@settings(deadline=None, max_examples=200)
@given(PROMISES, st.integers(1, 400), st.integers(1, 2**32), st.sampled_from([-1, 1]))
def test_no_sum_of_noised_inputs_wraps(noise_: Noise, survivors_min: int, summands: int, sign: int) -> None:
    """The farthest sum, all updates and all noise at their ends, comes back from the ring as it was."""
    try:
        bound = noise.noised_bound(noise_, survivors_min, summands)
    except SpecError as refusal:
        assert refusal.code in (Code.COLLUDERS_RANGE, Code.VARIANCE_RANGE, Code.RING_OVERFLOW)
        return
    numerator, denominator = noise.noise_share(noise_, survivors_min)
    scale = next(
        t
        for t in (int((numerator // denominator) ** 0.5) + d for d in (-1, 0, 1, 2))
        if t > 0 and t * t * denominator > numerator and (t - 1) ** 2 * denominator <= numerator
    )
    farthest = summands * (min(noise_.clip_bound, COORDINATE_MAX) + NOISE_STEPS_MAX * scale - 1)
    assert bound == farthest
    assert rings.from_ring(rings.to_ring([sign * farthest], 64), 64, bound) == [sign * farthest]


def test_what_is_cut_off_is_less_than_2_to_minus_10000() -> None:
    """The mass beyond 128 scales, for every coordinate of every input there can be, is what the clause says."""
    log2_e = Fraction(14426950408889634, 10**16)  # rounded down
    beyond = 1 - Fraction(NOISE_STEPS_MAX**2, 2) * log2_e  # log2 of 2 exp(-128^2 / 2), as a scale is above sigma
    assert beyond < -11000
    assert beyond + 31 + 32 < -10000


def test_the_largest_noisy_sum_can_be_averaged() -> None:
    """A group of the most members with the most noise stays within what div_round takes."""
    most = promise(variance_numerator=VARIANCE_MAX, colluders=0, clip_bound=2**32 - 1)
    bound = noise.noised_bound(most, 1, VECTORS_MAX)
    assert bound < SUM_MAX
    base = np.zeros(1, dtype=np.int32)
    assert apply_sums(base, np.array([bound // 2**15]), VECTORS_MAX, (1, 1)).size == 1


def test_a_stream_is_read_as_far_as_it_is_needed() -> None:
    """`used` is where the next sample begins: samples drawn in two goes are those drawn in one."""
    stream = kernels.mask_add(np.zeros(600, dtype=np.uint32), SEED, bytes(12), False).astype("<u4").tobytes()
    both, end = noise.gaussian_samples(stream, 9, 50, 7)
    first, middle = noise.gaussian_samples(stream, 4, 50, 7)
    second, rest = noise.gaussian_samples(stream[middle:], 5, 50, 7)
    assert both == first + second and end == middle + rest
    with pytest.raises(SpecError) as refusal:
        noise.gaussian_samples(stream[: end - 1], 9, 50, 7)
    assert refusal.value.code is Code.STREAM_SHORT
    assert noise.gaussian_samples(stream[:end], 9, 50, 7) == (both, end)
