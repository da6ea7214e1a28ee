"""Beacon and committees (CON-001, CON-002, CON-003, CON-004)."""

from __future__ import annotations

import hashlib

import pytest
from bcfl_ref.consensus import beacon
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.types import Committee, Seat
from hypothesis import given, settings
from hypothesis import strategies as st

SEED = bytes(range(32))
GENESIS = bytes([7]) * 32


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**40), st.integers(2, 2**32))
def test_an_epoch_is_a_span_of_heights(height: int, epoch_heights: int) -> None:
    """A height lies between the first heights of its epoch and of the next."""
    epoch = beacon.epoch_of(height, epoch_heights)
    assert epoch * epoch_heights <= height < (epoch + 1) * epoch_heights


def test_committee_at_picks_by_epoch_and_refuses_others() -> None:
    """One of two committees in succession sits at a height; none sits two epochs away."""
    first, second = Committee(2, SEED, (Seat(0, 1),)), Committee(3, SEED, (Seat(1, 1),))
    assert beacon.committee_at(23, 8, first, second) is first
    assert beacon.committee_at(24, 8, first, second) is second
    for height in (15, 32):
        with pytest.raises(SpecError) as refusal:
            beacon.committee_at(height, 8, first, second)
        assert refusal.value.code is Code.HEIGHT_EPOCH


def test_mix_reveal_is_one_hash_and_only_in_view_0() -> None:
    """The mix is SHA-256(mix ‖ reveal) for a block of view 0 and untouched by later views."""
    reveal = bytes(96)
    assert beacon.mix_reveal(SEED, 0, reveal) == hashlib.sha256(SEED + reveal).digest()
    assert all(beacon.mix_reveal(SEED, view, reveal) == SEED for view in (1, 2, 4095))


def test_genesis_seeds_and_mix_are_as_written() -> None:
    """The first mix and seeds are hashes with their own prefixes, different from each other."""
    assert beacon.genesis_mix(GENESIS) == hashlib.sha256(b"\x81\0\0\0" + GENESIS).digest()
    second = hashlib.sha256(b"\x82\0\0\0" + GENESIS + b"\1" + bytes(7)).digest()
    assert beacon.genesis_seed(GENESIS, 1) == second != beacon.genesis_seed(GENESIS, 0)


def test_reveal_messages_differ_by_height_and_ledger() -> None:
    """An author signs its height, on its ledger, under its version."""
    messages = {
        beacon.reveal_message(height, root, version)
        for height in (1, 2)
        for root in (SEED, GENESIS)
        for version in (1, 2)
    }
    assert len(messages) == 8


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 9)), max_size=8))
def test_snapshot_candidates_keeps_weight_and_order(pairs: list[tuple[int, int]]) -> None:
    """Ascending indices give the pairs with weight; anything else is refused."""
    indices = [index for index, _ in pairs]
    if indices == sorted(set(indices)):
        expected = tuple(Seat(index, weight) for index, weight in pairs if weight)
        assert beacon.snapshot_candidates(pairs) == expected
    else:
        with pytest.raises(SpecError) as refusal:
            beacon.snapshot_candidates(pairs)
        assert refusal.value.code is Code.CANDIDATE_ORDER


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.integers(1, 2**64 - 1), min_size=1, max_size=12),
    st.integers(1, 12),
    st.binary(min_size=32, max_size=32),
)
def test_draw_committee_seats_everybody_or_draws(weights: list[int], seats_max: int, seed: bytes) -> None:
    """With room everybody sits with its weight; without, exactly seats_max seats of weight 1 are drawn among them."""
    candidates = tuple(Seat(3 * index, weight) for index, weight in enumerate(weights))
    committee = beacon.draw_committee(5, seed, candidates, seats_max)
    if len(candidates) <= seats_max:
        assert committee.seats == candidates
    else:
        assert len(committee.seats) == seats_max
        assert {seat.weight for seat in committee.seats} == {1}
        assert {seat.identity for seat in committee.seats} <= {seat.identity for seat in candidates}
    assert beacon.draw_committee(5, seed, candidates, seats_max) == committee


def test_draw_committee_follows_the_weights() -> None:
    """Of 4000 draws the shares are those of the weights, within five standard deviations."""
    candidates = [Seat(0, 1), Seat(1, 2), Seat(2, 5)]
    draws = [
        beacon.draw_seat(hashlib.sha256(bytes([n % 256, n // 256])).digest(), n % 7, candidates) for n in range(4000)
    ]
    for identity, share in ((0, 1), (1, 2), (2, 5)):
        count, mean = draws.count(identity), 4000 * share // 8
        assert (count - mean) ** 2 < 25 * 4000 * share * (8 - share) // 64


def test_draw_seat_rejects_the_uneven_end() -> None:
    """With a sum of weights just above half the range about half of the tries start again."""
    heavy = [Seat(0, 2**127), Seat(1, 1)]
    total = 2**127 + 1
    for seat in range(32):
        tries = 0
        while True:
            hashed = b"\x80\0\0\0" + SEED + seat.to_bytes(8, "little") + tries.to_bytes(8, "little")
            point = int.from_bytes(hashlib.sha256(hashed).digest()[:16], "little")
            if point < total:
                break
            tries += 1
        assert beacon.draw_seat(SEED, seat, heavy) == (0 if point < 2**127 else 1)


def test_draw_committee_refuses_in_order() -> None:
    """Seats, then candidates, then their order, then their weights."""
    good = (Seat(1, 1), Seat(2, 1))
    cases = [
        (0, (), Code.SEATS_RANGE),
        (1025, good, Code.SEATS_RANGE),
        (4, (), Code.CANDIDATES_EMPTY),
        (4, (Seat(2, 0), Seat(2, 1)), Code.CANDIDATE_ORDER),
        (4, (Seat(1, 1), Seat(2, 0)), Code.CANDIDATE_WEIGHT),
    ]
    for seats_max, candidates, code in cases:
        with pytest.raises(SpecError) as refusal:
            beacon.draw_committee(0, SEED, candidates, seats_max)
        assert refusal.value.code is code
