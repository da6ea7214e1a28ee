"""Fixed-point numbers under shares: every bound of the clauses, reached (PRV-076 ... PRV-079)."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.privacy import computation, fixed_point, triples
from bcfl_ref.privacy.fixed_point import Truncation
from hypothesis import given, settings
from hypothesis import strategies as st

R = computation.LARGE_MODULUS
SEED = bytes(range(32))


def truncated(plan: Truncation, numbers: list[int], parties: int, seed: bytes) -> list[int]:
    """The opened results of a truncation under a mask."""
    shares = computation.additive_share([number % R for number in numbers], parties, seed)
    dealt = fixed_point.deal_truncations(plan, parties, len(numbers), seed[::-1])
    rows = list(enumerate(zip(shares, dealt, strict=True)))
    opened = computation.additive_open(
        [fixed_point.truncation_open(plan, at, row, masks) for at, (row, (masks, _)) in rows]
    )
    closed = [fixed_point.truncation_close(plan, at, opened, highs) for at, (_, (_, highs)) in rows]
    return computation.from_large(computation.additive_open(closed), 2**126 - 1)


def multiplied(left: list[list[int]], right: list[list[int]], seed: bytes) -> list[list[int]]:
    """Each party's shares of the products of two shared rows."""
    dealt = triples.deal_triples(len(left), len(left[0]), seed)
    told = [computation.product_open(x, y, own) for x, y, own in zip(left, right, dealt, strict=True)]
    opened = [computation.additive_open([row[side] for row in told]) for side in (0, 1)]
    return [computation.product_close(party, own, *opened) for party, own in enumerate(dealt)]


def shared(numbers: list[int], parties: int, label: int) -> list[list[int]]:
    return computation.additive_share([number % R for number in numbers], parties, bytes([label]) * 32)


# ---- truncation under a mask


@settings(deadline=None, max_examples=60)
@given(st.data(), st.integers(2, 86), st.integers(2, 4), st.binary(min_size=32, max_size=32))
def test_truncation_is_off_by_less_than_one_unit(data: st.DataObject, bits: int, parties: int, seed: bytes) -> None:
    """PRV-076: for every number in range, its ends included, the result is the floor or one more; it never fails."""
    fraction = data.draw(st.integers(1, bits - 1))
    half = 1 << bits - 1
    number = data.draw(st.sampled_from([-half, -1, 0, 1, half - 1]) | st.integers(-half, half - 1))
    plan = Truncation(bits, fraction, 40)
    (result,) = truncated(plan, [number], parties, seed)
    assert result - (number >> fraction) in ((0, 1) if number % (1 << fraction) else (0,))


def test_truncation_rounds_up_as_often_as_the_remainder_says() -> None:
    """PRV-076: over all masks the result is right on average, exactly; the largest error is reached."""
    plan = Truncation(6, 3, 2)
    for number in range(-32, 32):
        ups = 0
        for mask in range(1 << 8):
            (opened,) = fixed_point.truncation_open(plan, 0, [number % R], [mask])
            (result,) = fixed_point.truncation_close(plan, 0, [opened], [mask >> 3])
            ups += computation.from_large([result], 2**20)[0] - (number >> 3)
        assert Fraction(ups, 1 << 8) == Fraction(number % 8, 8)


def test_an_opened_sum_shows_no_more_than_sigma_allows() -> None:
    """PRV-076: over all masks the distance of what is opened for the two ends of the range is below 2^−sigma, nearly
    reached: masks of the size of the number, as bounded noise is, would show it."""
    bits, sigma = 4, 5
    plan = Truncation(bits, 1, sigma)

    def seen(number: int) -> set[int]:
        opened = fixed_point.truncation_open(plan, 0, [number % R] * 2**9, list(range(2**9)))
        assert len(set(opened)) == 2**9
        return set(opened)

    distance = Fraction(len(seen(-8) - seen(7)), 2**9)
    assert Fraction(1, 2**sigma) * Fraction(15, 16) == distance < Fraction(1, 2**sigma)


