"""The pure twins against formulations of another kind: exact fractions, sorting, brute force, known digests."""

from __future__ import annotations

import hashlib
import math
import struct
import time
from fractions import Fraction

import numpy as np
import pytest
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.kernels import _arguments as arguments
from bcfl_ref.kernels import _python as twin
from bcfl_ref.kernels import limits
from hypothesis import given, settings
from hypothesis import strategies as st

Q = 2**20 - 1
COORDINATES = st.integers(-Q, Q) | st.sampled_from([-Q, -Q + 1, -1, 0, 1, Q - 1, Q])
WEIGHTS = st.integers(0, 65535) | st.sampled_from([0, 1, 65535])


def int32(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int32)


@st.composite
def vectors(draw: st.DrawFn, most: int = 9) -> list[np.ndarray]:
    count, size = draw(st.integers(1, most)), draw(st.integers(1, 5))
    rows = st.lists(COORDINATES, min_size=size, max_size=size)
    return [int32(*draw(rows)) for _ in range(count)]


def refused(code: Code, call, *args) -> None:
    with pytest.raises(SpecError) as refusal:
        call(*args)
    assert refusal.value.code is code


def nearest_even(value: Fraction) -> int:
    """Python's own rounding of a fraction is half-even; the twins do not use it."""
    return round(value)


# ---- quantize and dequantize


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=8),
    st.integers(0, 30),
)
def test_quantize_is_the_exact_fraction_rounded(values: list[float], bits: int) -> None:
    """Every finite double quantises to the clamped half-even rounding of its exact rational value."""
    expected = [max(-Q, min(nearest_even(Fraction(value) * 2**bits), Q)) for value in values]
    assert twin.quantize(np.array(values), bits).tolist() == expected


@settings(deadline=None, max_examples=100)
@given(st.integers(-Q - 2, Q + 2), st.integers(0, 20))
def test_quantize_sends_ties_to_even(integer: int, bits: int) -> None:
    """k + 1/2 goes to the even neighbour, in single precision as in double, on both sides of zero."""
    value = (integer + 0.5) / 2**bits
    expected = max(-Q, min(integer + integer % 2, Q))
    assert twin.quantize(np.array([value]), bits).tolist() == [expected]
    assert twin.quantize(np.array([value], dtype=np.float32), bits).tolist() == [expected]


def test_quantize_just_beside_a_tie() -> None:
    """One unit in the last place beside a tie decides it, so the product must not be rounded first."""
    values = np.array([math.nextafter(0.5, 0), 0.5, math.nextafter(0.5, 1), math.nextafter(2.5, 3), 2.5])
    assert twin.quantize(values, 0).tolist() == [0, 0, 1, 3, 2]
    assert twin.quantize(-values, 0).tolist() == [0, 0, -1, -3, -2]


def test_quantize_extremes() -> None:
    """The largest double and the smallest subnormal, with the largest shift, stay exact; the ends clamp."""
    values = np.array([1.7976931348623157e308, -1.7976931348623157e308, 5e-324, -0.0])
    assert twin.quantize(values, 30).tolist() == [Q, -Q, 0, 0]
    assert twin.quantize(np.array([Q - 0.5, Q + 0.5, -Q - 0.5, Q + 1.0]), 0).tolist() == [Q - 1, Q, -Q, Q]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_quantize_refuses_what_is_not_finite(value: float, dtype: type) -> None:
    """NaN and the infinities are refused wherever they stand."""
    refused(Code.NOT_FINITE, twin.quantize, np.array([0.0, value], dtype=dtype), 0)


def test_quantize_refuses_a_signalling_nan() -> None:
    """A NaN with any payload is refused."""
    value = struct.unpack("<d", bytes.fromhex("010000000000f07f"))
    refused(Code.NOT_FINITE, twin.quantize, np.array(value), 0)


@settings(deadline=None, max_examples=100)
@given(st.lists(COORDINATES, min_size=1, max_size=8), st.integers(0, 30))
def test_dequantize_is_exact_and_quantize_undoes_it(values: list[int], bits: int) -> None:
    """q / 2^F is exactly representable, so quantising it again gives q."""
    real = twin.dequantize(int32(*values), bits)
    assert [Fraction(value) for value in real.tolist()] == [Fraction(value, 2**bits) for value in values]
    assert twin.quantize(real, bits).tolist() == values


