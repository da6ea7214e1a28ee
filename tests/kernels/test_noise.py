"""The discrete Gaussian sampler by exact probabilities, by its extremes, by a chi-square (PRV-061 ... PRV-063)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import count

import numpy as np
import pytest
from bcfl_ref import kernels
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.kernels import _noise as twin
from bcfl_ref.kernels.limits import NOISE_STEPS_MAX, VARIANCE_MAX
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

SEED = bytes(range(32))
ALPHA = 1e-6
"""The chance that a right sampler had of failing a chi-square; the seeds are fixed, so it never will."""


class Words(Iterator[int]):
    """A list of words that knows how many were taken."""

    def __init__(self, *words: int) -> None:
        self.words, self.taken = words, 0

    def __next__(self) -> int:
        self.taken += 1
        return self.words[self.taken - 1]


# ---- draws


@settings(deadline=None)
@given(st.integers(2, 2**32))
def test_below_is_uniform(limit: int) -> None:
    """The words that are used are whole rounds of the remainders, and the first one beyond them is skipped."""
    usable = 2**32 // limit * limit
    assert usable % limit == 0 and 2**32 - usable < limit
    for word in {0, limit - 1, usable - 1}:
        assert twin.Draws(Words(word)).below(limit) == word % limit
    if usable < 2**32:
        words = Words(usable, 2**32 - 1, 1)
        assert twin.Draws(words).below(limit) == 1 and words.taken == 3


@settings(deadline=None)
@given(st.integers(0, 2**126), st.integers(1, 2**126))
def test_chance_is_exact(numerator: int, denominator: int) -> None:
    """As many first words are true as the probability says; at most one is undecided, with the rest as its chance."""
    numerator %= denominator + 1
    if numerator in (0, denominator):
        words = Words()
        assert twin.Draws(words).chance(numerator, denominator) == (numerator > 0) and words.taken == 0
        return
    true, rest = divmod(numerator << 32, denominator)
    for word in {max(true - 1, 0), true, min(true + 1, 2**32 - 1)} - {2**32}:
        # The second word, of which a rest of the smallest and of the largest size makes a decision.
        for second in (0, 2**32 - 1):
            decided = Words(word, second, 2**32 - 1)
            found = twin.Draws(decided).chance(numerator, denominator)
            if word != true or rest == 0:
                assert found == (word < true) and decided.taken == 1
            else:
                assert decided.taken >= 2
                assert found == ((rest << 32) >= (second + 1) * denominator) or decided.taken == 3


def law_of_exponential(numerator: int, denominator: int) -> tuple[Fraction, Fraction]:
    """The probabilities of true and false over all ways of at most 60 decisions: true ones, then a false one."""
    law = {True: Fraction(0), False: Fraction(0)}
    for depth in range(60):
        script = Script([True] * depth + [False])
        law[twin.exponential_chance(script, numerator, denominator)] += script.weight
        if script.weight == 1:
            break
    return law[True], law[False]


class Unlikely(Exception):
    """A way that is too unlikely to be followed to its end."""


class Script:
    """Decisions given in advance, in the place of random ones; `weight` is how likely they are together.

    `below` is asked for 0 or something else only, and `chance` for true or false, where they decide.
    """

    def __init__(self, decisions: list[bool]) -> None:
        self.decisions, self.weight = iter(decisions), Fraction(1)

    def _next(self, probability: Fraction) -> bool:
        if probability in (0, 1):
            return probability == 1
        decision = next(self.decisions)
        self.weight *= probability if decision else 1 - probability
        return decision

    def chance(self, numerator: int, denominator: int) -> bool:
        return self._next(Fraction(numerator, denominator))

    def below(self, limit: int) -> int:
        return 0 if self._next(Fraction(1, limit)) else 1


def exponential(value: Fraction) -> Fraction:
    """exp(-value) for 0 <= value <= 1, off by less than 1/40!."""
    term, total = Fraction(1), Fraction(0)
    for k in range(1, 41):
        total += term
        term *= -value / k
    return total


@pytest.mark.parametrize(
    "value", [Fraction(0), Fraction(1, 7), Fraction(1, 2), Fraction(123456, 654321), Fraction(1)]
)
def test_exponential_chance_is_exact(value: Fraction) -> None:
    """All ways to true together have the probability exp(-value), all ways to false the rest."""
    true, false = law_of_exponential(value.numerator, value.denominator)
    assert abs(true - exponential(value)) < Fraction(1, 10**30)
    assert abs(1 - true - false) < Fraction(1, 10**30)


# ---- the law of one attempt


def law_of_attempt(monkeypatch, numerator: int, denominator: int) -> dict[int, Decimal]:
    """The probability of each number that an attempt can give, by following every way above 10^-40.

    `exponential_chance` is a decision of the probability that the test above found it to have.
    """
    law: dict[int, Decimal] = {}
    decisions: list[tuple[int, int]] = []  # (decision, options) of the way that is being followed
    position, weight = 0, Decimal(1)
    powers: dict[tuple[int, int], Decimal] = {}

    def decide(options: int, probabilities: Callable[[int], Decimal]) -> int:
        nonlocal position, weight
        if position == len(decisions):
            decisions.append((0, options))
        decision = decisions[position][0]
        position += 1
        weight *= probabilities(decision)
        if weight < Decimal("1e-40"):
            raise Unlikely
        return decision

    class Tree:
        def below(self, limit: int) -> int:
            return 0 if limit == 1 else decide(limit, lambda _: 1 / Decimal(limit))

        def chance(self, numerator: int, denominator: int) -> bool:
            raise AssertionError("an attempt asks for chances through exponential_chance only")

    def exponential_decision(_: object, top: int, bottom: int) -> bool:
        assert 0 <= top <= bottom
        if top == 0:
            return True
        if (top, bottom) not in powers:
            powers[top, bottom] = (-Decimal(top) / bottom).exp()
        true = powers[top, bottom]
        return decide(2, lambda decision: true if decision else 1 - true) == 1

    monkeypatch.setattr(twin, "exponential_chance", exponential_decision)
    while True:
        position, weight = 0, Decimal(1)
        try:
            number = twin.attempt(Tree(), numerator, denominator)
        except Unlikely:
            del decisions[position:]
        else:
            if number is not None:
                law[number] = law.get(number, Decimal(0)) + weight
        while decisions and decisions[-1][0] == decisions[-1][1] - 1:
            decisions.pop()
        if not decisions:
            return law
        decisions[-1] = (decisions[-1][0] + 1, decisions[-1][1])


@pytest.mark.parametrize("variance", [Fraction(1, 3), Fraction(1, 2), Fraction(1), Fraction(2), Fraction(9, 2)])
def test_an_attempt_has_the_law_of_a_discrete_gaussian(variance: Fraction, monkeypatch) -> None:
    """Each number is as likely, beside zero, as exp(-x^2 / 2 sigma^2) says, up to 10^-30; so the total variation."""
    with localcontext() as context:
        context.prec = 60
        law = law_of_attempt(monkeypatch, variance.numerator, variance.denominator)
        ratio = Decimal(variance.denominator) / (2 * Decimal(variance.numerator))
        wanted = {x: (-ratio * x * x).exp() for x in law}
        distance = sum(abs(law[x] / law[0] - wanted[x]) for x in law)
        assert distance < Decimal("1e-30")
        assert sum((-ratio * x * x).exp() for x in range(60) if x not in law) < Decimal("1e-25")
        assert all(law[x] == law[-x] for x in law), "the sign is fair, and there is one zero"


# ---- extremes


class Most:
    """The draws that lead farthest: the largest remainder, and true wherever that is possible."""

    def below(self, limit: int) -> int:
        return limit - 1

    def chance(self, numerator: int, denominator: int) -> bool:
        return numerator > 0


@settings(deadline=None)
@given(st.integers(1, VARIANCE_MAX), st.integers(1, VARIANCE_MAX))
def test_what_is_compared_fits_128_bits(numerator: int, denominator: int) -> None:
    """For the farthest candidate of any variance, n and d of PRV-062 stay below 2^126."""
    scale = twin.noise_scale(numerator, denominator)
    farthest = NOISE_STEPS_MAX * scale - 1
    assert (farthest * scale * denominator - numerator) ** 2 < 2**126
    assert 2 * numerator * denominator * scale**2 < 2**126
    assert scale**2 * denominator > numerator, "the scale is above sigma"


def test_the_farthest_candidate(monkeypatch) -> None:
    """127 steps and the largest remainder are a candidate, 128 steps are none."""
    for steps, found in ((NOISE_STEPS_MAX - 1, -(NOISE_STEPS_MAX * 7 - 1)), (NOISE_STEPS_MAX, None)):
        left = count(-1)
        monkeypatch.setattr(twin, "exponential_chance", lambda *_, left=left, steps=steps: next(left) < steps)
        assert twin.laplace(Most(), 7) == found


@settings(deadline=None, max_examples=30)
@given(
    st.integers(1, 2**30),
    st.integers(1, 2**30),
    st.integers(1, 2**24),
    st.lists(st.integers(0, 2**32 - 1), min_size=400, max_size=400),
)
def test_a_fraction_need_not_be_reduced(numerator: int, denominator: int, factor: int, words: list[int]) -> None:
    """The same words give the same sample, and as many are taken, whatever common factor the variance has."""
    outcomes = []
    for common in (1, factor):
        taken = Words(*words)
        try:
            sample: object = twin.gaussian(twin.Draws(taken), numerator * common, denominator * common)
        except IndexError:
            sample = "none within these words"
        outcomes.append((sample, taken.taken))
    assert outcomes[0] == outcomes[1]


# ---- the kernel


def test_blocks_are_streams_of_their_own() -> None:
    """A prefix is the same whatever follows, and the 257th sample is the first one of the second stream."""
    long = kernels.discrete_gaussian(600, 50, 7, SEED).tolist()
    assert kernels.discrete_gaussian(257, 50, 7, SEED).tolist() == long[:257]
    words = kernels.mask_add(np.zeros(4096, dtype=np.uint32), SEED, b"\4\0\0\0\1" + bytes(7), False)
    draws = twin.Draws(iter(words.tolist()))
    assert [twin.gaussian(draws, 50, 7) for _ in range(20)] == long[256:276]


def mass(variance: Fraction, reach: int) -> dict[int, float]:
    weights = {
        x: float((-Decimal(x * x * variance.denominator) / (2 * variance.numerator)).exp()) for x in range(reach)
    }
    total = weights[0] + 2 * sum(weights[x] for x in range(1, reach))
    return {x: weights[abs(x)] / total for x in range(-reach + 1, reach)}


def chi_square_of(samples: list[int], law: dict[int, float]) -> tuple[float, float]:
    """The statistic over the numbers that are expected at least ten times, all others together, and its limit."""
    found, size = Counter(samples), len(samples)
    cells = [x for x, p in law.items() if p * size >= 10]
    inside = sum(law[x] for x in cells)
    pairs = [(found[x], law[x] * size) for x in cells]
    pairs.append((size - sum(found[x] for x in cells), (1 - inside) * size))
    statistic = sum((seen - wanted) ** 2 / wanted for seen, wanted in pairs if wanted > 0)
    return statistic, float(chi2.isf(ALPHA, len(pairs) - 1))


@pytest.mark.parametrize("variance", [Fraction(1, 2), Fraction(9, 2), Fraction(10000, 7)])
def test_samples_pass_a_chi_square(variance: Fraction) -> None:
    """Samples of the fastest variant are spread like the discrete Gaussian, at a level of 10^-6."""
    size = 200_000 if kernels.kernel_table()["discrete_gaussian"] != "python" else 8_000
    samples = kernels.discrete_gaussian(size, variance.numerator, variance.denominator, SEED).tolist()
    statistic, limit = chi_square_of(samples, mass(variance, 400))
    assert statistic < limit
    moved, _ = chi_square_of(
        [x + (x > 0) * (index % 50 == 0) for index, x in enumerate(samples)], mass(variance, 400)
    )
    assert moved > statistic, "the statistic sees samples that are moved"


def test_the_chi_square_can_fail() -> None:
    """Samples of a variance that is ten per cent too small do not pass."""
    samples = kernels.discrete_gaussian(8_000, 45, 10, SEED).tolist()
    assert chi_square_of(samples, mass(Fraction(45, 10), 400))[0] < chi_square_of(samples, mass(Fraction(5), 400))[1]
    statistic, limit = chi_square_of(samples, mass(Fraction(55, 10), 400))
    assert statistic > limit


@pytest.mark.parametrize(
    ("code", "args"),
    [
        (Code.KERNEL_ARGUMENT, ("1", 1, 1, SEED)),
        (Code.KERNEL_ARGUMENT, (1, True, 1, SEED)),
        (Code.KERNEL_ARGUMENT, (1, 1, 1, bytearray(SEED))),
        (Code.EMPTY, (0, 0, 0, b"")),
        (Code.VECTOR_LENGTH, (2**31 + 1, 0, 0, b"")),
        (Code.VECTOR_LENGTH, (-1, 1, 1, SEED)),
        (Code.VARIANCE_RANGE, (1, 0, 1, b"")),
        (Code.VARIANCE_RANGE, (1, 2**54, 1, SEED)),
        (Code.VARIANCE_RANGE, (1, 1, 0, SEED)),
        (Code.VARIANCE_RANGE, (1, 1, 2**54, SEED)),
        (Code.KEY_LENGTH, (1, 1, 1, SEED[:31])),
    ],
)
def test_arguments(code: Code, args) -> None:
    """What is no admissible argument is refused, in this order."""
    with pytest.raises(SpecError) as refusal:
        kernels.discrete_gaussian(*args)
    assert refusal.value.code is code
