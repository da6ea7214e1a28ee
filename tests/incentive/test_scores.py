"""From testimony to acceptance: INC-001 to INC-004."""

from __future__ import annotations

from fractions import Fraction

import pytest
from bcfl_ref import types
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.incentive.scores import accepted, is_scored, score_ppm, weighted_lower_median
from hypothesis import given
from hypothesis import strategies as st

UINT32 = st.integers(0, 2**32 - 1)
OPINIONS = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**4)), min_size=1, max_size=12)


def refusal(call: object, *arguments: object) -> Code:
    with pytest.raises(SpecError) as found:
        call(*arguments)  # type: ignore[operator]
    return found.value.code


@given(UINT32, UINT32)
def test_score_is_the_floor_of_the_ratio(correct: int, total: int) -> None:
    """A score is the exact ratio in parts per million, rounded down; impossible counts are refused."""
    testimony = types.Testimony(types.ZERO_ROOT, correct, total)
    if total == 0 or correct > total:
        assert refusal(score_ppm, testimony) == Code.TESTIMONY_INVALID
    else:
        assert score_ppm(testimony) == int(Fraction(10**6 * correct, total)) <= 10**6


@given(st.integers(0, 10**8), st.integers(1, 10**8))
def test_scored_is_more_than_two_thirds(included: int, total: int) -> None:
    """A round is scored exactly when the included share exceeds two thirds."""
    assert is_scored(included, total) == (Fraction(included, total) > Fraction(2, 3))


def test_nothing_of_nothing_is_not_scored() -> None:
    """Without scorers no round is scored."""
    assert not is_scored(0, 0)


@given(OPINIONS)
def test_median_is_the_middle_of_the_spread_out_weights(opinions: list[tuple[int, int]]) -> None:
    """With each value repeated as often as it weighs, the median is the lower middle element."""
    values, weights = zip(*((value, weight % 7) for value, weight in opinions), strict=True)
    spread = sorted(value for value, weight in zip(values, weights, strict=True) for _ in range(weight))
    if spread:
        assert weighted_lower_median(values, weights) == spread[(len(spread) - 1) // 2]
    else:
        assert refusal(weighted_lower_median, values, weights) == Code.WEIGHTS_EMPTY


@given(OPINIONS, OPINIONS)
def test_median_lies_in_the_honest_range(honest: list[tuple[int, int]], hostile: list[tuple[int, int]]) -> None:
    """While more than half of the weight is honest the median lies between honest values."""
    honest = [(value, weight + 1) for value, weight in honest]
    budget = sum(weight for _, weight in honest) - 1
    allowed = []
    for value, weight in hostile:
        allowed.append((value, min(weight, budget)))
        budget -= allowed[-1][1]
    values, weights = zip(*honest, *allowed, strict=True)
    low, high = min(value for value, _ in honest), max(value for value, _ in honest)
    assert low <= weighted_lower_median(values, weights) <= high


@given(OPINIONS, st.randoms(use_true_random=False))
def test_median_does_not_depend_on_the_order(opinions: list[tuple[int, int]], random: object) -> None:
    """Opinions in another order have the same median."""
    opinions = [(value, weight + 1) for value, weight in opinions]
    shuffled = list(opinions)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert weighted_lower_median(*zip(*opinions, strict=True)) == weighted_lower_median(*zip(*shuffled, strict=True))


@given(st.lists(st.integers(0, 10**6), max_size=12), st.integers(0, 10**4))
def test_acceptance_is_monotone(scores: list[int], bar: int) -> None:
    """Who scores at least what an accepted update scored is accepted; zero never is; the median is unless zero."""
    verdicts = accepted(scores, bar)
    assert len(verdicts) == len(scores)
    for score, verdict in zip(scores, verdicts, strict=True):
        assert not (verdict and score == 0)
        if verdict:
            assert all(other for more, other in zip(scores, verdicts, strict=True) if more >= score)
    if scores:
        median = sorted(scores)[(len(scores) - 1) // 2]
        assert median == 0 or verdicts[scores.index(median)]
