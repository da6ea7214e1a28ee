"""Triples: dealt right, checked by sacrifice, used once (PRV-072 ... PRV-074)."""

from __future__ import annotations

from typing import Any

import pytest
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.privacy import computation, triples
from bcfl_ref.types import TripleStore
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

R = computation.LARGE_MODULUS
SEED = bytes(range(32))
Triples = list[list[list[int]]]


def opened_differences(kept: Triples, burnt: Triples, challenges: list[int]) -> list[int]:
    """What the parties open at the end of a sacrifice."""
    told = [triples.sacrifice_open(k, u, challenges) for k, u in zip(kept, burnt, strict=True)]
    opened = [computation.additive_open([row[side] for row in told]) for side in (0, 1)]
    pairs = enumerate(zip(kept, burnt, strict=True))
    return computation.additive_open([triples.sacrifice_close(at, k, u, challenges, opened) for at, (k, u) in pairs])


def pairs_of(parties: int, count: int) -> tuple[Triples, Triples]:
    dealt = triples.deal_triples(parties, 2 * count, SEED)
    return [[row[:count] for row in own] for own in dealt], [[row[count:] for row in own] for own in dealt]


@pytest.mark.parametrize("parties", [2, 3, 64])
def test_triples_multiply(parties: int) -> None:
    """PRV-072: the opened a, b and c of every triple satisfy a·b = c, and no two triples are alike."""
    dealt = triples.deal_triples(parties, 5, SEED)
    a, b, c = (computation.additive_open([own[row] for own in dealt]) for row in range(3))
    assert [x * y % R for x, y in zip(a, b, strict=True)] == c
    assert len({*a, *b}) == 10


@settings(deadline=None, max_examples=40)
@given(st.integers(1, R - 1), st.integers(0, 2), st.booleans(), st.integers(2, 4))
def test_a_wrong_triple_is_caught(delta: int, row: int, of_kept: bool, parties: int) -> None:
    """PRV-074: whatever is added to any share of a kept or burnt triple, its difference is not zero; others' are."""
    kept, burnt = pairs_of(parties, 3)
    (kept if of_kept else burnt)[parties - 1][row][1] += delta
    (kept if of_kept else burnt)[parties - 1][row][1] %= R
    challenges = triples.sacrifice_challenges(SEED, bytes(32), 1, 0, 3)
    differences = opened_differences(kept, burnt, challenges)
    assert [bool(difference) for difference in differences] == [False, True, False]


def test_one_challenge_in_the_field_lets_a_wrong_triple_pass() -> None:
    """PRV-074: the bound 1/r is reached: a burnt triple spoilt for one challenge passes with it and no other."""
    kept, burnt = pairs_of(2, 1)
    delta, foreseen = 99, 31337
    kept[0][2][0] = (kept[0][2][0] + delta) % R
    burnt[0][2][0] = (burnt[0][2][0] + foreseen * delta) % R
    for challenge in (foreseen - 1, foreseen, foreseen + 1, 0, R - 1):
        assert opened_differences(kept, burnt, [challenge]) == [(challenge - foreseen) * delta % R]


def test_using_a_triple_twice_shows_a_difference_of_secrets() -> None:
    """PRV-073: why a triple serves once: two openings with one a differ by the difference of the factors."""
    dealt = triples.deal_triples(2, 1, SEED)
    opened = []
    for secret in (1000, 1234):
        shares = computation.additive_share([secret], 2, secret.to_bytes(32, "big"))
        told = [computation.product_open(row, row, own) for row, own in zip(shares, dealt, strict=True)]
        opened.append(computation.additive_open([row[0] for row in told])[0])
    assert (opened[1] - opened[0]) % R == 234


class Uses(RuleBasedStateMachine):
    """PRV-073: whatever is asked of a store in whatever order, no triple serves twice, and none unchecked."""

    def __init__(self) -> None:
        super().__init__()
        self.store = TripleStore(bytes(32), 1, ())
        self.served: set[tuple[int, int]] = set()
        self.passed: set[tuple[int, int]] = set()

    def attempt(self, call: Any, *arguments: Any) -> Any:
        before = self.store
        try:
            return call(self.store, *arguments)
        except SpecError:
            assert self.store == before
            return None

    @rule(count=st.integers(0, 5))
    def deal(self, count: int) -> None:
        after = self.attempt(triples.add_batch, 7, count)
        self.store = after or self.store

    @rule(batch=st.integers(0, 2), kept=st.lists(st.integers(0, 5)), burnt=st.lists(st.integers(0, 5)))
    def check(self, batch: int, kept: list[int], burnt: list[int]) -> None:
        after = self.attempt(triples.begin_check, batch, sorted(kept), sorted(burnt))
        if after is not None:
            self.serve(batch, burnt)
            self.store = after

    @rule(batch=st.integers(0, 2), kept=st.lists(st.integers(0, 5)), wrong=st.booleans())
    def judge(self, batch: int, kept: list[int], wrong: bool) -> None:
        answer = self.attempt(triples.judge, batch, sorted(kept), [0] * (len(kept) - wrong) + [1] * wrong)
        if answer is not None:
            self.store, passed = answer
            assert passed != wrong
            self.passed |= {(batch, index) for index in kept if passed}
            if wrong:
                self.passed -= {(batch, index) for index in range(6)}

    @rule(batch=st.integers(0, 2), indices=st.lists(st.integers(0, 5)))
    def use(self, batch: int, indices: list[int]) -> None:
        after = self.attempt(triples.use_triples, batch, sorted(indices))
        if after is not None:
            assert {(batch, index) for index in indices} <= self.passed
            self.serve(batch, indices)
            self.store = after

    def serve(self, batch: int, indices: list[int]) -> None:
        used = {(batch, index) for index in indices}
        assert len(used) == len(indices) and not used & self.served
        self.served |= used


TestUses = Uses.TestCase
TestUses.settings = settings(deadline=None, max_examples=60, stateful_step_count=30)


def test_a_failed_check_voids_all_that_is_left() -> None:
    """PRV-073: after one wrong difference nothing of the batch is used, checked before or not."""
    store = triples.add_batch(TripleStore(bytes(32), 1, ()), 7, 6)
    store = triples.begin_check(store, 0, [0], [1])
    store, passed = triples.judge(store, 0, [0], [0])
    assert passed
    store = triples.begin_check(store, 0, [2], [3])
    store, passed = triples.judge(store, 0, [2], [1])
    assert not passed
    for index in range(6):
        with pytest.raises(SpecError) as refusal:
            triples.use_triples(store, 0, [index])
        assert refusal.value.code is Code.TRIPLE_USED
