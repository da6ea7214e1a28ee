"""Seeded numbers, against a second implementation written from the specification alone."""

from __future__ import annotations

import hashlib

import pytest
from bcfl_ref.application.streams import WORD, Stream, training_seed
from bcfl_ref.errors import Code, SpecError
from hypothesis import given, settings
from hypothesis import strategies as st


def words(purpose: bytes, numbers: list[int], count: int) -> list[int]:
    """The first words of a stream, by slicing one long string of blocks."""
    key = hashlib.sha256(purpose + bytes(1) + b"".join(n.to_bytes(8, "little") for n in numbers)).digest()
    blocks = b"".join(hashlib.sha256(key + i.to_bytes(8, "little")).digest() for i in range(count // 4 + 1))
    return [int.from_bytes(blocks[8 * i : 8 * i + 8], "little") for i in range(count)]


@given(st.lists(st.integers(0, WORD - 1), max_size=3), st.integers(0, 9))
@settings(deadline=None, max_examples=50)
def test_words_are_those_of_the_specification(numbers: list[int], count: int) -> None:
    """APP-001: Words come four to a block, in order, whatever the numbers."""
    stream = Stream(b"purpose", *numbers)
    assert [stream.word() for _ in range(count)] == words(b"purpose", numbers, count)


@given(st.integers(1, WORD))
@settings(deadline=None, max_examples=100)
def test_numbers_lie_below_their_bound(bound: int) -> None:
    """APP-002: A draw lies in 0 … bound − 1 and is the first word that is not rejected."""
    limit = WORD - WORD % bound
    expected = next(word % bound for word in words(b"x", [], 200) if word < limit)
    assert Stream(b"x").below(bound) == expected < bound


@given(st.integers(0, 60), st.integers(0, 99))
@settings(deadline=None, max_examples=50)
def test_a_shuffle_is_a_permutation(length: int, seed: int) -> None:
    """APP-003: A shuffle loses nothing and depends on the seed alone."""
    order = Stream(b"s", seed).shuffled(length)
    assert sorted(order) == list(range(length))
    assert order == Stream(b"s", seed).shuffled(length)


def test_every_order_of_three_is_equally_likely() -> None:
    """APP-003: The six orders of three elements come about equally often in 6000 shuffles."""
    stream = Stream(b"fair")
    counts: dict[tuple[int, ...], int] = {}
    for _ in range(6000):
        order = tuple(stream.shuffled(3))
        counts[order] = counts.get(order, 0) + 1
    assert len(counts) == 6 and all(850 < count < 1150 for count in counts.values())


def test_training_seeds_differ() -> None:
    """APP-004: No two trainers or rounds share a training seed."""
    assert len({training_seed(1, r, k) for r in range(30) for k in range(30)}) == 900


@pytest.mark.parametrize(
    ("purpose", "numbers", "code"),
    [
        (b"", (), Code.STREAM_PURPOSE),
        (b"x" * 33, (), Code.STREAM_PURPOSE),
        (b"a b", (), Code.STREAM_PURPOSE),
        (b"a\x7f", (), Code.STREAM_PURPOSE),
        (b"a", (-1,), Code.BOUND_RANGE),
        (b"a", (WORD,), Code.BOUND_RANGE),
    ],
)
def test_bad_names_are_refused(purpose: bytes, numbers: tuple[int, ...], code: Code) -> None:
    """APP-001: A purpose is 1 to 32 visible ASCII bytes, a number has 64 bits."""
    with pytest.raises(SpecError) as refusal:
        Stream(purpose, *numbers)
    assert refusal.value.code is code


@pytest.mark.parametrize("bound", [0, -1, WORD + 1])
def test_bounds_out_of_range_are_refused(bound: int) -> None:
    """APP-002: A bound lies in 1 … 2^64."""
    with pytest.raises(SpecError) as refusal:
        Stream(b"a").below(bound)
    assert refusal.value.code is Code.BOUND_RANGE