def test_dequantize_takes_any_int32() -> None:
    """Models are int32 without the bound Q, and both ends convert exactly."""
    assert twin.dequantize(int32(-(2**31), 2**31 - 1), 30).tolist() == [-2.0, 2 - 2**-30]


# ---- sums


@settings(deadline=None, max_examples=100)
@given(vectors(), st.data())
def test_weighted_sum_is_the_matrix_product(rows: list[np.ndarray], data: st.DataObject) -> None:
    """The sum equals the product of the weight vector and the matrix over the integers."""
    weights = data.draw(st.lists(WEIGHTS, min_size=len(rows), max_size=len(rows)))
    expected = np.array(weights, dtype=object) @ np.array([row.tolist() for row in rows], dtype=object)
    found = twin.weighted_sum(rows, weights)
    assert found.dtype == np.int64
    assert found.tolist() == expected.tolist()


def test_weighted_sum_at_the_bound() -> None:
    """2047 vectors at Q with weight 65535 stay below 2^47."""
    rows = [int32(Q, -Q)] * 2047
    assert twin.weighted_sum(rows, [65535] * 2047).tolist() == [2047 * 65535 * Q, -2047 * 65535 * Q]
    assert 2047 * 65535 * Q < 2**47


@settings(deadline=None, max_examples=150)
@given(
    st.integers(-(2**47) + 1, 2**47 - 1) | st.integers(-40, 40),
    st.integers(1, 65535) | st.integers(1, 4),
    st.integers(1, limits.DIVISOR_MAX) | st.integers(1, 9),
)
def test_div_round_is_the_fraction_rounded(numerator: int, multiplier: int, divisor: int) -> None:
    """The quotient is the half-even rounding of the exact fraction, of either sign."""
    found = twin.div_round(np.array([numerator, -numerator]), multiplier, divisor).tolist()
    expected = nearest_even(Fraction(multiplier * numerator, divisor))
    assert found == [expected, -expected]


def test_div_round_ties() -> None:
    """Halves go to the even integer: 0.5, 1.5, 2.5 and their negatives."""
    assert twin.div_round(np.array([1, 3, 5, -1, -3, -5]), 1, 2).tolist() == [0, 2, 2, 0, -2, -2]


def test_div_round_refuses_a_sum_out_of_range() -> None:
    """A numerator of 2^47 is refused, one below it is not."""
    assert twin.div_round(np.array([2**47 - 1, 1 - 2**47]), 1, 1).tolist() == [2**47 - 1, 1 - 2**47]
    refused(Code.SUM_RANGE, twin.div_round, np.array([0, 2**47]), 1, 1)
    refused(Code.SUM_RANGE, twin.div_round, np.array([-(2**63)]), 1, 1)


# ---- order statistics


