"""Computing on shares: the large field, sums of every sharing, products (PRV-070, PRV-071, PRV-075)."""

from __future__ import annotations

import numpy as np
import pytest
from bcfl_ref import kernels
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.kernels.limits import FIELD_MODULUS
from bcfl_ref.privacy import computation, triples
from hypothesis import given, settings
from hypothesis import strategies as st

R = computation.LARGE_MODULUS
SEEDS = st.binary(min_size=32, max_size=32)
ELEMENTS = st.sampled_from([0, 1, 2, R // 2, R // 2 + 1, R - 2, R - 1]) | st.integers(0, R - 1)


def products_of(left: list[int], right: list[int], parties: int, seed: bytes) -> list[int]:
    """The opened products of two shared rows."""
    dealt = triples.deal_triples(parties, len(left), seed)
    xs = computation.additive_share(left, parties, seed[::-1])
    ys = computation.additive_share(right, parties, bytes(byte ^ 1 for byte in seed))
    told = [computation.product_open(x, y, own) for x, y, own in zip(xs, ys, dealt, strict=True)]
    opened = [computation.additive_open([row[side] for row in told]) for side in (0, 1)]
    shares = [computation.product_close(party, own, *opened) for party, own in enumerate(dealt)]
    return computation.additive_open(shares)


def test_the_modulus_is_prime() -> None:
    """2^127 − 1 passes the test of Lucas and Lehmer, which decides for numbers of this form."""
    number = 4
    for _ in range(125):
        number = (number * number - 2) % R
    assert number == 0


@settings(deadline=None, max_examples=50)
@given(st.lists(ELEMENTS, min_size=1, max_size=6), st.integers(2, 7), SEEDS)
def test_all_shares_open_and_fewer_say_nothing(secrets: list[int], parties: int, seed: bytes) -> None:
    """All shares sum to the secrets; without any one of them every other secret is as possible."""
    shares = computation.additive_share(secrets, parties, seed)
    assert computation.additive_open(shares) == secrets
    for missing in range(parties):
        others = [row for party, row in enumerate(shares) if party != missing]
        wanted = [(secret + 12345) % R for secret in secrets]
        lacking = [(want - sum(column)) % R for want, *column in zip(wanted, *others, strict=True)]
        assert computation.additive_open([*others, lacking]) == wanted


def test_samples_are_read_natively_and_by_the_book_alike() -> None:
    """The words of a seed are those of its key stream, whichever way it is made, over several draws."""
    seed, stream = bytes(range(32)), b"\x10" + bytes(11)
    words = computation.key_words(seed, stream)
    got = [next(words) for _ in range(200)]
    stretch = kernels.mask_add(np.zeros(400, dtype=np.uint64), seed, stream, False).tobytes()
    assert got == [int.from_bytes(stretch[at : at + 16], "little") for at in range(0, 3200, 16)]
    assert computation.large_samples(stretch, 150) == [word & R for word in got[:150]]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(ELEMENTS, ELEMENTS), min_size=1, max_size=4), st.integers(2, 5), SEEDS)
def test_products_are_exact(factors: list[tuple[int, int]], parties: int, seed: bytes) -> None:
    """Whatever the factors, the opened products are those of the field."""
    left, right = [x for x, _ in factors], [y for _, y in factors]
    assert products_of(left, right, parties, seed) == [x * y % R for x, y in factors]


def test_a_small_field_would_wrap() -> None:
    """1024 numbers of 16 with 10 fraction bits wrap in a field of 15 bits; here a product of 120 bits does not."""
    small = 2**15 - 19
    total = 1024 * 16 * 2**10
    assert total % small != total
    large = 2**60 - 1
    opened = products_of([large], [R - large], 2, bytes(range(32)))
    assert computation.from_large(opened, large * large) == [-large * large]


def test_what_is_published_of_a_product_does_not_depend_on_it() -> None:
    """For every opened pair and every two factors there is a triple: d and e say nothing about x and y."""
    for x, y in ((0, 0), (5, R - 7)):
        a, b = (x - 111) % R, (y - 222) % R
        left, right = computation.product_open([x], [y], [[a], [b], [a * b % R]])
        assert (left, right) == ([111], [222])


def test_a_dealer_and_one_party_read_every_factor() -> None:
    """What the table of trust says: who knows the triple reads the factor off what is published."""
    seed, secret = bytes(range(32)), 4711
    dealt = triples.deal_triples(3, 1, seed)
    shares = computation.additive_share([secret], 3, seed[::-1])
    told = [computation.product_open(row, row, own) for row, own in zip(shares, dealt, strict=True)]
    left = computation.additive_open([row[0] for row in told])
    dealers_a = computation.additive_open([own[0] for own in dealt])
    assert (left[0] + dealers_a[0]) % R == secret