def test_numbers_out_of_range_are_noticed_where_the_sum_shows_it() -> None:
    """PRV-076: far out of range the opened sum is refused; just out of range nobody can see it."""
    plan = Truncation(44, 16, 40)
    with pytest.raises(Exception, match="RESULT_RANGE"):
        truncated(plan, [2**90], 2, SEED)
    assert truncated(plan, [2**44], 2, SEED)[0] - 2**28 in (0, 1)


def test_a_dealer_of_wrong_masks_is_caught_by_half_of_the_seeds() -> None:
    """PRV-076: a wrong mask is noticed if and only if it is opened, in about half of 400 draws."""
    plan, count = Truncation(44, 16, 40), 20
    dealt = fixed_point.deal_truncations(plan, 2, count, SEED)
    masks, highs = (computation.additive_open([party[row] for party in dealt]) for row in (0, 1))
    caught = 0
    for batch in range(20):
        chosen = fixed_point.opened_masks(SEED, bytes(32), 1, batch, count)
        fixed_point.check_masks(plan, [masks[at] for at in chosen], [highs[at] for at in chosen])
        for wrong in range(count):
            spoilt = [high + (at == wrong) for at, high in enumerate(highs)]
            try:
                fixed_point.check_masks(plan, [masks[at] for at in chosen], [spoilt[at] for at in chosen])
                assert wrong not in chosen
            except SpecError as refusal:
                assert refusal.code is Code.MASK_WRONG and wrong in chosen
                caught += 1
    assert 150 < caught < 250


# ---- local truncation