@settings(deadline=None, max_examples=100)
@given(vectors())
def test_median_has_half_on_either_side(rows: list[np.ndarray]) -> None:
    """At most half of the values lie strictly on either side of the median, and even n averages the middle."""
    medians = twin.coordinate_median(rows)
    assert medians.dtype == np.int32
    for index, median in enumerate(medians.tolist()):
        column = sorted(int(row[index]) for row in rows)
        assert sum(value < median for value in column) * 2 <= len(column)
        assert sum(value > median for value in column) * 2 <= len(column)
        if len(column) % 2 == 0:
            middle = column[len(column) // 2 - 1 : len(column) // 2 + 1]
            assert median == nearest_even(Fraction(sum(middle), 2))
        else:
            assert median in column


@settings(deadline=None, max_examples=100)
@given(vectors(), st.data())
def test_trimmed_sum_drops_the_ends(rows: list[np.ndarray], data: st.DataObject) -> None:
    """Removing the smallest and largest one at a time, `trim` times, leaves what is summed."""
    trim = data.draw(st.integers(0, (len(rows) - 1) // 2))
    expected = []
    for index in range(rows[0].size):
        column = [int(row[index]) for row in rows]
        for _ in range(trim):
            column.remove(max(column))
            column.remove(min(column))
        expected.append(sum(column))
    assert twin.trimmed_sum(rows, trim).tolist() == expected


@settings(deadline=None, max_examples=60)
@given(vectors(most=6))
def test_pairwise_sqdist_is_exact(rows: list[np.ndarray]) -> None:
    """The matrix is symmetric with a zero diagonal, and |x|^2 + |y|^2 - 2xy gives the same integers."""
    found = twin.pairwise_sqdist(rows)
    points = [row.tolist() for row in rows]
    for i, x in enumerate(points):
        for j, y in enumerate(points):
            dot = sum(a * b for a, b in zip(x, y, strict=True))
            assert found[i][j] == sum(a * a for a in x) + sum(b * b for b in y) - 2 * dot


# ---- clipping


@settings(deadline=None, max_examples=200)
@given(st.lists(COORDINATES, min_size=1, max_size=8), st.integers(1, 50) | st.integers(1, 2**32 - 1))
def test_clip_l2_always_keeps_the_bound(values: list[int], bound: int) -> None:
    """The norm of the result is at most the bound, signs stay, and nothing within the bound changes."""
    clipped = twin.clip_l2(int32(*values), bound).tolist()
    assert sum(value * value for value in clipped) <= bound * bound
    assert all(abs(c) <= abs(v) and c * v >= 0 for c, v in zip(clipped, values, strict=True))
    if sum(value * value for value in values) <= bound * bound:
        assert clipped == values


def test_clip_l2_rounds_the_root_up_and_the_coordinates_down() -> None:
    """N = 2 has the root 1.41: the rounded-up root 2 halves and truncates; a nearest root would leave it."""
    assert twin.clip_l2(int32(1, 1), 1).tolist() == [0, 0]
    assert twin.clip_l2(int32(-30, 40), 25).tolist() == [-15, 20]
    assert twin.clip_l2(int32(-30, 41), 25).tolist() == [-14, 20]  # s = 51: -14.7 and 20.09


def test_clip_l2_gives_a_vector_of_its_own() -> None:
    """The unchanged vector is a copy: writing to the result leaves the input alone."""
    given_vector = int32(1, 2)
    result = twin.clip_l2(given_vector, 10)
    result[0] = 9
    assert given_vector.tolist() == [1, 2]


# ---- domain


@pytest.mark.parametrize("value", [Q + 1, -Q - 1, 2**31 - 1, -(2**31)])
def test_coordinates_outside_the_domain_are_refused(value: int) -> None:
    """Every kernel over updates refuses one coordinate outside +-Q, at any place."""
    bad = int32(Q, -Q, value)
    assert twin.domain_check(bad) == 2
    refused(Code.DOMAIN_COORDINATE, twin.weighted_sum, [int32(0, 0, 0), bad], [1, 0])
    refused(Code.DOMAIN_COORDINATE, twin.coordinate_median, [int32(0, 0, 0), bad])
    refused(Code.DOMAIN_COORDINATE, twin.trimmed_sum, [int32(0, 0, 0), bad, bad], 1)
    refused(Code.DOMAIN_COORDINATE, twin.pairwise_sqdist, [bad])
    refused(Code.DOMAIN_COORDINATE, twin.clip_l2, bad, 2**32 - 1)


def test_domain_check_gives_the_first_offender() -> None:
    """The first index outside +-Q, or -1."""
    assert twin.domain_check(int32(Q, -Q)) == -1
    assert twin.domain_check(int32(0, Q + 1, -Q - 1)) == 1


# ---- hashing


@pytest.mark.parametrize("length", [1, 4095, 4096, 4097, 8191, 8192, 8193, 3 * 4096])
def test_sha256_chunks_at_the_seams(length: int) -> None:
    """Digests of whole chunks, then of the shorter last one; period 251 shows swapped chunks."""
    data = bytes(index % 251 for index in range(length))
    expected = b""
    rest = data
    while rest:
        expected += hashlib.sha256(rest[:4096]).digest()
        rest = rest[4096:]
    assert twin.sha256_chunks(data) == expected
    assert twin.sha256_chunks(bytearray(data)) == expected
    assert twin.sha256_chunks(memoryview(np.frombuffer(data, dtype=np.uint8))) == expected


def test_sha256_chunks_known_digest() -> None:
    """The FIPS 180-4 example "abc", and one byte a chunk."""
    known = bytes.fromhex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    assert twin.sha256_chunks(b"abc") == known
    assert twin.sha256_chunks(b"aa", 1) == hashlib.sha256(b"a").digest() * 2


def naive_root(chunks: list[bytes], leaves: int) -> bytes:
    padded = chunks + [bytes(32)] * (leaves - len(chunks))
    while len(padded) > 1:
        padded = [hashlib.sha256(padded[i] + padded[i + 1]).digest() for i in range(0, len(padded), 2)]
    return padded[0]


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 7, 8, 9, 16, 17])
def test_ssz_merkleize_equals_the_padded_tree(limit: int) -> None:
    """The virtual padding gives the root of the tree that is padded for real to a power of two."""
    leaves = 1
    while leaves < limit:
        leaves *= 2
    for count in range(limit + 1):
        chunks = [bytes([index + 1]) * 32 for index in range(count)]
        assert twin.ssz_merkleize(b"".join(chunks), limit) == naive_root(chunks, leaves)


def test_ssz_merkleize_of_a_huge_limit() -> None:
    """A limit of 2^40 costs forty hashes, not 2^40 leaves."""
    root = bytes(32)
    for _ in range(40):
        root = hashlib.sha256(root + root).digest()
    assert twin.ssz_merkleize(b"", 2**40) == root


# ---- arguments

FLOATS, ONE, SUMS = np.array([1.0]), int32(1), np.array([1])
ARGUMENT_FAULTS = [
    (Code.KERNEL_ARGUMENT, arguments.quantize, ([1.0], 0)),
    (Code.KERNEL_ARGUMENT, arguments.quantize, (np.array([1], dtype=np.float16), 0)),
    (Code.KERNEL_ARGUMENT, arguments.quantize, (FLOATS.astype(">f8"), 0)),
    (Code.KERNEL_ARGUMENT, arguments.quantize, (np.ones((2, 2)), 0)),
    (Code.KERNEL_ARGUMENT, arguments.quantize, (np.ones(4)[::2], 0)),
    (Code.KERNEL_ARGUMENT, arguments.quantize, (FLOATS, True)),
    (Code.KERNEL_ARGUMENT, arguments.quantize, (FLOATS, 1.0)),
    (Code.EMPTY, arguments.quantize, (np.array([]), 0)),
    (Code.FRACTION_BITS, arguments.quantize, (FLOATS, 31)),
    (Code.FRACTION_BITS, arguments.quantize, (FLOATS, -1)),
    (Code.KERNEL_ARGUMENT, arguments.dequantize, (np.array([1], dtype=np.int64), 0)),
    (Code.FRACTION_BITS, arguments.dequantize, (ONE, 31)),
    (Code.EMPTY, arguments.domain_check, (int32(),)),
    (Code.KERNEL_ARGUMENT, arguments.weighted_sum, (iter([ONE]), [1])),
    (Code.EMPTY, arguments.weighted_sum, ([], [])),
    (Code.EMPTY, arguments.weighted_sum, ([int32()], [1])),
    (Code.VECTOR_COUNT, arguments.weighted_sum, ([ONE] * 2048, [1] * 2048)),
    (Code.VECTOR_LENGTH, arguments.weighted_sum, ([ONE, int32(1, 2)], [1, 1])),
    (Code.WEIGHT_COUNT, arguments.weighted_sum, ([ONE], [1, 1])),
    (Code.WEIGHT_RANGE, arguments.weighted_sum, ([ONE], [65536])),
    (Code.WEIGHT_RANGE, arguments.weighted_sum, ([ONE], [-1])),
    (Code.KERNEL_ARGUMENT, arguments.weighted_sum, ([ONE], [1.0])),
    (Code.KERNEL_ARGUMENT, arguments.weighted_sum, ([ONE], np.array([1]))),
    (Code.KERNEL_ARGUMENT, arguments.div_round, (ONE, 1, 1)),
    (Code.MULTIPLIER_RANGE, arguments.div_round, (SUMS, 0, 1)),
    (Code.MULTIPLIER_RANGE, arguments.div_round, (SUMS, 65536, 1)),
    (Code.DIVISOR_RANGE, arguments.div_round, (SUMS, 1, 0)),
    (Code.DIVISOR_RANGE, arguments.div_round, (SUMS, 1, limits.DIVISOR_MAX + 1)),
    (Code.EMPTY, arguments.coordinate_median, ([],)),
    (Code.TRIM_RANGE, arguments.trimmed_sum, ([ONE, ONE], 1)),
    (Code.TRIM_RANGE, arguments.trimmed_sum, ([ONE, ONE, ONE], 2)),
    (Code.TRIM_RANGE, arguments.trimmed_sum, ([ONE], -1)),
    (Code.VECTOR_LENGTH, arguments.pairwise_sqdist, ([ONE, int32(1, 2)],)),
    (Code.NORM_BOUND_RANGE, arguments.clip_l2, (ONE, 0)),
    (Code.NORM_BOUND_RANGE, arguments.clip_l2, (ONE, 2**32)),
    (Code.KERNEL_ARGUMENT, arguments.sha256_chunks, ("text", 1)),
    (Code.KERNEL_ARGUMENT, arguments.sha256_chunks, (memoryview(bytes(4))[::2], 1)),
    (Code.EMPTY, arguments.sha256_chunks, (b"", 1)),
    (Code.EMPTY, arguments.sha256_chunks, (memoryview(b""), 1)),
    (Code.CHUNK_BYTES, arguments.sha256_chunks, (b"a", 0)),
    (Code.CHUNK_BYTES, arguments.sha256_chunks, (b"a", 2**31)),
    (Code.KERNEL_ARGUMENT, arguments.ssz_merkleize, ([bytes(32)], 1)),
    (Code.MERKLE_LENGTH, arguments.ssz_merkleize, (bytes(33), 2)),
    (Code.MERKLE_LIMIT, arguments.ssz_merkleize, (bytes(32), 0)),
    (Code.MERKLE_LIMIT, arguments.ssz_merkleize, (bytes(32), 2**40 + 1)),
    (Code.MERKLE_LIMIT, arguments.ssz_merkleize, (bytes(96), 2)),
]


@pytest.mark.parametrize(("code", "check", "args"), ARGUMENT_FAULTS)
def test_arguments_are_refused_by_name(code: Code, check, args) -> None:
    """Each single fault in the arguments gives the code of its guard."""
    refused(code, check, *args)


def test_arguments_at_the_bounds_pass() -> None:
    """The largest and smallest legal arguments are accepted."""
    arguments.quantize(FLOATS.astype(np.float32), 30)
    arguments.weighted_sum((ONE,) * 2047, (0, 65535) * 1023 + (1,))
    arguments.div_round(SUMS, 65535, limits.DIVISOR_MAX)
    arguments.trimmed_sum([ONE] * 3, 1)
    arguments.clip_l2(ONE, 2**32 - 1)
    arguments.sha256_chunks(memoryview(b"a"), 2**31 - 1)
    arguments.ssz_merkleize(bytes(64), 2)
    arguments.ssz_merkleize(b"", 2**40)


def test_guards_are_asked_in_order() -> None:
    """With two faults the earlier guard answers: emptiness before fraction bits, lengths before weights."""
    refused(Code.EMPTY, arguments.quantize, np.array([]), 31)
    refused(Code.VECTOR_LENGTH, arguments.weighted_sum, [ONE, int32(1, 2)], [1])
    refused(Code.WEIGHT_COUNT, arguments.weighted_sum, [ONE], [70000, 1])
    refused(Code.MULTIPLIER_RANGE, arguments.div_round, SUMS, 0, 0)
    refused(Code.MERKLE_LENGTH, arguments.ssz_merkleize, bytes(33), 0)


def test_twins_are_fast_enough_for_the_demo() -> None:
    """Five updates of 3000 coordinates, the size of the demo, take a fraction of a second in every twin."""
    generator = np.random.default_rng(1)
    rows = [generator.integers(-Q, Q, 3000, dtype=np.int32) for _ in range(5)]
    start = time.perf_counter()
    twin.coordinate_median(rows)
    twin.trimmed_sum(rows, 1)
    twin.pairwise_sqdist(rows)
    twin.weighted_sum(rows, [1, 2, 3, 4, 5])
    twin.clip_l2(rows[0], 1000)
    twin.quantize(generator.normal(size=3000), 16)
    assert time.perf_counter() - start < 1.0  # about 0.03 s when measured; the slack is for loaded machines