# ---- sums of shares


@settings(deadline=None, max_examples=20)
@given(st.data(), st.integers(1, 4), st.integers(2, 4))
def test_packed_shares_of_one_shape_add(data: st.DataObject, dealers: int, pack: int) -> None:
    """PRV-071: the weighted sums of packed shares rebuild the weighted sums of the blocks, from any t holders."""
    threshold, count, field = pack + 2, pack + 4, FIELD_MODULUS
    element = st.integers(0, field - 1)
    secrets = [data.draw(st.lists(element, min_size=2 * pack, max_size=2 * pack)) for _ in range(dealers)]
    weights = data.draw(st.lists(element, min_size=dealers, max_size=dealers))
    dealt = [
        kernels.packed_share(np.array(row, dtype=np.uint64), pack, threshold, count, bytes([at]) * 32)
        for at, row in enumerate(secrets)
    ]
    sums = [
        computation.combine_shares(61, weights, [shares[holder].tolist() for shares in dealt])
        for holder in range(count)
    ]
    holders = sorted(data.draw(st.permutations(range(count)))[:threshold])
    rows = [np.array(sums[holder], dtype=np.uint64) for holder in holders]
    rebuilt = kernels.packed_reconstruct(rows, holders, pack, threshold).tolist()
    assert rebuilt == [
        sum(w * s for w, s in zip(weights, column, strict=True)) % field for column in zip(*secrets, strict=True)
    ]


def test_packed_shares_of_two_shapes_do_not_add() -> None:
    """PRV-071: with other block lengths the places of a block hold something else than sums."""
    secrets = np.array([1, 2, 3, 4, 5, 6], dtype=np.uint64)
    two = kernels.packed_share(secrets, 2, 5, 6, bytes(32))
    three = kernels.packed_share(secrets, 3, 5, 6, bytes(range(32)))
    blocks = 2
    sums = [
        np.array(computation.combine_shares(61, [1, 1], [x[:blocks].tolist(), y[:blocks].tolist()]), dtype=np.uint64)
        for x, y in zip(two, three, strict=True)
    ]
    rebuilt = kernels.packed_reconstruct(sums[:5], [0, 1, 2, 3, 4], 3, 5).tolist()
    assert rebuilt[:2] == [2, 4] and rebuilt[2] not in (3, 6), "the third place holds a number nobody shared"


def test_shamir_shares_add_with_their_threshold() -> None:
    """PRV-071: sums of Shamir shares have the degree of the summands; products would have twice as much."""
    field = FIELD_MODULUS
    one = kernels.shamir_share(np.array([7], dtype=np.uint64), 3, 6, bytes(32))
    two = kernels.shamir_share(np.array([field - 9], dtype=np.uint64), 3, 6, bytes(range(32)))
    sums = [
        np.array(computation.combine_shares(61, [1, 1], [x.tolist(), y.tolist()]), dtype=np.uint64)
        for x, y in zip(one, two, strict=True)
    ]
    products = [np.array([int(x[0]) * int(y[0]) % field], dtype=np.uint64) for x, y in zip(one, two, strict=True)]
    assert kernels.shamir_reconstruct(sums[3:], [3, 4, 5], 3).tolist() == [field - 2]
    wanted = 7 * (field - 9) % field
    assert kernels.shamir_reconstruct(products[:3], [0, 1, 2], 3).tolist() != [wanted]
    assert kernels.shamir_reconstruct(products[:5], [0, 1, 2, 3, 4], 5).tolist() == [wanted]


def test_the_bound_of_sums_is_sharp() -> None:
    """PRV-071: 2^24 summands of the largest weight are read without doubt, 300 more are not."""
    largest = (2**20 - 1) * (2**16 - 1)
    assert 2 * 2**24 * largest + 1 <= FIELD_MODULUS < 2 * (2**24 + 300) * largest + 1


def test_the_signed_range_is_the_whole_field() -> None:
    """PRV-070: every element is one number, and the ends are as far from zero."""
    ends = [R // 2, -(R // 2), 0, -1]
    assert computation.from_large([value % R for value in ends], R // 2) == ends
    with pytest.raises(SpecError) as refusal:
        computation.from_large([0], R // 2 + 1)
    assert refusal.value.code is Code.FIELD_OVERFLOW


def test_no_refusal_shows_a_share() -> None:
    """PRV-070: a share out of the field, a secret out of the field: the detail does not hold it."""
    for call in (
        lambda: computation.additive_share([R + 41], 2, bytes(32)),
        lambda: computation.additive_open([[R + 41], [1]]),
        lambda: computation.combine_shares(127, [1], [[R + 41]]),
    ):
        with pytest.raises(SpecError) as refusal:
            call()
        assert refusal.value.code is Code.FIELD_RANGE and str(R + 41) not in str(refusal.value)