@pytest.mark.parametrize("modulus", [127, 521])
def test_local_truncation_fails_as_often_as_the_number_says(modulus: int) -> None:
    """PRV-077: over all shares of every number: right, or off by about modulus / 2^f; wrong |z| or |z| + 1 times."""
    fraction, counts = 2, set()
    for number in range(-(modulus // 4), modulus // 4 + 1):
        wrong = 0
        for first in range(modulus):
            second = (number - first) % modulus
            parts = (first, second)
            total = sum(fixed_point._locally(at, share, fraction, modulus) for at, share in enumerate(parts))
            result = total % modulus
            result -= modulus if 2 * result > modulus else 0
            wrong += result - (number >> fraction) not in (0, 1)
        counts.add(wrong - abs(number))
    assert counts <= {-1, 0, 1} and max(counts) >= 0, counts


def test_local_truncation_in_the_field_of_61_bits_would_fail_once_in_a_million() -> None:
    """PRV-077: products of 41 bits, as many frameworks truncate them: measured failures agree with |z| / p."""
    modulus, number, draws = 2**61 - 1, 2**41, 8_000_000
    first = np.random.default_rng(7).integers(0, modulus, draws, dtype=np.uint64)
    second = (np.uint64(modulus) + np.uint64(number) - first) % np.uint64(modulus)
    total = (first >> np.uint64(20)).astype(np.int64) - ((np.uint64(modulus) - second) >> np.uint64(20)).astype(
        np.int64
    )
    failures = int(np.count_nonzero((total < number >> 20) | (total > (number >> 20) + 1)))
    expected = draws * number / modulus
    assert 7 < expected < 8 and 1 <= failures <= 20, failures
    in_the_large_field = Fraction(number + 1, R)
    assert in_the_large_field < Fraction(1, 2**85)


@settings(deadline=None, max_examples=60)
@given(st.integers(-(2**63), 2**63), st.integers(1, 40), st.binary(min_size=32, max_size=32))
def test_local_truncation_is_off_by_less_than_one_unit(number: int, fraction: int, seed: bytes) -> None:
    """PRV-077: in the large field numbers of 63 bits come out right, whatever the shares."""
    shares = computation.additive_share([number % R], 2, seed)
    cut = [fixed_point.truncate_locally(at, row, fraction) for at, row in enumerate(shares)]
    assert computation.from_large(computation.additive_open(cut), 2**126 - 1)[0] - (number >> fraction) in (0, 1)


# ---- inner products


def rounded(value: Fraction, fraction: int) -> int:
    return round(value * 2**fraction)


def inner(left: list[int], right: list[int], plan: Truncation) -> int:
    """The opened, truncated inner product of two rows of integers, by three parties."""
    xs, ys = shared(left, 3, 1), shared(right, 3, 2)
    dealt = triples.deal_triples(3, len(left), SEED)
    told = [computation.product_open(x, y, own) for x, y, own in zip(xs, ys, dealt, strict=True)]
    opened = [computation.additive_open([row[side] for row in told]) for side in (0, 1)]
    total = computation.additive_open([[computation.inner_close(at, own, *opened)] for at, own in enumerate(dealt)])
    return truncated(plan, computation.from_large(total, 2**126 - 1), 3, SEED)[0]


@settings(deadline=None, max_examples=15)
@given(st.lists(st.tuples(st.integers(-(2**20), 2**20), st.integers(-(2**20), 2**20)), min_size=1, max_size=20))
def test_inner_products_are_within_their_bound(numbers: list[tuple[int, int]]) -> None:
    """PRV-078: numbers of 2^−14 steps under 10 fraction bits: the error is within the bound of the clause."""
    fraction, steps = 10, 2**14
    xs, ys = ([Fraction(pair[side], steps) for pair in numbers] for side in (0, 1))
    left, right = ([rounded(value, fraction) for value in row] for row in (xs, ys))
    x_max, y_max = max(1, *map(abs, left)), max(1, *map(abs, right))
    bits = fixed_point.product_bits(len(left), x_max, y_max, fraction, 40)
    result = Fraction(inner(left, right, Truncation(bits, fraction, 40)), 2**fraction)
    exact = sum(x * y for x, y in zip(xs, ys, strict=True))
    unit = Fraction(1, 2**fraction)
    bound = len(left) * (unit / 2 * (x_max + y_max) * unit + unit * unit / 4) + unit
    assert abs(result - exact) < bound


def test_rounding_inputs_costs_as_much_as_the_bound_says() -> None:
    """PRV-078: the first term of the bound is reached by inputs half a step above an even multiple."""
    fraction, terms, even = 8, 12, 40
    unit = Fraction(1, 2**fraction)
    value = even * unit + unit / 2
    assert rounded(value, fraction) == even
    exact = terms * value * value
    of_rounded = terms * (even * unit) ** 2
    assert exact - of_rounded == terms * (unit / 2 * 2 * (even * unit) + unit * unit / 4)
    bits = fixed_point.product_bits(terms, even, even, fraction, 40)
    result = Fraction(inner([even] * terms, [even] * terms, Truncation(bits, fraction, 40)), 2**fraction)
    assert abs(result - of_rounded) < unit


def test_the_range_of_an_inner_product_is_the_smallest() -> None:
    """PRV-078: the largest sum is inside the range with so many bits, and outside with one less."""
    for terms, left, right in ((1, 1, 1), (1, 2**20, 2**20), (1000, 2**20 - 1, 2**20 - 1), (3, 5, 7)):
        bits = fixed_point.product_bits(terms, left, right, 1, 30)
        largest = terms * left * right
        assert 1 << bits - 2 <= largest < 1 << bits - 1


# ---- logistic loss


def test_the_constant_is_the_logarithm_of_two() -> None:
    """PRV-079: 64 bits of ln 2, from its series in exact arithmetic, and every constant rounded right."""
    total = sum(Fraction(1, k * 2**k) for k in range(1, 160))
    assert math.floor(total * 2**64) == math.floor((total + Fraction(1, 2**159)) * 2**64) == fixed_point.LN2
    for fraction in range(1, 31):
        assert abs(fixed_point.loss_constant(fraction) - 8 * total * 4**fraction) <= Fraction(1, 2)


def loss(margin: float) -> float:
    """ln(1 + e^−margin), without cancellation."""
    return max(-margin, 0.0) + math.log1p(math.exp(-abs(margin)))


def test_the_polynomial_is_within_its_bounds_and_reaches_them() -> None:
    """PRV-079: L is above the loss by at most φ⁴/192, G off by |φ|³/48; small logits use 99 % of either."""
    margins = [sign * step / 64 for step in range(1, 64 * 12) for sign in (-1, 1)]
    for margin in margins:
        above = math.log(2) - margin / 2 + margin * margin / 8 - loss(margin)
        assert -1e-13 <= above <= margin**4 / 192 + 1e-13
        apart = abs(margin / 4 - 0.5 + 1 / (1 + math.exp(margin)))
        assert apart <= abs(margin) ** 3 / 48 + 1e-13
    margin = 0.1
    above = math.log(2) - margin / 2 + margin * margin / 8 - loss(margin)
    assert above >= 0.99 * margin**4 / 192
    assert abs(margin / 4 - 0.5 + 1 / (1 + math.exp(margin))) >= 0.99 * margin**3 / 48
    assert 0.5 < math.log(2) - 2 + 2 - loss(4.0) < 0.7, "what the clause says of logits beyond 4"


@pytest.mark.parametrize("parties", [2, 3])
def test_a_step_of_logistic_regression_under_shares(parties: int) -> None:
    """PRV-078, PRV-079: loss and gradient of one batch, held by parties who see neither, are within the bounds."""
    fraction = 16
    unit = 2.0**-fraction
    features = [[0.5, -1.25, 0.125], [-0.75, 0.5, 1.0], [1.5, 0.25, -0.5], [-0.25, -1.0, 0.75]]
    weights, labels = [0.75, -0.5, 0.25], [1, -1, 1, -1]
    logits = [sum(w * x for w, x in zip(weights, row, strict=True)) for row in features]
    phi = shared([round(value / unit) for value in logits], parties, 3)
    y = shared(labels, parties, 4)
    squares, products = multiplied(phi, phi, SEED), multiplied(y, phi, SEED[::-1])
    rows = enumerate(zip(squares, products, strict=True))
    eighths = computation.from_large(
        computation.additive_open([fixed_point.logistic_loss(at, fraction, s, p) for at, (s, p) in rows]), 2**62
    )
    largest = round(4 / unit)
    bound = largest * largest + (largest << fraction + 2) + fixed_point.loss_constant(fraction)
    plan = Truncation(bound.bit_length() + 1, fraction + 3, 40)
    for logit, label, eighth, small in zip(
        logits, labels, eighths, truncated(plan, eighths, parties, SEED), strict=True
    ):
        polynomial = math.log(2) - label * logit / 2 + logit * logit / 8
        assert 0 < eighth <= bound
        assert abs(eighth * unit * unit / 8 - polynomial) <= unit * unit / 16 + 1e-12
        assert abs(small * unit - polynomial) < unit * 1.001
        assert abs(small * unit - loss(label * logit)) < logit**4 / 192 + unit * 1.001
    residuals = [fixed_point.logistic_residual(fraction, one, other) for one, other in zip(phi, y, strict=True)]
    columns = list(zip(*features, strict=True))
    for column in columns:
        shares = shared([round(value / unit) for value in column], parties, 5)
        opened = computation.additive_open(multiplied(residuals, shares, SEED))
        gradient = sum(computation.from_large(opened, 2**62)) * unit * unit / 4
        wanted = sum((logit / 4 - label / 2) * x for logit, label, x in zip(logits, labels, column, strict=True))
        assert abs(gradient - wanted) <= unit * sum(map(abs, column))
